package retention

import (
	"strings"

	"github.com/closeroll/closeroll/archive/record"
)

// A Basis says who or what chose a class. The order is that of precedence.
type Basis string

// The bases.
const (
	ByHand        Basis = "manual"
	ByRule        Basis = "rule"
	ByRole        Basis = "role_default"
	BySource      Basis = "source_default"
	ByDefault     Basis = "unclassified"
	manualRule          = "manual"
	roleRule            = "default:role:"
	sourceRule          = "default:source:"
	defaultedRule       = "default:unclassified"
)

// Manual is a class given by hand, with the reason given for it.
type Manual struct {
	Class  string
	Reason string
}

// An Assignment is the class of a holding and what chose it.
type Assignment struct {
	Class string // id; always one of the schedule's
	Rule  string // a rule's id, CLASS.when, manual, default:role:R, default:source:S or default:unclassified
	Basis Basis

	why  string
	lost []string // what else would have chosen a class, each as a sentence
	also []string // the classes that lost
}

// Assign puts a holding into its class: the one given by hand, else of the
// first rule that matches, else the default for its custodian's role, else for
// its source, else the unclassified one. A class given by hand that the
// schedule does not have is unclassified: it is reviewed, never destroyed.
func (s *Schedule) Assign(f *record.Facts, manual Manual) Assignment {
	var a Assignment
	a.manual(s, manual)
	for _, rule := range s.rules {
		if rule.test.holds(f) {
			a.claim(rule.class, rule.id, ByRule, func() string { return "rule " + rule.id + " (" + rule.text + ")" })
		}
	}
	role := strings.ToLower(f.Role)
	if class, ok := s.roles[role]; ok {
		a.claim(class, roleRule+role, ByRole, func() string { return "the default for role " + f.Role })
	}
	source := strings.ToLower(f.Source)
	if class, ok := s.sources[source]; ok {
		a.claim(class, sourceRule+source, BySource, func() string { return "the default for source " + f.Source })
	}
	if a.Class == "" {
		a.claim(s.Defaults.Unclassified, defaultedRule, ByDefault, func() string { return "nothing classifies it, so the default" })
	}
	return a
}

func (a *Assignment) manual(s *Schedule, m Manual) {
	switch {
	case m.Class == "":
	case s.byID[m.Class] == nil:
		a.claim(s.Defaults.Unclassified, defaultedRule, ByDefault, func() string {
			return "class " + m.Class + ", given by hand, is not in schedule " + s.Version + "; so the default"
		})
	default:
		a.claim(m.Class, manualRule, ByHand, func() string {
			if m.Reason != "" {
				return "a decision by hand (" + m.Reason + ")"
			}
			return "a decision by hand"
		})
	}
}

// claim lets the first that chooses a class have it, and remembers the rest.
func (a *Assignment) claim(class, rule string, basis Basis, why func() string) {
	if a.Class == "" {
		a.Class, a.Rule, a.Basis, a.why = class, rule, basis, why()
		return
	}
	a.lost = append(a.lost, why()+" would choose "+class+", but "+precedes(a.Basis)+" comes first")
	a.also = append(a.also, class)
}

func precedes(b Basis) string {
	switch b {
	case ByHand:
		return "a decision by hand"
	case ByRule:
		return "the rule that matched before it"
	case ByRole:
		return "the default for the role"
	}
	return "what is above"
}
