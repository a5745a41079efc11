package production

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/internal/page"
)

func chatLine(no, sent, decision string) Line {
	return Line{No: no, Record: "r" + no, Sent: sent, Type: "chat_message", From: "Anna", Title: "Message of a chat", Custodians: []string{"minister"}, Size: 1,
		Decision: decision, Group: "chat 1", Notes: "internal reason", Hash: "abc", Redactions: 1}
}

// TestPublishKeepsBackWhatIsInternal: ranges of a chat, and nothing of what the
// authority noted for itself.
func TestPublishKeepsBackWhatIsInternal(t *testing.T) {
	lines := []Line{
		{No: "1", Record: "r1", Type: "email", Title: "E-mail", Decision: "withhold", Exemptions: []string{"s.42"}, Public: "internal reason", Notes: "internal reason", Duplicates: []string{"r9"}},
		chatLine("2", "2026-05-14 23:50", "release"), chatLine("3", "2026-05-15 00:10", "release"), chatLine("4", "2026-05-15 00:11", "release"),
		chatLine("5", "2026-05-15 00:12", "withhold"), chatLine("7", "2026-05-15 00:13", "withhold"), chatLine("8", "2026-05-15 00:14", "out_of_scope"),
		{No: "9", Type: "email", Decision: "undecided"},
		{No: "10", Type: "email", Decision: "release", Contained: "12"},
		{No: "11", Type: "email", Decision: "release", Contained: "13"},
		{No: "12", Type: "email", Decision: "part", Copied: true},
		{No: "13", Type: "email", Decision: "withhold"},
	}
	got := Publish(lines)
	want := []Line{
		{No: "1", Type: "email", Title: "E-mail", Decision: "withhold", Exemptions: []string{"s.42"}, Public: "weighed: maintained"},
		{No: "2–4", Sent: "2026-05-14 to 2026-05-15", Type: "chat_range", Title: "Messages of a chat", Size: 3, Decision: "release", Group: "chat 1", Redactions: 3},
		{No: "5", Sent: "2026-05-15 00:12", Type: "chat_message", From: "Anna", Title: "Message of a chat", Size: 1, Decision: "withhold", Group: "chat 1", Redactions: 1},
		{No: "7", Sent: "2026-05-15 00:13", Type: "chat_message", From: "Anna", Title: "Message of a chat", Size: 1, Decision: "withhold", Group: "chat 1", Redactions: 1},
	}
	// That an e-mail is contained in one that is withheld would say what is in that.
	want = append(want, Line{No: "10", Type: "email", Decision: "release", Contained: "12"}, Line{No: "11", Type: "email", Decision: "release"},
		Line{No: "12", Type: "email", Decision: "part", Copied: true}, Line{No: "13", Type: "email", Decision: "withhold"})
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, public := range []bool{true, false} {
		all := lines
		if public {
			all = got
		}
		d := Schedule(about(), all, public)
		var b bytes.Buffer
		tables := d.Tables()
		if err := page.WriteHTML(&b, d); err != nil {
			t.Fatal(err)
		}
		if err := page.WriteCSV(&b, tables[len(tables)-1]); err != nil {
			t.Fatal(err)
		}
		octets, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		for _, hidden := range []string{"internal reason", "minister", "r1,", "r9"} {
			if strings.Contains(b.String()+string(octets), hidden) == public {
				t.Errorf("public: %v, and it has %q: %v", public, hidden, !public)
			}
		}
		if columns := len(tables[len(tables)-1].Columns); columns != 19 {
			t.Errorf("%d columns", columns)
		}
	}
}
