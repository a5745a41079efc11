package retention

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/archive/record"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s:\n%s", path, d)
	}
}

// reckon works out a due date from the printed calendar alone, with none of the
// program's arithmetic.
func reckon(d record.Date, round Rounding, years, months, days int) record.Date {
	switch {
	case round == RoundCalendarYear:
		d.Month, d.Day = 12, 31
	case round == RoundFinancialYear && d.Month >= 4:
		d = record.Date{Year: d.Year + 1, Month: 3, Day: 31}
	case round == RoundFinancialYear:
		d.Month, d.Day = 3, 31
	}
	length := func() int {
		leap := d.Year%4 == 0 && (d.Year%100 != 0 || d.Year%400 == 0)
		if d.Month == 2 && leap {
			return 29
		}
		return []int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[d.Month-1]
	}
	for range 12*years + months {
		if d.Month++; d.Month > 12 {
			d.Year, d.Month = d.Year+1, 1
		}
	}
	d.Day = min(d.Day, length())
	for range days {
		if d.Day++; d.Day > length() {
			if d.Month++; d.Month > 12 {
				d.Year, d.Month = d.Year+1, 1
			}
			d.Day = 1
		}
	}
	return d
}

// TestDueDates decides some six hundred dated cases on the due date and the day
// after, against reckon and against the golden file.
func TestDueDates(t *testing.T) {
	var out bytes.Buffer
	zone := london(t)
	dates := []string{"2023-02-28", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-31", "2024-04-01", "2024-12-31",
		"2025-01-01", "2025-03-30", "2025-10-26", "2026-01-31", "2026-05-27", "2026-08-31", "2027-03-31", "2028-02-29", "2096-02-29", "1999-12-31"}
	for _, round := range []Rounding{RoundNone, RoundCalendarYear, RoundFinancialYear} {
		for _, p := range []struct{ y, m, d int }{{0, 0, 1}, {0, 0, 90}, {0, 1, 0}, {0, 6, 0}, {1, 0, 0}, {0, 12, 0}, {1, 2, 10}, {2, 0, 0}, {4, 0, 0}, {7, 0, 0}, {8, 6, 0}, {20, 0, 0}} {
			period := Period{12*p.y + p.m, p.d}
			s := oneClass(t, Trigger{Kind: OnSent, Round: round}, period, Destroy)
			for _, date := range dates {
				sent := day(t, date)
				f := record.Facts{Role: "x", Sent: sent.Start(zone).Add(13 * time.Hour)}
				want := reckon(sent, round, p.y, p.m, p.d)
				onTheDay := s.Decide(f, nil, want.Start(zone).Add(24*time.Hour-2*time.Hour))
				dayAfter := s.Decide(f, nil, want.AddDays(1).Start(zone))
				if onTheDay.Due != want || onTheDay.State != Active || dayAfter.State != Due || !dayAfter.Disposable {
					t.Errorf("%s %s %s: due %s, want %s; %s that day, %s the day after", date, round, period, onTheDay.Due, want, onTheDay.State, dayAfter.State)
				}
				fmt.Fprintln(&out, dayAfter.Reasons[1])
			}
		}
	}
	golden(t, "testdata/due.golden", out.Bytes())
}

// TestZoneDecidesTheDay: an instant belongs to the legal zone's day, summer
// time included, both where the clock starts and where it ends.
func TestZoneDecidesTheDay(t *testing.T) {
	s := oneClass(t, Trigger{Kind: OnSent, Round: RoundCalendarYear}, Period{Days: 1}, Destroy)
	for _, c := range []struct{ sent, at, due string }{
		{"2026-12-31T23:59:59Z", "2027-01-02T00:00:00Z", "2027-01-01"},
		{"2027-01-01T00:00:00Z", "2028-01-01T23:59:59Z", "2028-01-01"},
		{"2027-01-01T00:30:00+05:30", "2027-01-02T00:00:00Z", "2027-01-01"},
	} {
		sent, _ := time.Parse(time.RFC3339, c.sent)
		if got := s.Decide(record.Facts{Role: "x", Sent: sent}, nil, sent).Due.String(); got != c.due {
			t.Errorf("sent %s: due %s, want %s", c.sent, got, c.due)
		}
	}
	plain := oneClass(t, Trigger{Kind: OnSent}, Period{Days: 1}, Destroy)
	f := record.Facts{Role: "x", Sent: time.Date(2026, 6, 30, 23, 30, 0, 0, time.UTC)} // 1 July in London
	for at, want := range map[string]State{
		"2026-07-02T22:59:59Z": Active, // still 2 July in London
		"2026-07-02T23:00:00Z": Due,    // 3 July in London
	} {
		now, _ := time.Parse(time.RFC3339, at)
		if d := plain.Decide(f, nil, now); d.State != want || d.Due.String() != "2026-07-02" {
			t.Errorf("at %s: %s, due %s", at, d.State, d.Due)
		}
	}
}

