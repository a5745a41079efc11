package index

import (
	"context"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
	segment "github.com/blevesearch/scorch_segment_api/v2"
	"github.com/blevesearch/vellum/regexp"

	"github.com/closeroll/closeroll/internal/language"
)

// A Pattern is something that a field's words can contain. Text in a pattern
// is cut into words as texts are; a pattern whose text has no word matches
// nothing.
type Pattern interface {
	// terms returns the terms of one word's place, and true, if the pattern
	// is a matter of a single place.
	terms(t *termSource) ([]string, bool, error)
	// spans returns a matcher by position.
	spans(t *termSource) (spanner, error)
}

// A Word is one word, found by its stem (see [SameWord]) or, if Exact is set
// or the field is one of addresses, by its exact form. Text that is cut into
// several words, as FOI-2026/0123 is, is a [Phrase].
type Word struct {
	Text  string
	Exact bool
}

// A Phrase is exact words that follow one another. With Slop, up to that many
// other words may stand between them in all; their order stays.
type Phrase struct {
	Text string
	Slop int
}

// A Prefix is a word that begins so, in exact form.
type Prefix struct{ Text string }

// A Wildcard is a word, in exact form, in which * stands for any number of
// characters and ? for one.
type Wildcard struct{ Text string }

// A Fuzzy is a word, in exact form, that becomes Text by no more than Edits
// insertions, deletions, substitutions or transpositions of a character. Edits
// is 1 or 2.
type Fuzzy struct {
	Text  string
	Edits int
}

// Any is one of several patterns.
type Any []Pattern

// A Near is two patterns with at most Distance words between them, in either
// order unless Ordered is set: then A comes first. Distance is at most
// [MaxNear].
type Near struct {
	A, B     Pattern
	Distance int
	Ordered  bool
}

// MaxWidth is the greatest number of words that a pattern may span: a longer
// one could lie across the parts of a long message.
const MaxWidth = partOverlap

// A termSource resolves patterns into the terms of one field of one segment.
type termSource struct {
	ctx   context.Context
	dict  segment.TermDictionary
	field Field
	built automata
	every bool         // of a phrase with slop every place is asked for
	langs language.Set // that texts of the segment are read in
}

// contains returns the documents whose field contains the pattern.
func (v *view) contains(ctx context.Context, f Field, p Pattern) (*roaring.Bitmap, error) {
	dict, err := v.Segment().Dictionary(string(f))
	if err != nil {
		return nil, err
	}
	t := &termSource{ctx: ctx, dict: dict, field: f, built: v.built, langs: v.langs}
	if terms, single, err := p.terms(t); err != nil {
		return nil, err
	} else if single {
		return v.union(string(f), terms)
	}
	s, err := p.spans(t)
	if err != nil {
		return nil, err
	}
	known, err := v.inDomain(f, p)
	if err != nil {
		return nil, err
	}
	return search(ctx, s, known)
}

// inDomain returns the documents of which it is known without positions that
// an address field contains the pattern: it is a domain, and an address ends
// with it.
func (v *view) inDomain(f Field, p Pattern) (*roaring.Bitmap, error) {
	phrase, ok := p.(Phrase)
	if !ok || !f.IsAddress() || phrase.Slop > 0 {
		return roaring.New(), nil
	}
	return v.union(string(f), []string{domainMark + strings.ToLower(strings.TrimPrefix(phrase.Text, "@"))})
}

func (w Word) terms(t *termSource) ([]string, bool, error) {
	words := Fold(w.Text)
	switch {
	case len(words) == 0:
		return nil, true, nil
	case len(words) > 1:
		return nil, false, nil
	case w.Exact || t.field.IsAddress():
		return words, true, nil
	}
	return wordTerms(words[0], t.langs), true, nil
}

