package whatsapp

import (
	"iter"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/closeroll/closeroll/connectors/chat"
)

// Date orders, and how a description names a file without one.
const (
	DMY           = "DMY"
	MDY           = "MDY"
	YMD           = "YMD"
	namedMonth    = "named-month"
	contradictory = "contradictory"
)

// What proved a date order.
const (
	proofPinned       = "pinned"
	proofPlatform     = "platform"
	proofNamed        = "month_name"
	proofYearFirst    = "year_first"
	proofValues       = "values"
	proofAttachments  = "attachment_names"
	proofMonotonicity = "monotonicity"
	proofOuterDate    = "outer_date"
)

// A reader of dates knows which number is the day.
type dates struct {
	sc       *scanner
	order    chat.DateOrder
	calendar string
	assumed  bool   // nothing proves that it is this calendar, and not one a day or two off
	other    string // the order that stamps can be read in too, where nothing proves one
	last     midnight
}

// A midnight is the day that was read last: most records are of the same day
// as the one before.
type midnight struct {
	order   string
	form    uint16
	wide    uint8
	printed [3]int16
	day     int64 // its beginning in seconds since 1970, on the printed clock
	ok      bool  // the date exists
}

// decideOrder tries the proofs one after the other, the strongest first, and
// keeps which one held. What nothing proves is read in the default order and
// stays marked as unproved.
func decideOrder(sc *scanner, platform chat.Platform, opt *Options) dates {
	d := dates{sc: sc}
	d.order.Used = opt.DefaultOrder
	switch {
	case sc.shape.stamp.named:
		d.order = chat.DateOrder{Order: namedMonth, Used: DMY, Proof: proofNamed}
	case opt.DateOrder != "":
		d.order = chat.DateOrder{Order: opt.DateOrder, Used: opt.DateOrder, Proof: proofPinned}
	case platform == chat.Web:
		d.order = chat.DateOrder{Order: MDY, Used: MDY, Proof: proofPlatform}
	default:
		d.prove(opt)
	}
	d.order.Default = d.order.Order == "" || d.order.Order == contradictory
	if d.other == "" {
		d.other = swapped(d.order.Used)
	}
	d.last = midnight{}
	if d.calendar = opt.Calendar; d.calendar == gregorian {
		d.calendar = d.commonCalendar()
		d.assumed = d.calendar == ummAlQura && !d.settleHijri() && d.calendar == ummAlQura
	}
	return d
}

// prove finds out the order from the file itself, or from what is known of it.
func (d *dates) prove(opt *Options) {
	set := func(order, proof string) bool {
		if order != "" {
			d.order = chat.DateOrder{Order: order, Used: order, Proof: proof}
		}
		return order != ""
	}
	place := yearLast
	if d.sc.shape.stamp.dates == 3 {
		place = d.yearPlace()
	}
	switch {
	case place == yearFirst:
		set(YMD, proofYearFirst)
		return
	case place != yearLast && set(d.byAttachments(DMY, MDY, YMD)):
		return
	}
	if !d.byValues(opt.DefaultOrder) {
		_ = set(d.byAttachments(DMY, MDY)) || set(d.byMonotonicity()) || set(d.byOuterDate(opt))
	}
	switch last := d.order.Used; place {
	case yearSeemsFirst:
		d.order, d.other = chat.DateOrder{Used: YMD}, last
	case yearMaybeFirst:
		d.order, d.other = chat.DateOrder{Used: last}, YMD
	}
}

// swapped is the other order of day and month.
func swapped(order string) string {
	if order == DMY {
		return MDY
	}
	return DMY
}

// possible reports whether nearly every stamp is a date since 2009 when read
// in this order.
func (d *dates) possible(order string) bool {
	bad := 0
	for i := range d.sc.recs {
		y, m, day := pick(order, &d.sc.recs[i])
		if m > 12 || m < 1 || day < 1 || day > 31 || y < 9 {
			bad++
		}
	}
	return bad*20 <= len(d.sc.recs)
}

// pick returns the numbers of a record's date in this order. A missing year is
// [absent].
func pick(order string, r *rec) (y, m, d int) {
	a, b, c := int(r.value[0]), int(r.value[1]), int(r.value[2])
	switch order {
	case MDY:
		return c, a, b
	case YMD:
		return a, b, c
	}
	return c, b, a
}

