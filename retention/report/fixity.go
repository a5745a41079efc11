package report

import (
	"time"

	"github.com/closeroll/closeroll/internal/page"
)

// Fixity says when the stored objects were last compared with the digests they
// were stored with, and what that found.
type Fixity struct {
	Head   `json:"head"`
	Checks []FixityLine `json:"checks"` // the latest first
}

// A FixityLine is one check.
type FixityLine struct {
	Entry   int64     `json:"entry"` // of the journal
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Checked int64     `json:"checked"`
	Octets  int64     `json:"octets"`
	Missing int64     `json:"missing"`
	Changed int64     `json:"changed"`
}

// Sound reports whether the check found every object as it was stored.
func (l FixityLine) Sound() bool { return l.Missing == 0 && l.Changed == 0 }

func (r *Fixity) lay(d *page.Document) {
	switch {
	case len(r.Checks) == 0:
		d.Add(page.Notice{Tone: page.Red, Label: "Never checked", Text: "No fixity check is in the journal. closeroll fixity makes one."})
	case !r.Checks[0].Sound():
		l := r.Checks[0]
		d.Add(page.Notice{Tone: page.Red, Label: "Not as stored", Text: plural(l.Missing, "object was", "objects were") + " missing and " + plural(l.Changed, "was", "were") + " of another digest on " + r.day(l.At) + "."})
	default:
		l := r.Checks[0]
		d.Add(page.Notice{Tone: page.Green, Label: "As stored", Text: "All " + plural(l.Checked, "object", "objects") + " had their digest on " + r.day(l.At) + "."})
	}
	t := page.Table{Name: "checks", Caption: "Fixity checks, the latest first", Empty: "There was none.",
		Columns: []page.Column{{Title: "Journal entry", Key: "entry"}, {Title: "When", Key: "at"}, {Title: "By"}, {Title: "Objects", Key: "checked", Number: true}, {Title: "Size", Key: "octets", Number: true},
			{Title: "Missing", Number: true}, {Title: "Changed", Number: true}, {Title: "Result"}}}
	for _, l := range r.Checks {
		result := page.Rated(page.Green, "As stored")
		if !l.Sound() {
			result = page.Rated(page.Red, "Not as stored")
		}
		t.Rows = append(t.Rows, page.Row(page.Number(l.Entry), timeCell(&r.Head, l.At), page.Text(l.By), page.Number(l.Checked), sizeCell(l.Octets), page.Number(l.Missing), page.Number(l.Changed), result))
	}
	d.Add(t)
}
