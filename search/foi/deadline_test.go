package foi

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
)

var update = flag.Bool("update", false, "write the golden files anew")

// shipped reads a file that the binary embeds.
func shipped(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "configs", "rules", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func testBook(t testing.TB) *Book {
	t.Helper()
	b, err := ReadBook(shipped(t, "bank-holidays.json"), shipped(t, "foi.yaml"), shipped(t, "eir.yaml"), shipped(t, "sar.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func day(t testing.TB, s string) record.Date {
	t.Helper()
	d, err := record.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func events(t testing.TB, list ...string) []Event {
	t.Helper()
	var out []Event
	for _, s := range list {
		e, err := ParseEvent(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

func TestDeadlines(t *testing.T) {
	b := testBook(t)
	for _, c := range []struct {
		kind     Kind
		received string
		events   []string
		want     string
		notice   string // last day for the notice of an extension
	}{
		// The six vectors of UK-wide working days.
		{FOI, "2025-12-15", nil, "2026-01-16", ""}, // 2 January, Scotland
		{FOI, "2026-03-02", nil, "2026-03-31", ""}, // 17 March, Northern Ireland
		{FOI, "2026-05-22", nil, "2026-06-23", ""}, // 15 June 2026, Scotland, one-off
		{FOI, "2026-07-01", nil, "2026-07-30", ""}, // 13 July, Northern Ireland
		{FOI, "2025-07-12", nil, "2025-08-12", ""}, // received on a Saturday
		{FOI, "2026-11-12", nil, "2026-12-11", ""}, // 30 November, Scotland

		{EIR, "2026-11-12", nil, "2026-12-11", ""},
		{EIR, "2026-02-02", []string{"extension=2026-02-20"}, "2026-03-31", "2026-03-02"},
		{FOI, "2026-02-02", []string{"public-interest=2026-02-20"}, "2026-03-31", "2026-03-02"},
		{FOI, "2026-02-02", []string{"transferred_record=2026-02-02"}, "2026-03-16", ""},
		{FOI, "2026-02-02", []string{"clarification_sought=2026-02-05"}, "", ""},
		{FOI, "2026-02-02", []string{"clarification_sought=2026-02-05", "clarification=2026-02-16"}, "2026-03-16", ""},
		{FOI, "2026-02-02", []string{"fees_notice=2026-02-09"}, "", ""},
		{FOI, "2026-02-02", []string{"fee_paid=2026-02-13", "fees_notice=2026-02-09"}, "2026-03-09", ""}, // five days disregarded
		{FOI, "2026-02-02", []string{"fees_notice=2026-02-09", "fee_paid=2026-02-09"}, "2026-03-03", ""},
		{FOI, "2026-02-02", []string{"fees_notice=2026-02-03", "fee_paid=2026-02-04", "clarification=2026-02-16"}, "2026-03-16", ""},
		{FOI, "2026-02-02", []string{"internal_review=2026-03-02"}, "2026-03-31", ""},
		{EIR, "2026-02-02", []string{"internal_review=2026-03-02"}, "2026-04-30", ""},

		{SAR, "2026-02-02", nil, "2026-03-02", ""},
		{SAR, "2025-01-31", nil, "2025-02-28", ""},
		{SAR, "2024-01-31", nil, "2024-02-29", ""},
		{SAR, "2025-11-25", nil, "2025-12-29", ""},                                        // 25 and 26 December, then a weekend
		{SAR, "2026-01-15", nil, "2026-02-16", ""},                                        // a Sunday
		{SAR, "2026-02-02", []string{"extension=2026-02-20"}, "2026-05-05", "2026-03-02"}, // 2 May is a Saturday, 4 May a holiday
		{SAR, "2026-02-02", []string{"identity_confirmed=2026-02-10"}, "2026-03-10", ""},
		{SAR, "2026-02-02", []string{"clarification_sought=2026-02-05", "clarification_received=2026-02-10"}, "2026-03-09", ""}, // five days, then a Saturday
		{SAR, "2026-02-02", []string{"clarification_sought=2026-02-05"}, "", ""},
	} {
		r, err := b.Deadline(c.kind, day(t, c.received), events(t, c.events...))
		if err != nil || r.Deadline.String() != c.want || r.NoticeDue.String() != c.notice || len(r.Steps) == 0 {
			t.Errorf("%s %s %v: %s (notice by %s), want %s (%s); %v\n%s", c.kind, c.received, c.events, r.Deadline, r.NoticeDue, c.want, c.notice, err,
				strings.Join(r.Lines(), "\n"))
		}
		if (c.want == "") != (len(r.Notices) > 0) {
			t.Errorf("%s %s %v: notices %q", c.kind, c.received, c.events, r.Notices)
		}
	}
}

func TestDeadlineRefuses(t *testing.T) {
	b := testBook(t)
	for _, c := range []struct {
		kind     Kind
		received string
		event    string
	}{
		{FOI, "2026-02-02", "fees_notice=2026-02-01"},
		{FOI, "2026-02-02", "fees_notice=2096-02-01"},
		{FOI, "2026-02-02", "identity_confirmed=2026-02-03"},
		{SAR, "2026-02-02", "fee_paid=2026-02-03"},
		{SAR, "2026-02-02", "internal_review=2026-02-03"},
		{EIR, "2026-02-02", "transferred_record=2026-02-03"},
		{FOI, "2004-12-31", "extension=2005-01-01"},
		{"pfi", "2026-02-02", "extension=2026-02-03"},
	} {
		if r, err := b.Deadline(c.kind, day(t, c.received), events(t, c.event)); err == nil {
			t.Errorf("%s %s %s: %s", c.kind, c.received, c.event, r.Deadline)
		}
	}
	for in, want := range map[string]string{
		"fees_notice":            `"fees_notice" is no event: write it as TYPE=DATE, as fees_notice=2026-05-27`,
		"fee_notice=2026-01-01":  "there is no event fee_notice; did you mean fees_notice?",
		"hearing=2026-01-01":     "there is no event hearing; known: " + strings.Join(eventTypes(), ", "),
		"fees_notice=01/02/2026": `"01/02/2026" is not a date: write it as 2026-05-27`,
	} {
		if _, err := ParseEvent(in); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", in, err, want)
		}
	}
}

func TestExplanations(t *testing.T) {
	b := testBook(t)
	var out bytes.Buffer
	for _, c := range []struct {
		kind     Kind
		received string
		events   []string
	}{
		{FOI, "2025-07-12", nil},
		{FOI, "2025-12-15", []string{"extension=2026-01-20"}},
		{FOI, "2026-05-22", []string{"fees_notice=2026-06-01", "fee_paid=2026-06-05", "transferred_record=2026-05-22"}},
		{FOI, "2026-05-22", []string{"fees_notice=2026-06-01"}},
		{EIR, "2026-02-02", []string{"fees_notice=2026-02-09"}},
		{FOI, "2026-02-02", []string{"fee_paid=2026-02-09", "clarification=2026-02-16"}},
		{FOI, "2026-02-02", []string{"fees_notice=2026-02-09", "fee_paid=2026-05-11"}},
		{SAR, "2025-01-31", []string{"clarification_sought=2025-02-03", "clarification_received=2025-02-04", "extension=2025-02-05"}},
		{SAR, "2026-02-02", []string{"clarification_received=2026-02-10"}},
		{FOI, "2027-12-20", nil},
		{FOI, "2019-12-20", []string{"internal_review=2020-02-03"}},
	} {
		r, err := b.Deadline(c.kind, day(t, c.received), events(t, c.events...))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "# %s %s %s\n%s\n%s\n\n", c.kind, c.received, strings.Join(c.events, " "), r.Deadline, strings.Join(r.Lines(), "\n"))
	}
	const path = "testdata/explain.golden"
	if *update {
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), out.String()); d != "" {
		t.Error(d)
	}
}

// TestDeadlineProperties: over the years of the table, the deadline is a
// working day with exactly twenty of them after the receipt; what happens later
// or lasts longer never brings it forward.
func TestDeadlineProperties(t *testing.T) {
	b := testBook(t)
	everywhere := []Jurisdiction{EnglandAndWales, Scotland, NorthernIreland}
	rapid.Check(t, func(t *rapid.T) {
		received := record.Date{Year: 2024, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 1200).Draw(t, "received"))
		reckon := func(kind Kind, list ...Event) record.Date {
			r, err := b.Deadline(kind, received, list)
			if err != nil {
				t.Fatal(err)
			}
			return r.Deadline
		}
		due := reckon(FOI)
		n := 0
		for d := received.AddDays(1); !d.After(due); d = d.AddDays(1) {
			if b.calendar.dayOff(d, everywhere) == "" {
				n++
			}
		}
		if n != 20 || b.calendar.dayOff(due, everywhere) != "" {
			t.Fatalf("%s to %s is %d working days", received, due, n)
		}
		next, err := b.Deadline(FOI, received.AddDays(1), nil)
		if err != nil || next.Deadline.Before(due) {
			t.Fatalf("received a day later, %s is due earlier: %s", due, next.Deadline)
		}
		from := received.AddDays(rapid.IntRange(0, 25).Draw(t, "from"))
		to := from.AddDays(rapid.IntRange(0, 40).Draw(t, "to"))
		fees := []Event{{FeesNotice, from}, {FeePaid, to}}
		if got := reckon(FOI, fees...); got.Before(due) {
			t.Fatalf("with fees %s to %s: %s, without: %s", from, to, got, due)
		}
		if got := reckon(FOI, Event{ClarificationSought, from}, Event{ClarificationReceived, to}); got.Before(due) {
			t.Fatalf("with clarification on %s: %s, without: %s", to, got, due)
		}
		if got := reckon(EIR, Event{Extension, from}); !got.After(reckon(EIR)) {
			t.Fatalf("extended: %s, not: %s", got, reckon(EIR))
		}
		sar := reckon(SAR)
		if got := reckon(SAR, Event{ClarificationSought, from}, Event{ClarificationReceived, to}); got.Before(sar) {
			t.Fatalf("a month with a pause: %s, without: %s", got, sar)
		}
		if sar.Before(received.AddMonths(1)) || sar.After(received.AddMonths(1).AddDays(5)) {
			t.Fatalf("a month after %s is %s", received, sar)
		}
	})
}

// TestBankHolidaysAreWhatTheRulesOfTheActGive works the embedded table out
// again, year by year.
func TestBankHolidaysAreWhatTheRulesOfTheActGive(t *testing.T) {
	c, err := ParseCalendar(shipped(t, "bank-holidays.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[Jurisdiction][]string{Scotland: {"2026-06-15"}}
	for year := 2024; year <= 2027; year++ {
		for _, j := range []Jurisdiction{EnglandAndWales, Scotland, NorthernIreland} {
			var fixed []record.Date
			add := func(month time.Month, day int) {
				fixed = append(fixed, record.Date{Year: year, Month: month, Day: day})
			}
			monday := func(month time.Month, last bool) record.Date {
				d := record.Date{Year: year, Month: month, Day: 1}
				if last {
					d = d.AddMonths(1).AddDays(-7)
				}
				for d.Weekday() != time.Monday {
					d = d.AddDays(1)
				}
				return d
			}
			sunday := easter(year)
			days := []record.Date{sunday.AddDays(-2), monday(time.May, false), monday(time.May, true), monday(time.August, j != Scotland)}
			add(1, 1)
			if j == Scotland {
				add(1, 2)
				add(11, 30)
			} else {
				days = append(days, sunday.AddDays(1))
			}
			if j == NorthernIreland {
				add(3, 17)
				add(7, 12)
			}
			add(12, 25)
			add(12, 26)
			for _, d := range fixed { // a day in lieu is the next that is free
				for d.Weekday() == time.Saturday || d.Weekday() == time.Sunday || slices.Contains(days, d) {
					d = d.AddDays(1)
				}
				days = append(days, d)
			}
			for _, d := range days {
				want[j] = append(want[j], d.String())
			}
		}
	}
	got := make(map[Jurisdiction][]string)
	for d, titles := range c.days {
		for j := range titles {
			got[j] = append(got[j], d.String())
		}
	}
	for _, m := range []map[Jurisdiction][]string{want, got} {
		for _, days := range m {
			slices.Sort(days)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if c.Last().String() != "2027-12-28" {
		t.Errorf("the table ends on %s", c.Last())
	}
}
