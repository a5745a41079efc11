package assurance

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
)

func london(t testing.TB) *time.Location {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// TestLagIsExact holds the measure to its definition, taken literally.
func TestLagIsExact(t *testing.T) {
	zone := london(t)
	rapid.Check(t, func(t *rapid.T) {
		target := retention.Period{Days: rapid.IntRange(0, 5).Draw(t, "days")}
		l := NewLags(target, zone)
		var lags []int64
		want := Lag{Target: target}
		for range rapid.IntRange(0, 60).Draw(t, "messages") {
			sent := time.Unix(1_770_000_000+rapid.Int64Range(0, 40e6).Draw(t, "sent"), 0).UTC()
			captured := sent.Add(time.Duration(rapid.Int64Range(-3600, 1e6).Draw(t, "lag")) * time.Second)
			if rapid.IntRange(0, 9).Draw(t, "undated") == 0 {
				l.Add(time.Time{}, captured)
				want.Undated++
				continue
			}
			l.Add(sent, captured)
			lags = append(lags, max(0, captured.Unix()-sent.Unix()))
			if last := target.After(record.DateOf(sent, zone)); !target.IsZero() && !record.DateOf(captured, zone).After(last) {
				want.Within++
			}
		}
		slices.Sort(lags)
		want.Messages = len(lags)
		least := func(of100 int) Seconds {
			for _, lag := range lags {
				if n, _ := slices.BinarySearch(lags, lag+1); 100*n >= of100*len(lags) {
					return Seconds(lag)
				}
			}
			return 0
		}
		want.Median, want.P95, want.Max = least(50), least(95), least(100)
		if got := l.Lag(); got != want {
			t.Fatalf("%+v, want %+v", got, want)
		}
	})
}

func TestLagOfNothing(t *testing.T) {
	l := NewLags(retention.Period{}, time.UTC).Lag()
	if l.Share() != 1 || l.Median.Duration() != 0 {
		t.Errorf("%+v", l)
	}
	half := Lag{Messages: 4, Within: 2, P95: 90}
	if half.Share() != 0.5 || half.P95.Duration() != 90*time.Second {
		t.Errorf("%+v", half)
	}
}

func TestSpans(t *testing.T) {
	for in, want := range map[string][2]string{"2026": {"2026-01-01", "2026-12-31"}, "2026-Q1": {"2026-01-01", "2026-03-31"},
		"2026-Q4": {"2026-10-01", "2026-12-31"}, "2024-02": {"2024-02-01", "2024-02-29"}} {
		s := period(t, in)
		if s.String() != in || s.First() != date(t, want[0]) || s.Last() != date(t, want[1]) || s.Next().First() != s.Last().AddDays(1) {
			t.Errorf("%s: %s to %s, then %s", in, s.First(), s.Last(), s.Next())
		}
		var again Span
		b, err := json.Marshal(s)
		if err == nil {
			err = json.Unmarshal(b, &again)
		}
		if err != nil || again != s {
			t.Errorf("%s: %s, %v", in, b, err)
		}
	}
	for _, bad := range []string{"", "2026-", "2026-Q5", "2026-Q0", "2026-Q01", "2026-13", "2026-9", "26-Q1", "2026-q1", "2026-Q1-2", "1026", "-026-01", "2026-+1"} {
		if s, err := ParseSpan(bad); err == nil {
			t.Errorf("%q was read as %s", bad, s)
		}
	}
	day := date(t, "2026-08-31")
	if SpanOf(day, Monthly).String() != "2026-08" || SpanOf(day, Quarterly).String() != "2026-Q3" || SpanOf(day, Yearly).String() != "2026" || !SpanOf(day, "").IsZero() {
		t.Error("the periods of a day are wrong")
	}
	if !period(t, "2026").Covers(period(t, "2026-Q3")) || period(t, "2026-Q3").Covers(period(t, "2026")) || period(t, "2025").Covers(period(t, "2026-Q1")) {
		t.Error("what covers what is wrong")
	}
}

func FuzzParseSpan(f *testing.F) {
	for _, s := range []string{"2026-Q3", "2026-09", "2026", "2026-Q", "9999-12"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if s, err := ParseSpan(in); err == nil && s.String() != in {
			t.Errorf("%q became %q", in, s)
		}
	})
}
