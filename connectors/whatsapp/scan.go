package whatsapp

import (
	"strings"
)

// A form is one literal way in which a shape is printed in this file: exactly
// these bytes around the numbers. A file has one form, or one for each half of
// the day; spaces and marks that editors changed make more. Matching a form is
// a handful of byte comparisons, which is what makes the scanner fast.
type form struct {
	literals []string        // before the first number, between, and after the last up to the body
	single   [slots + 1]byte // of each literal of one byte: that byte; else 0
	slot     [slots]uint8
	n        int
	zero     rune
	period   period
	unknown  string // a word that is no known day period, folded
	era      string
	month    int
	count    int // headers printed so
}

// A rec is one record: where it starts, where its parts start, and the numbers
// of its stamp by slot. It is all that is kept of a record while the file is
// read, so it is small; what it says is read again when it is asked for.
type rec struct {
	start uint32
	body  uint16 // after start: the end of the header
	text  uint16 // after the body: the end of the sender
	who   int32  // index into cast.all, or nobody
	form  uint16
	wide  uint8 // bit per slot: printed with three or four digits
	marks recMark
	value [slots]int16
}

// maxTranscript is how long a transcript can be for a rec to point into it.
const maxTranscript = 1<<32 - 1

// A recMark is something found out about a record.
type recMark uint8

const (
	afterCRLF recMark = 1 << iota // CRLF stands before it, or nothing does
	system                        // the app wrote it
	learned                       // a system line by its template, not by its words
	suspect                       // it may have been typed inside the message before
)

// bodyAt is the offset of what follows the header.
func (r *rec) bodyAt() int64 { return int64(r.start) + int64(r.body) }

// textAt is the offset of what follows the sender.
func (r *rec) textAt() int64 { return r.bodyAt() + int64(r.text) }

// foreigners are header-like lines of another shape than the file's that stand
// together, with no record of the file's own between them.
type foreigners struct {
	first int64 // offset of the first
	n     int
	shape shape
	mixed bool // they have more than one shape
}

func (f *foreigners) add(at int64, sh shape) {
	if f.n == 0 {
		f.first, f.shape = at, sh
	}
	f.n++
	f.mixed = f.mixed || f.shape != sh
}

// A scanner divides a transcript into records.
type scanner struct {
	of      *text
	shape   shape
	begins  [256]bool // bytes that a header can begin with
	forms   []form
	latest  int // the form matched last
	byText  map[string]int
	words   map[string]int // unknown words of accepted headers
	recs    []rec
	before  foreigners // foreign headers before the first record
	after   foreigners // and after the last
	crlf    int        // CR LF line ends
	crlfEnd int        // those that end a record: a header or the end of the file follows
	extra   int64      // octets after the text that belong to the last record
	limits  Limits
	over    bool // there are more records than that
	long    bool // or a longer one
}

const absent = -1

const (
	maxFast  = 8       // forms that are tried before a line is parsed anew
	maxForms = 4096    // of a file: no phone prints a hundred
	maxLead  = 1 << 12 // octets before a record's body: marks and a stamp
)

// scan finds every line that begins a record of the shape, and gives up when
// there are more or longer ones than the limits allow. It is linear in the
// length of the text whatever that holds. expect is about how many there are.
func scan(t *text, sh shape, limits Limits, expect int64) *scanner {
	sc := &scanner{of: t, shape: sh, limits: limits, byText: make(map[string]int), words: make(map[string]int)}
	for c := range sc.begins {
		sc.begins[c] = c == '[' || '0' <= c && c <= '9' || c >= 0xd8 || sh.stamp.named || sh.stamp.zero != '0'
	}
	sc.recs = make([]rec, 0, min(expect+expect/8, 1<<18)+1)
	w := t.window()
	at := place{line: true, crlf: true}
	for at.offset < t.size && !sc.over && !sc.long {
		s := w.head(at.offset, t.most())
		if s == "" {
			break // the text cannot be read
		}
		sc.lines(s, &at, at.offset+int64(len(s)) == t.size)
	}
	if at.crlf && at.line && t.size > 0 {
		sc.crlfEnd++
	}
	if n := len(sc.recs); n > 0 {
		sc.long = sc.long || t.size-int64(sc.recs[n-1].start) > limits.Message
	}
	return sc
}

// A place is how far a scanner has come.
type place struct {
	offset int64
	line   bool // a line begins here
	crlf   bool // after CR LF, or at the beginning of the text
	cr     bool // after CR
}

