package daemon

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

type byChat struct {
	Chat string `json:"chat"`
}

func (d *Daemon) getChats(ctx context.Context, caller api.Caller, req byChat) ([]v1.Chat, error) {
	chats, err := d.chatsNamed(ctx, caller, req.Chat)
	if err != nil {
		return nil, err
	}
	list := []v1.Chat{}
	for _, c := range chats {
		out, err := d.describeChat(ctx, caller, c)
		if err != nil {
			return nil, err
		}
		list = append(list, out)
	}
	return list, nil
}

// chatsNamed returns the chats whose id begins so or that have this title, or
// that have a part of that name; all if name is empty. A chat of which the
// caller may read no day is left out.
func (d *Daemon) chatsNamed(ctx context.Context, caller api.Caller, name string) ([]catalog.Chat, error) {
	chats, err := d.catalog.Chats(ctx, "")
	if err != nil {
		return nil, err
	}
	withheld, err := d.withheld(ctx, caller)
	if err != nil {
		return nil, err
	}
	joined, err := d.unions(ctx)
	if err != nil {
		return nil, err
	}
	var named, seen []catalog.Chat
	for _, c := range chats {
		days, err := d.catalog.Match(ctx, catalog.PropChat, c.ID)
		if err != nil {
			return nil, err
		}
		if days.IsEmpty() || days.GetCardinality() > days.AndCardinality(withheld) {
			seen = append(seen, c)
			if strings.HasPrefix(c.ID, name) || strings.EqualFold(c.Title, name) {
				named = append(named, c)
			}
		}
	}
	return joined.unite(named, seen), nil
}

func (d *Daemon) describeChat(ctx context.Context, caller api.Caller, c catalog.Chat) (v1.Chat, error) {
	out := v1.Chat{ID: c.ID, Title: c.Title, Platform: c.Platform, Source: c.Source, First: c.First, From: c.From, Until: c.Until}
	var err error
	if out.Days, out.Messages, err = d.extent(ctx, caller, c.ID); err != nil {
		return out, err
	}
	exports, err := d.exports(ctx, caller, c.ID)
	if err != nil {
		return out, err
	}
	for _, x := range exports {
		out.Exports = append(out.Exports, v1.Export{Record: x.Record, Captured: x.Captured, Display: x.Display, Custodian: x.Custodian,
			Messages: x.Messages(), Receipt: x.Receipt})
	}
	if out.Parts, err = d.parts(ctx, c.ID); err != nil {
		return out, err
	}
	notices, err := gather(ctx, d, c.ID, d.catalog.ChatNotices)
	for _, n := range notices {
		out.Notices = append(out.Notices, v1.Notice{Entry: n.Entry, Source: n.Source, Chat: n.Chat, Kind: n.Kind, Text: n.Text, At: n.At, Before: n.Before, Finding: n.Finding})
	}
	supersede(out.Notices)
	return out, err
}

// extent is how many days and messages the caller may see of a chat and its
// parts, each once however many versions and copies of it are captured.
func (d *Daemon) extent(ctx context.Context, caller api.Caller, id string) (days, messages int64, err error) {
	withheld, err := d.withheld(ctx, caller)
	if err != nil {
		return 0, 0, err
	}
	all := roaring64.New()
	dates, err := gather(ctx, d, id, func(ctx context.Context, id string) ([]string, error) {
		numbers, err := d.catalog.Having(ctx, catalog.PropChat, id)
		if err != nil {
			return nil, err
		}
		seen := roaring64.AndNot(numbers, withheld)
		if seen.IsEmpty() {
			return nil, nil
		}
		all.Or(seen)
		return d.catalog.ChatDates(ctx, id)
	})
	if err != nil {
		return 0, 0, err
	}
	slices.Sort(dates)
	groups, err := d.catalog.Group(ctx, all)
	if err != nil {
		return 0, 0, err
	}
	return int64(len(slices.Compact(dates))), int64(groups.GetCardinality()), nil
}

// exports and days list what is captured of a chat, as far as the caller may
// read it.
func (d *Daemon) exports(ctx context.Context, caller api.Caller, chatID string) ([]catalog.ChatExport, error) {
	all, err := gather(ctx, d, chatID, d.catalog.ChatExports)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b catalog.ChatExport) int { return a.Captured.Compare(b.Captured) })
	return readable(ctx, d, caller, all, func(x catalog.ChatExport) record.ID { return x.Record })
}

