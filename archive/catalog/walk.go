package catalog

import (
	"context"
	"database/sql"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
)

// A Walked is a message with what groups it with others.
type Walked struct {
	MessageRow
	Copy       []byte // equal for messages that are the same to a reader; nil: it stands alone
	Captured   time.Time
	Thread     int64  // 0: none
	ChatID     string // of its chat
	ChatDate   string
	First      record.MessageNo // of its record
	Count      int              // messages of its record
	TextStatus record.TextStatus
	Disposed   string // certificate: only a stub is left
}

const walkColumns = `m.no, r.id, m.no - r.first + 1, r.kind, m.sent, m.suspect, m.sender, r.display, r.vault, coalesce(c.title, ''),
	m.copy, r.captured, coalesce(r.thread, 0), coalesce(r.chat, ''), coalesce(r.chat_date, ''), r.first, r.count, r.text_status, coalesce(r.disposed, '')
	FROM messages m JOIN records r ON r.seq = m.record LEFT JOIN chats c ON c.chat = r.chat`

// Walk calls f with every message of set, in the order of their numbers. An
// error from f ends it. Messages of records that were disposed of are among
// them, as far as the catalog still has them.
func (c *Catalog) Walk(ctx context.Context, set *roaring64.Bitmap, f func(Walked) error) error {
	stmt, err := c.read.PrepareContext(ctx, `SELECT `+walkColumns+` WHERE m.no BETWEEN ? AND ? ORDER BY m.no`)
	if err != nil {
		return err
	}
	defer stmt.Close()
	k, err := c.known(ctx)
	if err != nil {
		return err
	}
	as := func(w Walked) error {
		w.Copy = k.groupOf(uint64(w.No), w.Copy)
		return f(w)
	}
	for it := set.Iterator(); it.HasNext(); {
		from := it.Next()
		to := from
		for it.HasNext() && it.PeekNext() == to+1 {
			to = it.Next()
		}
		if err := walkRun(ctx, stmt, from, to, as); err != nil {
			return err
		}
	}
	return nil
}

func walkRun(ctx context.Context, stmt *sql.Stmt, from, to uint64, f func(Walked) error) error {
	rows, err := stmt.QueryContext(ctx, int64(from), int64(to))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var w Walked
		var no, captured, first int64
		var sent sql.NullInt64
		if err := rows.Scan(&no, &w.ID.Record, &w.ID.N, &w.Kind, &sent, &w.Suspect, &w.Sender, &w.Display, &w.Vault, &w.Chat,
			&w.Copy, &captured, &w.Thread, &w.ChatID, &w.ChatDate, &first, &w.Count, &w.TextStatus, &w.Disposed); err != nil {
			return err
		}
		w.No, w.Sent, w.Captured, w.First = record.MessageNo(no), fromMillis(sent), time.UnixMilli(captured).UTC(), record.MessageNo(first)
		if err := f(w); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Possessions returns who holds a record, oldest first, without the facts that
// decide about it.
func (c *Catalog) Possessions(ctx context.Context, id record.ID) ([]record.Holding, error) {
	return collect(ctx, c.read, func(s scanner) (record.Holding, error) {
		var h record.Holding
		var since int64
		err := s.Scan(&h.Source, &h.Custodian, &h.Channel, &h.Folder, &h.Aggregation, &h.Class, &h.Rule, &since)
		h.Since = time.UnixMilli(since).UTC()
		return h, err
	}, `SELECT h.source, h.custodian, h.channel, h.folder, h.aggregation, h.class, h.rule, h.since
		FROM holdings h JOIN records r ON r.seq = h.record WHERE r.id = ? ORDER BY h.seq`, string(id))
}

// Copies returns the messages that are the same to a reader: of one copy group.
func (c *Catalog) Copies(ctx context.Context, group []byte) (*roaring64.Bitmap, error) {
	b := roaring64.New()
	if err := c.numbers(ctx, b, `SELECT m.no FROM messages m JOIN records r ON r.seq = m.record WHERE m.copy = ? AND r.disposed IS NULL`, group); err != nil {
		return nil, err
	}
	return b, c.withJoined(ctx, b)
}