// lines scans s, which is the text from at on; last says that it is the text's
// end. It leaves what may be the beginning of a header that goes on after s.
func (sc *scanner) lines(s string, at *place, last bool) {
	base, i := at.offset, 0
	for i < len(s) && !sc.over && !sc.long {
		if !last && at.line && len(s)-i < lookAhead && i > 0 {
			break
		}
		body := i
		if at.line && sc.begins[s[i]] {
			var ok bool
			if body, ok = sc.header(s, i, base, at.crlf); ok && at.crlf && base+int64(i) > 0 {
				sc.crlfEnd++
			}
		}
		n := strings.IndexByte(s[body:], '\n')
		if n < 0 {
			at.line, at.cr, i = false, s[len(s)-1] == '\r', len(s)
			break
		}
		i = body + n + 1
		if at.crlf = i > 1 && s[i-2] == '\r' || i == 1 && at.cr; at.crlf {
			sc.crlf++
		}
		at.line, at.cr = true, false
	}
	at.offset = base + int64(i)
}

// end is where record i ends.
func (sc *scanner) end(i int) int64 {
	if i+1 < len(sc.recs) {
		return int64(sc.recs[i+1].start)
	}
	return sc.of.size
}

// header looks for a header at s[i:], which is at base+i in the text, and notes
// it. It returns the index from which to look for the end of the line.
func (sc *scanner) header(s string, i int, base int64, crlf bool) (int, bool) {
	j := i
	if s[j] >= 0xd8 {
		j = skipMarks(s[:min(len(s), i+maxLead+1)], j)
	}
	if j == len(s) || s[j] == '\n' || j-i > maxLead {
		return j, false
	}
	r := rec{start: uint32(base + int64(i)), who: nobody}
	if crlf {
		r.marks = afterCRLF
	}
	if len(sc.forms) > 0 {
		if end, ok := sc.forms[sc.latest].match(s, j, &r); ok {
			return sc.note(&r, sc.latest, end-i, i)
		}
	}
	for k := range sc.forms[:min(len(sc.forms), maxFast)] {
		if k == sc.latest {
			continue
		}
		if end, ok := sc.forms[k].match(s, j, &r); ok {
			return sc.note(&r, k, end-i, i)
		}
	}
	return sc.unseen(r, s, i, j)
}

// note keeps a record at s[i:] whose header is of form k and body octets long.
func (sc *scanner) note(r *rec, k, body, i int) (int, bool) {
	r.form, r.body = uint16(k), uint16(body)
	sc.latest = k
	n := len(sc.recs)
	switch {
	case n == sc.limits.Messages:
		sc.over = true
		return i + body, true
	case n > 0 && int64(r.start-sc.recs[n-1].start) > sc.limits.Message:
		sc.long = true
		return i + body, true
	}
	sc.forms[k].count++
	sc.recs = append(sc.recs, *r)
	sc.after.n = 0
	return i + body, true
}

// unseen is header for a line, s[i:], that no form seen before matches. Its
// stamp is at s[j:].
func (sc *scanner) unseen(r rec, s string, i, j int) (int, bool) {
	c := s[j]
	if c != '[' && c-'0' > 9 && c < 0xd8 && !sc.shape.stamp.named && sc.shape.stamp.zero == '0' {
		return j, false
	}
	line := s[i:min(len(s), j+maxStamp+16)]
	h, ok := parseHeader(line)
	if !ok {
		return j, false
	}
	if h.shape != sc.shape || !sc.admits(&h) {
		if h.stamp.plausible() {
			sc.foreign(int64(r.start), h.shape)
		}
		return j, false
	}
	line = strings.Clone(line[:h.body]) // of which the form is kept
	if h, ok = parseHeader(line); !ok {
		return j, false
	}
	k, ok := sc.formOf(line[j-i:], &h, j-i)
	if !ok {
		return j, false
	}
	r.value, r.wide = noValues, 0
	for k := range h.stamp.n {
		slot := h.stamp.slot[k]
		r.value[slot] = int16(h.stamp.value[k])
		if h.stamp.digits[k] > 2 {
			r.wide |= 1 << slot
		}
	}
	return sc.note(&r, k, h.body, i)
}

func (sc *scanner) foreign(at int64, sh shape) {
	if len(sc.recs) == 0 {
		sc.before.add(at, sh)
		return
	}
	if sc.after.n == 0 {
		sc.after = foreigners{}
	}
	sc.after.add(at, sh)
}

const maxWords = 12

// admits reports whether a header of the right shape uses words that this
// file's headers use: a file prints one word between date and time, or the
// parts of the day, and not whatever somebody types there.
func (sc *scanner) admits(h *header) bool {
	for _, w := range []string{h.stamp.word, h.stamp.tail} {
		if _, known := periodOf(w); known {
			continue
		}
		f := fold(w)
		if sc.words[f] == 0 && len(sc.words) > 0 && (len(sc.words) >= maxWords || len(sc.recs) > 200) {
			return false
		}
		sc.words[f]++
	}
	return true
}