// byValues counts numbers above 12. It reports false if there are none, and
// contradiction if they stand in both places.
func (d *dates) byValues(fallback string) bool {
	first, second := 0, 0
	for i := range d.sc.recs {
		a, b := d.sc.recs[i].value[0], d.sc.recs[i].value[1]
		switch {
		case a > 12 && a <= 31 && b <= 12:
			first++
		case b > 12 && b <= 31 && a <= 12:
			second++
		}
	}
	switch {
	case first > 0 && second > 0:
		d.order = chat.DateOrder{Order: contradictory, Used: fallback, Proof: proofValues}
		if first >= 2*second {
			d.order.Used = DMY
		} else if second >= 2*first {
			d.order.Used = MDY
		}
	case first > 0:
		d.order = chat.DateOrder{Order: DMY, Used: DMY, Proof: proofValues}
	case second > 0:
		d.order = chat.DateOrder{Order: MDY, Used: MDY, Proof: proofValues}
	default:
		return false
	}
	return true
}

// attachmentDate finds the date in the names that both apps give to media:
// 00000003-PHOTO-2026-03-27-21-41-55.jpg and IMG-20260327-WA0002.jpg.
var attachmentDate = regexp.MustCompile(`-(20\d\d)-(\d\d)-(\d\d)-\d\d-\d\d-\d\d\.|\b[A-Z]{3}-(20\d\d)(\d\d)(\d\d)-WA\d{4}`)

// namedDays yields the records whose text holds such a name, with the day that
// it names.
func (d *dates) namedDays() iter.Seq2[*rec, time.Time] {
	return func(yield func(*rec, time.Time) bool) {
		w := d.sc.of.window()
		for i := range d.sc.recs {
			r := &d.sc.recs[i]
			body := w.slice(r.bodyAt(), min(d.sc.end(i), r.bodyAt()+200))
			if !strings.Contains(body, "-20") {
				continue
			}
			m := attachmentDate.FindStringSubmatch(body)
			if m == nil {
				continue
			}
			num := func(a, b int) int {
				n, _ := strconv.Atoi(m[a] + m[b])
				return n
			}
			if !yield(r, time.Date(num(1, 4), time.Month(num(2, 5)), num(3, 6), 0, 0, 0, 0, time.UTC)) {
				return
			}
		}
	}
}

// byAttachments compares stamps with the dates in attachments' names, which
// may be a day off, as they are in each of these orders.
func (d *dates) byAttachments(orders ...string) (string, string) {
	votes := make([]int, len(orders))
	for r, named := range d.namedDays() {
		near, which := 0, 0
		for k, order := range orders {
			if day, ok := d.day(order, r); ok && day.Sub(named).Abs() <= 24*time.Hour {
				near, which = near+1, k
			}
		}
		if near == 1 {
			votes[which]++
		}
	}
	most, all := 0, 0
	for k, n := range votes {
		if all += n; n > votes[most] {
			most = k
		}
	}
	if n := votes[most]; n == 0 || n <= 4*(all-n) {
		return "", ""
	}
	return orders[most], proofAttachments
}

// byMonotonicity prefers the order that keeps the file in time. A wrong
// reading jumps back by months; files as they are step back by minutes or
// hours, except that the encryption notice at the top may be newer than the rest.
func (d *dates) byMonotonicity() (string, string) {
	back := func(order string) (steps int, total time.Duration) {
		var last time.Time
		first := 0
		if noticeAt(d.sc.of, int64(d.sc.recs[0].start)) {
			first = 1
		}
		for i := first; i < len(d.sc.recs); i++ {
			t, ok := d.read(order, &d.sc.recs[i])
			if !ok {
				continue
			}
			if gap := last.Sub(t); !last.IsZero() && gap > 5*24*time.Hour {
				steps++
				total += gap
			}
			last = t
		}
		return steps, total
	}
	dmy, dmyTotal := back(DMY)
	mdy, mdyTotal := back(MDY)
	const months = 60 * 24 * time.Hour
	switch {
	case mdyTotal >= months && mdyTotal >= 10*dmyTotal && mdy > 2*dmy:
		return DMY, proofMonotonicity
	case dmyTotal >= months && dmyTotal >= 10*mdyTotal && dmy > 2*mdy:
		return MDY, proofMonotonicity
	}
	return "", ""
}

