package retention

import (
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

func TestCovers(t *testing.T) {
	may := time.Date(2026, 5, 14, 9, 0, 0, 0, time.UTC)
	june := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	mail := Candidate{Record: "aa", Facts: record.Facts{Kind: record.Email, Source: "office", Custodian: "minister", Sent: may, Received: may},
		Caught: func(string) bool { return false }}
	with := func(change func(*Candidate)) *Candidate { c := mail; change(&c); return &c }
	for _, c := range []struct {
		name  string
		scope record.Scope
		c     *Candidate
		want  bool
	}{
		{"everything", record.Scope{}, &mail, true},
		{"its id", record.Scope{Records: []record.ID{"bb", "aa"}}, &mail, true},
		{"other ids", record.Scope{Records: []record.ID{"bb"}}, &mail, false},
		{"id unknown", record.Scope{Records: []record.ID{"bb"}}, with(func(c *Candidate) { c.Record = "" }), true},
		{"custodian in other case", record.Scope{Custodians: []string{"Minister"}}, &mail, true},
		{"other custodian", record.Scope{Custodians: []string{"coo"}}, &mail, false},
		{"custodian unknown", record.Scope{Custodians: []string{"coo"}}, with(func(c *Candidate) { c.Facts.Custodian = "" }), true},
		{"other source", record.Scope{Sources: []string{"helpdesk"}}, &mail, false},
		{"its class", record.Scope{Classes: []string{"MIN-01"}}, &mail, true},
		{"other class", record.Scope{Classes: []string{"ADM-01"}}, &mail, false},
		{"a class that it had", record.Scope{Classes: []string{"ADM-01"}}, with(func(c *Candidate) { c.Was = []string{"ADM-01"} }), true},
		{"within dates", record.Scope{From: may, Until: june}, &mail, true},
		{"before them", record.Scope{From: june}, &mail, false},
		{"until is exclusive", record.Scope{Until: may}, &mail, false},
		{"undated", record.Scope{From: june}, with(func(c *Candidate) { c.Facts.Sent, c.Facts.Received = time.Time{}, time.Time{} }), true},
		{"date-suspect", record.Scope{From: june}, with(func(c *Candidate) { c.Facts.DateSuspect = true }), true},
		{"chat-day that reaches in", record.Scope{From: may.Add(20 * time.Hour)}, with(func(c *Candidate) { c.Facts.Kind = record.ChatDay }), true},
		{"chat-day far away", record.Scope{From: june}, with(func(c *Candidate) { c.Facts.Kind = record.ChatDay }), false},
		{"query finds nothing", record.Scope{Query: "sandbags"}, &mail, false},
		{"query finds it", record.Scope{Query: "sandbags"}, with(func(c *Candidate) { c.Caught = func(h string) bool { return h == "h" } }), true},
		{"query not asked", record.Scope{Query: "sandbags"}, with(func(c *Candidate) { c.Caught = nil }), true},
		{"query cannot search it", record.Scope{Query: "sandbags"}, with(func(c *Candidate) { c.Unsearchable = true }), true},
		{"query and suspect date", record.Scope{Query: "sandbags"}, with(func(c *Candidate) { c.Facts.DateSuspect = true }), true},
		{"unsearchable, other custodian", record.Scope{Query: "sandbags", Custodians: []string{"coo"}}, with(func(c *Candidate) { c.Unsearchable = true }), false},
		{"unsearchable, other dates", record.Scope{Query: "sandbags", From: june}, with(func(c *Candidate) { c.Unsearchable = true }), false},
	} {
		got, why := Hold{Hold: "h", Scope: c.scope}.Covers(c.c, "MIN-01")
		if got != c.want || why == "" {
			t.Errorf("%s: %v (%s), want %v", c.name, got, why, c.want)
		}
	}
}

func TestCombine(t *testing.T) {
	decision := func(a Action, s State, due string, hold bool) Decision {
		d := Decision{Class: "C", Rule: "r", Action: a, State: s, OnHold: hold}
		if due != "" {
			d.Due = day(t, due)
		}
		d.Disposable = s == Due && !hold
		return d
	}
	early, late := decision(Destroy, Due, "2020-12-31", false), decision(Destroy, Due, "2024-12-31", false)
	review, transfer := decision(Review, Due, "2019-01-01", false), decision(Transfer, Active, "2046-12-31", false)
	unknown, onHold := decision(Destroy, UnknownTrigger, "", false), decision(Destroy, Due, "2018-12-31", true)
	for i, c := range []struct {
		in         []Decision
		decisive   int
		disposable bool
	}{
		{[]Decision{early}, 0, true},
		{[]Decision{early, late}, 1, true},
		{[]Decision{late, review}, 1, true},
		{[]Decision{review, transfer, late}, 1, false},
		{[]Decision{transfer, unknown}, 1, false},
		{[]Decision{unknown, transfer, onHold, late}, 2, false},
		{nil, -1, false},
	} {
		out := Combine(c.in...)
		if out.Decisive != c.decisive || out.Disposable != c.disposable || len(out.Reasons) == 0 {
			t.Errorf("case %d: %+v", i, out)
		}
	}
	if out := Combine(onHold, transfer); !out.OnHold || out.Action != Destroy {
		t.Errorf("on hold and transfer: %+v", out)
	}
	want := "holding 2, C by r: transfer, due 31 December 2046"
	if out := Combine(review, transfer); out.Reasons[1] != want || out.Reasons[2] != "the record takes the most protective of them: holding 2" {
		t.Errorf("reasons %q", out.Reasons)
	}
}
