package chat

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// export makes an export of lines, each "date|text", after a preamble; an
// empty date is undated.
func export(t *testing.T, preamble string, lines ...string) (*Export, string) {
	t.Helper()
	text := preamble
	e := &Export{Preamble: Span{Length: int64(len(preamble))}}
	var messages List
	for _, l := range lines {
		date, body, _ := strings.Cut(l, "|")
		m := Message{Offset: int64(len(text)), Length: int64(len(body)), Kind: Text, Text: body}
		if date != "" {
			at, err := time.Parse(time.DateOnly, date)
			if err != nil {
				t.Fatal(err)
			}
			m.Time = at
		}
		text += body
		messages = append(messages, m)
	}
	e.Messages = messages
	e.Transcript = File{Size: int64(len(text)), Digest: record.Sum([]byte(text)), Content: strings.NewReader(text)}
	return e, text
}

func TestDaysKeepFileOrder(t *testing.T) {
	e, text := export(t, "pre", "2026-07-13|a", "2026-07-14|b", "|c", "2026-07-13|dd", "2026-07-13|e", "|f")
	e.Entries = make([]Entry, 3)
	held := e.Messages.(List)
	held[0].Attachments = []Attachment{{Name: "x", Entry: 2}}
	held[3].Attachments = []Attachment{{Name: "x", Entry: 2}, {Name: "y", Entry: 1}, {Name: "z"}}
	want := map[string]string{"2026-07-13": "adde", "2026-07-14": "b", Undated: "cf"}
	parts := map[string]io.ReaderAt{PreamblePart: strings.NewReader("pre")}
	var order []string
	for _, d := range e.Days() {
		b, err := io.ReadAll(io.NewSectionReader(d, 0, d.Size()))
		if err != nil || string(b) != want[d.Date] || d.Size() != int64(len(b)) {
			t.Errorf("%s is %q, %v", d.Date, b, err)
		}
		order = append(order, d.Date)
		parts[d.Date] = bytes.NewReader(b)
		var messages []int
		for i := range d.All() {
			messages = append(messages, i)
		}
		if d.Date == "2026-07-13" && (!slices.Equal(d.Entries, []int{1, 0}) || !slices.Equal(messages, []int{0, 3, 4}) || d.Count != 3 || len(d.Parts) != 2) {
			t.Errorf("media %v, messages %v, parts %v", d.Entries, messages, d.Parts)
		}
		middle := make([]byte, 2)
		if n, err := d.ReadAt(middle, d.Size()-1); n != 1 || err != io.EOF || string(middle[:1]) != want[d.Date][d.Size()-1:] {
			t.Errorf("%s ends in %q, %v", d.Date, middle[:n], err)
		}
	}
	if !slices.Equal(order, []string{"2026-07-13", "2026-07-14", Undated}) {
		t.Error(order)
	}
	j, err := json.Marshal(e.Map())
	if err != nil {
		t.Fatal(err)
	}
	var m Map
	if err := json.Unmarshal(j, &m); err != nil {
		t.Fatal(err)
	}
	if len(m.Runs) != 6 {
		t.Errorf("%d runs: %s", len(m.Runs), j)
	}
	find := func(name string) (io.ReaderAt, error) { return parts[name], nil }
	var out strings.Builder
	if err := Reassemble(&out, m, find); err != nil || out.String() != text {
		t.Errorf("%q, %v", out.String(), err)
	}
	parts["2026-07-14"] = strings.NewReader("B")
	if err := Reassemble(io.Discard, m, find); !errors.Is(err, ErrMismatch) {
		t.Errorf("altered part: %v", err)
	}
	parts["2026-07-14"] = strings.NewReader("")
	if err := Reassemble(io.Discard, m, find); !errors.Is(err, ErrMismatch) {
		t.Errorf("short part: %v", err)
	}
	m.Runs[1].Offset = -1
	if err := Reassemble(io.Discard, m, find); !errors.Is(err, ErrMismatch) {
		t.Errorf("run outside: %v", err)
	}
	for _, bad := range []string{`["a",1]`, `["a",1,2,3]`, `{"a":1}`, `["a","b",1]`} {
		var r Run
		if err := json.Unmarshal([]byte(bad), &r); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

// talk makes a side of lines "minute sender text"; sender * is the app and
// text then the event, and text of ! is a tombstone, of + edited, of ? empty.
func talk(p Platform, lines ...string) Side {
	s := Side{Platform: p}
	for _, l := range lines {
		f := strings.SplitN(l, " ", 3)
		var minute int64
		for _, c := range f[0] {
			minute = minute*10 + int64(c-'0')
		}
		n := Line{Minute: 1_000_000 + minute, Sender: f[1], Text: f[2], Class: classText}
		switch {
		case f[1] == "*":
			n.Sender, n.Class = "", classSystem+f[2]
		case f[2] == "!":
			n.Class = classDeleted
		case f[2] == "?":
			n.Class = classEmpty
		case f[2] == "photo":
			n.Class = classMedia
		case strings.HasPrefix(f[2], "+"):
			n.Edited = true
		}
		s.Lines = append(s.Lines, n)
	}
	return s
}

var base = []string{"0 * e2e_notice", "1 ana morning", "2 tom hello there", "3 ana ok", "3 ana ok", "5 tom the plan", "7 priya thanks", "9 ana end"}

func with(edit func([]string) []string) []string { return edit(slices.Clone(base)) }

func TestCompare(t *testing.T) {
	drop := func(is ...int) []string {
		return with(func(l []string) []string {
			for _, i := range slices.Backward(is) {
				l = slices.Delete(l, i, i+1)
			}
			return l
		})
	}
	set := func(i int, s string) []string {
		return with(func(l []string) []string { l[i] = s; return l })
	}
	cases := []struct {
		name string
		b    []string
		want string
	}{
		{"the same", base, ""},
		{"vanished", drop(5), "vanished 5"},
		{"one of two", drop(4), "vanished 4 or 3"},
		{"the other of two", drop(3), "vanished 4 or 3"},
		{"both of two", drop(3, 4), "vanished 3 4"},
		{"first, after the notice", drop(1), "head_truncated 1-1"}, // a timer that no line shows leaves the app's own lines
		{"second", drop(2), "vanished 2"},
		{"head", drop(0, 1, 2), "head_truncated 0-2"},
		{"tail", drop(6, 7), "after_end 6-7"},
		{"tail, and more after it", append(drop(6, 7), "20 tom new"), "vanished 6 7 added 6"},
		{"tombstone", set(5, "5 tom !"), "deleted 5"},
		{"edited", set(5, "5 tom +the new plan"), "edited 5"},
		{"altered", set(5, "5 tom the other plan"), "altered_without_marker 5"},
		{"another's words at that minute", set(5, "5 priya the other plan"), "vanished 5 added 5"},
		{"inserted", with(func(l []string) []string { return slices.Insert(l, 5, "4 tom inserted") }), "added 5"},
		{"a third ok", with(func(l []string) []string { return slices.Insert(l, 4, "3 ana ok") }), "added 5"},
		{"late", with(func(l []string) []string { return append(slices.Delete(l, 2, 3), "2 tom hello there") }), "reordered 2"},
		{"notice again", with(func(l []string) []string { return append(l[1:], "99 * e2e_notice") }), "encryption_notice_regenerated 0"},
		{"rounded", set(5, "6 tom the plan"), ""},
		{"restamped", set(5, "8 tom the plan"), "restamped 5"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := Compare(talk(Android, base...), talk(Android, c.b...))
			if s := told(&got); s != c.want {
				t.Errorf("%q, want %q: %+v", s, c.want, got)
			}
		})
	}
}

// told is a comparison in a line.
func told(c *Comparison) string {
	var b strings.Builder
	numbers := func(what string, is []int) {
		if len(is) > 0 {
			b.WriteString(" " + what)
		}
		for _, i := range is {
			b.WriteString(" " + string(rune('0'+i)))
		}
	}
	if !c.SameChat {
		return "refused"
	}
	numbers("vanished", c.Vanished)
	numbers("or", c.Equivalent)
	firsts := func(pairs [][2]int) (is []int) {
		for _, p := range pairs {
			is = append(is, p[0])
		}
		return is
	}
	numbers("deleted", firsts(c.Deleted))
	numbers("edited", firsts(c.Edited))
	for _, ch := range c.ChangedOther {
		numbers(ch.Why, []int{max(place(ch.A), 0)})
	}
	for _, n := range c.NotEvidence {
		b.WriteString(" " + n.Why + " " + string(rune('0'+n.From)) + "-" + string(rune('0'+n.To)))
	}
	numbers("added", c.Added)
	return strings.TrimSpace(b.String())
}

func TestCompareClocksAndNames(t *testing.T) {
	shifted := with(func(l []string) []string {
		for i := range l {
			minute, rest, _ := strings.Cut(l[i], " ")
			l[i] = "30" + minute + " " + strings.Replace(rest, "tom", "+44", 1)
		}
		return l
	})
	c := Compare(talk(Android, base...), talk(IOS, shifted...))
	if c.Shift != 300 || c.NameMap["tom"] != "+44" || len(c.NameMap) != 1 || len(c.Matches) != len(base) || !c.Clean() {
		t.Errorf("%+v", c)
	}
}

// Two chats are not one because somebody sent the same to both.
func TestCompareRefuses(t *testing.T) {
	other := []string{"1 ana morning", "2 jo hi", "3 ana ok", "4 jo school at three", "5 jo yes", "6 ana see you", "8 jo bye", "9 ana end"}
	for name, b := range map[string][]string{"another chat": other, "nothing": nil, "another time": {"900 ana morning", "907 tom x"}} {
		if c := Compare(talk(Android, base...), talk(Android, b...)); c.SameChat || len(c.Vanished) > 0 {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

func TestCompareTimers(t *testing.T) {
	a := []string{"0 * disappearing_on/600", "1 ana one", "2 tom two", "30 ana three", "31 tom four", "32 ana five"}
	b := []string{"0 * disappearing_on/600", "30 ana three", "31 tom four", "32 ana five"}
	c := Compare(talk(Android, a...), talk(Android, b...))
	if !slices.Equal(c.Vanished, []int{1, 2}) || c.VanishReason[1] != ExpiredByTimer || c.VanishReason[2] != ExpiredByTimer {
		t.Errorf("%+v", c)
	}
	a[0] = "0 * disappearing_off/0"
	b[0] = a[0]
	if c := Compare(talk(Android, a...), talk(Android, b...)); len(c.Vanished) != 2 || len(c.VanishReason) != 0 {
		t.Errorf("%+v", c)
	}
	// A browser's export leaves out what has a timer, and this chat has none.
	if c := Compare(talk(Android, a...), talk(Web, b...)); len(c.Vanished) != 2 {
		t.Errorf("%+v", c)
	}
	if c := Compare(talk(Android, a[1:]...), talk(Web, b[1:]...)); len(c.Vanished) != 0 {
		t.Errorf("%+v", c)
	}
}

// Digests serve as well as words.
func TestCompareJournalled(t *testing.T) {
	hidden := func(s Side) Side {
		for i, l := range s.Lines {
			digest := record.Sum([]byte(l.Text))
			l.Text = string(digest[:])
			b, err := json.Marshal(l.Journalled())
			if err != nil {
				t.Fatal(err)
			}
			var c record.ChatLine
			if err := json.Unmarshal(b, &c); err != nil {
				t.Fatal(err)
			}
			s.Lines[i] = FromJournal(c)
		}
		return s
	}
	b := slices.Delete(slices.Clone(base), 5, 6)
	c := Compare(hidden(talk(Android, base...)), hidden(talk(Android, b...)))
	if got := told(&c); got != "vanished 5" {
		t.Errorf("%s", got)
	}
	if len(c.Findings) != 1 || c.Findings[0].Confidence != Strong || !strings.Contains(c.Findings[0].Text, "no trace") {
		t.Errorf("%+v", c.Findings)
	}
}

func TestNormalText(t *testing.T) {
	same := [][2]string{
		{"\u200eHello\r\n", "Hello"}, {"a\r\nb", "a\nb"}, {"see @\u2068Ana Field\u2069 now", "see @\u2068+44 7700\u2069 now"},
	}
	for _, p := range same {
		a, b := Message{Kind: Text, Text: p[0]}, Message{Kind: Text, Text: p[1]}
		if !bytes.Equal(a.Normal(), b.Normal()) {
			t.Errorf("%q and %q differ", p[0], p[1])
		}
	}
	a, b := Message{Kind: Text, Text: "Café"}, Message{Kind: Text, Text: "Cafe\u0301"}
	if bytes.Equal(a.Normal(), b.Normal()) {
		t.Error("words were normalised beyond marks and line ends")
	}
	omitted := Message{Kind: MediaOmitted, Attachments: []Attachment{{Omit: true}}}
	named := Message{Kind: Media, Attachments: []Attachment{{Name: "x.jpg"}}}
	if !bytes.Equal(omitted.Normal(), named.Normal()) || omitted.Class() != named.Class() {
		t.Error("a placeholder differs from its file")
	}
}

func TestNotices(t *testing.T) {
	e, _ := export(t, "", "2026-07-13|a", "2026-07-13|b", "2026-07-14|c")
	held := e.Messages.(List)
	held[0].Kind, held[0].Event = System, &Event{Name: "disappearing_on", Actor: "Tom Okafor", Timer: 7 * 24 * time.Hour, HasTime: true}
	held[1].Kind, held[1].Event = System, &Event{Name: "advanced_privacy_on"}
	e.Missing, e.Flags, e.Grade = []string{"x"}, []string{FlagHeadTruncated}, GradePartial
	e.Gaps = []SequenceGap{{AfterIndex: 1, Missing: 2}}
	var kinds []string
	for _, n := range Notices(e) {
		kinds = append(kinds, n.Kind)
		if !strings.HasSuffix(n.Text, ".") || n.Kind == NoticeEphemeral && n.Before.Format(time.DateOnly) != "2026-07-21" {
			t.Errorf("%+v", n)
		}
	}
	want := []string{NoticeGrade, NoticeTruncated, NoticeMissing, NoticeRowGap, "disappearing_on", "advanced_privacy_on", NoticeEphemeral, NoticePrivacy}
	if !slices.Equal(kinds, want) {
		t.Errorf("got %v, want %v", kinds, want)
	}
	later, _ := export(t, "", "2026-09-01|d")
	if n := Between(e, later, &Comparison{SameChat: true}); len(n) != 1 || n[0].Kind != NoticeExportGap {
		t.Errorf("%+v", n)
	}
	if n := Between(e, later, &Comparison{}); len(n) != 1 || n[0].Kind != NoticeUnconnected {
		t.Errorf("%+v", n)
	}
}
