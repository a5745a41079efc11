package redaction

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/closeroll/closeroll/archive/record"
)

// ErrRendering is returned where an item is rendered otherwise than it was when
// it was redacted: by other octets of the record, or another version of this
// program.
var ErrRendering = errors.New("is not rendered as it was when it was redacted")

// Ordered says whether spans are as the journal keeps them: in order, apart
// from one another, not empty, within so many octets, each with an exemption.
func Ordered(spans []record.RedactedSpan, octets int) error {
	at := 0
	for i, s := range spans {
		switch {
		case s.From < at || s.To <= s.From || s.To > octets:
			return fmt.Errorf("redaction %d, octets %d to %d of %d, is not after the one before it", i+1, s.From, s.To, octets)
		case len(s.Exemptions) == 0:
			return fmt.Errorf("redaction %d relies on no exemption", i+1)
		}
		at = s.To
	}
	return nil
}

// Fit says whether redactions are of this rendering. An error wraps
// [ErrRendering], or says what is wrong with the spans.
func (r *Rendering) Fit(by record.RedactedItem) error {
	if by.Rendering != Version || by.Digest != r.Digest || by.Octets != len(r.Text) {
		return fmt.Errorf("%s %w", r.Item, ErrRendering)
	}
	return r.check(by.Spans)
}

// check is Ordered for spans of this text, which begin and end with characters.
func (r *Rendering) check(spans []record.RedactedSpan) error {
	if err := Ordered(spans, len(r.Text)); err != nil {
		return err
	}
	for i, s := range spans {
		if !utf8.RuneStart(r.Text[s.From]) || s.To < len(r.Text) && !utf8.RuneStart(r.Text[s.To]) {
			return fmt.Errorf("redaction %d cuts a character in two", i+1)
		}
	}
	return nil
}

// Redacted is these spans as what is redacted in the rendering, made from the
// redactions that the journal's entry known has.
func (r *Rendering) Redacted(known int64, spans []record.RedactedSpan) record.RedactedItem {
	return record.RedactedItem{Item: r.Item, Known: known, Rendering: Version, Digest: r.Digest, Octets: len(r.Text), Spans: spans}
}

// Add adds spans to those that are there, in any order. Where a new one
// overlaps an old one, the old one stands and the new one covers the rest. It
// returns all spans in order, and what of the new ones was added.
func Add(there, more []record.RedactedSpan) (all, added []record.RedactedSpan) {
	all = slices.Clone(there)
	for _, m := range more {
		at := m.From
		var rest []record.RedactedSpan
		for _, s := range all {
			if s.To <= at || s.From >= m.To {
				continue
			}
			if s.From > at {
				rest = append(rest, part(m, at, s.From))
			}
			at = max(at, s.To)
		}
		if at < m.To {
			rest = append(rest, part(m, at, m.To))
		}
		added = append(added, rest...)
		all = append(all, rest...)
		slices.SortFunc(all, func(a, b record.RedactedSpan) int { return cmp.Compare(a.From, b.From) })
	}
	slices.SortFunc(added, func(a, b record.RedactedSpan) int { return cmp.Compare(a.From, b.From) })
	return all, added
}

func part(s record.RedactedSpan, from, to int) record.RedactedSpan {
	s.From, s.To = from, to
	return s
}

// Remove returns the spans without those of these numbers, from 1.
func Remove(there []record.RedactedSpan, numbers []int) ([]record.RedactedSpan, error) {
	for _, n := range numbers {
		if n < 1 || n > len(there) {
			return nil, fmt.Errorf("there is no redaction %d", n)
		}
	}
	left := []record.RedactedSpan{}
	for i, s := range there {
		if !slices.Contains(numbers, i+1) {
			left = append(left, s)
		}
	}
	return left, nil
}

// A Piece is a stretch of what is released: text, or what stands where text
// was redacted.
type Piece struct {
	Text     string
	Redacted bool
	From     int // where it, or what was redacted, begins in the text
}

// Apply returns a text with what is redacted in it replaced by a label. The
// spans are as [Ordered] wants them.
func Apply(text string, spans []record.RedactedSpan) []Piece {
	return Cut(text, 0, len(text), spans)
}

// Cut is Apply for the octets from and up to to of a text: of a header's value,
// or of the words below the headers.
func Cut(text string, from, to int, spans []record.RedactedSpan) []Piece {
	var pieces []Piece
	at := from
	for _, s := range spans {
		if s.To <= from || s.From >= to {
			continue
		}
		if s.From > at {
			pieces = append(pieces, Piece{Text: text[at:s.From], From: at})
		}
		pieces = append(pieces, Piece{Text: Label(s.Exemptions), Redacted: true, From: max(s.From, from)})
		at = min(s.To, to)
		if strings.HasSuffix(text[s.From:at], "\n") {
			pieces = append(pieces, Piece{Text: "\n", From: at - 1}) // whatever follows is on its own line as before
		}
	}
	if at < to {
		pieces = append(pieces, Piece{Text: text[at:to], From: at})
	}
	return pieces
}

// Label is what stands in place of redacted words: [REDACTED s.40(2)].
func Label(exemptions []string) string {
	return "[REDACTED " + strings.Join(exemptions, ", ") + "]"
}

// Join writes pieces one after another.
func Join(pieces []Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}