// TestExplanations holds the whole of several decisions against a golden file.
func TestExplanations(t *testing.T) {
	s := testSchedule(t)
	zone := london(t)
	when := func(date string) time.Time { return day(t, date).Start(zone) }
	all := Hold{Hold: "inquiry-7", Type: "inquiry", Matter: "Module 2"}
	other := Hold{Hold: "foi-12", Type: "foi", Scope: record.Scope{Custodians: []string{"cto"}, Query: "sandbags"}}
	ids := Hold{Hold: "lit-3", Scope: record.Scope{Records: []record.ID{"aaaa"}}}
	var out bytes.Buffer
	for _, c := range []struct {
		name  string
		c     Candidate
		holds []Hold
		at    string
	}{
		{"routine mail, due", Candidate{Facts: record.Facts{Source: "helpdesk", Sent: when("2026-05-27")}}, nil, "2029-01-01"},
		{"minister's logistical message, two years before transfer", Candidate{Facts: record.Facts{Role: "minister", Significance: "logistical", Sent: when("2026-05-27")}}, nil, "2045-01-01"},
		{"by hand, on hold", Candidate{Facts: record.Facts{Role: "minister", Custodian: "coo", Sent: when("2026-05-27"), Closed: when("2026-06-01")},
			Manual: Manual{"POL-02", "a working paper"}}, []Hold{all, other}, "2040-01-01"},
		{"tenure not ended", Candidate{Facts: record.Facts{Grade: "SCS2", Sent: when("2001-01-01")}}, nil, "2040-01-01"},
		{"tenure ended", Candidate{Facts: record.Facts{Grade: "SCS2", Events: map[string]time.Time{"tenure_end": when("2024-07-05")}}}, []Hold{other, ids}, "2040-01-01"},
		{"suspect date", Candidate{Facts: record.Facts{Significance: "logistical", DateSuspect: true, Sent: when("1970-01-01"), Received: when("2026-05-01")}}, nil, "2026-07-30"},
		{"suspect date in the future", Candidate{Facts: record.Facts{Significance: "logistical", DateSuspect: true, Sent: when("2036-01-01"), Received: when("2026-05-01")}}, nil, "2026-12-30"},
		{"class that has gone", Candidate{Facts: record.Facts{Captured: when("2026-05-01")}, Manual: Manual{Class: "OLD-01"}}, []Hold{ids}, "2027-05-02"},
	} {
		fmt.Fprintf(&out, "# %s, at %s\n", c.name, c.at)
		d := s.DecideCandidate(&c.c, c.holds, when(c.at))
		b, err := json.MarshalIndent(d, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s\n\n", b)
	}
	golden(t, "testdata/decide.golden", out.Bytes())
}

func TestMinimumAge(t *testing.T) {
	data, err := os.ReadFile("testdata/schedule.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Load([]byte(strings.Replace(string(data), "  unclassified:", "  minimum_age: P30D\n  unclassified:", 1)))
	if err != nil {
		t.Fatal(err)
	}
	f := record.Facts{Significance: "logistical", Sent: day(t, "2020-01-01").Start(london(t))}
	now := day(t, "2026-05-30").Start(london(t))
	if d := s.Decide(f, nil, now); d.State != UnknownTrigger || d.Disposable || !d.Due.IsZero() {
		t.Errorf("captured nobody knows when: %s, due %s", d.State, d.Due)
	}
	f.Captured = day(t, "2026-05-01").Start(london(t))
	if d := s.Decide(f, nil, now); d.State != Active || d.Due.String() != "2026-05-31" {
		t.Errorf("captured 29 days ago: %s, due %s", d.State, d.Due)
	}
}

func BenchmarkDecide(b *testing.B) {
	s := testSchedule(b)
	c := Candidate{Facts: record.Facts{Source: "helpdesk", Custodian: "cto", Kind: record.Email, Mailbox: "help@dept.example", Folder: "INBOX",
		Subject: "Re: quarterly figures for the north", From: []string{"a@x.example"}, To: []string{"help@dept.example"}, Sent: day(b, "2026-05-27").Start(london(b))}}
	now := day(b, "2029-01-01").Start(london(b))
	for b.Loop() {
		s.DecideCandidate(&c, nil, now)
	}
}
