package catalog

import (
	"context"
	"database/sql"
	"errors"
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

// Page returns messages of set from the newest to the oldest, undated ones
// last, those of one instant from the highest number to the lowest: the same
// set always gives the same order. It passes over offset of them and returns
// limit at most.
func (c *Catalog) Page(ctx context.Context, set *roaring64.Bitmap, offset, limit int) ([]MessageRow, error) {
	return c.PageOf(ctx, []*roaring64.Bitmap{set}, false, offset, limit)
}

// PageOf is Page over sets that follow one another; within each the oldest come
// first if oldest is set.
func (c *Catalog) PageOf(ctx context.Context, sets []*roaring64.Bitmap, oldest bool, offset, limit int) ([]MessageRow, error) {
	known, err := c.known(ctx)
	if err != nil {
		return nil, err
	}
	order := moment.newer
	if oldest {
		order = moment.older
	}
	var page []MessageRow
	offset, limit = max(offset, 0), max(limit, 0)
	for _, set := range sets {
		total := int(set.GetCardinality())
		pass := min(offset, total)
		offset -= pass
		for _, no := range first(set, known, min(pass+limit, total), order)[pass:] {
			m, err := c.Message(ctx, no)
			if err != nil {
				return nil, err
			}
			page = append(page, m)
		}
		if limit -= min(limit, total-pass); limit == 0 {
			break
		}
	}
	return page, nil
}

// Message returns one message: ErrNotFound if there is none of that number.
func (c *Catalog) Message(ctx context.Context, no record.MessageNo) (MessageRow, error) {
	m, err := scanMessage(c.messageByNo.QueryRowContext(ctx, int64(no)))
	if errors.Is(err, sql.ErrNoRows) {
		return m, ErrNotFound
	}
	return m, err
}
