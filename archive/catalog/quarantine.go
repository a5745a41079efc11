package catalog

import (
	"context"
	"database/sql"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
)

// Bitmaps only grow, so that what is in quarantine is what was put there less
// what was released.
var (
	quarantinedKey = bitmapKey{"quarantine", "in"}
	releasedKey    = bitmapKey{"quarantine", "released"}
)

func (f *fold) quarantine(e Entry, in record.Ingestion) error {
	if in.Quarantine == nil {
		return nil
	}
	f.bits.addRange(quarantinedKey.property, quarantinedKey.value, in.First, len(in.Messages))
	return f.exec(`INSERT INTO quarantine (record, entry, at, source, reason, marking, hold) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		string(in.Record), e.Index, e.Time.UnixMilli(), in.Holding.Source, string(in.Quarantine.Reason), in.Quarantine.Marking, in.Quarantine.Hold)
}

// quarantineDecided passes over what concerns a record that was disposed of
// since.
func (f *fold) quarantineDecided(e Entry, q record.QuarantineDecided) error {
	if err := f.mention(e, q.Record, record.Item{}); err != nil {
		return err
	}
	var decision string
	var first, count int64
	found, err := f.one([]any{&decision, &first, &count},
		`SELECT q.decision, r.first, r.count FROM quarantine q JOIN records r ON r.id = q.record WHERE q.record = ?`, string(q.Record))
	switch {
	case err != nil:
		return err
	case !found || record.Decision(decision) == record.Released:
		return nil
	}
	if q.Decision == record.Released {
		f.bits.addRange(releasedKey.property, releasedKey.value, record.MessageNo(first), int(count))
	}
	return f.exec(`UPDATE quarantine SET decision = ?, decided = ?, decider = ?, why = ? WHERE record = ?`,
		string(q.Decision), e.Time.UnixMilli(), e.Actor, q.Reason, string(q.Record))
}

// Quarantined returns the messages of kept records that are in quarantine now.
func (c *Catalog) Quarantined(ctx context.Context) (*roaring64.Bitmap, error) {
	in, err := c.bitmaps.get(ctx, c.read, quarantinedKey)
	if err != nil || in.IsEmpty() {
		return in, err
	}
	released, err := c.bitmaps.get(ctx, c.read, releasedKey)
	if err != nil {
		return nil, err
	}
	live, err := c.Live(ctx)
	if err != nil {
		return nil, err
	}
	return roaring64.And(roaring64.AndNot(in, released), live), nil
}

// Missing returns the messages that the index should hold and does not: those
// that are unindexed and not in quarantine.
func (c *Catalog) Missing(ctx context.Context) (*roaring64.Bitmap, error) {
	unindexed, err := c.Unindexed(ctx)
	if err != nil || unindexed.IsEmpty() {
		return unindexed, err
	}
	quarantined, err := c.Quarantined(ctx)
	if err != nil {
		return nil, err
	}
	return roaring64.AndNot(unindexed, quarantined), nil
}

// A QuarantineRow is a record that is in quarantine, or was.
type QuarantineRow struct {
	record.Quarantine
	Record   record.ID
	At       time.Time
	Source   string
	Decision record.Decision // "" while it awaits one
	Decided  time.Time
	Decider  string
	Why      string
}

// Quarantine lists the kept records that were ever put in quarantine, oldest
// first: those that are in it and await a decision, or all.
func (c *Catalog) Quarantine(ctx context.Context, all bool) ([]QuarantineRow, error) {
	return collect(ctx, c.read, func(s scanner) (QuarantineRow, error) {
		var q QuarantineRow
		var at int64
		var decided sql.NullInt64
		err := s.Scan(&q.Record, &at, &q.Source, &q.Reason, &q.Marking, &q.Hold, &q.Decision, &decided, &q.Decider, &q.Why)
		q.At, q.Decided = time.UnixMilli(at).UTC(), fromMillis(decided)
		return q, err
	}, `SELECT q.record, q.at, q.source, q.reason, q.marking, q.hold, q.decision, q.decided, q.decider, q.why
		FROM quarantine q JOIN records r ON r.id = q.record
		WHERE r.disposed IS NULL AND (?1 OR q.decision = '') ORDER BY q.entry`, all)
}
