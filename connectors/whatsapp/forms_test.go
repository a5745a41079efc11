package whatsapp

import (
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/connectors/chat"
)

// stamps reads a transcript and returns its messages' times.
func stamps(t *testing.T, text string, opt Options) (*chat.Export, []string) {
	t.Helper()
	e, err := open(t, "x.txt", []byte(text), opt)
	if err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	lossless(t, []byte(text), e)
	var all []string
	for _, m := range e.List() {
		s := chat.FormatTime(m.Time, m.Precision)
		if s == "" {
			s = m.Partial
		}
		all = append(all, s)
	}
	return e, all
}

// Headers that no row of the locale table has: calendars, older versions,
// pasted text, words that no table knows.
func TestForms(t *testing.T) {
	pinned := Options{DateOrder: MDY}
	cases := []struct {
		name, text string
		opt        Options
		want       string
		platform   chat.Platform
		calendar   string
	}{
		{"Persian", "[۱۴۰۵/۴/۱۲, ۱۴:۰۵:۰۹] Ana: hi\r\n[۱۴۰۵/۱۲/۲۹, ۱:۰۵:۰۹] Ana: hi\r\n", Options{}, "2026-07-03T14:05:09 2027-03-20T01:05:09", chat.IOS, persian},
		{"Persian 12 h", "۱۴۰۵/۴/۱۲, ۲:۰۵ ب.ظ. - Ana: hi\n۱۴۰۵/۴/۱۲, ۲:۰۵ ق.ظ. - Ana: hi\n", Options{}, "2026-07-03T14:05 2026-07-03T02:05", chat.Android, persian},
		{"Persian leap day", "[1403/12/30, 14:05:09] Ana: hi\r\n[1404/12/30, 14:05:09] Ana: hi\r\n", Options{}, "2025-03-20T14:05:09 ", chat.IOS, persian},
		{"Buddhist era", "[3/18/2565 BE, 14:56:01] Ana: hi\r\n", Options{}, "2022-03-18T14:56:01", chat.IOS, buddhist},
		{"Buddhist two digits", "[13/7/69 14:05:09] Ana: hi\r\n", Options{}, "2026-07-13T14:05:09", chat.IOS, buddhist},
		{"Buddhist, four digits", "13/7/2569 14:05 - Ana: hi\n", Options{}, "2026-07-13T14:05", chat.Android, buddhist},
		{"Reiwa", "[3/18/R4, 14:56:01] Ana: hi\r\n", Options{}, "2022-03-18T14:56:01", chat.IOS, japanese},
		{"Reiwa first", "[R8/7/13 14:56:01] Ana: hi\r\n[R8/7/14 14:56:01] Ana: hi\r\n", Options{}, "2026-07-13T14:56:01 2026-07-14T14:56:01", chat.IOS, japanese},
		{"ROC", "[115/7/13 14:56:01] Ana: hi\r\n", Options{}, "2026-07-13T14:56:01", chat.IOS, minguo},
		{"Umm al-Qura", "[١٨\u200f/١\u200f/١٤٤٨ هـ، ٢:٠٥:٠٩ م] Ana: hi\r\n", Options{}, "2026-07-03T14:05:09", chat.IOS, ummAlQura},
		{"Umm al-Qura without an era", "[13\u200f/7\u200f/1447، 14:56:01] Ana: hi\r\n", Options{}, "2026-01-02T14:56:01", chat.IOS, ummAlQura},
		{"Umm al-Qura, era first", "[Hicri 18.01.1448 14:05:09] Ana: hi\r\n[Hicri 19.01.1448 14:05:09] Ana: hi\r\n", Options{}, "2026-07-03T14:05:09 2026-07-04T14:05:09", chat.IOS, ummAlQura},
		{"Umm al-Qura, two digits", "[18.01.48 AH, 14:05:09] Ana: hi\r\n", Options{}, "2026-07-03T14:05:09", chat.IOS, ummAlQura},
		{"H is Hijri where the year has four digits", "[18/01/1448 H 14:05:09] Ana: hi\r\n", Options{}, "2026-07-03T14:05:09", chat.IOS, ummAlQura},
		{"a day that Umm al-Qura lacks", "[29/1/1448 AH, 14:05:09] Ana: hi\r\n[30/1/1448 AH, 14:05:09] Ana: hi\r\n", Options{}, " ", chat.IOS, islamic},
		{"a year about which tables differ", "[13/7/1451 AH, 14:05:09] Ana: hi\r\n", Options{}, "", chat.IOS, islamic},
		{"another reckoning, by its media", "[17/1/1448 AH, 14:05:09] Ana: \u200e<attached: 00000001-PHOTO-2026-07-03-14-05-09.jpg>\r\n", Options{}, "", chat.IOS, islamic},
		{"AP is an era where the year is Persian", "[12/04/1405 A. P. 12:05:09] Ana: hi\r\n", Options{}, "2026-07-03T12:05:09", chat.IOS, persian},
		{"Persian, two digits", "[12.04.05 AP, 14:05:09] Ana: hi\r\n", Options{}, "2026-07-03T14:05:09", chat.IOS, persian},
		{"Buddhist era in Korean", "[불기 2569. 7. 13. PM 2:05:09] Ana: hi\r\n", Options{}, "2026-07-13T14:05:09", chat.IOS, buddhist},
		{"Reiwa, no day above twelve", "[13/7/R4, 14:56:01] Ana: hi\r\n", Options{}, "2022-07-13T14:56:01", chat.IOS, japanese},
		{"a year before WhatsApp is another calendar's", "[13/7/08, 14:05:09] Ana: hi\r\n", Options{DateOrder: DMY}, "", chat.IOS, ""},
		{"kanji date", "2026年7月13日 14:05 - Ana: hi\n", Options{}, "2026-07-13T14:05", chat.Android, ""},
		{"legacy iOS", "13/07/2015, 14:05:09: Ana: a - b\r\n", Options{}, "2015-07-13T14:05:09", chat.IOS, ""},
		{"legacy iOS 12 h", "7/13/15, 2:05:09 PM: Ana: a\r\n", Options{}, "2015-07-13T14:05:09", chat.IOS, ""},
		{"legacy Android, time first", "19:23, 28 Aug 2013 - Ana: a\n19:24, 1 Sep 2013 - Ana: b\n", Options{}, "2013-08-28T19:23 2013-09-01T19:24", chat.Android, ""},
		{"legacy Android, day first", "18 Mar 12:14 - Ana: a\n", Options{}, "--03-18T12:14", chat.Android, ""},
		{"pasted from a Chinese browser", "[下午2:05, 13/7/2026] Ana: a\n[上午2:05, 14/7/2026] Ana: a\n", Options{}, "2026-07-13T14:05 2026-07-14T02:05", chat.WebClipboard, ""},
		{"pasted 12 h", "[2:05 pm, 13/07/2026] Ana: a\n", Options{}, "2026-07-13T14:05", chat.WebClipboard, ""},
		{"pasted from a phone", "[13/07, 2:05 pm] Ana: a\n", Options{}, "--07-13T14:05", chat.MobileClipboard, ""},
		{"pasted from a phone, with year", "[13/07/2026, 14:05] Ana: a\n", Options{}, "2026-07-13T14:05", chat.MobileClipboard, ""},
		{"German day periods", "13.07.26, 9:15 morgens - A: a\n13.07.26, 12:15 mittags - A: a\n13.07.26, 3:15 nachm. - A: a\n13.07.26, 8:15 abends - A: a\n13.07.26, 12:15 nachts - A: a\n",
			Options{}, "2026-07-13T09:15 2026-07-13T12:15 2026-07-13T15:15 2026-07-13T20:15 2026-07-13T00:15", chat.Android, ""},
		{"Chinese day periods", "2026/7/13 凌晨1:05 - A: a\n2026/7/13 中午12:05 - A: a\n2026/7/13 晚上9:05 - A: a\n", Options{}, "2026-07-13T01:05 2026-07-13T12:05 2026-07-13T21:05", chat.Android, ""},
		{"unknown day periods in order", "13/7/26, 9:15 foo - A: a\n13/7/26, 3:15 bar - A: a\n14/7/26, 8:15 foo - A: a\n", Options{}, "2026-07-13T09:15 2026-07-13T15:15 2026-07-14T08:15", chat.Android, ""},
		{"unknown joining word", "13/7/26 kwenye 14:15 - A: a\n13/7/26 kwenye 15:15 - A: a\n", Options{}, "2026-07-13T14:15 2026-07-13T15:15", chat.Android, ""},
		{"byte order marks", "\ufeff\ufeff[13.07.26, 14:05:09] A: a\r\n\ufeff[13.07.26, 14:05:10] A: a\r\n", Options{}, "2026-07-13T14:05:09 2026-07-13T14:05:10", chat.IOS, ""},
		{"impossible", "31/02/2026, 10:00 - A: a\n13/07/2026, 25:00 - A: a\n13/07/2026, 10:60 - A: a\n14/07/2026, 10:00 - A: a\n", Options{}, "   2026-07-14T10:00", chat.Android, ""},
		{"no final line end", "13/07/2026, 10:00 - A: a", Options{}, "2026-07-13T10:00", chat.Android, ""},
		{"pinned order", "03/04/2026, 10:00 - A: a\n", pinned, "2026-03-04T10:00", chat.Android, ""},
		{"converted to LF", "[13/07/2026, 14:05:09] A: a\n[13/07/2026, 14:05:10] A: a\n", Options{}, "2026-07-13T14:05:09 2026-07-13T14:05:10", chat.IOS, ""},
		{"US, converted to LF, is no Web export", "[7/13/26, 2:05:09 PM] A: a\n[7/13/26, 2:05:10 PM] B: a\n", Options{}, "2026-07-13T14:05:09 2026-07-13T14:05:10", chat.IOS, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e, got := stamps(t, c.text, c.opt)
			if s := strings.Join(got, " "); s != c.want || e.Platform != c.platform || e.Calendar != c.calendar {
				t.Errorf("%s %s %q\nwant %s %s %q", e.Platform, e.Calendar, s, c.platform, c.calendar, c.want)
			}
		})
	}
}

