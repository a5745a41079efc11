package foi

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
)

// entry makes a journal entry of the index'th moment.
func entry(t testing.TB, index int64, kind string, body any) Entry {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return Entry{Index: index, Type: kind, Time: time.Date(2026, 5, 22, 9, 0, int(index), 0, time.UTC), Actor: "uid:1", Body: b}
}

func opened(t testing.TB, kind Kind) Entry {
	return entry(t, 1, record.EntryRequest, record.RequestOpened{Request: "R-1", Kind: string(kind), Received: day(t, "2026-05-22"), Text: "what is asked for", Query: "sandbags", Hold: "R-1"})
}

// A lifeModel is what the states of a request should be, told apart from the
// code: one string for each state, and the events that lead out of it.
var lifeModel = map[string]string{
	"open":          "clarification_sought:clarification clarification_received:open fees_notice:fee extension:open transferred_record:open identity_confirmed:open ico_complaint:ico close:closed",
	"clarification": "clarification_received:open identity_confirmed:open ico_complaint:ico close:closed",
	"fee":           "fee_paid:open ico_complaint:ico close:closed",
	"closed":        "internal_review:review ico_complaint:ico tribunal_appeal:tribunal reopened:open",
	"review":        "review_decided:BACK",
	"ico":           "ico_decision:BACK",
	"tribunal":      "tribunal_decision:BACK",
}

// TestLifeIsTheModel walks requests through events at random: what the model
// allows changes the state as it says, and what it does not is refused and
// changes nothing.
func TestLifeIsTheModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		entries := []Entry{opened(t, FOI)}
		state, back := "open", ""
		on := day(t, "2026-05-23")
		for i := range rapid.IntRange(1, 40).Draw(rt, "events") {
			name := rapid.SampledFrom(append(EventTypes(), "close")).Draw(rt, "event")
			next := step(t, int64(i+2), name, on)
			r, err := Fold(append(slices.Clone(entries), next))
			to, allowed := leads(state, name)
			if allowed != (err == nil) {
				rt.Fatalf("%s of %s: %v", name, state, err)
			}
			if !allowed {
				continue
			}
			if to == "BACK" {
				to = back
			} else if slices.Contains([]string{"review", "ico", "tribunal"}, to) {
				back = state
			}
			state, entries, on = to, append(entries, next), on.AddDays(rapid.IntRange(0, 9).Draw(rt, "days"))
			if string(r.State) != state || r.Version != next.Index {
				rt.Fatalf("%s, want %s, at version %d", r.State, state, r.Version)
			}
		}
		r, err := Fold(entries)
		if err != nil {
			rt.Fatal(err)
		}
		checkStanding(t, rt, r, on)
	})
}

func step(t testing.TB, index int64, name string, on record.Date) Entry {
	if name == "close" {
		return entry(t, index, record.EntryRequestClosed, record.RequestClosed{Request: "R-1", Responded: on, Held: "held", Outcome: "granted"})
	}
	e := record.RequestEvent{Request: "R-1", Event: name, On: on, Note: "n"}
	switch EventType(name) {
	case Extension:
		e.Estimate = on.AddDays(20)
	case ReviewDecided:
		e.Outcome = "upheld"
	}
	return entry(t, index, record.EntryRequestEvent, e)
}

func leads(state, event string) (to string, ok bool) {
	for _, move := range strings.Fields(lifeModel[state]) {
		if name, to, _ := strings.Cut(move, ":"); name == event {
			return to, true
		}
	}
	return "", false
}

// checkStanding wants a request's standing to make sense in every state.
func checkStanding(t testing.TB, rt *rapid.T, r *Request, on record.Date) {
	b := testBook(t)
	for _, e := range r.clockEvents() {
		if e.Type == IdentityConfirmed { // not of an FOI request
			return
		}
	}
	s, err := b.Standing(r, on)
	if err != nil {
		rt.Fatal(err)
	}
	if len(s.Steps) == 0 && r.State != Closed || !slices.Contains(Bands(), s.Band) {
		rt.Fatalf("%s: %+v", r.State, s)
	}
	if s.Overdue != (s.Left < 0) && !s.Due.IsZero() && s.Overdue && b.WorkingDays(FOI, s.Due, on) > 0 {
		rt.Fatalf("overdue %t, %d days left", s.Overdue, s.Left)
	}
	if (r.State == Closed) == s.HoldEnds.IsZero() {
		rt.Fatalf("%s, and the hold ends on %s", r.State, s.HoldEnds)
	}
}

