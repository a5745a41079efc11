package chat

import (
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A Description is an export as JSON, for people and for other programs. Keys
// that do not apply are left out.
type Description struct {
	App          string             `json:"app,omitempty"`
	Platform     Platform           `json:"platform"`
	Grade        Grade              `json:"grade,omitempty"`
	Provenance   string             `json:"provenance,omitempty"` // clipboard: pasted, not exported
	Title        string             `json:"chat_title,omitempty"`
	TitleFrom    string             `json:"chat_title_from,omitempty"`
	DateOrder    *string            `json:"date_order"` // null: nothing proves one
	DefaultOrder string             `json:"default_order,omitempty"`
	Inference    string             `json:"inference,omitempty"` // what proved the order
	Calendar     string             `json:"calendar,omitempty"`
	Zone         string             `json:"tz,omitempty"`
	Bytes        int64              `json:"bytes"`
	Digest       record.Digest      `json:"sha256"`
	Preamble     int64              `json:"preamble_bytes"`
	Count        int                `json:"message_count"`
	Flags        []string           `json:"flags,omitempty"`
	Gaps         []SequenceGap      `json:"sequence_gaps,omitempty"`
	HeadMissing  int                `json:"head_missing,omitempty"`
	ShapeChange  int                `json:"shape_change_at,omitempty"`
	Unknown      int                `json:"unknown_system_lines,omitempty"`
	Container    *FileDescription   `json:"container,omitempty"`
	Transcript   string             `json:"chat_entry,omitempty"`
	Entries      []EntryDescription `json:"entries,omitempty"`
	*MediaCount
	Messages []MessageDescription `json:"messages"`
}

// A MediaCount is what became of the media of an export that came with some.
type MediaCount struct {
	Linked     int        `json:"linked"`
	Missing    []string   `json:"missing"`
	Orphans    []string   `json:"orphans"`
	Unsafe     int        `json:"unsafe_names"`
	Duplicates [][]string `json:"duplicates,omitempty"`
}

// A FileDescription is a file's name, size and digest.
type FileDescription struct {
	Name   string        `json:"name"`
	Size   int64         `json:"size"`
	Digest record.Digest `json:"sha256"`
}

// An EntryDescription is one entry of a container.
type EntryDescription struct {
	FileDescription
	Role Role `json:"role"`
}

// A MessageDescription is one message. Times are wall-clock times without zone.
type MessageDescription struct {
	Index         int                     `json:"i"`
	Offset        int64                   `json:"offset"`
	Length        int64                   `json:"length"`
	Time          *string                 `json:"timestamp"`
	Stamp         string                  `json:"timestamp_raw,omitempty"`
	Partial       string                  `json:"timestamp_partial,omitempty"`
	Alternative   string                  `json:"timestamp_alternative,omitempty"`
	Precision     Precision               `json:"precision"`
	ZoneNote      string                  `json:"tz_note,omitempty"`
	Sender        *string                 `json:"sender"`
	SenderRaw     string                  `json:"sender_raw,omitempty"`
	Phone         string                  `json:"sender_phone,omitempty"`
	PushName      string                  `json:"push_name,omitempty"`
	DisplaySender string                  `json:"display_sender,omitempty"`
	Self          bool                    `json:"is_self,omitempty"`
	Kind          Kind                    `json:"kind"`
	Text          string                  `json:"text"`
	Attachment    *AttachmentDescription  `json:"attachment"`
	Attachments   []AttachmentDescription `json:"attachments,omitempty"` // where there are several
	Event         string                  `json:"event,omitempty"`
	Actor         string                  `json:"actor,omitempty"`
	Subject       string                  `json:"subject,omitempty"`
	Timer         *int64                  `json:"timer_seconds,omitempty"`
	Edited        bool                    `json:"edited,omitempty"`
	Forwarded     bool                    `json:"forwarded,omitempty"`
	DeletedBy     string                  `json:"deleted_by,omitempty"`
	Poll          *PollDescription        `json:"poll,omitempty"`
	Call          *CallDescription        `json:"call,omitempty"`
	Lat           *float64                `json:"lat,omitempty"`
	Lon           *float64                `json:"lon,omitempty"`
	Seq           int                     `json:"seq,omitempty"`
	Flags         []string                `json:"flags,omitempty"`
}

// An AttachmentDescription says whether a file is named or a placeholder
// stands for it.
type AttachmentDescription struct {
	Name  *string `json:"name"`
	State string  `json:"state"` // referenced or omitted
	Type  *string `json:"type"`
}

// A PollDescription lists options as [text, votes]; votes is null where they
// were not printed.
type PollDescription struct {
	Question string   `json:"question"`
	Options  [][2]any `json:"options"`
}

// A CallDescription is a telephone call.
type CallDescription struct {
	Medium  string `json:"medium"`
	Outcome string `json:"outcome,omitempty"`
}

// Describe returns e as JSON-ready data. It reads no media.
func Describe(e *Export) Description {
	d := Description{
		App: e.App, Platform: e.Platform, Grade: e.Grade, Title: e.Title, TitleFrom: e.TitleFrom,
		DateOrder: optional(e.DateOrder.Order), Inference: e.DateOrder.Proof, Calendar: e.Calendar,
		Bytes: e.Transcript.Size, Digest: e.Transcript.Digest, Preamble: e.Preamble.Length,
		Count: e.Count(), Flags: e.Flags, Gaps: e.Gaps, HeadMissing: e.HeadMissing,
		ShapeChange: e.ShapeChangeAt, Unknown: e.Unclassified,
		Messages: make([]MessageDescription, e.Count()),
	}
	if e.Grade == GradePasted {
		d.Provenance = string(GradePasted)
	}
	if e.DateOrder.Default {
		d.DefaultOrder = e.DateOrder.Used
	}
	if e.Zone != nil {
		d.Zone = e.Zone.String()
	}
	if e.Container.Size > 0 {
		d.Container = &FileDescription{e.Container.Name, e.Container.Size, e.Container.Digest}
		d.Transcript = e.Transcript.Name
	}
	if len(e.Entries) > 0 {
		d.MediaCount = &MediaCount{Linked: e.Linked, Missing: list(e.Missing), Orphans: list(e.Orphans),
			Unsafe: len(e.UnsafeNames), Duplicates: e.Duplicates}
	}
	for _, entry := range e.Entries {
		d.Entries = append(d.Entries, EntryDescription{FileDescription{entry.Name, entry.Size, entry.Digest}, entry.Role})
	}
	for i, m := range e.All() {
		d.Messages[i] = describeMessage(i, m)
	}
	return d
}

func describeMessage(i int, m *Message) MessageDescription {
	d := MessageDescription{
		Index: i, Offset: m.Offset, Length: m.Length, Stamp: m.Stamp, Partial: m.Partial,
		Time: optional(FormatTime(m.Time, m.Precision)), Alternative: FormatTime(m.Alternative, m.Precision),
		Precision: m.Precision, ZoneNote: m.ZoneNote,
		Sender: optional(m.Sender), SenderRaw: m.SenderRaw, Phone: m.Phone, PushName: m.PushName,
		DisplaySender: m.DisplaySender, Self: m.Self, Kind: m.Kind, Text: m.Text,
		Edited: m.Edited, Forwarded: m.Forwarded, DeletedBy: m.DeletedBy, Seq: m.Seq, Flags: m.Flags,
	}
	for _, a := range m.Attachments {
		state := "referenced"
		if a.Omit {
			state = "omitted"
		}
		d.Attachments = append(d.Attachments, AttachmentDescription{optional(a.Name), state, optional(a.Type)})
	}
	if len(d.Attachments) > 0 {
		d.Attachment = &d.Attachments[0]
	}
	if len(d.Attachments) < 2 {
		d.Attachments = nil
	}
	if ev := m.Event; ev != nil {
		d.Event, d.Actor, d.Subject = ev.Name, ev.Actor, ev.Subject
		if ev.HasTime {
			seconds := int64(ev.Timer / time.Second)
			d.Timer = &seconds
		}
	}
	if m.Place != nil {
		d.Lat, d.Lon = &m.Place.Lat, &m.Place.Lon
	}
	if m.Call != nil {
		d.Call = &CallDescription{m.Call.Medium, m.Call.Outcome}
	}
	d.Poll = describePoll(m.Poll)
	return d
}

func describePoll(p *Poll) *PollDescription {
	if p == nil {
		return nil
	}
	d := &PollDescription{Question: p.Question, Options: [][2]any{}}
	for _, o := range p.Options {
		var votes any
		if o.Votes >= 0 {
			votes = o.Votes
		}
		d.Options = append(d.Options, [2]any{o.Text, votes})
	}
	return d
}

// FormatTime prints a wall-clock time to its precision, without a zone, and
// the zero time as nothing.
func FormatTime(t time.Time, p Precision) string {
	switch {
	case t.IsZero():
		return ""
	case p == Second:
		return t.Format("2006-01-02T15:04:05")
	}
	return t.Format("2006-01-02T15:04")
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	s = strings.Clone(s) // not a slice of the whole transcript
	return &s
}

func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
