package page

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// A Screen is the terminal that text is written for. Bold and Dim style text
// where the terminal can; nil leaves it plain.
type Screen struct {
	Width int // columns; 80 if zero
	Bold  func(string) string
	Dim   func(string) string
}

// margin is what every line begins with.
const margin = "  "

// WriteText writes the document for a terminal. Tables are fitted to its width
// by breaking the texts in them.
func WriteText(w io.Writer, d *Document, s Screen) error {
	t := &textWriter{w: w, Screen: s}
	if t.Width == 0 {
		t.Width = 80
	}
	t.Width = max(t.Width, 40)
	same := func(s string) string { return s }
	if t.Bold == nil {
		t.Bold = same
	}
	if t.Dim == nil {
		t.Dim = same
	}
	title := clean(d.Title)
	if d.Subtitle != "" {
		title += " · " + clean(d.Subtitle)
	}
	t.heading(title)
	for _, line := range []string{d.Marking, d.Authority, d.Reference, d.MadeLine()} {
		if line != "" {
			t.wrapped(margin, clean(line), t.Dim)
		}
	}
	for _, b := range d.Blocks {
		t.block(b)
	}
	return t.err
}

// A textWriter writes lines and keeps the first error.
type textWriter struct {
	Screen
	w   io.Writer
	err error
}

func (t *textWriter) line(s string) {
	if t.err == nil {
		_, t.err = fmt.Fprintln(t.w, strings.TrimRight(s, " "))
	}
}

func (t *textWriter) block(b Block) {
	if tab, ok := b.(Table); ok && tab.DataOnly {
		return
	}
	t.line("")
	switch b := b.(type) {
	case Heading:
		t.heading(clean(b.Text))
	case Paragraph:
		t.wrapped(margin, clean(b.Text), nil)
	case List:
		for i, item := range b.Items {
			bullet := "– "
			if b.Numbered {
				bullet = fmt.Sprintf("%d. ", i+1)
			}
			t.hanging(margin+bullet, clean(item))
		}
	case Facts:
		t.facts(b)
	case Notice:
		t.hanging(margin+t.Bold(strings.TrimLeft(b.Tone.sign()+" ", " ")+clean(b.Label))+"  ", clean(b.Text))
	case Table:
		t.table(b)
	case Signatures:
		t.signatures(b)
	case Verbatim:
		t.verbatim(b)
	case chart:
		t.chart(b)
	}
}

func (t *textWriter) heading(s string) {
	for _, line := range wrapRunes(s, t.Width-len(margin)) {
		t.line(margin + t.Bold(line))
	}
}

func (t *textWriter) wrapped(indent, s string, style func(string) string) {
	for _, line := range wrapRunes(s, t.Width-utf8.RuneCountInString(indent)) {
		if style != nil {
			line = style(line)
		}
		t.line(indent + line)
	}
}

// hanging writes a text whose first line has a lead and whose others stand
// under the end of the margin.
func (t *textWriter) hanging(lead, s string) {
	lines := wrapRunes(s, t.Width-visible(lead))
	t.line(lead + lines[0])
	for _, line := range lines[1:] {
		t.line(strings.Repeat(" ", visible(lead)) + line)
	}
}

func (t *textWriter) facts(f Facts) {
	if f.Caption != "" {
		t.wrapped(margin, clean(f.Caption), t.Dim)
	}
	width := 0
	for _, p := range f.Pairs {
		width = max(width, utf8.RuneCountInString(p.Label))
	}
	width = min(width, t.Width/2)
	for _, p := range f.Pairs {
		label := clean(p.Label)
		pad := strings.Repeat(" ", max(0, width-utf8.RuneCountInString(label)))
		t.hanging(margin+t.Dim(label)+pad+"  ", clean(p.Value))
	}
}

func (t *textWriter) signatures(s Signatures) {
	if s.Statement != "" {
		t.wrapped(margin, clean(s.Statement), nil)
	}
	for _, p := range s.People {
		t.line("")
		t.line(margin + strings.Repeat("_", 32) + "  " + strings.Repeat("_", 14))
		t.line(margin + clean(p))
	}
}

// chart writes one line a bar, its length in proportion.
func (t *textWriter) chart(c chart) {
	t.wrapped(margin, clean(c.title()), t.Dim)
	lines := c.lines()
	most, labels, numbers := largest(lines), 0, 0
	for _, l := range lines {
		labels = max(labels, utf8.RuneCountInString(clean(l.label)))
		numbers = max(numbers, len(Thousands(l.value)))
	}
	labels = min(labels, t.Width/3)
	room := min(40, t.Width-len(margin)-labels-numbers-4)
	for _, l := range lines {
		name := clip(clean(l.label), labels)
		n := int(int64(room) * l.value / most)
		bar := strings.Repeat("█", n)
		if n == 0 && l.value > 0 {
			bar = "▏"
		}
		line := fmt.Sprintf("%s%s%s  %*s  ", margin, name, strings.Repeat(" ", labels-utf8.RuneCountInString(name)), numbers, Thousands(l.value))
		under := strings.Repeat(" ", utf8.RuneCountInString(line))
		if note := clean(l.note); note != "" && visible(line+bar)+2+utf8.RuneCountInString(note) <= t.Width {
			bar += "  " + t.Dim(note)
			t.line(line + bar)
			continue
		}
		t.line(line + bar)
		if l.note != "" {
			t.wrapped(under, clean(l.note), t.Dim)
		}
	}
}

func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:max(n-1, 0)]) + "…"
}

// visible counts the characters of s that take room on a terminal: all but the
// escapes that style it.
func visible(s string) int {
	n, escape := 0, false
	for _, r := range s {
		switch {
		case r == '\x1b':
			escape = true
		case escape:
			escape = r != 'm'
		default:
			n++
		}
	}
	return n
}

// wrapRunes breaks s into lines of at most width characters, between words
// where it can. There is always a line.
func wrapRunes(s string, width int) []string {
	width = max(width, 4)
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
		for runes := []rune(line); len(runes) > width; runes = []rune(line) {
			lines, line = append(lines, string(runes[:width])), string(runes[width:])
		}
	}
	return append(lines, line)
}
