package v1

import (
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
)

// Reviews is the worklist of reviews, and the public records that come near
// twenty years.
type Reviews struct {
	Schedule string        `json:"schedule"`
	Sample   bool          `json:"sample,omitempty"`
	Until    record.Date   `json:"until"`
	Due      int           `json:"due"` // of Items, now
	Items    []ReviewItem  `json:"items"`
	Eighteen []TwentyYears `json:"eighteen"` // the oldest first
	Decided  int           `json:"decided"`  // records of which a review was decided
}

// A ReviewItem is a record whose review falls due.
type ReviewItem struct {
	ID      record.ID   `json:"id"`
	Kind    record.Kind `json:"kind"`
	Display string      `json:"display"`
	Class   string      `json:"class"`
	Due     record.Date `json:"due"`
	Number  int         `json:"review"` // 1 for the first review, 2 for the second
	OnHold  bool        `json:"on_hold"`
	Twenty  record.Date `json:"twenty_years"` // when it is twenty years old; null: not known
}

// A TwentyYears is a record of eighteen years or more: under the Public Records
// Act 1958, section 3(4), it is transferred before it is twenty, or kept under
// an instrument.
type TwentyYears struct {
	ID         record.ID        `json:"id"`
	Kind       record.Kind      `json:"kind"`
	Display    string           `json:"display"`
	Twenty     record.Date      `json:"twenty_years"`
	Over       bool             `json:"over"` // it is past that day
	Class      string           `json:"class"`
	Action     retention.Action `json:"action"`
	Instrument string           `json:"instrument,omitempty"`
	Expires    record.Date      `json:"instrument_expires"`
}

// A ReviewDecision decides due reviews. Without Act nothing changes, and the
// answer says what would.
type ReviewDecision struct {
	Selection
	Outcome    retention.ReviewOutcome `json:"outcome"`
	For        retention.Period        `json:"for,omitzero"`    // keep: so long from today
	Class      string                  `json:"class,omitempty"` // reclassify: into this one
	Reason     string                  `json:"reason"`
	Instrument string                  `json:"instrument,omitempty"`
	Expires    record.Date             `json:"instrument_expires"`
	Act        bool                    `json:"act"`
}

// A ReviewDecided is the answer.
type ReviewDecided struct {
	Acted    bool        `json:"acted"`
	Records  []record.ID `json:"records"`
	NotDue   int         `json:"not_due"` // selected by the query, and not due for review
	OnHold   int         `json:"on_hold"`
	First    int         `json:"first_reviews"`
	Later    int         `json:"later_reviews"`
	Until    record.Date `json:"until"`
	Beyond20 int         `json:"beyond_twenty_years"` // kept longer than twenty years
	Unclear  int         `json:"unclear"`
}