func (w Word) spans(t *termSource) (spanner, error) {
	return phraseSpans(t, Fold(w.Text), 0, func(word string) []string {
		terms, single, _ := Word{word, w.Exact || len(Fold(w.Text)) > 1}.terms(t)
		if !single {
			return []string{word}
		}
		return terms
	})
}

func (p Phrase) terms(t *termSource) ([]string, bool, error) {
	words := Fold(p.Text)
	return words, len(words) < 2, nil
}

func (p Phrase) spans(t *termSource) (spanner, error) {
	return phraseSpans(t, Fold(p.Text), p.Slop, func(word string) []string { return []string{word} })
}

func (p Prefix) terms(t *termSource) ([]string, bool, error) {
	words := Fold(p.Text)
	if len(words) != 1 {
		return nil, len(words) == 0, nil
	}
	terms, err := t.collect(nil, prefixRange(words[0]), nil)
	return terms, true, err
}

// spans of a prefix that is cut into several words: the last is the prefix.
func (p Prefix) spans(t *termSource) (spanner, error) {
	words := Fold(p.Text)
	terms := make([][]string, len(words))
	for i, w := range words {
		terms[i] = []string{w}
	}
	if len(words) > 0 {
		last, err := t.collect(nil, prefixRange(words[len(words)-1]), nil)
		if err != nil {
			return nil, err
		}
		terms[len(words)-1] = last
	}
	return sequence(t, terms, 0)
}

func (w Wildcard) terms(t *termSource) ([]string, bool, error) {
	pattern := FoldWildcard(w.Text)
	if pattern == "" {
		return nil, true, nil
	}
	automaton, err := t.built.get(w, func() (segment.Automaton, error) {
		return regexp.New(strings.NewReplacer("*", ".*", "?", ".").Replace(pattern))
	})
	if err != nil {
		return nil, true, &PatternError{err}
	}
	fixed := pattern[:strings.IndexAny(pattern+"*", "*?")]
	within := termRange{[]byte(firstWord), nil}
	if fixed != "" {
		within = prefixRange(fixed)
	}
	terms, err := t.collect(automaton, within, nil)
	return terms, true, err
}

func (w Wildcard) spans(t *termSource) (spanner, error) { return oneWordSpans(t, w) }

func (f Fuzzy) terms(t *termSource) ([]string, bool, error) {
	words := Fold(f.Text)
	if len(words) != 1 {
		return words, true, nil
	}
	dfa, err := t.built.get(f, func() (segment.Automaton, error) {
		edits := uint8(min(max(f.Edits, 1), 2))
		builder, err := t.built.fuzzy.of(edits)
		if err != nil {
			return nil, err
		}
		return builder.BuildDfa(words[0], edits)
	})
	if err != nil {
		return nil, true, &PatternError{err}
	}
	terms, err := t.collect(dfa, termRange{[]byte(firstWord), nil}, nil)
	return terms, true, err
}

func (f Fuzzy) spans(t *termSource) (spanner, error) { return oneWordSpans(t, f) }

func (a Any) terms(t *termSource) ([]string, bool, error) {
	var all []string
	for _, p := range a {
		terms, single, err := p.terms(t)
		if err != nil || !single {
			return nil, false, err
		}
		all = append(all, terms...)
	}
	return all, true, nil
}

func (a Any) spans(t *termSource) (spanner, error) {
	either := make(eitherSpans, 0, len(a))
	for _, p := range a {
		s, err := p.spans(t)
		if err != nil {
			return nil, err
		}
		either = append(either, s)
	}
	return either, nil
}

func (n Near) terms(*termSource) ([]string, bool, error) { return nil, false, nil }

func (n Near) spans(t *termSource) (spanner, error) {
	each := *t
	each.every = true
	a, err := n.A.spans(&each)
	if err != nil {
		return nil, err
	}
	b, err := n.B.spans(&each)
	if err != nil {
		return nil, err
	}
	return &nearSpans{a, b, min(n.Distance, MaxNear), n.Ordered, t.every}, nil
}
