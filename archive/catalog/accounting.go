package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// Counts returns the accounting of one source, or of all if source is "".
func (c *Catalog) Counts(ctx context.Context, source string) (record.Counts, error) {
	type row struct {
		outcome record.Outcome
		reason  record.Reason
		n       int64
	}
	rows, err := collect(ctx, c.read, func(s scanner) (r row, err error) {
		err = s.Scan(&r.outcome, &r.reason, &r.n)
		return r, err
	}, `SELECT outcome, reason, sum(n) FROM counts WHERE ?1 = '' OR source = ?1 GROUP BY outcome, reason`, source)
	var counts record.Counts
	for _, r := range rows {
		if r.n != 0 {
			counts.Add(r.outcome, r.reason, r.n)
		}
	}
	return counts, err
}

// An ItemState is what became of one item.
type ItemState struct {
	record.Item
	Outcome record.Outcome
	Reason  record.Reason
	Detail  string
	Record  record.ID
	First   time.Time // when it was first accounted for
	Last    time.Time // when its outcome was last set
	Tries   int
}

const itemColumns = `source, key, outcome, reason, detail, coalesce(record, ''), first, last, tries`

func scanItem(s scanner) (ItemState, error) {
	var it ItemState
	var first, last int64
	err := s.Scan(&it.Source, &it.Key, &it.Outcome, &it.Reason, &it.Detail, &it.Record, &first, &last, &it.Tries)
	it.First, it.Last = time.UnixMilli(first).UTC(), time.UnixMilli(last).UTC()
	return it, err
}

// Item returns the state of an item: ErrNotFound if it was never seen.
func (c *Catalog) Item(ctx context.Context, it record.Item) (ItemState, error) {
	st, err := scanItem(c.read.QueryRowContext(ctx, `SELECT `+itemColumns+` FROM items WHERE source = ? AND key = ?`, it.Source, it.Key))
	if errors.Is(err, sql.ErrNoRows) {
		return ItemState{}, ErrNotFound
	}
	return st, err
}

// Failures lists the items that are not archived, oldest first, of one source
// or of all if source is "".
func (c *Catalog) Failures(ctx context.Context, source string) ([]ItemState, error) {
	return collect(ctx, c.read, scanItem, `SELECT `+itemColumns+` FROM items
		WHERE outcome = 'failed' AND (?1 = '' OR source = ?1) ORDER BY first, source, key`, source)
}

// Cursor returns how far a source has been read and when that was last
// journalled. A source that was never read is at the empty cursor.
func (c *Catalog) Cursor(ctx context.Context, source string) (string, time.Time, error) {
	var cursor string
	var moved int64
	err := c.read.QueryRowContext(ctx, `SELECT cursor, moved FROM sources WHERE source = ?`, source).Scan(&cursor, &moved)
	if errors.Is(err, sql.ErrNoRows) {
		return "", time.Time{}, nil
	}
	return cursor, time.UnixMilli(moved).UTC(), err
}

// A Tally counts what is in the archive.
type Tally struct {
	Records  map[record.Kind]int64
	Messages map[record.Kind]int64
	Chats    int64
	Media    int64 // media files of chat-days
	Sealed   int64 // octets stored
	Payload  int64 // octets kept
}

// Tally counts the kept records.
func (c *Catalog) Tally(ctx context.Context) (Tally, error) {
	t := Tally{Records: map[record.Kind]int64{}, Messages: map[record.Kind]int64{}}
	// Media are counted by the member that each begins its path with: a quotation
	// mark within a JSON string is escaped, so that it is nowhere else, and reading
	// the JSON of every chat-day would take most of the time.
	rows, err := c.read.QueryContext(ctx, `SELECT kind, count(*), sum(count), sum(sealed_size), sum(size),
			sum(CASE kind WHEN 'chat-day' THEN (length(components) - length(replace(components, '"path":"data/media/', ''))) / length('"path":"data/media/') ELSE 0 END)
		FROM records WHERE disposed IS NULL GROUP BY kind`)
	if err != nil {
		return t, err
	}
	defer rows.Close()
	for rows.Next() {
		var kind record.Kind
		var n, messages, sealed, size, media int64
		if err := rows.Scan(&kind, &n, &messages, &sealed, &size, &media); err != nil {
			return t, err
		}
		t.Records[kind], t.Messages[kind] = n, messages
		t.Sealed, t.Payload, t.Media = t.Sealed+sealed, t.Payload+size, t.Media+media
	}
	if err := rows.Err(); err != nil {
		return t, err
	}
	return t, c.read.QueryRowContext(ctx, `SELECT count(*) FROM chats`).Scan(&t.Chats)
}

// A NoticeRow is a notice with the journal index of its entry.
type NoticeRow struct {
	Entry int64
	record.Notice
}

// Notices lists notices, newest first.
func (c *Catalog) Notices(ctx context.Context, limit int) ([]NoticeRow, error) {
	return c.notices(ctx, `WHERE live ORDER BY entry DESC LIMIT ?`, limit)
}

// ChatNotices lists the notices about one chat, oldest first. What comparing it
// with another chat has found is among them while the two are joined.
func (c *Catalog) ChatNotices(ctx context.Context, chat string) ([]NoticeRow, error) {
	return c.notices(ctx, `WHERE chat = ? AND live ORDER BY entry`, chat)
}

// ChatNoticesEver lists every notice that there was about one chat, whether or
// not it is in force.
func (c *Catalog) ChatNoticesEver(ctx context.Context, chat string) ([]NoticeRow, error) {
	return c.notices(ctx, `WHERE chat = ? ORDER BY entry`, chat)
}

func (c *Catalog) notices(ctx context.Context, which string, args ...any) ([]NoticeRow, error) {
	return collect(ctx, c.read, func(s scanner) (NoticeRow, error) {
		var n NoticeRow
		var at, before sql.NullInt64
		var finding string
		if err := s.Scan(&n.Entry, &n.Source, &n.Chat, &n.Kind, &n.Text, &at, &before, &n.Record, &finding, &n.Joined); err != nil {
			return n, err
		}
		n.At, n.Before = fromMillis(at), fromMillis(before)
		return n, json.Unmarshal([]byte(finding), &n.Finding)
	}, `SELECT entry, source, chat, kind, text, at, before, record, finding, joined FROM notices `+which, args...)
}
