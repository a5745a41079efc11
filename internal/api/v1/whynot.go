package v1

import "github.com/closeroll/closeroll/archive/record"

// WhyNot asks whether something is held, and if not, why.
type WhyNot struct {
	Query string `json:"query"`
	For   string `json:"for,omitempty"` // its purpose, for the journal
}

// A WhyNotAnswer says everything that the archive knows of what a query looks
// for: what it holds, and what it does not and why.
type WhyNotAnswer struct {
	Query  string   `json:"query"`
	Parsed string   `json:"parsed"`
	Parts  []Reason `json:"answers"` // never empty
}

// A Reason is one part of such an answer.
type Reason struct {
	Answer      string `json:"answer"` // held, excluded, destroyed, transferred, never_captured, unknown
	Count       int64  `json:"count,omitempty"`
	Open        int64  `json:"open,omitempty"`        // more, that can neither be found nor ruled out
	Batch       string `json:"batch,omitempty"`       // of destruction
	Certificate int    `json:"certificate,omitempty"` // its number
	Text        string `json:"text"`                  // one sentence
}

// Late lists what was destroyed on or after the day on which a request was
// received, and that its query would or might have found (FOIA s.77).
type Late struct {
	Ref      string       `json:"ref"`
	Received record.Date  `json:"received"`
	Query    string       `json:"query,omitempty"` // empty: everything is listed
	Looked   int          `json:"looked_at"`       // stubs in all
	Records  []LateRecord `json:"records"`
}

// A LateRecord is a record that was destroyed after a request came.
type LateRecord struct {
	Destroyed
	Certain bool `json:"certain"` // what is left of it meets the query; otherwise it cannot be ruled out
}
