package assurance

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
)

var update = flag.Bool("update", false, "write the golden files anew")

func date(t testing.TB, s string) record.Date {
	t.Helper()
	d, err := record.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func period(t testing.TB, s string) Span {
	t.Helper()
	p, err := ParseSpan(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// minister is a custodian of whom everything is expected.
func minister(t testing.TB) (Custodian, Evidence) {
	c := Custodian{ID: "minister", Joined: date(t, "2026-03-02"), Leaving: date(t, "2026-12-04"), ExportsEvery: retention.Period{Days: 7}, Attests: Quarterly,
		DeviceChanges: []record.Date{date(t, "2026-09-14")}, Trained: date(t, "2025-11-30"), Channels: []Channel{
			{App: "whatsapp", Channel: record.NonCorporate, Device: "private", Until: date(t, "2026-10-31"), Review: date(t, "2026-12-15")},
			{App: "sms", Channel: record.NonCorporate, Device: "corporate", Review: date(t, "2026-05-01"), Closed: date(t, "2026-04-30")},
			{App: "email", Channel: record.Corporate}}}
	e := Evidence{Opened: date(t, "2026-01-05"), Chats: []Chat{
		{ID: "chat-floods", App: "whatsapp", Exports: []record.Date{date(t, "2026-09-10"), date(t, "2026-09-20"), date(t, "2026-11-18")}},
		{ID: "chat-timer", App: "whatsapp", Exports: []record.Date{date(t, "2026-11-19")}, Timer: 24 * time.Hour},
		{ID: "chat-ended", App: "signal", Exports: []record.Date{date(t, "2026-06-01")}},
	}, Attestations: []Attestation{
		{Period: period(t, "2026-Q1"), Statement: "All was handed over.", On: date(t, "2026-04-02"), By: "po"},
		{Period: period(t, "2026-Q2"), Nil: true, Statement: "There was none.", On: date(t, "2026-07-30"), By: "po"},
		{Period: period(t, "2026-Q3"), Statement: "On the change of phones.", On: date(t, "2026-09-15"), By: "po"},
	}, Closed: []Closed{{Task: "export/chat-ended/2026-06-01", Reason: "the group was dissolved", On: date(t, "2026-07-01"), By: "records"}}}
	return c, e
}

func TestAssessGolden(t *testing.T) {
	c, e := minister(t)
	var b strings.Builder
	for _, today := range []string{"2026-03-15", "2026-11-22", "2026-12-20"} {
		fmt.Fprintf(&b, "as of %s\n", today)
		for _, k := range Assess(c, e, date(t, today)) {
			fmt.Fprintf(&b, "  %-8s %s  opens %s  %s\n           %s\n", k.State, k.Due, k.Opens, k.ID, k.Text)
			if k.Evidence != "" {
				fmt.Fprintf(&b, "           evidence: %s\n", k.Evidence)
			}
			if k.Done != nil {
				fmt.Fprintf(&b, "           closed by %s: %s\n", k.Done.By, k.Done.Reason)
			}
		}
	}
	const file = "testdata/minister.golden"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Error(d)
	}
}

func TestNothingIsExpectedOfWhomNothingIsSaid(t *testing.T) {
	e := Evidence{Opened: date(t, "2020-01-01"), Chats: []Chat{{ID: "chat-a", App: "whatsapp", Exports: []record.Date{date(t, "2026-01-01")}}}}
	if tasks := Assess(Custodian{ID: "x"}, e, date(t, "2026-11-22")); len(tasks) != 0 {
		t.Errorf("%+v", tasks)
	}
}

func TestFirstExportAndNilReturn(t *testing.T) {
	c := Custodian{ID: "x", ExportsEvery: retention.Period{Months: 1}}
	e := Evidence{Opened: date(t, "2026-05-01")}
	tasks := Assess(c, e, date(t, "2026-06-05"))
	if len(tasks) != 1 || tasks[0].State != Overdue || tasks[0].Due != date(t, "2026-06-01") {
		t.Fatalf("%+v", tasks)
	}
	e.Attestations = []Attestation{{Period: period(t, "2026-05"), Nil: true, On: date(t, "2026-06-02")}}
	tasks = Assess(c, e, date(t, "2026-06-05"))
	if len(tasks) != 1 || tasks[0].State != Upcoming || tasks[0].Due != date(t, "2026-06-30") {
		t.Fatalf("after a nil return: %+v", tasks)
	}
	// A nil return speaks of no day after the one on which it was made.
	e.Attestations = []Attestation{{Period: period(t, "2026"), Nil: true, On: date(t, "2026-05-03")}}
	if tasks = Assess(c, e, date(t, "2026-06-05")); tasks[0].Due != date(t, "2026-06-03") || tasks[0].State != Overdue {
		t.Fatalf("after an early nil return: %+v", tasks)
	}
}

// TestAssessModel holds any custodian to what must be so of every list.
func TestAssessModel(t *testing.T) {
	anyDate := rapid.Custom(func(t *rapid.T) record.Date {
		return record.Date{Year: 2026, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 700).Draw(t, "day"))
	})
	maybe := rapid.Custom(func(t *rapid.T) record.Date {
		if rapid.Bool().Draw(t, "given") {
			return anyDate.Draw(t, "date")
		}
		return record.Date{}
	})
	rapid.Check(t, func(t *rapid.T) {
		c := Custodian{ID: "c", Joined: maybe.Draw(t, "joined"), Leaving: maybe.Draw(t, "leaving"), Trained: maybe.Draw(t, "trained"),
			Attests: rapid.SampledFrom([]Rhythm{"", Monthly, Quarterly, Yearly}).Draw(t, "attests"), ExportsEvery: retention.Period{Days: rapid.IntRange(0, 40).Draw(t, "every")},
			DeviceChanges: rapid.SliceOfNDistinct(anyDate, 0, 2, rapid.ID[record.Date]).Draw(t, "changes")}
		for i := range rapid.IntRange(0, 2).Draw(t, "channels") {
			c.Channels = append(c.Channels, Channel{App: fmt.Sprintf("app%d", i), Channel: record.NonCorporate, Until: maybe.Draw(t, "until"), Closed: maybe.Draw(t, "closed")})
		}
		e := Evidence{Opened: record.Date{Year: 2026, Month: 1, Day: 1}}
		for i := range rapid.IntRange(0, 3).Draw(t, "chats") {
			day := anyDate.Draw(t, "export")
			e.Chats = append(e.Chats, Chat{ID: fmt.Sprintf("chat-%d", i), App: "app0", Exports: []record.Date{day, day.AddDays(3)}})
		}
		today := anyDate.Draw(t, "today")
		tasks := Assess(c, e, today)
		seen := make(map[string]bool)
		for i, k := range tasks {
			switch {
			case seen[k.ID]:
				t.Fatalf("two tasks %s", k.ID)
			case k.Opens.IsZero() || k.Due.Before(k.Opens) || k.Text == "" || k.Custodian != "c":
				t.Fatalf("%+v", k)
			case i > 0 && k.Due.Before(tasks[i-1].Due):
				t.Fatal("not in order")
			case k.State == Overdue && !today.After(k.Due), k.State == Upcoming && !today.Before(k.Opens), k.State == Done && k.Evidence == "" && k.Done == nil:
				t.Fatalf("on %s: %+v", today, k)
			}
			seen[k.ID] = true
		}
		// A person's word closes any one of them and, but for a chat that has
		// ended, only that one.
		if len(tasks) == 0 {
			return
		}
		k := rapid.SampledFrom(tasks).Draw(t, "task")
		e.Closed = []Closed{{Task: k.ID, Reason: "r", On: today, By: "b"}}
		for _, after := range Assess(c, e, today) {
			if after.ID == k.ID && (after.State != Done || after.Done == nil) {
				t.Fatalf("%s stays %s", k.ID, after.State)
			}
			if !seen[after.ID] {
				t.Fatalf("%s is new", after.ID)
			}
		}
	})
}
