package page

import (
	"strings"
	"unicode/utf8"
)

// A Verbatim is a text whose lines stand as they are, such as a message; long
// lines are broken to fit. Some of it can stand out from the rest.
type Verbatim struct {
	Runs []Run
}

// A Run is a stretch of a Verbatim.
type Run struct {
	Text   string
	Strong bool // it stands out, and is not broken into lines
}

func (Verbatim) block() {}

// lines are the runs of each line.
func (v Verbatim) lines() [][]Run {
	var all [][]Run
	line, open := []Run{}, false
	for _, r := range v.Runs {
		for part := range strings.Lines(r.Text) {
			text, ended := strings.CutSuffix(part, "\n")
			line, open = append(line, Run{text, r.Strong}), true
			if ended {
				all, line, open = append(all, line), []Run{}, false
			}
		}
	}
	if open {
		all = append(all, line)
	}
	return all
}

// clean is clean for a text whose line breaks stand.
func (r Run) clean() string {
	lines := strings.Split(r.Text, "\n")
	for i := range lines {
		lines[i] = clean(lines[i])
	}
	return strings.Join(lines, "\n")
}

// verbatim writes a text for a terminal.
func (t *textWriter) verbatim(v Verbatim) {
	for _, line := range v.lines() {
		var b strings.Builder
		width := 0
		for _, r := range line {
			text := clean(r.Text)
			width += utf8.RuneCountInString(text)
			if r.Strong {
				text = t.Bold(text)
			}
			b.WriteString(text)
		}
		if width+len(margin) <= t.Width {
			t.line(margin + b.String())
			continue
		}
		var all strings.Builder
		for _, r := range line {
			all.WriteString(clean(r.Text))
		}
		t.wrapped(margin, all.String(), nil)
	}
}

// A word is what is not broken when a line is set; it stands after so many
// spaces.
type word struct {
	text   string
	face   string
	spaces int
}

// verbatim sets a text on paper.
func (p *pdf) verbatim(v Verbatim) {
	for _, line := range v.lines() {
		words := p.words(line)
		if len(words) == 0 {
			p.room(leading(bodyType) * 0.7)
			p.y += leading(bodyType) * 0.7
			continue
		}
		p.setWords(words)
	}
	p.y += 2
}

func (p *pdf) words(line []Run) []word {
	var words []word
	spaces := 0
	for _, r := range line {
		if r.Strong {
			p.use(strong, bodyType, ink)
			words, spaces = append(words, word{p.show(r.Text), strong, spaces}), 0
			continue
		}
		p.use(sans, bodyType, ink)
		for i, part := range strings.Split(p.show(r.Text), " ") {
			if i > 0 {
				spaces++
			}
			if part != "" {
				words, spaces = append(words, word{part, sans, spaces}), 0
			}
		}
	}
	return words
}

// setWords sets the words of one line, on as many lines as they need. What
// stands together in one face is written as one string.
func (p *pdf) setWords(words []word) {
	x, from := sideMargin, sideMargin
	face, text := words[0].face, ""
	flush := func() {
		if text != "" {
			p.use(face, bodyType, ink)
			p.f.Text(from, p.y+leading(bodyType)*0.75, text)
		}
		text, from = "", x
	}
	fresh := func() {
		flush()
		p.y += leading(bodyType)
		p.room(leading(bodyType))
		x, from = sideMargin, sideMargin
	}
	p.room(leading(bodyType))
	for _, w := range words {
		p.use(w.face, bodyType, ink)
		gap := strings.Repeat(" ", min(w.spaces, 40))
		width := p.f.GetStringWidth(gap + w.text)
		if x+width > sheetWidth-sideMargin && x > sideMargin {
			fresh()
			p.use(w.face, bodyType, ink)
			gap, width = "", p.f.GetStringWidth(w.text)
		}
		if w.face != face {
			flush()
			face = w.face
			p.use(face, bodyType, ink)
		}
		rest := w.text
		for width > textWidth {
			n := p.cut(rest, textWidth)
			text, rest, gap = text+gap+rest[:n], rest[n:], ""
			fresh()
			p.use(w.face, bodyType, ink)
			width = p.f.GetStringWidth(rest)
		}
		text += gap + rest
		x += width
	}
	flush()
	p.y += leading(bodyType)
}
