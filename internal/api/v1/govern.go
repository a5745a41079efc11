package v1

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
)

// A Selection names records: by prefixes of their ids, or by a query.
type Selection struct {
	IDs   []string `json:"ids,omitempty"`
	Query string   `json:"query,omitempty"`
}

// A Reclassification gives records another class by hand, or says that they
// matter more or less than was thought. Exactly one of Class, ByRules and
// Significance is given. Without Act nothing changes, and the effect is told.
type Reclassification struct {
	Selection
	Custodian    string `json:"custodian,omitempty"` // Class: only this custodian's holdings
	Class        string `json:"class,omitempty"`
	ByRules      bool   `json:"by_rules,omitempty"` // instead of the class given by hand, the one that the rules choose
	Significance string `json:"significance,omitempty"`
	Reason       string `json:"reason"`
	Act          bool   `json:"act"`
	AllowEarlier bool   `json:"allow_earlier"` // even what brings disposal forward
	List         int    `json:"list"`          // records to list in the answer
}

// An Effect is what a reclassification does, or would do.
type Effect struct {
	Acted     bool             `json:"acted"`
	Records   int              `json:"records"`   // selected
	Unchanged int              `json:"unchanged"` // of them, what decides is the same before and after
	Earlier   int              `json:"earlier"`   // disposal comes sooner, or is less protected
	Later     int              `json:"later"`     // or is more protected
	OnHold    int              `json:"on_hold"`   // stay on hold whatever their class
	Unclear   int              `json:"unclear"`   // messages of which the query cannot say whether it finds them
	Moves     []Move           `json:"moves"`
	Listed    []AffectedRecord `json:"listed"` // the first
}

// A Move counts the records that go from one class to another.
type Move struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Records int    `json:"records"`
	Earlier int    `json:"earlier"`
	Later   int    `json:"later"`
}

// An AffectedRecord is a record before and after.
type AffectedRecord struct {
	ID      record.ID   `json:"id"`
	Kind    record.Kind `json:"kind"`
	Display string      `json:"display"`
	Before  Fate        `json:"before"`
	After   Fate        `json:"after"`
	Earlier bool        `json:"earlier"`
}

// A Fate is what becomes of a record, and when.
type Fate struct {
	Class  string           `json:"class"`
	Action retention.Action `json:"action"`
	State  retention.State  `json:"state"`
	Due    record.Date      `json:"due"` // null: never
	OnHold bool             `json:"on_hold"`
}

// An EventRecord asks for an event to be recorded, or for one to be corrected.
type EventRecord = record.Event

// An Event is an event as it stands.
type Event struct {
	Entry int64 `json:"entry"`
	record.Event
	At        time.Time `json:"at"`
	Actor     string    `json:"actor"`
	Corrected int64     `json:"corrected_by,omitempty"` // entry that replaced it
	Holdings  int       `json:"holdings,omitempty"`     // whose clock it may start
}

// A Simulation asks what would become of the records at another time, or under
// another schedule. Nothing changes.
type Simulation struct {
	Old  string      `json:"old,omitempty"` // a schedule file; the one in force if empty
	New  string      `json:"new,omitempty"` // likewise
	From record.Date `json:"from"`          // Old decides for this day; null: today
	At   record.Date `json:"at"`            // New decides for this day; null: today
	List int         `json:"list"`          // records to list
}

// A Simulated is the answer.
type Simulated struct {
	Old       string            `json:"old"` // versions
	New       string            `json:"new"`
	From      record.Date       `json:"from"`
	At        record.Date       `json:"at"`
	Records   int               `json:"records"`
	Changed   int               `json:"changed"`
	Less      int               `json:"less_protected"`
	Tallies   []retention.Tally `json:"tallies"` // of New at At, by class of holdings
	Moves     []FateMove        `json:"moves"`
	Listed    []AffectedRecord  `json:"listed"`
	Notices   []string          `json:"notices,omitempty"` // of New
	DueBefore int               `json:"due_before"`
	DueAfter  int               `json:"due_after"`
}

// A FateMove counts the records whose fate changes in one way.
type FateMove struct {
	From    string `json:"from"` // class: action, state
	To      string `json:"to"`
	Records int    `json:"records"`
	Less    int    `json:"less_protected"`
}
