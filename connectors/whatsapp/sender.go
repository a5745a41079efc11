package whatsapp

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSender bounds how far into a record's first line a sender is looked for.
// WhatsApp bounds names by far less.
const maxSender = 256

// A who is somebody, or a group's name, in front of a colon.
type who struct {
	raw    string // as printed
	name   string // without marks
	phone  string // + and digits
	push   string
	count  int
	plain  int            // bodies that do not begin with a mark: written by a person
	second map[string]int // what stands before the next colon
	acts   []string       // who does something in bodies that could be the end of a system line
	single bool           // a body had no next colon, and was no such end
}

const nobody = -1

// A cast is everyone who speaks in a transcript.
type cast struct {
	all    []who
	byRaw  map[string]int32
	recent [64]int32 // 1 + the index of who was found last, by a hash of the name
	system []string  // texts of senderless lines, for names that hold colons
	marks  bool      // a mark stands before what looks like a file's name
	sought int
}

// maxSought bounds how many names are looked for in how many system lines, so
// that a hostile file cannot make the search quadratic; maxDouble how many
// names with a colon are remembered.
const (
	maxSought = 2000
	maxDouble = 100_000
)

// readSenders divides every record at its colon. A colon may belong to a name
// or to a group's subject, so that the first one is only a candidate: the
// app's own lines are recognised first, and a prefix that is followed by the
// same second prefix every time is one name.
func readSenders(sc *scanner) *cast {
	c := &cast{byRaw: make(map[string]int32)}
	w := sc.of.window()
	for i := range sc.recs {
		c.divide(sc, w, i)
	}
	if sc.shape.close == closeDash {
		c.colonInSubject(sc)
	} else {
		c.colonInGroup(sc)
	}
	c.mergeNames(sc)
	return c
}

// colonInSubject finds the system lines whose first colon belongs to the name
// of somebody who speaks elsewhere.
func (c *cast) colonInSubject(sc *scanner) {
	var double map[string]bool // everything up to a second colon, gathered at need
	speaks := func(name string) bool {
		if double == nil {
			double = c.doubleNames(sc)
		}
		return double[name]
	}
	w := sc.of.window()
	for i := range sc.recs {
		r := &sc.recs[i]
		if r.who == nobody || c.all[r.who].count > 2 {
			continue
		}
		first := sc.firstLine(w, i)
		if len(first) <= longestSystem && (addsNameWithColon(first, speaks) || c.aboutGroup(first)) {
			w := &c.all[r.who]
			w.count, w.plain, w.second = 0, 0, nil
			c.wrote(r, first, 0)
		}
	}
}

// aboutGroup reports whether a line that seems to have a sender is about a group
// whose quoted name holds a colon, in whatever language: Tom hat die Gruppe
// "Ops: South" erstellt. Somebody who speaks must be named in it.
func (c *cast) aboutGroup(first string) bool {
	n, _ := colon(first)
	return n > 0 && quotesName(first, n, func(text string) bool {
		if c.sought++; c.sought > maxSought || len(c.all) > maxSought {
			return false
		}
		for k := range c.all {
			w := &c.all[k]
			if w.plain > 0 && len(w.name) > 2 && !openQuote(w.name) && strings.Contains(text, w.name) {
				return true
			}
		}
		return false
	})
}

// doubleNames is everything that stands before a record's second colon, up to a
// number that no chat has.
func (c *cast) doubleNames(sc *scanner) map[string]bool {
	double := make(map[string]bool)
	w := sc.of.window()
	for i := range sc.recs {
		r := &sc.recs[i]
		first := sc.firstText(w, i)
		if n, _ := colon(first); n > 0 && r.who != nobody && len(double) < maxDouble {
			double[c.all[r.who].raw+": "+first[:n]] = true
		}
	}
	return double
}

// colonInGroup finds the iOS system lines whose display sender, a group's
// name, holds a colon: "Ops: South: ‎Tom Okafor left". What stands before the
// first colon must speak nowhere else.
func (c *cast) colonInGroup(sc *scanner) {
	group := c.onlyGroups(sc)
	w := sc.of.window()
	for i := range sc.recs {
		r := &sc.recs[i]
		if r.who == nobody || !group[r.who] {
			continue
		}
		first := sc.firstText(w, i)
		n := strings.Index(first, ": \u200e")
		if n > maxSender || markedEvent(first[n+2:]) == nil {
			continue
		}
		r.who = c.named(c.all[r.who].raw + ": " + first[:n])
		c.all[r.who].count++
		r.text += uint16(n + 2)
	}
}

