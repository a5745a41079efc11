package main

import (
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/foi"
)

// A stroke is a stretch of a text that is set off for whoever reads it, in
// octets: what is redacted, or what looks like personal data.
type stroke struct {
	from, to int
	code     string // the exemptions that it is redacted under; empty where it is not
}

// strokes puts redactions and marks into one order. What is redacted is marked
// as that alone; of a mark that reaches beyond it the rest stays.
func strokes(spans []record.RedactedSpan, marks []foi.Mark) []stroke {
	var all []stroke
	beside := func(from, to int) {
		for len(marks) > 0 && marks[0].From < to {
			m := &marks[0]
			if m.From < from {
				m.From = from
			}
			if m.From < min(m.To, to) {
				all = append(all, stroke{from: m.From, to: min(m.To, to)})
			}
			if m.To > to {
				return
			}
			marks = marks[1:]
		}
	}
	at, end := 0, 0
	for _, m := range marks {
		end = max(end, m.To)
	}
	for _, s := range spans {
		beside(at, s.From)
		all = append(all, stroke{s.From, s.To, strings.Join(s.Exemptions, ", ")})
		at = s.To
	}
	beside(at, max(at, end))
	return all
}

// reading returns the octets from and up to to of a text as lines, with strokes
// in their places: what is redacted is in reverse with its exemption after it at
// a terminal, and [[s.40(2): so]] elsewhere, as in the files that people mark
// up; what looks personal is set off like a found word. There is one line at
// least.
func (p *printer) reading(text string, from, to int, all []stroke) []string {
	var lines []string
	var line strings.Builder
	put := func(s string, style func(string) string) {
		for piece := range strings.Lines(s) {
			words, ended := strings.CutSuffix(piece, "\n")
			line.WriteString(style(words))
			if ended {
				lines = append(lines, line.String())
				line.Reset()
			}
		}
	}
	plain := func(s string) string { return s }
	at := from
	for _, s := range all {
		if s.to <= from || s.from >= to {
			continue
		}
		begin, end := max(s.from, from), min(s.to, to)
		put(text[at:begin], plain)
		at = end
		words, ended := strings.CutSuffix(text[begin:end], "\n")
		before, style, after := p.signs(s)
		put(before, plain)
		put(words, style)
		put(after, plain)
		if ended {
			put("\n", plain)
		}
	}
	put(text[at:to], plain)
	if line.Len() > 0 || len(lines) == 0 {
		lines = append(lines, line.String())
	}
	return lines
}

// signs is how a stroke is set off: what stands before and after its words, and
// how they are written.
func (p *printer) signs(s stroke) (before string, style func(string) string, after string) {
	as := func(s string) string { return s }
	switch {
	case s.code == "" && p.plain:
		return "«", as, "»"
	case s.code == "":
		return "", p.mark, ""
	case p.plain:
		return "[[" + s.code + ": ", as, "]]"
	}
	return "", func(s string) string { return p.style("7", s) }, p.dim(" " + s.code)
}
