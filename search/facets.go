package search

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
)

// A Facet divides the hits by one property. A message may be counted under
// several values: it has several custodians.
type Facet struct {
	Name   string       `json:"name"`
	Values []FacetValue `json:"values"`
}

// A FacetValue is how many hits have this value of the property.
type FacetValue struct {
	Value string `json:"value"`
	Hits  int    `json:"hits"`
}

// undatedValue stands for hits without a date that can be relied on.
const undatedValue = "undated"

// FacetNames lists the properties that hits can be divided by.
func FacetNames() []string {
	return []string{"custodian", "month", "day", "year", "source", "class", "kind", "channel", "folder", "domain", "vault", "language"}
}

// CheckFacets refuses a name that is no facet's.
func CheckFacets(names []string) error {
	for _, name := range names {
		if !slices.Contains(FacetNames(), name) {
			return fmt.Errorf("hits cannot be divided by %q: the facets are %s", name, strings.Join(FacetNames(), ", "))
		}
	}
	return nil
}

// Divide counts hits by each of these facets, exactly. Dates come in their
// order; other values with the most hits first.
func (e *Engine) Divide(ctx context.Context, hits *roaring64.Bitmap, names []string) ([]Facet, error) {
	if err := CheckFacets(names); err != nil {
		return nil, err
	}
	facets := make([]Facet, len(names))
	for i, name := range names {
		var err error
		facets[i].Name = name
		if facets[i].Values, err = e.divide(ctx, hits, name); err != nil {
			return nil, err
		}
	}
	return facets, nil
}

func (e *Engine) divide(ctx context.Context, hits *roaring64.Bitmap, name string) ([]FacetValue, error) {
	switch name {
	case "day":
		return e.byDate(ctx, hits, len("2006-01-02"))
	case "month":
		return e.byDate(ctx, hits, len("2006-01"))
	case "year":
		return e.byDate(ctx, hits, len("2006"))
	case "language":
		return e.byLanguage(ctx, hits)
	case "folder":
		name = "in"
	}
	return e.byProperty(ctx, hits, name)
}

func (e *Engine) byProperty(ctx context.Context, hits *roaring64.Bitmap, property string) ([]FacetValue, error) {
	values, err := e.catalog.Values(ctx, property)
	if err != nil {
		return nil, err
	}
	found := []FacetValue{}
	for _, v := range values {
		set, err := e.catalog.Having(ctx, property, v)
		if err != nil {
			return nil, err
		}
		if n := int(hits.AndCardinality(set)); n > 0 {
			found = append(found, FacetValue{v, n})
		}
	}
	slices.SortStableFunc(found, func(a, b FacetValue) int { return cmp.Compare(b.Hits, a.Hits) })
	return found, nil
}

// byLanguage divides by the languages that messages are in, as the index knows
// them.
func (e *Engine) byLanguage(ctx context.Context, hits *roaring64.Bitmap) ([]FacetValue, error) {
	r, err := e.index.Reader()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	shares, err := r.Languages(ctx, hits)
	if err != nil {
		return nil, err
	}
	found := []FacetValue{}
	for _, s := range shares {
		found = append(found, FacetValue{s.Language, s.Messages})
	}
	return found, nil
}

// byDate divides by the beginning of the UTC day that a message was sent on:
// ten characters for the day, seven for its month.
func (e *Engine) byDate(ctx context.Context, hits *roaring64.Bitmap, characters int) ([]FacetValue, error) {
	days, err := e.catalog.Values(ctx, "day")
	if err != nil {
		return nil, err
	}
	undated, err := e.catalog.Undated(ctx)
	if err != nil {
		return nil, err
	}
	found := []FacetValue{}
	for _, day := range days {
		set, err := e.catalog.Having(ctx, "day", day)
		if err != nil {
			return nil, err
		}
		n := int(hits.AndCardinality(set))
		if n == 0 {
			continue
		}
		if last := len(found) - 1; last >= 0 && found[last].Value == day[:characters] {
			found[last].Hits += n
			continue
		}
		found = append(found, FacetValue{day[:characters], n})
	}
	if n := int(hits.AndCardinality(undated)); n > 0 {
		found = append(found, FacetValue{undatedValue, n})
	}
	return found, nil
}
