// Package mbox splits mailbox files into messages (RFC 4155, and the four
// dialects that are older than it).
//
// A mailbox file is a row of entries. Each begins with a separator line, "From
// address date", and ends with an empty line. Because a line of a message may
// begin with "From " as well, writers put ">" before it, and differ in how:
//
//	mboxo    "From " becomes ">From "; a ">From " of the message stays as it
//	         is, so that reading cannot tell the two apart
//	mboxrd   any ">"* before "From " gets one more, so that reading is exact
//	mboxcl   as mboxo, and a Content-Length field counts the body's octets
//	mboxcl2  Content-Length alone; nothing is quoted
//
// # Which octets are the message
//
// The original octets of an entry are those after its separator line and before
// the line end of the empty line that ends it (that line end belongs to the
// file, not to the message; the last entry of a file may lack it), with the
// quoting of its dialect undone. Line ends are left as the file has them. The
// file's own fields that a mail program added (Status, X-Mozilla-Status,
// Content-Length) are part of the octets: nothing can tell who wrote them.
//
// Every octet of the file belongs to exactly one entry: octets before the first
// separator line are an entry too, one without a separator.
package mbox

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
)

// A Dialect is a way of quoting.
type Dialect string

// The dialects. Auto takes an entry whose Content-Length is right for mboxcl,
// or mboxcl2 if it has an unquoted "From " line, and any other for mboxrd.
const (
	Auto Dialect = ""
	O    Dialect = "mboxo"
	RD   Dialect = "mboxrd"
	CL   Dialect = "mboxcl"
	CL2  Dialect = "mboxcl2"
)

// An Entry is one message in a mailbox file.
type Entry struct {
	Offset    int64   // of its first octet in the file, separator line included
	Length    int64   // octets in the file; the next entry begins at Offset+Length
	Separator string  // the separator line without its line end; "" if there is none
	Dialect   Dialect // how it is quoted, never Auto

	src        io.ReaderAt
	start, end int64
}

// Open returns a reader of the message's original octets. It may be called any
// number of times.
func (e *Entry) Open() io.Reader { return e.OpenIn(e.src) }

// OpenIn is Open for when the reader that Entries was given is no longer there:
// src has the same octets.
func (e *Entry) OpenIn(src io.ReaderAt) io.Reader {
	section := io.NewSectionReader(src, e.start, e.end-e.start)
	if e.Dialect == CL2 {
		return section
	}
	return &unquoter{in: bufio.NewReaderSize(section, 32<<10), all: e.Dialect == RD}
}

