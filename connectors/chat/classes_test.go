package chat

import (
	"slices"
	"strings"
	"testing"
)

// Every class of difference, with what is said of it and how much it proves.
// What proves nothing is listed with the reason and never under another class.
func TestEveryClass(t *testing.T) {
	frame := func(lines ...Line) []Line {
		all := talk(Android, around()...).Lines
		return slices.Insert(all, 3, lines...)
	}
	line := func(class, text string) Line {
		return Line{Class: class, Text: text, Sender: "tom", Minute: 1_000_005}
	}
	plan, waiting := line(classText, "the plan"), line(classWaiting, "")
	marked := plan
	marked.Edited = true
	moved, local := plan, Line{Class: classSystem + "security_code_changed", Text: "code", Minute: 1_000_005}
	moved.Minute = 1_000_006 + 1
	other, edited := line(classText, "the new plan"), line(classText, "the new plan")
	edited.Edited = true
	left, gone := Line{Class: classSystem + "member_left", Text: "priya", Minute: 1_000_005}, Line{Class: classSystem + "member_left", Text: "priya ist weg", Minute: 1_000_005}
	cases := []struct {
		class, confidence, says string
		a, b                    []Line
	}{
		{WhyAltered, Strong, "changed without the app's edit mark", frame(plan), frame(other)},
		{"vanished", Strong, "left no trace in the later one", frame(plan), frame()},
		{"deleted_for_everyone", Certain, "stands the app's deletion notice", frame(plan), frame(line(classDeleted, ""))},
		{"edited", Certain, "with the app's edit mark", frame(plan), frame(edited)},
		{"late_or_inserted", Moderate, "delivered late, restored from a backup, or inserted", frame(), frame(plan)},
		{WhyRestamped, Moderate, "at another minute", frame(plan), frame(moved)},
		{WhyDeletedInA, None, "deleted on the phone of the earlier export", frame(line(classDeleted, "")), frame(plan)},
		{WhyDecrypted, None, "Waiting for decryption then", frame(waiting), frame(plan)},
		{WhyEditMark, None, "with and without an edit mark", frame(plan), frame(marked)},
		{WhyPlaceholder, "", "", frame(plan), frame(line(classEmpty, ""))},
		{WhySystemWording, "", "", frame(left), frame(gone)},
		{AbsentLocal, None, "each phone writes for itself", frame(local), frame()},
		{WhyAppWords, None, "typed by a person", frame(line(classReadsAs+classDeleted, "typed")), frame(line(classDeleted, ""))},
		{WhyGarbled, None, "did not know their encoding", frame(plan), frame(line(classGarbled, "the pl\ufffdn"))},
		{WhyMention, None, "how far the name reaches", frame(line(classMention, "@ see")), frame(line(classAt, "@ana see"))},
		{AbsentHead, None, "before the later export's beginning", frame(plan), frame(plan)[2:]},
		{AbsentTail, None, "after the later export's end", frame(plan), frame(plan)[:4]},
	}
	for _, c := range cases {
		got := Compare(Side{Platform: Android, Lines: c.a}, Side{Platform: Android, Lines: c.b})
		var classes []string
		for _, f := range got.Findings {
			classes = append(classes, f.Class)
			if f.Class == c.class && (f.Confidence != c.confidence || !strings.Contains(f.Text, c.says)) {
				t.Errorf("%s: %+v", c.class, f)
			}
		}
		changed := slices.ContainsFunc(got.ChangedOther, func(x Change) bool { return x.Why == c.class })
		if c.confidence == "" && (!changed || len(classes) > 0) || c.confidence != "" && !slices.Equal(classes, []string{c.class}) {
			t.Errorf("%s: %v, %+v", c.class, classes, got)
		}
	}
}
