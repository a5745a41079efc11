package retention

import (
	"slices"

	"github.com/closeroll/closeroll/archive/record"
)

// shared are the facts that a schedule's rules can test and that are the same
// for many holdings.
type shared struct {
	kind                                               record.Kind
	channel                                            record.Channel
	source, custodian, role, grade, mailbox, folder, s string
}

func sharedOf(f *record.Facts) shared {
	return shared{f.Kind, f.Channel, f.Source, f.Custodian, f.Role, f.Grade, f.Mailbox, f.Folder, f.Significance}
}

// A shortlist is what the shared facts of holdings make of a schedule's rules:
// those that the words of one may still decide, as far as they may, and what
// chooses the class when none of them does.
type shortlist struct {
	rules []open
	last  assigned
}

// An open is what is left to be tested of a rule.
type open struct {
	test  test
	class *Class
}

// shortlist tries the rules on what holdings share.
func (s *Schedule) shortlist(f *record.Facts) *shortlist {
	l := &shortlist{}
	for i := range s.rules {
		answer, rest := s.rules[i].test.shared(f)
		class := s.byID[s.rules[i].class]
		switch answer {
		case always:
			l.last = assigned{class, ByRule}
			return l
		case perhaps:
			l.rules = append(l.rules, open{rest, class})
		}
	}
	l.last = s.byDefault(f)
	return l
}

// assign is the class of one of the holdings.
func (l *shortlist) assign(f *record.Facts) assigned {
	for i := range l.rules {
		if l.rules[i].test.holds(f) {
			return assigned{l.rules[i].class, ByRule}
		}
	}
	return l.last
}

// An answer is what shared facts say of a test.
type answer int

const (
	never answer = iota
	perhaps
	always
)

// wordKeys are the facts that are not shared.
func wordKeys() []string { return []string{"from", "to", "subject", "chat"} }

// shared says whether the test holds for all that share these facts, or for
// none; and where their words decide, what is left to be tested of those.
func (t test) shared(f *record.Facts) (answer, test) {
	var rest test
	for _, c := range t.conditions {
		switch {
		case slices.Contains(wordKeys(), c.key):
			rest.conditions = append(rest.conditions, c)
		case !c.holds(f):
			return never, test{}
		}
	}
	for _, alternatives := range t.anys {
		says, left := sharedAny(alternatives, f)
		switch says {
		case never:
			return never, test{}
		case perhaps:
			rest.anys = append(rest.anys, left)
		}
	}
	for _, n := range t.nots {
		switch says, left := n.shared(f); says {
		case always:
			return never, test{}
		case perhaps:
			rest.nots = append(rest.nots, left)
		}
	}
	if rest.conditions == nil && rest.anys == nil && rest.nots == nil {
		return always, test{}
	}
	return perhaps, rest
}

// sharedAny is shared for alternatives, of which one must hold.
func sharedAny(alternatives []test, f *record.Facts) (answer, []test) {
	var rest []test
	for _, a := range alternatives {
		switch says, left := a.shared(f); says {
		case always:
			return always, nil
		case perhaps:
			rest = append(rest, left)
		}
	}
	if rest == nil {
		return never, nil
	}
	return perhaps, rest
}
