package selection_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/selection"
)

// export is a chat of n messages, three a day, some with what editors stumble on.
func export(n int) *chat.Export {
	var list chat.List
	for i := range n {
		m := chat.Message{Length: 10, Offset: int64(10 * i), Time: time.Date(2026, 5, 1+i/3, 9, i%60, 0, 0, time.UTC), Sender: "A Field",
			Text: fmt.Sprintf("message %d\nwith two lines, \u200edirection\u200f marks and \t tabs", i)}
		switch i % 5 {
		case 1:
			m.Time, m.Stamp = time.Time{}, "31/02/2026"
		case 2:
			m.Text, m.Attachments = "", []chat.Attachment{{Name: "a\nb.jpg"}}
		case 3:
			m.Sender = "[ ] 4"
		}
		list = append(list, m)
	}
	return &chat.Export{Messages: list}
}

var digest = record.Sum([]byte("the file"))

func list(t testing.TB, e *chat.Export) string {
	t.Helper()
	var b bytes.Buffer
	if err := selection.WriteTicks(&b, "Chat.zip", digest, []*chat.Export{e}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestTicksRoundTrip marks lists at random, as several editors save them, and
// wants what was marked, no more and no less, through the YAML too.
func TestTicksRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		e := export(rapid.IntRange(1, 40).Draw(rt, "messages"))
		want := make([]record.Reason, e.Count())
		var out []string
		var day record.Reason
		at := 0
		for line := range strings.Lines(list(t, e)) {
			line = strings.TrimSuffix(line, "\n")
			if rest, ok := strings.CutPrefix(line, "[ ] "); ok {
				mark := rapid.SampledFrom([]string{"", "", "p", "C", " constituency ", "y", "Out of scope", "k"}).Draw(rt, "mark")
				reason := map[string]record.Reason{"p": "personal", "C": "constituency", " constituency ": "constituency", "y": "party_political", "Out of scope": "out_of_scope"}[mark]
				if strings.HasPrefix(rest, "day ") {
					if mark == "k" {
						mark = ""
					}
					day = reason
				} else {
					if want[at] = reason; mark == "" {
						want[at] = day
					}
					at++
				}
				line = "[" + mark + "] " + rest
			}
			out = append(out, line)
		}
		text := strings.Join(out, rapid.SampledFrom([]string{"\n", "\r\n", " \n", "\n\n"}).Draw(rt, "line ends"))
		if rapid.Bool().Draw(rt, "byte order mark") {
			text = "\ufeff" + text
		}
		s, err := selection.ParseTicks([]byte(text), digest, []*chat.Export{e})
		if err != nil {
			rt.Fatalf("%v\n%s", err, text)
		}
		again, err := selection.Parse(s.YAML())
		if err != nil {
			rt.Fatalf("%v\n%s", err, s.YAML())
		}
		got, err := again.Apply([]*chat.Export{e}, digest)
		if err != nil || fmt.Sprint(got[0]) != fmt.Sprint(want) {
			rt.Errorf("%v, want %v: %v", got, want, err)
		}
	})
}

