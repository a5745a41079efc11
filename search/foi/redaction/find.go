package redaction

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/closeroll/closeroll/archive/record"
)

// A Place is a stretch of a rendering, in octets.
type Place struct{ From, To int }

// maxPlaces bounds how often words are found in one item.
const maxPlaces = 10_000

// Words finds words that a person quotes, in all their places: whatever their
// case, however they are broken into lines and quoted, with straight or curly
// apostrophes. Unless inside is set they are whole words: Ann is not in Annual.
func (r *Rendering) Words(words string, inside bool) ([]Place, error) {
	expr, err := quoted(words)
	if err != nil {
		return nil, err
	}
	var places []Place
	for at := 0; at < len(r.Text) && len(places) < maxPlaces; {
		m := expr.FindStringIndex(r.Text[at:])
		if m == nil {
			break
		}
		from, to := at+m[0], at+m[1]
		if inside || !amid(r.Text, from) && !amid(r.Text, to) {
			places = append(places, Place{from, to})
			at = to
			continue
		}
		_, size := utf8.DecodeRuneInString(r.Text[from:])
		at = from + size
	}
	return places, nil
}

// quoted is an expression for words as a person quotes them.
func quoted(words string) (*regexp.Regexp, error) {
	fields := strings.Fields(seen(words))
	if len(fields) == 0 {
		return nil, errors.New("there are no words to redact")
	}
	for i, f := range fields {
		var b strings.Builder
		for _, c := range f {
			switch {
			case strings.ContainsRune("'’‘`", c):
				b.WriteString("['’‘`]")
			case strings.ContainsRune("\"“”„", c):
				b.WriteString("[\"“”„]")
			case strings.ContainsRune("-‐‑‒–—", c):
				b.WriteString("[-‐‑‒–—]")
			default:
				b.WriteString(regexp.QuoteMeta(string(c)))
			}
		}
		fields[i] = b.String()
	}
	// A mail program breaks lines and puts marks of quotation before them.
	expr, err := regexp.Compile(`(?i)` + strings.Join(fields, `(?: *\n[> ]*| +)`))
	if err != nil {
		return nil, fmt.Errorf("%d words are too many to look for at once: redact lines", len(fields))
	}
	return expr, nil
}

// amid reports whether a place is within a word.
func amid(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	after, _ := utf8.DecodeRuneInString(text[at:])
	return at > 0 && at < len(text) && wordly(before) && wordly(after)
}

func wordly(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// Lines returns the lines from one to another, numbered from 1, without the
// last one's line break.
func (r *Rendering) Lines(first, last int) (Place, error) {
	p := Place{From: -1}
	n, at := 0, 0
	for line := range strings.Lines(r.Text) {
		n++
		if n == first {
			p.From = at
		}
		if n == last {
			p.To = at + len(strings.TrimSuffix(line, "\n"))
		}
		at += len(line)
	}
	if first < 1 || first > last || last > n {
		return p, fmt.Errorf("its lines are 1 to %d", n)
	}
	if p.From == p.To {
		return p, fmt.Errorf("line %d is empty", first)
	}
	return p, nil
}

// Line returns the number of the line in which an octet is, from 1.
func (r *Rendering) Line(at int) int { return 1 + strings.Count(r.Text[:at], "\n") }

// Under makes spans of places, under these exemptions.
func Under(places []Place, exemptions []string, note string) []record.RedactedSpan {
	spans := make([]record.RedactedSpan, len(places))
	for i, p := range places {
		spans[i] = record.RedactedSpan{From: p.From, To: p.To, Exemptions: exemptions, Note: note}
	}
	return spans
}

// Carry proposes for this rendering what was redacted in another of the same
// words, as in another copy: the same places where the texts are the same, and
// otherwise the same words wherever they are. It returns how many of the other
// one's redactions found no place here.
func (r *Rendering) Carry(from *Rendering, spans []record.RedactedSpan) (carried []record.RedactedSpan, lost int) {
	if r.Text == from.Text {
		return spans, 0
	}
	for _, s := range spans {
		places, err := r.Words(from.Text[s.From:s.To], false)
		if err != nil || len(places) == 0 {
			lost++
			continue
		}
		carried = append(carried, Under(places, s.Exemptions, s.Note)...)
	}
	carried, _ = Add(nil, carried)
	return carried, lost
}
