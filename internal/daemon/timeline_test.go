package daemon

import (
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// captures makes a timeline of exports whose messages are letters; the same
// letter is the same message. Each export is one record.
func captures(exports ...string) *timeline {
	t := &timeline{messages: map[record.ID][]catalog.ChatMessage{}}
	for i, letters := range exports {
		id := record.ID(strings.Repeat(string(rune('a'+i)), 32))
		for _, l := range letters {
			t.messages[id] = append(t.messages[id], catalog.ChatMessage{Sender: string(l), Group: []byte(string(l))})
		}
		t.exports = append(t.exports, catalog.ChatExport{Record: id, Runs: []record.MessageRun{{Record: id, From: 1, To: len(letters)}}})
	}
	return t
}

func TestTimelineOrder(t *testing.T) {
	for _, test := range []struct {
		exports []string
		want    string
	}{
		{[]string{"abc"}, "abc"},
		{[]string{"abc", "abc"}, "abc"},
		{[]string{"abc", "abcd"}, "abcd"},
		{[]string{"abc", "acd"}, "abcd"},           // b vanished
		{[]string{"abc", "axc"}, "axbc"},           // b and x stand in one place
		{[]string{"cde", "abcde"}, "abcde"},        // an older head comes later
		{[]string{"cde", "abcfde"}, "abcfde"},      // and something between
		{[]string{"abc", "bca"}, "abc"},            // moved
		{[]string{"ab", "bcd", "axbyd"}, "axbycd"}, // three of them
		{[]string{"", "ab"}, "ab"},
		{nil, ""},
	} {
		got := ""
		for _, m := range captures(test.exports...).merge(nil) {
			got += m.Sender
		}
		if got != test.want {
			t.Errorf("%q: %s, want %s", test.exports, got, test.want)
		}
	}
}

func TestTimelineNamesCapturesAndFindings(t *testing.T) {
	tl := captures("abc", "ac")
	found := v1.Notice{Entry: 7, Kind: "vanished", Finding: &record.Finding{Confidence: "strong",
		A: []record.MessageRun{{Record: tl.exports[0].Record, From: 2, To: 9}}}}
	all := tl.merge([]v1.Notice{found, found, {Kind: "export_grade"}})
	if len(all) != 3 {
		t.Fatalf("%+v", all)
	}
	if a := all[0]; len(a.Captures) != 2 || len(a.Places) != 2 || len(a.Findings) != 0 {
		t.Errorf("a: %+v", a)
	}
	if b := all[1]; len(b.Captures) != 1 || len(b.Findings) != 1 || b.Findings[0] != (v1.TimelineFinding{Class: "vanished", Confidence: "strong", Entry: 7}) {
		t.Errorf("b: %+v", b)
	}
}
