package record

import "time"

// A Document is one message as the index is told of it: what never changes.
// Zero times, empty strings and zero positions are absent. It holds content,
// so it is never logged and never at rest unsealed.
type Document struct {
	No          MessageNo  `json:"no"`
	Kind        Kind       `json:"kind"`
	Language    string     `json:"language,omitempty"` // tags as RFC 3282 has them: what the header says, or the chat's messages of that day show. The words themselves are better evidence
	From        []Address  `json:"from,omitempty"`     // a chat message's sender too
	To          []Address  `json:"to,omitempty"`
	Cc          []Address  `json:"cc,omitempty"`
	Bcc         []Address  `json:"bcc,omitempty"` // as a journal report names them
	Subject     string     `json:"subject,omitempty"`
	Chat        string     `json:"chat,omitempty"` // the chat's title
	Body        string     `json:"body,omitempty"`
	Attachments []Attached `json:"attachments,omitempty"`
	Sent        time.Time  `json:"sent,omitzero"`          // the message's own time, to the minute
	Suspect     bool       `json:"date_suspect,omitempty"` // Sent cannot be relied on
	Received    time.Time  `json:"received,omitzero"`
	Captured    time.Time  `json:"captured,omitzero"`
	Position    uint64     `json:"position,omitempty"`   // of its capture entry in the journal
	MessageID   string     `json:"message_id,omitempty"` // RFC 5322, section 3.6.4, with or without <>
	References  []string   `json:"references,omitempty"` // likewise
	Size        int64      `json:"size,omitempty"`       // octets of the message with its attachments
}

// An Address is a mailbox or a chat's member.
type Address struct {
	Name string `json:"name,omitempty"`
	Addr string `json:"addr,omitempty"` // local@domain, or a telephone number
}

// An Attached is a file that came with a message.
type Attached struct {
	Name      string `json:"name,omitempty"`
	MediaType string `json:"media_type,omitempty"`
	Text      string `json:"text,omitempty"` // what could be read of it
}
