package daemon

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/dropfolder"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// A source is a configured source and how its runs went.
type source struct {
	ingest.Source
	cfg   configs.Source
	kind  string
	where string
	asked chan request  // somebody wants it read or reconciled now
	turn  chan struct{} // holds one token while the source is read or delivered to

	mu          sync.Mutex
	running     bool
	lastSuccess time.Time
	lastNew     time.Time // when something was last captured; zero for never
	lastError   string
	next        time.Time
	reconciles  time.Time // when it is next reconciled; zero for never
}

// A request is somebody's wish to have a source read now.
type request struct {
	reconcile bool
	samples   int
	reply     chan<- outcome
}

// An outcome is what came of a request: the reconciliation first, where one was
// asked for, and then the run.
type outcome struct {
	run        v1.Run
	reconciled record.Reconciliation
	err        error // of the reconciliation
}

// openSources makes a connector for each configured source. It connects to
// nothing yet: a mailbox that is out of reach is an alert, not a failed start.
func (d *Daemon) openSources(ctx context.Context) error {
	d.reading = make(chan struct{}, d.cfg.Limits.Sources)
	d.shared = newShared()
	custodians := make(map[string]configs.Custodian)
	for _, c := range d.cfg.Custodians {
		custodians[c.ID] = c
	}
	for _, cfg := range d.cfg.Sources {
		c := custodians[cfg.Custodian]
		s := &source{cfg: cfg, asked: make(chan request), turn: make(chan struct{}, 1), Source: ingest.Source{Name: cfg.Name, Custodian: cfg.Custodian,
			Role: c.Role, Grade: c.Grade, Channel: cfg.Channel, Vault: cfg.Vault, OnMarking: ingest.OnMarking(cfg.OnMarking),
			Zone: d.zone, CheckMail: d.authenticator(cfg.DKIM), Assessed: cfg.Significance}}
		if cfg.IMAP != nil && cfg.IMAP.SenderIsCustodian {
			s.Senders = senders(d.cfg.Custodians)
		}
		if err := d.connect(s); err != nil {
			return fmt.Errorf("source %s: %w", cfg.Name, err)
		}
		if err := d.recall(ctx, s); err != nil {
			return fmt.Errorf("source %s: %w", cfg.Name, err)
		}
		d.sources = append(d.sources, s)
	}
	return nil
}

// senders are the custodians by the addresses from which they send in exports.
func senders(custodians []configs.Custodian) map[string]ingest.Person {
	all := make(map[string]ingest.Person)
	for _, c := range custodians {
		for _, a := range c.Addresses {
			all[record.FoldAddress(a)] = ingest.Person{Custodian: c.ID, Role: c.Role, Grade: c.Grade}
		}
	}
	return all
}

func (d *Daemon) connect(s *source) (err error) {
	if s.cfg.IMAP != nil {
		s.kind, s.where = "imap", fmt.Sprintf("%s:%d", s.cfg.IMAP.Host, s.cfg.IMAP.Port)
		s.Mailbox = account(s.cfg.IMAP)
		s.Connector, err = d.mailbox(s.cfg, ingest.NewLedger(d.catalog, s.Name))
		return err
	}
	drop := s.cfg.Dropfolder
	s.kind, s.where = v1.KindDropFolder, string(drop.Path)
	if s.Zone, err = time.LoadLocation(drop.Zone); err != nil {
		return err
	}
	if drop.DateOrder != "auto" {
		s.DateOrder = strings.ToUpper(drop.DateOrder)
	}
	s.Connector, err = dropfolder.New(d.lg, d.dropConfig(s.cfg), d.spool, d.now)
	return err
}

func (d *Daemon) dropConfig(cfg configs.Source) dropfolder.Config {
	drop := cfg.Dropfolder
	now := record.DateOf(d.now(), time.UTC)
	age := func(p interface{ After(record.Date) record.Date }) time.Duration {
		return p.After(now).Start(time.UTC).Sub(now.Start(time.UTC))
	}
	return dropfolder.Config{Name: cfg.Name, Dir: string(drop.Path), Settle: drop.StableFor,
		Keep: age(drop.KeepDropped), KeepRefused: age(drop.RefusedFor)}
}

