package collation

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// WriteText writes the collation for a terminal of this width. Each finding
// quotes at most limit messages; 0 quotes all.
func (l *Collation) WriteText(w io.Writer, width, limit int) error {
	t := &text{w: w, width: max(width, 40), limit: limit}
	for _, s := range []Side{l.A, l.B} {
		t.line("  %s  %s", s.Label, s.Name)
		t.wrap(5, fmt.Sprintf("%s; %d messages, %s to %s", listed(quoted(s.Title), s.App, s.Grade, s.Captured), len(s.Messages), end(s, true), end(s, false)))
		if len(s.Flags) > 0 {
			t.wrap(5, "flags: "+strings.Join(s.Flags, ", "))
		}
	}
	t.line("")
	t.wrap(2, l.Verdict)
	for _, c := range l.Counts {
		t.line("  %7d  %s", c.N, c.What)
	}
	for i, f := range l.Findings {
		t.line("")
		t.wrap(2, fmt.Sprintf("%d. %s", i+1, f.Title))
		t.wrap(5, f.Evidence)
		t.line("     confidence: %s", f.Confidence)
		t.quotes(f.Quotes)
	}
	if len(l.Harmless) > 0 {
		t.line("")
		t.line("  What is not evidence, and why")
		for _, f := range l.Harmless {
			t.wrap(5, fmt.Sprintf("%s (%d). %s", f.Title, f.N, f.Evidence))
		}
	}
	t.line("")
	for _, n := range l.Notes {
		t.wrap(2, n)
	}
	return t.err
}

func quoted(title string) string {
	if title == "" {
		return ""
	}
	return "“" + title + "”"
}

// listed joins what there is.
func listed(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// text writes lines and keeps the first error.
type text struct {
	w     io.Writer
	width int
	limit int
	err   error
}

func (t *text) line(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format+"\n", args...)
	}
}

// wrap writes a paragraph, indented, broken between words.
func (t *text) wrap(indent int, s string) {
	margin := strings.Repeat(" ", indent)
	line := ""
	for word := range strings.FieldsSeq(s) {
		if line != "" && indent+utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > t.width {
			t.line("%s%s", margin, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	t.line("%s%s", margin, line)
}

func (t *text) quotes(all []Quote) {
	shown := all
	if t.limit > 0 && len(shown) > t.limit {
		shown = shown[:t.limit]
	}
	for _, q := range shown {
		if q.A != nil || !q.Apart {
			t.quote("A", q.A)
		}
		if q.B != nil || !q.Apart {
			t.quote("B", q.B)
		}
	}
	if n := len(all) - len(shown); n > 0 {
		t.line("     and %d more; --all shows them", n)
	}
}

func (t *text) quote(label string, m *Message) {
	switch {
	case m == nil:
		t.line("       %s  not there", label)
	case m.Hidden:
		t.line("       %s  %s  %s  (%s)", label, m.Time, m.Sender, m.Ref)
	default:
		t.line("       %s  %s  %s: %s  (%s)", label, m.Time, m.Sender, clip(m.Text, t.width), m.Ref)
	}
}

func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:n-1]), " ") + "…"
}
