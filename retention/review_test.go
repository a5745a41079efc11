package retention

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// TestReviewsAreExplained holds decisions that reviews bear on against a golden
// file: every outcome before, on and after the due date, in the class that was
// reviewed and in another, under each action, over leap days and year ends.
func TestReviewsAreExplained(t *testing.T) {
	var out bytes.Buffer
	zone := london(t)
	for _, action := range []Action{Review, Destroy, Transfer} {
		for _, round := range []Rounding{RoundNone, RoundFinancialYear} {
			s := oneClass(t, Trigger{Kind: OnSent, Round: round}, Period{Months: 48}, action)
			for _, sent := range []string{"2020-02-29", "2020-12-31", "2021-04-01"} {
				f := record.Facts{Role: "x", Sent: day(t, sent).Start(zone).Add(13 * time.Hour)}
				bare := s.Decide(f, nil, day(t, "2020-01-01").Start(zone))
				for _, outcome := range ReviewOutcomes() {
					for _, after := range []int{-1, 0, 1} {
						for _, class := range []string{bare.Class, "OTHER"} {
							r := &Reviewed{Outcome: outcome, On: bare.Due.AddDays(after), Classes: []string{class}, Count: 1}
							if outcome == ReviewKeep {
								r.Until = bare.Due.AddMonths(12 * after)
							}
							d := s.DecideCandidate(&Candidate{Facts: f, Review: r}, nil, bare.Due.AddDays(2).Start(zone))
							fmt.Fprintf(&out, "%s after 4 years, sent %s: %s\n    %s\n", action, sent, d.Words(), strings.Join(d.Reasons[1:], "\n    "))
							wantDestroy := action == Destroy && outcome != ReviewTransfer ||
								action == Review && outcome == ReviewDestroy && after > 0 && class == bare.Class
							if (d.Action == Destroy) != wantDestroy {
								t.Errorf("%s, %s %+d days, %s: %s", action, outcome, after, class, d.Words())
							}
							if d.Due.Before(bare.Due) || d.Reviews != 1 {
								t.Errorf("%s: due %s, without the review %s", outcome, d.Due, bare.Due)
							}
						}
					}
				}
			}
		}
	}
	golden(t, "testdata/review.golden", out.Bytes())
}

// TestTwentyYears: reckoned from the earliest day that the record can be of, to
// the day, leap years included.
func TestTwentyYears(t *testing.T) {
	s := testSchedule(t)
	zone := london(t)
	at := func(date string) time.Time {
		if date == "" {
			return time.Time{}
		}
		return day(t, date).Start(zone).Add(time.Hour)
	}
	for _, c := range []struct {
		sent, captured string
		suspect        bool
		today, twenty  string
		eighteen       bool
	}{
		{"2006-11-22", "2026-01-01", false, "2024-11-21", "2026-11-22", false},
		{"2006-11-22", "2026-01-01", false, "2024-11-22", "2026-11-22", true},
		{"2008-02-29", "2026-01-01", false, "2026-02-27", "2028-02-29", false},
		{"2008-02-29", "2026-01-01", false, "2026-02-28", "2028-02-29", true},
		{"2036-01-01", "2026-05-01", true, "2026-05-01", "2046-05-01", false}, // the claim is of the future: the capture is earlier
		{"1970-01-01", "2026-05-01", true, "2026-05-01", "1990-01-01", true},
		{"", "2008-05-01", false, "2026-05-01", "2028-05-01", true},
		{"", "", false, "2026-05-01", "", false},
	} {
		twenty, eighteen := s.TwentyYears(record.Facts{Sent: at(c.sent), Captured: at(c.captured), DateSuspect: c.suspect}, day(t, c.today))
		if twenty.String() != c.twenty || eighteen != c.eighteen {
			t.Errorf("%+v: %s, %t", c, twenty, eighteen)
		}
	}
}

func TestProposedIsASample(t *testing.T) {
	s := *testSchedule(t)
	s.Status = Approved
	p := s.Proposed()
	if d := p.Decide(record.Facts{Role: "x"}, nil, time.Now()); !d.Sample || s.Status != Approved || len(p.Notices()) != len(s.Notices())+1 {
		t.Errorf("%+v, notices %q", d, p.Notices())
	}
	if again := p.Proposed(); again != p {
		t.Error("a sample was made one again")
	}
}