// onlyGroups says of whom every line has a second colon with a mark behind it,
// as the lines of a group with a colon in its name have.
func (c *cast) onlyGroups(sc *scanner) []bool {
	only := make([]bool, len(c.all))
	for k := range only {
		only[k] = c.all[k].count > 0
	}
	w := sc.of.window()
	for i := range sc.recs {
		r := &sc.recs[i]
		if r.who == nobody || !only[r.who] {
			continue
		}
		first := sc.firstText(w, i)
		only[r.who] = strings.Index(first, ": \u200e") > 0 && !startsWithMark(first)
	}
	return only
}

// firstLine is the first line of record i after its header, or the beginning of
// it.
func (sc *scanner) firstLine(w *window, i int) string {
	at := sc.recs[i].bodyAt()
	return firstLine(w.slice(at, min(sc.end(i), at+headOf)))
}

// firstText is the first line of record i after its sender, or the beginning of
// it.
func (sc *scanner) firstText(w *window, i int) string {
	at := sc.recs[i].textAt()
	return firstLine(w.slice(at, min(sc.end(i), at+headOf)))
}

// wrote notes that the app wrote a record, whose text is at offset text after
// its header.
func (c *cast) wrote(r *rec, line string, text int) {
	r.who, r.text = nobody, uint16(text)
	if len(c.system) < maxSought {
		c.system = append(c.system, strings.Clone(line[:min(len(line), longestSystem)]))
	}
}

// divide finds the sender of record i.
func (c *cast) divide(sc *scanner, w *window, i int) {
	r := &sc.recs[i]
	body := w.slice(r.bodyAt(), min(sc.end(i), r.bodyAt()+headOf))
	if strings.HasPrefix(body, "- ") && sc.shape.close == closeBracket && sc.crlf == 0 {
		c.wrote(r, firstLine(body)[2:], 2)
		return
	}
	n, after := quickColon(body)
	if n < 0 {
		first := firstLine(body)
		if n, after = colon(first); n < 0 {
			c.wrote(r, first, 0)
			return
		}
	}
	raw := body[:n]
	k := c.known(raw)
	if k == nobody {
		if first := firstLine(body); sc.shape.close == closeDash && systemWithColon(first, n) {
			c.wrote(r, first, 0)
			return
		}
		k = c.named(raw)
	}
	r.who, r.text = k, uint16(after)
	c.note(k, body[after:])
}

// known returns who is called so, or nobody. Few people speak, so most are
// found without looking through all.
func (c *cast) known(raw string) int32 {
	h := len(raw)
	if h > 0 {
		h += int(raw[0])<<2 ^ int(raw[len(raw)-1])
	}
	last := &c.recent[h%len(c.recent)]
	if *last > 0 && c.all[*last-1].raw == raw {
		return *last - 1
	}
	k, ok := c.byRaw[raw]
	if !ok {
		return nobody
	}
	*last = k + 1
	return k
}

// named returns who is called so, which may be new.
func (c *cast) named(raw string) int32 {
	k, ok := c.byRaw[raw]
	if !ok {
		k = int32(len(c.all))
		c.all = append(c.all, newWho(raw))
		c.byRaw[c.all[k].raw] = k
	}
	return k
}

// quickColon is [colon] for the usual case: the first colon of a record has a
// space after it and stands in its first line. It returns -1 for any other.
func quickColon(body string) (at, after int) {
	n := strings.IndexByte(body[:min(len(body), maxSender)], ':')
	if n < 0 || n+1 >= min(len(body), maxSender) || body[n+1] != ' ' || strings.IndexByte(body[:n], '\n') >= 0 {
		return -1, -1
	}
	return n, n + 2
}

// colon finds the end of the sender in a record's first line: the first colon
// with a space after it, or a colon that ends the line.
func colon(first string) (at, after int) {
	head := first[:min(len(first), maxSender)]
	if n := strings.Index(head, ": "); n >= 0 {
		return n, n + 2
	}
	if n := len(first) - 1; n > 0 && n < maxSender && first[n] == ':' {
		return n, n + 1
	}
	if n := strings.Index(head, ":\u200e"); n > 0 {
		return n, n + 1
	}
	return -1, -1
}

func firstLine(s string) string {
	if n := strings.IndexByte(s, '\n'); n >= 0 {
		s = s[:n]
	}
	return strings.TrimSuffix(s, "\r")
}

// note adds to who speaks as k a record that begins with this text.
func (c *cast) note(k int32, text string) {
	w := &c.all[k]
	w.count++
	if !startsWithMark(text) {
		w.plain++
	} else if strings.HasSuffix(firstLine(text), ")") {
		c.marks = true
	}
	if w.single {
		return
	}
	text = firstLine(text)
	n, _ := colon(text)
	if n <= 0 && len(w.acts) < 4 && len(text) < short {
		if ev := templateEvent(normaliseSystem(text), false); ev != nil && ev.Actor != "" {
			w.acts = append(w.acts, strings.Clone(ev.Actor))
			return
		}
	}
	if n <= 0 || n > 40 || len(w.second) > 4 || strings.ContainsAny(text[:n], "<[{/") {
		w.single, w.second = true, nil
		return
	}
	if w.second == nil {
		w.second = make(map[string]int)
	}
	w.second[strings.Clone(text[:n])]++
}

