package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A Chat is an aggregation of chat-days.
type Chat struct {
	ID       string
	Title    string
	Platform string
	Source   string
	First    time.Time // first captured
	Days     int64
	Messages int64
	From     string // first and last printed dates
	Until    string
}

const chatColumns = `c.chat, c.title, c.platform, c.source, c.first, count(r.seq), coalesce(sum(r.count), 0),
	coalesce(min(nullif(r.chat_date, 'undated')), ''), coalesce(max(nullif(r.chat_date, 'undated')), '')
	FROM chats c LEFT JOIN records r ON r.chat = c.chat AND r.kind = 'chat-day' AND r.disposed IS NULL`

func scanChat(s scanner) (Chat, error) {
	var ch Chat
	var first int64
	err := s.Scan(&ch.ID, &ch.Title, &ch.Platform, &ch.Source, &first, &ch.Days, &ch.Messages, &ch.From, &ch.Until)
	ch.First = time.UnixMilli(first).UTC()
	return ch, err
}

// Chats lists the chats by title. An empty title lists all.
func (c *Catalog) Chats(ctx context.Context, title string) ([]Chat, error) {
	return collect(ctx, c.read, scanChat, `SELECT `+chatColumns+`
		WHERE ?1 = '' OR c.title = ?1 GROUP BY c.chat ORDER BY c.title, c.first`, title)
}

// A ChatDay is a captured day of a chat with what comparing needs of it.
type ChatDay struct {
	Record   record.ID
	Date     string
	Captured time.Time
	Lines    []record.ChatLine
}

// ChatDays lists the captured days of a chat, by date and then by capture.
func (c *Catalog) ChatDays(ctx context.Context, chat string) ([]ChatDay, error) {
	return collect(ctx, c.read, func(s scanner) (ChatDay, error) {
		var d ChatDay
		var captured int64
		var lines string
		if err := s.Scan(&d.Record, &d.Date, &captured, &lines); err != nil {
			return d, err
		}
		d.Captured = time.UnixMilli(captured).UTC()
		return d, json.Unmarshal([]byte(lines), &d.Lines)
	}, `SELECT r.id, d.date, r.captured, d.digests FROM chat_days d JOIN records r ON r.seq = d.record
		WHERE d.chat = ? ORDER BY d.date, r.seq`, chat)
}

// ExportOf returns the export record of a container with this keyed digest,
// and its chat: ErrNotFound if none was captured.
func (c *Catalog) ExportOf(ctx context.Context, digest []byte) (id record.ID, chat string, err error) {
	err = c.read.QueryRowContext(ctx, `SELECT record, chat FROM exports WHERE digest = ?`, digest).Scan(&id, &chat)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", ErrNotFound
	}
	return id, chat, err
}

// Exports lists the export records of a chat, oldest first; all if chat is "".
func (c *Catalog) Exports(ctx context.Context, chat string) ([]Row, error) {
	return c.rows(ctx, `SELECT `+rowColumns+` FROM records WHERE kind = 'export' AND (?1 = '' OR chat = ?1) ORDER BY seq`, chat)
}
