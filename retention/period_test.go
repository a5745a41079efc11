package retention

import (
	"testing"

	"pgregory.net/rapid"
)

func TestParsePeriod(t *testing.T) {
	for _, c := range []struct{ in, iso, words string }{
		{"P20Y", "P20Y", "20 years"},
		{"P1Y2M10D", "P1Y2M10D", "1 year, 2 months and 10 days"},
		{"P12M", "P1Y", "1 year"},
		{"P18M", "P1Y6M", "1 year and 6 months"},
		{"P90D", "P90D", "90 days"},
		{"P2W", "P14D", "14 days"},
		{"P1D", "P1D", "1 day"},
	} {
		p, err := ParsePeriod(c.in)
		if err != nil || p.String() != c.iso || p.Words() != c.words {
			t.Errorf("%s: %s, %q, %v", c.in, p, p.Words(), err)
		}
	}
	for _, bad := range []string{"", "P", "P0D", "P0Y0M", "2Y", "P2", "P-1Y", "P1.5Y", "PT1H", "P1YT1H", "p1y", "P1D1Y", "P10000Y", "P99999999999999999999Y", " P1Y", "P1Y\n"} {
		if p, err := ParsePeriod(bad); err == nil {
			t.Errorf("%q was read as %s", bad, p)
		}
	}
}

func TestPeriodAfter(t *testing.T) {
	for _, c := range []struct{ from, period, want string }{
		{"2024-02-29", "P1Y", "2025-02-28"},
		{"2024-02-29", "P4Y", "2028-02-29"},
		{"2024-02-29", "P100Y", "2124-02-29"},
		{"2000-02-29", "P100Y", "2100-02-28"}, // 2100 is no leap year
		{"2024-02-28", "P1Y", "2025-02-28"},
		{"2023-02-28", "P1Y", "2024-02-28"},
		{"2026-01-31", "P1M", "2026-02-28"},
		{"2026-01-31", "P1M1D", "2026-03-01"},
		{"2026-08-31", "P6M", "2027-02-28"},
		{"2026-05-27", "P1Y2M10D", "2027-08-06"},
		{"2026-12-31", "P90D", "2027-03-31"},
		{"2023-12-31", "P90D", "2024-03-30"},
		{"2026-12-31", "P20Y", "2046-12-31"},
		{"2025-12-31", "P2M", "2026-02-28"},
	} {
		p, err := ParsePeriod(c.period)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.After(day(t, c.from)).String(); got != c.want {
			t.Errorf("%s + %s = %s, want %s", c.from, c.period, got, c.want)
		}
	}
}

func TestPeriodRoundTripsAndMovesForward(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Period{rapid.IntRange(0, 2000).Draw(t, "months"), rapid.IntRange(1, 9999).Draw(t, "days")}
		if back, err := ParsePeriod(p.String()); err != nil || back != p {
			t.Fatalf("%v came back as %v, %v", p, back, err)
		}
		from := rapid.Custom(drawDate).Draw(t, "from")
		if !p.After(from).After(from) {
			t.Fatalf("%s after %s is %s", p, from, p.After(from))
		}
		if later := from.AddDays(rapid.IntRange(1, 900).Draw(t, "later")); p.After(later).Before(p.After(from)) {
			t.Fatalf("%s: a later start %s ends earlier than %s does", p, later, from)
		}
	})
}
