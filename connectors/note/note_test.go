package note

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func call() *Note {
	return &Note{Author: "ana", Written: time.Date(2026, 5, 28, 8, 0, 0, 0, time.UTC), Happened: "2026-05-27T14:00", Zone: "Europe/London",
		Channel: "phone", Participants: []string{"Tom Marsh"}, Text: "\n# Pumps for Upton\n\nAgreed: two pumps by Friday.\n"}
}

func TestNoteComesBack(t *testing.T) {
	n := call()
	if err := n.Complete(); err != nil {
		t.Fatal(err)
	}
	if n.Subject != "Pumps for Upton" {
		t.Errorf("the subject is %q", n.Subject)
	}
	b, err := n.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Parse(b)
	if err != nil || !reflect.DeepEqual(back, n) {
		t.Errorf("came back as %+v, %v", back, err)
	}
	sheet, err := n.Sheet()
	if err != nil || strings.Contains(string(sheet), "Friday") {
		t.Errorf("the sheet has the text, or failed: %v", err)
	}
	if kept, err := ReadSheet(sheet); err != nil || kept.Author != "ana" || kept.Text != "" {
		t.Errorf("the sheet came back as %+v, %v", kept, err)
	}
	at, err := n.Time()
	if want := time.Date(2026, 5, 27, 13, 0, 0, 0, time.UTC); err != nil || !at.Equal(want) {
		t.Errorf("it happened at %v, %v; want %v", at, err, want)
	}
	n.Happened = "2026-05-27"
	if at, err = n.Time(); err != nil || at.Hour() != 0 {
		t.Errorf("a day begins at %v, %v", at, err)
	}
}

func TestNoteRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil func(*Note)
		says  string
	}{
		"no text":         {func(n *Note) { n.Text = " \n" }, "no text"},
		"long text":       {func(n *Note) { n.Text = strings.Repeat("a", MaxText+1) }, "are the most"},
		"no UTF-8":        {func(n *Note) { n.Text = "a\xff" }, "not UTF-8"},
		"no channel":      {func(n *Note) { n.Channel = "" }, "channel"},
		"no day":          {func(n *Note) { n.Happened = "27/05/2026" }, "2026-05-27"},
		"no such day":     {func(n *Note) { n.Happened = "2026-02-31" }, "2026-05-27"},
		"no zone":         {func(n *Note) { n.Zone = "" }, "no time zone"},
		"control":         {func(n *Note) { n.Participants = []string{"Tom\x1b[2J"} }, "control characters"},
		"many people":     {func(n *Note) { n.Participants = make([]string, MaxParticipants+1) }, "people"},
		"another version": {func(n *Note) { n.Format = "closeroll-note/9" }, Format},
	} {
		t.Run(name, func(t *testing.T) {
			n := call()
			tc.spoil(n)
			if err := n.Complete(); err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%v; want %q", err, tc.says)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	b, err := call().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"text":"a","happened":"2026-05-27","zone":"UTC","channel":"x"}{}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := Parse(data)
		if err != nil {
			return
		}
		again, err := n.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Parse(again)
		if err != nil || back.Text != n.Text || back.Subject != n.Subject {
			t.Errorf("%s came back as %+v, %v", data, back, err)
		}
		if !json.Valid(again) {
			t.Error("no JSON")
		}
	})
}
