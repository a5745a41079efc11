package search

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
)

// Whatever the order, every hit is in exactly one of the sets; and the sets are
// in the order that was asked for.
func TestSort(t *testing.T) {
	c := generate(rand.New(rand.NewPCG(7, 8)), 200)
	e := engineOf(t, c)
	const written = "(flood OR plan OR minister OR depot) -review"
	q, err := Parser{}.Parse(written)
	if err != nil {
		t.Fatal(err)
	}
	hits := search(t, e, written, Options{}).Hits
	rank := map[Order]func(m *message) int{
		Newest: func(*message) int { return 0 },
		Oldest: func(*message) int { return 0 },
		ByCustodian: func(m *message) int {
			return slices.Index([]string{"adviser", "minister", "permanent secretary"}, slices.Min(m.values("custodian")))
		},
		ByRelevance: func(m *message) (n int) {
			for _, word := range []string{"flood", "plan", "minister", "depot"} {
				if search(t, e, word, Options{}).Hits.Contains(uint64(m.No)) {
					n--
				}
			}
			return n
		},
	}
	for _, o := range Orders() {
		sets, err := e.Sort(context.Background(), q, hits, o)
		if err != nil {
			t.Fatal(err)
		}
		all, last := roaring64.New(), -100
		for _, set := range sets {
			if all.Intersects(set) {
				t.Errorf("%s: a hit is listed twice", o)
			}
			all.Or(set)
			first := 0
			for i, it := 0, set.Iterator(); it.HasNext() && i < 20; i++ {
				at := rank[o](c[it.Next()-1])
				if i == 0 {
					first = at
				}
				if at != first || at < last {
					t.Errorf("%s: rank %d after %d", o, at, last)
				}
			}
			if !set.IsEmpty() {
				last = first
			}
		}
		if !all.Equals(hits) {
			t.Errorf("%s: %d of %d hits", o, all.GetCardinality(), hits.GetCardinality())
		}
	}
	if _, err := ParseOrder("colour"); err == nil {
		t.Error("sorted by colour")
	}
}