func (d *Daemon) days(ctx context.Context, caller api.Caller, chatID string) ([]catalog.ChatDay, error) {
	all, err := gather(ctx, d, chatID, d.catalog.ChatDays)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b catalog.ChatDay) int { return strings.Compare(a.Date, b.Date) })
	return readable(ctx, d, caller, all, func(x catalog.ChatDay) record.ID { return x.Record })
}

// messages returns the messages of a chat and its parts by their records.
func (d *Daemon) messages(ctx context.Context, chatID string) (map[record.ID][]catalog.ChatMessage, error) {
	parts, err := gather(ctx, d, chatID, func(ctx context.Context, id string) ([]map[record.ID][]catalog.ChatMessage, error) {
		m, err := d.catalog.ChatMessages(ctx, id)
		return []map[record.ID][]catalog.ChatMessage{m}, err
	})
	all := make(map[record.ID][]catalog.ChatMessage)
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all, err
}

// oneChat returns the one chat of this name.
func (d *Daemon) oneChat(ctx context.Context, caller api.Caller, name string) (catalog.Chat, error) {
	chats, err := d.chatsNamed(ctx, caller, name)
	switch {
	case err != nil:
		return catalog.Chat{}, err
	case name == "" || len(chats) == 0:
		return catalog.Chat{}, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("there is no chat %q", name), Hint: "closeroll chat list lists them"}
	case len(chats) > 1:
		return catalog.Chat{}, &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("%q names %d chats, among them %s and %s", name, len(chats), chats[0].ID, chats[1].ID),
			Hint: "give the chat's id"}
	}
	return chats[0], nil
}

type inPath struct {
	Chat string `path:"chat" json:"-"`
}

func (d *Daemon) getChat(ctx context.Context, caller api.Caller, req inPath) (v1.ChatDays, error) {
	c, err := d.oneChat(ctx, caller, req.Chat)
	if err != nil {
		return v1.ChatDays{}, err
	}
	var out v1.ChatDays
	if out.Chat, err = d.describeChat(ctx, caller, c); err != nil {
		return out, err
	}
	if out.Notes, err = gather(ctx, d, c.ID, func(ctx context.Context, id string) ([]v1.Note, error) { return d.notes(ctx, caller, id) }); err != nil {
		return out, err
	}
	days, err := d.days(ctx, caller, c.ID)
	for _, day := range days {
		out.Captured = append(out.Captured, v1.ChatDay{Date: day.Date, Record: day.Record, Captured: day.Captured, Messages: len(day.Lines),
			Relation: day.Relation, Of: day.Of})
	}
	return out, err
}

func (d *Daemon) getTimeline(ctx context.Context, caller api.Caller, req inPath) (v1.Timeline, error) {
	c, err := d.oneChat(ctx, caller, req.Chat)
	if err != nil {
		return v1.Timeline{}, err
	}
	var t timeline
	var out v1.Timeline
	if out.Chat, err = d.describeChat(ctx, caller, c); err != nil {
		return out, err
	}
	if t.exports, err = d.exports(ctx, caller, c.ID); err != nil {
		return out, err
	}
	if t.days, err = d.days(ctx, caller, c.ID); err != nil {
		return out, err
	}
	if t.messages, err = d.messages(ctx, c.ID); err != nil {
		return out, err
	}
	out.Messages = t.merge(out.Chat.Notices)
	return out, nil
}

type pair struct {
	A string `json:"a"`
	B string `json:"b"`
}

// getComparison compares two captures by their digests. It reads no record.
func (d *Daemon) getComparison(ctx context.Context, caller api.Caller, req pair) (v1.Comparison, error) {
	a, err := d.capturedSide(ctx, caller, req.A)
	if err != nil {
		return v1.Comparison{}, err
	}
	b, err := d.capturedSide(ctx, caller, req.B)
	if err != nil {
		return v1.Comparison{}, err
	}
	out := v1.Comparison{A: a.CaptureSide, B: b.CaptureSide}
	if a.Custodian == b.Custodian {
		out.Comparison = chat.Compare(a.Side, b.Side)
	} else { // another person's phone is no witness to a deletion
		out.Comparison = chat.Corroborate(a.Side, b.Side, a.Custodian, b.Custodian)
	}
	names := make(map[string]string)
	for from, to := range out.NameMap {
		names[a.senders[from]] = b.senders[to]
	}
	out.NameMap = names
	return out, nil
}

// A capturedSide is one side of a comparison, with what a person is told of it.
type capturedSide struct {
	ingest.Captured
	v1.CaptureSide
	senders map[string]string // digests of senders: their names
}

