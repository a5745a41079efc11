package whatsapp

import "time"

// Calendars, as a description names them.
const (
	gregorian = ""
	buddhist  = "buddhist"
	persian   = "persian"
	japanese  = "japanese"
	minguo    = "minguo"
	ummAlQura = "islamic-umalqura"
	islamic   = "islamic" // of another reckoning than Umm al-Qura's or of a year that its table has not: never converted
)

// calendarOf says which calendar a file's years are in. WhatsApp began in
// 2009, which leaves no overlap between the calendars' years until 2051.
func calendarOf(year, digits int, era string) string {
	if era != "" {
		// H is Heisei and Hijri: the years of Japanese eras have two digits.
		if e := eras[fold(era)]; e != gregorian && (e != japanese || digits <= 2) {
			return e
		}
	}
	switch {
	case digits == 4 && year >= 2500 && year < 2700:
		return buddhist
	case digits == 4 && year >= 1380 && year < 1429:
		return persian
	case digits == 4 && year >= 1429 && year < 1500:
		return ummAlQura
	case digits == 3 && year >= 98 && year < 200:
		return minguo
	case digits <= 2 && year >= 52:
		return buddhist // 52 is 2009 in Thailand; 2052 is after any export
	}
	return gregorian
}

// inGregorian converts a date of a calendar. ok is false where the calendar
// cannot be converted or the date does not exist.
func inGregorian(calendar string, era string, year, digits, month, day int) (y, m, d int, ok bool) {
	switch calendar {
	case buddhist:
		if digits <= 2 {
			year += 2500
		}
		year -= 543
	case japanese:
		year += japaneseEpoch(era)
	case minguo:
		year += 1911
	case persian:
		if digits <= 2 {
			year = centuryOf(year, 88) // 1388 began in 2009
		}
		return persianToGregorian(year, month, day)
	case ummAlQura:
		if digits <= 2 {
			year += 1400
		}
		return hijriToGregorian(year, month, day)
	case islamic:
		return 0, 0, 0, false
	default:
		if digits <= 2 {
			if year < 9 { // before WhatsApp: the year of an era that is not printed
				return 0, 0, 0, false
			}
			year += 2000
		}
	}
	return year, month, day, exists(year, month, day)
}

// centuryOf completes a two-digit year of a calendar whose century changed
// within the life of WhatsApp: years from first on are of the fourteenth.
func centuryOf(year, first int) int {
	if year >= first {
		return 1300 + year
	}
	return 1400 + year
}

// exists reports whether the Gregorian calendar has the date. It never rolls a
// 31 February over into March.
func exists(y, m, d int) bool {
	return y >= 1 && y <= 9999 && m >= 1 && m <= 12 && d >= 1 && d <= daysIn(y, m)
}

func daysIn(y, m int) int {
	if m == 2 && (y%4 != 0 || y%100 == 0 && y%400 != 0) {
		return 28
	}
	return [...]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[m-1]
}

// japaneseEpoch is the year before an era's first.
func japaneseEpoch(era string) int {
	switch fold(era) {
	case "h", "heisei", "平成":
		return 1988
	}
	return 2018
}

// persianToGregorian converts a date of the Solar Hijri calendar by the
// 33-year rule, which agrees with the astronomical calendar for 1343–1472.
func persianToGregorian(year, month, day int) (y, m, d int, ok bool) {
	if year < 1343 || year > 1472 || month < 1 || month > 12 || day < 1 || day > persianMonth(year, month) {
		return 0, 0, 0, false
	}
	// 1 Farvardin 1400 was 21 March 2021.
	days := 0
	for n := 1400; n < year; n++ {
		days += persianYear(n)
	}
	for n := year; n < 1400; n++ {
		days -= persianYear(n)
	}
	for n := 1; n < month; n++ {
		days += persianMonth(year, n)
	}
	t := time.Date(2021, time.March, 21+days+day-1, 0, 0, 0, 0, time.UTC)
	return t.Year(), int(t.Month()), t.Day(), true
}

func persianYear(year int) int { return 336 + persianMonth(year, 12) }

func persianMonth(year, month int) int {
	switch {
	case month <= 6:
		return 31
	case month <= 11:
		return 30
	}
	switch year % 33 {
	case 1, 5, 9, 13, 17, 22, 26, 30:
		return 30
	}
	return 29
}
