package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/page"
)

// Disposals says what was proposed for disposal, approved, refused and
// destroyed, and under which certificate.
type Disposals struct {
	Head    `json:"head"`
	Batches []BatchLine `json:"batches"` // the latest first
}

// A BatchLine is one batch.
type BatchLine struct {
	Batch       string    `json:"batch"`
	Ground      string    `json:"ground"`
	Class       string    `json:"class,omitempty"`
	State       string    `json:"state"`
	Proposed    time.Time `json:"proposed"`
	ProposedBy  string    `json:"proposed_by"`
	ApprovedAs  []string  `json:"approved_as"` // roles
	Records     int64     `json:"records"`
	Excluded    int64     `json:"excluded"`
	Refused     int64     `json:"refused"`
	Destroyed   int64     `json:"destroyed"`
	Retired     int64     `json:"possessions_ended"`
	Abandoned   string    `json:"abandoned,omitempty"`
	Certificate int64     `json:"certificate,omitempty"` // its number; 0: none yet
	Issued      time.Time `json:"issued,omitzero"`
}

// NewDisposals keeps of all batches, the latest first, those that were proposed
// or certified within the head's period, and those that are open.
func NewDisposals(head Head, all []BatchLine) *Disposals {
	r := &Disposals{Head: head, Batches: []BatchLine{}}
	for _, b := range all {
		if head.Within(b.Proposed) || !b.Issued.IsZero() && head.Within(b.Issued) || b.Open() {
			r.Batches = append(r.Batches, b)
		}
	}
	return r
}

// Open reports whether something is still to be done about the batch.
func (b BatchLine) Open() bool { return b.Abandoned == "" && b.Certificate == 0 }

// Destroyed counts the records that are gone.
func (r *Disposals) Destroyed() (n int64) {
	for _, b := range r.Batches {
		n += b.Destroyed
	}
	return n
}

// Spilt counts the records that are gone because the archive must not hold them.
func (r *Disposals) Spilt() (n int64) {
	for _, b := range r.Batches {
		if b.Ground == string(record.GroundSpillage) {
			n += b.Destroyed
		}
	}
	return n
}

// Alone counts the batches that destroyed something and that nobody approved:
// those of classes whose schedule lets them go without.
func (r *Disposals) Alone() (n int64) {
	for _, b := range r.Batches {
		if b.Destroyed > 0 && len(b.ApprovedAs) == 0 {
			n++
		}
	}
	return n
}

func (r *Disposals) lay(d *page.Document) {
	t := page.Table{Name: "batches", Caption: "Batches of disposal, the latest first", Empty: "Nothing was proposed for disposal.",
		Columns: []page.Column{{Title: "Batch"}, {Title: "Ground"}, {Title: "Class"}, {Title: "State"}, {Title: "Proposed"}, {Title: "Approved as", Key: "approved_as"}, {Title: "Listed", Key: "records", Number: true},
			{Title: "Excluded", Number: true}, {Title: "Refused", Number: true}, {Title: "Destroyed", Number: true}, {Title: "Certificate", Number: true}}}
	chart := page.Bars{Title: "Records destroyed, by batch", Unit: "records"}
	waiting := int64(0)
	for _, b := range r.Batches {
		certificate := page.Text("–")
		if b.Certificate > 0 {
			certificate = page.Number(b.Certificate)
		}
		roles := "–"
		if len(b.ApprovedAs) > 0 {
			roles = strings.Join(b.ApprovedAs, ", ")
		}
		t.Rows = append(t.Rows, page.Row(page.Text(b.Batch), page.Text(b.Ground), page.Text(b.Class), page.Text(b.State), timeCell(&r.Head, b.Proposed), page.Text(roles), page.Number(b.Records),
			page.Number(b.Excluded), page.Number(b.Refused), page.Number(b.Destroyed), certificate))
		if b.Destroyed > 0 {
			chart.Bars = append(chart.Bars, page.Bar{Label: b.Batch + " " + b.Class, Value: b.Destroyed})
		}
		if b.Open() {
			waiting++
		}
	}
	if waiting > 0 {
		d.Add(page.Notice{Tone: page.Amber, Label: "Not finished", Text: fmt.Sprintf("%s proposed and neither certified nor abandoned.", plural(waiting, "batch is", "batches are"))})
	}
	if chart.Bars != nil {
		d.Add(chart)
	}
	d.Add(t, page.Paragraph{Soft: true, Text: "A record is refused when, at the moment of deletion, a hold or an open request covers it or the schedule does not call for it any more. closeroll certificate show prints a certificate, and it can be verified without this archive."})
}
