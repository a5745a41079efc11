package retention

import (
	"cmp"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A Standing is what a [Decision] says without its reasons. It is for counting
// many holdings; nothing is ever disposed of by it.
type Standing struct {
	Class  string
	Basis  Basis
	Action Action
	State  State
	Due    record.Date // zero: never
	OnHold bool
	Holds  []string // names of the holds that cover it; of the judge, and only good until the next
}

// Compare returns +1 if a protects more than b, -1 if less, 0 if the same, as
// [Compare] does for decisions.
func (s Standing) Compare(o Standing) int {
	return cmp.Or(
		cmp.Compare(oneIf(s.OnHold), oneIf(o.OnHold)),
		cmp.Compare(oneIf(s.State == UnknownTrigger), oneIf(o.State == UnknownTrigger)),
		cmp.Compare(protection(s.Action), protection(o.Action)),
		s.Due.Compare(o.Due))
}

// A Judge decides about one holding after another, as [Schedule.DecideCandidate]
// does, several times faster: it words no reasons, and remembers which class
// the facts that many holdings share lead to. It is for one goroutine.
type Judge struct {
	s      *Schedule
	holds  []Hold
	now    time.Time
	today  record.Date
	whole  bool // a hold asks for classes that lost, which only the full decision knows
	memo   map[shared]assigned
	caught []string
}

// shared are the facts that a schedule's rules can test and that are the same
// for many holdings.
type shared struct {
	kind                                               record.Kind
	channel                                            record.Channel
	source, custodian, role, grade, mailbox, folder, s string
}

type assigned struct {
	class *Class
	basis Basis
}

// Judge returns a judge of holdings under these holds at now.
func (s *Schedule) Judge(holds []Hold, now time.Time) *Judge {
	j := &Judge{s: s, holds: holds, now: now, today: record.DateOf(now, s.zone)}
	for _, h := range holds {
		j.whole = j.whole || len(h.Scope.Classes) > 0
	}
	if words, _ := s.Asks(); !words {
		j.memo = make(map[shared]assigned)
	}
	return j
}

// Asks says what of the facts the schedule asks for that is not the same for
// many holdings: the words of one (its addresses, subject or chat), and the
// newest activity in what it belongs to. Who knows that they are not asked for
// may leave them out.
func (s *Schedule) Asks() (words, activity bool) {
	for _, r := range s.rules {
		words = words || r.test.asks("from", "to", "subject", "chat")
	}
	for i := range s.Classes {
		activity = activity || s.Classes[i].Trigger.Kind == OnLastActivity
	}
	return words, activity
}

// asks reports whether the test looks at any of these facts.
func (t test) asks(keys ...string) bool {
	for _, c := range t.conditions {
		for _, k := range keys {
			if c.key == k {
				return true
			}
		}
	}
	for _, alternatives := range t.anys {
		for _, a := range alternatives {
			if a.asks(keys...) {
				return true
			}
		}
	}
	for _, n := range t.nots {
		if n.asks(keys...) {
			return true
		}
	}
	return false
}

// Judge says how a holding stands.
func (j *Judge) Judge(c *Candidate) Standing {
	if j.whole || c.Review != nil {
		d := j.s.DecideCandidate(c, j.holds, j.now)
		return Standing{Class: d.Class, Basis: d.AssignedBy, Action: d.Action, State: d.State, Due: d.Due, OnHold: d.OnHold, Holds: d.Holds}
	}
	a := j.assign(c)
	out := Standing{Class: a.class.ID, Basis: a.basis, Action: a.class.Action, State: UnknownTrigger}
	j.clock(&out, a.class, c)
	j.caught = j.caught[:0]
	for _, h := range j.holds {
		if covers, _ := h.covers(c, nil); covers {
			j.caught = append(j.caught, h.Hold)
		}
	}
	out.OnHold, out.Holds = len(j.caught) > 0, j.caught
	return out
}

func (j *Judge) assign(c *Candidate) assigned {
	if j.memo == nil || c.Manual.Class != "" {
		return j.s.choose(&c.Facts, c.Manual)
	}
	f := &c.Facts
	k := shared{f.Kind, f.Channel, f.Source, f.Custodian, f.Role, f.Grade, f.Mailbox, f.Folder, f.Significance}
	a, ok := j.memo[k]
	if !ok {
		a = j.s.choose(f, c.Manual)
		j.memo[k] = a
	}
	return a
}

// choose is [Schedule.Assign] without what lost.
func (s *Schedule) choose(f *record.Facts, m Manual) assigned {
	if m.Class != "" {
		if class := s.byID[m.Class]; class != nil {
			return assigned{class, ByHand}
		}
		return assigned{s.byID[s.Defaults.Unclassified], ByDefault}
	}
	for i := range s.rules {
		if s.rules[i].test.holds(f) {
			return assigned{s.byID[s.rules[i].class], ByRule}
		}
	}
	if class, ok := s.roles[strings.ToLower(f.Role)]; ok {
		return assigned{s.byID[class], ByRole}
	}
	if class, ok := s.sources[strings.ToLower(f.Source)]; ok {
		return assigned{s.byID[class], BySource}
	}
	return assigned{s.byID[s.Defaults.Unclassified], ByDefault}
}

// clock sets when the class's action falls due, as [Schedule.clock] says it.
func (j *Judge) clock(out *Standing, c *Class, of *Candidate) {
	f := &of.Facts
	started, _ := c.Trigger.date(f, j.s.zone)
	if started.IsZero() {
		return
	}
	due := c.Period.After(c.Trigger.Round.apply(started))
	if age := j.s.Defaults.MinimumAge; !age.IsZero() {
		captured := record.DateOf(f.Captured, j.s.zone)
		if captured.IsZero() {
			return
		}
		if earliest := age.After(captured); earliest.After(due) {
			due = earliest
		}
	}
	if of.Review != nil {
		out.Action, due, _ = of.Review.bear(c.ID, out.Action, due)
	}
	out.Due, out.State = due, Active
	if j.today.After(due) {
		out.State = Due
	}
}
