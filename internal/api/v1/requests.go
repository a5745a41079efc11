package v1

import (
	"strconv"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search"
	"github.com/closeroll/closeroll/search/foi"
)

// A Request is a request for information and where it stands.
type Request struct {
	foi.Request
	Standing foi.Standing `json:"standing"`
	OnHold   int          `json:"records_on_hold"` // by the newest of its holds

	Searches []RequestRun `json:"searches,omitempty"`

	// Alike lists requests that may be of the same person or campaign: somebody
	// decides whether they are.
	Alike []foi.Alike `json:"perhaps_related,omitempty"`

	// Disposed lists what was disposed of since the day of receipt: a person
	// looks whether any of it was within the request.
	Disposed []Disposed `json:"disposed_since,omitempty"`
}

// Disposed is a record of which only a stub is left.
type Disposed struct {
	ID          record.ID `json:"id"`
	Display     string    `json:"display,omitempty"`
	Certificate string    `json:"certificate"`
}

// OpenRequest enters a request in the register.
type OpenRequest struct {
	Ref      string      `json:"ref"`
	Kind     string      `json:"kind"`
	Received record.Date `json:"received"`
	Text     string      `json:"text"`
	Query    string      `json:"query,omitempty"` // its scope; empty: all disposal is suspended
	Related  []string    `json:"related,omitempty"`
}

// Changing names the request that a call changes. A version other than zero
// is the one that the caller knows: if the request has changed since, the call
// is refused with the code conflict.
type Changing struct {
	Ref     string `path:"ref" json:"-"`
	Version int64  `json:"version,omitempty"`
}

// ScopeRequest gives a request a scope.
type ScopeRequest struct {
	Changing
	Query string `json:"query"`
	Note  string `json:"note,omitempty"`
}

// NoteEvent notes what happened to a request.
type NoteEvent struct {
	Changing
	Event    string      `json:"event"`
	On       record.Date `json:"on"`
	Estimate record.Date `json:"estimate"`
	Outcome  string      `json:"outcome,omitempty"`
	Failure  string      `json:"failure,omitempty"`
	Note     string      `json:"note,omitempty"`
}

// CloseRequest notes the reply.
type CloseRequest struct {
	Changing
	Responded  record.Date `json:"responded"`
	Held       string      `json:"held,omitempty"`
	Outcome    string      `json:"outcome"`
	Exemptions []string    `json:"exemptions,omitempty"`
	Note       string      `json:"note,omitempty"`
}

// SearchRequest runs a search for a request and freezes what it finds.
type SearchRequest struct {
	Changing
	Query string `json:"query"`
	Note  string `json:"note,omitempty"` // why these words
}

// A RequestRun is a frozen run of a search without the ids of what it found.
type RequestRun struct {
	Name         string         `json:"name"` // S1, S2, …
	Query        string         `json:"query"`
	Parsed       string         `json:"parsed"`
	At           time.Time      `json:"at"`
	By           string         `json:"by"`
	Note         string         `json:"note,omitempty"`
	Total        int            `json:"total"`
	AfterCutoff  int            `json:"after_cutoff"` // of Total, sent after the request came
	Late         int            `json:"late_capture"` // of Total, captured after it came, though sent before
	Undated      int            `json:"date_undecided"`
	Unsearchable int            `json:"not_searched"`
	Withheld     int            `json:"withheld"` // more, in vaults that whoever searched may not read
	Coverage     string         `json:"coverage"`
	Index        string         `json:"index"`
	Language     string         `json:"language"`
	Schedule     string         `json:"schedule"`
	Position     int64          `json:"journal_entries"`
	Root         string         `json:"journal_root"`
	Cutoff       string         `json:"cutoff"`
	Digest       record.Digest  `json:"ids_sha256"`
	Sources      []record.Place `json:"sources"`

	Explanation []string        `json:"explanation,omitempty"` // of the run that was just made
	Notices     []search.Notice `json:"notices,omitempty"`
	Set         *foi.Summary    `json:"set,omitempty"`
}

// Frozen returns a run as it is shown.
func Frozen(s foi.Searched) RequestRun {
	return RequestRun{Name: "S" + strconv.Itoa(s.Run), Query: s.Query, Parsed: s.Parsed, At: s.At, By: s.By, Note: s.Note, Total: s.Total,
		AfterCutoff: s.AfterCutoff, Late: s.Captured, Undated: len(s.Undated), Unsearchable: len(s.Unsearchable), Withheld: s.Withheld, Coverage: s.Coverage, Index: s.Index,
		Language: s.Language, Schedule: s.Schedule, Position: s.Position, Root: s.Root, Cutoff: s.Cutoff, Digest: s.Digest, Sources: s.Sources}
}

