package index

import (
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// A span is a stretch of positions, both ends included.
type span struct{ start, end int }

// A spanner finds where in a document a pattern stands. The order of calls is
// candidates, restrict, then spansIn for increasing documents.
type spanner interface {
	// candidates returns the documents that may contain the pattern. The set
	// must not be changed.
	candidates() *roaring.Bitmap
	// restrict prepares for documents of this set only.
	restrict(docs *roaring.Bitmap)
	// spansIn returns where the pattern stands in a document, by start.
	spansIn(doc uint32) ([]span, error)
}

// search returns the documents in which the pattern stands. Those that are
// known to be such are not looked at.
func search(ctx context.Context, s spanner, known *roaring.Bitmap) (*roaring.Bitmap, error) {
	docs := roaring.AndNot(s.candidates(), known)
	found := known.Clone()
	if docs.IsEmpty() {
		return found, nil
	}
	s.restrict(docs)
	for it, n := docs.Iterator(), 0; it.HasNext(); n++ {
		doc := it.Next()
		at, err := s.spansIn(doc)
		if err != nil {
			return nil, err
		}
		if len(at) > 0 {
			found.Add(doc)
		}
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return found, nil
}

// A cursor walks the postings of one term with their positions.
type cursor struct {
	docs     *roaring.Bitmap
	postings segment.PostingsIterator
	at       segment.Posting
	started  bool
}

func newCursor(dict segment.TermDictionary, term string) (*cursor, error) {
	list, err := dict.PostingsList([]byte(term), nil, nil)
	if err != nil || list.Count() == 0 {
		return nil, err
	}
	it := list.Iterator(true, true, true, nil)
	bits, ok := it.(segment.OptimizablePostingsIterator)
	if !ok || bits.ActualBitmap() == nil {
		return nil, nil
	}
	return &cursor{docs: bits.ActualBitmap(), postings: it}, nil
}

func (c *cursor) restrict(docs *roaring.Bitmap) {
	c.docs = roaring.And(c.docs, docs)
	c.postings.(segment.OptimizablePostingsIterator).ReplaceActual(c.docs)
}

// appendTo appends the positions of the term in a document.
func (c *cursor) appendTo(doc uint32, at []span) ([]span, error) {
	var err error
	for !c.started || c.at != nil && c.at.Number() < uint64(doc) {
		c.started = true
		if c.at, err = c.postings.Next(); err != nil {
			return at, err
		}
	}
	if c.at == nil || c.at.Number() != uint64(doc) {
		return at, nil
	}
	for _, l := range c.at.Locations() {
		at = append(at, span{int(l.Pos()), int(l.Pos())})
	}
	return at, nil
}

// placeSpans is one word's place: any of several terms.
type placeSpans struct {
	cursors []*cursor
	buf     []span
}

func newPlace(dict segment.TermDictionary, terms []string) (*placeSpans, error) {
	p := new(placeSpans)
	for _, t := range terms {
		c, err := newCursor(dict, t)
		if err != nil {
			return nil, err
		}
		if c != nil {
			p.cursors = append(p.cursors, c)
		}
	}
	return p, nil
}

func (p *placeSpans) candidates() *roaring.Bitmap {
	docs := roaring.New()
	for _, c := range p.cursors {
		docs.Or(c.docs)
	}
	return docs
}

func (p *placeSpans) restrict(docs *roaring.Bitmap) {
	p.cursors = slices.DeleteFunc(p.cursors, func(c *cursor) bool {
		c.restrict(docs)
		return c.docs.IsEmpty()
	})
}

func (p *placeSpans) spansIn(doc uint32) ([]span, error) {
	at := p.buf[:0]
	for _, c := range p.cursors {
		var err error
		if at, err = c.appendTo(doc, at); err != nil {
			return nil, err
		}
	}
	p.buf = at
	return sortSpans(at), nil
}

func sortSpans(at []span) []span {
	slices.SortFunc(at, func(a, b span) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return a.end - b.end
	})
	return slices.Compact(at)
}

// oneWordSpans are the spans of a pattern of a single place.
func oneWordSpans(t *termSource, p Pattern) (spanner, error) {
	terms, _, err := p.terms(t)
	if err != nil {
		return nil, err
	}
	return newPlace(t.dict, terms)
}

func phraseSpans(t *termSource, words []string, slop int, terms func(string) []string) (spanner, error) {
	places := make([][]string, len(words))
	for i, w := range words {
		places[i] = terms(w)
	}
	return sequence(t, places, slop)
}

// sequence matches places that follow one another, with up to slop words
// between them in all.
func sequence(t *termSource, places [][]string, slop int) (spanner, error) {
	if len(places) == 0 {
		return newPlace(t.dict, nil)
	}
	s := &sequenceSpans{slop: slop, every: t.every && slop > 0}
	for _, terms := range places {
		p, err := newPlace(t.dict, terms)
		if err != nil {
			return nil, err
		}
		s.places = append(s.places, p)
	}
	return s, nil
}

type sequenceSpans struct {
	places []*placeSpans
	slop   int
	every  bool // where it stands is asked, not only whether
}

func (s *sequenceSpans) candidates() *roaring.Bitmap {
	docs := s.places[0].candidates()
	for _, p := range s.places[1:] {
		if docs.IsEmpty() {
			break
		}
		docs.And(p.candidates())
	}
	return docs
}

func (s *sequenceSpans) restrict(docs *roaring.Bitmap) {
	for _, p := range s.places {
		p.restrict(docs)
	}
}

// spansIn extends every place of the first word by the places of the others.
// With slop each extension takes the nearest next word, which leaves the most
// room for the rest; it takes the further ones too where every is set.
func (s *sequenceSpans) spansIn(doc uint32) ([]span, error) {
	at, err := s.places[0].spansIn(doc)
	at = slices.Clone(at)
	for _, p := range s.places[1:] {
		if err != nil || len(at) == 0 {
			break
		}
		var next []span
		if next, err = p.spansIn(doc); err != nil {
			break
		}
		at, err = s.extend(at, next)
	}
	return at, err
}

func (s *sequenceSpans) extend(at, next []span) ([]span, error) {
	var kept []span
	for _, a := range at {
		i, _ := slices.BinarySearchFunc(next, a.end+1, func(s span, pos int) int { return s.start - pos })
		for ; i < len(next) && next[i].start-a.end-1 <= s.slop && next[i].end-a.start < s.slop+len(s.places); i++ {
			if len(kept) >= maxSpans {
				return nil, ErrTooDense
			}
			if kept = append(kept, span{a.start, next[i].end}); !s.every {
				break
			}
		}
	}
	if s.every {
		kept = sortSpans(kept) // two ways may lead to one place
	}
	return kept, nil
}

// eitherSpans is any of several.
type eitherSpans []spanner

func (e eitherSpans) candidates() *roaring.Bitmap {
	docs := roaring.New()
	for _, s := range e {
		docs.Or(s.candidates())
	}
	return docs
}

func (e eitherSpans) restrict(docs *roaring.Bitmap) {
	for _, s := range e {
		s.restrict(docs)
	}
}

func (e eitherSpans) spansIn(doc uint32) ([]span, error) {
	var at []span
	for _, s := range e {
		more, err := s.spansIn(doc)
		if err != nil {
			return nil, err
		}
		at = append(at, more...)
	}
	return sortSpans(at), nil
}

// nearSpans is two patterns with at most distance words between them.
type nearSpans struct {
	a, b     spanner
	distance int
	ordered  bool
	every    bool // where they stand is asked, not only whether
}

func (n *nearSpans) candidates() *roaring.Bitmap {
	return roaring.And(n.a.candidates(), n.b.candidates())
}

func (n *nearSpans) restrict(docs *roaring.Bitmap) {
	n.a.restrict(docs)
	n.b.restrict(docs)
}

func (n *nearSpans) spansIn(doc uint32) ([]span, error) {
	as, err := n.a.spansIn(doc)
	if err != nil || len(as) == 0 {
		return nil, err
	}
	bs, err := n.b.spansIn(doc)
	if err != nil {
		return nil, err
	}
	return n.nearby(as, bs)
}

// maxSpans bounds the places of a part of a pattern in one document, for the
// sake of a text that repeats two words for ever. A query that meets one fails
// rather than answer wrongly. Whether a pattern stands somewhere is answered
// without it.
const maxSpans = 1 << 20

// nearby pairs each span of as with those of bs that are near it and do not
// overlap it; the first pair will do if not every one is asked for.
func (n *nearSpans) nearby(as, bs []span) ([]span, error) {
	var at []span
	first := 0
	for _, a := range as {
		for first < len(bs) && bs[first].end < a.start-n.distance-1 && bs[first].start < a.start-MaxWidth {
			first++
		}
		for _, b := range bs[first:] {
			if b.start > a.end+n.distance+1 {
				break
			}
			after, before := b.start-a.end-1, a.start-b.end-1
			if after >= 0 && after <= n.distance || !n.ordered && before >= 0 && before <= n.distance {
				at = append(at, span{min(a.start, b.start), max(a.end, b.end)})
				if !n.every {
					return at, nil
				}
				if len(at) >= maxSpans {
					return nil, ErrTooDense
				}
			}
		}
	}
	return sortSpans(at), nil
}
