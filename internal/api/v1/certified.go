package v1

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/foi"
	"github.com/closeroll/closeroll/search/foi/certificate"
)

// Unsearched lists what the searches for a request could not read, and that may
// be within it.
type Unsearched struct {
	Ref   string           `json:"ref"`
	Open  int              `json:"open"` // of which nobody has said what they found
	Items []UnsearchedItem `json:"items"`
}

// An UnsearchedItem is one message that could not be searched whole.
type UnsearchedItem struct {
	Item    string      `json:"item"` // RECORD-ID/N
	Kind    record.Kind `json:"kind"`
	Sent    time.Time   `json:"sent,omitzero"`
	Sender  string      `json:"sender"`
	Display string      `json:"display"`
	Chat    string      `json:"chat,omitempty"`
	Reason  string      `json:"reason"` // the record's text status, or not_indexed
	Runs    []int       `json:"runs"`
	Looked  *foi.Looked `json:"looked,omitempty"`
}

// Look says what somebody found who looked at what could not be searched.
type Look struct {
	Changing
	Items  []string `json:"items,omitempty"` // ids, whole or begun
	All    bool     `json:"all,omitempty"`   // or every one that is open
	Result string   `json:"result"`
	Note   string   `json:"note,omitempty"`
}

// Certify asks for a certificate of the search.
type Certify struct {
	Changing
	Statement string   `json:"statement,omitempty"` // for both forms: why these searches would have found it
	Show      []string `json:"show,omitempty"`      // words of queries that are names by their look and may be shown in the open form
	Check     bool     `json:"check,omitempty"`     // only say what stands in its way, and what the open form would conceal
	Again     bool     `json:"again,omitempty"`     // although nothing has changed since the last
}

// CertifiedSearch is the outcome.
type CertifiedSearch struct {
	Ref       string                 `json:"ref"`
	Number    int                    `json:"number"` // of the certificate; 0: none was made
	Made      bool                   `json:"made"`   // now; else it is the newest, and nothing has changed since
	Obstacles []certificate.Obstacle `json:"obstacles,omitempty"`
	Concealed []string               `json:"concealed,omitempty"` // words that the open form does not show
	Queries   []string               `json:"open_queries"`        // as the open form has them
}

// CheckRuns asks whether the searches of a certificate find now what they found
// then.
type CheckRuns struct {
	Ref  string       `path:"ref" json:"-"`
	Runs []CheckedRun `json:"runs"`
}

// A CheckedRun is a run as a certificate has it.
type CheckedRun struct {
	Name   string        `json:"name"`
	Total  int           `json:"total"`
	Digest record.Digest `json:"ids_sha256"`
}

// A RerunResult is a run made again.
type RerunResult struct {
	Name        string                   `json:"name"`
	Then        int                      `json:"then"`
	Now         int                      `json:"now"`
	Journalled  bool                     `json:"journalled"` // the journal's run is the one that the certificate has
	Differences []certificate.Difference `json:"differences"`
	Unexplained int                      `json:"unattributed"`
}
