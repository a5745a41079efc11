package daemon

import (
	"context"
	"fmt"
	"slices"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search"
)

// The ways in which the hits of a page are put together.
const (
	groupThread = "thread" // e-mails by their thread, chat messages by their chat
	groupChat   = "chat"   // chat messages by their chat
)

// gather puts the hits of a page together that are of one thread or chat, in the
// order of their first, and says how many hits each has on all pages.
func (d *Daemon) gather(ctx context.Context, a *search.Answer, req v1.Search, hits []v1.Hit) ([]v1.Hit, error) {
	switch req.Group {
	case "":
		return hits, nil
	case groupThread, groupChat:
	default:
		return nil, &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("hits are not grouped by %q", req.Group), Hint: "thread, chat or copy"}
	}
	listed := a.Hits
	if req.Grouped {
		listed = a.Groups
	}
	groups := make(map[string]*v1.HitGroup)
	order := make(map[string]int)
	for i := range hits {
		row, err := d.catalog.Record(ctx, hits[i].ID)
		if err != nil {
			return nil, err
		}
		key, title, members, err := d.groupOf(ctx, req.Group, row, hits[i])
		if err != nil {
			return nil, err
		}
		g := groups[key]
		if g == nil {
			g = &v1.HitGroup{Key: key, Title: title, Total: 1}
			if members != nil {
				g.Total = int(members.AndCardinality(listed))
			}
			groups[key], order[key] = g, i
		}
		hits[i].Group = g
	}
	slices.SortStableFunc(hits, func(a, b v1.Hit) int { return order[a.Group.Key] - order[b.Group.Key] })
	return hits, nil
}

// groupOf says what a hit stands in, and which messages that has; nil if it
// stands alone.
func (d *Daemon) groupOf(ctx context.Context, by string, row catalog.Row, h v1.Hit) (key, title string, members *roaring64.Bitmap, err error) {
	switch {
	case row.Chat != "":
		members, err = d.catalog.Having(ctx, catalog.PropChat, row.Chat)
		return row.Chat, h.Chat, members, err
	case by == groupThread && h.Kind == record.Email && row.Thread != 0:
		members, err = d.catalog.InThread(ctx, string(row.ID))
		return fmt.Sprintf("thread %d", row.Thread), h.Display, members, err
	}
	return h.MessageID().String(), h.Display, nil, nil
}
