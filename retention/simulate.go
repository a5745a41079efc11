package retention

import (
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A Tally counts what a schedule requires of the holdings of one class.
type Tally struct {
	Class          string          `json:"class"`
	Title          string          `json:"title"`
	Holdings       int64           `json:"holdings"`
	Due            int64           `json:"due"`    // and not on hold
	Within         int64           `json:"within"` // will be due by the horizon, and not due yet
	OnHold         int64           `json:"on_hold"`
	UnknownTrigger int64           `json:"unknown_trigger"`
	Earliest       record.Date     `json:"earliest"` // due date among those not on hold; null: none
	By             map[Basis]int64 `json:"by"`
}

// Simulate decides every candidate at now and counts by class, in the order of
// class ids. Horizon is how far ahead Within looks. Nothing changes.
func Simulate(s *Schedule, candidates iter.Seq[*Candidate], holds []Hold, now time.Time, horizon Period) []Tally {
	t := NewTallies(s, now, horizon)
	j := s.Judge(holds, now)
	for c := range candidates {
		t.Add(j.Judge(c))
	}
	return t.List()
}

// Tallies count holdings by class as they come.
type Tallies struct {
	s       *Schedule
	end     record.Date
	byClass map[string]*Tally
}

// NewTallies counts what the schedule decides at now; horizon is how far ahead
// Within looks.
func NewTallies(s *Schedule, now time.Time, horizon Period) *Tallies {
	return &Tallies{s, horizon.After(record.DateOf(now, s.zone)), make(map[string]*Tally)}
}

// Add counts one holding.
func (ts *Tallies) Add(d Standing) {
	t := ts.byClass[d.Class]
	if t == nil {
		t = &Tally{Class: d.Class, Title: ts.s.byID[d.Class].Title, By: make(map[Basis]int64)}
		ts.byClass[d.Class] = t
	}
	t.add(d, ts.end)
}

// List returns the tallies in the order of class ids.
func (ts *Tallies) List() []Tally {
	list := []Tally{}
	for _, id := range slices.Sorted(maps.Keys(ts.byClass)) {
		list = append(list, *ts.byClass[id])
	}
	return list
}

func (t *Tally) add(d Standing, end record.Date) {
	t.Holdings++
	t.By[d.Basis]++
	switch {
	case d.OnHold:
		t.OnHold++
		return
	case d.State == UnknownTrigger:
		t.UnknownTrigger++
		return
	case d.State == Due:
		t.Due++
	case !d.Due.After(end):
		t.Within++
	}
	if t.Earliest.IsZero() || d.Due.Before(t.Earliest) {
		t.Earliest = d.Due
	}
}

// A Change is a holding whose fate differs between two schedules.
type Change struct {
	Candidate *Candidate
	Old, New  Decision
}

// LessProtected reports whether the new schedule protects the holding less
// than the old one does.
func (c Change) LessProtected() bool { return Compare(c.New, c.Old) < 0 }

// Diff yields the candidates to whom the new schedule does something other
// than the old one at now: another class, action, due date, state or approval.
func Diff(before, after *Schedule, candidates iter.Seq[*Candidate], holds []Hold, now time.Time) iter.Seq[Change] {
	return func(yield func(Change) bool) {
		for c := range candidates {
			x, y := before.DecideCandidate(c, holds, now), after.DecideCandidate(c, holds, now)
			if x.Class == y.Class && x.Action == y.Action && x.Due == y.Due && x.State == y.State &&
				x.OnHold == y.OnHold && x.Approval == y.Approval && x.ExtraRole == y.ExtraRole {
				continue
			}
			if !yield(Change{c, x, y}) {
				return
			}
		}
	}
}
