package record

import (
	"strings"
	"time"
)

// Facts is the closed list of what a retention rule, a trigger or a hold may
// test about one holding. The capture entry keeps them, so that simulation and
// reclassification never need content. Every field's JSON name is also the
// name under which a schedule's rules match it.
type Facts struct {
	Kind         Kind      `json:"kind"`
	Source       string    `json:"source"`
	Custodian    string    `json:"custodian"`
	Role         string    `json:"custodian_role,omitempty"`
	Grade        string    `json:"custodian_grade,omitempty"`
	Channel      Channel   `json:"channel,omitempty"`
	Mailbox      string    `json:"mailbox,omitempty"` // the account's address or login, lower case
	Folder       string    `json:"folder,omitempty"`
	From         []string  `json:"from,omitempty"` // addresses, or a chat's sender names, lower case
	To           []string  `json:"to,omitempty"`   // To, Cc and Bcc; or a chat's members
	Subject      string    `json:"subject,omitempty"`
	Chat         string    `json:"chat,omitempty"`         // the chat's title
	Significance string    `json:"significance,omitempty"` // significant or logistical, where a person or source said so
	Sent         time.Time `json:"sent,omitzero"`          // the sender's claim
	Received     time.Time `json:"received,omitzero"`      // the server's
	Captured     time.Time `json:"captured,omitzero"`      // ours
	LastModified time.Time `json:"last_modified,omitzero"`
	DateSuspect  bool      `json:"date_suspect,omitempty"` // Sent is far from Received, or stands alone and is impossible

	// What follows is not in the capture entry: it changes, and the catalog
	// fills it in from later entries when a decision is made.

	LastActivity time.Time            `json:"last_activity,omitzero"`      // newest item of the aggregation
	Closed       time.Time            `json:"aggregation_closed,omitzero"` // when the aggregation was closed
	Events       map[string]time.Time `json:"events,omitempty"`            // named events: case_closed, tenure_end, …
}

// MessageTime is the time by which a message counts as within a date range:
// the sender's, or the server's where the sender's is missing. It is zero for
// an undated message.
func (f Facts) MessageTime() time.Time {
	if f.Sent.IsZero() {
		return f.Received
	}
	return f.Sent
}

// ClockTime is the date from which the retention period of trigger "sent"
// runs: the latest trustworthy one, so that a wrong Date header never brings
// disposal forward. It is zero where no date can be trusted.
func (f Facts) ClockTime() time.Time {
	switch {
	case f.DateSuspect && f.Sent.After(f.Received):
		return f.Sent
	case f.DateSuspect || f.Sent.IsZero():
		return f.Received
	case f.Received.After(f.Sent):
		return f.Received
	}
	return f.Sent
}

// FoldAddress returns an address or login in the form in which facts keep it.
func FoldAddress(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
