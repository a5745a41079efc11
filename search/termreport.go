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

// add counts a part and, below it, the parts that it is made of. shared is what
// several of the alternatives find that it is one of.
func (t *termReport) add(n Node, depth int, shared *roaring64.Bitmap) error {
	found, err := t.found(n)
	if err != nil {
		return err
	}
	kept := roaring64.And(found, t.whole)
	alone := kept
	if shared != nil {
		alone = roaring64.AndNot(kept, shared)
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

// alternatives counts the parts of an OR. What they find is not kept: a list of
// thousands of terms may find most of an archive each.
func (t *termReport) alternatives(n Or, depth int) error {
	any, shared := roaring64.New(), roaring64.New()
	for _, part := range n {
		found, err := t.found(part)
		if err != nil {
			return err
		}
		shared.Or(roaring64.And(any, found))
		any.Or(found)
	}
	for _, part := range n {
		if err := t.add(part, depth+1, shared); err != nil {
			return err
		}
	}
	return nil
}
