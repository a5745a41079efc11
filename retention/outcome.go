package retention

import (
	"cmp"
	"fmt"

	"github.com/closeroll/closeroll/archive/record"
)

// An Outcome is what becomes of a record: the most protective of what is
// decided about its holdings.
type Outcome struct {
	Decisive   int         `json:"decisive"` // index of the holding whose decision the record takes; -1: there is none
	Action     Action      `json:"action"`
	State      State       `json:"state"`
	Due        record.Date `json:"due"` // null: never
	OnHold     bool        `json:"on_hold"`
	Disposable bool        `json:"disposable"` // every holding is
	Reasons    []string    `json:"reasons"`    // never empty
}

// Combine returns the outcome of a record with these holdings: on hold, unknown
// trigger, transfer, review, then the latest destroy date. Another holding
// never makes a record less protected. A record without holdings is never
// disposable.
func Combine(decisions ...Decision) Outcome {
	if len(decisions) == 0 {
		return Outcome{Decisive: -1, State: UnknownTrigger, Action: Review,
			Reasons: []string{"nobody's possession of it is known, so nothing can be decided"}}
	}
	out := Outcome{Disposable: true}
	for i, d := range decisions {
		out.Disposable = out.Disposable && d.Disposable
		out.OnHold = out.OnHold || d.OnHold
		if Compare(d, decisions[out.Decisive]) > 0 {
			out.Decisive = i
		}
	}
	d := decisions[out.Decisive]
	out.Action, out.State, out.Due = d.Action, d.State, d.Due
	for i, d := range decisions {
		out.Reasons = append(out.Reasons, fmt.Sprintf("holding %d, %s by %s: %s", i+1, d.Class, d.Rule, d.Words()))
	}
	if len(decisions) == 1 {
		return out
	}
	out.Reasons = append(out.Reasons, fmt.Sprintf("the record takes the most protective of them: holding %d", out.Decisive+1))
	if d.Disposable && !out.Disposable {
		out.Reasons = append(out.Reasons, "the record stays until every holding's time has come")
	}
	return out
}

// Words says a decision in a few words: "destroy, due 31 December 2028".
func (d Decision) Words() string {
	words := string(d.Action)
	if d.Action == RetainUntilEvent {
		words = "retain until event"
	}
	switch d.State {
	case UnknownTrigger:
		words += ", never due for want of a date"
	default:
		words += ", due " + d.Due.Long()
	}
	if d.OnHold {
		words += ", on hold"
	}
	return words
}

// Compare returns +1 if a protects more than b, -1 if less, 0 if the same.
func Compare(a, b Decision) int {
	return cmp.Or(
		cmp.Compare(oneIf(a.OnHold), oneIf(b.OnHold)),
		cmp.Compare(oneIf(a.State == UnknownTrigger), oneIf(b.State == UnknownTrigger)),
		cmp.Compare(protection(a.Action), protection(b.Action)),
		a.Due.Compare(b.Due))
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// protection ranks the actions. What is retained until an event ends with a
// review, like what is reviewed.
func protection(a Action) int {
	switch a {
	case Transfer:
		return 2
	case Review, RetainUntilEvent:
		return 1
	}
	return 0
}