// A SetLine is one line of a request's set: the first has the summary, each
// other one item.
type SetLine struct {
	Summary *foi.Summary `json:"summary,omitempty"`
	Item    *foi.Item    `json:"item,omitempty"`
}

// RelateRequest says that requests are of the same person or campaign.
type RelateRequest struct {
	Changing
	Related []string `json:"related"`
	Removed bool     `json:"removed,omitempty"`
}

// AskRequest notes an ask for what is not in the archive.
type AskRequest struct {
	Changing
	Of   string      `json:"of"`
	On   record.Date `json:"on"`
	What string      `json:"what"`
}

// AnswerRequest notes the reply to an ask.
type AnswerRequest struct {
	Changing
	Ask    int         `json:"ask"`
	On     record.Date `json:"on"`
	Result string      `json:"result"`
	Note   string      `json:"note,omitempty"`
}

// LogTime notes work on a request, or the times of a sample's items.
type LogTime struct {
	Changing
	Times []record.RequestTime `json:"times"`
}

// DrawSample draws a random sample of the set.
type DrawSample struct {
	Changing
	Size int    `json:"size"`
	Seed uint64 `json:"seed,omitempty"` // 0: a random one
}

// DecideItems says what is decided about items of a request's set.
type DecideItems struct {
	Changing
	Items          []string `json:"items,omitempty"`      // ids, whole or begun, of records or messages; +K for an attachment
	Query          string   `json:"query,omitempty"`      // what it finds within the set
	Thread         string   `json:"thread,omitempty"`     // all of the thread or chat of this record
	CopyGroup      string   `json:"copy_group,omitempty"` // all copies of this message
	Context        bool     `json:"context,omitempty"`    // of a chat, the messages around too
	Undecided      bool     `json:"undecided,omitempty"`  // only what is not decided yet
	Decision       string   `json:"decision"`
	Exemptions     []string `json:"exemptions,omitempty"`
	Note           string   `json:"note,omitempty"`
	PublicInterest string   `json:"public_interest,omitempty"`
	DryRun         bool     `json:"dry_run,omitempty"`
	Expect         string   `json:"expect,omitempty"` // of the preview: refused if any of its items has changed since
}

// Ruled is a decision, or the preview of one.
type Ruled struct {
	Items      []RuledItem `json:"items"`
	Decision   string      `json:"decision"`
	Exemptions []string    `json:"exemptions,omitempty"` // as they are cited
	Notices    []string    `json:"notices,omitempty"`
	Expect     string      `json:"expect"`
	DryRun     bool        `json:"dry_run,omitempty"`
	Left       int         `json:"undecided"` // items of the set, before a preview and after a decision
}

// A RuledItem is an item with what was decided about it before.
type RuledItem struct {
	Item    string      `json:"item"`
	Display string      `json:"display"`
	Chat    string      `json:"chat,omitempty"`
	Sender  string      `json:"sender"`
	Sent    time.Time   `json:"sent,omitzero"`
	Was     *foi.Ruling `json:"was,omitempty"`
	Now     *foi.Ruling `json:"now,omitempty"` // after an undo
}

// DecideRows says what is decided about many items, each in its own way.
type DecideRows struct {
	Changing
	Rows   []DecisionRow `json:"rows"`
	DryRun bool          `json:"dry_run,omitempty"`
}

// A DecisionRow is a decision about one item, made knowing the decision of the
// journal's entry Known, 0 if there was none.
type DecisionRow struct {
	Item           string   `json:"item"`
	Known          int64    `json:"known"`
	Decision       string   `json:"decision"`
	Exemptions     []string `json:"exemptions,omitempty"`
	Note           string   `json:"note,omitempty"`
	PublicInterest string   `json:"public_interest,omitempty"`
}

// Undo takes a decision or redactions back.
type Undo struct {
	Changing
	Entry  int64 `json:"entry,omitempty"` // 0: the caller's newest
	DryRun bool  `json:"dry_run,omitempty"`
}

// Undone is a decision that was taken back, or redactions, or the preview of it.
type Undone struct {
	Entry    int64          `json:"entry"`
	Items    []RuledItem    `json:"items"`
	Restored []RestoredItem `json:"restored,omitempty"`
	DryRun   bool           `json:"dry_run,omitempty"`
}
