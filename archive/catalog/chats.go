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

// ChatDates lists the printed dates of which a chat has captured days.
func (c *Catalog) ChatDates(ctx context.Context, chat string) ([]string, error) {
	return collect(ctx, c.read, func(s scanner) (date string, err error) { return date, s.Scan(&date) },
		`SELECT DISTINCT chat_date FROM records WHERE chat = ? AND kind = 'chat-day' AND disposed IS NULL ORDER BY chat_date`, chat)
}

// A ChatDay is a captured day of a chat with what comparing needs of it.
type ChatDay struct {
	Record   record.ID
	Date     string
	Captured time.Time
	Lines    []record.ChatLine
	First    record.MessageNo // number of its first message
	Omitted  []int            // before which of its lines a selection left others out
	Relation string           // extends, restates or alters; empty for a day's first version
	Of       record.ID
}

// ChatDays lists the captured days of a chat, by date and then by capture.
func (c *Catalog) ChatDays(ctx context.Context, chat string) ([]ChatDay, error) {
	return collect(ctx, c.read, func(s scanner) (ChatDay, error) {
		var d ChatDay
		var captured int64
		var lines, omitted string
		var first int64
		if err := s.Scan(&d.Record, &d.Date, &captured, &lines, &omitted, &first, &d.Relation, &d.Of); err != nil {
			return d, err
		}
		d.First = record.MessageNo(first)
		d.Captured = time.UnixMilli(captured).UTC()
		return d, errors.Join(json.Unmarshal([]byte(lines), &d.Lines), json.Unmarshal([]byte(omitted), &d.Omitted))
	}, `SELECT r.id, d.date, r.captured, d.digests, d.omitted, r.first, coalesce(r.relation, ''), coalesce(r.relation_of, '')
		FROM chat_days d JOIN records r ON r.seq = d.record WHERE d.chat = ? AND r.disposed IS NULL ORDER BY d.date, r.seq`, chat)
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

// ChatOfDays returns the chat of this title that has days which an export with
// this keyed digest brought first; "" if there is none.
func (c *Catalog) ChatOfDays(ctx context.Context, title string, digest []byte) (chat string, err error) {
	err = c.read.QueryRowContext(ctx, `SELECT d.chat FROM chats c JOIN chat_days d ON d.chat = c.chat JOIN records r ON r.seq = d.record
		WHERE c.title = ? AND d.export = ? AND r.disposed IS NULL LIMIT 1`,
		title, digest).Scan(&chat)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return chat, err
}

// CopyGroups returns the copy groups of a record's messages in their order.
func (c *Catalog) CopyGroups(ctx context.Context, id record.ID) ([][]byte, error) {
	return collect(ctx, c.read, func(s scanner) (group []byte, err error) { return group, s.Scan(&group) },
		`SELECT m.copy FROM records r JOIN messages m ON m.record = r.seq WHERE r.id = ? ORDER BY m.no`, string(id))
}

// Exports lists the export records of a chat, oldest first; all if chat is "".
func (c *Catalog) Exports(ctx context.Context, chat string) ([]Row, error) {
	return c.rows(ctx, `SELECT `+rowColumns+` FROM records WHERE kind = 'export' AND disposed IS NULL AND (?1 = '' OR chat = ?1) ORDER BY seq`, chat)
}

// A ChatExport is a captured export with what comparing needs of it.
type ChatExport struct {
	Record    record.ID
	Captured  time.Time
	Display   string
	Platform  string
	Truncated bool
	Runs      []record.MessageRun // its messages in the order of its file
	Omitted   []int               // before which of them a selection left others out
	Source    string              // of its first holding
	Custodian string
	Receipt   string // state of its receipt; "" if none was sent
}

// Messages is how many messages the export has.
func (x *ChatExport) Messages() (n int) {
	for _, run := range x.Runs {
		n += run.To - run.From + 1
	}
	return n
}

// ChatExports lists the exports of a chat in the order of capture.
func (c *Catalog) ChatExports(ctx context.Context, chat string) ([]ChatExport, error) {
	return collect(ctx, c.read, func(s scanner) (ChatExport, error) {
		var x ChatExport
		var captured int64
		var runs, omitted string
		if err := s.Scan(&x.Record, &captured, &x.Display, &x.Platform, &x.Truncated, &runs, &omitted, &x.Source, &x.Custodian, &x.Receipt); err != nil {
			return x, err
		}
		x.Captured = time.UnixMilli(captured).UTC()
		return x, errors.Join(json.Unmarshal([]byte(runs), &x.Runs), json.Unmarshal([]byte(omitted), &x.Omitted))
	}, `SELECT r.id, r.captured, r.display, x.platform, x.truncated, x.runs, x.omitted, h.source, h.custodian, coalesce(p.state, '')
		FROM exports x JOIN records r ON r.id = x.record LEFT JOIN receipts p ON p.export = x.record
		JOIN holdings h ON h.seq = (SELECT min(seq) FROM holdings WHERE record = r.seq)
		WHERE x.chat = ? AND r.disposed IS NULL ORDER BY r.seq`, chat)
}

// A ChatMessage is a captured message as a chat's timeline shows it.
type ChatMessage struct {
	Sent   time.Time
	Sender string
	Copy   []byte // equal for messages that are the same to a reader
	Group  []byte // the same, under the joins of chats in force
}

// ChatMessages returns the messages of all captured days of a chat by their
// records, each in the order of its record.
func (c *Catalog) ChatMessages(ctx context.Context, chat string) (map[record.ID][]ChatMessage, error) {
	k, err := c.known(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := c.read.QueryContext(ctx, `SELECT r.id, m.no, m.sent, m.sender, m.copy FROM records r JOIN messages m ON m.record = r.seq
		WHERE r.chat = ? AND r.kind = 'chat-day' AND r.disposed IS NULL ORDER BY m.no`, chat)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := make(map[record.ID][]ChatMessage)
	for rows.Next() {
		var id record.ID
		var m ChatMessage
		var sent sql.NullInt64
		var no int64
		if err := rows.Scan(&id, &no, &sent, &m.Sender, &m.Copy); err != nil {
			return nil, err
		}
		m.Sent, m.Group = fromMillis(sent), k.groupOf(uint64(no), m.Copy)
		all[id] = append(all[id], m)
	}
	return all, rows.Err()
}
