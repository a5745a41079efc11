// Package v1 is what closeroll's verbs and its daemon say to each other:
// the requests and responses of API version 1. They are JSON, and what the
// verbs print with --json.
//
// Fields may be added within a major version; none changes its meaning.
package v1

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// Status is the state of the daemon and its sources.
type Status struct {
	Version    string    `json:"version"`
	Archive    string    `json:"archive"`
	Vault      string    `json:"vault"` // the current epoch
	Started    time.Time `json:"started"`
	Sources    []Source  `json:"sources"`
	Totals     Totals    `json:"totals"`
	Coverage   Coverage  `json:"coverage"`
	Quarantine Waiting   `json:"quarantine"`
	Schedule   Schedule  `json:"schedule"`
	Checkpoint Head      `json:"checkpoint"`
	Troubles   []string  `json:"troubles"`
	Notices    []Notice  `json:"notices"`
}

// KindDropFolder is the kind of a source that is a drop folder.
const KindDropFolder = "drop folder"

// A Source is the state of one source.
type Source struct {
	Name        string        `json:"name"`
	Kind        string        `json:"kind"`
	Where       string        `json:"where"`
	Custodian   string        `json:"custodian"`
	Channel     string        `json:"channel"`
	Counts      record.Counts `json:"counts"`
	Running     bool          `json:"running"`
	LastSuccess time.Time     `json:"last_success,omitzero"`
	LastError   string        `json:"last_error,omitempty"`
	Next        time.Time     `json:"next,omitzero"`

	LastNew       time.Time   `json:"last_new,omitzero"`       // when something was last captured, to the hour after a restart
	CameAndWent   int64       `json:"came_and_went,omitempty"` // messages that nobody could read
	Owed          int64       `json:"owed,omitempty"`          // items that are tried again
	Reconciled    time.Time   `json:"reconciled,omitzero"`     // when it was last compared with the catalog
	Disagreements int64       `json:"disagreements,omitempty"` // that this showed
	AutoDelete    string      `json:"auto_delete,omitempty"`   // the mailbox's own rule
	SecretExpires record.Date `json:"secret_expires,omitzero"`
}

// Totals count what is in the archive.
type Totals struct {
	Emails   int64 `json:"emails"`
	Chats    int64 `json:"chats"`
	ChatDays int64 `json:"chat_days"`
	Exports  int64 `json:"exports"`
	Notes    int64 `json:"notes"`
	Messages int64 `json:"messages"` // chat messages
	Media    int64 `json:"media"`
	Payload  int64 `json:"payload_octets"`
	Sealed   int64 `json:"sealed_octets"`
}

// Coverage says how much of the archive the index holds.
type Coverage struct {
	Messages int64 `json:"messages"`
	Indexed  int64 `json:"indexed"`
	Building bool  `json:"building,omitempty"`
}

// Schedule names the retention schedule in force.
type Schedule struct {
	Version string        `json:"version"`
	Status  string        `json:"status"`
	Digest  record.Digest `json:"sha256"`
	Review  string        `json:"review_notice,omitempty"` // its own review is near or past
}

// Head is the signed head of the journal.
type Head struct {
	Origin  string `json:"origin"`
	Entries int64  `json:"entries"`
	Root    string `json:"root"` // hexadecimal
}

// A Notice is something that a person should know.
type Notice struct {
	Entry  int64     `json:"entry"`
	Source string    `json:"source"`
	Chat   string    `json:"chat,omitempty"`
	Kind   string    `json:"kind"`
	Text   string    `json:"text"`
	At     time.Time `json:"at,omitzero"`
	Before time.Time `json:"before,omitzero"` // of a timer in effect: when the next export must have come

	Superseded bool            `json:"superseded,omitempty"` // of a timer or of privacy: a later word of the chat has replaced it
	Finding    *record.Finding `json:"finding,omitempty"`    // where it comes of comparing two exports
}

// A Run is the accounting of one capture run.
type Run struct {
	Source string        `json:"source"`
	Counts record.Counts `json:"counts"`
	Error  string        `json:"error,omitempty"`

	// Receipts are for the chat exports that a delivery brought.
	Receipts []Receipt `json:"receipts,omitempty"`
}

// Capture asks for sources to be read now.
type Capture struct {
	Sources []string `json:"sources,omitempty"` // all if empty
}

// A Failure is an item that is not archived.
type Failure struct {
	Source string        `json:"source"`
	Key    string        `json:"key"`
	Reason record.Reason `json:"reason"`
	Detail string        `json:"detail"`
	Advice string        `json:"advice"`
	First  time.Time     `json:"first"`
	Last   time.Time     `json:"last"`
	Tries  int           `json:"tries"`
}

// A Search asks for messages.
type Search struct {
	Query        string `json:"query"`
	For          string `json:"for,omitempty"` // its purpose, for the journal
	Offset       int    `json:"offset,omitempty"`
	Limit        int    `json:"limit"`
	Unsearchable bool   `json:"unsearchable,omitempty"` // list what could not be searched, not the hits
	Grouped      bool   `json:"grouped,omitempty"`      // list each message once with its copies; pages count messages
	Group        string `json:"group,omitempty"`        // thread or chat: put the page's hits of one together

	Sort   string   `json:"sort,omitempty"`   // search.Order; newest
	Facets []string `json:"facets,omitempty"` // search.FacetNames
	Terms  bool     `json:"terms,omitempty"`  // count what each part of the query finds
}

