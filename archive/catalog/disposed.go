package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// DisposalEntries returns the entries of one batch of disposal in the journal's
// order, or of all batches if batch is "".
func (c *Catalog) DisposalEntries(ctx context.Context, batch string) ([]Entry, error) {
	return collect(ctx, c.read, func(s scanner) (Entry, error) {
		var e Entry
		var at int64
		err := s.Scan(&e.Index, &e.Type, &at, &e.Actor, &e.Body)
		e.Time = time.UnixMilli(at).UTC()
		return e, err
	}, `SELECT entry, type, time, actor, body FROM disposal_entries WHERE ?1 = '' OR batch = ?1 ORDER BY entry`, batch)
}

// A StubRow is what remains of a record, with the batch that disposed of it.
type StubRow struct {
	record.Stub
	Batch string
	Entry int64 // of the disposal
}

func scanStub(s scanner) (StubRow, error) {
	var r StubRow
	var text string
	if err := s.Scan(&r.Batch, &r.Entry, &text); err != nil {
		return r, err
	}
	return r, json.Unmarshal([]byte(text), &r.Stub)
}

// Stub returns what remains of a record: ErrNotFound if it was not disposed of.
func (c *Catalog) Stub(ctx context.Context, id record.ID) (StubRow, error) {
	r, err := scanStub(c.read.QueryRowContext(ctx, `SELECT batch, entry, stub FROM stubs WHERE record = ?`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return r, ErrNotFound
	}
	return r, err
}

// EachStub calls f with what remains of every record that was disposed of, in
// the order of their ids. An error from f ends it.
func (c *Catalog) EachStub(ctx context.Context, f func(StubRow) error) error {
	rows, err := c.read.QueryContext(ctx, `SELECT batch, entry, stub FROM stubs ORDER BY record`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scanStub(rows)
		if err != nil {
			return err
		}
		if err := f(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// A RetiredRow is a possession that has ended while others of the record
// remain.
type RetiredRow struct {
	record.RetiredHolding
	Batch string
}

// Retired lists the ended possessions of a record.
func (c *Catalog) Retired(ctx context.Context, id record.ID) ([]RetiredRow, error) {
	return collect(ctx, c.read, func(s scanner) (RetiredRow, error) {
		var r RetiredRow
		var text string
		if err := s.Scan(&r.Batch, &text); err != nil {
			return r, err
		}
		return r, json.Unmarshal([]byte(text), &r.RetiredHolding)
	}, `SELECT batch, holding FROM retired WHERE record = ? ORDER BY entry`, string(id))
}

// Mentions lists, in order, the entries that say something of a record besides
// its ingestion: sightings of it, sightings that failed of items that came to
// be it, notices that are about it and about no other record that is kept, and
// the removal of the dropped file that it was.
func (c *Catalog) Mentions(ctx context.Context, id record.ID) ([]int64, error) {
	return collect(ctx, c.read, func(s scanner) (n int64, err error) {
		err = s.Scan(&n)
		return n, err
	}, `SELECT m.entry FROM mentions m WHERE m.record = ?1 AND NOT EXISTS (
			SELECT 1 FROM mentions o JOIN records r ON r.id = o.record
			WHERE o.entry = m.entry AND o.record != ?1 AND r.disposed IS NULL)
		UNION SELECT m.entry FROM items i JOIN mentions m ON m.record = '' AND m.source = i.source
			AND (m.key = i.key OR i.key = m.key || '/export') WHERE i.record = ?1
		ORDER BY 1`, string(id))
}

// ItemsOf lists the items that a record accounts for.
func (c *Catalog) ItemsOf(ctx context.Context, id record.ID) ([]record.StubItem, error) {
	return collect(ctx, c.read, func(s scanner) (it record.StubItem, err error) {
		err = s.Scan(&it.Source, &it.Entry, &it.Outcome, &it.Reason)
		return it, err
	}, `SELECT source, entry, outcome, reason FROM items WHERE record = ? ORDER BY entry`, string(id))
}

// Days returns the first and the last trustworthy time among a record's
// messages; zero where none has one.
func (c *Catalog) Days(ctx context.Context, id record.ID) (from, until time.Time, err error) {
	var a, b sql.NullInt64
	err = c.read.QueryRowContext(ctx, `SELECT min(m.sent), max(m.sent) FROM messages m JOIN records r ON r.seq = m.record
		WHERE r.id = ? AND NOT m.suspect`, string(id)).Scan(&a, &b)
	return fromMillis(a), fromMillis(b), err
}

// ThreadRefs returns the keyed digests by which a record is in its thread, as
// one reference that puts anything with the same digests there too; nil if it
// is in none.
func (c *Catalog) ThreadRefs(ctx context.Context, id record.ID) (*record.ThreadRef, error) {
	mids, err := collect(ctx, c.read, func(s scanner) (mid []byte, err error) {
		err = s.Scan(&mid)
		return mid, err
	}, `SELECT t.mid FROM threads t JOIN records r ON r.thread = t.thread WHERE r.id = ? ORDER BY t.mid`, string(id))
	if err != nil || len(mids) == 0 {
		return nil, err
	}
	return &record.ThreadRef{References: mids}, nil
}

// Scrub makes what was deleted leave the file: the log of former pages is
// written back and cut to nothing. Readers that are at work can keep it from
// being complete; then it is an error, and can be tried again.
func (c *Catalog) Scrub(ctx context.Context) error {
	var busy, pages, done int
	if err := c.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &done); err != nil {
		return err
	}
	if busy != 0 {
		return errors.New("catalog: former pages are still being read")
	}
	return nil
}

// ExportDigest returns the keyed digest of the container that an export record
// was made of; nil for any other record.
func (c *Catalog) ExportDigest(ctx context.Context, id record.ID) (digest []byte, err error) {
	err = c.read.QueryRowContext(ctx, `SELECT digest FROM exports WHERE record = ?`, string(id)).Scan(&digest)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return digest, err
}