// mergeNames joins prefixes that a colon inside a name has cut.
func (c *cast) mergeNames(sc *scanner) {
	for k := range len(c.all) {
		whole := c.all[k]
		if whole.single || !c.oneName(&whole) {
			continue
		}
		joined := make(map[string]int32)
		for second, n := range whole.second {
			raw := whole.raw + ": " + second
			nw := newWho(raw)
			nw.count, nw.plain = n, n
			joined[second] = int32(len(c.all))
			c.byRaw[raw] = int32(len(c.all))
			c.all = append(c.all, nw)
		}
		w := sc.of.window()
		for i := range sc.recs {
			if r := &sc.recs[i]; r.who == int32(k) {
				first := sc.firstText(w, i)
				if n, after := colon(first); n >= 0 {
					r.who = joined[first[:n]]
					r.text += uint16(after)
				} else { // ACME: Support left
					c.wrote(r, sc.firstLine(w, i), 0)
				}
			}
		}
		c.all[k].count, c.all[k].plain = 0, 0
	}
}

// oneName reports whether what follows a prefix belongs to the name: it is the
// same every time, or a system line has the name with its colon.
func (c *cast) oneName(w *who) bool {
	for second, n := range w.second {
		if n < 2 && !c.mentions(w.raw+": "+second) {
			return false
		}
	}
	for _, name := range w.acts {
		if _, speaks := c.byRaw[name]; speaks || w.second[name] == 0 {
			return false // a person wrote of another
		}
	}
	return len(w.second) > 0 && !c.standsAlone(w.raw)
}

func (c *cast) mentions(name string) bool {
	if c.sought++; c.sought > maxSought {
		return false
	}
	for _, s := range c.system {
		if strings.Contains(s, name) {
			return true
		}
	}
	return false
}

// standsAlone reports whether a system line names somebody so, without more.
func (c *cast) standsAlone(name string) bool {
	for _, s := range c.system {
		if strings.HasPrefix(s, name+" ") || strings.HasSuffix(s, " "+name) {
			return true
		}
	}
	return false
}

func newWho(raw string) who {
	raw = strings.Clone(raw)
	w := who{raw: raw, name: stripMarks(raw)}
	if w.name == "" {
		w.name = raw // nothing but marks is a name too
	}
	w.phone = phoneNumber(w.name)
	if rest, ok := strings.CutPrefix(w.name, "~"); ok {
		w.push = strings.TrimFunc(rest, isSpace)
	}
	return w
}

// phoneNumber returns + and the digits of a name that is a telephone number.
func phoneNumber(name string) string {
	if !strings.HasPrefix(name, "+") {
		return ""
	}
	var b strings.Builder
	b.WriteByte('+')
	for _, r := range name[1:] {
		switch {
		case '0' <= r && r <= '9':
			b.WriteRune(r)
		case isSpace(r), r == '-', r == '\u2011', r == '(', r == ')', r == '.':
		default:
			return ""
		}
	}
	if b.Len() < 6 || b.Len() > 20 {
		return ""
	}
	return b.String()
}

// names returns everyone who wrote something.
func (c *cast) names() map[string]bool {
	m := make(map[string]bool, len(c.all))
	for k := range c.all {
		if c.all[k].plain > 0 {
			m[c.all[k].name] = true
		}
	}
	return m
}

// stripMarks returns s without marks, and s itself if it has none.
func stripMarks(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] < 0xd8 {
			continue
		}
		if r, _ := utf8.DecodeRuneInString(s[i:]); isMark(r) {
			return strings.Map(func(r rune) rune {
				if isMark(r) {
					return -1
				}
				return r
			}, s)
		}
	}
	return s
}

// startsWithMark reports whether s begins with one of the marks that iOS sets
// before its own words.
func startsWithMark(s string) bool {
	return strings.HasPrefix(s, "\u200e") || strings.HasPrefix(s, "\u200f")
}

// hasMark reports whether one of those marks is anywhere in s.
func hasMark(s string) bool {
	for {
		n := strings.IndexByte(s, "\u200e"[0])
		if n < 0 || n+2 >= len(s) {
			return false
		}
		if s[n+1] == "\u200e"[1] && (s[n+2] == "\u200e"[2] || s[n+2] == "\u200f"[2]) {
			return true
		}
		s = s[n+1:]
	}
}

// nameLike reports whether s could be a name at the end of a system line and
// not the rest of a sentence.
func nameLike(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && !unicode.IsLower(r)
}
