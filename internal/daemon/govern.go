package daemon

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention"
)

// A governor joins the catalog to the retention schedule: it asks the pure
// rules about the archive's own holdings, holds and dates.
type governor struct {
	catalog *catalog.Catalog
	now     func() time.Time
	current atomic.Pointer[retention.Schedule]
}

// schedule is the one in force. Adopting another changes it; whoever asks
// several questions that belong together keeps what this returned.
func (g *governor) schedule() *retention.Schedule { return g.current.Load() }

// Classify implements ingest.Classifier.
func (g *governor) Classify(f record.Facts) (class, rule string) {
	a := g.schedule().Assign(&f, retention.Manual{})
	return a.Class, a.Rule
}

// inForce is the holds in force, with what the queries among them have caught.
type inForce struct {
	holds  []retention.Hold
	caught map[string]*roaring64.Bitmap
}

func (g *governor) inForce(ctx context.Context) (inForce, error) {
	rows, err := g.catalog.Holds(ctx, false)
	if err != nil {
		return inForce{}, err
	}
	f := inForce{caught: make(map[string]*roaring64.Bitmap)}
	for _, h := range rows {
		f.holds = append(f.holds, retention.Hold(h.HoldPlaced))
		if h.Scope.Query == "" {
			continue
		}
		if f.caught[h.Hold], err = g.catalog.Caught(ctx, h.Hold); err != nil {
			return f, err
		}
	}
	return f, nil
}

// candidate is a holding as the rules ask about it.
func (f inForce) candidate(id record.ID, first record.MessageNo, count int, status record.TextStatus, indexed bool, h catalog.HeldBy) *retention.Candidate {
	return &retention.Candidate{
		Record: id, Facts: h.Facts, Was: append(slices.Clone(h.Was), h.Class), Manual: manual(h), Review: lastReview(h),
		Caught: func(hold string) bool {
			b := f.caught[hold]
			for i := range uint64(count) {
				if b != nil && b.Contains(uint64(first)+i) {
					return true
				}
			}
			return false
		},
		Unsearchable: !status.Searchable() || !indexed,
	}
}

// manual is the class that a holding was given by hand.
func manual(h catalog.HeldBy) retention.Manual {
	if !h.Manual {
		return retention.Manual{}
	}
	return retention.Manual{Class: h.Class, Reason: h.Reason}
}

// lastReview is the last review of a holding's record.
func lastReview(h catalog.HeldBy) *retention.Reviewed {
	if h.Review == nil {
		return nil
	}
	r := h.Review
	return &retention.Reviewed{Outcome: retention.ReviewOutcome(r.Outcome), On: record.DateOf(r.At, time.UTC), Until: r.Until,
		Classes: r.Classes, Count: h.Reviews, Reason: r.Reason}
}

// Explain decides about every holding of a record, and about the record.
func (g *governor) Explain(ctx context.Context, row catalog.Row) (v1.Explanation, error) {
	holdings, err := g.catalog.Holdings(ctx, row.ID)
	if err != nil {
		return v1.Explanation{}, err
	}
	force, err := g.inForce(ctx)
	if err != nil {
		return v1.Explanation{}, err
	}
	indexed, err := g.catalog.IsIndexed(ctx, row.First, row.Count)
	if err != nil {
		return v1.Explanation{}, err
	}
	schedule := g.schedule()
	x := v1.Explanation{ID: row.ID, Kind: row.Kind, Display: row.Display, Schedule: schedule.Version, Sample: schedule.Status != retention.Approved}
	var decisions []retention.Decision
	for _, h := range holdings {
		c := force.candidate(row.ID, row.First, row.Count, row.TextStatus, indexed, h)
		d := schedule.DecideCandidate(c, force.holds, g.now())
		decisions = append(decisions, d)
		x.Holdings = append(x.Holdings, v1.Decided{Holding: h.Holding, Decision: d})
	}
	x.Outcome = retention.Combine(decisions...)
	return x, nil
}

// Due lists what is due now or within the period, soonest first and else in
// the order of capture, and what can never fall due because its trigger is
// unknown.
func (g *governor) Due(ctx context.Context, within retention.Period) (v1.Due, error) {
	force, err := g.inForce(ctx)
	if err != nil {
		return v1.Due{}, err
	}
	unindexed, err := g.catalog.Unindexed(ctx)
	if err != nil {
		return v1.Due{}, err
	}
	schedule := g.schedule()
	today := record.DateOf(g.now(), schedule.Location())
	out := v1.Due{Schedule: schedule.Version, Sample: schedule.Status != retention.Approved, Within: within, Until: within.After(today),
		Classes: map[string]int{}, Records: []v1.DueRecord{}}
	w := dueWalk{until: out.Until, today: today, out: &out}
	err = g.catalog.EachHolding(ctx, func(h catalog.Governed) error {
		if h.Record != w.id {
			w.finish()
			w.start(h)
		}
		indexed := !overlaps(unindexed, h.First, h.Count)
		c := force.candidate(h.Record, h.First, h.Count, h.TextStatus, indexed, h.HeldBy)
		w.decisions = append(w.decisions, schedule.DecideCandidate(c, force.holds, g.now()))
		return nil
	})
	w.finish()
	slices.SortStableFunc(out.Records, func(a, b v1.DueRecord) int {
		return a.Due.Compare(b.Due)
	})
	return out, err
}

// overlaps reports whether any of the numbers is in the set.
func overlaps(set *roaring64.Bitmap, first record.MessageNo, count int) bool {
	for i := range uint64(count) {
		if set.Contains(uint64(first) + i) {
			return true
		}
	}
	return false
}

// A dueWalk puts the holdings of one record after another together.
type dueWalk struct {
	until, today record.Date
	out          *v1.Due

	id        record.ID
	display   string
	kind      record.Kind
	decisions []retention.Decision
}

func (w *dueWalk) start(h catalog.Governed) {
	w.id, w.display, w.kind, w.decisions = h.Record, h.Display, h.Kind, nil
}

func (w *dueWalk) finish() {
	if w.id == "" {
		return
	}
	w.out.Total++
	o := retention.Combine(w.decisions...)
	d := w.decisions[o.Decisive]
	switch {
	case o.State == retention.UnknownTrigger:
		w.out.Unknown++
	case o.Due.Compare(w.until) <= 0:
		if o.Due.Compare(w.today) < 0 {
			w.out.Now++
		}
		w.out.Classes[d.Class]++
		w.out.Records = append(w.out.Records, v1.DueRecord{ID: w.id, Kind: w.kind, Display: w.display, Class: d.Class,
			Due: o.Due, Action: o.Action, OnHold: o.OnHold})
	}
}
