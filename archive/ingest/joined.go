package ingest

import (
	"context"
	"slices"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
)

// shownWith returns a chat and, after it, all that people have joined to it or
// it to.
func (p *Pipeline) shownWith(ctx context.Context, id string) ([]string, error) {
	joins, err := p.Archive.Catalog.ChatJoins(ctx)
	all := []string{id}
	for i := 0; i < len(all); i++ {
		for _, j := range joins {
			for _, pair := range [][2]string{{j.Chat, j.Into}, {j.Into, j.Chat}} {
				if pair[0] == all[i] && !slices.Contains(all, pair[1]) {
					all = append(all, pair[1])
				}
			}
		}
	}
	return all, err
}

// copiesAcross journals which messages of a new export are the same as those of
// chats that its own is joined with. Their copy groups stay what they are: only
// while the chats are joined do they count as one.
func (h *history) copiesAcross(all []compared, actor string) ([]journal.Entry, error) {
	var entries []journal.Entry
	for _, c := range all {
		if c.joined == "" {
			continue
		}
		body := record.ChatCopies{Chat: h.chat, With: c.joined, Runs: c.same(func(now record.MessageID) bool {
			return h.chats[now.Record] == "" // what was archived before was paired before
		})}
		if len(body.Runs) == 0 {
			continue
		}
		e, err := journal.NewEntry(record.EntryChatCopies, actor, body)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// same returns the messages that comparing has matched word for word, those of
// the new export that are wanted: A is the new one.
func (c *compared) same(wanted func(record.MessageID) bool) []record.CopyRun {
	var runs []record.CopyRun
	for _, m := range c.result.Matches {
		if c.a.Lines[m[0]].Text != c.b.Lines[m[1]].Text {
			continue
		}
		old, now := c.a.Places[m[0]], c.b.Places[m[1]]
		if c.late {
			old, now = now, old
		}
		if old == now || !wanted(now) {
			continue
		}
		if n := len(runs); n > 0 {
			if r := &runs[n-1]; r.A == now.Record && r.B == old.Record && r.AFrom+r.Count == now.N && r.BFrom+r.Count == old.N {
				r.Count++
				continue
			}
		}
		runs = append(runs, record.CopyRun{A: now.Record, AFrom: now.N, B: old.Record, BFrom: old.N, Count: 1})
	}
	return runs
}

// A Joined is what joining two chats has shown.
type Joined struct {
	Compared int // pairs of exports that are of one chat
	Same     int // messages of the one that are word for word in the other
	Findings int // of one custodian's exports
}

// Join journals a person's word that a chat is a part of another, with what
// comparing their exports shows: which of their messages are one, and what
// became of the others. None of it changes a record, and all of it is in force
// only while they are joined.
func (p *Pipeline) Join(ctx context.Context, actor string, join record.ChatJoined) (Joined, error) {
	p.chats.Lock()
	defer p.chats.Unlock()
	var out Joined
	e, err := journal.NewEntry(record.EntryChatJoined, actor, join)
	if err != nil {
		return out, err
	}
	entries := []journal.Entry{e}
	parts, err := p.shownWith(ctx, join.Chat)
	if err != nil {
		return out, err
	}
	into, err := p.shownWith(ctx, join.Into)
	if err != nil {
		return out, err
	}
	for _, a := range parts {
		for _, b := range into {
			more, err := p.acrossJoin(ctx, actor, a, b, &out)
			if err != nil {
				return out, err
			}
			entries = append(entries, more...)
		}
	}
	return out, p.Archive.Journal(ctx, entries...)
}

// acrossJoin compares the exports of two chats that are about to be joined.
func (p *Pipeline) acrossJoin(ctx context.Context, actor, part, into string, out *Joined) ([]journal.Entry, error) {
	mine, err := p.history(ctx, part)
	if err != nil {
		return nil, err
	}
	theirs, err := p.history(ctx, into)
	if err != nil {
		return nil, err
	}
	title, err := p.titleOf(ctx, part)
	if err != nil {
		return nil, err
	}
	body := record.ChatCopies{Chat: part, With: into}
	var notices []record.Notice
	pairs := make(map[[2]string]bool) // pairs of custodians whose newest exports were compared
	mineTold, err := p.telling(ctx, mine)
	if err != nil {
		return nil, err
	}
	theirsTold, err := p.telling(ctx, theirs)
	if err != nil {
		return nil, err
	}
	for _, x := range mineTold {
		for _, y := range theirsTold {
			c := set(CapturedSide(y, theirs.days), CapturedSide(x, mine.days))
			if !c.result.SameChat {
				continue
			}
			out.Compared++
			c.past, c.own, c.joined = y, x.Custodian == y.Custodian, into
			body.Runs = append(body.Runs, c.same(func(record.MessageID) bool { return true })...)
			if pair := [2]string{x.Custodian, y.Custodian}; !pairs[pair] {
				pairs[pair] = true
				notices = append(notices, c.tell(told{x.Record, title}, out)...)
			}
		}
	}
	if len(body.Runs) == 0 {
		return nil, nil
	}
	for _, r := range body.Runs {
		out.Same += r.Count
	}
	e, err := journal.NewEntry(record.EntryChatCopies, actor, body)
	if err != nil {
		return nil, err
	}
	more, err := p.untold(ctx, actor, part, notices)
	return append([]journal.Entry{e}, more...), err
}

// telling returns the newest exports of the chat first, without those that show
// no message that a newer one of the same custodian has not got: they can add
// nothing to a comparison.
func (p *Pipeline) telling(ctx context.Context, h *history) ([]catalog.ChatExport, error) {
	all, groups := []catalog.ChatExport(nil), make(map[record.ID][][]byte)
	for _, d := range h.days {
		of, err := p.Archive.Catalog.CopyGroups(ctx, d.Record)
		if err != nil {
			return nil, err
		}
		groups[d.Record] = of
	}
	seen := make(map[string]map[string]bool)
	for _, x := range slices.Backward(h.exports) {
		known := seen[x.Custodian]
		if known == nil {
			known = make(map[string]bool)
			seen[x.Custodian] = known
		}
		adds := len(known) == 0
		for _, run := range x.Runs {
			of := groups[run.Record]
			for n := max(run.From, 1); n <= min(run.To, len(of)); n++ {
				if key := string(of[n-1]); !known[key] {
					known[key], adds = true, true
				}
			}
		}
		if adds && len(all) < maxCompared {
			all = append(all, x)
		}
	}
	return all, nil
}

// tell words what comparing an export of a chat with one of the chat that it is
// joined to has found.
func (c *compared) tell(of told, out *Joined) []record.Notice {
	if !c.own {
		return c.corroboration(of)
	}
	var notices []record.Notice
	for _, f := range c.result.Findings {
		if f.Confidence != chat.None {
			notices = append(notices, c.notice(of, f))
			out.Findings++
		}
	}
	return notices
}

// untold makes entries of notices about a chat that the journal has not got.
func (p *Pipeline) untold(ctx context.Context, actor, id string, notices []record.Notice) ([]journal.Entry, error) {
	old, err := p.Archive.Catalog.ChatNoticesEver(ctx, id)
	if err != nil {
		return nil, err
	}
	var entries []journal.Entry
	for _, n := range notices {
		if slices.ContainsFunc(old, func(o catalog.NoticeRow) bool { return o.Kind == n.Kind && o.Text == n.Text && o.Joined == n.Joined }) {
			continue
		}
		n.Chat = id
		e, err := journal.NewEntry(record.EntryNotice, actor, n)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func (p *Pipeline) titleOf(ctx context.Context, id string) (string, error) {
	chats, err := p.Archive.Catalog.Chats(ctx, "")
	for _, c := range chats {
		if c.ID == id {
			return c.Title, err
		}
	}
	return "", err
}
