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
	"sync/atomic"

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
	joins atomic.Int64 // counts up when what follows of the joins of chats is made anew
	seen  int64        // up to which of them joined is
}

// known is what a timeline knows, by message number. Whoever has it must not
// change it.
type known struct {
	sent []int64  // milliseconds; undated if there is no time
	back []uint32 // how many numbers before it its copy group's first message has; 0 for that message itself

	joined map[uint64]joinedGroup // by the first message of a copy group: the one that it is part of under joins of chats
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
	if joins := t.joins.Load(); joins != t.seen || t.known.joined == nil {
		joined, err := c.joinedGroups(ctx)
		if err != nil {
			return known{}, err
		}
		t.known.joined, t.seen = joined, joins
	}
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
// a copy of no earlier one. Under the joins in force several groups are one.
func (k known) leader(no uint64) uint64 {
	no = k.base(no)
	if len(k.joined) > 0 {
		if g, ok := k.joined[no]; ok {
			return g.leader
		}
	}
	return no
}

// base is leader whatever chats are joined.
func (k known) base(no uint64) uint64 {
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

// older orders moments from the oldest to the newest, undated ones last, those
// of one instant from the lowest number to the highest.
func (m moment) older(o moment) int {
	if (m.sent == undated) != (o.sent == undated) {
		return cmp.Compare(o.sent, m.sent)
	}
	return cmp.Or(cmp.Compare(m.sent, o.sent), cmp.Compare(m.no, o.no))
}

// first returns the numbers of the first n messages of set in an order.
func first(set *roaring64.Bitmap, k known, n int, order func(a, b moment) int) []record.MessageNo {
	kept := lastFirst{order: order}
	for it := set.Iterator(); it.HasNext() && n > 0; {
		m := k.moment(it.Next())
		switch {
		case len(kept.moments) < n:
			heap.Push(&kept, m)
		case order(m, kept.moments[0]) < 0:
			kept.moments[0] = m
			heap.Fix(&kept, 0)
		}
	}
	slices.SortFunc(kept.moments, order)
	numbers := make([]record.MessageNo, len(kept.moments))
	for i, m := range kept.moments {
		numbers[i] = record.MessageNo(m.no)
	}
	return numbers
}

// lastFirst is a heap of moments whose first is the last in order.
type lastFirst struct {
	moments []moment
	order   func(a, b moment) int
}

func (h *lastFirst) Len() int           { return len(h.moments) }
func (h *lastFirst) Less(i, j int) bool { return h.order(h.moments[i], h.moments[j]) > 0 }
func (h *lastFirst) Swap(i, j int)      { h.moments[i], h.moments[j] = h.moments[j], h.moments[i] }
func (h *lastFirst) Push(m any)         { h.moments = append(h.moments, m.(moment)) }
func (h *lastFirst) Pop() any {
	last := h.moments[len(h.moments)-1]
	h.moments = h.moments[:len(h.moments)-1]
	return last
}
