package daemon

import (
	"context"
	"runtime"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"golang.org/x/sync/errgroup"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/retention/report"
)

// A Census counts every holding of a catalog under a schedule: what the
// retention report is made of. It decides without wording reasons, on as many
// processors as there are.
type Census struct {
	Catalog  *catalog.Catalog
	Schedule *retention.Schedule
}

// Count is the report as of the head's day.
func (s Census) Count(ctx context.Context, head report.Head) (*report.Retention, error) {
	g := &governor{catalog: s.Catalog, now: func() time.Time { return head.AsOf }}
	g.current.Store(s.Schedule)
	return g.census(ctx, head)
}

func (g *governor) census(ctx context.Context, head report.Head) (*report.Retention, error) {
	force, err := g.inForce(ctx)
	if err != nil {
		return nil, err
	}
	unindexed, err := g.catalog.Unindexed(ctx)
	if err != nil {
		return nil, err
	}
	schedule := g.schedule()
	walk, err := g.catalog.Brief(ctx, asksOf(schedule))
	if err != nil {
		return nil, err
	}
	const most = 3 // connections: one is left for searches
	parts := min(runtime.GOMAXPROCS(0), most)
	counters := make([]*report.Counter, parts)
	work, ctx := errgroup.WithContext(ctx)
	for i := range parts {
		w := newCounting(schedule, head, force, unindexed)
		counters[i] = w.counter
		work.Go(func() error { return walk.Each(ctx, i, parts, w.count) })
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	for _, c := range counters[1:] {
		counters[0].Merge(c)
	}
	return counters[0].Report(force.holds), nil
}

// A counting counts a part of the holdings. It is for one goroutine.
type counting struct {
	judge   *retention.Judge
	counter *report.Counter
	zone    *time.Location
	survey  *survey
}

func newCounting(s *retention.Schedule, head report.Head, force inForce, unindexed *roaring64.Bitmap) *counting {
	return &counting{judge: s.Judge(force.holds, head.AsOf), counter: report.NewCounter(head, s), zone: s.Location(), survey: newSurvey(force, unindexed)}
}

func (w *counting) count(row int64, h *catalog.Governed) error {
	w.counter.Add(report.Line{Record: row, Source: h.Source, Custodian: h.Custodian, Dated: record.DateOf(h.Facts.ClockTime(), w.zone),
		Captured: record.DateOf(h.Since, w.zone), Standing: w.judge.Judge(w.survey.candidate(h))})
	return nil
}
