package email

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// A part is an entity (RFC 2045, section 2.4): a header, and a body that lies
// in one run of octets of src.
type part struct {
	path       string
	src        io.ReaderAt
	header     Header
	kind       mediaType // Content-Type; text/plain where there is none
	start, end int64     // of the body
	headStart  int64     // of the header
	children   []*part   // of a multipart, or the one message of a message/rfc822
	outside    [][2]int64
	depth      int
	adopted    bool // its boundary was guessed
}

func (p *part) multipart() bool { return strings.HasPrefix(p.kind.full, "multipart/") }

// message reports whether the body is a message (RFC 2046, section 5.2.1; RFC
// 6532, section 3.7).
func (p *part) message() bool {
	switch p.kind.full {
	case "message/rfc822", "message/global", "message/news":
		return true
	}
	return false
}

// walker finds the parts of a message in one forward pass over its lines. Time
// is linear in the octets: each line is compared with at most MaxDepth
// boundaries.
type walker struct {
	*shared
	lines      *lines
	src        io.ReaderAt
	open       []*frame
	candidate  string // a line that may be a delimiter nobody announced
	candidate0 int64  // where it begins
	prevEOL    int64  // length of the line end before the current line
}

// shared is what walkers of one message, the outer and those of encoded
// enclosed messages, have in common.
type shared struct {
	found      defects
	opt        Options
	parts      int
	headerRoom int
	nestedRoom int64 // octets of encoded enclosed messages that may still be decoded to memory
	textRoom   int
}

// A frame is an open entity.
type frame struct {
	*part
	boundary string // as announced; "" for an entity that is no multipart
	guessed  string // as found, where the announced one does not occur
	begun    bool   // a delimiter was seen
	closed   bool   // the closing delimiter was seen
	from     int64  // where the preamble or epilogue began
}

func newWalker(s *shared, src io.ReaderAt, size int64) *walker {
	w := &walker{shared: s, src: src, lines: newLines(src, size)}
	if w.lines.eol == '\r' {
		s.found.add(DefectBareCR)
	}
	return w
}

// entity walks the whole source as one entity. given is its header where that
// stands elsewhere, as for a multipart that was itself encoded.
func (w *walker) entity(path string, depth int, given *part) *part {
	root := &part{path: path, depth: depth, src: w.src}
	if given != nil {
		root.header, root.kind = given.header, given.kind
		root.start = w.lines.off
		w.push(root)
	} else {
		w.begin(root, true)
	}
	w.body()
	w.closeTo(0, w.lines.off)
	if w.lines.err != nil {
		w.found.add(DefectUnreadable)
	}
	return root
}

// begin reads the header of p at the current line and opens it.
func (w *walker) begin(p *part, root bool) {
	for {
		p.src = w.src
		p.headStart = w.lines.off
		p.header = w.readHeader(root, func(line []byte) bool { i, _ := w.delimiter(line); return i >= 0 })
		p.start = w.lines.off
		w.setKind(p)
		w.push(p)
		encoding, _ := encodingOf(p.header)
		if !p.message() || encoding != "" {
			return
		}
		if p.depth+1 > MaxDepth {
			w.found.add(DefectTooDeep)
			return
		}
		inner := &part{path: p.path + ".m", depth: p.depth + 1}
		p.children = []*part{inner}
		p, root = inner, true
	}
}

// push opens p, as a multipart if it is one.
func (w *walker) push(p *part) {
	f := &frame{part: p, from: p.start}
	switch encoding, _ := encodingOf(p.header); {
	case !p.multipart():
	case p.depth >= MaxDepth:
		w.found.add(DefectTooDeep)
		p.kind = mediaType{full: "application/octet-stream"}
	default:
		f.boundary = strings.TrimRight(p.kind.params["boundary"], " \t")
		if f.boundary == "" && encoding == "" {
			w.found.add(DefectBoundaryMissing)
		}
	}
	w.open = append(w.open, f)
}

// setKind reads the Content-Type of p.
func (w *walker) setKind(p *part) {
	values := p.header.Values("Content-Type")
	if len(values) > 1 {
		w.found.add(DefectDuplicateField)
	}
	p.kind = mediaType{full: "text/plain"}
	if n := len(w.open); n > 0 && w.open[n-1].kind.full == "multipart/digest" {
		p.kind.full = "message/rfc822" // RFC 2046, section 5.1.5
	}
	for _, v := range values {
		if t, ok := parseMediaType(v); ok && strings.Contains(t.full, "/") {
			p.kind = t
			return
		} else if ok && t.full == "text" {
			return // RFC 1049's way to say text/plain
		}
		w.found.add(DefectContentType)
	}
}

