package search

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
)

// A TermCount is what one part of a query finds by itself: the table that
// lawyers negotiate search terms by. Parts come as the query nests them.
type TermCount struct {
	Term  string `json:"term"`  // canonical
	Depth int    `json:"depth"` // 0 for the whole query
	Hits  int    `json:"hits"`  // messages that meet it, whatever the rest of the query says
	Kept  int    `json:"kept"`  // of them: hits of the whole query
	Alone int    `json:"alone"` // of those: found by none of the alternatives that it is joined to with OR
}

// Terms counts what each part of a query finds, and each group of parts. What
// the caller may not read is not counted.
func (e *Engine) Terms(ctx context.Context, q *Query, o Options) ([]TermCount, error) {
	ev, err := e.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer ev.reader.Close()
	t := &termReport{ev: ev, withheld: o.Withheld}
	whole, err := t.found(q.Root)
	if err != nil {
		return nil, err
	}
	t.whole = whole
	return t.counts, t.add(q.Root, 0, nil)
}

type termReport struct {
	ev       *evaluation
	withheld *roaring64.Bitmap
	whole    *roaring64.Bitmap
	counts   []TermCount
}

// found is what certainly meets a part of the query.
func (t *termReport) found(n Node) (*roaring64.Bitmap, error) {
	s, err := n.evaluate(t.ev)
	if err != nil || t.withheld == nil {
		return s.yes, err
	}
	return roaring64.AndNot(s.yes, t.withheld), nil
}

// add counts a part and, below it, the parts that it is made of. beside is what
// the alternatives beside it find.
func (t *termReport) add(n Node, depth int, beside *roaring64.Bitmap) error {
	found, err := t.found(n)
	if err != nil {
		return err
	}
	kept := roaring64.And(found, t.whole)
	alone := kept
	if beside != nil {
		alone = roaring64.AndNot(kept, beside)
	}
	t.counts = append(t.counts, TermCount{Term: n.String(), Depth: depth, Hits: int(found.GetCardinality()),
		Kept: int(kept.GetCardinality()), Alone: int(alone.GetCardinality())})
	switch n := n.(type) {
	case Or:
		return t.alternatives(n, depth)
	case And:
		for _, part := range n {
			if err := t.add(part, depth+1, nil); err != nil {
				return err
			}
		}
	case Not:
		return t.add(n.Node, depth+1, nil)
	}
	return nil
}

func (t *termReport) alternatives(n Or, depth int) error {
	found := make([]*roaring64.Bitmap, len(n))
	for i, part := range n {
		var err error
		if found[i], err = t.found(part); err != nil {
			return err
		}
	}
	// What those before and those after find, so that long lists of terms do
	// not take time by the square of their length.
	after := make([]*roaring64.Bitmap, len(n)+1)
	after[len(n)] = roaring64.New()
	for i := len(n) - 1; i >= 0; i-- {
		after[i] = roaring64.Or(after[i+1], found[i])
	}
	before := roaring64.New()
	for i, part := range n {
		if err := t.add(part, depth+1, roaring64.Or(before, after[i+1])); err != nil {
			return err
		}
		before = roaring64.Or(before, found[i])
	}
	return nil
}
