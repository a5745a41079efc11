package whatsapp

import (
	"bufio"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/connectors/chat"
)

// Every day of the years that are converted is the day that ICU, whose
// calendars the phones print, says it is; and no month has a day more.
func TestCalendarsAgreeWithICU(t *testing.T) {
	f, err := os.Open("testdata/calendars.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	years := map[string]int{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if fields[0] == "#" {
			continue
		}
		calendar := fields[0]
		years[calendar]++
		year, _ := strconv.Atoi(fields[1])
		day, err := time.Parse(time.DateOnly, fields[2])
		if err != nil {
			t.Fatal(err)
		}
		for m, field := range fields[3:] {
			length, _ := strconv.Atoi(field)
			for d := 1; d <= length; d++ {
				y, mo, dd, ok := inGregorian(calendar, "", year, 4, m+1, d)
				if got := time.Date(y, time.Month(mo), dd, 0, 0, 0, 0, time.UTC); !ok || !got.Equal(day) {
					t.Fatalf("%s %d-%d-%d is %v, want %v", calendar, year, m+1, d, got, day)
				}
				day = day.AddDate(0, 0, 1)
			}
			if _, _, _, ok := inGregorian(calendar, "", year, 4, m+1, length+1); ok {
				t.Errorf("%s %d-%d has a day %d", calendar, year, m+1, length+1)
			}
		}
	}
	if years[ummAlQura] != hijriEnd-hijriFirst || years[persian] != 40 {
		t.Errorf("years read: %v", years)
	}
}

// What ICU prints for 3 July 2026 in calendars that count the Gregorian months.
func TestErasAgreeWithICU(t *testing.T) {
	for _, c := range []struct {
		calendar, era string
		year, digits  int
	}{
		{buddhist, "BE", 2569, 4}, {buddhist, "", 69, 2}, {japanese, "R", 8, 1}, {japanese, "Рэйва", 8, 1}, {minguo, "民國", 115, 3},
	} {
		if got := calendarOf(c.year, c.digits, c.era); got != c.calendar {
			t.Errorf("%d %s is of the calendar %q", c.year, c.era, got)
		}
		if y, _, _, ok := inGregorian(c.calendar, c.era, c.year, c.digits, 7, 3); y != 2026 || !ok {
			t.Errorf("%d %s is %d", c.year, c.era, y)
		}
	}
}

// What nothing proves is said, and what attachments prove is not doubted.
func TestCalendarIsAssumedOrProved(t *testing.T) {
	plain := "[18/1/1448 AH, 14:05:09] Ana: hi\r\n"
	photo := "[18/1/1448 AH, 14:05:09] Ana: \u200e<attached: 00000002-PHOTO-2026-07-03-14-05-09.jpg>\r\n"
	other := "[17/1/1448 AH, 14:05:09] Ana: \u200e<attached: 00000002-PHOTO-2026-07-03-14-05-09.jpg>\r\n"
	for _, c := range []struct{ text, flag, words string }{
		{plain, chat.FlagCalendarAssumed, "a day or two off"},
		{plain + photo, "", "agree"},
		{plain + other, chat.FlagCalendarUnknown, "no date"},
	} {
		e, _ := stamps(t, c.text, Options{})
		assumed, unknown := slices.Contains(e.Flags, chat.FlagCalendarAssumed), slices.Contains(e.Flags, chat.FlagCalendarUnknown)
		if assumed != (c.flag == chat.FlagCalendarAssumed) || unknown != (c.flag == chat.FlagCalendarUnknown) {
			t.Errorf("%q has the flags %v, want %q", c.text, e.Flags, c.flag)
		}
		said := slices.ContainsFunc(chat.Notices(e), func(n chat.Notice) bool {
			return n.Kind == chat.NoticeCalendar && strings.Contains(n.Text, c.words)
		})
		if !said {
			t.Errorf("%q: no notice says %q", c.text, c.words)
		}
	}
	// A day that is read by itself is read as the whole export was.
	if _, got := stamps(t, plain, Options{Calendar: islamic}); got[0] != "" {
		t.Errorf("a calendar that the export did not know was converted to %s", got[0])
	}
}
