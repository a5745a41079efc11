package whatsapp

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A shape is the form of a file's headers: brackets or dash, and the form of
// the stamp. It is fixed for the whole file, so that a line of another shape
// is text that somebody typed or pasted.
type shape struct {
	close closing
	stamp stampForm
}

// A closing says how a header ends.
type closing byte

const (
	closeBracket closing = ']' // [stamp] body: iOS, Web, pasted text
	closeDash    closing = '-' // stamp - body: Android
	closeColon   closing = ':' // stamp: body: iOS until 2015
)

// A header is the beginning of a record.
type header struct {
	shape shape
	stamp stamp
	text  span // of the stamp
	body  int  // offset of what follows the header
}

// parseHeader reads a header at the start of line, which may be longer than
// the line. Offsets are relative to line.
func parseHeader(line string) (header, bool) {
	i := skipMarks(line, 0)
	if i == len(line) {
		return header{}, false
	}
	if line[i] == '[' {
		return bracketed(line, i+1)
	}
	if r, _ := utf8.DecodeRuneInString(line[i:]); !startsStamp(r) {
		return header{}, false
	}
	return unbracketed(line, i)
}

func startsStamp(r rune) bool {
	_, _, ok := digit(r)
	return ok || unicode.IsLetter(r)
}

func bracketed(line string, from int) (header, bool) {
	n := strings.IndexByte(line[from:min(len(line), from+maxStamp)], ']')
	if n < 0 {
		return header{}, false
	}
	h := header{text: span{from, from + n}}
	r, size := utf8.DecodeRuneInString(line[from+n+1:])
	if !isSpace(r) {
		return header{}, false
	}
	h.body = from + n + 1 + size
	return h.with(line, closeBracket)
}

func unbracketed(line string, from int) (header, bool) {
	head := line[from:min(len(line), from+maxStamp)]
	if end := strings.IndexByte(head, '\n'); end >= 0 {
		head = head[:end]
	}
	if n := strings.Index(head, " - "); n >= 0 {
		h := header{text: span{from, from + n}, body: from + n + 3}
		if h, ok := h.with(line, closeDash); ok {
			return h, h.shape.stamp.times == 2 // Android prints no seconds; log files do
		}
	}
	if n := strings.Index(head, ": "); n >= 0 {
		h := header{text: span{from, from + n}, body: from + n + 2}
		if h, ok := h.with(line, closeColon); ok {
			return h, h.shape.stamp.times == 3
		}
	}
	return header{}, false
}

func (h header) with(line string, c closing) (header, bool) {
	st, ok := parseStamp(line[h.text.from:h.text.to])
	h.stamp = st
	h.shape = shape{c, st.shape}
	return h, ok
}

// plausible reports whether the numbers could be a date and a time in some
// order. Shapes are learned from plausible headers only; once the shape is
// known, impossible stamps are headers too.
func (st *stamp) plausible() bool {
	limits := [slots]int{slotTime: 24, slotTime + 1: 59, slotTime + 2: 59}
	small := 0
	for i := range st.n {
		if s := st.slot[i]; s >= slotTime && st.value[i] > limits[s] {
			return false
		} else if s < slotTime && st.value[i] <= 31 && st.value[i] > 0 {
			small++
		}
	}
	return small >= min(2, int(st.shape.dates)) || st.shape.named
}

const learnWindow = 64 << 10

// learn finds the shape of the file: of the header at its very beginning, if
// that recurs, or else the one that most headers of the 64 KiB after the first
// have.
//
// It returns how many such headers there are in so many octets.
func learn(t *text) (sh shape, found, octets int64) {
	l := learner{count: make(map[shape]int64), limit: t.size}
	w := t.window()
	for at := int64(0); at < l.limit; {
		s := w.head(at, t.most())
		if s == "" {
			break // the text cannot be read
		}
		at += l.lines(s, at, at+int64(len(s)) == t.size)
	}
	if l.count[l.first] >= 2 || l.count[l.first] == l.count[l.best] && l.count[l.first] > 0 {
		l.best = l.first
	}
	return l.best, l.count[l.best], min(l.limit, learnWindow)
}

// A learner counts the shapes of the headers in the beginning of a text.
type learner struct {
	count       map[shape]int64
	first, best shape
	limit       int64 // of the text, where it stops
	inside      bool  // the next octets go on with a line
}

// lines counts the headers of s, which is at offset at of the text, and returns
// how much of it is done with.
func (l *learner) lines(s string, at int64, last bool) int64 {
	i := 0
	for i < len(s) && at+int64(i) < l.limit && (last || i == 0 || l.inside || len(s)-i >= lookAhead) {
		if !l.inside {
			l.header(s[i:min(len(s), i+lookAhead)], at+int64(i))
		}
		n := strings.IndexByte(s[i:], '\n')
		if l.inside = n < 0; l.inside {
			return int64(len(s))
		}
		i += n + 1
	}
	return int64(i)
}

func (l *learner) header(line string, at int64) {
	h, ok := parseHeader(line)
	if !ok || !h.stamp.plausible() {
		return
	}
	if len(l.count) == 0 {
		l.limit = min(l.limit, at+learnWindow)
		if at == 0 {
			l.first = h.shape
		}
	}
	if l.count[h.shape]++; l.count[h.shape] > l.count[l.best] {
		l.best = h.shape
	}
}
