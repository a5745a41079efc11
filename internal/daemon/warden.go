package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/alert"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/retention/lock"
)

// A warden tells the storage itself to keep records: for how long, by class, and
// under legal hold while a hold covers them. What it does follows from the
// journal and is journalled; nothing waits for it, and it starts where it was
// broken off. It never tells the storage to keep anything for less.
type warden struct {
	d      *Daemon
	store  store.Protector
	policy lock.Policy
	stirs  chan struct{} // something may have changed

	mu     sync.Mutex
	failed map[record.ID]string // what the storage refused in the last pass
}

// openWarden finds out what the storage can be told. It refuses a bucket that
// destroys records by a rule of its own, and one without object lock where
// records are to be locked.
func (d *Daemon) openWarden(ctx context.Context) error {
	if err := d.expiring(ctx); err != nil {
		return err
	}
	p, ok := d.store.(store.Protector)
	if !ok {
		return nil
	}
	l, err := p.BucketLock(ctx)
	switch {
	case err != nil && d.cfg.Lock.Asks():
		return fmt.Errorf("lock: records are to be locked, and whether the bucket can is not known: %w", err)
	case err != nil:
		d.lg.Warn("whether the bucket has object lock is not known: holds are not mirrored to the storage", "error", err)
		return nil
	case !l.Enabled && d.cfg.Lock.Asks():
		return errors.New("lock: records are to be locked, and the bucket has no object lock, which it gets when it is made; make one that has, or set lock.mode to none")
	case !l.Enabled:
		return nil
	}
	d.warden = &warden{d: d, store: p, policy: lockPolicy(&d.cfg.Lock), stirs: make(chan struct{}, 1)}
	return nil
}

// expiring refuses a bucket that has rules by which it destroys records. Where
// the rules cannot be read the daemon says so and goes on: few servers have any.
func (d *Daemon) expiring(ctx context.Context) error {
	r, ok := d.store.(store.Ruler)
	if !ok {
		return nil
	}
	err := r.Expiring(ctx)
	switch {
	case errors.Is(err, store.ErrExpires):
		return err
	case errors.Is(err, store.ErrDenied):
		d.lg.Warn("the bucket's lifecycle rules cannot be read: one that expires objects would destroy records", "error", err)
	}
	return nil
}

func lockPolicy(cfg *configs.Lock) lock.Policy {
	mode := map[string]store.LockMode{configs.LockGovernance: store.Governance, configs.LockCompliance: store.Compliance}
	p := lock.Policy{Default: lock.Rule{Mode: mode[cfg.Mode], Floor: cfg.Floor}, Classes: make(map[string]lock.Rule)}
	for _, c := range cfg.Classes {
		p.Classes[c.Class] = lock.Rule{Mode: mode[c.Mode], Floor: c.Floor}
	}
	return p
}

// asWarden is the warden as the archive asks it; nil where there is none.
func (d *Daemon) asWarden() archive.Warden {
	if d.warden == nil {
		return nil
	}
	return d.warden
}

// Protect implements [archive.Warden]. What a query hold will catch is not known
// before the words are in the index; that is made up for by the next pass.
func (w *warden) Protect(ctx context.Context, id record.ID, c archive.Claim) (record.StorageLock, error) {
	rows, err := w.d.catalog.Holds(ctx, false)
	if err != nil {
		return record.StorageLock{}, err
	}
	var holds []retention.Hold
	for _, h := range rows {
		if h.Scope.Query == "" {
			holds = append(holds, retention.Hold(h.HoldPlaced))
		}
	}
	if len(holds) == 0 && !w.policy.Asks() {
		return record.StorageLock{}, nil
	}
	schedule, now := w.d.governor.schedule(), w.d.now()
	decision := schedule.DecideCandidate(&retention.Candidate{Record: id, Facts: c.Facts, Was: []string{c.Holding.Class}}, holds, now)
	return w.policy.Want([]retention.Standing{decision.Standing()}, now, now, schedule.Location()), nil
}

// stir makes the warden look again soon. It never waits, and may be called where
// there is no warden.
func (w *warden) stir() {
	if w == nil {
		return
	}
	select {
	case w.stirs <- struct{}{}:
	default:
	}
}

// wardenEvery is how often the warden looks though nothing stirred it: dates
// pass, and what the storage refused may succeed.
const wardenEvery = time.Hour

