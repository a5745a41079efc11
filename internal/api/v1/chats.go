package v1

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
)

// ChatDays is a chat with the versions of its days.
type ChatDays struct {
	Chat
	Captured []ChatDay `json:"captured_days"`
	Notes    []Note    `json:"notes,omitempty"` // of substance, about the chat
}

// A ChatDay is one version of what a chat printed under one date.
type ChatDay struct {
	Date     string    `json:"date"` // 2006-01-02, or undated
	Record   record.ID `json:"record"`
	Captured time.Time `json:"captured"`
	Messages int       `json:"messages"`
	Relation string    `json:"relation,omitempty"` // extends, restates or alters
	Of       record.ID `json:"of,omitempty"`       // the earlier version
}

// A JoinedChat is a chat with a part that was just joined to it, and what
// comparing the two has shown.
type JoinedChat struct {
	Chat
	Compared int `json:"compared"` // pairs of exports of the two that are of one chat
	Same     int `json:"same"`     // messages of the one that are word for word in the other
	Findings int `json:"findings"` // about one custodian's exports
}

// A Timeline is every message of a chat once, in order, with the captures that
// have it.
type Timeline struct {
	Chat     Chat              `json:"chat"` // its exports are the captures
	Messages []TimelineMessage `json:"messages"`
}

// A TimelineMessage is one message, however many captures have it. Its words
// are in the records only.
type TimelineMessage struct {
	Date     string            `json:"date"`
	Sent     time.Time         `json:"sent,omitzero"`
	Sender   string            `json:"sender"`
	Places   []Place           `json:"places"`   // the same words in different records
	Captures []int             `json:"captures"` // of the chat's exports, counting from 1
	Findings []TimelineFinding `json:"findings,omitempty"`
	Text     string            `json:"text,omitempty"` // added on the reader's side
}

// A Place is message N of a record.
type Place struct {
	Record record.ID `json:"record"`
	N      int       `json:"n"`
}

// A TimelineFinding is what comparing exports has found of a message.
type TimelineFinding struct {
	Class      string `json:"class"`
	Confidence string `json:"confidence"`
	Entry      int64  `json:"entry"` // of its notice in the journal
}

// A Comparison is what became of the messages of one capture in another,
// worked out from the digests in the journal: no record is opened.
type Comparison struct {
	chat.Comparison
	A CaptureSide `json:"capture_a"`
	B CaptureSide `json:"capture_b"`
}

// A CaptureSide is one of the two captures. Its messages are what the
// comparison's numbers count, from 0.
type CaptureSide struct {
	Name      string            `json:"name"` // as people are told of it
	Title     string            `json:"title"`
	Platform  string            `json:"platform"`
	Captured  time.Time         `json:"captured"`
	Custodian string            `json:"custodian,omitempty"`
	Truncated bool              `json:"truncated,omitempty"`
	Messages  []CapturedMessage `json:"messages"`
}

// A CapturedMessage is a message of a capture.
type CapturedMessage struct {
	Place
	Printed string `json:"printed,omitempty"` // wall time to the minute, as the export printed it
	Sender  string `json:"sender,omitempty"`
}
