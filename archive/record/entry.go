package record

import "time"

// The bodies of the journal's entries. The journal stores them as JSON and does
// not look inside; the catalog is derived from them and from nothing else.
// Names of entry types follow PREMIS 3 event types where one exists.
const (
	EntryIngestion = "ingestion"     // body Ingestion: a record was captured
	EntrySighting  = "sighting"      // body Sighting: an item that became no new record
	EntryCursor    = "cursor"        // body CursorMoved: how far a source has been read
	EntrySearch    = "search"        // body Search
	EntryRead      = "read"          // body Read: a sealed record was given to a reader
	EntryHold      = "hold"          // body HoldPlaced
	EntryRelease   = "hold release"  // body HoldReleased
	EntryCaught    = "hold caught"   // body HoldCaught
	EntrySchedule  = "schedule"      // body ScheduleAdopted
	EntryDenial    = "denial"        // body Denial: a call that the caller's roles do not allow
	EntryStart     = "start"         // body Start: a daemon took the pen
	EntryStop      = "stop"          // body Start: a daemon laid it down
	EntryDropped   = "file deletion" // body Dropped: a drop folder's acknowledged file was removed
	EntryDisposal  = "deletion"      // body names the entries whose bodies it removed
	EntryNotice    = "notice"        // body Notice: something about a source or chat that a person should know
	EntryKey       = "key"           // body KeyChange
)

// An Ingestion is the capture of one new record with its first holding.
type Ingestion struct {
	Record     ID          `json:"record"`
	Kind       Kind        `json:"kind"`
	Vault      string      `json:"vault"` // name without epoch
	Epoch      string      `json:"epoch"`
	Sealed     Digest      `json:"sealed"` // of the stored object, for fixity
	SealedSize int64       `json:"sealed_size"`
	Manifest   Digest      `json:"manifest"` // of the payload: ManifestDigest
	Components []Component `json:"components"`
	First      MessageNo   `json:"first"`    // number of its first message; the rest follow
	Messages   []Message   `json:"messages"` // in the order of the record
	Display    string      `json:"display"`  // one line for a list: who to whom, subject or chat
	Facts      Facts       `json:"facts"`
	Holding    Holding     `json:"holding"`
	Item       Item        `json:"item"`
	Thread     *ThreadRef  `json:"thread,omitempty"`
	Chat       *ChatRef    `json:"chat,omitempty"`
	Covering   ID          `json:"covering,omitempty"` // what a chat came in: the e-mail that its export was attached to, or the export of several chats
	Adopted    bool        `json:"adopted,omitempty"`  // the object was found stored but not journalled
	TextStatus TextStatus  `json:"text_status"`
	Markings   []string    `json:"markings,omitempty"` // security classifications that it carries, in rising order
	Quarantine *Quarantine `json:"quarantine,omitempty"`
	Note       *NoteRef    `json:"note,omitempty"`

	Authenticity *Authenticity `json:"authenticity,omitempty"` // of an e-mail

	Lock *StorageLock `json:"lock,omitempty"` // that the object was stored with
}

// An Item identifies what a source showed, for the accounting.
type Item struct {
	Source string `json:"source"`
	Key    string `json:"key"` // distinct within the source and stable between runs
}

// A Message is what the catalog needs of one message to place and list it.
// Its words are in the index only.
type Message struct {
	Sent    time.Time `json:"sent,omitzero"`     // the message's own time; zero if undated
	Suspect bool      `json:"suspect,omitempty"` // the time is date_suspect: never cut by a date range
	Sender  string    `json:"sender,omitempty"`  // for display: a name or address
	Copy    []byte    `json:"copy,omitempty"`    // keyed digest: equal for messages that are the same to a reader
	Flags   []Flag    `json:"flags,omitempty"`
}

// A Flag marks a message for the is: field of the query language.
type Flag string

// The flags that a capture can set.
const (
	FlagDeleted   Flag = "deleted"   // a tombstone stands in its place
	FlagEdited    Flag = "edited"    // it carries the app's edit mark
	FlagEphemeral Flag = "ephemeral" // sent under a disappearing-message timer
	FlagEvent     Flag = "event"     // a system line, not something a person wrote
)

