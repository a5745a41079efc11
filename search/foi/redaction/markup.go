package redaction

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
)

// What a marked-up file begins with; whoever opens it reads how to use it.
const markupHead = `# closeroll mark-up 1 for %s
#
# Put [[ and ]] around what is not to be released, the exemption first:
#     The call with [[s.40(2): Jane Smith]] is at noon.
# Take a pair away, and its words are released. Change nothing else: neither a
# word nor the lines that begin with ########. Then give the file back:
#     closeroll foi redact %s --file THIS-FILE -i YOUR-IDENTITY
# This file holds what is to be redacted: keep it as you keep the request.
`

// itemLine begins each item of a marked-up file; its second word says what the
// item was marked up from.
const itemLine = "######## "

// WriteMarkup writes the head of a marked-up file for a request; the items
// follow by [Rendering.WriteMarkup].
func WriteMarkup(w io.Writer, request string) error {
	_, err := fmt.Fprintf(w, markupHead, request, request)
	return err
}

// WriteMarkup writes the rendering with its redactions between [[ and ]], as a
// person edits it. Brackets of the text that could be taken for marks, or for
// the beginning of an item, have a backslash before them.
func (r *Rendering) WriteMarkup(w io.Writer, known int64, spans []record.RedactedSpan) error {
	if err := r.check(spans); err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "\n%s%s made-from-%d-%s\n", itemLine, r.Item, known, r.Digest.String()[:16])
	m := &marker{Writer: b, text: r.Text, borders: make(map[int]bool)}
	opens, closes := make(map[int]string), make(map[int]bool)
	for _, s := range spans {
		opens[s.From], closes[s.To] = "[["+strings.Join(s.Exemptions, ", ")+": ", true
		m.borders[s.From], m.borders[s.To] = true, true
	}
	for i := 0; i <= len(r.Text); i++ {
		if m.borders[i] {
			m.WriteString(strings.Repeat(`\`, m.slashes(i)))
		}
		if closes[i] {
			m.WriteString("]]")
		}
		m.WriteString(opens[i])
		if i < len(r.Text) {
			m.octet(i)
		}
	}
	if closes[len(r.Text)] {
		b.WriteByte('\n')
	}
	return b.Flush()
}

// A marker writes a text so that what a person marks up in it can be told from
// what belongs to it.
type marker struct {
	*bufio.Writer
	text    string
	borders map[int]bool // where marks begin and end
}

// octet writes one octet of the text, with the backslashes that belong before
// it: one before a bracket that is next to its like or to a mark, and as many
// again as stand before any bracket already.
func (m *marker) octet(i int) {
	c := m.text[i]
	switch {
	case m.beginsItem(i):
		m.WriteByte('\\')
	case c == '[' || c == ']':
		if !m.borders[i] {
			m.WriteString(strings.Repeat(`\`, m.slashes(i)))
		}
		like := func(j int) bool { return j >= 0 && j < len(m.text) && m.text[j] == c }
		if like(i-1) || like(i+1) || m.borders[i] || m.borders[i+1] {
			m.WriteByte('\\')
		}
	}
	m.WriteByte(c)
}

// slashes counts the backslashes before a place, back to the mark before it.
func (m *marker) slashes(i int) int {
	n := 0
	for n < i && m.text[i-1-n] == '\\' {
		if n++; m.borders[i-n] {
			break
		}
	}
	return n
}

// beginsItem reports whether a line begins here that would be read as the
// beginning of an item.
func (m *marker) beginsItem(i int) bool {
	if i > 0 && m.text[i-1] != '\n' {
		return false
	}
	line := strings.TrimLeft(m.text[i:], `\`)
	end := len(m.text) - len(line) + len(itemLine)
	if !strings.HasPrefix(line, itemLine) {
		return false
	}
	for at := i; at < end; at++ {
		if m.borders[at] {
			return false
		}
	}
	return true
}

// A Marked is one item of a marked-up file that was given back.
type Marked struct {
	Item   string
	Known  int64 // the journal's entry of the redactions that it was made from
	Digest string
	Line   int // of the file, where the item begins

	text  string // without the marks
	marks []mark
}

// A mark is a pair of brackets as a person put it.
type mark struct {
	from, to   int
	exemptions []string
	line       int
}

var madeFrom = regexp.MustCompile(`^(\S+) made-from-([0-9]{1,18})-([0-9a-f]{16})$`)

// maxMarkup bounds a marked-up file, in octets.
const maxMarkup = 256 << 20

// ParseMarkup reads a marked-up file. Whatever is not as [WriteMarkup] writes
// it, but for the brackets, is an error that names the line.
func ParseMarkup(r io.Reader) ([]Marked, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxMarkup+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxMarkup {
		return nil, fmt.Errorf("is larger than %d MiB: mark up fewer items at once", maxMarkup>>20)
	}
	text := strings.ReplaceAll(strings.TrimPrefix(string(data), "\ufeff"), "\r\n", "\n")
	var items []Marked
	var part strings.Builder
	end := func() error {
		if len(items) == 0 {
			return nil
		}
		err := items[len(items)-1].parse(part.String())
		part.Reset()
		return err
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		rest, is := strings.CutPrefix(strings.TrimRight(line, "\n"), itemLine)
		if !is {
			part.WriteString(line)
			continue
		}
		if err := end(); err != nil {
			return nil, err
		}
		part.Reset()
		m := madeFrom.FindStringSubmatch(strings.TrimRight(rest, " "))
		if m == nil {
			return nil, fmt.Errorf("line %d: this line says which item follows, and was changed", n)
		}
		known, err := strconv.ParseInt(m[2], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		items = append(items, Marked{Item: m[1], Known: known, Digest: m[3], Line: n})
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("has no line that begins with %s: it was not written by closeroll foi redactions", strings.TrimSpace(itemLine))
	}
	return items, end()
}

// parse takes the marks out of an item's text.
func (m *Marked) parse(raw string) error {
	var b strings.Builder
	line := m.Line + 1
	var open *mark
	for i := 0; i < len(raw); {
		slashes := len(raw[i:]) - len(strings.TrimLeft(raw[i:], `\`))
		after := i + slashes
		atStart := i == 0 || raw[i-1] == '\n'
		if slashes > 0 && atStart && strings.HasPrefix(raw[after:], itemLine) {
			i++
			b.WriteString(raw[i:after])
			i = after
			continue
		}
		bracket := after < len(raw) && (raw[after] == '[' || raw[after] == ']')
		switch {
		case slashes > 0 && !bracket:
			b.WriteString(raw[i:after])
			i = after
			continue
		case slashes > 0:
			b.WriteString(strings.Repeat(`\`, slashes/2))
			if i = after; slashes%2 == 1 {
				b.WriteByte(raw[i])
				i++
			}
			continue
		}
		run := runOf(raw[i:])
		switch {
		case !bracket || run == 1:
			if raw[i] == '\n' {
				line++
			}
			b.WriteByte(raw[i])
			i++
		case run > 2:
			return fmt.Errorf("line %d: %d brackets in a row: put a backslash before those that belong to the text", line, run)
		case raw[i] == '[':
			if open != nil {
				return fmt.Errorf("line %d: [[ within the marks that begin in line %d", line, open.line)
			}
			head, size, ok := exemptionHead(raw[i+2:])
			if !ok {
				return fmt.Errorf("line %d: after [[ comes the exemption and a colon, as in [[s.40(2): words]]", line)
			}
			open = &mark{from: b.Len(), exemptions: head, line: line}
			i += 2 + size
		default:
			if open == nil {
				return fmt.Errorf("line %d: ]] without [[", line)
			}
			if open.to = b.Len(); open.to == open.from {
				return fmt.Errorf("line %d: nothing is between these marks", line)
			}
			m.marks, open = append(m.marks, *open), nil
			i += 2
		}
	}
	if open != nil {
		return fmt.Errorf("line %d: [[ without ]]", open.line)
	}
	m.text = b.String()
	return nil
}

func runOf(s string) int {
	n := 0
	for n < len(s) && s[n] == s[0] && (s[0] == '[' || s[0] == ']') {
		n++
	}
	return n
}

// exemptionHead reads "s.40(2), s.42: " and returns how many octets it has.
func exemptionHead(s string) (exemptions []string, size int, ok bool) {
	const most = 200
	head, _, ok := strings.Cut(s[:min(len(s), most)], ":")
	if !ok || strings.ContainsAny(head, "\n[]") {
		return nil, 0, false
	}
	size = len(head) + 1
	if size < len(s) && s[size] == ' ' {
		size++
	}
	for e := range strings.SplitSeq(head, ",") {
		if e = strings.TrimSpace(e); e != "" {
			exemptions = append(exemptions, e)
		}
	}
	return exemptions, size, len(exemptions) > 0
}

// Spans returns the redactions that the marks say of this rendering. It is an
// error if a word of it was changed. A mark that stands as it stood before
// keeps its note; others have this one.
func (m *Marked) Spans(r *Rendering, before []record.RedactedSpan, note string) ([]record.RedactedSpan, error) {
	if m.Digest != r.Digest.String()[:16] {
		return nil, fmt.Errorf("%s %w", r.Item, ErrRendering)
	}
	at, line := differ(m.text, r.Text)
	if at >= 0 {
		return nil, fmt.Errorf("line %d: the words of %s were changed: only brackets may be", m.Line+line, r.Item)
	}
	spans := []record.RedactedSpan{}
	for _, k := range m.marks {
		from, to := k.from, min(k.to, len(r.Text))
		s := record.RedactedSpan{From: from, To: to, Exemptions: k.exemptions, Note: note}
		for _, b := range before {
			if b.From == s.From && b.To == s.To && slices.Equal(b.Exemptions, s.Exemptions) {
				s.Note = b.Note
			}
		}
		spans = append(spans, s)
	}
	return spans, r.check(spans)
}

// differ returns where two texts differ and in which line from 1, or -1 if they
// do not. Blank lines at the end are none of the text.
func differ(got, want string) (at, line int) {
	got = strings.TrimRight(got, "\n") + "\n"
	n := 0
	for n < len(got) && n < len(want) && got[n] == want[n] {
		n++
	}
	if n == len(got) && n == len(want) {
		return -1, 0
	}
	return n, 1 + strings.Count(want[:min(n, len(want))], "\n")
}