// follow reads a source at once, whenever it is due, when the source says that
// it has changed, and when someone asks. It is the only one that uses the
// connector.
func (d *Daemon) follow(ctx context.Context, s *source) {
	var asked request
	s.setReconciles(s.cfg.Reconcile.When.Next(d.now()))
	for ctx.Err() == nil {
		var out outcome
		if due := s.reconcilesAt(); asked.reconcile || !due.IsZero() && !d.now().Before(due) {
			samples := s.cfg.Reconcile.Samples
			if asked.reconcile {
				samples = asked.samples
			}
			out.reconciled, out.err = d.reconcile(ctx, s, samples)
			s.setReconciles(s.cfg.Reconcile.When.Next(d.now()))
		}
		out.run = d.capture(ctx, s)
		if asked.reply != nil {
			asked.reply <- out
		}
		next := s.cfg.Poll.Next(d.now())
		s.mu.Lock()
		s.next = next
		s.mu.Unlock()
		if due := s.reconcilesAt(); !due.IsZero() && due.Before(next) {
			next = due
		}
		asked = d.await(ctx, s, next)
	}
}

func (s *source) setReconciles(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reconciles = t
}

func (s *source) reconcilesAt() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reconciles
}

// settle is the least time between two runs that nobody asked for.
const settle = time.Second

// await returns when the source should be read again, with what was asked for
// if someone did.
func (d *Daemon) await(ctx context.Context, s *source, next time.Time) request {
	ctx, cancel := context.WithTimeout(ctx, max(next.Sub(d.now()), settle))
	defer cancel()
	changed := make(chan struct{})
	waiting := make(chan struct{})
	go func() {
		defer close(waiting)
		w, ok := s.Connector.(connectors.Watcher)
		if !ok {
			return
		}
		if pause(ctx, settle); ctx.Err() == nil && w.Wait(ctx) == nil {
			close(changed)
		}
	}()
	var asked request
	select {
	case asked = <-s.asked:
	case <-changed:
	case <-ctx.Done():
	}
	cancel()
	<-waiting
	return asked
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// begin waits for a source to be nobody else's, and for a place among those that
// are read at once.
func (d *Daemon) begin(ctx context.Context, s *source) (done func(), err error) {
	if err := s.take(ctx); err != nil {
		return nil, err
	}
	select {
	case d.reading <- struct{}{}:
		return func() { <-d.reading; s.give() }, nil
	case <-ctx.Done():
		s.give()
		return nil, ctx.Err()
	}
}

// capture reads a source to its present end.
func (d *Daemon) capture(ctx context.Context, s *source) v1.Run {
	done, err := d.begin(ctx, s)
	if err != nil {
		return v1.Run{Source: s.Name, Error: err.Error()}
	}
	defer done()
	s.mu.Lock()
	s.running = true
	s.mu.Unlock()
	counts, err := d.run(ctx, s.Source)
	run := v1.Run{Source: s.Name, Counts: counts}
	s.mu.Lock()
	s.running = false
	if s.lastError = ""; err != nil {
		s.lastError = err.Error()
		run.Error = s.lastError
	} else {
		s.lastSuccess = d.now()
	}
	if counts.Captured > 0 {
		s.lastNew = d.now()
	}
	s.mu.Unlock()
	if ctx.Err() == nil {
		d.watch(ctx, s, err)
		d.checkQuarantine(ctx)
		d.tellRefused(ctx, s.Name, counts)
	}
	if counts.Seen > 0 {
		d.lg.Info("source was read", "source", s.Name, "seen", counts.Seen, "captured", counts.Captured,
			"already_archived", counts.AlreadyArchived)
	}
	return run
}

// run takes a source through the pipeline. A source whose vault there is not is
// refused before anything of it is read: its records could be kept nowhere.
func (d *Daemon) run(ctx context.Context, src ingest.Source) (record.Counts, error) {
	vault, err := d.archive.VaultNamed(src.Vault)
	if err == nil && vault.Kind == record.VaultQuarantine {
		err = fmt.Errorf("%s is a quarantine vault, which takes what is marked, not a source", src.Vault)
	}
	if err == nil && src.OnMarking == ingest.MarkedQuarantine {
		_, err = d.archive.Quarantine()
	}
	if err != nil {
		return record.Counts{}, fmt.Errorf("source %s is not read: %w; closeroll keys vault add founds one", src.Name, err)
	}
	counts, err := d.pipeline.Run(ctx, src)
	if counts.Captured > 0 {
		d.warden.stir()
	}
	if counts.Captured > 0 {
		select {
		case d.brought <- struct{}{}:
		default: // one look is owed already
		}
	}
	return counts, err
}
