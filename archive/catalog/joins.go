package catalog

import (
	"context"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A join is what people say of chats, and no more: what was captured of each
// keeps its chat, so that a disposal of one touches no other, and taking a join
// back is exact.

// chatJoined keeps that a chat is a part of another. Either may be unknown by
// now, its records disposed of.
func (f *fold) chatJoined(e Entry, j record.ChatJoined) error {
	f.rejoin = true
	return f.exec(`INSERT INTO chat_joins (chat, part_of, reason, at, actor) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (chat) DO UPDATE SET part_of = excluded.part_of, reason = excluded.reason, at = excluded.at, actor = excluded.actor`,
		j.Chat, j.Into, j.Reason, e.Time.UnixMilli(), e.Actor)
}

func (f *fold) chatParted(_ Entry, p record.ChatParted) error {
	f.rejoin = true
	return f.exec(`DELETE FROM chat_joins WHERE chat = ?`, p.Chat)
}

// A ChatJoin is a person's word that a chat is a part of another.
type ChatJoin struct {
	record.ChatJoined
	At    time.Time
	Actor string
}

// ChatJoins lists the joins in force, in the order in which they were made.
func (c *Catalog) ChatJoins(ctx context.Context) ([]ChatJoin, error) {
	return collect(ctx, c.read, func(s scanner) (j ChatJoin, err error) {
		var at int64
		err = s.Scan(&j.Chat, &j.Into, &j.Reason, &at, &j.Actor)
		j.At = time.UnixMilli(at).UTC()
		return j, err
	}, `SELECT chat, part_of, reason, at, actor FROM chat_joins ORDER BY at, chat`)
}
