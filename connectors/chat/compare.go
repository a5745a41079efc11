package chat

import "slices"

// A Side is one export in a comparison.
type Side struct {
	Platform  Platform
	Lines     []Line
	Truncated bool              // the export itself shows that its oldest messages are missing
	Omitted   []int             // before which of its lines messages were left out on purpose, ascending
	Exported  int64             // it was made at this minute or later, by its own clock; 0: as its last line says
	Names     map[string]string // by Line.Sender: the name as printed, for a reader; may be nil
}

// SideOf reduces an export; digest is as in [Lines].
func SideOf(e *Export, digest func([]byte) []byte) Side {
	s := Side{Platform: e.Platform, Lines: Lines(e, digest), Truncated: slices.Contains(e.Flags, FlagHeadTruncated),
		Names: make(map[string]string)}
	for i, m := range e.All() {
		if key := s.Lines[i].Sender; s.Names[key] == "" {
			s.Names[key] = m.Sender
		}
	}
	return s
}

// name is what the side prints for a sender.
func (s *Side) name(key string) string {
	if n := s.Names[key]; n != "" {
		return n
	}
	return key
}

// A Comparison says what became of the messages of an earlier export, a, in a
// later one, b. All numbers are indexes of messages. Nothing is accused on
// silence: a message that is missing where b may simply not reach is in
// NotEvidence with the reason.
type Comparison struct {
	SameChat     bool              `json:"same_chat"`        // false: nothing else is said
	Shift        int               `json:"tz_shift_minutes"` // b's clock minus a's
	Matches      [][2]int          `json:"matches"`          // the same message, a and b
	Vanished     []int             `json:"vanished"`         // of a, with no trace in b
	Added        []int             `json:"added"`            // of b, not in a
	Edited       [][2]int          `json:"edited"`           // b carries the app's edit mark
	Deleted      [][2]int          `json:"deleted"`          // b has a tombstone
	ChangedOther []Change          `json:"changed_other"`
	Unclear      []Unclear         `json:"unclear,omitempty"` // of a and b: what became of which cannot be told
	NotEvidence  []Absence         `json:"not_evidence"`
	VanishReason map[int]string    `json:"vanish_reason,omitempty"` // of vanished messages: expired_by_timer
	Equivalent   []int             `json:"equivalent_vanished,omitempty"`
	NameMap      map[string]string `json:"name_map"` // senders whom b calls differently
	Findings     []Finding         `json:"findings,omitempty"`

	// Corroboration is set where the two are of different people; see [Corroborate].
	Corroboration *Corroboration `json:"corroboration,omitempty"`
}

// A Change is a difference that is no deletion and no marked edit. Why is one
// of the constants below.
type Change struct {
	A   *int   `json:"a,omitempty"`
	B   *int   `json:"b,omitempty"`
	Why string `json:"why"`
}

// Why messages differ, or stand in one export only. WhyAltered is the gravest
// thing that a comparison can say; all the others are harmless.
const (
	WhyAltered       = "altered_without_marker" // a person's words changed, and no edit mark says so
	WhyCaption       = "caption_not_exported"   // exports without media drop captions
	WhyVotes         = "poll_votes"             // people voted
	WhyNotice        = "encryption_notice_regenerated"
	WhyWebEdit       = "edit_marker_absent_in_web" // that export has no edit marks
	WhyEditMark      = "edit_marker_only"          // the mark came or went, the words did not
	WhySystemWording = "system_wording"            // the app words its own lines anew
	WhyReordered     = "reordered"                 // the same message at another place
	WhyRestamped     = "restamped"                 // the same message at another time
	WhySender        = "sender_differs"            // the same message under another name
	WhyDeletedInA    = "deleted_only_in_a"         // a phone that had not heard of the deletion
	WhyDecrypted     = "decrypted_later"           // it was waiting for its key
	WhyPlaceholder   = "placeholder"               // nothing was printed in one export
	WhyLocal         = "viewpoint_local"           // a line that each phone writes for itself
	WhyAppWords      = "app_words"                 // a person typed the words of the app, which one export does not tell from the app's
	WhyPasted        = "pasted_messages"           // a message that holds lines of a chat, which one export shows as messages
	WhyMention       = "mention_form"              // one export prints how far a mentioned name reaches, and the other does not
	WhyGarbled       = "garbled"                   // letters were lost to a program that did not know their encoding
	WhyEditUnheard   = "edit_unheard"              // two people's phones, and one had not heard of an edit
)

// An Absence is a run of messages of a that are missing from b and yet prove
// nothing.
type Absence struct {
	From int    `json:"a_from"`
	To   int    `json:"a_to"` // inclusive
	Why  string `json:"why"`
}

// Why a missing message proves nothing.
const (
	AbsentHead         = "head_truncated"         // b begins later
	AbsentTail         = "after_end"              // b ends earlier
	AbsentWebEphemeral = "web_omits_disappearing" // a browser's export leaves out messages with a timer
	AbsentWebViewOnce  = "web_omits_view_once"
	AbsentTimer        = "timer_of_unknown_length" // a timer was on, and its length is not known
	AbsentLocal        = WhyLocal
	ExpiredByTimer     = "expired_by_timer" // a vanish reason: the timer was on, and has run out
)

// Compare sets two exports against each other; a is the earlier. It works from
// lines alone, in time linear in their number but for sorting.
//
// Messages are first matched by what they say, who says it, and the minute;
// messages that agree in all three are interchangeable and are matched in
// order, so that of two identical ones, one missing is one vanished. The
// clocks' difference and the senders' names are found from messages that occur
// once on either side. What is left is compared slot by slot between matched
// neighbours. Where several messages of one moment changed at once and nothing
// shows which became which, or whose they are, they are counted and not paired:
// [Unclear].
func Compare(a, b Side) Comparison {
	al := newAligner(a, b)
	al.findShift()
	al.findNames()
	al.matchEqual()
	if !al.sameChat() {
		return empty(false)
	}
	al.matchNear()
	al.slots()
	al.matchSlots()
	c := empty(true)
	al.doubts()
	al.report(&c)
	c.explain(al)
	return c
}

func empty(same bool) Comparison {
	return Comparison{SameChat: same, Matches: [][2]int{}, Vanished: []int{}, Added: []int{}, Edited: [][2]int{},
		Deleted: [][2]int{}, ChangedOther: []Change{}, NotEvidence: []Absence{}, NameMap: map[string]string{}}
}

// Clean reports whether b holds everything that a holds, unchanged.
func (c *Comparison) Clean() bool {
	altered := slices.ContainsFunc(c.ChangedOther, func(x Change) bool { return x.Why == WhyAltered })
	return c.SameChat && len(c.Vanished) == 0 && len(c.Unclear) == 0 && len(c.Edited) == 0 && len(c.Deleted) == 0 && !altered
}
