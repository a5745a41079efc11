package daemon

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/sshsig"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/retention/disposal"
	"github.com/closeroll/closeroll/search/foi"
)

// A witness is what the verified journal says, folded anew from its first
// entry on when a batch is executed: the catalog that searches use is never
// authority for disposal. It is a file of its own beside it, sealed to the same
// key, and removed when it has served.
type witness struct {
	d       *Daemon
	catalog *catalog.Catalog
	path    string
}

// call makes a witness. It reads the whole journal.
func (d *Daemon) callWitness(ctx context.Context) (*witness, error) {
	w := &witness{d: d, path: d.statePath("witness.db")}
	if err := catalog.Remove(w.path); err != nil {
		return nil, err
	}
	var err error
	if w.catalog, err = catalog.Open(ctx, w.path, d.keyring.Catalog(), d.keyring.Format.Archive); err != nil {
		return nil, err
	}
	if err := w.follow(ctx); err != nil {
		return nil, errors.Join(err, w.dismiss())
	}
	return w, nil
}

func (w *witness) dismiss() error {
	return errors.Join(w.catalog.Close(), catalog.Remove(w.path))
}

// witnessBatch is how many entries the witness takes at a time.
const witnessBatch = 2000

// follow brings the witness up to the journal, entry by verified entry, and
// tells it what the index holds, which the journal does not say.
func (w *witness) follow(ctx context.Context) error {
	if err := w.d.journal.Settle(ctx); err != nil {
		return err
	}
	if next := w.catalog.Next(); next < w.d.journal.Checkpoint().Size {
		var batch []catalog.Entry
		for e, err := range w.d.journal.Entries(ctx, next) {
			if err != nil {
				return fmt.Errorf("read the journal for a disposal: %w", err)
			}
			batch = append(batch, catalog.Entry{Index: e.Index, Type: e.Type, Time: e.Time, Actor: e.Actor, Body: e.Body})
			if len(batch) == witnessBatch {
				if err := w.catalog.Apply(ctx, batch); err != nil {
					return err
				}
				batch = batch[:0]
			}
		}
		if err := w.catalog.Apply(ctx, batch); err != nil {
			return err
		}
	}
	r, err := w.d.index.Reader()
	if err != nil {
		return err
	}
	defer r.Close()
	held, err := r.Numbers()
	if err != nil {
		return err
	}
	return w.catalog.Reconcile(ctx, held)
}

// batches are all that the journal has of disposal.
func batchesOf(ctx context.Context, c *catalog.Catalog) ([]*disposal.Batch, error) {
	rows, err := c.DisposalEntries(ctx, "")
	if err != nil {
		return nil, err
	}
	entries := make([]disposal.Entry, len(rows))
	for i, r := range rows {
		entries[i] = disposal.Entry(r)
	}
	return disposal.Fold(entries)
}

// A view is what is asked of a catalog at one moment, for deciding about many
// records: the schedule and the holds in force, and which records other batches
// have.
type view struct {
	catalog  *catalog.Catalog
	schedule *retention.Schedule
	rules    record.Digest // of the schedule's text
	now      time.Time
	force    inForce
	batches  []*disposal.Batch
	taken    map[record.ID]string // by open batches
	requests []string             // open, and of no scope
}

// look makes a view. Query holds are asked anew: what they find now is on hold,
// whatever the journal says that they caught.
func (d *Daemon) look(ctx context.Context, c *catalog.Catalog) (*view, error) {
	adopted, err := c.Schedule(ctx)
	if err != nil {
		return nil, err
	}
	v := &view{catalog: c, rules: adopted.Digest, now: d.now(), taken: make(map[record.ID]string)}
	if v.schedule, err = retention.Load([]byte(adopted.Text)); err != nil {
		return nil, fmt.Errorf("the schedule in force: %w", err)
	}
	if !d.adoptedBy(adopted) {
		v.schedule = v.schedule.Proposed()
	}
	g := &governor{catalog: c, now: d.now}
	if v.force, err = g.inForce(ctx); err != nil {
		return nil, err
	}
	if err := v.addRequests(ctx); err != nil {
		return nil, err
	}
	for _, h := range v.force.holds {
		if h.Scope.Query == "" {
			continue
		}
		found, err := d.found(ctx, record.HoldPlaced(h))
		if err != nil {
			return nil, fmt.Errorf("hold %s: %w", h.Hold, err)
		}
		if caught := v.force.caught[h.Hold]; caught != nil {
			found.Or(caught)
		}
		v.force.caught[h.Hold] = found
	}
	if v.batches, err = batchesOf(ctx, c); err != nil {
		return nil, err
	}
	for _, b := range v.batches {
		for _, it := range openItems(b) {
			v.taken[it.Record] = b.Batch
		}
	}
	return v, nil
}