// The flags that comparing successive exports can set, besides deleted and
// edited.
const (
	FlagVanished Flag = "vanished" // an earlier export has it, a later one lacks it without a trace
	FlagDiffers  Flag = "differs"  // its words differ between exports, and no edit mark says so
	FlagLate     Flag = "late"     // it stands in time that an earlier export covers without it
	FlagUnclear  Flag = "unclear"  // one of several of a minute that changed together: which became which cannot be told
)

// TextStatus says how much of a component's or record's text is searchable.
type TextStatus string

// The text statuses.
const (
	TextOK        TextStatus = "ok"
	TextPartial   TextStatus = "partial"   // some of it
	TextNone      TextStatus = "none"      // it has none (a photograph), or no reader for its type
	TextEncrypted TextStatus = "encrypted" // it has some that nobody here can read
	TextError     TextStatus = "error"     // reading it failed
	TextTooLarge  TextStatus = "too_large"
)

// Searchable reports whether all the text is in the index.
func (s TextStatus) Searchable() bool { return s == TextOK || s == "" }

// A ThreadRef is what joins an e-mail to its thread (RFC 5322, section 3.6.4).
// The identifiers are keyed digests.
type ThreadRef struct {
	MessageID  []byte   `json:"message_id,omitempty"`
	References [][]byte `json:"references,omitempty"` // oldest first, In-Reply-To last
}

// A ChatRef joins a chat-day or export record to its chat.
type ChatRef struct {
	Chat     string     `json:"chat"` // the chat's id, minted at first capture
	Title    string     `json:"title"`
	App      string     `json:"app,omitempty"` // whatsapp, …
	Platform string     `json:"platform"`
	Date     string     `json:"date,omitempty"`     // of a chat-day: 2006-01-02, or "undated"
	Export   []byte     `json:"export,omitempty"`   // keyed digest of the export it came from
	Relation string     `json:"relation,omitempty"` // extends, restates or alters
	Of       ID         `json:"of,omitempty"`       // the earlier record of that day
	Digests  []ChatLine `json:"digests,omitempty"`  // one a message, for comparing exports without content

	// Of an export: where its messages are, in the order of its file, whether
	// it shows itself that its oldest are missing, and the seconds after which,
	// by its last word on that, messages disappear.
	Runs      []MessageRun `json:"runs,omitempty"`
	Truncated bool         `json:"truncated,omitempty"`
	Timer     int64        `json:"timer,omitempty"`
	Gaps      []string     `json:"gaps,omitempty"` // what is missing, in sentences without names

	// Of a day or export: before which of its messages, counting from 0, others
	// were left out by a selection.
	Omitted []int `json:"omitted,omitempty"`
}

// A MessageRun names messages From to To of a record, counting from 1, both
// included.
type MessageRun struct {
	Record ID  `json:"record"`
	From   int `json:"from"`
	To     int `json:"to"`
}

// A ChatLine is a message of a chat reduced to what comparing exports needs.
type ChatLine struct {
	Text   []byte `json:"t"` // keyed digest of class and normalised text
	Sender []byte `json:"s,omitempty"`
	Class  string `json:"c,omitempty"`
	Minute int64  `json:"m,omitempty"` // local wall time in minutes since 1970, as printed
	Edited bool   `json:"e,omitempty"`
}

// A Sighting accounts for an item that became no new record.
type Sighting struct {
	Item    Item     `json:"item"`
	Outcome Outcome  `json:"outcome"`
	Reason  Reason   `json:"reason,omitempty"`
	Detail  string   `json:"detail,omitempty"`  // for the records manager: what happened, in words
	Record  ID       `json:"record,omitempty"`  // already archived: which
	Holding *Holding `json:"holding,omitempty"` // already archived: a new possession of it
	Facts   *Facts   `json:"facts,omitempty"`   // of that holding

	// Exported is the custodian whose export came again, where the item is a
	// chat export that is already archived: it shows that nothing was added.
	Exported string `json:"exported,omitempty"`

	// Items is how many items it accounts for, all of this outcome; 0 is one.
	Items int `json:"items,omitempty"`
}

// CursorMoved says how far a source has been read.
type CursorMoved struct {
	Source string `json:"source"`
	Cursor string `json:"cursor"`
}

// A Search is a search as it was put and answered.
type Search struct {
	Query    string `json:"query"`
	Parsed   string `json:"parsed"`
	For      string `json:"for,omitempty"` // its purpose: a request's reference
	Total    int    `json:"total"`
	Coverage string `json:"coverage"` // complete, or indexed/journalled
}