// A Record is what show says of one record.
type Record struct {
	ID         record.ID          `json:"id"`
	Kind       record.Kind        `json:"kind"`
	Display    string             `json:"display"`
	Vault      string             `json:"vault"`
	Epoch      string             `json:"epoch"`
	Captured   time.Time          `json:"captured"`
	Sealed     record.Digest      `json:"sealed_sha256"`
	SealedSize int64              `json:"sealed_octets"`
	Size       int64              `json:"octets"`
	Entry      int64              `json:"entry"`
	TextStatus record.TextStatus  `json:"text_status"`
	Components []record.Component `json:"components"`
	Messages   []Message          `json:"messages"`
	Holdings   []record.Holding   `json:"holdings"`
	Thread     []record.ID        `json:"thread,omitempty"` // other records of its thread
	Chat       string             `json:"chat,omitempty"`
	ChatDate   string             `json:"chat_date,omitempty"`
	Relation   string             `json:"relation,omitempty"`
	RelationOf record.ID          `json:"relation_of,omitempty"`
	Covering   record.ID          `json:"covering,omitempty"`
	Disposed   string             `json:"disposed,omitempty"`
	Languages  []string           `json:"languages,omitempty"` // ISO 639-1, of the indexed messages; und: of some it is not known

	Authenticity *record.Authenticity `json:"authenticity,omitempty"` // of an e-mail, as found at capture
}

// A Message is one message of a record.
type Message struct {
	N       int       `json:"n"`
	Sent    time.Time `json:"sent,omitzero"`
	Suspect bool      `json:"date_suspect,omitempty"`
	Sender  string    `json:"sender"`
	Indexed bool      `json:"indexed"`
}

// A Chat is one chat.
type Chat struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	Platform string    `json:"platform"`
	Source   string    `json:"source"`
	First    time.Time `json:"first_captured"`
	Days     int64     `json:"days"`
	Messages int64     `json:"messages"`
	From     string    `json:"from"`
	Until    string    `json:"until"`
	Exports  []Export  `json:"exports,omitempty"`
	Notices  []Notice  `json:"notices,omitempty"`

	Parts []ChatPart `json:"parts,omitempty"` // chats that a person has joined to it, and that it is shown with
}

// A ChatPart is a chat that a person has said to be a part of another.
type ChatPart struct {
	Chat   string    `json:"chat"`
	Title  string    `json:"title"`
	Reason string    `json:"reason"`
	At     time.Time `json:"joined"`
	Actor  string    `json:"joined_by"`
}

// A JoinChat asks for a chat to be a part of another.
type JoinChat struct {
	Into   string `json:"into"`
	Reason string `json:"reason"`
}

// An Export is one captured export of a chat.
type Export struct {
	Record    record.ID `json:"record"`
	Captured  time.Time `json:"captured"`
	Display   string    `json:"display"`
	Custodian string    `json:"custodian,omitempty"`
	Messages  int       `json:"messages"`
	Receipt   string    `json:"receipt,omitempty"` // sent or failed, where one was sent by e-mail
}

// A Hold is a hold in force or released.
type Hold struct {
	record.HoldPlaced
	At       time.Time `json:"placed"`
	Actor    string    `json:"placed_by"`
	Released time.Time `json:"released,omitzero"`
	Releaser string    `json:"released_by,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	Records  int       `json:"records"`  // on hold under it now
	Caught   int       `json:"messages"` // caught by its query

	Agreed *Agreement `json:"release_agreed,omitempty"` // it is in force until this has cooled off

	Storage *Mirrored `json:"storage,omitempty"` // where the storage has legal holds
}

// An Agreement is a second person's agreement to the release of a hold.
type Agreement struct {
	record.ReleaseAgreed
	At    time.Time `json:"at"`
	Actor string    `json:"by"`
}

// Release asks for a hold to end.
type Release struct {
	Reason    string `json:"reason"`
	Signature string `json:"signature,omitempty"` // of record.ReleaseStatement, for hold-release@closeroll
}

// An Entry is a journal entry.
type Entry struct {
	Index    int64     `json:"index"`
	Type     string    `json:"type"`
	Time     time.Time `json:"time"`
	Actor    string    `json:"actor"`
	Subjects []string  `json:"subjects,omitempty"`
	Body     any       `json:"body,omitempty"`
	Stripped bool      `json:"stripped,omitempty"`
}

// A Verification is the outcome of verifying the journal, and of the fixity
// check where it was asked for.
type Verification struct {
	Head     Head        `json:"checkpoint"`
	Key      string      `json:"verifier_key"`
	Entries  int64       `json:"entries"`
	Stripped int64       `json:"stripped"`
	Fixity   *Fixity     `json:"fixity,omitempty"`
	Problems []string    `json:"problems,omitempty"`
	Missing  []record.ID `json:"missing,omitempty"`
	Changed  []record.ID `json:"changed,omitempty"`
}

// Fixity counts the objects that were compared.
type Fixity struct {
	Checked int64 `json:"checked"`
	Octets  int64 `json:"octets"`
}
