package whatsapp

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/closeroll/closeroll/connectors/chat"
)

// A locale is a row of testdata/locales.txt: the header for one moment, from
// which the headers of others are made.
type locale struct {
	name    string
	headers map[string]string // ios, android12, android24
}

func locales(t testing.TB) []locale {
	t.Helper()
	b, err := os.ReadFile("testdata/locales.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []locale
	for l := range strings.Lines(string(b)) {
		if strings.HasPrefix(l, "#") {
			continue
		}
		l = strings.NewReplacer("<RLM>", "\u200f", "<2009>", "\u2009", "\n", "").Replace(l)
		f := strings.Split(l, "\t")
		all = append(all, locale{f[0], map[string]string{"ios": f[1] + " ", "android12": f[2], "android24": f[3]}})
	}
	return all
}

// morning maps the words for p.m. in the table to those for a.m.
var morning = map[string]string{
	"PM": "AM", "pm": "am", "p.m.": "a.m.", "p. m.": "a. m.", "em": "fm", "ip.": "ap.", "pēcp.": "priekšp.", "popiet": "priešpiet",
	"odp.": "dop.", "du.": "de.", "ч. pm": "ч. am", "μ.μ.": "π.μ.", "ÖS": "ÖÖ", "пп": "дп", "pop.": "dop.", "m.d.": "p.d.",
	"попл.": "претпл.", "م": "ص", "ب.ظ.": "ق.ظ.", "अपराह्न": "पूर्वाह्न", "CH": "SA", "PTG": "PG", "ከሰዓት": "ጥዋት", "午後": "午前",
	"下午": "上午", "TK": "TO", "ညနေ": "နံနက်", "i.n.": "r.n.", "f": "m", "nm.": "vm.", "e.h.": "f.h.",
}

var run = regexp.MustCompile(`\p{Nd}+`)

// at rewrites the row's header for another moment.
func (l locale) at(form string, t time.Time) string {
	h := l.headers[form]
	twelve := strings.Contains(h, "2:05") || strings.Contains(h, "02.05") || strings.Contains(h, " 2.05") || strings.Contains(h, "02 h 05") ||
		strings.Contains(h, "٢:٠٥") || strings.Contains(h, "۲:۰۵") || strings.Contains(h, "२:०५") || strings.Contains(h, "২:০৫") || strings.Contains(h, "၂:၀၅")
	if strings.Contains(h, "12:05") {
		twelve = false
	}
	h = run.ReplaceAllStringFunc(h, func(s string) string {
		r, _ := utf8.DecodeRuneInString(s)
		_, zero, _ := digit(r)
		v, digits, _ := number(s, 0, zero)
		hour := t.Hour()
		if twelve {
			if hour %= 12; hour == 0 {
				hour = 12
			}
		}
		numbers := map[int]int{2026: t.Year(), 26: t.Year() % 100, 69: (t.Year() + 543) % 100, 3: t.Day(), 7: int(t.Month()),
			14: hour, 2: hour, 5: t.Minute(), 9: t.Second()}
		if l.name == "fa-IR" { // the row's date is 12 Tir 1405
			numbers[1405], numbers[4], numbers[12] = inPersian(t)
		}
		n := numbers[v]
		out := ""
		for _, c := range fmt.Sprintf("%0*d", min(digits, 2), n) {
			out += string(c - '0' + zero)
		}
		return out
	})
	if twelve && t.Hour() < 12 {
		for pm, am := range morning {
			for _, around := range [][2]string{{" ", "]"}, {" ", " - "}, {"\u00a0", " - "}, {" ", " "}, {"\u2009", ""}, {" ", ""}, {"", " - "}, {" ", ")"}} {
				if old := around[0] + pm + around[1]; strings.Contains(h, old) {
					return strings.Replace(h, old, around[0]+am+around[1], 1)
				}
			}
		}
		panic("no word for the morning in " + h)
	}
	return h
}

// inPersian is the date of t in the Solar Hijri calendar, found by trying.
func inPersian(t time.Time) (year, month, day int) {
	for year = t.Year() - 622; ; year++ {
		for month = 1; month <= 12; month++ {
			for day = 1; day <= 31; day++ {
				y, m, d, ok := persianToGregorian(year, month, day)
				if ok && y == t.Year() && m == int(t.Month()) && d == t.Day() {
					return year, month, day
				}
			}
		}
	}
}

// newer is a header as CLDR 42 and later print it: with a narrow space before
// the half of the day.
func newer(header string) string {
	return strings.NewReplacer(" PM", "\u202fPM", " AM", "\u202fAM", " pm", "\u202fpm", " am", "\u202fam").Replace(header)
}

// Every row of the table, on both platforms and both clocks, with the spaces
// of newer CLDR versions too.
func TestEveryLocale(t *testing.T) {
	rows := locales(t)
	if len(rows) < 80 {
		t.Fatalf("%d locales", len(rows))
	}
	moments := []time.Time{
		time.Date(2026, 7, 3, 14, 5, 9, 0, time.UTC), time.Date(2026, 7, 13, 14, 6, 10, 0, time.UTC),
		time.Date(2026, 7, 14, 0, 7, 11, 0, time.UTC), time.Date(2026, 7, 14, 12, 8, 12, 0, time.UTC),
		time.Date(2026, 7, 28, 9, 59, 0, 0, time.UTC), time.Date(2026, 8, 2, 23, 0, 1, 0, time.UTC),
	}
	for _, l := range rows {
		for form := range l.headers {
			for _, space := range []string{" ", "\u202f"} {
				t.Run(fmt.Sprintf("%s/%s/%x", l.name, form, space), func(t *testing.T) {
					checkLocale(t, l, form, space, moments)
				})
			}
		}
	}
}

func checkLocale(t *testing.T, l locale, form, space string, moments []time.Time) {
	end := "\n"
	if form == "ios" {
		end = "\r\n"
	}
	var b strings.Builder
	for i, at := range moments {
		h := l.at(form, at)
		if space != " " {
			h = newer(h)
		}
		fmt.Fprintf(&b, "%s%s: Text %d\nsecond: line%s", h, []string{"Ana Field", "Tom Okafor"}[i%2], i, end)
	}
	e, err := open(t, "x.txt", []byte(b.String()), Options{})
	if err != nil {
		t.Fatalf("%v in %q", err, b.String())
	}
	lossless(t, []byte(b.String()), e)
	if e.Count() != len(moments) {
		t.Fatalf("%d messages of %q", e.Count(), b.String())
	}
	want := map[bool]chat.Platform{true: chat.IOS, false: chat.Android}[form == "ios"]
	if e.Platform != want || e.DateOrder.Order == "" || len(e.Flags) > 0 {
		t.Errorf("platform %s, order %+v, flags %v", e.Platform, e.DateOrder, e.Flags)
	}
	for i, m := range e.List() {
		at := moments[i]
		if form != "ios" {
			at = at.Truncate(time.Minute)
		}
		if !m.Time.Equal(at) || m.Sender == "" || m.Text != fmt.Sprintf("Text %d\nsecond: line", i) {
			t.Errorf("message %d at %v by %q, want %v: %q", i, m.Time, m.Sender, at, b.String()[m.Offset:m.Offset+m.Length])
		}
	}
}