// A Read is a sealed record given to a reader.
type Read struct {
	Record ID     `json:"record"`
	Sealed Digest `json:"sealed"`
	For    string `json:"for,omitempty"`
}

// A Scope says what a hold or query covers. Empty fields do not narrow it; an
// empty scope covers everything.
type Scope struct {
	Records    []ID      `json:"records,omitempty"`
	Custodians []string  `json:"custodians,omitempty"`
	Sources    []string  `json:"sources,omitempty"`
	Classes    []string  `json:"classes,omitempty"`
	From       time.Time `json:"from,omitzero"`  // message time, inclusive
	Until      time.Time `json:"until,omitzero"` // message time, exclusive
	Query      string    `json:"query,omitempty"`
}

// HoldPlaced suspends disposal of everything in its scope, now and captured later.
type HoldPlaced struct {
	Hold      string    `json:"hold"` // its name, unique in the archive
	Type      string    `json:"type"` // foi, eir, sar, litigation, inquiry, moratorium, police, audit, restriction
	Matter    string    `json:"matter"`
	Authority string    `json:"authority,omitempty"`
	Owner     string    `json:"owner,omitempty"`
	Review    time.Time `json:"review,omitzero"` // next review
	Ends      string    `json:"ends,omitempty"`  // by what it ends: six months after the response, the chair's notice
	Scope     Scope     `json:"scope"`
}

// HoldReleased ends a hold. It deletes nothing.
type HoldReleased struct {
	Hold   string `json:"hold"`
	Reason string `json:"reason"`
	By     string `json:"by,omitempty"` // who agreed to it, where its cooling-off ended it
}

// HoldCaught says that live query holds cover records, found by running the
// holds' queries over what was newly indexed or when the hold was placed.
type HoldCaught struct {
	Hold     string      `json:"hold"`
	Messages []MessageNo `json:"messages"`
}

// ScheduleAdopted names the retention schedule in force from this entry on.
type ScheduleAdopted struct {
	Version string `json:"version"`
	Status  string `json:"status"` // sample or approved
	Digest  Digest `json:"sha256"`
	Text    string `json:"text"` // the schedule file itself

	// Of an approved schedule: who signed Text, with which key, and the
	// signature (PROTOCOL.sshsig) as ssh-keygen -Y verify takes it.
	Signer    string `json:"signer,omitempty"`
	Key       string `json:"key,omitempty"` // SHA256:…
	Signature string `json:"signature,omitempty"`
}

// A Denial is a call that was refused.
type Denial struct {
	Call string `json:"call"`
	Need string `json:"need"` // the role it would have taken
}

// A Start is a daemon taking or laying down the pen.
type Start struct {
	Version string `json:"version"`
	Host    string `json:"host,omitempty"`
}

// Dropped is the removal of an acknowledged file from a drop folder.
type Dropped struct {
	Source string `json:"source"`
	Key    string `json:"key"`
	Digest Digest `json:"sha256"`
}

// A Notice is something that a person should know, and that is no failure:
// a disappearing-message timer, a truncated export, UIDs that came and went.
type Notice struct {
	Source string    `json:"source"`
	Chat   string    `json:"chat,omitempty"`
	Kind   string    `json:"kind"`
	Text   string    `json:"text"` // one sentence
	At     time.Time `json:"at,omitzero"`
	Before time.Time `json:"before,omitzero"` // of a timer in effect: when the next export must have come
	Record ID        `json:"record,omitempty"`

	Finding *Finding `json:"finding,omitempty"` // where it comes of comparing two exports; Kind is its class

	// Joined is the chat of the other export, where people have said that two
	// chats are one: the notice is in force while they are joined.
	Joined string `json:"joined,omitempty"`
}

// A Finding is what comparing two captured exports of a chat has shown. The
// records themselves are never changed by it.
type Finding struct {
	Confidence string       `json:"confidence"` // certain, strong, moderate or none
	Earlier    ID           `json:"earlier"`    // the export records that were compared
	Later      ID           `json:"later"`
	A          []MessageRun `json:"a,omitempty"` // messages of the earlier export
	B          []MessageRun `json:"b,omitempty"` // messages of the later
	Flag       Flag         `json:"flag,omitempty"`
}
