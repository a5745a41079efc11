package retention

import (
	"fmt"
	"slices"

	"github.com/closeroll/closeroll/archive/record"
)

// A ReviewOutcome is what a person decides when a review is due.
type ReviewOutcome string

// The outcomes of a review.
const (
	ReviewDestroy    ReviewOutcome = "destroy"    // it may be proposed for destruction
	ReviewKeep       ReviewOutcome = "keep"       // until a day, and then it is reviewed again
	ReviewTransfer   ReviewOutcome = "transfer"   // to an archive
	ReviewReclassify ReviewOutcome = "reclassify" // it was in the wrong class
)

// ReviewOutcomes lists the outcomes.
func ReviewOutcomes() []ReviewOutcome {
	return []ReviewOutcome{ReviewDestroy, ReviewKeep, ReviewTransfer, ReviewReclassify}
}

// A Reviewed is the last review of a record that was decided.
type Reviewed struct {
	Outcome ReviewOutcome
	On      record.Date // the day of the decision
	Until   record.Date // of keep
	Classes []string    // whose review it was
	Count   int         // how many reviews were decided, this one included
	Reason  string
}

// bear lets the review bear on what a class requires of a holding, whose due
// date is known, and says how. It can always protect more: keep puts the action
// off, transfer takes the place of every other action. It protects less only
// where that is what was asked: destroy takes the place of a review that had
// fallen due, of this class, by the dates as they are known now.
func (r *Reviewed) bear(class string, action Action, due record.Date) (Action, record.Date, string) {
	switch r.Outcome {
	case ReviewKeep:
		if !r.Until.After(due) {
			return action, due, "keep until " + r.Until.Long() + ", which is no later"
		}
		return action, r.Until, "keep until " + r.Until.Long()
	case ReviewTransfer:
		return Transfer, due, "transfer"
	case ReviewDestroy:
		switch asked := action == Review || action == RetainUntilEvent; {
		case !asked:
			return action, due, "destroy, which its class does not ask for"
		case !slices.Contains(r.Classes, class):
			return action, due, "destroy, in another class, and so counts no more"
		case !r.On.After(due):
			return action, due, "destroy, before it was due, and so counts no more"
		}
		return Destroy, due, "destroy"
	}
	return action, due, string(r.Outcome)
}

// reviewed lets the last review bear on a decision whose due date is known.
func (d *Decision) reviewed(r *Reviewed) {
	if r == nil {
		return
	}
	var decided string
	d.Action, d.Due, decided = r.bear(d.Class, d.Action, d.Due)
	d.Reviews = r.Count
	d.Reasons = append(d.Reasons, fmt.Sprintf("review %d, on %s, decided: %s", r.Count, r.On.Long(), decided))
}

// publicRecordYears is how long a public record may be kept without transfer
// or an instrument (Public Records Act 1958, section 3(4), as amended by the
// Constitutional Reform and Governance Act 2010, section 45), and
// appraisalYears when preparing for that should begin.
const (
	publicRecordYears = 20
	appraisalYears    = 18
)

// TwentyYears returns the day on which a public record with these facts is
// twenty years old, reckoned from the earliest day that it can be of, and
// whether it is eighteen at now. It is the zero Date where nothing says how old
// it is.
func (s *Schedule) TwentyYears(f record.Facts, today record.Date) (twenty record.Date, eighteen bool) {
	born := record.DateOf(f.MessageTime(), s.zone)
	if captured := record.DateOf(f.Captured, s.zone); born.IsZero() || f.DateSuspect && !captured.IsZero() && captured.Before(born) {
		born = captured
	}
	if born.IsZero() {
		return born, false
	}
	return born.AddMonths(12 * publicRecordYears), !today.Before(born.AddMonths(12 * appraisalYears))
}
