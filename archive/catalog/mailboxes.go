package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// Where the octets that a mailbox gave are in a record: the server's journal
// report beside the message that came in it, else the message.
const (
	reportPath  = "data/journal-report.eml"
	messagePath = "data/message.eml"
)

// An AccountedItem is an item's key and outcome, with the digest of the octets
// that its source gave where a record has them.
type AccountedItem struct {
	Key     string
	Outcome record.Outcome
	Digest  record.Digest
}

const accountedColumns = `SELECT i.key, i.outcome, coalesce(r.components, '') FROM items i LEFT JOIN records r ON r.id = i.record WHERE i.source = ? AND i.key `

func scanAccounted(s scanner) (a AccountedItem, err error) {
	var components string
	if err := s.Scan(&a.Key, &a.Outcome, &components); err != nil || components == "" {
		return a, err
	}
	var list []record.Component
	if err := json.Unmarshal([]byte(components), &list); err != nil {
		return a, err
	}
	for _, path := range []string{messagePath, reportPath} {
		if i := slices.IndexFunc(list, func(c record.Component) bool { return c.Path == path }); i >= 0 {
			a.Digest = list[i].Digest
		}
	}
	return a, nil
}

// AccountedItem returns one item of a source; ErrNotFound if it was never seen.
func (c *Catalog) AccountedItem(ctx context.Context, it record.Item) (AccountedItem, error) {
	a, err := scanAccounted(c.read.QueryRowContext(ctx, accountedColumns+`= ?`, it.Source, it.Key))
	if errors.Is(err, sql.ErrNoRows) {
		return a, ErrNotFound
	}
	return a, err
}

// AccountedItems yields a source's items whose keys begin with prefix and a
// slash, in the order of the keys. It keeps a connection to the catalog until it
// ends.
func (c *Catalog) AccountedItems(ctx context.Context, source, prefix string) iter.Seq2[AccountedItem, error] {
	return func(yield func(AccountedItem, error) bool) {
		// "0" follows "/" in the order of keys, which is that of octets.
		rows, err := c.read.QueryContext(ctx, accountedColumns+`>= ? AND i.key < ? ORDER BY i.key`, source, prefix+"/", prefix+"0")
		if err != nil {
			yield(AccountedItem{}, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			if a, err := scanAccounted(rows); !yield(a, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(AccountedItem{}, err)
		}
	}
}

// A FolderDay counts what one folder numbered on one UTC day.
type FolderDay struct {
	Folder string `json:"folder"`
	Day    string `json:"day"` // 2006-01-02
	Issued int64  `json:"issued"`
	Seen   int64  `json:"seen"`
}

// CameAndWent is how many messages nobody could read.
func (d FolderDay) CameAndWent() int64 { return d.Issued - d.Seen }

// Gaps lists what a source's folders numbered, by day, from the day given on
// (2006-01-02; "" for all), oldest first.
func (c *Catalog) Gaps(ctx context.Context, source, from string) ([]FolderDay, error) {
	return collect(ctx, c.read, func(s scanner) (d FolderDay, err error) {
		err = s.Scan(&d.Folder, &d.Day, &d.Issued, &d.Seen)
		return d, err
	}, `SELECT folder, day, issued, seen FROM gaps WHERE source = ? AND day >= ? ORDER BY day, folder`, source, from)
}

// CameAndWent is how many messages of a source came and went in all.
func (c *Catalog) CameAndWent(ctx context.Context, source string) (n int64, err error) {
	err = c.read.QueryRowContext(ctx, `SELECT coalesce(sum(issued - seen), 0) FROM gaps WHERE source = ?`, source).Scan(&n)
	return n, err
}

// Reconciliation returns the last reconciliation of a source, and whether there
// was one.
func (c *Catalog) Reconciliation(ctx context.Context, source string) (r record.Reconciliation, ok bool, err error) {
	var body string
	err = c.read.QueryRowContext(ctx, `SELECT body FROM reconciliations WHERE source = ?`, source).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	if err != nil {
		return r, false, err
	}
	return r, true, json.Unmarshal([]byte(body), &r)
}

// An Hour is one hour in which a source brought new items.
type Hour struct {
	Began time.Time // UTC
	Items int64
}

// Activity lists the hours since a time in which items of a source became
// records, oldest first.
func (c *Catalog) Activity(ctx context.Context, source string, since time.Time) ([]Hour, error) {
	return collect(ctx, c.read, func(s scanner) (h Hour, err error) {
		var hour int64
		err = s.Scan(&hour, &h.Items)
		h.Began = time.Unix(hour*3600, 0).UTC()
		return h, err
	}, `SELECT hour, n FROM activity WHERE source = ? AND hour >= ? ORDER BY hour`, source, since.Unix()/3600)
}

func (f *fold) gap(_ Entry, g record.Gap) error {
	return f.exec(`INSERT INTO gaps (source, folder, day, issued, seen) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (source, folder, day) DO UPDATE SET issued = issued + excluded.issued, seen = seen + excluded.seen`,
		g.Source, g.Folder, g.At.UTC().Format(time.DateOnly), g.Issued, g.Seen)
}

func (f *fold) reconciliation(_ Entry, r record.Reconciliation) error {
	body, err := jsonText(r)
	if err != nil {
		return err
	}
	return f.exec(`INSERT INTO reconciliations (source, body) VALUES (?, ?) ON CONFLICT (source) DO UPDATE SET body = excluded.body`, r.Source, body)
}

// active notes that an item became a record in this hour.
func (f *fold) active(e Entry, source string) error {
	return f.exec(`INSERT INTO activity (source, hour, n) VALUES (?, ?, 1) ON CONFLICT (source, hour) DO UPDATE SET n = n + 1`,
		source, e.Time.Unix()/3600)
}

// leftOutByFolder reports whether an item was left out only because its folder
// was: the configuration may since take the folder in.
func leftOutByFolder(outcome, reason string) bool {
	return outcome == string(record.Excluded) && reason == string(record.ReasonFolder)
}

// LastActive returns the beginning of the last hour in which an item of a
// source became a record; zero if none ever did.
func (c *Catalog) LastActive(ctx context.Context, source string) (time.Time, error) {
	var hour sql.NullInt64
	err := c.read.QueryRowContext(ctx, `SELECT max(hour) FROM activity WHERE source = ?`, source).Scan(&hour)
	if err != nil || !hour.Valid {
		return time.Time{}, err
	}
	return time.Unix(hour.Int64*3600, 0).UTC(), nil
}

// OldestFailure returns when the item of a source was first seen that has
// failed for this reason for longest; zero if there is none.
func (c *Catalog) OldestFailure(ctx context.Context, source string, reason record.Reason) (time.Time, error) {
	var first sql.NullInt64
	err := c.read.QueryRowContext(ctx, `SELECT min(first) FROM items WHERE source = ? AND reason = ? AND outcome = 'failed'`, source, string(reason)).Scan(&first)
	return fromMillis(first), err
}
