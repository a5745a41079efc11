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
	second map[string]int // what stands before the next colon; nil once a body had none
}

// A line is a record divided at its colon.
type line struct {
	who    int32 // index into cast.all, or nobody
	text   int   // offset of the text
	system bool  // the whole line was recognised as the app's own
}

const nobody = -1

// A cast is everyone who speaks in a transcript.
type cast struct {
	all    []who
	byRaw  map[string]int32
	lines  []line
	system []string // texts of the senderless lines, for names that hold colons
	sought int
}

// maxSought bounds how many names are looked for in how many system lines, so
// that a hostile file cannot make the search quadratic.
const maxSought = 2000

// readSenders divides every record at its colon. A colon may belong to a name
// or to a group's subject, so that the first one is only a candidate: the
// app's own lines are recognised first, and a prefix that is followed by the
// same second prefix every time is one name.
func readSenders(sc *scanner) *cast {
	c := &cast{byRaw: make(map[string]int32), lines: make([]line, len(sc.recs))}
	for i := range sc.recs {
		r := &sc.recs[i]
		c.lines[i] = c.divide(sc, sc.s[r.body:r.end], r.body)
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
			double = make(map[string]bool)
			for i, l := range c.lines {
				if n, _ := colon(firstLine(sc.s[l.text:sc.recs[i].end])); n > 0 && l.who != nobody {
					double[c.all[l.who].raw+": "+sc.s[l.text:l.text+n]] = true
				}
			}
		}
		return double[name]
	}
	for i := range c.lines {
		l := &c.lines[i]
		if l.who == nobody || c.all[l.who].count > 2 {
			continue
		}
		first := firstLine(sc.s[sc.recs[i].body:sc.recs[i].end])
		if len(first) <= longestSystem && addsNameWithColon(first, speaks) {
			c.all[l.who].count, c.all[l.who].plain, c.all[l.who].second = 0, 0, nil
			*l = line{who: nobody, text: sc.recs[i].body, system: true}
			c.system = append(c.system, first)
		}
	}
}

// colonInGroup finds the iOS system lines whose display sender, a group's
// name, holds a colon: "Ops: South: ‎Tom Okafor left". What stands before the
// first colon must speak nowhere else.
func (c *cast) colonInGroup(sc *scanner) {
	group := c.onlyGroups(sc)
	for i := range c.lines {
		l := &c.lines[i]
		if l.who == nobody || !group[l.who] {
			continue
		}
		first := firstLine(sc.s[l.text:sc.recs[i].end])
		n := strings.Index(first, ": \u200e")
		if n > maxSender || markedEvent(first[n+2:]) == nil {
			continue
		}
		raw := c.all[l.who].raw + ": " + first[:n]
		k, ok := c.byRaw[raw]
		if !ok {
			k = int32(len(c.all))
			c.all = append(c.all, newWho(raw))
			c.byRaw[raw] = k
		}
		c.all[k].count++
		*l = line{who: k, text: l.text + n + 2}
	}
}

// onlyGroups says of whom every line has a second colon with a mark behind it,
// as the lines of a group with a colon in its name have.
func (c *cast) onlyGroups(sc *scanner) []bool {
	only := make([]bool, len(c.all))
	for k := range only {
		only[k] = c.all[k].count > 0
	}
	for i, l := range c.lines {
		if l.who == nobody || !only[l.who] {
			continue
		}
		first := firstLine(sc.s[l.text:sc.recs[i].end])
		only[l.who] = strings.Index(first, ": \u200e") > 0 && !startsWithMark(first)
	}
	return only
}

func (c *cast) divide(sc *scanner, body string, offset int) line {
	first := firstLine(body)
	if web, ok := strings.CutPrefix(first, "- "); ok && sc.shape.close == closeBracket && sc.crlf == 0 {
		c.system = append(c.system, web)
		return line{who: nobody, text: offset + 2, system: true}
	}
	n, after := colon(first)
	if n < 0 {
		c.system = append(c.system, first)
		return line{who: nobody, text: offset, system: true}
	}
	raw := first[:n]
	k, seen := c.byRaw[raw]
	if !seen {
		if sc.shape.close == closeDash && systemWithColon(first, n) {
			c.system = append(c.system, first)
			return line{who: nobody, text: offset, system: true}
		}
		k = int32(len(c.all))
		c.all = append(c.all, newWho(raw))
		c.byRaw[raw] = k
	}
	w := &c.all[k]
	w.note(first[after:])
	return line{who: k, text: offset + after}
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

func (w *who) note(text string) {
	w.count++
	if !startsWithMark(text) {
		w.plain++
	}
	if w.count > 1 && w.second == nil {
		return
	}
	n, _ := colon(text)
	if n <= 0 || n > 40 || len(w.second) > 4 || strings.ContainsAny(text[:n], "<[{/") {
		w.second = nil
		return
	}
	if w.second == nil {
		w.second = make(map[string]int)
	}
	w.second[text[:n]]++
}

// mergeNames joins prefixes that a colon inside a name has cut.
func (c *cast) mergeNames(sc *scanner) {
	for k := range len(c.all) {
		w := c.all[k]
		if w.second == nil || !c.oneName(&w) {
			continue
		}
		joined := make(map[string]int32)
		for second, n := range w.second {
			raw := w.raw + ": " + second
			nw := newWho(raw)
			nw.count, nw.plain = n, n
			joined[second] = int32(len(c.all))
			c.byRaw[raw] = int32(len(c.all))
			c.all = append(c.all, nw)
		}
		for i := range c.lines {
			if l := &c.lines[i]; l.who == int32(k) {
				n, after := colon(firstLine(sc.s[l.text:sc.recs[i].end]))
				l.who = joined[sc.s[l.text:l.text+n]]
				l.text += after
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
	return len(w.second) > 0 && !c.standsAlone(w.raw)
}

func (c *cast) mentions(name string) bool {
	if c.sought++; c.sought > maxSought {
		return false
	}
	for _, s := range c.system[:min(len(c.system), maxSought)] {
		if strings.Contains(s, name) {
			return true
		}
	}
	return false
}

// standsAlone reports whether a system line names somebody so, without more.
func (c *cast) standsAlone(name string) bool {
	for _, s := range c.system[:min(len(c.system), maxSought)] {
		if strings.HasPrefix(s, name+" ") || strings.HasSuffix(s, " "+name) {
			return true
		}
	}
	return false
}

func newWho(raw string) who {
	w := who{raw: raw, name: stripMarks(raw)}
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

// nameLike reports whether s could be a name at the end of a system line and
// not the rest of a sentence.
func nameLike(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && !unicode.IsLower(r)
}