// keepWatch runs the warden until ctx ends.
func (d *Daemon) keepWatch(ctx context.Context) {
	w := d.warden
	for w != nil && ctx.Err() == nil {
		d.watchRules(ctx)
		err := w.pass(ctx)
		if err != nil && ctx.Err() == nil && !errors.Is(err, journal.ErrPenLost) {
			d.lg.Warn("the storage could not be told what to keep; it is tried again", "error", err)
		}
		timer := time.NewTimer(wardenEvery)
		select {
		case <-ctx.Done():
		case <-w.stirs:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// watchRules calls for a person where a rule that destroys was made meanwhile.
func (d *Daemon) watchRules(ctx context.Context) {
	r, ok := d.store.(store.Ruler)
	if !ok {
		return
	}
	switch err := r.Expiring(ctx); {
	case errors.Is(err, store.ErrExpires):
		d.alerts.Raise(ctx, alert.RecordsExpire, "store", err.Error())
	case err == nil:
		d.alerts.Clear(ctx, alert.RecordsExpire, "store")
	}
}

// A change is what is to be told of one record.
type change struct {
	id   record.ID
	key  string
	want record.StorageLock
}

// changes is what a pass over the records has found to be done.
type changes struct {
	holds       string   // in force when it was found
	place, lift []change // legal holds
	extend      []change
	more        bool // there is, than was taken at once

	now    time.Time
	policy lock.Policy
	zone   *time.Location

	current   *change // the record that is being looked at
	captured  time.Time
	standings []retention.Standing
	have      catalog.Locked
}

// mostChanges bounds what is remembered of one pass.
const mostChanges = 50_000

// pass compares what the storage was told with what it should have been told,
// and tells it, until nothing is left to be told but what it refuses.
func (w *warden) pass(ctx context.Context) error {
	failed := make(map[record.ID]string)
	for {
		found, err := w.compare(ctx, failed)
		if err != nil {
			return err
		}
		if err := w.tell(ctx, found, failed); err != nil {
			return err
		}
		w.mu.Lock()
		w.failed = failed
		w.mu.Unlock()
		if !found.more {
			break
		}
	}
	if n := len(failed); n > 0 {
		w.d.alerts.Raise(ctx, alert.LockMissing, "store", fmt.Sprintf("the storage refuses to be told what to keep of %d records; closeroll hold list names some", n))
	} else {
		w.d.alerts.Clear(ctx, alert.LockMissing, "store")
	}
	return nil
}

// compare finds what is to be told, of records that have not failed in this pass.
func (w *warden) compare(ctx context.Context, failed map[record.ID]string) (*changes, error) {
	force, err := w.d.governor.inForce(ctx)
	if err != nil {
		return nil, err
	}
	schedule := w.d.governor.schedule()
	c := &changes{holds: force.fingerprint(), now: w.d.now(), policy: w.policy, zone: schedule.Location()}
	told, err := w.d.catalog.Locks(ctx)
	if err != nil || !told && len(force.holds) == 0 && !w.policy.Asks() {
		return c, err
	}
	unindexed, err := w.d.catalog.Unindexed(ctx)
	if err != nil {
		return nil, err
	}
	v, judge, asks := newSurvey(force, unindexed), schedule.Judge(force.holds, c.now), asksOf(schedule)
	asks.Storage = true
	err = w.d.governor.catalog.EachBrief(ctx, asks, func(_ int64, h *catalog.Governed) error {
		if c.current == nil || c.current.id != h.Record {
			c.finish(failed)
			c.current, c.standings, c.captured, c.have = &change{id: h.Record, key: h.Record.Key(h.Epoch)}, c.standings[:0], h.Captured, h.Lock
		}
		c.standings = append(c.standings, judge.Judge(v.candidate(h)))
		return nil
	})
	c.finish(failed)
	return c, err
}

// finish says what is to be told of the record at hand.
func (c *changes) finish(failed map[record.ID]string) {
	if c.current == nil || failed[c.current.id] != "" {
		return
	}
	if len(c.place)+len(c.lift)+len(c.extend) >= mostChanges {
		c.more = true
		return
	}
	c.current.want = c.policy.Want(c.standings, c.captured, c.now, c.zone)
	if want := c.current.want.Legal; want != c.have.Legal || !c.have.Settled {
		if want {
			c.place = append(c.place, *c.current)
		} else {
			c.lift = append(c.lift, *c.current)
		}
	}
	if next, more := lock.Extend(c.current.want, c.have.StorageLock, c.now); more {
		c.current.want = next
		c.extend = append(c.extend, *c.current)
	}
}

// fingerprint changes when a hold is placed, ends, or catches more.
func (f inForce) fingerprint() string {
	var names []string
	for _, h := range f.holds {
		n := uint64(0)
		if b := f.caught[h.Hold]; b != nil {
			n = b.GetCardinality()
		}
		names = append(names, fmt.Sprintf("%q %d", h.Hold, n))
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

// toldAtOnce is how many records one entry of the journal names.
const toldAtOnce = 500

func (w *warden) tell(ctx context.Context, c *changes, failed map[record.ID]string) error {
	for part := range slices.Chunk(c.place, toldAtOnce) {
		if err := w.legal(ctx, c, part, true, failed); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(c.extend, toldAtOnce) {
		if err := w.extend(ctx, part, failed); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(c.lift, toldAtOnce) {
		if err := w.legal(ctx, c, part, false, failed); err != nil {
			return err
		}
	}
	return nil
}

// legal mirrors holds to the storage, or takes back what was mirrored. That it
// is about to be done is journalled before: after a crash between, it is done
// again. Nothing is taken back if a hold was placed, or has caught something,
// since this was found to be without one.
func (w *warden) legal(ctx context.Context, c *changes, part []change, on bool, failed map[record.ID]string) error {
	begun, err := w.d.archive.Decide(ctx, func(ctx context.Context) ([]journal.Entry, error) {
		if !on {
			force, err := w.d.governor.inForce(ctx)
			if err != nil || force.fingerprint() != c.holds {
				return nil, err
			}
		}
		e, err := journal.NewEntry(record.EntryLegalHold, daemonActor, record.LegalHeld{On: on, Records: ids(part)})
		return []journal.Entry{e}, err
	})
	if err != nil {
		return err
	}
	if begun < 0 {
		w.stir() // look again, with the holds that there are now
		return nil
	}
	done, err := w.each(ctx, part, failed, func(ctx context.Context, ch change) error { return w.store.LegalHold(ctx, ch.key, on) })
	if err != nil || len(done) == 0 {
		return err
	}
	return w.d.archive.JournalOne(ctx, record.EntryLegalHold, daemonActor, record.LegalHeld{On: on, Done: true, Records: ids(done)})
}

// extend makes retention last longer.
func (w *warden) extend(ctx context.Context, part []change, failed map[record.ID]string) error {
	done, err := w.each(ctx, part, failed, func(ctx context.Context, ch change) error {
		return w.store.Extend(ctx, ch.key, store.LockMode(ch.want.Mode), ch.want.Until)
	})
	if err != nil || len(done) == 0 {
		return err
	}
	var body record.Retained
	for _, ch := range done {
		body.Items = append(body.Items, record.RetainedItem{Record: ch.id, Mode: ch.want.Mode, Until: ch.want.Until})
	}
	return w.d.archive.JournalOne(ctx, record.EntryRetained, daemonActor, body)
}

// toldTogether is how many requests to the storage are under way at once: few,
// so that captures do not wait for them.
const toldTogether = 4

// each does something for each record, and returns those for which it succeeded.
// What the storage refuses is noted and does not end it.
func (w *warden) each(ctx context.Context, part []change, failed map[record.ID]string, do func(context.Context, change) error) ([]change, error) {
	errs := make([]error, len(part))
	var g errgroup.Group
	g.SetLimit(toldTogether)
	for i, ch := range part {
		g.Go(func() error {
			errs[i] = do(ctx, ch)
			return nil
		})
	}
	g.Wait()
	var done []change
	for i, ch := range part {
		if errs[i] == nil {
			done = append(done, ch)
			continue
		}
		failed[ch.id] = errs[i].Error()
	}
	return done, ctx.Err()
}

func ids(part []change) []record.ID {
	list := make([]record.ID, len(part))
	for i, ch := range part {
		list[i] = ch.id
	}
	return list
}

// refused returns why the storage would not be told of a record in the last
// pass, "" if it was not asked or did as it was told.
func (w *warden) refused(id record.ID) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed[id]
}
