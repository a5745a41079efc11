package daemon

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/search"
)

// A kept is a kept record with its holdings as the rules ask about them.
type kept struct {
	row        int64
	id         record.ID
	kind       record.Kind
	first      record.MessageNo
	count      int
	holdings   []catalog.HeldBy
	candidates []*retention.Candidate
	judges     *judges
}

// decide decides about every holding, and about the record, with reasons.
func (k *kept) decide(s *retention.Schedule, force inForce, at time.Time) ([]retention.Decision, retention.Outcome) {
	all := make([]retention.Decision, len(k.candidates))
	for i, c := range k.candidates {
		all[i] = s.DecideCandidate(c, force.holds, at)
	}
	return all, retention.Combine(all...)
}

// judges are the judges of one walk, each with its memory: by schedule and time
// there are one or two.
type judges struct {
	force inForce
	all   []judging
}

type judging struct {
	schedule *retention.Schedule
	at       time.Time
	judge    *retention.Judge
}

func (j *judges) of(s *retention.Schedule, at time.Time) *retention.Judge {
	for i := range j.all {
		if j.all[i].schedule == s && j.all[i].at.Equal(at) {
			return j.all[i].judge
		}
	}
	j.all = append(j.all, judging{s, at, s.Judge(j.force.holds, at)})
	return j.all[len(j.all)-1].judge
}

// standings is how every holding stands.
func (k *kept) standings(s *retention.Schedule, at time.Time) []retention.Standing {
	judge := k.judges.of(s, at)
	all := make([]retention.Standing, len(k.candidates))
	for i, c := range k.candidates {
		all[i] = judge.Judge(c)
		all[i].Holds = nil // they are the judge's
	}
	return all
}

// asksOf is what a walk needs of facts for these schedules' rules.
func asksOf(schedules ...*retention.Schedule) (asks catalog.Asks) {
	for _, s := range schedules {
		words, activity := s.Asks()
		asks.Words, asks.Activity = asks.Words || words, asks.Activity || activity
	}
	return asks
}

// eachRecord calls f with every kept record in the order of capture, and with
// the holds in force; of facts it knows what is asked for. f must not keep what
// it is given. An error from f ends it.
func (g *governor) eachRecord(ctx context.Context, asks catalog.Asks, f func(*kept, inForce) error) error {
	v, err := g.survey(ctx)
	if err != nil {
		return err
	}
	v.queries = true // it may be asked what cannot be searched, whatever the holds
	k := kept{judges: &judges{force: v.force}}
	done := func() error {
		if len(k.holdings) == 0 {
			return nil
		}
		k.candidates = k.candidates[:len(k.holdings)]
		return f(&k, v.force)
	}
	caught := func(hold string) bool { return v.caught(hold, k.first, k.count) }
	err = g.catalog.EachBrief(ctx, asks, func(row int64, h *catalog.Governed) error {
		if row != k.row {
			if err := done(); err != nil {
				return err
			}
			k.row, k.id, k.kind, k.first, k.count, k.holdings = row, h.Record, h.Kind, h.First, h.Count, k.holdings[:0]
		}
		k.holdings = append(k.holdings, h.HeldBy)
		if k.candidates = k.candidates[:cap(k.candidates)]; len(k.candidates) < len(k.holdings) {
			k.candidates = append(k.candidates, &retention.Candidate{Caught: caught})
		}
		v.fill(k.candidates[len(k.holdings)-1], h)
		return nil
	})
	if err != nil {
		return err
	}
	return done()
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

// A selection is the records that a person wants something done with.
type selection struct {
	ids  map[record.ID]bool
	hits *roaring64.Bitmap // nil: no query

	unclear int // messages of which the query cannot say whether it finds them
}

// selected finds out which records a person means. A query is journalled as
// every search is; it finds nothing in vaults that the caller may not read.
func (d *Daemon) selected(ctx context.Context, c api.Caller, s v1.Selection, purpose string) (*selection, error) {
	out := &selection{ids: make(map[record.ID]bool)}
	switch {
	case len(s.IDs) == 0 && s.Query == "":
		return nil, &api.Error{Code: api.CodeUsage, Message: "no record is named", Hint: "give ids, or a query with --query"}
	case len(s.IDs) > 0 && s.Query != "":
		return nil, &api.Error{Code: api.CodeUsage, Message: "both ids and a query are given", Hint: "give one or the other"}
	}
	for _, prefix := range s.IDs {
		row, err := d.archive.Find(ctx, prefix)
		if err != nil {
			return nil, err
		}
		if row.Disposed != "" {
			return nil, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("record %s was disposed of under certificate %s", row.ID.Short(), row.Disposed),
				Hint: "closeroll explain says more"}
		}
		out.ids[row.ID] = true
	}
	if s.Query == "" {
		return out, nil
	}
	q, err := d.parse(s.Query)
	if err != nil {
		return nil, err
	}
	withheld, err := d.withheld(ctx, c)
	if err != nil {
		return nil, err
	}
	a, err := d.engine.Search(ctx, q, search.Options{Withheld: withheld})
	if err != nil {
		return nil, err
	}
	out.hits, out.unclear = a.Hits, a.DateUndecided+a.NotSearched+a.NotIndexed
	entry := record.Search{Query: s.Query, Parsed: a.Parsed, For: purpose, Total: a.Total, Coverage: a.Coverage.String()}
	return out, d.archive.JournalOne(ctx, record.EntrySearch, c.ID, entry)
}

// each calls f with every selected record in the order of capture. The schedule
// in force may be asked about them.
func (d *Daemon) each(ctx context.Context, s *selection, f func(*kept, inForce) error) error {
	if s.hits == nil {
		return d.eachNamed(ctx, s, f)
	}
	return d.governor.eachRecord(ctx, asksOf(d.governor.schedule()), func(k *kept, force inForce) error {
		if s.ids[k.id] || overlaps(s.hits, k.first, k.count) {
			return f(k, force)
		}
		return nil
	})
}

// eachNamed looks up the few records that are named.
func (d *Daemon) eachNamed(ctx context.Context, s *selection, f func(*kept, inForce) error) error {
	force, err := d.governor.inForce(ctx)
	if err != nil {
		return err
	}
	var rows []catalog.Row
	for id := range s.ids {
		row, err := d.catalog.Record(ctx, id)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b catalog.Row) int { return int(a.Entry - b.Entry) })
	for _, row := range rows {
		k, err := d.governor.keptRecord(ctx, row, force)
		if err != nil {
			return err
		}
		if err := f(k, force); err != nil {
			return err
		}
	}
	return nil
}

// keptRecord is one record with its holdings.
func (g *governor) keptRecord(ctx context.Context, row catalog.Row, force inForce) (*kept, error) {
	holdings, err := g.catalog.Holdings(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	indexed, err := g.catalog.IsIndexed(ctx, row.First, row.Count)
	if err != nil {
		return nil, err
	}
	k := &kept{row: row.Entry + 1, id: row.ID, kind: row.Kind, first: row.First, count: row.Count, holdings: holdings, judges: &judges{force: force}}
	for _, h := range holdings {
		k.candidates = append(k.candidates, force.candidate(row.ID, row.First, row.Count, row.TextStatus, indexed, h))
	}
	return k, nil
}
