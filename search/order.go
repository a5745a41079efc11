package search

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
)

// An Order says in which order hits are listed. Within equals the newest comes
// first, except in [Oldest].
type Order string

// The orders. There is no scoring: relevance is how many of the query's words
// and phrases a message has, which anyone can check.
const (
	Newest      Order = "newest"
	Oldest      Order = "oldest"
	ByCustodian Order = "custodian" // by name
	ByRelevance Order = "relevance" // by how many of the query's words and phrases it has
)

// Orders lists them, the default first.
func Orders() []Order { return []Order{Newest, Oldest, ByCustodian, ByRelevance} }

// ParseOrder returns the order of this name, Newest for "".
func ParseOrder(name string) (Order, error) {
	if name == "" {
		return Newest, nil
	}
	if !slices.Contains(Orders(), Order(name)) {
		var names []string
		for _, o := range Orders() {
			names = append(names, string(o))
		}
		return "", fmt.Errorf("hits cannot be sorted by %q: the orders are %s", name, strings.Join(names, ", "))
	}
	return Order(name), nil
}

// Sort divides hits into sets that are listed one after the other; together
// they are hits, and they do not overlap.
func (e *Engine) Sort(ctx context.Context, q *Query, hits *roaring64.Bitmap, o Order) ([]*roaring64.Bitmap, error) {
	switch o {
	case ByCustodian:
		return e.sortByValue(ctx, hits, "custodian")
	case ByRelevance:
		return e.sortByTerms(ctx, q, hits)
	}
	return []*roaring64.Bitmap{hits}, nil
}

// sortByValue puts hits with the first value of a property first, and those
// without any last.
func (e *Engine) sortByValue(ctx context.Context, hits *roaring64.Bitmap, property string) ([]*roaring64.Bitmap, error) {
	values, err := e.catalog.Values(ctx, property)
	if err != nil {
		return nil, err
	}
	left := hits.Clone()
	var sets []*roaring64.Bitmap
	for _, v := range values {
		having, err := e.catalog.Having(ctx, property, v)
		if err != nil {
			return nil, err
		}
		sets = append(sets, roaring64.And(left, having))
		left.AndNot(having)
	}
	return append(sets, left), nil
}

// sortByTerms puts hits that have the most of the query's words first.
func (e *Engine) sortByTerms(ctx context.Context, q *Query, hits *roaring64.Bitmap) ([]*roaring64.Bitmap, error) {
	ev, err := e.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer ev.reader.Close()
	atLeast := []*roaring64.Bitmap{hits} // atLeast[n] has n of the words
	for _, term := range terms(q.Root) {
		s, err := term.evaluate(ev)
		if err != nil {
			return nil, err
		}
		atLeast = append(atLeast, roaring64.New())
		for n := len(atLeast) - 2; n >= 0; n-- {
			atLeast[n+1] = roaring64.Or(atLeast[n+1], roaring64.And(atLeast[n], s.yes))
		}
		if atLeast[len(atLeast)-1].IsEmpty() {
			atLeast = atLeast[:len(atLeast)-1]
		}
	}
	var sets []*roaring64.Bitmap
	for n := len(atLeast) - 1; n > 0; n-- {
		sets = append(sets, roaring64.AndNot(atLeast[n], above(atLeast, n)))
	}
	return append(sets, roaring64.AndNot(hits, above(atLeast, 0))), nil
}

func above(atLeast []*roaring64.Bitmap, n int) *roaring64.Bitmap {
	if n+1 < len(atLeast) {
		return atLeast[n+1]
	}
	return roaring64.New()
}

// terms collects the words and phrases that a query asks for, each once.
func terms(root Node) (found []Text) {
	seen := make(map[string]bool)
	var collect func(n Node)
	collect = func(n Node) {
		switch n := n.(type) {
		case Text:
			if key := n.String(); !seen[key] {
				seen[key], found = true, append(found, n)
			}
		case And:
			for _, part := range n {
				collect(part)
			}
		case Or:
			for _, part := range n {
				collect(part)
			}
		}
	}
	collect(root)
	return found
}
