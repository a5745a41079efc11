package email

import (
	"strconv"
	"strings"
	"time"
)

// How far a Date field may be from the server's clock before it is suspect.
const (
	// A sender's clock, or its zone, may be wrong by a day's worth of zones:
	// from -12:00 to +14:00 is 26 hours.
	maxAhead = 26 * time.Hour
	// A server may hold a message for the four to five days after which RFC
	// 5321, section 4.5.4.1, has it give up; two more for one that was written
	// on a journey and sent later.
	maxBehind = 7 * 24 * time.Hour
)

// firstMail is when RFC 822 was published. No message in its format is older.
var firstMail = time.Date(1982, time.August, 13, 0, 0, 0, 0, time.UTC)

// DateSuspect reports whether the sender's date cannot be relied on: it is
// more than 26 hours after, or more than 7 days before, the time at which the
// server received the message. Where the server's time is unknown (zero), sent
// is suspect only if it is impossible: before RFC 822, or more than 26 hours
// after the capture (zero: unknown). A missing date is not suspect but missing.
func DateSuspect(sent, received, captured time.Time) bool {
	switch {
	case sent.IsZero():
		return false
	case received.IsZero():
		return sent.Before(firstMail) || !captured.IsZero() && sent.After(captured.Add(maxAhead))
	}
	return sent.After(received.Add(maxAhead)) || sent.Before(received.Add(-maxBehind))
}

// ParseDate reads the date of a Date or Received field: RFC 5322, section 3.3,
// with the obsolete forms of section 4.3, and what is sent in its place. A date
// without a zone is read as UTC. ok is false when there is no date in it.
func ParseDate(value string) (t time.Time, ok bool) {
	value, _, _ = strings.Cut(clean(value[:min(len(value), 256)]), "(")
	value = strings.TrimSpace(value)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006/01/02 15:04:05"} {
		if t, err := time.Parse(layout, value); err == nil {
			return t, true
		}
	}
	var d dateParts
	for _, word := range strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' }) {
		d.take(word)
	}
	return d.time()
}

// dateParts is what was found of a date so far.
type dateParts struct {
	day, month, year  int
	hour, minute, sec int
	clock, zoned, pm  bool
	am                bool
	offset            int // seconds
}

// take reads one word of a date, in whatever place it stands.
func (d *dateParts) take(word string) {
	low := strings.ToLower(word)
	switch {
	case low == "pm" || low == "am":
		d.pm, d.am = low == "pm", low == "am"
	case strings.Count(word, "-") == 2 && !d.clock && d.day == 0: // 12-Mar-2024
		for part := range strings.SplitSeq(word, "-") {
			d.take(part)
		}
	case !d.clock && strings.ContainsAny(word, ":") && digit(word[0]):
		d.takeClock(word)
	case d.clock && !d.zoned && (word[0] == '+' || word[0] == '-'):
		d.zoned = d.takeOffset(word)
	case digit(word[0]):
		d.takeNumber(word)
	case d.month == 0 && monthNumber(low) > 0:
		d.month = monthNumber(low)
	case d.clock && !d.zoned:
		d.takeZone(low)
	}
}

func (d *dateParts) takeClock(word string) {
	parts := strings.Split(word, ":")
	if len(parts) > 3 {
		return
	}
	var n [3]int
	for i, p := range parts {
		if i == 2 {
			p, _, _ = strings.Cut(p, ".")
		}
		v, err := strconv.Atoi(p)
		if err != nil {
			return
		}
		n[i] = v
	}
	d.hour, d.minute, d.sec, d.clock = n[0], n[1], min(n[2], 59), true // a leap second is the second before
}

func (d *dateParts) takeNumber(word string) {
	n, err := strconv.Atoi(strings.TrimRight(word, ".stndrh"))
	switch {
	case err != nil:
	case d.day == 0 && n >= 1 && n <= 31 && len(word) <= 4:
		d.day = n
	case d.year == 0 && (d.month > 0 || n > 31):
		d.year = n
		switch { // RFC 5322, section 4.3
		case len(word) == 2 && n < 50:
			d.year += 2000
		case len(word) <= 3 && n < 1000:
			d.year += 1900
		}
	}
}

func (d *dateParts) takeOffset(word string) bool {
	digits := strings.ReplaceAll(word[1:], ":", "")
	if len(digits) <= 2 {
		digits += "00"
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 {
		return false
	}
	h, m := n/100, n%100
	if h > 14 || m > 59 { // no such zone: the clock is taken as UTC
		return true
	}
	d.offset = h*3600 + m*60
	if word[0] == '-' {
		d.offset = -d.offset
	}
	return true
}

func (d *dateParts) takeZone(low string) {
	hours := map[string]int{"gmt": 0, "ut": 0, "utc": 0, "z": 0, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "ist": 1,
		"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
	if i := strings.IndexAny(low, "+-"); i > 0 { // GMT+0100
		d.zoned = d.takeOffset(low[i:])
		return
	}
	if h, ok := hours[low]; ok {
		d.offset, d.zoned = h*3600, true
	}
}

func (d *dateParts) time() (time.Time, bool) {
	if d.pm && d.hour < 12 {
		d.hour += 12
	} else if d.am && d.hour == 12 {
		d.hour = 0
	}
	if d.day == 0 || d.month == 0 || d.year == 0 || d.year > 9999 || d.hour > 24 || d.minute > 59 {
		return time.Time{}, false
	}
	t := time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.sec, 0, time.FixedZone("", d.offset))
	if t.Day() != d.day && d.hour < 24 { // the thirty-first of a month that has thirty days
		return time.Time{}, false
	}
	return t, true
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func monthNumber(low string) int {
	if len(low) < 3 {
		return 0
	}
	i := strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", low[:3])
	if i < 0 || i%3 != 0 {
		return 0
	}
	return i/3 + 1
}

// receivedDate returns the time of the topmost Received field that has one
// (RFC 5321, section 4.4): the only one that the receiving server wrote
// itself. Fields further down are the sender's word.
func receivedDate(h Header) time.Time {
	for _, v := range h.Values("Received") {
		if i := strings.LastIndexByte(v, ';'); i >= 0 {
			if t, ok := ParseDate(v[i+1:]); ok && !t.Before(firstMail) {
				return t
			}
		}
	}
	return time.Time{}
}
