package report

import (
	"fmt"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/page"
)

// Pack is the quarterly assurance pack for the senior information risk owner:
// what "Behind the screens" (Information Commissioner, July 2022) and the
// guidance around it ask for, one recommendation after another, each rated by a
// rule that the pack states, with the evidence. The recommendations are our
// reading of it and our numbering, and the pack says so.
type Pack struct {
	Head            `json:"head"`
	Recommendations []Recommendation `json:"recommendations"`
	Annexes         Evidence         `json:"annexes"`
}

// Evidence is the reports that a pack rests on, and what no report has.
type Evidence struct {
	Retention    *Retention    `json:"retention"`
	Holds        *Holds        `json:"holds"`
	Disposals    *Disposals    `json:"disposals"`
	Coverage     *Coverage     `json:"coverage"`
	Failures     *Failures     `json:"failures"`
	Lag          *Lag          `json:"transfer_lag"`
	Attestations *Attestations `json:"attestations"`
	Ephemeral    *Ephemeral    `json:"ephemeral"`
	Channels     *Channels     `json:"channels"`
	Access       *Access       `json:"access"`
	Fixity       *Fixity       `json:"fixity"`
	Keys         *Keys         `json:"keys"`
	Review       *Review       `json:"schedule"`
	Requests     Requests      `json:"requests"`
	Quarantine   Quarantine    `json:"quarantine"`
	DPIA         DPIA          `json:"dpia"`
}

// Add takes a report into the evidence, in the place of its kind.
func (e *Evidence) Add(r Report) {
	switch r := r.(type) {
	case *Retention:
		e.Retention = r
	case *Holds:
		e.Holds = r
	case *Disposals:
		e.Disposals = r
	case *Coverage:
		e.Coverage = r
	case *Failures:
		e.Failures = r
	case *Lag:
		e.Lag = r
	case *Attestations:
		e.Attestations = r
	case *Ephemeral:
		e.Ephemeral = r
	case *Channels:
		e.Channels = r
	case *Access:
		e.Access = r
	case *Fixity:
		e.Fixity = r
	case *Keys:
		e.Keys = r
	case *Review:
		e.Review = r
	}
}

// Requests counts requests for information that were open or answered within
// the period.
type Requests struct {
	Open     int64 `json:"open"`
	Overdue  int64 `json:"overdue"`  // open, and past their deadline
	Closed   int64 `json:"closed"`   // answered within the period
	Late     int64 `json:"late"`     // of those, after their deadline
	Searched int64 `json:"searched"` // of all, with a recorded search
	Asked    int64 `json:"asked"`    // of all, for which someone was asked about what is not in the archive
	OnHold   int64 `json:"on_hold"`  // of the open ones, with a hold in force
}

// All counts the requests.
func (r Requests) All() int64 { return r.Open + r.Closed }

// Quarantine counts what is kept apart because of its protective marking.
type Quarantine struct {
	Kept    bool  `json:"kept"` // there is a quarantine vault
	Records int64 `json:"records"`
	Waiting int64 `json:"waiting"` // of those, that await a decision
}

// DPIA names the data protection impact assessment that covers the channels.
type DPIA struct {
	Reference string      `json:"reference,omitempty"`
	On        record.Date `json:"on,omitzero"`
}

// A Rating is how a recommendation stands.
type Rating string

// The ratings. NotRated is for what there is no evidence for either way.
const (
	RatedGreen Rating = "green"
	RatedAmber Rating = "amber"
	RatedRed   Rating = "red"
	NotRated   Rating = "not rated"
)

// cell shows a rating with its sign.
func (r Rating) cell() page.Cell {
	switch r {
	case RatedGreen:
		return page.Rated(page.Green, "Green")
	case RatedAmber:
		return page.Rated(page.Amber, "Amber")
	case RatedRed:
		return page.Rated(page.Red, "Red")
	}
	return page.Text("Not rated")
}

// A Recommendation is one thing that is asked for, and how it stands.
type Recommendation struct {
	ID       string `json:"id"` // R1 to R15
	Asks     string `json:"asks"`
	Own      bool   `json:"own,omitempty"` // good practice of our own adding, not sourced to the report
	Rule     string `json:"rule"`          // by which it is rated
	Rating   Rating `json:"rating"`
	Why      string `json:"why"`
	Evidence []Fact `json:"evidence"`
	See      string `json:"see,omitempty"` // the report that has more
}

// A Fact is a piece of evidence.
type Fact struct {
	What string `json:"what"`
	Is   string `json:"is"`
}

