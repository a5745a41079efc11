package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A Row is what the catalog knows of one record.
type Row struct {
	ID         record.ID
	Kind       record.Kind
	Vault      string
	Epoch      string
	Sealed     record.Digest
	SealedSize int64
	Size       int64 // octets of payload
	Entry      int64 // journal index of its ingestion
	Captured   time.Time
	Display    string
	First      record.MessageNo
	Count      int
	TextStatus record.TextStatus
	Components []record.Component
	Thread     int64 // 0: none
	Chat       string
	ChatDate   string
	Relation   string
	RelationOf record.ID
	Covering   record.ID
	Disposed   string // certificate of its disposal, "" while it is kept
}

const rowColumns = `id, kind, vault, epoch, sealed, sealed_size, size, entry, captured, display, first, count,
	text_status, components, coalesce(thread, 0), coalesce(chat, ''), coalesce(chat_date, ''),
	coalesce(relation, ''), coalesce(relation_of, ''), coalesce(covering, ''), coalesce(disposed, '')`

type scanner interface{ Scan(dest ...any) error }

func scanRow(s scanner) (Row, error) {
	var r Row
	var sealed []byte
	var captured, first int64
	var components string
	err := s.Scan(&r.ID, &r.Kind, &r.Vault, &r.Epoch, &sealed, &r.SealedSize, &r.Size, &r.Entry, &captured, &r.Display,
		&first, &r.Count, &r.TextStatus, &components, &r.Thread, &r.Chat, &r.ChatDate,
		&r.Relation, &r.RelationOf, &r.Covering, &r.Disposed)
	if err != nil {
		return Row{}, err
	}
	copy(r.Sealed[:], sealed)
	r.Captured, r.First = time.UnixMilli(captured).UTC(), record.MessageNo(first)
	return r, json.Unmarshal([]byte(components), &r.Components)
}