// TestSteps says what the officer is told on some days of a request's life.
func TestSteps(t *testing.T) {
	b := testBook(t)
	for _, c := range []struct {
		kind   Kind
		on     string
		events []Entry
		want   []string
	}{
		{FOI, "2026-06-22", nil, []string{"reply by 23 June 2026", "s.17(2) notice with an estimated date", "s.12 with its estimate"}},
		{EIR, "2026-05-26", nil, []string{"reply by 23 June 2026", "reg 7(1)", "reg 12(4)(b)", "or ask now for clarification"}},
		{SAR, "2026-06-01", nil, []string{"reply by 22 June 2026", "Article 12(3)"}},
		{FOI, "2026-06-24", nil, []string{"reply now: the deadline was 23 June 2026"}},
		{FOI, "2026-05-28", []Entry{step(t, 2, "clarification_sought", day(t, "2026-05-27"))}, []string{"wait for the clarification"}},
		{FOI, "2026-05-28", []Entry{step(t, 2, "fees_notice", day(t, "2026-05-27"))}, []string{"unpaid after 27 August 2026, close it as lapsed"}},
		{FOI, "2026-06-20", []Entry{step(t, 2, "extension", day(t, "2026-06-19"))}, []string{"reply by 22 July 2026", "expect the reply on 9 July 2026", "s.12"}},
		{FOI, "2026-06-20", []Entry{step(t, 2, "close", day(t, "2026-06-19"))}, []string{"ask for a review until 18 August 2026", "on hold until 19 December 2026 (R-1)"}},
		{FOI, "2027-01-20", []Entry{step(t, 2, "close", day(t, "2026-06-19"))}, []string{"since 19 December 2026 a manager may release"}},
		{FOI, "2026-06-21", []Entry{step(t, 2, "close", day(t, "2026-06-19")), step(t, 3, "internal_review", day(t, "2026-06-20"))}, []string{"decide the internal review by 20 July 2026"}},
		{FOI, "2026-06-21", []Entry{step(t, 2, "ico_complaint", day(t, "2026-06-20"))}, []string{"answer the Commissioner"}},
	} {
		r, err := Fold(append([]Entry{opened(t, c.kind)}, c.events...))
		if err != nil {
			t.Fatal(err)
		}
		s, err := b.Standing(r, day(t, c.on))
		if err != nil {
			t.Fatal(err)
		}
		said := strings.Join(s.Steps, "\n")
		for _, want := range c.want {
			if !strings.Contains(said, want) {
				t.Errorf("%s on %s does not say %q:\n%s", c.kind, c.on, want, said)
			}
		}
	}
}

func TestBands(t *testing.T) {
	b := testBook(t)
	r, err := Fold([]Entry{opened(t, FOI)})
	if err != nil {
		t.Fatal(err)
	}
	for on, want := range map[string]string{"2026-05-22": BandTime, "2026-06-23": BandTime, "2026-06-24": BandLate, "2026-07-22": BandLate,
		"2026-07-23": BandLater, "2026-08-20": BandLater, "2026-08-26": BandLatest} {
		if s, err := b.Standing(r, day(t, on)); err != nil || s.Band != want {
			t.Errorf("%s: %s (%d), %v, want %s", on, s.Band, s.Left, err, want)
		}
	}
}

func TestFoldRefuses(t *testing.T) {
	for name, next := range map[string]Entry{
		"opened twice":        opened(t, FOI),
		"not its entry":       {Index: 2, Type: record.EntryHold, Body: []byte("{}")},
		"not JSON":            {Index: 2, Type: record.EntryRequestScope, Body: []byte("x")},
		"no query":            entry(t, 2, record.EntryRequestScope, record.RequestScoped{}),
		"run out of order":    entry(t, 2, record.EntryRequestSearch, record.RequestSearched{Run: 2}),
		"reply to no ask":     entry(t, 2, record.EntryRequestAsk, record.RequestAsked{Ask: 1, Answered: true, Result: "found"}),
		"no such activity":    entry(t, 2, record.EntryRequestTime, record.RequestTime{Activity: "tea", Minutes: 5}),
		"time in no sample":   entry(t, 2, record.EntryRequestTime, record.RequestTime{Activity: "locate", Minutes: 5, Sample: 1}),
		"endless work":        entry(t, 2, record.EntryRequestTime, record.RequestTime{Activity: "locate", Minutes: 1e9}),
		"no such decision":    entry(t, 2, record.EntryRequestDecision, record.RequestDecided{Decision: "maybe", Items: []string{"x/1"}}),
		"before the receipt":  step(t, 2, "extension", day(t, "2026-05-21")),
		"reply before it":     step(t, 2, "close", day(t, "2026-05-21")),
		"review not asked":    step(t, 2, "review_decided", day(t, "2026-05-23")),
		"granted, not held":   entry(t, 2, record.EntryRequestClosed, record.RequestClosed{Responded: day(t, "2026-05-23"), Outcome: "granted", Held: "not_held"}),
		"held is not said":    entry(t, 2, record.EntryRequestClosed, record.RequestClosed{Responded: day(t, "2026-05-23"), Outcome: "granted"}),
		"outcome is not said": entry(t, 2, record.EntryRequestClosed, record.RequestClosed{Responded: day(t, "2026-05-23")}),
	} {
		if _, err := Fold([]Entry{opened(t, FOI), next}); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := Fold(nil); err == nil {
		t.Error("a request that was never opened is one")
	}
}
