package collation

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/connectors/chat"
)

// title heads a class of difference.
func title(class string) string {
	switch class {
	case chat.WhyAltered:
		return "Words differ, and no edit mark says so"
	case "vanished":
		return "Gone without a trace"
	case "deleted_for_everyone":
		return "Deleted for everyone"
	case chat.ClassUnclear:
		return "Changed together, and which became which cannot be told"
	case "edited":
		return "Edited, and marked so by the app"
	case chat.ExpiredByTimer:
		return "Expired by a disappearing timer"
	case chat.Corroborated:
		return "In both"
	case chat.OnlyInA:
		return "Only in A, in time that both cover"
	case chat.OnlyInB:
		return "Only in B, in time that both cover"
	case chat.WhyEditUnheard:
		return "Edited, and one phone had not heard of it"
	case "late_or_inserted":
		return "New in the later export, in time that the earlier one covers"
	case chat.WhySender:
		return "Same words, another sender"
	case chat.WhyRestamped:
		return "Same words, another minute"
	case chat.WhyReordered:
		return "Same message, another place"
	case chat.AbsentHead:
		return "Before the later export begins"
	case chat.AbsentTimer:
		return "Under a timer of unknown length"
	case chat.AbsentTail:
		return "After the later export ends"
	case chat.AbsentWebEphemeral:
		return "Under a timer, which a browser's export leaves out"
	case chat.AbsentWebViewOnce:
		return "View-once media, which a browser's export leaves out"
	case chat.AbsentLocal:
		return "Lines that each phone writes for itself"
	case chat.WhyDeletedInA:
		return "Deleted on the phone of A only"
	case chat.WhyAppWords:
		return "Words of the app, typed by a person"
	case chat.WhyPasted:
		return "Lines of a chat, copied into one message"
	case chat.WhyMention:
		return "A mention, printed in two forms"
	case chat.WhyGarbled:
		return "Letters lost to a wrong encoding"
	case chat.WhyDecrypted:
		return "Waiting then, readable now"
	case chat.WhyEditMark:
		return "Same words, with and without an edit mark"
	case chat.WhyCaption:
		return "A caption that one export leaves out"
	case chat.WhyVotes:
		return "Votes in a poll"
	case chat.WhyNotice:
		return "The app's notice about encryption"
	case chat.WhyWebEdit:
		return "Other words, in an export that has no edit marks"
	case chat.WhySystemWording:
		return "The app's own lines, worded anew"
	case chat.WhyPlaceholder:
		return "Nothing printed in one export"
	}
	class = words(class)
	return strings.ToUpper(class[:min(1, len(class))]) + class[min(1, len(class)):]
}

// harmless says why a difference proves nothing.
var harmless = map[string]string{
	chat.WhyEditUnheard:   "Two people's phones: one has the app's edit mark, the other had not heard of the edit when it exported.",
	chat.WhyCaption:       "Exports made without media drop captions. The message is in both.",
	chat.WhyVotes:         "People voted between the two exports. The question and its answers are the same.",
	chat.WhyNotice:        "Each phone prints this notice anew, at times of its own.",
	chat.WhyWebEdit:       "WhatsApp Web's export never prints edit marks, so an honest edit and an alteration look the same. Ask for a phone's export to tell.",
	chat.WhySystemWording: "The app words its lines by its language and version; the event is the same.",
	chat.WhyPlaceholder:   "One export printed nothing in the place of a message, so there is nothing to compare.",
	chat.WhyLocal:         "Every phone writes these lines for itself; another phone, or a later export, may not have them.",
}

// verdict is the comparison in one sentence.
func verdict(l *Collation) string {
	var parts []string
	for _, f := range l.Findings {
		parts = append(parts, fmt.Sprintf("%s (%d)", lower(f.Title), f.N))
	}
	switch {
	case len(parts) == 0 && len(l.Harmless) == 0:
		return "B holds everything that A holds, unchanged."
	case len(parts) == 0:
		return "Nothing here is evidence that a message was removed or changed. What differs has an innocent cause, given below."
	}
	return "Differences that a person should look at: " + strings.Join(parts, "; ") + "."
}

func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// notes say how the two were read against each other, and what a comparison
// cannot show.
func notes(c chat.Comparison, a, b Side) []string {
	var all []string
	if c.Shift != 0 {
		all = append(all, fmt.Sprintf("B's clock stands %s A's; the difference was allowed for. A phone prints the time of the place that it is in.", clock(c.Shift)))
	}
	for from, to := range sorted(c.NameMap) {
		all = append(all, fmt.Sprintf("“%s” in A is “%s” in B: the address book of each phone names people.", plain(from), plain(to)))
	}
	if n := len(c.Equivalent); n > 0 {
		all = append(all, "Where several identical messages stand in one minute, how many are missing is certain, and which of them is not.")
	}
	if len(c.Unclear) > 0 {
		all = append(all, "Where several messages of one minute changed together, or the people of that minute go by names that nothing joins, how many became what is counted, and no message is laid to anybody. The two sides are listed one under the other and are no pairs.")
	}
	if before(b, a) {
		all = append(all, "B's last message is older than A's. If B was made first, compare them the other way round.")
	}
	if a.Captured == "" {
		all = append(all, "This takes both for exports of one person's phone. If they are of two people's, a message that one lacks proves no deletion: people join late, and phones lose messages and are cleared.")
	}
	return append(all,
		"An export is a copy that the phone's owner made. A file can be changed before it is handed over: a finding says that the copies differ, and not who did it or why.",
		"“Delete for me” leaves no mark in an export. It shows only as a message that an earlier export has and a later one lacks.",
		"What neither export holds cannot be compared.")
}

func clock(minutes int) string {
	side := "ahead of"
	if minutes < 0 {
		side, minutes = "behind", -minutes
	}
	if minutes%60 == 0 {
		return fmt.Sprintf("%d h %s", minutes/60, side)
	}
	return fmt.Sprintf("%d h %d min %s", minutes/60, minutes%60, side)
}

// before reports whether the last message of x is older than that of y.
func before(x, y Side) bool {
	return len(x.Messages) > 0 && len(y.Messages) > 0 &&
		minuteOf(x.Messages[len(x.Messages)-1]) < minuteOf(y.Messages[len(y.Messages)-1])
}

// minuteOf is a time without its seconds, which not every phone prints.
func minuteOf(m Message) string { return m.Time[:min(len(m.Time), len("2006-01-02 15:04"))] }

// sorted yields a map by its keys.
func sorted(m map[string]string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}
