package whatsapp

import "time"

// The Islamic calendar has several reckonings, which differ by a day or two in
// most months, and an export does not name its own. Phones that print it, those
// of the region Saudi Arabia first, print the calendar of Umm al-Qura, which is
// no rule but a table.

// hijriFirst and hijriEnd bound the years that are converted: those in which
// WhatsApp has been and in which two tables of independent origin, ICU's and
// that of go-hijri, agree about every day. They differ from 1451 on, which
// begins in May 2029: such dates are not converted, because one of the two is
// wrong about them.
const (
	hijriFirst = 1430
	hijriEnd   = 1451
)

// ummAlQuraMonths has, for each year from hijriFirst on, a bit for each month
// that has thirty days, the first month's the lowest. The others have 29.
var ummAlQuraMonths = [hijriEnd - hijriFirst]uint16{
	0xaa6, 0x956, 0x2ae, 0x56d, 0x36a, 0xb55, 0xaaa, // 1430
	0x94d, 0x49d, 0x95d, 0x2ba, 0x5b5, 0x5aa, 0xd55, // 1437
	0xa9a, 0x92e, 0x26e, 0x55d, 0xada, 0x6d4, 0x6a5, // 1444
}

// hijriToGregorian converts a date of the calendar of Umm al-Qura.
func hijriToGregorian(year, month, day int) (y, m, d int, ok bool) {
	if year < hijriFirst || year >= hijriEnd || month < 1 || month > 12 || day < 1 || day > hijriMonth(year, month) {
		return 0, 0, 0, false
	}
	days := day - 1
	for n := hijriFirst; n < year; n++ {
		for m := 1; m <= 12; m++ {
			days += hijriMonth(n, m)
		}
	}
	for m := 1; m < month; m++ {
		days += hijriMonth(year, m)
	}
	t := time.Date(2008, time.December, 29+days, 0, 0, 0, 0, time.UTC) // 1 Muharram 1430 and so many days
	return t.Year(), int(t.Month()), t.Day(), true
}

func hijriMonth(year, month int) int {
	return 29 + int(ummAlQuraMonths[year-hijriFirst]>>(month-1)&1)
}

// settleHijri decides whether a file's Islamic dates are those of Umm al-Qura.
// They are not if one of them is a day that its table lacks and another
// reckoning may have, nor if the names that the apps gave to media on their day
// mostly name another day. proved reports whether most of them name the very
// day; without one nothing tells, and the dates may be a day or two off.
func (d *dates) settleHijri() (proved bool) {
	if d.calendar != ummAlQura {
		return false
	}
	for i := range d.sc.recs {
		if _, ok := d.day(d.order.Used, &d.sc.recs[i]); !ok && d.someHijri(&d.sc.recs[i]) {
			d.calendar, d.last = islamic, midnight{}
			return false
		}
	}
	same, other := 0, 0
	for r, named := range d.namedDays() {
		day, ok := d.day(d.order.Used, r)
		switch gap := day.Sub(named).Abs(); {
		case !ok:
		case gap == 0:
			same++
		case gap < 4*24*time.Hour:
			other++
		}
	}
	if other > same {
		d.calendar, d.last = islamic, midnight{}
	}
	return same > 2*other
}

// someHijri reports whether a record's date exists in some reckoning of the
// Islamic calendar.
func (d *dates) someHijri(r *rec) bool {
	y, m, day := pick(d.order.Used, r)
	return y > 0 && m >= 1 && m <= 12 && day >= 1 && day <= 30
}
