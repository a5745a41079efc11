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
func (r *rec) bodyAt() int { return int(r.start) + int(r.body) }

// textAt is the offset of what follows the sender.
func (r *rec) textAt() int { return r.bodyAt() + int(r.text) }

// foreigners are header-like lines of another shape than the file's that stand
// together, with no record of the file's own between them.
type foreigners struct {
	first int // offset of the first
	n     int
	shape shape
	mixed bool // they have more than one shape
}

func (f *foreigners) add(at int, sh shape) {
	if f.n == 0 {
		f.first, f.shape = at, sh
	}
	f.n++
	f.mixed = f.mixed || f.shape != sh
}

// A scanner divides a transcript into records.
type scanner struct {
	s       string
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
	most    int        // records that there may be
	over    bool       // there are more
}

const absent = -1

const (
	maxFast  = 8       // forms that are tried before a line is parsed anew
	maxForms = 4096    // of a file: no phone prints a hundred
	maxLead  = 1 << 12 // octets before a record's body: marks and a stamp
)

// scan finds every line that begins a record of the shape, and gives up when
// there are more than most. It is linear in the length of s whatever s holds.
func scan(s string, sh shape, most int) *scanner {
	sc := &scanner{s: s, shape: sh, most: most, byText: make(map[string]int), words: make(map[string]int)}
	for c := range sc.begins {
		sc.begins[c] = c == '[' || '0' <= c && c <= '9' || c >= 0xd8 || sh.stamp.named || sh.stamp.zero != '0'
	}
	sc.recs = make([]rec, 0, len(s)/96+1)
	crlf := true
	for i := 0; i < len(s) && !sc.over; {
		body := i
		if sc.begins[s[i]] {
			var ok bool
			if body, ok = sc.header(i, crlf); ok && crlf && i > 0 {
				sc.crlfEnd++
			}
		}
		n := strings.IndexByte(s[body:], '\n')
		if n < 0 {
			break
		}
		i = body + n + 1
		if crlf = i > 1 && s[i-2] == '\r'; crlf {
			sc.crlf++
		}
	}
	if crlf && len(s) > 0 && s[len(s)-1] == '\n' {
		sc.crlfEnd++
	}
	return sc
}

// end is where record i ends.
func (sc *scanner) end(i int) int {
	if i+1 < len(sc.recs) {
		return int(sc.recs[i+1].start)
	}
	return len(sc.s)
}

// header looks for a header at i and notes it. It returns the offset from
// which to look for the end of the line.
func (sc *scanner) header(i int, crlf bool) (int, bool) {
	s := sc.s
	j := i
	if s[j] >= 0xd8 {
		j = skipMarks(s, j)
	}
	if j == len(s) || s[j] == '\n' || j-i > maxLead {
		return j, false
	}
	r := rec{start: uint32(i), who: nobody}
	if crlf {
		r.marks = afterCRLF
	}
	if len(sc.forms) > 0 {
		if end, ok := sc.forms[sc.latest].match(s, j, &r); ok {
			return sc.note(&r, sc.latest, end)
		}
	}
	for k := range sc.forms[:min(len(sc.forms), maxFast)] {
		if k == sc.latest {
			continue
		}
		if end, ok := sc.forms[k].match(s, j, &r); ok {
			return sc.note(&r, k, end)
		}
	}
	return sc.unseen(r, j)
}

// note keeps a record whose header is of form k and ends at body.
func (sc *scanner) note(r *rec, k, body int) (int, bool) {
	r.form, r.body = uint16(k), uint16(body-int(r.start))
	sc.latest = k
	if len(sc.recs) == sc.most {
		sc.over = true
		return body, true
	}
	sc.forms[k].count++
	sc.recs = append(sc.recs, *r)
	sc.after.n = 0
	return body, true
}

// unseen is header for a line that no form seen before matches. Its stamp is
// at j.
func (sc *scanner) unseen(r rec, j int) (int, bool) {
	c := sc.s[j]
	if c != '[' && c-'0' > 9 && c < 0xd8 && !sc.shape.stamp.named && sc.shape.stamp.zero == '0' {
		return j, false
	}
	i := int(r.start)
	h, ok := parseHeader(sc.s[i:])
	if !ok {
		return j, false
	}
	if h.shape != sc.shape || !sc.admits(&h) {
		if h.stamp.plausible() {
			sc.foreign(i, h.shape)
		}
		return j, false
	}
	k, ok := sc.formOf(sc.s[j:i+h.body], &h, j-i)
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
	return sc.note(&r, k, i+h.body)
}

func (sc *scanner) foreign(at int, sh shape) {
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
func (sc *scanner) stampText(r *rec) string {
	start := int(r.start)
	h, ok := parseHeader(sc.s[start:r.bodyAt()])
	if !ok {
		return ""
	}
	return sc.s[start+h.text.from : start+h.text.to]
}
