package search

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// parseDates reads a date range: D, D..D, ..D, D.., >=D, >D, <=D, <D, where D
// is a year, month or day: 2026, 2026-05, 2026-05-14. Both ends are included,
// so 2026-03..2026-05 is three months.
func parseDates(s string, zone *time.Location) (from, until time.Time, err error) {
	operator, value := comparison(s)
	if a, b, ok := strings.Cut(s, ".."); ok {
		if a == "" && b == "" {
			return from, until, fmt.Errorf("a range needs at least one date")
		}
		if a != "" {
			if from, _, err = parsePeriod(a, zone); err != nil {
				return from, until, err
			}
		}
		if b != "" {
			if _, until, err = parsePeriod(b, zone); err != nil {
				return from, until, err
			}
		}
		if !from.IsZero() && !until.IsZero() && !from.Before(until) {
			return from, until, fmt.Errorf("the range ends before it begins")
		}
		return from, until, nil
	}
	from, until, err = parsePeriod(value, zone)
	switch operator {
	case ">=":
		until = time.Time{}
	case ">":
		from, until = until, time.Time{}
	case "<=":
		from = time.Time{}
	case "<":
		from, until = time.Time{}, from
	}
	return from, until, err
}

// comparison splits an operator off.
func comparison(s string) (operator, value string) {
	for _, op := range []string{">=", "<=", ">", "<"} {
		if v, ok := strings.CutPrefix(s, op); ok {
			return op, v
		}
	}
	return "", s
}

// parsePeriod returns the beginning of a year, month or day and of the next.
func parsePeriod(s string, zone *time.Location) (from, until time.Time, err error) {
	for layout, next := range map[string][3]int{"2006-01-02": {0, 0, 1}, "2006-01": {0, 1, 0}, "2006": {1, 0, 0}} {
		if len(s) != len(layout) {
			continue
		}
		t, err := time.ParseInLocation(layout, s, zone)
		if err != nil || t.Year() < 1 {
			break
		}
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, zone), time.Date(y+next[0], m+time.Month(next[1]), d+next[2], 0, 0, 0, 0, zone), nil
	}
	return from, until, fmt.Errorf("a date is a year, month or day as 2026, 2026-05 or 2026-05-14")
}

// otherDate writes a day as dates are written here that begins with the day, as
// 14/05/2026 and 14.5.2026 do.
func otherDate(s string) (string, bool) {
	for _, layout := range []string{"2/1/2006", "2.1.2006", "2-1-2006", "2006/1/2", "2006.1.2", "2Jan2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format(time.DateOnly), true
		}
	}
	return "", false
}

// parseSize reads a size range in the same forms; a size is a number with an
// optional unit: B, kB, MB, GB (powers of 1000), KiB, MiB, GiB (powers of
// 1024), in any case.
func parseSize(s string) (low, high int64, err error) {
	operator, value := comparison(s)
	if a, b, ok := strings.Cut(s, ".."); ok {
		if a == "" && b == "" {
			return 0, 0, fmt.Errorf("a range needs at least one size")
		}
		if a != "" {
			if low, err = parseOctets(a); err != nil {
				return 0, 0, err
			}
		}
		if b != "" {
			if high, err = parseOctets(b); err != nil {
				return 0, 0, err
			}
			high++
		}
		if b != "" && high <= low {
			return 0, 0, fmt.Errorf("the range ends before it begins")
		}
		return low, high, nil
	}
	n, err := parseOctets(value)
	switch operator {
	case ">=":
		return n, 0, err
	case ">":
		return n + 1, 0, err
	case "<=":
		return 0, n + 1, err
	case "<":
		if n == 0 {
			return 0, 0, fmt.Errorf("no size is below 0")
		}
		return 0, n, err
	}
	return n, n + 1, err
}

func parseOctets(s string) (int64, error) {
	units := []struct {
		name string
		size float64
	}{{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"b", 1}}
	number, size := strings.ToLower(s), 1.0
	for _, u := range units {
		if n, ok := strings.CutSuffix(number, u.name); ok {
			number, size = n, u.size
			break
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || strings.Trim(number, "0123456789.") != "" || n*size > math.MaxInt64/4 {
		return 0, fmt.Errorf("a size is a number with a unit, as 500kB or 2MB")
	}
	return int64(n * size), nil
}
