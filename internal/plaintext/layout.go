package plaintext

import (
	"io"
	"strings"

	"golang.org/x/net/html/atom"
)

// layout writes words as lines: it collapses white space, ends lines and
// paragraphs as block elements ask for them, and marks quotations.
type layout struct {
	w       io.Writer
	err     error
	started bool // something has been written
	breaks  int  // line ends owed before the next word
	space   bool // a space is owed before the next word
	quote   int  // depth of quotation
	pre     int  // depth of preformatted text
	linked  strings.Builder
	inLink  bool
}

const maxLinkText = 2048

func (l *layout) write(s string) {
	if l.err == nil {
		_, l.err = io.WriteString(l.w, s)
	}
}

// text writes running text.
func (l *layout) text(b []byte) {
	s := string(b)
	for s != "" && l.err == nil {
		if l.pre > 0 {
			line, rest, more := strings.Cut(s, "\n")
			if line = strings.TrimRight(line, "\r"); line != "" {
				l.word(line)
			}
			if s = rest; more {
				l.space = false
				l.breaks++
			}
			continue
		}
		i := strings.IndexFunc(s, isSpace)
		switch {
		case i < 0:
			l.word(s)
			s = ""
		case i > 0:
			l.word(s[:i])
			fallthrough
		default:
			l.space = true
			s = strings.TrimLeftFunc(s[i:], isSpace)
		}
	}
}

// isSpace includes the no-break space, which mail uses as padding, and the
// zero-width characters that newsletters fill their previews with.
func isSpace(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '\f', '\v', '\u00a0', '\u200b', '\u200c', '\u2007', '\u202f', '\u034f':
		return true
	}
	return false
}

func (l *layout) word(s string) {
	s = strings.ReplaceAll(s, "\u00ad", "")
	if s == "" {
		return
	}
	switch {
	case !l.started:
		l.write(quoteMark(l.quote))
	case l.breaks > 0:
		l.write(strings.Repeat("\n", min(l.breaks, 2)) + quoteMark(l.quote))
	case l.space:
		l.write(" ")
	}
	l.started, l.breaks, l.space = true, 0, false
	l.write(s)
	if l.inLink && l.linked.Len() < maxLinkText {
		l.linked.WriteString(s)
	}
}

func quoteMark(depth int) string {
	if depth <= 0 {
		return ""
	}
	return strings.Repeat(">", min(depth, 16)) + " "
}

func (l *layout) breakLine(n int) {
	if n > 0 {
		l.breaks, l.space = max(l.breaks, n), false
	}
}

func (l *layout) open(tag atom.Atom) {
	switch tag {
	case atom.Br:
		l.breaks++
		l.space = false
	case atom.Blockquote:
		l.breakLine(1)
		l.quote++
	case atom.Pre, atom.Textarea:
		l.breakLine(1)
		l.pre++
	case atom.Td, atom.Th:
		l.space = true
	case atom.Li:
		l.breakLine(1)
		l.text([]byte("• "))
	default:
		l.breakLine(blockBreaks(tag))
	}
}

func (l *layout) close(tag atom.Atom) {
	switch tag {
	case atom.Blockquote:
		l.breakLine(1)
		l.quote = max(l.quote-1, 0)
	case atom.Pre, atom.Textarea:
		l.breakLine(1)
		l.pre = max(l.pre-1, 0)
	case atom.Td, atom.Th:
		l.space = true
	default:
		l.breakLine(blockBreaks(tag))
	}
}

// blockBreaks returns how many line ends stand around an element.
func blockBreaks(tag atom.Atom) int {
	switch tag {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Dl, atom.Table:
		return 2
	case atom.Div, atom.Tr, atom.Li, atom.Hr, atom.Title, atom.Section, atom.Article, atom.Header, atom.Footer,
		atom.Address, atom.Dt, atom.Dd, atom.Caption, atom.Center, atom.Form, atom.Fieldset, atom.Option, atom.Main, atom.Nav, atom.Aside:
		return 1
	}
	return 0
}

func (l *layout) beginLink() {
	l.inLink = true
	l.linked.Reset()
}

// endLink shows where a link led, unless its text said so already.
func (l *layout) endLink(target string) {
	l.inLink = false
	target = strings.TrimSpace(target)
	low := strings.ToLower(target)
	if !strings.HasPrefix(low, "http://") && !strings.HasPrefix(low, "https://") && !strings.HasPrefix(low, "mailto:") {
		return
	}
	shown := strings.ToLower(l.linked.String())
	bare := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(low, "mailto:"), "https://"), "http://"), "/")
	if shown != "" && strings.Contains(shown, bare) || len(target) > maxLinkText {
		return
	}
	l.space = true
	l.word("<" + target + ">")
}

// finish ends the last line.
func (l *layout) finish() {
	if l.started {
		l.write("\n")
	}
}
