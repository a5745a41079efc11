package record

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAddMonthsKeepsTheDayOrTakesTheLast(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-01-31", 1, "2026-02-28"},
		{"2024-01-31", 1, "2024-02-29"},
		{"2024-02-29", 12, "2025-02-28"},
		{"2024-02-29", 48, "2028-02-29"},
		{"2026-12-15", 1, "2027-01-15"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-05-31", 13, "2027-06-30"},
		{"1900-01-30", 1, "1900-02-28"},
	} {
		from, err := ParseDate(c.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := from.AddMonths(c.n).String(); got != c.want {
			t.Errorf("%s + %d months = %s, want %s", c.from, c.n, got, c.want)
		}
	}
}

func TestDateOfIsByTheZone(t *testing.T) {
	summer := time.FixedZone("BST", 3600)
	late := time.Date(2026, 6, 30, 23, 30, 0, 0, time.UTC)
	if got := DateOf(late, summer).String(); got != "2026-07-01" {
		t.Errorf("23:30 UTC is %s in summer time, want 2026-07-01", got)
	}
	if !DateOf(time.Time{}, summer).IsZero() {
		t.Error("the zero time has a date")
	}
}

func TestParseDateRefuses(t *testing.T) {
	for _, s := range []string{"", "2026-02-29", "2026-2-3", "27/05/2026", "2026-05-27T00:00:00Z", "0000-01-01", "20260527"} {
		if d, err := ParseDate(s); err == nil {
			t.Errorf("%q was read as %v", s, d)
		}
	}
}

func TestDateRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Date{2000, 1, 1}.AddDays(rapid.IntRange(-100_000, 100_000).Draw(t, "days"))
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var back Date
		if err := json.Unmarshal(b, &back); err != nil || back != d {
			t.Fatalf("%s came back as %v, %v", b, back, err)
		}
		n := rapid.IntRange(1, 400).Draw(t, "n")
		if !d.AddDays(n).After(d) || d.AddDays(n).AddDays(-n) != d || d.AddMonths(n).Before(d) {
			t.Fatalf("%v and %d days or months later are out of order", d, n)
		}
	})
}
