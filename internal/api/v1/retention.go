package v1

import (
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
)

// An Explanation says what the schedule requires of a record, and why.
type Explanation struct {
	ID       record.ID         `json:"id"`
	Kind     record.Kind       `json:"kind"`
	Display  string            `json:"display"`
	Schedule string            `json:"schedule"`
	Sample   bool              `json:"sample,omitempty"` // the schedule may not be acted on
	Holdings []Decided         `json:"holdings"`
	Outcome  retention.Outcome `json:"outcome"`

	Destroyed *Destroyed `json:"destroyed,omitempty"` // why it is not held any more
	List      *OnList    `json:"on_list,omitempty"`   // the open batch that it is on the list of
}

// A Decided is one holding with the decision about it.
type Decided struct {
	Holding  record.Holding     `json:"holding"`
	Decision retention.Decision `json:"decision"`
}

// Due lists what falls due within a period.
type Due struct {
	Schedule string           `json:"schedule"`
	Sample   bool             `json:"sample,omitempty"`
	Within   retention.Period `json:"within,omitzero"`
	Until    record.Date      `json:"until"`
	Total    int              `json:"total"`   // records looked at
	Now      int              `json:"now"`     // due already
	Unknown  int              `json:"unknown"` // never due, for want of a trigger date
	Classes  map[string]int   `json:"classes"`
	Records  []DueRecord      `json:"records"` // soonest first

	Missing []MissingTrigger `json:"missing_triggers,omitempty"` // where it was asked for
}

// A MissingTrigger is a record that can never fall due, because nothing says
// when its clock started.
type MissingTrigger struct {
	ID        record.ID             `json:"id"`
	Kind      record.Kind           `json:"kind"`
	Display   string                `json:"display"`
	Class     string                `json:"class"`
	Custodian string                `json:"custodian"`
	Trigger   retention.TriggerKind `json:"trigger"`
	Event     string                `json:"event,omitempty"`
}

// A DueRecord is a record that falls due.
type DueRecord struct {
	ID      record.ID        `json:"id"`
	Kind    record.Kind      `json:"kind"`
	Display string           `json:"display"`
	Class   string           `json:"class"`
	Due     record.Date      `json:"due"`
	Action  retention.Action `json:"action"`
	OnHold  bool             `json:"on_hold"`
}
