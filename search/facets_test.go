package search

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
)

// Hits are divided as counting them one by one would divide them.
func TestDivide(t *testing.T) {
	c := generate(rand.New(rand.NewPCG(3, 4)), 200)
	e := engineOf(t, c)
	a := search(t, e, "flood OR plan", Options{})
	facets, err := e.Divide(context.Background(), a.Hits, []string{"custodian", "folder", "kind", "day", "month", "year"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range facets {
		want := make(map[string]int)
		for _, m := range c {
			if !a.Hits.Contains(uint64(m.No)) {
				continue
			}
			for _, v := range m.facet(f.Name) {
				want[v]++
			}
		}
		for _, v := range f.Values {
			if v.Hits != want[v.Value] {
				t.Errorf("%s %s: %d, want %d", f.Name, v.Value, v.Hits, want[v.Value])
			}
			delete(want, v.Value)
		}
		if len(want) != 0 {
			t.Errorf("%s lacks %v", f.Name, want)
		}
		dated := f.Name == "day" || f.Name == "month" || f.Name == "year"
		if !slices.IsSortedFunc(f.Values, func(a, b FacetValue) int {
			if dated {
				return cmp.Compare(a.Value, b.Value)
			}
			return cmp.Compare(b.Hits, a.Hits)
		}) {
			t.Errorf("%s is not in order: %v", f.Name, f.Values)
		}
	}
	if _, err := e.Divide(context.Background(), a.Hits, []string{"colour"}); err == nil {
		t.Error("divided by colour")
	}
}

func (m *message) facet(name string) []string {
	layouts := map[string]string{"day": time.DateOnly, "month": "2006-01", "year": "2006"}
	switch layout, dated := layouts[name]; {
	case dated && m.undated():
		return []string{undatedValue}
	case dated:
		return []string{m.Sent.UTC().Format(layout)}
	case name == "folder":
		return m.values("in")
	}
	return m.values(name)
}

// Every part of a query is counted as it would be by itself, and alone is what
// would be lost without it.
func TestTerms(t *testing.T) {
	c := generate(rand.New(rand.NewPCG(5, 6)), 200)
	e := engineOf(t, c)
	hidden := roaring64.New()
	for no := uint64(1); no < 100; no++ {
		hidden.Add(no)
	}
	for written, alternatives := range map[string][]string{
		"flood":                          nil,
		"flood OR plan OR depot":         {"flood", "plan", "depot"},
		"minister (flood OR plan)":       nil,
		`flood -plan`:                    nil,
		"flood OR flood":                 {"flood", "flood"},
		"(flood OR plan) (depot OR the)": nil,
	} {
		for _, withheld := range []*roaring64.Bitmap{nil, hidden} {
			q, err := Parser{}.Parse(written)
			if err != nil {
				t.Fatal(err)
			}
			counts, err := e.Terms(context.Background(), q, Options{Withheld: withheld})
			if err != nil {
				t.Fatal(err)
			}
			whole := search(t, e, written, Options{Withheld: withheld}).Hits
			if counts[0].Hits != int(whole.GetCardinality()) || counts[0].Depth != 0 || counts[0].Term != q.String() {
				t.Errorf("%s: the whole is %+v", written, counts[0])
			}
			for _, n := range counts {
				part := search(t, e, n.Term, Options{Withheld: withheld}).Hits
				if n.Hits != int(part.GetCardinality()) || n.Kept != int(part.AndCardinality(whole)) {
					t.Errorf("%s: %+v, want %d of which %d", written, n, part.GetCardinality(), part.AndCardinality(whole))
				}
			}
			for i, term := range alternatives {
				rest := roaring64.New()
				for j, other := range alternatives {
					if j != i {
						rest.Or(search(t, e, other, Options{Withheld: withheld}).Hits)
					}
				}
				lost := roaring64.AndNot(whole, rest).GetCardinality()
				if got := counts[i+1]; got.Term != term || got.Alone != int(lost) {
					t.Errorf("%s: %+v, want %d alone", written, got, lost)
				}
			}
		}
	}
}
