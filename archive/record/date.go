package record

import (
	"bytes"
	"cmp"
	"fmt"
	"time"
)

// A Date is a day of the calendar, of no particular zone. Periods and
// deadlines in law are reckoned in days, never in hours; which day an instant
// falls on is for the legal zone to say ([DateOf]). The zero Date is no date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day on which t falls in the zone, and the zero Date for
// the zero time.
func DateOf(t time.Time, zone *time.Location) Date {
	if t.IsZero() {
		return Date{}
	}
	y, m, d := t.In(zone).Date()
	return Date{y, m, d}
}

// ParseDate reads 2006-01-02 and nothing else. A day that is not in the
// calendar is an error.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return Date{}, fmt.Errorf("%q is not a date: write it as 2026-05-27", s)
	}
	return DateOf(t, time.UTC), nil
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Start returns the first instant of the day in the zone.
func (d Date) Start(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.Start(time.UTC).Weekday() }

// AddDays returns the day n days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date { return DateOf(d.Start(time.UTC).AddDate(0, 0, n), time.UTC) }

// AddMonths returns the corresponding day n months later; where that month is
// too short, its last day (31 January plus a month is 28 or 29 February).
func (d Date) AddMonths(n int) Date {
	first := Date{d.Year, d.Month, 1}.Start(time.UTC).AddDate(0, n, 0)
	last := first.AddDate(0, 1, -1).Day()
	return Date{first.Year(), first.Month(), min(d.Day, last)}
}

// Compare returns -1, 0 or +1 as d is before, on or after o. The zero Date is
// before all others.
func (d Date) Compare(o Date) int {
	return cmp.Or(cmp.Compare(d.Year, o.Year), cmp.Compare(d.Month, o.Month), cmp.Compare(d.Day, o.Day))
}

// Before reports whether d is an earlier day than o.
func (d Date) Before(o Date) bool { return d.Compare(o) < 0 }

// After reports whether d is a later day than o.
func (d Date) After(o Date) bool { return d.Compare(o) > 0 }

// String returns d as 2006-01-02, and the zero Date as the empty string.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// Long returns d as people write it: 27 May 2026.
func (d Date) Long() string { return fmt.Sprintf("%d %s %d", d.Day, d.Month, d.Year) }

// MarshalText implements [encoding.TextMarshaler].
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It accepts 2006-01-02.
func (d *Date) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDate(string(b))
	return err
}

// MarshalJSON writes the zero Date as null.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + d.String() + `"`), nil
}

// UnmarshalJSON reads null as the zero Date.
func (d *Date) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		*d = Date{}
		return nil
	}
	return d.UnmarshalText(bytes.Trim(b, `"`))
}