// NewPack rates each recommendation by the evidence.
func NewPack(head Head, e Evidence) *Pack {
	p := &Pack{Head: head, Annexes: e}
	for _, rate := range []func(*Evidence) Recommendation{channelsUsed, transferred, checked, policy, searched, answered, told, known,
		secure, marked, assessed, trained, overseen, changes, disappearing} {
		p.Recommendations = append(p.Recommendations, rate(&e))
	}
	for i := range p.Recommendations {
		p.Recommendations[i].ID = fmt.Sprintf("R%d", i+1)
	}
	return p
}

// Count counts the recommendations with a rating.
func (p *Pack) Count(r Rating) (n int) {
	for _, x := range p.Recommendations {
		if x.Rating == r {
			n++
		}
	}
	return n
}

// packDisclaimer is printed wherever the recommendations are.
const packDisclaimer = "R1 to R15 are our reading and numbering; not the ICO’s text. They follow “Behind the screens: maintaining government transparency and data security in the age of messaging apps” (Information Commissioner, July 2022) and the guidance around it. Those marked “our addition” are good practice that we do not claim to find there."

func (p *Pack) lay(d *page.Document) {
	d.Contents = true
	d.Add(page.Paragraph{Text: fmt.Sprintf("Of fifteen recommendations, %d are green, %d amber, %d red and %d not rated.",
		p.Count(RatedGreen), p.Count(RatedAmber), p.Count(RatedRed), p.Count(NotRated))}, page.Paragraph{Text: packDisclaimer, Soft: true})
	t := page.Table{Name: "recommendations", Caption: "The recommendations and how they stand", Columns: []page.Column{{Title: "No", Key: "id"}, {Title: "What is asked", Key: "asks"}, {Title: "Rating"}, {Title: "Because", Key: "why"}}}
	for _, r := range p.Recommendations {
		asks := r.Asks
		if r.Own {
			asks += " (our addition)"
		}
		t.Rows = append(t.Rows, page.Row(page.Text(r.ID), page.Text(asks), r.Rating.cell(), page.Text(r.Why)))
	}
	d.Add(page.Heading{Text: "R1 to R15: our reading and numbering; not the ICO’s text"}, t, page.Heading{Text: "Evidence", NewSheet: true})
	for _, r := range p.Recommendations {
		p.layOne(d, r)
	}
	d.Add(page.Heading{Text: "Sign-off"}, page.Signatures{Statement: "I have read this pack and the actions that it calls for.",
		People: []string{"Senior information risk owner", "Departmental records officer"}})
	for _, a := range []struct {
		title  string
		report Report
	}{{"Annex: retention", p.Annexes.Retention}, {"Annex: transfer lag", p.Annexes.Lag}, {"Annex: what is expected of custodians", p.Annexes.Attestations},
		{"Annex: channels", p.Annexes.Channels}, {"Annex: coverage", p.Annexes.Coverage}, {"Annex: holds", p.Annexes.Holds}, {"Annex: disposals", p.Annexes.Disposals}} {
		annex(d, a.title, a.report)
	}
}

func (p *Pack) layOne(d *page.Document, r Recommendation) {
	tone := map[Rating]page.Tone{RatedGreen: page.Green, RatedAmber: page.Amber, RatedRed: page.Red}[r.Rating]
	label := tone.Word()
	if label == "" {
		label = "Not rated"
	}
	d.Add(page.Heading{Level: 3, Text: r.ID + ". " + r.Asks}, page.Notice{Tone: tone, Label: label, Text: r.Why})
	facts := page.Facts{}
	if r.Own {
		facts.Pairs = append(facts.Pairs, page.Pair{Label: "Basis", Value: "our addition"})
	}
	facts.Pairs = append(facts.Pairs, page.Pair{Label: "Rule", Value: r.Rule})
	for _, f := range r.Evidence {
		facts.Pairs = append(facts.Pairs, page.Pair{Label: f.What, Value: f.Is})
	}
	if r.See != "" {
		facts.Pairs = append(facts.Pairs, page.Pair{Label: "More", Value: "closeroll report " + r.See})
	}
	d.Add(facts)
}

// annex adds a report to the document, its headings a level lower and its
// tables under names of their own.
func annex(d *page.Document, title string, r Report) {
	var of page.Document
	r.lay(&of)
	d.Add(page.Heading{Text: title, NewSheet: true})
	for _, b := range of.Blocks {
		switch b := b.(type) {
		case page.Heading:
			d.Add(page.Heading{Level: 3, Text: b.Text})
		case page.Table:
			b.Name = r.About().Report + "-" + b.Name
			d.Add(b)
		default:
			d.Add(b)
		}
	}
}
