package whatsapp

import (
	"strings"
)

// A form is one literal way in which a shape is printed in this file: exactly
// these bytes around the numbers. A file has one form, or one for each half of
// the day; spaces and marks that editors changed make more. Matching a form is
// a handful of byte comparisons, which is what makes the scanner fast.
type form struct {
	literals []string // before the first number, between, and after the last up to the body
	slot     [slots]int
	n        int
	zero     rune
	period   period
	unknown  string // a word that is no known day period, folded
	era      string
	month    int
	count    int // headers printed so
}

// A rec is one record: where it starts, where its body starts, and the numbers
// of its stamp by slot.
type rec struct {
	start, body int
	end         int
	form        int32
	wide        uint8 // bit per slot: printed with three or four digits
	crlf        bool  // CRLF stands before it, or nothing does
	value       [slots]int16
}

// A foreign is a header-like line of another shape than the file's.
type foreign struct {
	start int
	index int // records of the file's own shape before it
	shape shape
}

// A scanner divides a transcript into records.
type scanner struct {
	s       string
	shape   shape
	forms   []form
	byText  map[string]int32
	words   map[string]int // unknown words of accepted headers
	recs    []rec
	foreign []foreign
	crlf    int // CR LF line ends
	crlfEnd int // those that end a record: a header or the end of the file follows
}

const absent = -1

// maxFast bounds how many forms are tried before a line is parsed anew.
const maxFast = 8

// scan finds every line that begins a record of the shape. It is linear in the
// length of s whatever s holds.
func scan(s string, sh shape) *scanner {
	sc := &scanner{s: s, shape: sh, byText: make(map[string]int32), words: make(map[string]int)}
	sc.recs = make([]rec, 0, len(s)/96+1)
	crlf := true
	for i := 0; i < len(s); {
		body, ok := sc.header(i, crlf)
		if ok && crlf && i > 0 {
			sc.crlfEnd++
		}
		n := strings.IndexByte(s[body:], '\n')
		if n < 0 {
			break
		}
		i = body + n + 1
		if crlf = n > 0 && s[i-2] == '\r' || n == 0 && i > 1 && s[i-2] == '\r'; crlf {
			sc.crlf++
		}
	}
	if crlf && len(s) > 0 && s[len(s)-1] == '\n' {
		sc.crlfEnd++
	}
	sc.close()
	return sc
}

// close sets where each record ends.
func (sc *scanner) close() {
	for i := range sc.recs {
		sc.recs[i].end = len(sc.s)
		if i > 0 {
			sc.recs[i-1].end = sc.recs[i].start
		}
	}
}

// header looks for a header at i and notes it. It returns the offset from
// which to look for the end of the line.
func (sc *scanner) header(i int, crlf bool) (int, bool) {
	s := sc.s
	j := i
	if s[j] >= 0xd8 {
		j = skipMarks(s, j)
	}
	if j == len(s) || s[j] == '\n' {
		return j, false
	}
	for k := range sc.forms[:min(len(sc.forms), maxFast)] {
		r := rec{start: i, form: int32(k), crlf: crlf}
		if sc.forms[k].match(s, j, &r) {
			sc.forms[k].count++
			sc.recs = append(sc.recs, r)
			return r.body, true
		}
	}
	return sc.unseen(i, j, crlf)
}

// unseen is header for a line that no form seen before matches.
func (sc *scanner) unseen(i, j int, crlf bool) (int, bool) {
	c := sc.s[j]
	if c != '[' && c-'0' > 9 && c < 0xd8 && !sc.shape.stamp.named && sc.shape.stamp.zero == '0' {
		return j, false
	}
	h, ok := parseHeader(sc.s[i:])
	if !ok {
		return j, false
	}
	if h.shape != sc.shape || !sc.admits(&h) {
		if h.stamp.plausible() {
			sc.foreign = append(sc.foreign, foreign{i, len(sc.recs), h.shape})
		}
		return j, false
	}
	r := rec{start: i, body: i + h.body, form: sc.formOf(sc.s[j:i+h.body], &h, j-i), crlf: crlf}
	for k := range r.value {
		r.value[k] = absent
	}
	for k := range h.stamp.n {
		slot := h.stamp.slot[k]
		r.value[slot] = int16(h.stamp.value[k])
		if h.stamp.digits[k] > 2 {
			r.wide |= 1 << slot
		}
	}
	sc.forms[r.form].count++
	sc.recs = append(sc.recs, r)
	return r.body, true
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
// is no mark (lead bytes after its start) up to its body is text.
func (sc *scanner) formOf(text string, h *header, lead int) int32 {
	f := form{n: h.stamp.n, zero: h.stamp.shape.zero, era: h.stamp.era, month: h.stamp.month, slot: h.stamp.slot}
	from := 0
	offset := h.text.from - lead
	for k := range f.n {
		at := h.stamp.at[k]
		f.literals = append(f.literals, text[from:at.from+offset])
		from = at.to + offset
	}
	f.literals = append(f.literals, text[from:])
	key := strings.Join(f.literals, "\x00")
	if k, ok := sc.byText[key]; ok {
		return k
	}
	f.period, f.unknown = wordsOf(&h.stamp)
	k := int32(len(sc.forms))
	sc.forms = append(sc.forms, f)
	sc.byText[key] = k
	return k
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

// match reads a header of this form at s[i:].
func (f *form) match(s string, i int, r *rec) bool {
	lit := f.literals[0]
	if len(s)-i < len(lit) || s[i:i+len(lit)] != lit {
		return false
	}
	i += len(lit)
	r.value = [slots]int16{absent, absent, absent, absent, absent, absent}
	for k := range f.n {
		v, digits, end := number(s, i, f.zero)
		if digits == 0 || digits > 4 {
			return false
		}
		r.value[f.slot[k]] = int16(v)
		if digits > 2 {
			r.wide |= 1 << f.slot[k]
		}
		lit = f.literals[k+1]
		if len(s)-end < len(lit) || s[end:end+len(lit)] != lit {
			return false
		}
		i = end + len(lit)
	}
	r.body = i
	return true
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
	for _, r := range sc.recs {
		if !r.crlf {
			bare++
		}
	}
	if bare == 0 || bare > 4*(len(sc.recs)-bare) {
		return false
	}
	kept := sc.recs[:0]
	for _, r := range sc.recs {
		if r.crlf {
			kept = append(kept, r)
		}
	}
	sc.recs = kept
	sc.close()
	return true
}

// stampText returns a record's stamp as printed.
func (sc *scanner) stampText(r *rec) string {
	h, ok := parseHeader(sc.s[r.start:r.body])
	if !ok {
		return ""
	}
	return sc.s[r.start+h.text.from : r.start+h.text.to]
}
