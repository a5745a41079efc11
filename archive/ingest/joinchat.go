package ingest

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
)

// joinChats joins the exports of the batch to their chats and returns the
// notices to journal with them. Until unlock is called, which is after they are
// committed, no other source joins any. An e-mail can bring several exports of
// one chat: those join the chat of the first, and are compared from then on.
func (c *committer) joinChats(ctx context.Context) (notices []journal.Entry, unlock func(), err error) {
	var all []*chatDrafts
	for _, s := range c.batch {
		all = append(all, s.made.chats...)
	}
	if len(all) == 0 {
		return nil, func() {}, nil
	}
	c.chats.Lock()
	for i, made := range all {
		noticed, err := c.joinChat(ctx, made, all[:i])
		if err != nil {
			c.chats.Unlock()
			return nil, nil, err
		}
		notices = append(notices, noticed...)
	}
	return notices, c.chats.Unlock, nil
}

// joinChat finds the chat that an export is of, or mints one, and gives it to
// the export's drafts. A chat is known by what was said in it: its title is
// only where to look. A chat of the same title that shares too little becomes a
// new chat, with a notice for a person.
//
// It returns the notices to journal with the export: its own, and what
// comparing it with the chat's earlier exports has found. An export that is
// archived already has none.
func (c *committer) joinChat(ctx context.Context, made *chatDrafts, beside []*chatDrafts) ([]journal.Entry, error) {
	// The same export, whatever its file is called, may have been captured
	// since this one was prepared.
	switch id, known, err := c.knownExport(ctx, made, made.drafts[len(made.drafts)-1]); {
	case err != nil:
		return nil, err
	case known:
		made.join(id)
		return nil, nil
	}
	defer made.forgetSide()
	candidates, err := c.Archive.Catalog.Chats(ctx, made.export.Title)
	if err != nil {
		return nil, err
	}
	begun, err := c.Archive.Catalog.ChatOfDays(ctx, made.export.Title, made.digest)
	if err != nil {
		return nil, err
	}
	if begun != "" { // a crash has cut this export's capture short
		candidates = slices.DeleteFunc(candidates, func(ch catalog.Chat) bool { return ch.ID != begun })
	}
	h, all, err := c.recognise(ctx, made, candidates)
	if err != nil {
		return nil, err
	}
	if h != nil {
		return c.continueChat(ctx, made, h, all)
	}
	id := or(begun, mintChat())
	if begun != "" {
		candidates = nil
	}
	for _, other := range beside {
		if begun == "" && other.export.Title == made.export.Title && set(*c.side(other), *c.side(made)).result.SameChat {
			id, candidates = other.drafts[0].Chat.Chat, nil
		}
		other.forgetSide()
	}
	made.join(id)
	return c.noticeEntries(ctx, made, id, sameTitle(made, candidates))
}

// recognise finds the chat that an export is of: the first of those with its
// title that it has something in common with; failing that, the first that is
// joined to one with which it has. It returns nil if there is none.
func (c *committer) recognise(ctx context.Context, made *chatDrafts, candidates []catalog.Chat) (of *history, with []compared, err error) {
	for _, candidate := range candidates {
		members, err := c.shownWith(ctx, candidate.ID)
		if err != nil {
			return nil, nil, err
		}
		h, err := c.history(ctx, members...)
		if err != nil {
			return nil, nil, err
		}
		if len(h.exports) == 0 {
			continue
		}
		switch all := h.compare(c.side(made), made.drafts[0].Holding.Custodian); {
		case slices.ContainsFunc(all, func(x compared) bool { return x.joined == "" }):
			return h, all, nil
		case len(all) > 0 && of == nil:
			of, with = h, all
		}
	}
	return of, with, nil
}

// continueChat joins an export to the chat that it is of, with what comparing it
// with the chat's earlier exports has shown.
func (c *committer) continueChat(ctx context.Context, made *chatDrafts, h *history, all []compared) ([]journal.Entry, error) {
	made.join(h.chat)
	for _, d := range made.drafts {
		if d.Kind == record.ChatDay {
			d.Chat.Relation, d.Chat.Of = h.relation(d, c.side(made), all)
		}
	}
	made.copies = copied(all)
	entries, err := c.noticeEntries(ctx, made, h.chat, findings(made, all))
	if err != nil {
		return nil, err
	}
	copies, err := h.copiesAcross(all, c.src.actor())
	return append(entries, copies...), err
}

// join gives an export's drafts to a chat.
func (c *chatDrafts) join(id string) {
	for _, d := range c.drafts {
		d.Chat.Chat, d.Holding.Aggregation, d.Chat.Export = id, id, c.digest
	}
}

// mintChat makes a new chat's id.
func mintChat() string {
	b := make([]byte, 10)
	rand.Read(b) // never fails
	return "chat-" + strings.ToLower(base32.StdEncoding.EncodeToString(b))
}

// sameTitle tells a person of chats with the title of a new one: nothing but a
// person's word can join what shares no message.
func sameTitle(made *chatDrafts, others []catalog.Chat) []record.Notice {
	if len(others) == 0 || made.export.Title == "" {
		return nil
	}
	return []record.Notice{{Kind: "same_title", Text: aboutChat(made.export.Title, fmt.Sprintf(
		"It has the title of %s and shares too little with it to be known as the same. If they are one chat, no export shows what was sent between them.", others[0].ID))}}
}
