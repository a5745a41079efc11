package v1

import (
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/foi"
)

// RedactItems says what is redacted in items of a request's set from now on:
// for each all of its spans, made from those of the entry that it knows.
type RedactItems struct {
	Changing
	Items  []record.RedactedItem `json:"items"`
	DryRun bool                  `json:"dry_run,omitempty"`
}

// Redacted is redactions that were made, or the preview of it, with their
// exemptions as they are cited.
type Redacted struct {
	Items   []record.RedactedItem `json:"items"`
	Notices []string              `json:"notices,omitempty"`
	DryRun  bool                  `json:"dry_run,omitempty"`
}

// A RedactionLine is one line of a request's redactions in force: those of one
// item.
type RedactionLine = foi.Redacted

// A RestoredItem is an item whose redactions were taken back, with how many it
// had and how many it has now.
type RestoredItem struct {
	Item string `json:"item"`
	Was  int    `json:"was"`
	Now  int    `json:"now"`
}