// byOuterDate uses the date of the covering e-mail or of the container's
// entry: no message can be later than it.
func (d *dates) byOuterDate(opt *Options) (string, string) {
	if opt.Outer.IsZero() {
		return "", ""
	}
	outer := opt.Outer.UTC().Add(36 * time.Hour)
	late := func(order string) (n int) {
		for i := range d.sc.recs {
			if t, ok := d.read(order, &d.sc.recs[i]); ok && t.After(outer) {
				n++
			}
		}
		return n
	}
	dmy, mdy := late(DMY), late(MDY)
	switch {
	case dmy == 0 && mdy > 0:
		return DMY, proofOuterDate
	case mdy == 0 && dmy > 0:
		return MDY, proofOuterDate
	}
	return "", ""
}

// commonCalendar is the calendar of the first record that has a year.
func (d *dates) commonCalendar() string {
	for i := range d.sc.recs {
		r := &d.sc.recs[i]
		if y, _, _ := pick(d.order.Used, r); y > 0 {
			return calendarOf(y, d.yearDigits(d.order.Used, r), d.sc.forms[r.form].era)
		}
	}
	return gregorian
}

// yearDigits says how many digits a record's year has, as far as calendars
// care.
func (d *dates) yearDigits(order string, r *rec) int {
	slot := 2
	if order == YMD {
		slot = 0
	}
	switch {
	case r.wide&(1<<slot) == 0:
		return 2
	case r.value[slot] < 1000:
		return 3
	}
	return 4
}

// read returns the time of a record read in this order, or false if there is
// none such. It is quick for records of one day.
func (d *dates) read(order string, r *rec) (time.Time, bool) {
	at, ok := d.seconds(order, r)
	if !ok {
		return time.Time{}, false
	}
	return time.Unix(at, 0).UTC(), true
}

// seconds is read in seconds since 1970.
func (d *dates) seconds(order string, r *rec) (int64, bool) {
	h, min, sec, ok := clock(d.sc.forms[r.form].period, r)
	if !ok {
		return 0, false
	}
	last := &d.last
	if [3]int16(r.value[:3]) != last.printed || r.form != last.form || r.wide != last.wide || order != last.order {
		day, ok := d.day(order, r)
		*last = midnight{order, r.form, r.wide, [3]int16(r.value[:3]), day.Unix(), ok}
	}
	return last.day + int64(h*3600+min*60+sec), last.ok
}

// day returns the date of a record read in this order, or false if there is
// none such.
func (d *dates) day(order string, r *rec) (time.Time, bool) {
	y, m, day := pick(order, r)
	f := &d.sc.forms[r.form]
	if f.month != 0 {
		y, m, day = int(r.value[2]), f.month, int(r.value[0])
	}
	if y < 0 {
		return time.Time{}, false
	}
	digits := d.yearDigits(order, r)
	if f.month != 0 && y > 99 {
		digits = 4
	}
	calendar := d.calendar
	if calendar == gregorian {
		calendar = calendarOf(y, digits, f.era)
	}
	y, m, day, ok := inGregorian(calendar, f.era, y, digits, m, day)
	if !ok {
		return time.Time{}, false
	}
	return time.Date(y, time.Month(m), day, 0, 0, 0, 0, time.UTC), true
}

// clock returns the time of day of a record.
func clock(p period, r *rec) (h, min, sec int, ok bool) {
	h, min, sec = p.hour24(int(r.value[slotTime])), int(r.value[slotTime+1]), int(r.value[slotTime+2])
	if sec == absent {
		sec = 0
	}
	return h, min, sec, p != unknownPeriod && h >= 0 && h < 24 && min < 60 && sec < 60
}

// partial returns the stamp of a record without a year as --MM-DDTHH:MM, or
// the empty string.
func (d *dates) partial(r *rec) string {
	y, m, day := pick(d.order.Used, r)
	f := &d.sc.forms[r.form]
	if f.month != 0 {
		y, m, day = int(r.value[2]), f.month, int(r.value[0])
	}
	h, min, _, ok := clock(f.period, r)
	if y != absent || !ok || !exists(2024, m, day) { // a leap year: 29 February may be right
		return ""
	}
	return time.Date(2024, time.Month(m), day, h, min, 0, 0, time.UTC).Format("--01-02T15:04")
}
