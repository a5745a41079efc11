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

	WarnFrom record.Date // a person should begin the action's preparation; zero: nothing is to be prepared
}

// Standing is what the decision says, without its reasons.
func (d Decision) Standing() Standing {
	return Standing{Class: d.Class, Basis: d.AssignedBy, Action: d.Action, State: d.State, Due: d.Due, OnHold: d.OnHold, Holds: d.Holds, WarnFrom: d.WarnFrom}
}

// Decisive returns the index of the standing that a record takes whose holdings
// stand so, as [Combine] does; -1 if there is none.
func Decisive(all []Standing) int {
	decisive := -1
	for i := range all {
		if decisive < 0 || all[i].Compare(all[decisive]) > 0 {
			decisive = i
		}
	}
	return decisive
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
	s       *Schedule
	holds   []Hold
	now     time.Time
	today   record.Date
	byClass bool // a hold asks for classes, those too that lost
	memo    map[shared]*shortlist
	before  shared // the facts that were asked about last, and what came of them
	listed  *shortlist
	caught  []string
	classes []string
}

type assigned struct {
	class *Class
	basis Basis
}

// Judge returns a judge of holdings under these holds at now.
func (s *Schedule) Judge(holds []Hold, now time.Time) *Judge {
	j := &Judge{s: s, holds: holds, now: now, today: record.DateOf(now, s.zone), memo: make(map[shared]*shortlist)}
	for _, h := range holds {
		j.byClass = j.byClass || len(h.Scope.Classes) > 0
	}
	return j
}

// Asks says what of the facts the schedule asks for that is not the same for
// many holdings: the words of one (its addresses, subject or chat), and the
// newest activity in what it belongs to. Who knows that they are not asked for
// may leave them out.
func (s *Schedule) Asks() (words, activity bool) {
	for _, r := range s.rules {
		words = words || r.test.asks(wordKeys()...)
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
	a := j.assign(c)
	out := Standing{Class: a.class.ID, Basis: a.basis, Action: a.class.Action, State: UnknownTrigger}
	j.clock(&out, a.class, c)
	j.caught, j.classes = j.caught[:0], j.classes[:0]
	if j.byClass {
		j.classes = j.s.claims(j.classes, &c.Facts, c.Manual)
	}
	for i := range j.holds {
		if covers, _ := j.holds[i].covers(c, j.classes); covers {
			j.caught = append(j.caught, j.holds[i].Hold)
		}
	}
	out.OnHold, out.Holds = len(j.caught) > 0, j.caught
	return out
}

func (j *Judge) assign(c *Candidate) assigned {
	if c.Manual.Class != "" {
		if class := j.s.byID[c.Manual.Class]; class != nil {
			return assigned{class, ByHand}
		}
		return assigned{j.s.byID[j.s.Defaults.Unclassified], ByDefault}
	}
	k := sharedOf(&c.Facts)
	if j.listed == nil || k != j.before {
		l, ok := j.memo[k]
		if !ok {
			l = j.s.shortlist(&c.Facts)
			j.memo[k] = l
		}
		j.before, j.listed = k, l
	}
	return j.listed.assign(&c.Facts)
}

// claims appends every class that something chooses for a holding, those too
// that lose.
func (s *Schedule) claims(to []string, f *record.Facts, m Manual) []string {
	if m.Class != "" && s.byID[m.Class] != nil {
		to = append(to, m.Class)
	}
	for i := range s.rules {
		if s.rules[i].test.holds(f) {
			to = append(to, s.rules[i].class)
		}
	}
	if class, ok := s.roles[strings.ToLower(f.Role)]; ok {
		to = append(to, class)
	}
	if class, ok := s.sources[strings.ToLower(f.Source)]; ok {
		to = append(to, class)
	}
	if len(to) == 0 || m.Class != "" && s.byID[m.Class] == nil {
		to = append(to, s.Defaults.Unclassified)
	}
	return to
}

// byDefault is the class of what no rule matches.
func (s *Schedule) byDefault(f *record.Facts) assigned {
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
	if !c.WarnBefore.IsZero() {
		out.WarnFrom = c.WarnBefore.Before(due)
	}
}
