package catalog

import (
	"cmp"
	"container/heap"
	"context"
	"database/sql"
	"slices"
	"sync"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
)

// A timeline has the time of every message in memory, eight octets each, so
// that the newest of any set are found without reading the table. What it has
// never changes; what was captured since is read when it is next asked.
type timeline struct {
	mu   sync.Mutex
	sent []int64 // by message number, milliseconds; undated if there is none
}

// undated is before every time, so that undated messages come last.
const undated = -1 << 63

// Warm reads the times of all messages, which the first page of hits would
// otherwise wait for: about two seconds for a million messages.
func (c *Catalog) Warm(ctx context.Context) error {
	_, err := c.times(ctx)
	return err
}

// times returns the time of every message by its number. The caller must not
// change it.
func (c *Catalog) times(ctx context.Context) ([]int64, error) {
	t := &c.timeline
	t.mu.Lock()
	defer t.mu.Unlock()
	rows, err := c.read.QueryContext(ctx, `SELECT no, sent FROM messages WHERE no >= ? ORDER BY no`, len(t.sent))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	// Numbers are read in order, so what an error leaves behind is whole.
	for rows.Next() {
		var no int64
		var sent sql.NullInt64
		if err := rows.Scan(&no, &sent); err != nil {
			return nil, err
		}
		for int64(len(t.sent)) < no {
			t.sent = append(t.sent, undated)
		}
		if !sent.Valid {
			sent.Int64 = undated
		}
		t.sent = append(t.sent, sent.Int64)
	}
	return t.sent, rows.Err()
}

// A moment is a message and its time.
type moment struct{ sent, no int64 }

// newer orders moments from the newest to the oldest, those of one instant
// from the highest number to the lowest.
func (m moment) newer(o moment) int {
	return cmp.Or(cmp.Compare(o.sent, m.sent), cmp.Compare(o.no, m.no))
}

// newest returns the numbers of the n newest messages of set, in order.
func newest(set *roaring64.Bitmap, times []int64, n int) []record.MessageNo {
	var kept oldestFirst
	for it := set.Iterator(); it.HasNext() && n > 0; {
		m := moment{undated, int64(it.Next())}
		if m.no < int64(len(times)) {
			m.sent = times[m.no]
		}
		switch {
		case len(kept) < n:
			heap.Push(&kept, m)
		case m.newer(kept[0]) < 0:
			kept[0] = m
			heap.Fix(&kept, 0)
		}
	}
	slices.SortFunc(kept, moment.newer)
	numbers := make([]record.MessageNo, len(kept))
	for i, m := range kept {
		numbers[i] = record.MessageNo(m.no)
	}
	return numbers
}

// oldestFirst is a heap of moments whose first is the oldest.
type oldestFirst []moment

func (h oldestFirst) Len() int           { return len(h) }
func (h oldestFirst) Less(i, j int) bool { return h[i].newer(h[j]) > 0 }
func (h oldestFirst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *oldestFirst) Push(m any)        { *h = append(*h, m.(moment)) }
func (h *oldestFirst) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
