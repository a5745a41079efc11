package email

import (
	"encoding/json"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A Description is a message as `closeroll inspect --json` prints it. Names
// are stable; fields may be added. Lists are never null; a time is null where
// the message has none.
type Description struct {
	MessageID   string                `json:"message_id"`
	Date        *time.Time            `json:"date"`
	Received    *time.Time            `json:"received"`
	DateSuspect bool                  `json:"date_suspect"`
	From        []Address             `json:"from"`
	Sender      []Address             `json:"sender,omitempty"`
	To          []Address             `json:"to"`
	Cc          []Address             `json:"cc"`
	Bcc         []Address             `json:"bcc"`
	ReplyTo     []Address             `json:"reply_to"`
	Subject     string                `json:"subject"`
	InReplyTo   []string              `json:"in_reply_to"`
	References  []string              `json:"references"`
	ListID      string                `json:"list_id,omitempty"`
	Auto        string                `json:"auto_submitted,omitempty"`
	Report      string                `json:"report,omitempty"`
	Signed      bool                  `json:"signed,omitempty"`
	Envelope    *DescribedEnvelope    `json:"envelope,omitempty"`
	Journal     *DescribedJournal     `json:"journal,omitempty"`
	Text        string                `json:"text"`
	OtherText   string                `json:"other_text,omitempty"`
	TextStatus  record.TextStatus     `json:"text_status"`
	Attachments []DescribedAttachment `json:"attachments"`
	Messages    []*Description        `json:"messages,omitempty"` // enclosed; their attachments are in the outer list
	Markings    []Marking             `json:"markings,omitempty"`
	Defects     []Defect              `json:"defects"`
}

// DescribedAttachment is an attachment in a Description.
type DescribedAttachment struct {
	Attachment
	Inside string `json:"inside,omitempty"` // message_id of the enclosed message it is
}

// DescribedEnvelope is an Envelope in a Description.
type DescribedEnvelope struct {
	From       []Address `json:"from"`
	Recipients []Address `json:"recipients"`
}

// DescribedJournal is a Journal in a Description.
type DescribedJournal struct {
	Sender     Address              `json:"sender"`
	Subject    string               `json:"subject"`
	MessageID  string               `json:"message_id"`
	Recipients []DescribedRecipient `json:"recipients"`
	Original   string               `json:"original"` // path of the attachment that is the message itself
}

// DescribedRecipient is a Recipient in a Description.
type DescribedRecipient struct {
	Address
	Kind      string `json:"kind"`
	Expanded  string `json:"expanded,omitempty"`
	Forwarded string `json:"forwarded,omitempty"`
}

// Describe returns the description of m.
func (m *Message) Describe() *Description {
	d := m.describe()
	for _, a := range m.Attachments {
		da := DescribedAttachment{Attachment: *a}
		if a.Message != nil {
			da.Inside = a.Message.MessageID
		}
		d.Attachments = append(d.Attachments, da)
	}
	return d
}

func (m *Message) describe() *Description {
	d := &Description{
		MessageID: m.MessageID, Date: timeOrNil(m.Date), Received: timeOrNil(m.Received),
		DateSuspect: DateSuspect(m.Date, m.Received, time.Time{}),
		From:        listOf(m.From), Sender: m.Sender, To: listOf(m.To), Cc: listOf(m.Cc), Bcc: listOf(m.Bcc), ReplyTo: listOf(m.ReplyTo),
		Subject: m.Subject, InReplyTo: listOf(m.InReplyTo), References: listOf(m.References),
		ListID: m.ListID, Auto: m.Auto, Report: m.Report, Signed: m.Signed, Journal: m.Journal.describe(),
		Text: m.Text, OtherText: m.Other, TextStatus: m.TextStatus,
		Attachments: []DescribedAttachment{}, Markings: m.Markings, Defects: listOf(m.Defects),
	}
	if len(m.Envelope.From)+len(m.Envelope.Recipients) > 0 {
		d.Envelope = &DescribedEnvelope{listOf(m.Envelope.From), listOf(m.Envelope.Recipients)}
	}
	for _, inner := range m.Messages {
		d.Messages = append(d.Messages, inner.describe())
	}
	return d
}

func (j *Journal) describe() *DescribedJournal {
	if j == nil {
		return nil
	}
	d := &DescribedJournal{Sender: j.Sender, Subject: j.Subject, MessageID: j.MessageID, Recipients: []DescribedRecipient{}}
	for _, r := range j.Recipients {
		d.Recipients = append(d.Recipients, DescribedRecipient(r))
	}
	if j.Original != nil {
		d.Original = j.Original.Path
	}
	return d
}

// MarshalJSON implements [json.Marshaler] with the description.
func (m *Message) MarshalJSON() ([]byte, error) { return json.Marshal(m.Describe()) }

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func listOf[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
