package catalog

import (
	"cmp"
	"container/heap"
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
)

// A timeline has the time and the copy group of every message in memory,
// twelve octets each, so that the newest of any set are found, and copies told
// from messages, without reading the table. What it has never changes; what was
// captured since is read when it is next asked.
type timeline struct {
	mu sync.Mutex
	known
}

// known is what a timeline knows, by message number. Whoever has it must not
// change it.
type known struct {
	sent []int64  // milliseconds; undated if there is no time
	back []uint32 // how many numbers before it its copy group's first message has; 0 for that message itself
}

// undated is before every time, so that undated messages come last.
const undated = -1 << 63

// Warm reads the times and copy groups of all messages, which the first search
// would otherwise wait for: about two seconds for a million messages.
func (c *Catalog) Warm(ctx context.Context) error {
	_, err := c.known(ctx)
	return err
}

// known returns what is known of every message.
func (c *Catalog) known(ctx context.Context) (known, error) {
	t := &c.timeline
	t.mu.Lock()
	defer t.mu.Unlock()
	rows, err := c.read.QueryContext(ctx, `SELECT no, sent, coalesce(leader, no) FROM messages WHERE no >= ? ORDER BY no`, len(t.sent))
	if err != nil {
		return known{}, err
	}
	defer rows.Close()
	// Numbers are read in order, so what an error leaves behind is whole.
	for rows.Next() {
		var no, leader int64
		var sent sql.NullInt64
		if err := rows.Scan(&no, &sent, &leader); err != nil {
			return known{}, err
		}
		if no-leader > math.MaxUint32 {
			return known{}, fmt.Errorf("catalog: messages %d and %d are copies too far apart", leader, no)
		}
		for int64(len(t.sent)) < no {
			t.sent, t.back = append(t.sent, undated), append(t.back, 0)
		}
		if !sent.Valid {
			sent.Int64 = undated
		}
		t.sent, t.back = append(t.sent, sent.Int64), append(t.back, uint32(no-leader))
	}
	return t.known, rows.Err()
}

// moment returns a message with its time.
func (k known) moment(no uint64) moment {
	m := moment{undated, int64(no)}
	if no < uint64(len(k.sent)) {
		m.sent = k.sent[no]
	}
	return m
}

// leader returns the first message of a message's copy group, itself if it is
// a copy of no earlier one.
func (k known) leader(no uint64) uint64 {
	if no < uint64(len(k.back)) {
		return no - uint64(k.back[no])
	}
	return no
}

// A moment is a message and its time.
type moment struct{ sent, no int64 }

// newer orders moments from the newest to the oldest, those of one instant
// from the highest number to the lowest.
func (m moment) newer(o moment) int {
	return cmp.Or(cmp.Compare(o.sent, m.sent), cmp.Compare(o.no, m.no))
}

// newest returns the numbers of the n newest messages of set, in order.
func newest(set *roaring64.Bitmap, k known, n int) []record.MessageNo {
	var kept oldestFirst
	for it := set.Iterator(); it.HasNext() && n > 0; {
		m := k.moment(it.Next())
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
