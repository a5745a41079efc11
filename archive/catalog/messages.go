package catalog

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
)

// A MessageRow is one message as a list of hits shows it.
type MessageRow struct {
	No      record.MessageNo
	ID      record.MessageID
	Kind    record.Kind
	Sent    time.Time
	Suspect bool
	Sender  string
	Display string // its record's
	Vault   string
	Chat    string // the chat's title
}

const messageColumns = `m.no, r.id, m.no - r.first + 1, r.kind, m.sent, m.suspect, m.sender, r.display, r.vault, coalesce(c.title, '')
	FROM messages m JOIN records r ON r.seq = m.record LEFT JOIN chats c ON c.chat = r.chat`

func scanMessage(s scanner) (MessageRow, error) {
	var m MessageRow
	var no int64
	var sent sql.NullInt64
	err := s.Scan(&no, &m.ID.Record, &m.ID.N, &m.Kind, &sent, &m.Suspect, &m.Sender, &m.Display, &m.Vault, &m.Chat)
	m.No, m.Sent = record.MessageNo(no), fromMillis(sent)
	return m, err
}

// few is how many messages are fetched one by one and sorted, rather than
// picked from a walk over all in order.
const few = 5000

// Page returns messages of set from the newest to the oldest, undated ones
// last, those of one instant by their numbers: the same set always gives the
// same order. It passes over offset of them and returns limit at most.
func (c *Catalog) Page(ctx context.Context, set *roaring64.Bitmap, offset, limit int) ([]MessageRow, error) {
	if set.GetCardinality() > few {
		return c.walkPage(ctx, set, offset, limit)
	}
	all := make([]MessageRow, 0, set.GetCardinality())
	it := set.Iterator()
	for it.HasNext() {
		m, err := c.Message(ctx, record.MessageNo(it.Next()))
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b MessageRow) int {
		return cmp.Or(b.Sent.Compare(a.Sent), cmp.Compare(b.No, a.No))
	})
	all = all[min(offset, len(all)):]
	return all[:min(limit, len(all))], nil
}

func (c *Catalog) walkPage(ctx context.Context, set *roaring64.Bitmap, offset, limit int) ([]MessageRow, error) {
	rows, err := c.read.QueryContext(ctx, `SELECT no FROM messages ORDER BY sent DESC, no DESC`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []MessageRow
	for rows.Next() && len(page) < limit {
		var no uint64
		if err := rows.Scan(&no); err != nil {
			return nil, err
		}
		if !set.Contains(no) {
			continue
		}
		if offset > 0 {
			offset--
			continue
		}
		m, err := c.Message(ctx, record.MessageNo(no))
		if err != nil {
			return nil, err
		}
		page = append(page, m)
	}
	return page, rows.Err()
}

// Message returns one message: ErrNotFound if there is none of that number.
func (c *Catalog) Message(ctx context.Context, no record.MessageNo) (MessageRow, error) {
	m, err := scanMessage(c.read.QueryRowContext(ctx, `SELECT `+messageColumns+` WHERE m.no = ?`, int64(no)))
	if errors.Is(err, sql.ErrNoRows) {
		return m, ErrNotFound
	}
	return m, err
}
