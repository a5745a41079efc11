package record

import "time"

// EntryStatement is a daily statement of completeness, one a source. Like every
// entry it is covered by the journal's signed checkpoints.
const EntryStatement = "completeness statement" // body Statement

// A Statement says what a source has shown and what became of it, as it stood
// at a time: the evidence that nothing was lost silently, and of what could not
// be kept.
type Statement struct {
	Source      string    `json:"source"`
	Day         string    `json:"day"`                   // the day that it closes, 2006-01-02 in the archive's zone
	At          time.Time `json:"at"`                    // as it stood then
	Counts      Counts    `json:"counts"`                // since the source was first read
	Owed        int64     `json:"owed"`                  // items that failed, and are tried again
	CameAndWent int64     `json:"came_and_went"`         // messages that were gone before anyone could read them, as far as the server's numbering shows
	LastSuccess time.Time `json:"last_success,omitzero"` // when the source was last read to its end; zero if not since the daemon started
	Lag         Lag       `json:"lag"`                   // of what was captured on that day
	Reconciled  time.Time `json:"reconciled,omitzero"`   // when the source's own list was last compared
	Agrees      bool      `json:"agrees"`                // that comparison found no difference
}

// A Lag is how long messages were at their source before they were captured, in
// whole seconds. It is exact, over every message that has a time of receipt.
type Lag struct {
	Messages int64 `json:"messages"`
	Median   int64 `json:"median_seconds"`
	P95      int64 `json:"p95_seconds"`
	Longest  int64 `json:"longest_seconds"`
}
