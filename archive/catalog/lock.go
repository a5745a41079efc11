package catalog

import (
	"context"
	"database/sql"
	"errors"

	"github.com/closeroll/closeroll/archive/record"
)

// A Locked is what the storage was told to do about a record's object, as the
// journal has it.
type Locked struct {
	record.StorageLock      // Legal: it is under legal hold because of us, or about to be
	Settled            bool // Legal is known to be so; otherwise it was begun, and perhaps not done
}

func (f *fold) locked(seq int64, l *record.StorageLock) error {
	if l == nil {
		return nil
	}
	return f.exec(`INSERT INTO locks (record, mode, until, legal, settled) VALUES (?, ?, ?, ?, 1)`, seq, l.Mode, millis(l.Until), l.Legal)
}

func (f *fold) legalHeld(_ Entry, h record.LegalHeld) error {
	for _, id := range h.Records {
		if err := f.exec(`INSERT INTO locks (record, mode, legal, settled) SELECT seq, '', ?1, ?2 FROM records WHERE id = ?3 AND disposed IS NULL
			ON CONFLICT (record) DO UPDATE SET legal = ?1, settled = ?2`, h.On, h.Done, string(id)); err != nil {
			return err
		}
	}
	return nil
}

func (f *fold) retained(_ Entry, r record.Retained) error {
	for _, it := range r.Items {
		if err := f.exec(`INSERT INTO locks (record, mode, until, legal, settled) SELECT seq, ?1, ?2, 0, 1 FROM records WHERE id = ?3 AND disposed IS NULL
			ON CONFLICT (record) DO UPDATE SET mode = ?1, until = ?2`, it.Mode, millis(it.Until), string(it.Record)); err != nil {
			return err
		}
	}
	return nil
}

// Locks reports whether the storage was told anything about any record that is
// kept.
func (c *Catalog) Locks(ctx context.Context) (bool, error) {
	var n int
	err := c.read.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM locks LIMIT 1)`).Scan(&n)
	return n > 0, err
}

// lockScan takes the columns of a lock that may not be there.
type lockScan struct {
	mode           string
	until          sql.NullInt64
	legal, settled bool
}

const lockColumns = `coalesce(l.mode, ''), l.until, coalesce(l.legal, 0), coalesce(l.settled, 1)`

func (s *lockScan) dest() []any { return []any{&s.mode, &s.until, &s.legal, &s.settled} }

func (s *lockScan) locked() Locked {
	return Locked{record.StorageLock{Mode: s.mode, Until: fromMillis(s.until), Legal: s.legal}, s.settled}
}

// Lock returns what the storage was told of a record; nothing where it was told
// nothing.
func (c *Catalog) Lock(ctx context.Context, id record.ID) (Locked, error) {
	var l lockScan
	err := c.read.QueryRowContext(ctx, `SELECT `+lockColumns+` FROM records r LEFT JOIN locks l ON l.record = r.seq WHERE r.id = ?`, string(id)).Scan(l.dest()...)
	if errors.Is(err, sql.ErrNoRows) {
		return Locked{Settled: true}, nil
	}
	return l.locked(), err
}
