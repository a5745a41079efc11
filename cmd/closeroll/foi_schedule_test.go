package main

import (
	"testing"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/foi"
	"github.com/closeroll/closeroll/search/foi/production"
	"github.com/closeroll/closeroll/search/foi/redaction"
)

// TestScheduleMarksContainedAndCopied: an earlier e-mail of a thread is marked
// with the number of the later one that has all of its words, and what is
// released as a redacted copy says so, whichever copy of it was redacted.
func TestScheduleMarksContainedAndCopied(t *testing.T) {
	copied := foi.Copied{Entry: 7}
	copied.Item, copied.Record, copied.Note = "x/1", "c", "faces"
	s := &scheduler{plan: &plan{copies: map[string]foi.Copied{"x/1": copied}}}
	list := func(no int, id, group, body string, copies ...string) {
		it := &foi.Item{No: no, Item: id, Kind: record.Email, Group: group, Copies: copies, Decision: &foi.Ruling{RequestDecided: record.RequestDecided{Decision: "part", Note: "seen"}}}
		made := &production.Item{}
		made.Whole.Rendering = redaction.Render(redaction.Message{Item: id, Document: record.Document{Subject: "s", Body: body}})
		s.item(it, made)
	}
	const first = "Can we have forty pallets of sandbags at the lower quay by noon?"
	list(1, "a/1", "thread 1", first)
	list(2, "b/1", "thread 1", "Yes.\n\n> "+first, "x/1")
	s.contained()
	list(3, "d/1", "thread 2", "Elsewhere: "+first)
	s.contained()
	for i, want := range []production.Line{{Contained: "2", Notes: "seen"}, {Copied: true, Notes: "seen; faces"}, {Notes: "seen"}} {
		if l := s.lines[i]; l.Contained != want.Contained || l.Copied != want.Copied || l.Notes != want.Notes {
			t.Errorf("line %d: %+v", i+1, l)
		}
	}
}
