package catalog

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
)

// An Identified is a message that a number once stood for, whether or not its
// record is still there.
type Identified struct {
	No       record.MessageNo
	ID       record.MessageID
	Entry    int64 // journal index of its record's ingestion
	Kind     record.Kind
	Vault    string
	Status   record.TextStatus // empty of what is no more
	Disposed string            // batch; empty: it is there
}

// Identify calls f with every message of set, in the order of their numbers,
// those of records that were disposed of too: a record's numbers are never given
// again. An error from f ends it.
func (c *Catalog) Identify(ctx context.Context, set *roaring64.Bitmap, f func(Identified) error) error {
	stmt, err := c.read.PrepareContext(ctx, `SELECT id, kind, vault, entry, text_status, coalesce(disposed, ''), first, count FROM records
		WHERE first <= ? ORDER BY first DESC LIMIT 1`)
	if err != nil {
		return err
	}
	defer stmt.Close()
	var of Identified
	var first, end uint64
	for it := set.Iterator(); it.HasNext(); {
		no := it.Next()
		if no >= end {
			var count uint64
			err := stmt.QueryRowContext(ctx, int64(no)).Scan(&of.ID.Record, &of.Kind, &of.Vault, &of.Entry, &of.Status, &of.Disposed, &first, &count)
			switch {
			case errors.Is(err, sql.ErrNoRows):
				continue
			case err != nil:
				return err
			}
			end = first + count
		}
		if no < first || no >= end {
			continue
		}
		of.No, of.ID.N = record.MessageNo(no), int(no-first)+1
		if err := f(of); err != nil {
			return err
		}
	}
	return nil
}

// Extent returns how many messages a source's records have, and the first and
// the last day (UTC) of those with a time that can be relied on.
func (c *Catalog) Extent(ctx context.Context, source string) (messages int64, from, until record.Date, err error) {
	of, err := c.Having(ctx, PropSource, source)
	if err != nil {
		return 0, from, until, err
	}
	days, err := c.Values(ctx, PropDay)
	for _, text := range days {
		day, err := c.Having(ctx, PropDay, text)
		if err != nil {
			return 0, from, until, err
		}
		if !day.Intersects(of) {
			continue
		}
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return 0, from, until, err
		}
		until = record.DateOf(at, time.UTC)
		if from.IsZero() {
			from = until
		}
	}
	return int64(of.GetCardinality()), from, until, err
}
