package catalog

import (
	"context"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
)

// insertMessage finds the message's copy group as it inserts: the first message
// with the same copy digest leads it, also when that one's own row is gone.
const insertMessage = `INSERT INTO messages (no, record, sent, suspect, sender, copy, leader)
	VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT coalesce(min(leader), min(no)) FROM messages WHERE copy = ?6))`

// Group returns one message of each copy group that has any in set: of those in
// set, the one that was captured first. So its cardinality is the number of
// messages in set as a reader counts them, each once however many copies of it
// are kept; it is exact.
func (c *Catalog) Group(ctx context.Context, set *roaring64.Bitmap) (*roaring64.Bitmap, error) {
	k, err := c.known(ctx)
	if err != nil {
		return nil, err
	}
	return k.group(set), nil
}

// group reads the set in the order of numbers, with a bit for every leader: in
// some hundredths of a second for a million.
func (k known) group(set *roaring64.Bitmap) *roaring64.Bitmap {
	groups := roaring64.New()
	if set.IsEmpty() {
		return groups
	}
	met := make([]uint64, set.Maximum()/64+1) // a leader's number is never higher than its copies'
	buffer := make([]uint64, 4096)
	for it := set.ManyIterator(); ; {
		n := it.NextMany(buffer)
		if n == 0 {
			return groups
		}
		first := buffer[:0]
		for _, no := range buffer[:n] {
			lead := k.leader(no)
			if bit := uint64(1) << (lead % 64); met[lead/64]&bit == 0 {
				met[lead/64] |= bit
				first = append(first, no)
			}
		}
		groups.AddMany(first)
	}
}

// CopiesOf returns the messages of the copy groups of the record whose id begins
// so: of all its messages, or of message n alone if n is not 0. It is empty if
// there is no such record.
func (c *Catalog) CopiesOf(ctx context.Context, prefix string, n int) (*roaring64.Bitmap, error) {
	named, err := c.WithID(ctx, prefix)
	if err != nil {
		return nil, err
	}
	if n > 0 {
		one := roaring64.New()
		if no, err := named.Select(uint64(n - 1)); err == nil {
			one.Add(no)
		}
		named = one
	}
	all := named.Clone()
	for it := named.Iterator(); it.HasNext(); {
		if err := c.numbers(ctx, all, `SELECT no FROM messages WHERE copy = (SELECT copy FROM messages WHERE no = ?)`, int64(it.Next())); err != nil {
			return nil, err
		}
	}
	return all, c.withJoined(ctx, all)
}

// A Transfer is the way of one message into one custodian's holding.
type Transfer struct {
	Custodian string
	Channel   record.Channel
	Sent      time.Time // zero if undated, or if the date cannot be relied on
	Captured  time.Time // when this custodian's possession was captured
}

// EachTransfer calls f for every message that was captured of each custodian
// and channel in [from, until), in the order of capture; a zero bound is open.
// A message counts at its first capture only, however many copies of it
// successive exports or several folders have brought since. Lines that an app
// wrote itself are no messages, and what was disposed of is not known any more.
func (c *Catalog) EachTransfer(ctx context.Context, from, until time.Time, f func(Transfer)) error {
	k, err := c.known(ctx)
	if err != nil {
		return err
	}
	undated, err := c.Undated(ctx)
	if err != nil {
		return err
	}
	events, err := c.Match(ctx, PropIs, string(record.FlagEvent))
	if err != nil {
		return err
	}
	rows, err := c.read.QueryContext(ctx, `SELECT h.custodian, h.channel, h.since, r.first, r.count
		FROM holdings h JOIN records r ON r.seq = h.record WHERE r.disposed IS NULL AND r.count > 0 ORDER BY h.seq`)
	if err != nil {
		return err
	}
	defer rows.Close()
	seen := make(map[[2]string]*roaring64.Bitmap)
	for rows.Next() {
		var t Transfer
		var since int64
		var first, count uint64
		if err := rows.Scan(&t.Custodian, &t.Channel, &since, &first, &count); err != nil {
			return err
		}
		key := [2]string{t.Custodian, string(t.Channel)}
		if seen[key] == nil {
			seen[key] = roaring64.New()
		}
		t.Captured = time.UnixMilli(since).UTC()
		within := !t.Captured.Before(from) && (until.IsZero() || t.Captured.Before(until))
		for no := first; no < first+count; no++ {
			if events.Contains(no) || !seen[key].CheckedAdd(k.leader(no)) || !within {
				continue
			}
			if t.Sent = (time.Time{}); !undated.Contains(no) {
				t.Sent = time.UnixMilli(k.moment(no).sent).UTC()
			}
			f(t)
		}
	}
	return rows.Err()
}
