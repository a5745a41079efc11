package rhythm_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/internal/rhythm"
)

// monday is the beginning of a week.
var monday = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// office is a mailbox that gets n items an hour from 9 to 17 on weekdays, for so
// many weeks up to monday.
func office(weeks int, n int64) (hours []rhythm.Hour) {
	for at := monday.AddDate(0, 0, -7*weeks); at.Before(monday); at = at.Add(time.Hour) {
		if wd := at.Weekday(); wd != time.Saturday && wd != time.Sunday && at.Hour() >= 9 && at.Hour() < 17 {
			hours = append(hours, rhythm.Hour{Began: at, Items: n})
		}
	}
	return hours
}

func TestSilent(t *testing.T) {
	friday := monday.AddDate(0, 0, -3).Add(17 * time.Hour)
	for name, tc := range map[string]struct {
		hours []rhythm.Hour
		now   time.Time
		want  bool
	}{
		"a weekend":                 {office(12, 6), monday.Add(8 * time.Hour), false},
		"Monday's first hour":       {office(12, 6), monday.Add(10 * time.Hour), false},
		"two hours of Monday":       {office(12, 6), monday.Add(11 * time.Hour), true},
		"a slow mailbox on Monday":  {office(12, 1), monday.Add(17 * time.Hour), false},
		"a slow mailbox on Tuesday": {office(12, 1), monday.Add(35 * time.Hour), true},
		"three weeks of history":    {office(3, 6), monday.Add(17 * time.Hour), false},
		"no history":                {nil, monday.Add(17 * time.Hour), false},
		"a week that was as quiet":  {without(office(12, 6), monday.AddDate(0, 0, -28)), monday.Add(17 * time.Hour), false},
		"a clock that went back":    {office(12, 6), friday.Add(-time.Hour), false},
		"silent for five months":    {office(12, 6), monday.AddDate(0, 0, 7*20), true},
	} {
		s, got := rhythm.Silent(tc.hours, friday, tc.now)
		if got != tc.want {
			t.Errorf("%s: silent %v, %+v", name, got, s)
		}
		if got && (!strings.Contains(s.String(), "2026-05-29 17:00 UTC") || s.Weeks < rhythm.LeastWeeks) {
			t.Errorf("%s: %s", name, s)
		}
	}
}

// without leaves one day out.
func without(hours []rhythm.Hour, day time.Time) (out []rhythm.Hour) {
	for _, h := range hours {
		if h.Began.Before(day) || !h.Began.Before(day.AddDate(0, 0, 1)) {
			out = append(out, h)
		}
	}
	return out
}

// A silence goes on being one for as long as it has weeks to be compared with,
// and never is one where the same hours of a week brought nothing.
func TestSilenceProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var hours []rhythm.Hour
		start := monday.AddDate(0, 0, -7*rapid.IntRange(0, 14).Draw(t, "weeks"))
		for at := start; at.Before(monday); at = at.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "gap")) * time.Hour) {
			hours = append(hours, rhythm.Hour{Began: at, Items: rapid.Int64Range(1, 30).Draw(t, "items")})
		}
		now := monday.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "quiet")) * time.Hour)
		s, silent := rhythm.Silent(hours, monday, now)
		if !silent {
			return
		}
		if s.Least < rhythm.LeastItems || s.Mean < rhythm.MeanItems || s.Weeks < rhythm.LeastWeeks || s.Mean < s.Least {
			t.Fatalf("%+v", s)
		}
		if later, still := rhythm.Silent(hours, monday, now.Add(time.Hour)); !still || later.Least < s.Least {
			t.Fatalf("an hour later: %v, %+v, before %+v", still, later, s)
		}
	})
}
