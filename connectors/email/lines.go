package email

import (
	"bytes"
	"io"
)

// maxLine is how much of one line is looked at. Only header lines matter
// beyond their first few octets, and RFC 5322 allows them 998.
const maxLine = 64 << 10

// lines reads a source line by line, forwards, knowing where it is.
type lines struct {
	src    io.ReaderAt
	size   int64
	buf    []byte
	head   int   // buf[head:tail] is read but not consumed
	tail   int   //
	off    int64 // offset in src of buf[head]
	eol    byte  // what ends a line: LF, or CR in a message that has no LF
	eolLen int64 // length of the line end last consumed
	err    error // a read error other than the end
}

func newLines(src io.ReaderAt, size int64) *lines {
	size = max(size, 0)
	l := &lines{src: src, size: size, buf: make([]byte, min(size, maxLine+4096)), eol: '\n'}
	l.fill()
	if first := l.buf[:l.tail]; bytes.IndexByte(first, '\n') < 0 && bytes.IndexByte(first, '\r') >= 0 {
		l.eol = '\r'
	}
	return l
}

// fill moves what is not consumed to the front and reads on.
func (l *lines) fill() bool {
	l.tail = copy(l.buf, l.buf[l.head:l.tail])
	l.head = 0
	at := l.off + int64(l.tail)
	want := min(int64(len(l.buf)-l.tail), l.size-at)
	if want <= 0 || l.err != nil {
		return false
	}
	n, err := l.src.ReadAt(l.buf[l.tail:l.tail+int(want)], at)
	l.tail += n
	if err != nil && err != io.EOF {
		l.err = err
	}
	return n > 0
}

// peek returns the next line without its line end, at most maxLine octets of
// it, without consuming it. The slice is valid until the next call. ok is
// false at the end.
func (l *lines) peek() (line []byte, ok bool) {
	for {
		have := l.buf[l.head:l.tail]
		if i := bytes.IndexByte(have, l.eol); i >= 0 {
			return trimEOL(have[:i]), true
		}
		if len(have) >= maxLine || !l.fill() {
			have = l.buf[l.head:l.tail]
			return trimEOL(have[:min(len(have), maxLine)]), len(have) > 0
		}
	}
}

// peekSecond returns the beginning of the line after the next one.
func (l *lines) peekSecond() []byte {
	for {
		have := l.buf[l.head:l.tail]
		if i := bytes.IndexByte(have, l.eol); i >= 0 {
			second := have[i+1:]
			if j := bytes.IndexByte(second, l.eol); j >= 0 {
				return trimEOL(second[:j])
			}
			if len(second) >= 256 || !l.fill() {
				second = l.buf[l.head:l.tail]
				return second[min(i+1, len(second)):]
			}
			continue
		}
		if !l.fill() {
			return nil
		}
	}
}

// skip consumes the next line, however long it is.
func (l *lines) skip() {
	for {
		have := l.buf[l.head:l.tail]
		if i := bytes.IndexByte(have, l.eol); i >= 0 {
			l.eolLen = 1
			if i > 0 && have[i-1] == '\r' && l.eol == '\n' {
				l.eolLen = 2
			}
			l.head += i + 1
			l.off += int64(i + 1)
			return
		}
		l.eolLen = 0
		l.off += int64(len(have))
		l.head, l.tail = 0, 0
		if !l.fill() {
			return
		}
	}
}

// trimEOL takes off the CR of a line end, or several, as a gateway that
// converts line ends twice writes them.
func trimEOL(b []byte) []byte { return bytes.TrimRight(b, "\r") }
