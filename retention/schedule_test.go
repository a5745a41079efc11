package retention

import (
	"os"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

func loadFile(t testing.TB, path string) *Schedule {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Load(data)
	if err != nil {
		t.Fatalf("%s:\n%v", path, err)
	}
	return s
}

func testSchedule(t testing.TB) *Schedule { return loadFile(t, "testdata/schedule.yaml") }

// oneClass is a schedule of a single class with this trigger and period.
func oneClass(t testing.TB, trigger Trigger, period Period, action Action) *Schedule {
	t.Helper()
	event := ""
	if trigger.Event != "" {
		event = ", event: " + trigger.Event
	}
	round := trigger.Round
	if round == "" {
		round = RoundNone
	}
	s, err := Load([]byte(`schema: retention-schedule/v1
authority: {name: Example}
version: t
review_by: 2030-01-01
status: sample
defaults: {unclassified: U, authority: test, roles: {x: C}}
classes:
  - {id: U, title: U, trigger: captured, period: P1Y, action: review}
  - {id: C, title: C, trigger: {kind: ` + string(trigger.Kind) + event + `, round: ` + string(round) + `}, period: ` + period.String() + `, action: ` + string(action) + `}
`))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func day(t testing.TB, s string) record.Date {
	t.Helper()
	d, err := record.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func london(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestAssign(t *testing.T) {
	s := testSchedule(t)
	for _, c := range []struct {
		name        string
		f           record.Facts
		manual      Manual
		class, rule string
		lost        int
	}{
		{"by role rule", record.Facts{Role: "Minister", Significance: "logistical"}, Manual{}, "MIN-01", "r1", 1},
		{"manual beats rules", record.Facts{Role: "minister"}, Manual{Class: "POL-02"}, "POL-02", "manual", 1},
		{"manual of no class", record.Facts{Role: "minister"}, Manual{Class: "OLD-1"}, "UNC-00", "default:unclassified", 1},
		{"first rule wins", record.Facts{Role: "minister", Grade: "scs2"}, Manual{}, "MIN-01", "r1", 1},
		{"rule beats role default", record.Facts{Role: "special_adviser", Grade: "SCS3"}, Manual{}, "SEN-01", "r2", 1},
		{"role default beats source default", record.Facts{Role: "special_adviser", Source: "helpdesk"}, Manual{}, "MIN-01", "default:role:special_adviser", 1},
		{"source default", record.Facts{Source: "Helpdesk"}, Manual{}, "ADM-01", "default:source:helpdesk", 0},
		{"when beats defaults", record.Facts{Source: "helpdesk", Significance: "logistical"}, Manual{}, "ADM-00", "ADM-00.when", 1},
		{"not", record.Facts{Mailbox: "finance@dept.example", Folder: "Drafts/May"}, Manual{}, "DRF-01", "r6", 0},
		{"glob", record.Facts{Mailbox: "finance@dept.example", Folder: "INBOX"}, Manual{}, "FIN-01", "r3", 0},
		{"subject words", record.Facts{Subject: "Re: *LICENCE renewal* for Upton"}, Manual{}, "LIC-01", "r4", 0},
		{"subject words apart", record.Facts{Subject: "licence and renewal"}, Manual{}, "UNC-00", "default:unclassified", 0},
		{"any address", record.Facts{From: []string{"licences@x.example"}}, Manual{}, "LIC-01", "r4", 0},
		{"chat", record.Facts{Kind: record.ChatDay, Chat: "ops north"}, Manual{}, "CHT-01", "r5", 0},
		{"chat too short", record.Facts{Kind: record.ChatDay, Chat: "ops "}, Manual{}, "UNC-00", "default:unclassified", 0},
		{"nothing", record.Facts{}, Manual{}, "UNC-00", "default:unclassified", 0},
	} {
		a := s.Assign(&c.f, c.manual)
		if a.Class != c.class || a.Rule != c.rule || len(a.lost) != c.lost {
			t.Errorf("%s: class %s by %s with %d lost, want %s by %s with %d", c.name, a.Class, a.Rule, len(a.lost), c.class, c.rule, c.lost)
		}
	}
}

func TestScheduleSpeaksEnglish(t *testing.T) {
	s := testSchedule(t)
	for got, want := range map[string]string{
		s.Rules[3].String(): "r4: if (subject has “licen* renewal”) or (sender is like “licences@*”), then class LIC-01",
		s.Rules[2].String(): "r3: if mailbox is like “finance@*” and not (folder is like “Drafts*”), then class FIN-01",
		s.Rules[0].String(): "r1: if custodian's role is minister or permanent_secretary, then class MIN-01",
		s.Classes[6].String(): "CHT-01 Operational chats: destroy 1 year, 2 months and 10 days after " +
			"last activity in its thread, folder or chat",
		s.Class("FIN-01").String():                    "FIN-01 Finance: destroy 6 years after sent, rounded to the end of the financial year",
		Match{All: []Match{{}, {Chat: nil}}}.String(): "everything and everything",
	} {
		if got != want {
			t.Errorf("%q\nwant %q", got, want)
		}
	}
}

func TestReviewNotice(t *testing.T) {
	s := testSchedule(t)
	for at, want := range map[string]string{
		"2026-11-15": "",
		"2026-11-17": "schedule 2026.1 is to be reviewed by 15 January 2027",
		"2027-01-15": "schedule 2026.1 is to be reviewed by 15 January 2027",
		"2027-01-16": "schedule 2026.1 should have been reviewed by 15 January 2027",
	} {
		got, overdue := s.ReviewNotice(day(t, at).Start(london(t)))
		if got != want || overdue {
			t.Errorf("%s: %q, %v, want %q", at, got, overdue, want)
		}
	}
	strict := *s
	strict.Strict = true
	if _, overdue := strict.ReviewNotice(day(t, "2027-01-16").Start(london(t))); !overdue {
		t.Error("a strict schedule past its review is not overdue")
	}
	if n := s.Notices(); len(n) != 0 {
		t.Errorf("notices %q", n)
	}
	if n := oneClass(t, Trigger{Kind: OnSent}, Period{Days: 1}, Destroy).Notices(); len(n) != 1 {
		t.Errorf("a sample schedule has notices %q", n)
	}
}