// capturedSide finds a capture by an export's or chat-day's id, or as
// CHAT:DATE or CHAT:DATE@VERSION.
func (d *Daemon) capturedSide(ctx context.Context, caller api.Caller, ref string) (capturedSide, error) {
	if name, day, ok := cutLast(ref, ":"); ok {
		return d.capturedDay(ctx, caller, name, day)
	}
	row, err := d.find(ctx, caller, ref)
	if err != nil {
		return capturedSide{}, err
	}
	days, err := d.days(ctx, caller, row.Chat)
	if err != nil {
		return capturedSide{}, err
	}
	switch row.Kind {
	case record.ChatDay:
		return d.dayOf(ctx, caller, row, days)
	case record.Export:
		exports, err := d.exports(ctx, caller, row.Chat)
		if err != nil {
			return capturedSide{}, err
		}
		for _, x := range exports {
			if x.Record == row.ID {
				return d.sideOf(ctx, caller, row.Chat, x, days)
			}
		}
	}
	return capturedSide{}, &api.Error{Code: api.CodeUsage, Message: "record " + row.ID.Short() + " is no capture of a chat",
		Hint: "closeroll chat list shows the exports that were captured"}
}

func (d *Daemon) capturedDay(ctx context.Context, caller api.Caller, name, day string) (capturedSide, error) {
	c, err := d.oneChat(ctx, caller, name)
	if err != nil {
		return capturedSide{}, err
	}
	days, err := d.days(ctx, caller, c.ID)
	if err != nil {
		return capturedSide{}, err
	}
	date, version, pinned := strings.Cut(day, "@")
	var versions []catalog.ChatDay
	for _, v := range days {
		if v.Date == date {
			versions = append(versions, v)
		}
	}
	n := len(versions)
	if pinned {
		if n, err = strconv.Atoi(version); err != nil {
			n = 0
		}
	}
	if n < 1 || n > len(versions) {
		return capturedSide{}, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("chat %s has %d versions of %s", c.ID, len(versions), date),
			Hint: "closeroll chat show lists its days"}
	}
	row, err := d.catalog.Record(ctx, versions[n-1].Record)
	if err != nil {
		return capturedSide{}, err
	}
	return d.dayOf(ctx, caller, row, days)
}

// dayOf makes a side of one captured day.
func (d *Daemon) dayOf(ctx context.Context, caller api.Caller, row catalog.Row, days []catalog.ChatDay) (capturedSide, error) {
	holdings, err := d.catalog.Holdings(ctx, row.ID)
	if err != nil {
		return capturedSide{}, err
	}
	x := catalog.ChatExport{Record: row.ID, Captured: row.Captured, Display: row.Display,
		Runs: []record.MessageRun{{Record: row.ID, From: 1, To: row.Count}}}
	if len(holdings) > 0 {
		x.Custodian = holdings[0].Custodian
	}
	for _, day := range days {
		if day.Record == row.ID {
			x.Omitted = day.Omitted
		}
	}
	return d.sideOf(ctx, caller, row.Chat, x, days)
}

func (d *Daemon) sideOf(ctx context.Context, caller api.Caller, chatID string, x catalog.ChatExport, days []catalog.ChatDay) (capturedSide, error) {
	c, err := d.oneChat(ctx, caller, chatID)
	if err != nil {
		return capturedSide{}, err
	}
	messages, err := d.messages(ctx, chatID)
	if err != nil {
		return capturedSide{}, err
	}
	if x.Platform == "" {
		x.Platform = c.Platform
	}
	s := capturedSide{Captured: ingest.CapturedSide(x, days), senders: make(map[string]string)}
	s.CaptureSide = v1.CaptureSide{Name: x.Display + ", " + x.Record.Short(), Title: c.Title, Platform: x.Platform, Captured: x.Captured,
		Custodian: x.Custodian, Truncated: x.Truncated, Messages: make([]v1.CapturedMessage, len(s.Lines))}
	for i, p := range s.Places {
		m := v1.CapturedMessage{Place: v1.Place{Record: p.Record, N: p.N}}
		if all := messages[p.Record]; p.N <= len(all) {
			m.Sender = all[p.N-1].Sender
		}
		if minute := s.Lines[i].Minute; minute != 0 {
			m.Printed = time.Unix(60*minute, 0).UTC().Format("2006-01-02 15:04")
		}
		s.senders[s.Lines[i].Sender] = m.Sender
		s.CaptureSide.Messages[i] = m
	}
	return s, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