// addRequests lets every open request count as a hold on what it asks for,
// whatever became of the holds that were placed with it. One that was given no
// scope suspends all disposal.
func (v *view) addRequests(ctx context.Context) error {
	rows, err := v.catalog.RequestEntries(ctx, "", true)
	if err != nil {
		return err
	}
	byRef := make(map[string][]foi.Entry)
	for _, r := range rows {
		byRef[r.Request] = append(byRef[r.Request], foi.Entry(r.Entry))
	}
	for _, ref := range slices.Sorted(maps.Keys(byRef)) {
		r, err := foi.Fold(byRef[ref])
		switch {
		case err != nil:
			return fmt.Errorf("request %s: %w", ref, err)
		case r.Over():
		case r.Scope == "":
			v.requests = append(v.requests, "request "+ref)
		default:
			v.force.holds = append(v.force.holds, retention.Hold{Hold: "request " + ref, Type: string(r.Kind), Matter: "an open request",
				Scope: record.Scope{Query: r.Scope}})
		}
	}
	return nil
}

// adoptedBy reports whether a person whose key is known has signed the schedule.
// Under one that nobody signed nothing is disposed of.
func (d *Daemon) adoptedBy(s catalog.ScheduleRow) bool {
	if d.signers == nil || s.Signer == "" {
		return false
	}
	_, err := d.signers.Verify(s.Signer, sshsig.Schedule, []byte(s.Text), []byte(s.Signature), s.At)
	return err == nil
}

// openItems is what a batch still has a claim on.
func openItems(b *disposal.Batch) []record.DisposalItem {
	var items []record.DisposalItem
	if b.Certificate != nil {
		return nil
	}
	if b.Abandoned == nil {
		items = b.Remaining()
	}
	if g := b.Open(); g != nil && g.Settled == 0 {
		for _, it := range g.Items {
			items = append(items, it.DisposalItem)
		}
	}
	return items
}

func (v *view) batch(name string) *disposal.Batch {
	for _, b := range v.batches {
		if b.Batch == name {
			return b
		}
	}
	return nil
}

// standing says where a record stands.
func (v *view) standing(ctx context.Context, id record.ID) (disposal.Standing, error) {
	row, err := v.catalog.Record(ctx, id)
	if errors.Is(err, catalog.ErrNotFound) {
		return disposal.Standing{}, nil
	}
	if err != nil {
		return disposal.Standing{}, err
	}
	s := disposal.Standing{Known: true, Gone: row.Disposed != "", Batch: v.taken[id], Requests: v.requests}
	if s.Gone {
		return s, nil
	}
	s.Object = row.ID.Key(row.Epoch)
	indexed, err := v.catalog.IsIndexed(ctx, row.First, row.Count)
	if err != nil {
		return s, err
	}
	holdings, err := v.catalog.Holdings(ctx, id)
	if err != nil {
		return s, err
	}
	for _, h := range holdings {
		c := v.force.candidate(row.ID, row.First, row.Count, row.TextStatus, indexed, h)
		s.Holdings = append(s.Holdings, disposal.Possession{Entry: h.Entry, Decision: v.schedule.DecideCandidate(c, v.force.holds, v.now)})
	}
	return s, nil
}

// mayAct says why nothing can be disposed of by this schedule now.
func (v *view) mayAct() error {
	if v.schedule.Status != retention.Approved {
		return fmt.Errorf("schedule %s is a sample: nothing is disposed of under it", v.schedule.Version)
	}
	if notice, overdue := v.schedule.ReviewNotice(v.now); overdue {
		return errors.New(notice)
	}
	return nil
}
