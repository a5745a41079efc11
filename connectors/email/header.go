package email

import (
	"bytes"
	"slices"
	"strings"
)

// What is kept of headers: of the message's own, of one part's, and of all
// together. RFC 5322 sets no limit; no honest header comes near these.
const (
	maxHeader     = 1 << 20
	maxPartHeader = 64 << 10
	maxAllHeaders = 4 << 20
)

// A Header is the fields of a message or part in their order, unfolded, as the
// octets stand: values may hold encoded words or octets that are not ASCII.
type Header []Field

// A Field is one header field.
type Field struct {
	Name  string // as written, without the colon; "" for a line that is no field
	Value string // unfolded, without surrounding white space
}

// Get returns the value of the first field with this name, or "".
func (h Header) Get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Has reports whether there is a field with this name.
func (h Header) Has(name string) bool {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return true
		}
	}
	return false
}

// Values returns the values of all fields with this name, topmost first.
func (h Header) Values(name string) []string {
	var values []string
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

// headerReader collects one header.
type headerReader struct {
	l       *lines
	found   defects
	room    int // octets that may still be kept
	fields  Header
	current strings.Builder // value of the last field
	root    bool
}

// readHeader reads a header up to and with the empty line that ends it. A
// header that ends without one leaves the line that ended it unread. boundary
// reports whether a line is a delimiter of a multipart around this entity.
func (w *walker) readHeader(root bool, boundary func([]byte) bool) Header {
	limit := maxPartHeader
	if root {
		limit = maxHeader
	}
	h := &headerReader{l: w.lines, found: w.found, room: min(limit, w.headerRoom), root: root}
	before := h.room
	h.read(boundary)
	h.endField()
	w.headerRoom -= before - h.room
	return h.fields
}

func (h *headerReader) read(boundary func([]byte) bool) {
	for {
		line, ok := h.l.peek()
		switch {
		case !ok:
			if len(h.fields) > 0 && h.l.eolLen == 0 {
				h.found.add(DefectHeaderCut)
			}
			return
		case boundary(line):
			h.found.add(DefectHeaderCut)
			return
		case len(line) == 0:
			h.l.skip()
			if !h.continues() {
				if h.root && len(h.fields) == 0 {
					h.found.add(DefectNoHeader)
				}
				return
			}
			h.found.add(DefectHeaderSplit)
			continue
		case line[0] == ' ' || line[0] == '\t':
			if !h.folded(line) {
				return
			}
		default:
			if !h.field(line) {
				return
			}
		}
		h.l.skip()
	}
}

// continues reports whether the message's own header goes on after an empty
// line, as it does when a broken gateway put one before it or into its middle:
// where no Content-Type was seen and a MIME field follows, or nothing was seen
// and a field that every message has follows.
func (h *headerReader) continues() bool {
	h.endField()
	if !h.root || h.fields.Has("Content-Type") {
		return false
	}
	line, _ := h.l.peek()
	name, _, ok := splitField(line)
	if !ok {
		return false
	}
	expected := []string{"content-type", "mime-version", "content-transfer-encoding"}
	if len(h.fields) == 0 {
		expected = append(expected, "from", "to", "subject", "date", "received", "return-path", "message-id", "delivered-to", "reply-to")
	}
	return slices.Contains(expected, strings.ToLower(name))
}

// folded takes a line that begins with white space: a continuation, or the
// empty line of a header written by something that pads its lines.
func (h *headerReader) folded(line []byte) bool {
	if blank := len(bytes.TrimSpace(line)) == 0; blank {
		if _, _, ok := splitField(h.l.peekSecond()); !ok {
			h.l.skip()
			return false
		}
		return true
	}
	if len(h.fields) == 0 {
		h.found.add(DefectHeaderLine)
		h.add("", line)
		return true
	}
	h.keep(line)
	return true
}

// add begins a field.
func (h *headerReader) add(name string, value []byte) {
	h.endField()
	if h.room < len(name)+len(value)+1 {
		h.room = 0
		h.found.add(DefectHeaderTooLarge)
		return
	}
	h.room -= len(name) + 1
	h.fields = append(h.fields, Field{Name: name})
	h.keep(value)
}

// field takes a line that should begin a field. It returns false, leaving the
// line unread, when the header has ended.
func (h *headerReader) field(line []byte) bool {
	if len(h.fields) == 0 {
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")) // a byte order mark
	}
	if name, value, ok := splitField(line); ok {
		h.add(name, value)
		return true
	}
	if bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From ")) {
		h.endField()
		h.found.add(DefectMboxLine)
		return true
	}
	second := h.l.peekSecond()
	if _, _, ok := splitField(second); ok || len(second) == 0 && len(h.fields) > 0 {
		h.found.add(DefectHeaderLine)
		h.add("", line)
		return true
	}
	if len(h.fields) > 0 {
		h.found.add(DefectHeaderCut)
	} else if h.root {
		h.found.add(DefectNoHeader)
	}
	return false
}

// keep adds octets to the value of the last field.
func (h *headerReader) keep(value []byte) {
	if len(value) > h.room {
		h.found.add(DefectHeaderTooLarge)
		value = value[:h.room]
	}
	h.room -= len(value)
	h.current.Write(value)
}

func (h *headerReader) endField() {
	if len(h.fields) == 0 {
		return
	}
	last := &h.fields[len(h.fields)-1]
	if h.current.Len() == 0 {
		return
	}
	value := h.current.String()
	h.current.Reset()
	if strings.IndexByte(value, 0) >= 0 {
		h.found.add(DefectNULOctets)
		value = strings.ReplaceAll(value, "\x00", "")
	}
	last.Value = strings.TrimSpace(value)
	if !isASCII(value) {
		h.found.add(DefectRawHeader)
	}
}

// splitField splits a header line at its colon. The name must be printable
// ASCII without spaces (RFC 5322, section 2.2); spaces before the colon are
// the obsolete syntax of section 4.5 and let pass.
func splitField(line []byte) (name string, value []byte, ok bool) {
	colon := bytes.IndexByte(line[:min(len(line), 256)], ':')
	if colon <= 0 {
		return "", nil, false
	}
	n := bytes.TrimRight(line[:colon], " \t")
	if len(n) == 0 {
		return "", nil, false
	}
	for _, c := range n {
		if c <= ' ' || c >= 0x7f {
			return "", nil, false
		}
	}
	return string(n), line[colon+1:], true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
