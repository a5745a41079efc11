package main

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/foi"
)

func TestReadingMarksInPlace(t *testing.T) {
	const text = "Call Ann on 020 7946 0018\nor write.\nEnd\n"
	redacted := []record.RedactedSpan{{From: 5, To: 8, Exemptions: []string{"s.40(2)"}}, {From: 26, To: 36, Exemptions: []string{"s.42", "s.43"}}}
	marks := []foi.Mark{{From: 12, To: 25, Kind: foi.MarkPhone}}
	for _, tt := range []struct {
		name string
		p    printer
		want []string
	}{
		{"a file", printer{plain: true}, []string{"Call [[s.40(2): Ann]] on «020 7946 0018»", "[[s.42, s.43: or write.]]", "End"}},
		{"a terminal", printer{}, []string{"Call \x1b[7mAnn\x1b[0m\x1b[2m s.40(2)\x1b[0m on \x1b[1;33m020 7946 0018\x1b[0m", "\x1b[7mor write.\x1b[0m\x1b[2m s.42, s.43\x1b[0m", "End"}},
	} {
		if got := tt.p.reading(text, 0, len(text), strokes(redacted, marks)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}

// TestReadingLosesNothing sets off stretches of a text at random: without the
// signs it reads as before, whatever part of it is shown.
func TestReadingLosesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`[ab\n]{1,40}`).Draw(rt, "text")
		draw := func(name string) (spans [][2]int) {
			cuts := rapid.SliceOfNDistinct(rapid.IntRange(0, len(text)), 0, min(8, len(text)+1), rapid.ID).Draw(rt, name)
			slices.Sort(cuts)
			for i := 0; i+1 < len(cuts); i += 2 {
				spans = append(spans, [2]int{cuts[i], cuts[i+1]})
			}
			return spans
		}
		var redacted []record.RedactedSpan
		for _, s := range draw("redacted") {
			redacted = append(redacted, record.RedactedSpan{From: s[0], To: s[1], Exemptions: []string{"42"}})
		}
		var marks []foi.Mark
		for _, s := range draw("marks") {
			marks = append(marks, foi.Mark{From: s[0], To: s[1]})
		}
		at := 0
		all := strokes(redacted, marks)
		for _, s := range all {
			if s.from < at || s.to <= s.from {
				rt.Fatalf("strokes %v of %v and %v", all, redacted, marks)
			}
			at = s.to
		}
		from := rapid.IntRange(0, len(text)).Draw(rt, "from")
		to := rapid.IntRange(from, len(text)).Draw(rt, "to")
		p := printer{plain: true}
		got := strings.Join(p.reading(text, from, to, all), "\n")
		got = strings.NewReplacer("[[42: ", "", "]]", "", "«", "", "»", "").Replace(got)
		if want := strings.TrimSuffix(text[from:to], "\n"); got != want {
			rt.Fatalf("%q reads as %q", want, got)
		}
	})
}
