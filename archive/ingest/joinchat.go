package ingest

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
)

// How much two exports must share to be of one chat.
const (
	minShared      = 3 // messages of the same text at the same printed minute, or
	minSharedShare = 5 // one in this many of the shorter one's
)

// joinChat finds the chat that an export is of, or mints one, and gives it to
// the export's drafts. A chat is known by what was said in it: its title is
// only where to look. A chat of the same title that shares too little becomes a
// new chat, with a notice for a person.
func (c *committer) joinChat(ctx context.Context, made *chatDrafts) error {
	id, days, err := c.findChat(ctx, made)
	if err != nil {
		return err
	}
	if id == "" {
		if id, err = c.mintChat(ctx, made); err != nil {
			return err
		}
	}
	for _, d := range made.drafts {
		d.Chat.Chat, d.Holding.Aggregation = id, id
		d.Chat.Export = made.digest
		if d.Kind == record.ChatDay {
			d.Chat.Relation, d.Chat.Of = relation(d, days)
		}
	}
	return nil
}

// findChat returns the chat that shares enough with the export, and its days.
func (c *committer) findChat(ctx context.Context, made *chatDrafts) (string, []catalog.ChatDay, error) {
	export, id, err := c.Archive.Catalog.ExportOf(ctx, made.digest)
	if err == nil {
		// The same export, whatever its file is called: it may have been
		// captured since this one was prepared.
		made.drafts[len(made.drafts)-1].Record = export
		days, err := c.Archive.Catalog.ChatDays(ctx, id)
		return id, days, err
	}
	if !errors.Is(err, catalog.ErrNotFound) {
		return "", nil, err
	}
	candidates, err := c.Archive.Catalog.Chats(ctx, made.export.Title)
	if err != nil {
		return "", nil, err
	}
	for _, chat := range candidates {
		days, err := c.Archive.Catalog.ChatDays(ctx, chat.ID)
		if err != nil {
			return "", nil, err
		}
		if shareEnough(made, days) {
			return chat.ID, days, nil
		}
	}
	return "", nil, nil
}

// shareEnough reports whether messages of an export were captured before, the
// same words at the same printed minute.
func shareEnough(made *chatDrafts, days []catalog.ChatDay) bool {
	known := map[string]bool{}
	total := 0
	for _, d := range days {
		for _, l := range d.Lines {
			known[lineKey(l)] = true
			total++
		}
	}
	shared, mine := 0, 0
	for _, d := range made.drafts {
		for _, l := range d.Chat.Digests {
			mine++
			if known[lineKey(l)] {
				shared++
			}
		}
	}
	smaller := min(mine, total)
	return shared >= minShared || shared > 0 && shared*minSharedShare >= smaller
}

func lineKey(l record.ChatLine) string { return fmt.Sprintf("%x/%d", l.Text, l.Minute) }

// relation says how a day stands to the newest captured version of that day.
// The same octets are the same record and need no relation.
func relation(d *draft, days []catalog.ChatDay) (string, record.ID) {
	var of *catalog.ChatDay
	for i := range days {
		if days[i].Date == d.Chat.Date {
			of = &days[i]
		}
	}
	if of == nil || of.Record == d.Record {
		return "", ""
	}
	if isPrefix(of.Lines, d.Chat.Digests) {
		return "extends", of.Record
	}
	return "restates", of.Record
}

func isPrefix(a, b []record.ChatLine) bool {
	if len(a) > len(b) {
		return false
	}
	for i := range a {
		if lineKey(a[i]) != lineKey(b[i]) || string(a[i].Sender) != string(b[i].Sender) {
			return false
		}
	}
	return true
}

// mintChat makes a new chat's id. Where others have the same title a person
// is told, since only a person can say whether they are one.
func (c *committer) mintChat(ctx context.Context, made *chatDrafts) (string, error) {
	b := make([]byte, 10)
	rand.Read(b) // never fails
	id := "chat-" + strings.ToLower(base32.StdEncoding.EncodeToString(b))
	same, err := c.Archive.Catalog.Chats(ctx, made.export.Title)
	if err != nil || len(same) == 0 || made.export.Title == "" {
		return id, err
	}
	e, err := journal.NewEntry(record.EntryNotice, actor, record.Notice{Source: c.src.Name, Chat: id, Kind: "same_title",
		Text: fmt.Sprintf("A chat with the title of %s shares too little with it to be the same; a person may join them.", same[0].ID)})
	c.batch[len(c.batch)-1].made.notices = append(c.batch[len(c.batch)-1].made.notices, e)
	return id, err
}
