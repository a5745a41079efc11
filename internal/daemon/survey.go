package daemon

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/retention"
)

// A survey puts holdings to the rules one after another, as a walk gives them,
// and makes nothing anew for each. It is for one goroutine.
type survey struct {
	force     inForce
	unindexed *roaring64.Bitmap
	queries   bool // a hold has a query, so that it matters what cannot be searched

	c   retention.Candidate
	was []string
	of  *catalog.Governed // that c is about
}

// survey begins one, under the holds that are in force now.
func (g *governor) survey(ctx context.Context) (*survey, error) {
	force, err := g.inForce(ctx)
	if err != nil {
		return nil, err
	}
	unindexed, err := g.catalog.Unindexed(ctx)
	return newSurvey(force, unindexed), err
}

func newSurvey(force inForce, unindexed *roaring64.Bitmap) *survey {
	s := &survey{force: force, unindexed: unindexed}
	for _, h := range force.holds {
		s.queries = s.queries || h.Scope.Query != ""
	}
	s.c.Caught = func(hold string) bool {
		b := s.force.caught[hold]
		return b != nil && overlaps(b, s.of.First, s.of.Count)
	}
	return s
}

// candidate is a holding as the rules ask about it: good until the next.
func (s *survey) candidate(h *catalog.Governed) *retention.Candidate {
	s.of = h
	s.was = append(append(s.was[:0], h.Was...), h.Class)
	c := &s.c
	c.Record, c.Facts, c.Manual, c.Was, c.Review = h.Record, h.Facts, manual(h.HeldBy), s.was, lastReview(h.HeldBy)
	c.Unsearchable = s.queries && (!h.TextStatus.Searchable() || overlaps(s.unindexed, h.First, h.Count))
	return c
}
