package daemon

import (
	"context"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
)

// A keeper says what is kept again although it was disposed of before. It
// implements archive.Keeper.
type keeper struct{ *Daemon }

// Covers reports whether a hold or an open request covers what a custodian
// brings. No query can be asked about what is not indexed, so within the other
// bounds of a query hold everything is covered.
func (k keeper) Covers(ctx context.Context, id record.ID, c archive.Claim) (bool, error) {
	rows, err := k.catalog.Holds(ctx, false)
	if err != nil {
		return false, err
	}
	v := &view{catalog: k.catalog}
	for _, h := range rows {
		v.force.holds = append(v.force.holds, retention.Hold(h.HoldPlaced))
	}
	if err := v.addRequests(ctx); err != nil || len(v.requests) > 0 {
		return true, err
	}
	for _, h := range v.force.holds {
		if covers, _ := h.Covers(&retention.Candidate{Record: id, Facts: c.Facts}, c.Holding.Class); covers {
			return true, nil
		}
	}
	return false, nil
}
