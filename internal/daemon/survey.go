package daemon

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
)

// A survey puts holdings to the rules one after another, as a walk gives them,
// and makes nothing anew for each. It is for one goroutine.
type survey struct {
	force     inForce
	unindexed *roaring64.Bitmap
	queries   bool // it matters what cannot be searched, since a hold has a query

	c  retention.Candidate
	of *catalog.Governed // that c is about
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
	s.c.Caught = func(hold string) bool { return s.caught(hold, s.of.First, s.of.Count) }
	return s
}

// caught reports whether a hold's query has found any of these messages.
func (s *survey) caught(hold string, first record.MessageNo, count int) bool {
	b := s.force.caught[hold]
	return b != nil && overlaps(b, first, count)
}

// candidate is a holding as the rules ask about it: good until the next.
func (s *survey) candidate(h *catalog.Governed) *retention.Candidate {
	s.of = h
	s.fill(&s.c, h)
	return &s.c
}

// fill makes c, which is used again, say what the rules ask of a holding. Caught
// is left as it is.
func (s *survey) fill(c *retention.Candidate, h *catalog.Governed) {
	c.Record, c.Facts, c.Manual, c.Review = h.Record, h.Facts, manual(h.HeldBy), lastReview(h.HeldBy)
	c.Was = append(append(c.Was[:0], h.Was...), h.Class)
	c.Unsearchable = s.queries && (!h.TextStatus.Searchable() || overlaps(s.unindexed, h.First, h.Count))
}
