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
	force, err := g.inForce(ctx)
	if err != nil {
		return v1.Explanation{}, err
	}
	k, err := g.keptRecord(ctx, row, force)
	if err != nil {
		return v1.Explanation{}, err
	}
	schedule := g.schedule()
	x := v1.Explanation{ID: row.ID, Kind: row.Kind, Display: row.Display, Schedule: schedule.Version, Sample: schedule.Status != retention.Approved}
	decisions, outcome := k.decide(schedule, force, g.now())
	for i, d := range decisions {
		x.Holdings = append(x.Holdings, v1.Decided{Holding: k.holdings[i].Holding, Decision: d})
	}
	x.Outcome = outcome
	return x, nil
}

// Due lists what is due now or within the period, soonest first and else in
// the order of capture, and, if missing is set, what can never fall due because
// its trigger is unknown.
func (g *governor) Due(ctx context.Context, within retention.Period, missing bool) (v1.Due, error) {
	schedule, now := g.schedule(), g.now()
	today := record.DateOf(now, schedule.Location())
	out := v1.Due{Schedule: schedule.Version, Sample: schedule.Status != retention.Approved, Within: within, Until: within.After(today),
		Classes: map[string]int{}, Records: []v1.DueRecord{}}
	err := g.eachRecord(ctx, asksOf(schedule), func(k *kept, _ inForce) error {
		out.Total++
		f := k.fate(schedule, now)
		unknown := f.State == retention.UnknownTrigger
		if unknown {
			out.Unknown++
		}
		if unknown && !missing || !unknown && f.Due.After(out.Until) {
			return nil
		}
		display, err := g.catalog.Display(ctx, k.row)
		if unknown {
			trigger := schedule.Class(f.Class).Trigger
			out.Missing = append(out.Missing, v1.MissingTrigger{ID: k.id, Kind: k.kind, Display: display, Class: f.Class,
				Custodian: k.holdings[f.decisive].Custodian, Trigger: trigger.Kind, Event: trigger.Event})
			return err
		}
		if f.Due.Before(today) {
			out.Now++
		}
		out.Classes[f.Class]++
		out.Records = append(out.Records, v1.DueRecord{ID: k.id, Kind: k.kind, Display: display, Class: f.Class,
			Due: f.Due, Action: f.Action, OnHold: f.OnHold})
		return err
	})
	slices.SortStableFunc(out.Records, func(a, b v1.DueRecord) int {
		return a.Due.Compare(b.Due)
	})
	return out, err
}
