package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/retention/assurance"
)

// Attestations says what is expected of custodians and has not come, and what
// they attested (R3, R12, R14). A task is told by its custodian, kind and day.
type Attestations struct {
	Head     `json:"head"`
	Waiting  []assurance.Task `json:"waiting"` // due or overdue, the oldest first
	Attested []AttestedLine   `json:"attested"`
	Expects  []string         `json:"expects"` // custodians of whom attestations are expected
	Trains   []string         `json:"trains"`  // custodians whose training is tracked
}

// An AttestedLine is an attestation.
type AttestedLine struct {
	Custodian string `json:"custodian"`
	assurance.Attestation
}

// NewAttestations keeps of all tasks those that wait for someone, and of the
// attestations those of the head's period, if it has one.
func NewAttestations(head Head, tasks []assurance.Task, attested []AttestedLine, expects, trains []string) *Attestations {
	r := &Attestations{Head: head, Waiting: []assurance.Task{}, Attested: []AttestedLine{}, Expects: expects, Trains: trains}
	for _, t := range tasks {
		if t.Open() {
			r.Waiting = append(r.Waiting, t)
		}
	}
	slices.SortStableFunc(r.Waiting, func(a, b assurance.Task) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Custodian, b.Custodian))
	})
	for _, a := range attested {
		if head.Period.IsZero() || head.Period.Covers(a.Period) || a.Period.Covers(head.Period) {
			r.Attested = append(r.Attested, a)
		}
	}
	return r
}

// Overdue counts the overdue tasks of which ok says yes, and returns the day on
// which the oldest was due.
func (r *Attestations) Overdue(ok func(*assurance.Task) bool) (n int64, oldest record.Date) {
	for i := range r.Waiting {
		t := &r.Waiting[i]
		if t.State == assurance.Overdue && ok(t) {
			if n++; oldest.IsZero() || t.Due.Before(oldest) {
				oldest = t.Due
			}
		}
	}
	return n, oldest
}

func ofKind(kinds ...assurance.Kind) func(*assurance.Task) bool {
	return func(t *assurance.Task) bool { return slices.Contains(kinds, t.Kind) }
}

// ofChange tells what leaving or a change of phones asks for.
func ofChange(t *assurance.Task) bool {
	return strings.HasPrefix(t.ID, "leaver/") || strings.HasPrefix(t.ID, "device/")
}

func (r *Attestations) lay(d *page.Document) {
	if n, oldest := r.Overdue(func(*assurance.Task) bool { return true }); n > 0 {
		d.Add(page.Notice{Tone: page.Red, Label: "Overdue", Text: plural(n, "task is", "tasks are") + " overdue, the oldest since " + oldest.Long() + "."})
	} else {
		d.Add(page.Notice{Tone: page.Green, Label: "In time", Text: "Nothing that is expected of custodians is overdue."})
	}
	waiting := page.Table{Name: "waiting", Caption: "What is expected and has not come", Empty: "Nothing is waited for.",
		Columns: []page.Column{{Title: "Custodian"}, {Title: "Kind"}, {Title: "Due"}, {Title: "State"}, {Title: "Task", Key: "text"}}}
	for _, t := range r.Waiting {
		state := page.Rated(page.Amber, "Due")
		if t.State == assurance.Overdue {
			state = page.Rated(page.Red, "Overdue")
		}
		waiting.Rows = append(waiting.Rows, page.Row(page.Text(t.Custodian), page.Text(string(t.Kind)), dateCell(t.Due), state, page.Text(t.Text)))
	}
	attested := page.Table{Name: "attested", Caption: "What custodians attested", Empty: "None is recorded for this time.",
		Columns: []page.Column{{Title: "Custodian"}, {Title: "Period"}, {Title: "Recorded", Key: "on"}, {Title: "By"}, {Title: "Nil return", Key: "nil_return"}, {Title: "Statement"}}}
	for _, a := range r.Attested {
		none := "no"
		if a.Nil {
			none = "yes"
		}
		attested.Rows = append(attested.Rows, page.Row(page.Text(a.Custodian), page.Text(a.Period.String()), dateCell(a.On), page.Text(a.By), page.Text(none), page.Text(a.Statement)))
	}
	d.Add(waiting, attested)
}
