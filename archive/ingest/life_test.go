package ingest_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/archivetest"
	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/connectors/imap"
)

var (
	lives    = flag.Int("lives", 12, "how many random mailbox lives to run against Dovecot")
	lifeSeed = flag.Uint64("life", 0, "run only the life with this seed")
)

// TestMailboxLives runs random lives of mailboxes on a real server, with
// captures that complete, that lose their connections, and that are killed, and
// holds the accounting against the truth.
func TestMailboxLives(t *testing.T) {
	w := &world{t: t, place: archivetest.Found(t), dovecot: connectortest.StartDovecot(t), faults: new(connectortest.Faults)}
	w.port = w.faults.Proxy(t, w.dovecot.Addr())
	w.bench = benchAt(t, w.place)
	if *lifeSeed != 0 {
		w.live(*lifeSeed)
		return
	}
	began := time.Now()
	for seed := range uint64(*lives) {
		if w.live(seed + 1); t.Failed() {
			t.Fatalf("life %d went wrong; run it alone with -life %d", seed+1, seed+1)
		}
	}
	t.Logf("%d lives: %d steps, %d captures to the end, %d cut short, %d restarts of the server, %d of the archive, %d reconciliations, %d messages seen, %d came and went; %v",
		*lives, w.steps, w.complete, w.cut, w.restarts, w.reopened, w.reconciled, w.seen, w.gone, time.Since(began).Round(time.Second))
}

// A world is what all lives have in common.
type world struct {
	t       *testing.T
	place   *archivetest.Place
	bench   *bench
	dovecot *connectortest.Dovecot
	faults  *connectortest.Faults
	port    int

	steps, complete, cut, restarts, reopened, reconciled int
	seen, gone                                           int64
}

// live runs one life to its end.
func (w *world) live(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 5))
	l := connectortest.NewLife(w.t, w.dovecot, fmt.Sprintf("life%d", seed), seed)
	defer l.Leave()
	var told []string
	tell := func(s string) { told = append(told, s) }
	defer func() {
		if w.t.Failed() {
			for _, s := range told {
				w.t.Log(s)
			}
		}
	}()
	for range 10 + r.IntN(10) {
		w.steps++
		switch n := r.IntN(10); {
		case n < 6:
			tell(l.Step())
		case n < 8:
			tell("captured")
			w.capture(l)
		case n < 9:
			tell("captured, and cut short")
			w.cutShort(l, r)
		case r.IntN(8) == 0:
			tell("the server restarted")
			l.Leave()
			w.dovecot.Restart(w.t)
			w.restarts++
		default:
			tell(l.Step())
		}
	}
	tell("captured at last")
	w.capture(l)
	w.reconcile(l)
}

// source is a new process's connector for a life's mailbox.
func (w *world) source(l *connectortest.Life, attempts int) (ingest.Source, *imap.Mailbox) {
	m, err := imap.New(w.place.Log, imap.Config{Name: l.User, Host: "127.0.0.1", Port: w.port, Security: imap.Plain, Username: l.User,
		Password: func() ([]byte, error) { return []byte(connectortest.Password), nil }, Exclude: []string{connectortest.LeftOut},
		Attempts: attempts, Backoff: time.Millisecond, Window: 4, BatchBytes: 4 << 10, Slice: 2 << 10,
		Ledger: ingest.NewLedger(w.bench.Catalog, l.User)}, w.bench.Spool, w.place.Clock.Now)
	must(w.t, err)
	return ingest.Source{Name: l.User, Connector: m, Custodian: "minister", Mailbox: l.User, Channel: record.Corporate, Zone: time.UTC}, m
}

// capture reads a mailbox to its end, over connections that may break now and
// then, and checks everything.
func (w *world) capture(l *connectortest.Life) {
	l.Look(true)
	src, _ := w.source(l, 20)
	w.bench.run(w.t, src)
	w.complete++
	w.check(l)
}

// cutShort begins to read a mailbox and is killed, loses its connections for
// good, or restarts with the archive.
func (w *world) cutShort(l *connectortest.Life, r *rand.Rand) {
	l.Look(false)
	w.cut++
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	src, m := w.source(l, 2)
	if r.IntN(2) == 0 {
		src.Connector = &killed{m, r.IntN(6), cancel}
	} else {
		w.faults.Plan(func(int) connectortest.Fault { return connectortest.Fault{DropAfter: 300 + r.IntN(4000)} })
		defer w.faults.Plan(nil)
	}
	_, err := w.bench.pipe.Run(ctx, src)
	if err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		w.place.Log.Debug("cut short", "err", err)
	}
	if r.IntN(4) == 0 {
		w.bench.Close(w.t)
		w.bench = benchAt(w.t, w.place)
		w.reopened++
	}
}

// A killed connector's process dies after it has yielded so many items.
type killed struct {
	*imap.Mailbox
	after int
	kill  context.CancelFunc
}

// Items implements connectors.Connector.
func (k *killed) Items(ctx context.Context, after connectors.Cursor) iter.Seq2[*connectors.Item, error] {
	return func(yield func(*connectors.Item, error) bool) {
		n := 0
		for item, err := range k.Mailbox.Items(ctx, after) {
			if n++; n > k.after {
				k.kill()
			}
			if !yield(item, err) {
				return
			}
		}
	}
}

// check holds the accounting of a life against its truth.
func (w *world) check(l *connectortest.Life) {
	t, c := w.t, w.bench.Catalog
	counts, err := c.Counts(t.Context(), l.User)
	must(t, err)
	if !counts.Balanced() || counts.FailedTotal() != 0 || !l.Items.Holds(counts.Seen) {
		t.Errorf("%s: %+v, and the truth is %+v", l.User, counts, l.Items)
	}
	gone, err := c.CameAndWent(t.Context(), l.User)
	must(t, err)
	if !l.Gone.Holds(gone) {
		t.Errorf("%s: %d came and went, and the truth is %+v", l.User, gone, l.Gone)
	}
	for sum, b := range l.Records {
		id := record.NewID(w.bench.Keyring.State.NamingKey(), archivetest.Vault, record.Email,
			record.ManifestDigest([]record.Component{{Path: "data/message.eml", Digest: sum}}), 0)
		_, err := c.Record(t.Context(), id)
		if archived := err == nil; b.Least == 1 && !archived || err != nil && !errors.Is(err, catalog.ErrNotFound) {
			t.Errorf("%s: a message that was there at a capture is not archived: %v", l.User, err)
		}
	}
	if l.Items.Least == l.Items.Most && counts.Seen != int64(l.Items.Least) {
		t.Errorf("%s: %d seen, and the truth is %d", l.User, counts.Seen, l.Items.Least)
	}
}

// reconcile compares every octet at the end, and adds up.
func (w *world) reconcile(l *connectortest.Life) {
	src, _ := w.source(l, 5)
	r, err := w.bench.pipe.Reconcile(w.t.Context(), src, -1)
	must(w.t, err)
	w.reconciled++
	if !r.Clean() || r.Listed != int64(l.Present) || r.Matched != r.Listed || r.Unread != 0 {
		w.t.Errorf("%s: %d are there, and the reconciliation says %+v", l.User, l.Present, r)
	}
	counts, err := w.bench.Catalog.Counts(w.t.Context(), l.User)
	must(w.t, err)
	gone, err := w.bench.Catalog.CameAndWent(w.t.Context(), l.User)
	must(w.t, err)
	w.seen, w.gone = w.seen+counts.Seen, w.gone+gone
}
