package v1

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// AddNote brings a note of substance. Who wrote it and when is for the daemon
// to say.
type AddNote struct {
	Custodian    string   `json:"custodian"`
	Source       string   `json:"source,omitempty"` // where the custodian has several
	Happened     string   `json:"happened"`         // 2026-05-27 or 2026-05-27T14:00, in the archive's zone
	Channel      string   `json:"channel"`          // phone, whatsapp, in-person, …
	Corporate    bool     `json:"corporate,omitempty"`
	Participants []string `json:"participants,omitempty"`
	Subject      string   `json:"subject,omitempty"`
	Chat         string   `json:"chat,omitempty"`    // an id, the beginning of one, or a title
	Record       string   `json:"record,omitempty"`  // the beginning of an id
	Request      string   `json:"request,omitempty"` // a reference
	Text         string   `json:"text"`
}

// A Note is a note of substance as it is listed. Its text is in the record.
type Note struct {
	Record    record.ID      `json:"record"`
	Display   string         `json:"display"`
	Happened  time.Time      `json:"happened,omitzero"`
	Captured  time.Time      `json:"captured"`
	Custodian string         `json:"custodian"`
	Source    string         `json:"source,omitempty"`
	About     record.NoteRef `json:"about"`
}
