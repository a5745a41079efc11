package assurance

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A Rhythm says for which periods a custodian attests.
type Rhythm string

// The rhythms. The empty one expects no attestation.
const (
	Monthly   Rhythm = "monthly"
	Quarterly Rhythm = "quarterly"
	Yearly    Rhythm = "yearly"
)

// months is how long a period of the rhythm is.
func (r Rhythm) months() int {
	switch r {
	case Monthly:
		return 1
	case Quarterly:
		return 3
	case Yearly:
		return 12
	}
	return 0
}

// A Span is a calendar month, quarter or year. It is written 2026-09, 2026-Q3
// or 2026.
type Span struct {
	first  record.Date
	months int
}

// ParseSpan reads what [Span.String] writes, of the years 1900 to 9999, and
// nothing else.
func ParseSpan(s string) (Span, error) {
	year, part, parted := strings.Cut(s, "-")
	quarter, quartered := strings.CutPrefix(part, "Q")
	y, _ := strconv.Atoi(year)
	var p Span
	switch {
	case !parted:
		p = span(y, time.January, 12)
	case quartered:
		n, _ := strconv.Atoi(quarter)
		p = span(y, time.Month(3*n-2), 3)
	default:
		n, _ := strconv.Atoi(part)
		p = span(y, time.Month(n), 1)
	}
	if y < 1900 || p.String() != s || p.first.Month < 1 || p.first.Month > 12 {
		return Span{}, fmt.Errorf("%q is no period: write it as 2026-Q3, 2026-09 or 2026", s)
	}
	return p, nil
}

func span(year int, month time.Month, months int) Span {
	return Span{record.Date{Year: year, Month: month, Day: 1}, months}
}

// SpanOf returns the period of a rhythm that a day is in, and the zero Span for
// no rhythm.
func SpanOf(d record.Date, r Rhythm) Span {
	n := r.months()
	if n == 0 {
		return Span{}
	}
	return span(d.Year, time.Month((int(d.Month)-1)/n*n+1), n)
}

// IsZero reports whether s is no period.
func (s Span) IsZero() bool { return s.months == 0 }

// First is the first day of the period.
func (s Span) First() record.Date { return s.first }

// Last is the last day of the period.
func (s Span) Last() record.Date { return s.first.AddMonths(s.months).AddDays(-1) }

// Next returns the period of the same length that follows.
func (s Span) Next() Span { return Span{s.first.AddMonths(s.months), s.months} }

// Covers reports whether every day of o is in s.
func (s Span) Covers(o Span) bool {
	return !s.first.After(o.first) && !s.Last().Before(o.Last())
}

// Has reports whether the day is in s.
func (s Span) Has(d record.Date) bool { return !d.Before(s.first) && !d.After(s.Last()) }

// String returns s as [ParseSpan] reads it, and no period as nothing.
func (s Span) String() string {
	switch s.months {
	case 1:
		return fmt.Sprintf("%04d-%02d", s.first.Year, s.first.Month)
	case 3:
		return fmt.Sprintf("%04d-Q%d", s.first.Year, (s.first.Month+2)/3)
	case 12:
		return fmt.Sprintf("%04d", s.first.Year)
	}
	return ""
}

// MarshalText implements [encoding.TextMarshaler].
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]; see [ParseSpan].
func (s *Span) UnmarshalText(b []byte) (err error) {
	*s, err = ParseSpan(string(b))
	return err
}
