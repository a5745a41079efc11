package chat

import "time"

// A Kind says what a message is.
type Kind string

// The kinds.
const (
	Text         Kind = "text"
	Media        Kind = "media"         // a file is named
	MediaOmitted Kind = "media_omitted" // a placeholder stands for a file
	ViewOnce     Kind = "view_once"
	Location     Kind = "location"
	LiveLocation Kind = "live_location"
	PollKind     Kind = "poll"
	EventCard    Kind = "event"
	CallKind     Kind = "call"
	Deleted      Kind = "deleted"          // the tombstone of "delete for everyone"
	Waiting      Kind = "waiting"          // never decrypted on the exporting phone
	NullBody     Kind = "null_placeholder" // the word "null": what was there is unknown
	Empty        Kind = "empty"            // nothing was printed: what was there is unknown
	System       Kind = "system"           // a line that the app wrote, not a person
)

// A Precision is the unit that a stamp was printed to.
type Precision string

// The precisions.
const (
	Minute Precision = "minute"
	Second Precision = "second"
)

// Who removed a message that left a tombstone.
const (
	BySender   = "sender"
	ByExporter = "exporter"
	ByAdmin    = "admin"
)

// A Message is one span of the transcript: what a person sent, or an event.
// Every text in it is what the transcript says, never a guess.
type Message struct {
	Offset, Length int64

	Time        time.Time // the printed wall clock, Gregorian; zero if the stamp is impossible or incomplete
	Alternative time.Time // the other reading, where the date order is ambiguous
	Precision   Precision
	Stamp       string // the stamp as printed, where Time is zero
	Partial     string // --MM-DDTHH:MM, where the stamp has no year
	ZoneNote    string // "nonexistent" or "ambiguous" in the assumed zone

	Sender        string // without direction marks; empty for system lines
	SenderRaw     string // as printed, where that differs
	Phone         string // + and digits, where the sender is a number
	PushName      string // the name an unsaved person gave themselves: no identity
	DisplaySender string // what stands in the sender's place of a system line
	Self          bool   // the exporter, where the export says so

	Kind        Kind
	Text        string // for media, the caption
	Attachments []Attachment
	ReadsAs     string // of a person's words: the class that they have where the app's own are not marked as such; or empty
	Pasted      int    // lines in it that look like the beginning of a message
	Edited      bool   // carries the app's edit mark
	Forwarded   bool
	DeletedBy   string
	Seq         int           // the phone's row number, from an attachment's name; 0 if none
	Expires     time.Duration // the timer it was sent under, where the export says so for each message; 0 if none

	Event *Event // of a system line
	Poll  *Poll
	Call  *Call
	Place *Place
	Flags []string
}

// Span returns the message's bytes in the transcript.
func (m *Message) Span() Span { return Span{m.Offset, m.Length} }

// Date is the message's printed day as 2006-01-02, or [Undated].
func (m *Message) Date() string {
	if m.Time.IsZero() {
		return Undated
	}
	return m.Time.Format(time.DateOnly)
}

// An Attachment is a file that a message mentions.
type Attachment struct {
	Name  string // as printed; empty for a placeholder
	Omit  bool   // a placeholder: the export was made without it
	Type  string // image, video, voice, audio, gif, sticker, document, contact, video_note, album; empty if unknown
	Entry int    // 1 + index of the container's entry; 0 if it did not come
}

// An Event is what a system line says happened.
type Event struct {
	Name    string // e2e_notice, member_added, disappearing_on …; "unknown"
	Actor   string // who did it; empty where the line names nobody or the exporter
	Subject string // to whom, or the new name, where the line says so
	Timer   time.Duration
	HasTime bool // Timer was printed (0 turns disappearing messages off)
}

// UnknownEvent names a system line of no known kind.
const UnknownEvent = "unknown"

// A Poll is a question with its options, in the order printed.
type Poll struct {
	Question string
	Options  []Option
}

// An Option is one answer of a poll. Votes is -1 where they were not printed.
type Option struct {
	Text  string
	Votes int
}

// A Call is a telephone call.
type Call struct {
	Medium  string // voice or video
	Outcome string // missed, no_answer, answered, silenced; empty if not printed
}

// A Place is a position in degrees.
type Place struct{ Lat, Lon float64 }
