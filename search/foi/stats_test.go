package foi

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search"
)

func TestStats(t *testing.T) {
	b := testBook(t)
	request := func(received string, more ...Entry) *Request {
		t.Helper()
		first := entry(t, 1, record.EntryRequest, record.RequestOpened{Request: "R", Kind: "foi", Received: day(t, received), Text: "t", Hold: "R"})
		first.Time = first.Time.AddDate(0, 6, 0)
		r, err := Fold(append([]Entry{first}, more...))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	closed := func(index int64, on, outcome string, exemptions ...string) Entry {
		return entry(t, index, record.EntryRequestClosed, record.RequestClosed{Responded: day(t, on), Held: "held", Outcome: outcome, Exemptions: exemptions})
	}
	all := []*Request{
		request("2026-04-01", closed(2, "2026-04-20", "granted")),
		request("2026-04-01", entry(t, 2, record.EntryRequestSearch, record.RequestSearched{Run: 1}),
			entry(t, 3, record.EntryRequestTime, record.RequestTime{Activity: Locate, Minutes: 89.6, On: day(t, "2026-05-01")}),
			closed(4, "2026-06-20", "refused_in_part", "s.40(2)", "s.42"),
			step(t, 5, "internal_review", day(t, "2026-06-25")), step(t, 6, "review_decided", day(t, "2026-06-28"))),
		request("2026-03-20", closed(2, "2026-07-02", "refused_fully", "s.40(2)")), // open on the last day
		request("2026-06-25"),
		request("2026-06-25", step(t, 2, "clarification_sought", day(t, "2026-06-26"))),
		request("2026-05-10", step(t, 2, "extension", day(t, "2026-06-01")), closed(3, "2026-06-30", "not_held")),
		// Extended, and answered before the notice of that was due.
		request("2026-05-11", step(t, 2, "extension", day(t, "2026-06-01")), closed(3, "2026-06-05", "granted")),
	}
	all[5].Closing.Held = "not_held"
	s, err := b.Stats(all, day(t, "2026-04-01"), day(t, "2026-06-30"), day(t, "2026-09-01"))
	if err != nil {
		t.Fatal(err)
	}
	want := Stats{From: day(t, "2026-04-01"), Until: day(t, "2026-06-30"), On: day(t, "2026-09-01"), Received: map[Kind]int{FOI: 6}, Closed: 4, OnTime: 3, Extended: 2, Times: map[Kind]Times{FOI: {InTime: 2, Extended: 1, Late: 1}},
		Share: 75, Backlog: map[string]int{BandLatest: 1, BandTime: 1, BandWaiting: 1}, Outcomes: map[string]int{"granted": 2, "refused_in_part": 1, "not_held": 1},
		Grounds: map[string]int{"s.40": 1, "s.42": 1}, Reviews: map[string]int{"upheld": 1}, Failures: map[string]int{}, Runs: 1, PerReply: 0.25,
		Hours: map[string]int{Locate: 1}, Minutes: map[string]int{Locate: 90}}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
}

// TestWould: a stub has no words, so that a query for words is never answered
// no, and its places and days are answered for certain.
func TestWould(t *testing.T) {
	stub := record.Stub{Record: "abcd", Kind: record.Email, Vault: "main", From: day(t, "2026-05-10"), Until: day(t, "2026-05-12"),
		Holdings: []record.StubHolding{{Source: "office", Custodian: "minister", Channel: record.Corporate, Class: "GEN-7"}}}
	undated := record.Stub{Kind: record.Email}
	for query, want := range map[string][2]Chance{
		"sandbags":                               {Perhaps, Perhaps},
		"custodian:minister":                     {Surely, Ruled},
		"custodian:MIN*":                         {Surely, Ruled},
		"NOT custodian:minister":                 {Ruled, Surely},
		"sandbags custodian:minister":            {Perhaps, Ruled},
		"sandbags OR custodian:minister":         {Surely, Perhaps},
		"source:phone sandbags":                  {Ruled, Ruled},
		"kind:email class:gen-7 vault:main":      {Surely, Ruled},
		"channel:nccc":                           {Ruled, Ruled},
		"sent:2026-05":                           {Surely, Perhaps},
		"sent:2026-05-11":                        {Perhaps, Perhaps},
		"sent:2026-05-14..2026-06":               {Ruled, Perhaps},
		"sent:..2026-05-08":                      {Ruled, Perhaps},
		"NOT sent:2026-05":                       {Ruled, Perhaps},
		"is:deleted":                             {Perhaps, Perhaps},
		"id:abc":                                 {Surely, Ruled},
		"(sandbags OR flood) AND -kind:chat-day": {Perhaps, Perhaps},
	} {
		q, err := search.Parser{}.Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]Chance{Would(q.Root, stub), Would(q.Root, undated)}; got != want {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
}