// Entries yields the entries of the mailbox file that lies in the first size
// octets of r, from the one at offset from on, which must be 0 or where an
// entry begins. It reads forwards once, in constant memory. An error is r's; it
// ends the sequence, and no entry is yielded that was not read to its end.
func Entries(r io.ReaderAt, size, from int64, dialect Dialect) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		s := splitter{
			src: r, size: size, dialect: dialect, off: from,
			in: bufio.NewReaderSize(io.NewSectionReader(r, from, size-from), 64<<10),
		}
		for s.off < size {
			e, err := s.entry()
			if err != nil {
				yield(nil, fmt.Errorf("mailbox file at offset %d: %w", s.off, err))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// IsSeparator reports whether a line, without its line end, can be a separator
// line: "From ", something, and a clock time.
func IsSeparator(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("From "))
	if !ok || len(rest) > 1024 {
		return false
	}
	for word := range strings.FieldsSeq(string(rest)) {
		if h, m, ok := strings.Cut(word, ":"); ok && len(h) > 0 && len(h) <= 2 && number(h) && len(m) >= 2 && number(m[:2]) {
			return true
		}
	}
	return false
}

func number(s string) bool { return strings.Trim(s, "0123456789") == "" }

type splitter struct {
	src     io.ReaderAt
	size    int64
	dialect Dialect
	in      *bufio.Reader
	off     int64  // of the next octet
	held    []byte // a separator line that was read and belongs to the next entry
}

// line reads one line with its line end; of one longer than the buffer, the
// beginning. n is the length of all of it.
func (s *splitter) line() (line []byte, n int64, err error) {
	if line, s.held = s.held, nil; line != nil {
		return line, int64(len(line)), nil
	}
	line, err = s.in.ReadSlice('\n')
	n = int64(len(line))
	if err == bufio.ErrBufferFull {
		line = bytes.Clone(line)
		for err == bufio.ErrBufferFull {
			var more []byte
			more, err = s.in.ReadSlice('\n')
			n += int64(len(more))
		}
	}
	if err == io.EOF && n > 0 {
		err = nil
	}
	return line, n, err
}

// entry reads one entry.
func (s *splitter) entry() (*Entry, error) {
	e := &Entry{Offset: s.off, start: s.off, src: s.src, Dialect: s.dialect}
	c := cut{s: s, e: e, header: true, blank: true, bodyEnd: -1}
	for first := true; ; first = false {
		line, n, err := s.line()
		if err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		content := bytes.TrimRight(line, "\r\n")
		if first && bytes.HasPrefix(content, []byte("From ")) {
			e.Separator = string(content)
			s.off += n
			e.start = s.off
			continue
		}
		if bytes.HasPrefix(content, []byte("From ")) && n == int64(len(line)) {
			line = bytes.Clone(line) // looking ahead moves the buffer
			content = bytes.TrimRight(line, "\r\n")
			if c.separates(content) {
				s.held = line
				break
			}
		}
		s.off += n
		c.take(content, line, n)
	}
	c.finish()
	return e, nil
}

// cut is the search for the end of one entry.
type cut struct {
	s       *splitter
	e       *Entry
	header  bool
	blank   bool  // the line before was empty
	lastEOL int64 // length of that line's line end
	length  int64 // Content-Length, -1 if none
	bodyEnd int64 // where a right Content-Length says that the body ends, -1 if none
	bare    bool  // a "From " line stands unquoted inside
	said    bool
}

// separates reports whether a line that begins with "From " begins the next
// entry. Within a Content-Length that is right, none does.
func (c *cut) separates(line []byte) bool {
	if c.bodyEnd >= 0 && c.s.off < c.bodyEnd {
		c.bare = true
		return false
	}
	next, _ := c.s.in.Peek(256)
	name, _, ok := bytes.Cut(next, []byte(":"))
	field := ok && len(name) > 0 && !bytes.ContainsAny(name, " \t\r\n") || bytes.HasPrefix(next, []byte(">From "))
	if !field && !(len(next) == 0 && IsSeparator(line)) {
		return false
	}
	return c.blank || IsSeparator(line)
}

// take goes over one line that belongs to the entry.
func (c *cut) take(content, line []byte, n int64) {
	c.blank = len(content) == 0
	c.lastEOL = 0
	if c.blank {
		c.lastEOL = n
	}
	if !c.header {
		return
	}
	if c.blank {
		c.header = false
		if c.said && c.e.Dialect != O && c.e.Dialect != RD && c.right(c.s.off+c.length) {
			c.bodyEnd = c.s.off + c.length
		}
		return
	}
	name, value, ok := strings.Cut(string(content[:min(len(content), 64)]), ":")
	if ok && strings.EqualFold(strings.TrimSpace(name), "Content-Length") {
		v, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		c.length, c.said = v, err == nil && v >= 0 && v <= c.s.size
	}
}

// right reports whether a body can end at offset at: there the file ends, or
// another entry begins, after an empty line or at once.
func (c *cut) right(at int64) bool {
	if at >= c.s.size {
		return at == c.s.size
	}
	var buf [8]byte
	n, _ := c.s.src.ReadAt(buf[:min(8, c.s.size-at)], at)
	rest := bytes.TrimLeft(buf[:n], "\r\n")
	return len(rest) == 0 || n-len(rest) <= 2 && bytes.HasPrefix(rest, []byte("From "[:min(5, len(rest))]))
}

// finish sets where the message ends.
func (c *cut) finish() {
	e := c.e
	e.Length = c.s.off - e.Offset
	e.end = c.s.off
	switch {
	case c.bodyEnd >= 0:
		e.end = min(c.bodyEnd, c.s.off)
	case c.blank && e.Separator != "" && !c.header:
		e.end = max(c.s.off-c.lastEOL, e.start)
	}
	if e.Dialect != Auto {
		return
	}
	switch {
	case c.bodyEnd < 0:
		e.Dialect = RD
	case c.bare:
		e.Dialect = CL2
	default:
		e.Dialect = CL
	}
}

// unquoter takes one ">" off quoted lines.
type unquoter struct {
	in     *bufio.Reader
	all    bool // also off lines quoted more than once
	inLine bool // the last piece did not end its line
	out    []byte
	err    error
}

func (u *unquoter) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		line, err := u.in.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull {
			u.err = err
		}
		if !u.inLine && quoted(line, u.all) {
			line = line[1:]
		}
		u.inLine = err == bufio.ErrBufferFull
		u.out = line
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

func quoted(line []byte, all bool) bool {
	bare := bytes.TrimLeft(line, ">")
	depth := len(line) - len(bare)
	return bytes.HasPrefix(bare, []byte("From ")) && (depth == 1 || depth > 1 && all)
}