// formOf returns the form of a header whose text from its first character that
// is no mark (lead bytes after its start) up to its body is text. ok is false
// in a file that has too many.
func (sc *scanner) formOf(text string, h *header, lead int) (k int, ok bool) {
	f := form{n: h.stamp.n, zero: h.stamp.shape.zero, era: h.stamp.era, month: h.stamp.month}
	from := 0
	offset := h.text.from - lead
	for k := range f.n {
		f.slot[k] = uint8(h.stamp.slot[k])
		at := h.stamp.at[k]
		f.literals = append(f.literals, text[from:at.from+offset])
		from = at.to + offset
	}
	f.literals = append(f.literals, text[from:])
	key := strings.Join(f.literals, "\x00")
	if k, ok := sc.byText[key]; ok {
		return k, true
	}
	if len(sc.forms) == maxForms {
		return 0, false
	}
	for k, lit := range f.literals {
		if len(lit) == 1 {
			f.single[k] = lit[0]
		}
	}
	f.period, f.unknown = wordsOf(&h.stamp)
	sc.byText[key] = len(sc.forms)
	sc.forms = append(sc.forms, f)
	return len(sc.forms) - 1, true
}

// wordsOf reads the half of the day from a stamp's words.
func wordsOf(st *stamp) (p period, unknown string) {
	for _, w := range []string{st.word, st.tail} {
		switch q, known := periodOf(w); {
		case !known:
			unknown = fold(w)
		case q != noPeriod:
			p = q
		}
	}
	if p != noPeriod {
		unknown = "" // the other word joins date and time, as "klo" does
	}
	return p, unknown
}

var noValues = [slots]int16{absent, absent, absent, absent, absent, absent}

// match reads a header of this form at s[i:] and returns where it ends.
func (f *form) match(s string, i int, r *rec) (end int, ok bool) {
	if i, ok = f.literal(s, i, 0); !ok {
		return 0, false
	}
	r.value, r.wide = noValues, 0
	for k := range f.n {
		var v, digits int
		if two, ok := twoDigits(s, i); ok && f.zero == '0' {
			v, digits, i = two, 2, i+2
		} else if f.zero == '0' {
			for digits < 5 && i < len(s) && s[i]-'0' < 10 {
				v, digits, i = v*10+int(s[i]-'0'), digits+1, i+1
			}
		} else {
			v, digits, i = number(s, i, f.zero)
		}
		if digits == 0 || digits > 4 {
			return 0, false
		}
		slot := f.slot[k]
		r.value[slot] = int16(v)
		if digits > 2 {
			r.wide |= 1 << slot
		}
		if i, ok = f.literal(s, i, k+1); !ok {
			return 0, false
		}
	}
	return i, true
}

// twoDigits reads two ASCII digits at s[i:] that no third follows, as most
// numbers of stamps are.
func twoDigits(s string, i int) (v int, ok bool) {
	if i+2 >= len(s) {
		return 0, false
	}
	a, b := s[i]-'0', s[i+1]-'0'
	return int(a)*10 + int(b), a < 10 && b < 10 && s[i+2]-'0' > 9
}

// literal reads the form's k-th literal at s[i:].
func (f *form) literal(s string, i, k int) (int, bool) {
	if c := f.single[k]; c != 0 {
		return i + 1, i < len(s) && s[i] == c
	}
	lit := f.literals[k]
	return i + len(lit), len(s)-i >= len(lit) && s[i:i+len(lit)] == lit
}

// recordEndsCRLF reports whether this file ends records with CR LF and lines
// inside messages with LF alone, as iOS does. If so, a header after a bare LF
// was typed by a person.
func (sc *scanner) recordEndsCRLF() bool {
	return sc.crlf > 0 && sc.shape.close != closeDash && sc.crlfEnd*100 >= sc.crlf*95
}

// dropEmbedded removes the headers that stand inside messages and reports
// whether there were any.
func (sc *scanner) dropEmbedded() bool {
	if !sc.recordEndsCRLF() {
		return false
	}
	bare := 0
	for i := range sc.recs {
		if sc.recs[i].marks&afterCRLF == 0 {
			bare++
		}
	}
	if bare == 0 || bare > 4*(len(sc.recs)-bare) {
		return false
	}
	kept := sc.recs[:0]
	for _, r := range sc.recs {
		if r.marks&afterCRLF != 0 {
			kept = append(kept, r)
		}
	}
	sc.recs = kept
	return true
}

// stampText returns a record's stamp as printed.
func stampText(header string) string {
	h, ok := parseHeader(header)
	if !ok {
		return ""
	}
	return header[h.text.from:h.text.to]
}
