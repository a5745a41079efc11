package retention

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
)

// A Period is a length of calendar time, as ISO 8601 (section 4.4.2.1) writes
// it: P20Y, P1Y2M10D, P12M, P90D, P2W. Its zero value is no time at all, which
// is no valid period in a file.
type Period struct {
	Months int // years count as twelve
	Days   int // weeks count as seven
}

// maxUnits bounds each number of a period, so that no date overflows.
const maxUnits = 9999

var periodForm = regexp.MustCompile(`^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$`)

// ParsePeriod reads an ISO 8601 period of whole years, months, weeks and days.
// It must be longer than nothing.
func ParsePeriod(s string) (Period, error) {
	parts := periodForm.FindStringSubmatch(s)
	if parts == nil {
		return Period{}, fmt.Errorf("%q is not a period of whole days: write it as P20Y, P18M, P90D or P1Y6M", s)
	}
	var n [4]int
	for i, digits := range parts[1:] {
		if digits == "" {
			continue
		}
		v, err := strconv.Atoi(digits)
		if err != nil || v > maxUnits {
			return Period{}, fmt.Errorf("%q is too long: no unit goes beyond %d", s, maxUnits)
		}
		n[i] = v
	}
	p := Period{Months: 12*n[0] + n[1], Days: 7*n[2] + n[3]}
	if p == (Period{}) {
		return Period{}, fmt.Errorf("%q is no time at all: a period is positive", s)
	}
	return p, nil
}

// After returns the day that the period ends on when it runs from d: first its
// months (to the corresponding day, or the last of a shorter month: a year
// after 29 February is 28 February), then its days.
func (p Period) After(d record.Date) record.Date { return d.AddMonths(p.Months).AddDays(p.Days) }

// Before returns the day from which the period runs back from d.
func (p Period) Before(d record.Date) record.Date { return d.AddMonths(-p.Months).AddDays(-p.Days) }

// IsZero reports whether p is no time at all.
func (p Period) IsZero() bool { return p == Period{} }

// Compare orders periods by length, a month counting as 30.4 days.
func (p Period) Compare(o Period) int {
	return cmp.Compare(304*p.Months+10*p.Days, 304*o.Months+10*o.Days)
}

// String returns p in ISO 8601, in the shortest form: P1Y6M.
func (p Period) String() string {
	if p.IsZero() {
		return "P0D"
	}
	var b strings.Builder
	b.WriteByte('P')
	for _, u := range []struct {
		n    int
		name byte
	}{{p.Months / 12, 'Y'}, {p.Months % 12, 'M'}, {p.Days, 'D'}} {
		if u.n > 0 {
			fmt.Fprintf(&b, "%d%c", u.n, u.name)
		}
	}
	return b.String()
}

// Words returns p as people say it: 1 year, 6 months and 10 days.
func (p Period) Words() string {
	var words []string
	for _, u := range []struct {
		n    int
		name string
	}{{p.Months / 12, "year"}, {p.Months % 12, "month"}, {p.Days, "day"}} {
		switch {
		case u.n == 1:
			words = append(words, "1 "+u.name)
		case u.n > 1:
			words = append(words, fmt.Sprintf("%d %ss", u.n, u.name))
		}
	}
	if len(words) == 0 {
		return "no time"
	}
	return and(words)
}

// MarshalText implements [encoding.TextMarshaler].
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]; see [ParsePeriod].
func (p *Period) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePeriod(string(b))
	return err
}

// and joins words as a sentence does: a, b and c.
func and(words []string) string { return enumerate(words, "and") }

// or joins words as alternatives: a, b or c.
func or(words []string) string { return enumerate(words, "or") }

func enumerate(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}
