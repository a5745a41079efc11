package report

import (
	"fmt"
	"time"

	"github.com/closeroll/closeroll/internal/page"
)

// Holds says what is on hold and for how long it has been.
type Holds struct {
	Head  `json:"head"`
	Holds []HoldLine `json:"holds"` // in force, or released within the period
}

// A HoldLine is one hold.
type HoldLine struct {
	Hold      string    `json:"hold"`
	Type      string    `json:"type"`
	Matter    string    `json:"matter"`
	Authority string    `json:"authority,omitempty"`
	Owner     string    `json:"owner,omitempty"`
	Placed    time.Time `json:"placed"`
	PlacedBy  string    `json:"placed_by"`
	Review    time.Time `json:"review,omitzero"`
	Released  time.Time `json:"released,omitzero"`
	Releaser  string    `json:"released_by,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	Records   int64     `json:"records"` // on hold under it now

	Told         int64     `json:"told"`         // custodians who were given notice of it
	Acknowledged int64     `json:"acknowledged"` // of them, those who said that they have read it
	Silent       []Silence `json:"silent"`       // the others
}

// A Silence is a custodian who was told of a hold and has not said that they
// have read the notice.
type Silence struct {
	Custodian string    `json:"custodian"`
	Told      time.Time `json:"told"`
}

// noticeDays is how long a custodian has to acknowledge a hold's notice before
// it is remarked upon.
const noticeDays = 14

// Unacknowledged counts the notices of holds in force that nobody acknowledged
// in time.
func (r *Holds) Unacknowledged() (n int64) {
	for _, h := range r.Holds {
		for _, s := range h.Silent {
			if h.Released.IsZero() && s.Told.AddDate(0, 0, noticeDays).Before(r.AsOf) {
				n++
			}
		}
	}
	return n
}

// Told counts the notices given of holds in force, and those acknowledged.
func (r *Holds) Told() (told, acknowledged int64) {
	for _, h := range r.Holds {
		if h.Released.IsZero() {
			told, acknowledged = told+h.Told, acknowledged+h.Acknowledged
		}
	}
	return told, acknowledged
}

// Notice counts a notice that a custodian was given of the hold.
func (h *HoldLine) Notice(custodian string, at time.Time, acknowledged bool) {
	h.Told++
	if acknowledged {
		h.Acknowledged++
		return
	}
	h.Silent = append(h.Silent, Silence{custodian, at})
}

func (h *HoldLine) acknowledged() string {
	if h.Told == 0 {
		return "–"
	}
	return fmt.Sprintf("%d\u00a0of\u00a0%d", h.Acknowledged, h.Told)
}

// NewHolds keeps of all holds ever placed those that are in force, and those
// that were released within the head's period.
func NewHolds(head Head, all []HoldLine) *Holds {
	r := &Holds{Head: head, Holds: []HoldLine{}}
	for _, h := range all {
		if h.Released.IsZero() || !head.Period.IsZero() && head.Within(h.Released) {
			r.Holds = append(r.Holds, h)
		}
	}
	return r
}

// ReviewsMissed counts the holds in force whose review is past.
func (r *Holds) ReviewsMissed() (n int64) {
	for _, h := range r.Holds {
		if h.Released.IsZero() && !h.Review.IsZero() && h.Review.Before(r.AsOf) {
			n++
		}
	}
	return n
}

// InForce counts the holds in force.
func (r *Holds) InForce() (n int64) {
	for _, h := range r.Holds {
		if h.Released.IsZero() {
			n++
		}
	}
	return n
}

func (r *Holds) lay(d *page.Document) {
	inForce := page.Table{Name: "holds", Caption: "Holds in force", Empty: "No hold is in force.", Columns: []page.Column{{Title: "Hold"}, {Title: "Type"}, {Title: "Matter"},
		{Title: "Owner"}, {Title: "Placed"}, {Title: "Next review", Key: "review"}, {Title: "Records", Number: true}, {Title: "Read by", Key: "read_by"}, {Title: "State"}}}
	ended := page.Table{Name: "released", Caption: "Holds that were released", Empty: "None was released in this time.", Columns: []page.Column{{Title: "Hold"}, {Title: "Matter"},
		{Title: "Placed"}, {Title: "Placed by"}, {Title: "Released"}, {Title: "Released by"}, {Title: "Reason"}}}
	silent := page.Table{Name: "silent", Caption: "Notices that were not acknowledged", Empty: "Everybody who was told of a hold in force has acknowledged it, or nobody was told.",
		Columns: []page.Column{{Title: "Hold"}, {Title: "Custodian"}, {Title: "Told"}}}
	chart := page.Bars{Title: "Records on hold, by hold", Unit: "records"}
	for _, h := range r.Holds {
		if !h.Released.IsZero() {
			ended.Rows = append(ended.Rows, page.Row(page.Text(h.Hold), page.Text(h.Matter), timeCell(&r.Head, h.Placed), page.Text(h.PlacedBy),
				timeCell(&r.Head, h.Released), page.Text(h.Releaser), page.Text(h.Reason)))
			continue
		}
		chart.Bars = append(chart.Bars, page.Bar{Label: h.Hold, Value: h.Records})
		inForce.Rows = append(inForce.Rows, page.Row(page.Text(h.Hold), page.Text(h.Type), page.Text(h.Matter), page.Text(h.Owner),
			timeCell(&r.Head, h.Placed), timeCell(&r.Head, h.Review), page.Number(h.Records), page.Text(h.acknowledged()), r.state(h)))
		for _, who := range h.Silent {
			silent.Rows = append(silent.Rows, page.Row(page.Text(h.Hold), page.Text(who.Custodian), timeCell(&r.Head, who.Told)))
		}
	}
	if n := r.ReviewsMissed(); n > 0 {
		d.Add(page.Notice{Tone: page.Amber, Label: "Review missed", Text: fmt.Sprintf("%s past the day on which it was to be reviewed. It stays in force until a second person releases it.", plural(n, "hold is", "holds are"))})
	}
	if n := r.Unacknowledged(); n > 0 {
		d.Add(page.Notice{Tone: page.Amber, Label: "Not acknowledged", Text: fmt.Sprintf("%s not acknowledged within %d days.", plural(n, "notice of a hold was", "notices of holds were"), noticeDays)})
	}
	if len(chart.Bars) > 0 {
		d.Add(chart)
	}
	d.Add(inForce, silent)
	if !r.Period.IsZero() {
		d.Add(ended)
	}
	d.Add(page.Paragraph{Soft: true, Text: "A hold suspends disposal of everything in its scope, now and captured later, whatever the schedule says. It does not stop what happens outside the archive: a phone’s disappearing messages, a mailbox’s automatic deletion, back-ups. “Read by” counts the custodians who acknowledged the notice of it, of those to whom it was given."})
}

func (r *Holds) state(h HoldLine) page.Cell {
	switch {
	case h.Review.IsZero():
		return page.Rated(page.Amber, "No review date")
	case h.Review.Before(r.AsOf):
		return page.Rated(page.Amber, "Review missed")
	}
	return page.Rated(page.Green, "In force")
}