// Record returns the record with this id. It returns ErrNotFound if there is
// none.
func (c *Catalog) Record(ctx context.Context, id record.ID) (Row, error) {
	r, err := scanRow(c.recordByID.QueryRowContext(ctx, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return Row{}, ErrNotFound
	}
	return r, err
}

// An AmbiguousError is returned for a prefix that several ids share.
type AmbiguousError struct {
	Prefix string
	IDs    []record.ID // the first few
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%q begins several record ids, among them %s and %s", e.Prefix, e.IDs[0], e.IDs[1])
}

// Find returns the one record whose id begins with prefix: ErrNotFound if
// there is none, an *AmbiguousError if there are several.
func (c *Catalog) Find(ctx context.Context, prefix string) (Row, error) {
	prefix = strings.ToLower(prefix)
	if !record.IsPrefix(prefix) {
		return Row{}, ErrNotFound
	}
	rows, err := c.rows(ctx, `SELECT `+rowColumns+` FROM records WHERE id >= ? AND id < ? || '~' ORDER BY id LIMIT 2`, prefix, prefix)
	switch {
	case err != nil:
		return Row{}, err
	case len(rows) == 0:
		return Row{}, ErrNotFound
	case len(rows) > 1:
		return Row{}, &AmbiguousError{prefix, []record.ID{rows[0].ID, rows[1].ID}}
	}
	return rows[0], nil
}

func (c *Catalog) rows(ctx context.Context, query string, args ...any) ([]Row, error) {
	return collect(ctx, c.read, func(s scanner) (Row, error) { return scanRow(s) }, query, args...)
}

// collect runs a query and scans all its rows.
func collect[T any](ctx context.Context, q querier, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// A HeldBy is one holding of a record, with the facts that decide its class.
type HeldBy struct {
	record.Holding
	Facts record.Facts
	Entry int64
	Given
}

// Holdings returns the holdings of a record, oldest first. Their facts hold
// what changes too: LastActivity is that of the record's thread or chat, Closed
// and Events are what happened to the record and whatever it belongs to.
func (c *Catalog) Holdings(ctx context.Context, id record.ID) ([]HeldBy, error) {
	row, err := c.Record(ctx, id)
	if err != nil {
		return nil, err
	}
	last, err := c.lastActivity(ctx, row)
	if err != nil {
		return nil, err
	}
	happened, err := happenings(ctx, c.read)
	if err != nil {
		return nil, err
	}
	return collect(ctx, c.read, func(s scanner) (HeldBy, error) {
		h, err := scanHolding(s)
		h.Facts.LastActivity = last
		happened.tell(&h, row.ID, row.Thread, row.Chat)
		return h, err
	}, `SELECT `+holdingColumns+` FROM holdings h JOIN records r ON r.seq = h.record WHERE r.id = ? ORDER BY h.seq`, string(id))
}

const holdingColumns = `h.source, h.custodian, h.channel, h.folder, h.aggregation, h.class, h.rule, h.since, h.facts, h.entry,
	h.significance, h.manual, h.was, r.reviews, coalesce(r.review, '')`

func scanHolding(s scanner, more ...any) (HeldBy, error) {
	var h HeldBy
	var since int64
	var facts []byte
	var significance, was, review string
	var manual sql.NullString
	dest := []any{&h.Source, &h.Custodian, &h.Channel, &h.Folder, &h.Aggregation, &h.Class, &h.Rule, &since, &facts, &h.Entry,
		&significance, &manual, &was, &h.Reviews, &review}
	err := s.Scan(append(dest, more...)...)
	if err != nil {
		return HeldBy{}, err
	}
	h.Since = time.UnixMilli(since).UTC()
	h.Manual, h.Reason = manual.Valid, manual.String
	if h.Facts, err = unpackFacts(facts, &h.Holding); err != nil {
		return h, err
	}
	if was != "[]" {
		if err := json.Unmarshal([]byte(was), &h.Was); err != nil {
			return h, err
		}
	}
	if significance != "" {
		h.Facts.Significance = significance
	}
	if review == "" {
		return h, nil
	}
	h.Review = new(LastReview)
	return h, json.Unmarshal([]byte(review), h.Review)
}

// lastActivity is the newest trustworthy message time in the record's thread
// or chat; zero where nothing in it has one.
func (c *Catalog) lastActivity(ctx context.Context, r Row) (_ time.Time, err error) {
	var ms sql.NullInt64
	const newest = `SELECT max(m.sent) FROM records o JOIN messages m ON m.record = o.seq AND NOT m.suspect WHERE `
	switch {
	case r.Chat != "":
		err = c.read.QueryRowContext(ctx, newest+`o.chat = ?`, r.Chat).Scan(&ms)
	case r.Thread != 0:
		err = c.read.QueryRowContext(ctx, newest+`o.thread = ?`, r.Thread).Scan(&ms)
	}
	return fromMillis(ms), err
}

// A Governed is a record with one of its holdings, as a walk over all gives it.
type Governed struct {
	Record     record.ID
	Kind       record.Kind
	First      record.MessageNo
	Count      int
	Display    string
	TextStatus record.TextStatus
	Thread     int64  // 0: none
	Chat       string // "": none
	Epoch      string // of its vault, that it is sealed to
	Captured   time.Time
	Lock       Locked
	HeldBy
}

// EachHolding calls f with every holding of every kept record, records in the
// order of capture and a record's holdings together. An error from f ends it.
func (c *Catalog) EachHolding(ctx context.Context, f func(Governed) error) error {
	threads, err := lastActivities[int64](ctx, c.read, `thread`)
	if err != nil {
		return err
	}
	chats, err := lastActivities[string](ctx, c.read, `chat`)
	if err != nil {
		return err
	}
	happened, err := happenings(ctx, c.read)
	if err != nil {
		return err
	}
	rows, err := c.read.QueryContext(ctx, `SELECT `+holdingColumns+`, r.id, r.kind, r.first, r.count, r.display, r.text_status,
			coalesce(r.thread, 0), coalesce(r.chat, ''), r.epoch, r.captured, `+lockColumns+`
		FROM holdings h JOIN records r ON r.seq = h.record LEFT JOIN locks l ON l.record = r.seq WHERE r.disposed IS NULL ORDER BY r.seq, h.seq`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var g Governed
		var first, captured int64
		var l lockScan
		if g.HeldBy, err = scanHolding(rows, append([]any{&g.Record, &g.Kind, &first, &g.Count, &g.Display, &g.TextStatus, &g.Thread, &g.Chat, &g.Epoch, &captured}, l.dest()...)...); err != nil {
			return err
		}
		g.Captured, g.Lock = time.UnixMilli(captured).UTC(), l.locked()
		g.First, g.Facts.LastActivity = record.MessageNo(first), threads[g.Thread]
		if g.Chat != "" {
			g.Facts.LastActivity = chats[g.Chat]
		}
		happened.tell(&g.HeldBy, g.Record, g.Thread, g.Chat)
		if err := f(g); err != nil {
			return err
		}
	}
	return rows.Err()
}

// lastActivities returns the newest trustworthy message time of every thread
// or chat.
func lastActivities[K comparable](ctx context.Context, q querier, column string) (map[K]time.Time, error) {
	rows, err := q.QueryContext(ctx, `SELECT r.`+column+`, max(m.sent) FROM records r
		JOIN messages m ON m.record = r.seq AND NOT m.suspect WHERE r.`+column+` IS NOT NULL GROUP BY 1`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	last := make(map[K]time.Time)
	for rows.Next() {
		var k K
		var ms sql.NullInt64
		if err := rows.Scan(&k, &ms); err != nil {
			return nil, err
		}
		last[k] = fromMillis(ms)
	}
	return last, rows.Err()
}

// EachRecord calls f with every kept record in the order of capture. An error
// from f ends it.
func (c *Catalog) EachRecord(ctx context.Context, f func(Row) error) error {
	rows, err := c.read.QueryContext(ctx, `SELECT `+rowColumns+` FROM records WHERE disposed IS NULL ORDER BY seq`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := scanRow(rows)
		if err != nil {
			return err
		}
		if err := f(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Thread lists the kept records of a thread in the order of capture.
func (c *Catalog) Thread(ctx context.Context, thread int64) ([]record.ID, error) {
	return collect(ctx, c.read, func(s scanner) (id record.ID, err error) {
		err = s.Scan(&id)
		return id, err
	}, `SELECT id FROM records WHERE thread = ? AND disposed IS NULL ORDER BY seq`, thread)
}
