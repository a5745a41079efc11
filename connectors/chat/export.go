// Package chat is the vocabulary that every messenger's export shares: an
// [Export] is a transcript with the media that came beside it; the transcript
// is divided into spans, one a [Message]; messages belong to printed days.
//
// Three promises hold for every export, whatever the messenger:
//
//   - Every byte of the transcript belongs to exactly one span. The preamble
//     and the messages' spans, in order, concatenate to the file.
//   - File order is evidence. Nothing here sorts: exports print late messages
//     late, and a record of a conversation that has been sorted is another
//     record.
//   - A stamp is what was printed, on the clock of the phone that exported. It
//     has no zone; [Message.Time] carries it in UTC only because a
//     [time.Time] must have a location.
//
// The package knows no messenger: a parser such as connectors/whatsapp makes
// the Export, and [Compare] sets two of them against each other.
package chat

import (
	"io"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A Platform says what program wrote the transcript.
type Platform string

// The platforms. A parser may add its own.
const (
	IOS             Platform = "ios"
	Android         Platform = "android"
	Web             Platform = "web"              // a browser or desktop program's own export
	WebClipboard    Platform = "web-clipboard"    // pasted out of a browser: not an export
	MobileClipboard Platform = "mobile-clipboard" // pasted out of a phone: not an export
	Mixed           Platform = "mixed"            // several exports in one file
	Unknown         Platform = "unknown"
)

// A Grade says how much an export is worth as evidence.
type Grade string

// The grades, best first.
const (
	GradeFull    Grade = "export"     // the phone app's own export
	GradePartial Grade = "web-export" // complete by its own rules, which leave messages out
	GradeMixed   Grade = "mixed"      // several exports joined by someone
	GradePasted  Grade = "clipboard"  // copied by hand: anything may be missing or altered
)

// Flags that an export or a message can carry.
const (
	FlagOrderAmbiguous     = "date_order_ambiguous"     // nothing in the file proves which number is the day
	FlagOrderContradictory = "date_order_contradictory" // the file proves both orders
	FlagInvalidDate        = "invalid_date"             // a stamp names a day or hour that does not exist
	FlagPreamble           = "preamble"                 // text stands before the first message
	FlagEmbeddedHeader     = "embedded_header"          // a line inside a message imitates a message's beginning
	FlagShapeChange        = "shape_change"             // the form of the stamps changes once: joined exports
	FlagHeadTruncated      = "head_truncated"           // the oldest messages are not in the file
	FlagSequenceGap        = "sequence_gap"             // row numbers show rows that are not in the file
	FlagDSTOverlap         = "dst_overlap"              // a stamp in the hour that the assumed zone has twice
	FlagDSTGap             = "dst_gap"                  // a stamp in the hour that the assumed zone does not have
	FlagInvalidUTF8        = "invalid_utf8"
	FlagSuspectEmbedded    = "suspect_embedded"   // a message that may have been typed inside the one before
	FlagPeriodUnknown      = "day_period_unknown" // a 12-hour stamp's half of the day could not be read
	FlagCalendarUnknown    = "calendar_unknown"   // the year is of no calendar that can be converted
	FlagCalendarAssumed    = "calendar_assumed"   // dates were converted from a calendar that nothing in the file proves: they may be a day or two off
	FlagOtherTranscripts   = "other_transcripts"  // the container holds more than one transcript
	FlagDuplicateNames     = "duplicate_names"    // two entries of the container share a name
	FlagUnsafeNames        = "unsafe_names"       // entry names that would leave a directory
)

// A DateOrder is the order in which dates were read, and why.
type DateOrder struct {
	Order   string // DMY, MDY, YMD, named-month, contradictory; empty when nothing proves it
	Used    string // the order that the stamps were read in, proved or not
	Proof   string // what proved it: values, year_first, attachment_names, monotonicity, outer_date, platform, pinned
	Default bool   // nothing proves Used: it is the configured default, or the more probable one
}

// An Export is one chat as one program wrote it out.
type Export struct {
	App       string // "whatsapp"
	Platform  Platform
	Grade     Grade
	Title     string // of the chat; empty if nothing names it
	TitleFrom string // where the title was found: container name, entry name, file name
	DateOrder DateOrder
	Calendar  string // buddhist, persian, japanese, minguo, islamic-umalqura: stamps are converted; islamic: they are not; empty for Gregorian
	Zone      *time.Location
	Flags     []string

	Transcript File // the text itself
	Container  File // the archive file it came in; zero for a bare transcript
	Entries    []Entry
	Preamble   Span
	Messages   Messages
	Timer      time.Duration // set for the chat at the time of the export, where the export says so by itself; else 0

	// Context returns what reading a day alone needs and its octets do not say,
	// such as who the people are that it has numbers for. It is nil where a
	// day's octets say it all.
	Context func(*Day) ([]byte, error)

	Linked        int           // attachments whose media came with the transcript
	Missing       []string      // names that the transcript prints and the container lacks
	Orphans       []string      // media that no message mentions
	UnsafeNames   []string      // entry names that are no plain file name
	Duplicates    [][]string    // names of entries that have the same octets
	Gaps          []SequenceGap // rows that existed on the phone and are not here
	HeadMissing   int           // rows that came before the first line, where numbers show it; else 0
	ShapeChangeAt int           // index of the first message of the second export; 0 if none
	Unclassified  int           // system lines of no known kind
}

// A Span is a run of bytes of the transcript.
type Span struct {
	Offset int64 `json:"offset"`
	Length int64 `json:"length"`
}

// End is the offset after the span.
func (s Span) End() int64 { return s.Offset + s.Length }

// A File names octets and can read them for as long as the export's source can.
type File struct {
	Name    string
	Size    int64
	Digest  record.Digest
	Content io.ReaderAt // nil for a container
}

// A Role says what an entry of a container is.
type Role string

// The roles.
const (
	RoleTranscript      Role = "transcript"
	RoleOtherTranscript Role = "other_transcript" // reads like a chat, but is not this one
	RoleCopy            Role = "copy"             // repeats the transcript in another form
	RoleMedia           Role = "media"            // mentioned by a message
	RoleOrphan          Role = "orphan"           // mentioned by none
	RoleElsewhere       Role = "elsewhere"        // not this chat's: another one of the container has it, or what the transcript came with
	RolePackaging       Role = "packaging"        // what an archiver added: directories, resource forks
)

// An Entry is one file of a container. Its name is as the container has it and
// is never a path to write to: what [Export.SafeNames] returns is.
type Entry struct {
	Name   string
	Size   int64
	Digest record.Digest
	Role   Role
	Unsafe bool // the name is absolute, climbs out of its directory, or holds a control character
	Open   func() (io.ReadCloser, error)
}

// A SequenceGap says that rows existed on the phone between two messages and
// are not in the export.
type SequenceGap struct {
	AfterIndex int `json:"after_index"` // the gap is at or before the message after this one
	Missing    int `json:"missing"`
}
