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
// that recurs, or else the one that most headers of the first 64 KiB after the
// first have.
func learn(s string) (shape, bool) {
	count := make(map[shape]int)
	var first, best shape
	limit := len(s)
	for i := 0; i < len(s) && i < limit; {
		if h, ok := parseHeader(s[i:]); ok && h.stamp.plausible() {
			if len(count) == 0 {
				limit = i + learnWindow
				if i == 0 {
					first = h.shape
				}
			}
			if count[h.shape]++; count[h.shape] > count[best] {
				best = h.shape
			}
		}
		n := strings.IndexByte(s[i:], '\n')
		if n < 0 {
			break
		}
		i += n + 1
	}
	if count[first] >= 2 || count[first] == count[best] && count[first] > 0 {
		best = first
	}
	return best, count[best] > 0
}
