// Package assurance says what an authority may expect of the people whose
// correspondence it captures, and what has not come: chat exports by their
// rhythm, attestations, what a leaver or a change of phones still asks for,
// approvals that have run out; and how long messages took to reach the
// archive.
//
// It measures what the Information Commissioner asks for in words ("Behind the
// screens", July 2022; guidance on official information held in private
// channels): that official information is transferred to official systems "as
// soon as possible" ([Lags]) and exported frequently ([Assess]). No number of
// days is in UK law: every period here is the authority's own.
//
// Everything is pure: facts in, lists out, no clock. [Custodian] and
// [Evidence] are plain values, so that the daemon fills them from its
// configuration and catalog, and a report from wherever it likes.
package assurance

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
)

// A Custodian is what is expected of one custodian. Zero dates and periods
// expect nothing.
type Custodian struct {
	ID            string
	Joined        record.Date // first day in office
	Leaving       record.Date // last day in office
	ExportsEvery  retention.Period
	Attests       Rhythm
	DeviceChanges []record.Date
	Trained       record.Date
	Channels      []Channel
}

// A Channel is an entry in the register of what a custodian uses for business.
type Channel struct {
	App      string         `json:"app"`
	Channel  record.Channel `json:"channel"`
	Device   string         `json:"device,omitempty"` // corporate or private; "" if it is not said
	Reason   string         `json:"reason,omitempty"`
	Approver string         `json:"approver,omitempty"`
	From     record.Date    `json:"from,omitzero"`
	Until    record.Date    `json:"until,omitzero"`  // last day of the approval
	Review   record.Date    `json:"review,omitzero"` // day by which it is looked at again
	Closed   record.Date    `json:"closed,omitzero"` // its use ended
}

// Evidence is what is known of one custodian.
type Evidence struct {
	Opened       record.Date // the archive's first day: nothing is expected for before
	Chats        []Chat
	Attestations []Attestation
	Closed       []Closed
}

// A Chat is a chat that the custodian has exported.
type Chat struct {
	ID      string
	App     string
	Exports []record.Date // days of capture, in order; never empty
	Timer   time.Duration // after which messages disappear, by the newest export; 0 if they do not
}

// newest is the day of the newest export.
func (c *Chat) newest() record.Date { return c.Exports[len(c.Exports)-1] }

// An Attestation is a custodian's word for a period: that what they had to
// hand over is handed over or, of a nil return, that there was nothing.
type Attestation struct {
	Period    Span        `json:"period"`
	Nil       bool        `json:"nil_return,omitempty"`
	Statement string      `json:"statement"`
	On        record.Date `json:"on"` // the day on which it was recorded
	By        string      `json:"by"` // who recorded it
}

// A Closed is a task that a person has closed, which no evidence has.
type Closed struct {
	Task   string      `json:"task"`
	Reason string      `json:"reason"`
	On     record.Date `json:"on"`
	By     string      `json:"by"`
}

// A State says how a task stands on a day.
type State string

// The states.
const (
	Upcoming State = "upcoming" // it will fall due
	Due      State = "due"      // it can be done and is in time
	Overdue  State = "overdue"
	Done     State = "done"
)

// A Kind says what a task asks for.
type Kind string

// The kinds of task.
const (
	KindExport      Kind = "export"      // a chat export
	KindAttestation Kind = "attestation" // a custodian's word for a period
	KindClosure     Kind = "closure"     // a leaver's channel comes to its end
	KindApproval    Kind = "approval"    // a channel's approval ends or is to be looked at again
	KindRegister    Kind = "register"    // an app is in use that the register does not have
	KindTraining    Kind = "training"
)

// A Task is one thing that is expected of a custodian.
type Task struct {
	ID        string      `json:"id"` // stable: it names its cause and that cause's date
	Custodian string      `json:"custodian"`
	Kind      Kind        `json:"kind"`
	Chat      string      `json:"chat,omitempty"` // id of the chat that is to be exported
	Opens     record.Date `json:"opens"`          // the first day on which it can be done
	Due       record.Date `json:"due"`            // the last day in time
	State     State       `json:"state"`
	Text      string      `json:"text"`               // one sentence, without names of people or chats
	Done      *Closed     `json:"done,omitempty"`     // a person closed it
	Evidence  string      `json:"evidence,omitempty"` // what shows that it is done
}

// Open reports whether the task waits for someone on the day that it was
// assessed for.
func (t *Task) Open() bool { return t.State == Due || t.State == Overdue }