func TestDateOrderProofs(t *testing.T) {
	day := func(d, m int) time.Time { return time.Date(2026, time.Month(m), d, 12, 0, 0, 0, time.UTC) }
	cases := []struct {
		name, text   string
		opt          Options
		order, proof string
		used         string
	}{
		{"day above twelve", "13/07/2026, 10:00 - A: a\n", Options{}, DMY, proofValues, DMY},
		{"month second", "07/13/2026, 10:00 - A: a\n", Options{}, MDY, proofValues, MDY},
		{"year first", "2026-07-03 10:00 - A: a\n", Options{}, YMD, proofYearFirst, YMD},
		{"two-digit year first", "26/7/13 10:00 - A: a\n26/7/14 10:00 - A: a\n26/7/15 10:00 - A: a\n", Options{}, YMD, proofYearFirst, YMD},
		{"two days, or a day in two years", "26/7/13 10:00 - A: a\n26/7/14 10:00 - A: a\n", Options{}, "", "", YMD},
		{"two days, by a picture", "26/7/13 10:00 - A: a\n26/7/14 10:00 - A: IMG-20260714-WA0001.jpg (file attached)\n", Options{}, YMD, proofAttachments, YMD},
		{"a day in two years, by a picture", "26/7/13 10:00 - A: a\n26/7/14 10:00 - A: IMG-20140726-WA0001.jpg (file attached)\n", Options{}, DMY, proofAttachments, DMY},
		{"Korean, one day", "[26. 7. 13. PM 2:05:09] A: a\r\n", Options{}, YMD, proofYearFirst, YMD},
		{"Czech, one day", "13. 07. 26 2:05 odp. - A: a\n", Options{}, DMY, proofValues, DMY},
		{"Nepali or Marathi", "२६/७/१३, १४:०५ - A: a\n", Options{}, "", "", DMY},
		{"two-digit year first, one day", "26/7/3 (10:00) - A: a\n", Options{}, YMD, proofYearFirst, YMD},
		{"iOS attachment", "[04/03/2026, 10:00:00] A: \u200e<attached: 00000001-PHOTO-2026-03-04-10-00-00.jpg>\r\n", Options{}, DMY, proofAttachments, DMY},
		{"Android attachment", "04/03/2026, 10:00 - A: IMG-20260403-WA0001.jpg (file attached)\n", Options{}, MDY, proofAttachments, MDY},
		{"attachment a day off", "04/03/2026, 00:01 - A: IMG-20260303-WA0001.jpg (file attached)\n", Options{}, DMY, proofAttachments, DMY},
		{"outer date", "03/08/2026, 10:00 - A: a\n", Options{Outer: day(1, 5)}, MDY, proofOuterDate, MDY},
		{"outer date says nothing", "03/04/2026, 10:00 - A: a\n", Options{Outer: day(1, 9)}, "", "", DMY},
		{"nothing", "03/04/2026, 10:00 - A: a\n03/04/2026, 10:01 - A: a\n", Options{}, "", "", DMY},
		{"nothing, other default", "03/04/2026, 10:00 - A: a\n", Options{DefaultOrder: MDY}, "", "", MDY},
		{"months ascend", "01/06/2026, 10:00 - A: a\n01/07/2026, 10:00 - A: a\n02/01/2026, 10:00 - A: a\n02/02/2026, 10:00 - A: a\n", Options{}, MDY, proofMonotonicity, MDY},
		{"both", "13/01/2026, 10:00 - A: a\n14/01/2026, 10:00 - A: a\n01/15/2026, 10:00 - A: a\n", Options{DefaultOrder: MDY}, contradictory, proofValues, DMY},
		{"named month", "5 Mar 2013, 10:00 - A: a\n", Options{}, namedMonth, proofNamed, DMY},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e, _ := stamps(t, c.text, c.opt)
			o := e.DateOrder
			if o.Order != c.order || o.Used != c.used || c.proof != "" && o.Proof != c.proof {
				t.Errorf("got %+v", o)
			}
			if o.Default && o.Order == "" && e.List()[0].Alternative.IsZero() {
				t.Error("the other reading was not kept")
			}
		})
	}
}

func TestZoneNotes(t *testing.T) {
	text := "[25/10/2026, 00:59:59] A: a\r\n[25/10/2026, 01:00:00] A: a\r\n[25/10/2026, 01:59:59] A: a\r\n[25/10/2026, 02:00:00] A: a\r\n" +
		"[29/03/2026, 00:59:59] A: a\r\n[29/03/2026, 01:00:00] A: a\r\n[29/03/2026, 02:00:00] A: a\r\n"
	e, _ := stamps(t, text, Options{Zone: london(t)})
	want := []string{"", "ambiguous", "ambiguous", "", "", "nonexistent", ""}
	for i, m := range e.List() {
		if m.ZoneNote != want[i] {
			t.Errorf("%v is %q, want %q", m.Time, m.ZoneNote, want[i])
		}
	}
}