// TestGarbledTicks breaks a list in the ways that editors and slips break one.
func TestGarbledTicks(t *testing.T) {
	e := export(6)
	good := list(t, e)
	if _, err := selection.ParseTicks([]byte(good), digest, []*chat.Export{e}); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(good, "\n")
	var messages []int
	for i, l := range lines {
		if strings.HasPrefix(l, "[ ]  ") {
			messages = append(messages, i)
		}
	}
	change := func(f func(l []string) []string) string {
		return strings.Join(f(append([]string(nil), lines...)), "")
	}
	for name, tc := range map[string]struct{ text, says string }{
		"a line gone":     {change(func(l []string) []string { return append(l[:messages[2]], l[messages[2]+1:]...) }), "message 3 is missing"},
		"a line twice":    {change(func(l []string) []string { l[messages[2]] += l[messages[2]]; return l }), "message 3 is in the list twice"},
		"words changed":   {strings.Replace(good, "message 4", "message four", 1), "not a line of the list"},
		"bracket gone":    {strings.Replace(good, "\n[ ] day", "\n[ day", 1), "not a line of the list"},
		"another mark":    {strings.Replace(good, "[ ]   ", "[x]   ", 1), "[x] is no mark"},
		"day kept":        {strings.Replace(good, "[ ] day", "[k] day", 1), "keeps a message, not a day"},
		"day gone":        {strings.Replace(good, "[ ] day 2026-05-02", "", 1), "does not stand under its day"},
		"sorted":          {change(func(l []string) []string { a, b := messages[0], messages[5]; l[a], l[b] = l[b], l[a]; return l }), "does not stand under its day"},
		"no digest":       {strings.Replace(good, "# sha256", "# md5", 1), "which file the list is of"},
		"another's":       {strings.Replace(good, digest.String(), record.Sum(nil).String(), 1), "of another file"},
		"UTF-16":          {"\xff\xfe[\x00 \x00]\x00", "save it as UTF-8"},
		"something added": {good + "and this\n", "not a line of the list"},
		"empty":           {"", "message 1 is missing"},
	} {
		s, err := selection.ParseTicks([]byte(tc.text), digest, []*chat.Export{e})
		if err == nil || !strings.Contains(err.Error(), tc.says) || s != nil {
			t.Errorf("%s: %v, want %q", name, err, tc.says)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	head := "format: closeroll-selection/1\nsha256: " + digest.String() + "\nexclude:\n"
	for text, says := range map[string]string{
		"format: x\nsha256: abc\n":                                              "format: is not closeroll-selection/1",
		head + "  - {messages: 4-2, reason: personal}\n":                        `"4-2" is no number or range`,
		head + "  - {messages: 0, reason: personal}\n":                          "is no number or range",
		head + "  - {messages: 4, reason: dull}\n":                              `"dull" is none of personal`,
		head + "  - {messages: 4, from: 2026-05-01, reason: personal}\n":        "names either messages, or days",
		head + "  - {reason: personal}\n":                                       "names either messages, or days",
		head + "  - {from: 1/5/2026, reason: personal}\n":                       "is no day",
		head + "  - {from: 2026-05-02, until: 2026-05-01, reason: personal}\n":  "ends before it begins",
		head + "  - {messages: 4, reason: personal, include: yes}\n":            "there is no such key",
		"format: closeroll-selection/1\nsha256: " + digest.String()[:60] + "\n": "sha256: is not the digest",
	} {
		if s, err := selection.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %+v, %v; want %q", text, s, err, says)
		}
	}
}

func TestApplyByDay(t *testing.T) {
	e := export(9)
	s, err := selection.Parse([]byte("format: closeroll-selection/1\nsha256: " + digest.String() +
		"\nexclude:\n  - {messages: \"1, 3\", reason: personal}\n  - {from: 2026-05-01, until: 2026-05-02, reason: constituency}\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Apply([]*chat.Export{e}, digest)
	// Messages 2 and 7 print no date that there is: no range of days has them.
	if want := "[personal  personal constituency constituency constituency   ]"; err != nil || fmt.Sprint(got[0]) != want {
		t.Errorf("%v, want %s: %v", got[0], want, err)
	}
	if _, err := s.Apply([]*chat.Export{e}, record.Sum(nil)); err == nil {
		t.Error("a selection was applied to another file")
	}
	if _, err := s.Apply([]*chat.Export{export(2)}, digest); err == nil {
		t.Error("a selection named a message that there is not")
	}
}

// TestSeveralChats selects from a file of two chats, whose messages read alike.
func TestSeveralChats(t *testing.T) {
	file := []*chat.Export{export(5), export(4)}
	file[1].Title = "Family"
	var b bytes.Buffer
	if err := selection.WriteTicks(&b, "main.jsonl", digest, file); err != nil {
		t.Fatal(err)
	}
	head, tail, found := strings.Cut(b.String(), "[ ] chat 2 (messages: 4): Family\n")
	if !found {
		t.Fatalf("the second chat has no heading:\n%s", b.String())
	}
	marked := strings.Replace(head, "[ ]      3", "[y]      3", 1) + "[p] chat 2 (messages: 4): Family\n" + strings.Replace(tail, "[ ]      2", "[k]      2", 1)
	s, err := selection.ParseTicks([]byte(marked), digest, file)
	if err != nil {
		t.Fatal(err)
	}
	if s, err = selection.Parse(s.YAML()); err != nil {
		t.Fatal(err)
	}
	const want = "[[  party_political  ] [personal  personal personal]]"
	if got, err := s.Apply(file, digest); err != nil || fmt.Sprint(got) != want {
		t.Errorf("%v, want %s: %v", got, want, err)
	}
	if _, err := s.Apply(file[:1], digest); err == nil {
		t.Error("a selection named a chat that there is not")
	}
	for name, garbled := range map[string]string{
		"no heading":       strings.Replace(b.String(), "[ ] chat 2 (messages: 4): Family\n", "", 1),
		"another title":    strings.Replace(b.String(), "): Family", "): Work", 1),
		"a heading twice":  b.String() + "[ ] chat 1 (messages: 5):\n",
		"a heading's [k]":  strings.Replace(b.String(), "[ ] chat 2", "[k] chat 2", 1),
		"without chat one": head[:strings.Index(head, "[ ] chat 1")] + "[ ] chat 2 (messages: 4): Family\n" + tail,
	} {
		if _, err := selection.ParseTicks([]byte(garbled), digest, file); err == nil {
			t.Errorf("%s: the list was taken", name)
		}
	}
	for rule, want := range map[string]string{
		"{chat: 2, reason: personal}":                "[[    ] [personal personal personal personal]]",
		"{from: 2026-05-01, reason: constituency}":   "",
		"{messages: 1, reason: personal}":            "does not say which",
		"{chat: 3, messages: 1, reason: personal}":   "the file has 2",
		"{chat: 2, messages: 1-9, reason: personal}": "the chat has 4",
	} {
		s, err := selection.Parse([]byte("format: closeroll-selection/1\nsha256: " + digest.String() + "\nexclude:\n  - " + rule + "\n"))
		if err != nil {
			t.Fatal(rule, err)
		}
		got, err := s.Apply(file, digest)
		if said := fmt.Sprint(got, err); !strings.Contains(said, want) {
			t.Errorf("%s: %s; want %s", rule, said, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("format: closeroll-selection/1\nsha256: " + digest.String() + "\nexclude:\n  - {messages: 4-7, reason: personal}\n"))
	e := export(5)
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := selection.Parse(data)
		if err != nil {
			return
		}
		again, err := selection.Parse(s.YAML())
		if err != nil || fmt.Sprint(again) != fmt.Sprint(s) {
			t.Fatalf("%+v was written as %+v: %v", s, again, err)
		}
		if reasons, err := s.Apply([]*chat.Export{e}, s.Export); err == nil && len(reasons[0]) != 5 {
			t.Fatalf("%d reasons", len(reasons))
		}
	})
}

func FuzzParseTicks(f *testing.F) {
	e := export(5)
	f.Add([]byte(list(f, e)))
	f.Add([]byte(strings.Replace(list(f, e), "[ ]    ", "[p]    ", 2)))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := selection.ParseTicks(data, digest, []*chat.Export{e})
		if err != nil {
			return
		}
		if _, err := s.Apply([]*chat.Export{e}, digest); err != nil {
			t.Fatal(err)
		}
	})
}
