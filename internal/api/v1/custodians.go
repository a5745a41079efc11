package v1

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/retention/assurance"
)

// A Custodian is a custodian with what is expected of them and what has come.
type Custodian struct {
	ID             string                  `json:"id"`
	Name           string                  `json:"name"`
	Role           string                  `json:"role,omitempty"`
	Grade          string                  `json:"grade,omitempty"`
	Addresses      []string                `json:"addresses,omitempty"`
	Channels       []assurance.Channel     `json:"channels"` // the register
	ExportsEvery   retention.Period        `json:"exports_every,omitzero"`
	TransferTarget retention.Period        `json:"transfer_target,omitzero"`
	Attests        assurance.Rhythm        `json:"attests,omitempty"`
	Joined         record.Date             `json:"joined,omitzero"`
	Leaving        record.Date             `json:"leaving,omitzero"`
	DeviceChanges  []record.Date           `json:"device_changes,omitempty"`
	Trained        record.Date             `json:"trained,omitzero"`
	Chats          []CustodianChat         `json:"chats"`
	Attestations   []assurance.Attestation `json:"attestations"`
	Tasks          []assurance.Task        `json:"tasks"` // by the day on which they fall due; done ones too
	Lags           []TransferLag           `json:"transfer_lag"`
}

// Open counts the tasks that wait for someone, and those of them that are
// overdue.
func (c *Custodian) Open() (open, overdue int) {
	for i := range c.Tasks {
		if c.Tasks[i].Open() {
			open++
		}
		if c.Tasks[i].State == assurance.Overdue {
			overdue++
		}
	}
	return open, overdue
}

// A CustodianChat is a chat that the custodian has exported.
type CustodianChat struct {
	Chat    string    `json:"chat"`
	Title   string    `json:"title"`
	App     string    `json:"app,omitempty"`
	Exports int       `json:"exports"` // that came, the same one again counted too
	Newest  time.Time `json:"newest"`
	Timer   int64     `json:"disappear_after_seconds,omitempty"`
}

// A TransferLag is how long messages of one channel took to reach the archive.
type TransferLag struct {
	Channel record.Channel `json:"channel"`
	assurance.Lag
	Share float64 `json:"share_within_target"` // from 0 to 1; 1 of no message
}

// An Attest is what a custodian has attested, as somebody takes it down.
type Attest struct {
	Period    assurance.Span `json:"period"`
	Nil       bool           `json:"nil_return,omitempty"`
	Statement string         `json:"statement"`
}

// A CloseTask closes a task that no evidence closes. Task may be any beginning
// of its id that names one task.
type CloseTask struct {
	Task   string `json:"task"`
	Reason string `json:"reason"`
}

// A DueTask is a task of a custodian, with the title of the chat that it is
// about.
type DueTask struct {
	assurance.Task
	Name  string `json:"name"` // the custodian's
	Title string `json:"chat_title,omitempty"`
}

// A Receipt says what was captured of an export, for the officer and, by
// e-mail, for the custodian who sent it in. Text is all of it in words, without
// the chat's title and anything that was said in it.
type Receipt struct {
	Export    record.ID   `json:"export"`
	Chat      string      `json:"chat"`
	Title     string      `json:"title"`
	Custodian string      `json:"custodian"`
	Captured  time.Time   `json:"captured"`
	Covering  record.ID   `json:"covering,omitempty"` // the e-mail that it came by
	Messages  int         `json:"messages"`           // in the export
	New       int         `json:"new_messages"`       // of them, not archived before
	Days      int         `json:"days"`               // new, or new versions of archived ones
	Media     int         `json:"media"`              // files in those days
	First     string      `json:"first,omitempty"`    // printed dates
	Last      string      `json:"last,omitempty"`
	Gaps      []string    `json:"gaps"`              // what the export shows to be missing
	Findings  int         `json:"findings"`          // of comparing it with earlier exports
	NextDue   record.Date `json:"next_due,omitzero"` // the day by which the next export is expected
	State     string      `json:"state,omitempty"`   // sent or failed; empty if none was sent by e-mail
	SentAt    time.Time   `json:"sent_at,omitzero"`
	Text      string      `json:"text"`
}