// body reads lines until the source ends.
func (w *walker) body() {
	for {
		line, ok := w.lines.peek()
		if !ok {
			return
		}
		at := w.lines.off
		w.prevEOL = w.lines.eolLen
		switch {
		case w.candidate != "" && fieldOf(line, "content-"):
			w.adopt()
			continue
		case bytes.HasPrefix(line, []byte("--")):
			i, closing := w.delimiter(line)
			if i < 0 {
				w.consider(line, at)
				break
			}
			w.candidate = ""
			w.lines.skip()
			w.delimit(i, closing, at)
			continue
		default:
			w.candidate = ""
		}
		w.lines.skip()
	}
}

// delimiter returns the index of the open multipart that a line delimits, and
// whether it closes it; -1 for any other line. Of two that share a boundary
// the inner one is meant, until it is closed.
func (w *walker) delimiter(line []byte) (index int, closing bool) {
	token, ok := bytes.CutPrefix(bytes.TrimRight(line, " \t"), []byte("--"))
	if !ok || len(token) == 0 {
		return -1, false
	}
	bare, ended := bytes.CutSuffix(token, []byte("--"))
	index = -1
	for i := len(w.open) - 1; i >= 0; i-- {
		f := w.open[i]
		opens := f.is(token)
		if !opens && !(ended && f.is(bare)) {
			continue
		}
		if index < 0 || !f.closed {
			index, closing = i, !opens
		}
		if !f.closed {
			break
		}
	}
	return index, closing
}

func (f *frame) is(token []byte) bool {
	return f.boundary != "" && f.boundary == string(token) || f.guessed != "" && f.guessed == string(token)
}

// delimit acts on a delimiter of the open multipart with index i at offset at.
func (w *walker) delimit(i int, closing bool, at int64) {
	w.closeTo(i+1, at)
	f := w.open[i]
	if f.from >= 0 {
		w.outside(f, f.from, at)
		f.from = -1
	}
	if closing {
		if f.closed {
			w.found.add(DefectPartsAfterEnd)
		}
		f.begun, f.closed, f.from = true, true, w.lines.off
		return
	}
	if f.closed {
		w.found.add(DefectPartsAfterEnd)
	}
	f.begun, f.closed = true, false
	if w.parts++; w.parts > MaxParts {
		w.found.add(DefectTooManyParts)
		f.boundary, f.guessed = "", "" // what follows belongs to one last part
	}
	child := &part{path: f.path + "." + strconv.Itoa(len(f.children)+1), depth: f.depth + 1}
	f.children = append(f.children, child)
	w.begin(child, false)
}

// consider remembers a line that looks like a delimiter, for an open multipart
// whose own delimiter has not been seen, or a message that says nothing about
// its type.
func (w *walker) consider(line []byte, at int64) {
	w.candidate = ""
	top := w.open[len(w.open)-1]
	lost := top.multipart() && !top.begun || len(w.open) == 1 && !top.header.Has("Content-Type")
	if token := bytes.TrimRight(line[2:], " \t"); lost && len(token) > 0 && len(token) <= 200 {
		w.candidate, w.candidate0 = string(token), at
	}
}

// adopt takes the line before the current one for a delimiter: the current one
// begins a part's header.
func (w *walker) adopt() {
	i := len(w.open) - 1
	top := w.open[i]
	if !top.multipart() {
		w.found.add(DefectContentType)
		top.kind = mediaType{full: "multipart/mixed"}
		top.from = top.start
	} else if top.boundary != "" {
		w.found.add(DefectBoundaryMismatch)
	}
	top.guessed, top.adopted = w.candidate, true
	w.candidate = ""
	w.delimit(i, false, w.candidate0)
}

// closeTo ends the open entities from index i on; the line at offset at is not
// theirs, and neither is the line end before it (RFC 2046, section 5.1.1).
func (w *walker) closeTo(i int, at int64) {
	end := at
	if i > 0 {
		end -= w.prevEOL
	}
	for len(w.open) > i {
		f := w.open[len(w.open)-1]
		w.open = w.open[:len(w.open)-1]
		f.end = max(end, f.start)
		switch {
		case !f.multipart():
		case len(f.children) == 0:
			w.noParts(f)
		case !f.closed:
			w.found.add(DefectUnterminated)
		case f.from >= 0:
			w.outside(f, f.from, f.end)
		}
	}
}

// noParts makes a leaf of a multipart in which no part was found.
func (w *walker) noParts(f *frame) {
	if encoding, _ := encodingOf(f.header); encoding == "base64" || encoding == "quoted-printable" {
		return // it is decoded and walked later
	}
	w.found.add(DefectNoParts)
	f.kind = mediaType{full: "text/plain", params: map[string]string{"charset": f.kind.params["charset"]}}
}

// outside keeps the place of text before the first part or after the last.
func (w *walker) outside(f *frame, from, to int64) {
	if to > from && len(f.part.outside) < 8 {
		f.part.outside = append(f.part.outside, [2]int64{from, to})
	}
}

// fieldOf reports whether a line is a header field whose name begins with
// prefix, which is in lower case.
func fieldOf(line []byte, prefix string) bool {
	name, _, ok := splitField(line)
	return ok && len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}
