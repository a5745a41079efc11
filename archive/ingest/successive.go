package ingest

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
)

// maxCompared bounds with how many earlier exports a new one is compared: the
// newest of each custodian.
const maxCompared = 16

// A history is what is archived of one chat, and of those that people have
// joined to it, as far as comparing needs it.
type history struct {
	chat     string
	days     []catalog.ChatDay
	exports  []catalog.ChatExport // oldest first
	messages map[record.ID][]catalog.ChatMessage
	chats    map[record.ID]string // of the days and exports
}

// history reads what is archived of these chats; the first is the one that the
// history is of.
func (p *Pipeline) history(ctx context.Context, chats ...string) (*history, error) {
	h := &history{chat: chats[0], messages: make(map[record.ID][]catalog.ChatMessage), chats: make(map[record.ID]string)}
	for _, id := range chats {
		days, err := p.Archive.Catalog.ChatDays(ctx, id)
		if err != nil {
			return nil, err
		}
		exports, err := p.Archive.Catalog.ChatExports(ctx, id)
		if err != nil {
			return nil, err
		}
		messages, err := p.Archive.Catalog.ChatMessages(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, d := range days {
			h.chats[d.Record] = id
		}
		for _, x := range exports {
			h.chats[x.Record] = id
		}
		h.days, h.exports = append(h.days, days...), append(h.exports, exports...)
		maps.Copy(h.messages, messages)
	}
	slices.SortStableFunc(h.exports, func(a, b catalog.ChatExport) int { return a.Captured.Compare(b.Captured) })
	return h, nil
}

// A Captured is a captured export as a side of a comparison, with the place of
// each of its messages.
type Captured struct {
	chat.Side
	Places []record.MessageID
}

// CapturedSide makes a side of what the journal keeps of an export. Messages of
// days that were disposed of, or that are not among days, are omitted from it.
func CapturedSide(x catalog.ChatExport, days []catalog.ChatDay) Captured {
	lines := make(map[record.ID][]record.ChatLine)
	for _, d := range days {
		lines[d.Record] = d.Lines
	}
	out := Captured{Side: chat.Side{Platform: chat.Platform(x.Platform), Truncated: x.Truncated}}
	omitted, at := x.Omitted, 0
	for _, run := range x.Runs {
		for n := max(run.From, 1); n <= run.To; n++ {
			for len(omitted) > 0 && omitted[0] <= at {
				out.omit()
				omitted = omitted[1:]
			}
			if n > len(lines[run.Record]) {
				out.omit()
			} else {
				out.Lines = append(out.Lines, chat.FromJournal(lines[run.Record][n-1]))
				out.Places = append(out.Places, record.MessageID{Record: run.Record, N: n})
			}
			at++
		}
	}
	if len(omitted) > 0 {
		out.omit()
	}
	return out
}

// omit notes that messages are missing before the next line, and that this means
// nothing: they were left out on purpose, or were disposed of since.
func (s *Captured) omit() {
	if n := len(s.Omitted); n == 0 || s.Omitted[n-1] != len(s.Lines) {
		s.Omitted = append(s.Omitted, len(s.Lines))
	}
}

// A compared is a new export set against an archived one.
type compared struct {
	past   catalog.ChatExport
	a, b   Captured // the earlier and the later: not always the archived and the new
	result chat.Comparison
	late   bool   // the new export was made before the archived one
	own    bool   // both are the same custodian's
	joined string // the archived one's chat, where people have joined it to the new one's
}

// side makes a side of a new export.
func (c *chatDrafts) side() Captured {
	out := Captured{Side: chat.Side{Platform: c.export.Platform, Omitted: c.omitted, Truncated: slices.Contains(c.export.Flags, chat.FlagHeadTruncated)}}
	at := 0
	for _, run := range c.runs {
		for n := run.From; n <= run.To; n++ {
			out.Lines = append(out.Lines, chat.FromJournal(c.lines[at]))
			out.Places = append(out.Places, record.MessageID{Record: run.Record, N: n})
			at++
		}
	}
	return out
}

// compare sets a new export against the newest archived one of each custodian,
// its own first, and where that is of a chat joined to this one, against the
// newest of this one too: what is shared within a chat stays so when the other is
// parted from it. Those that are not of one chat with it are left out.
func (h *history) compare(made *chatDrafts) []compared {
	fresh := made.side()
	var own, others []compared
	seen, joined := make(map[string]bool), make(map[string]bool)
	for _, x := range slices.Backward(h.exports) {
		other := h.chats[x.Record] != h.chat
		if seen[x.Custodian] || other && joined[x.Custodian] || len(seen) == maxCompared {
			continue
		}
		c := set(CapturedSide(x, h.days), fresh)
		if !c.result.SameChat {
			continue
		}
		seen[x.Custodian], joined[x.Custodian] = !other, true
		c.past, c.own = x, x.Custodian == made.drafts[0].Holding.Custodian
		if of := h.chats[x.Record]; of != h.chat {
			c.joined = of
		}
		if c.own {
			own = append(own, c)
		} else {
			others = append(others, c)
		}
	}
	return append(own, others...)
}

// set compares an archived export with a new one in the order in which they
// were made, which need not be that of capture: the later has the later
// messages. Where both end alike nothing tells, and the reading that accuses
// nobody is taken.
func set(past, fresh Captured) compared {
	forward := compared{a: past, b: fresh}
	backward := compared{a: fresh, b: past, late: true}
	switch end, newEnd := last(past), last(fresh); {
	case newEnd < end:
		backward.result = chat.Compare(fresh.Side, past.Side)
		return backward
	case newEnd == end:
		forward.result = chat.Compare(past.Side, fresh.Side)
		if forward.result.Clean() {
			return forward
		}
		if backward.result = chat.Compare(fresh.Side, past.Side); backward.result.SameChat && grave(backward.result) < grave(forward.result) {
			return backward
		}
		return forward
	}
	forward.result = chat.Compare(past.Side, fresh.Side)
	return forward
}

// grave counts what a comparison says that no mark in the export confirms.
func grave(c chat.Comparison) int {
	n := len(c.Vanished)
	for _, ch := range c.ChangedOther {
		if ch.Why == chat.WhyAltered {
			n++
		}
	}
	return n
}

// last is the latest minute at which a person wrote.
func last(s Captured) (minute int64) {
	for i := range s.Lines {
		if s.Lines[i].Sender != "" {
			minute = max(minute, s.Lines[i].Minute)
		}
	}
	return minute
}

// The relations of a day's version to an earlier one.
const (
	extends  = "extends"  // all of it, and more
	restates = "restates" // restamped, renamed, edited or shortened
	alters   = "alters"   // words changed, and no edit mark says so
)

// relation says how a day stands to the newest archived version of it, the
// own custodian's before any other's. The same octets are the same record and
// need no relation.
func (h *history) relation(d *draft, all []compared) (string, record.ID) {
	of := h.version(d, all[0].past)
	if of == nil || of.Record == d.Record {
		return "", ""
	}
	for _, c := range all {
		for _, p := range c.altered() {
			if c.between(p, of.Record, d.Record) {
				return alters, of.Record
			}
		}
	}
	if grew(of.Lines, d.Chat.Digests) {
		return extends, of.Record
	}
	return restates, of.Record
}

// altered lists the pairs of messages whose words differ without an edit mark.
// Of two people's phones one may not have heard of an edit yet, so that there a
// mark on either side is an explanation.
func (c *compared) altered() (pairs [][2]int) {
	for _, ch := range c.result.ChangedOther {
		if ch.Why != chat.WhyAltered || ch.A == nil || ch.B == nil {
			continue
		}
		if c.own || !c.a.Lines[*ch.A].Edited && !c.b.Lines[*ch.B].Edited {
			pairs = append(pairs, [2]int{*ch.A, *ch.B})
		}
	}
	return pairs
}

// between reports whether a pair is of messages of two records.
func (c *compared) between(pair [2]int, x, y record.ID) bool {
	a, b := c.a.Places[pair[0]].Record, c.b.Places[pair[1]].Record
	return a == x && b == y || a == y && b == x
}

// version is the newest version of a draft's day, of the export it was
// compared with if that has one.
func (h *history) version(d *draft, past catalog.ChatExport) (of *catalog.ChatDay) {
	for i := range h.days {
		day := &h.days[i]
		if day.Date != d.Chat.Date || h.chats[day.Record] != h.chat {
			continue // a version of another chat's day is for those who joined the two
		}
		of = day
		if slices.ContainsFunc(past.Runs, func(r record.MessageRun) bool { return r.Record == day.Record }) {
			return day
		}
	}
	return of
}

// grew reports whether now has all of old, in order, unchanged.
func grew(old, now []record.ChatLine) bool {
	i := 0
	for _, l := range now {
		if i < len(old) && sameLine(old[i], l) {
			i++
		}
	}
	return i == len(old)
}

func sameLine(a, b record.ChatLine) bool {
	return a.Minute == b.Minute && a.Class == b.Class && a.Edited == b.Edited &&
		slices.Equal(a.Text, b.Text) && slices.Equal(a.Sender, b.Sender)
}

// shareCopies puts the new messages into the copy groups of archived ones that
// say the same, word for word, and that comparing has matched.
func (h *history) shareCopies(made *chatDrafts, all []compared) {
	byRecord := make(map[record.ID]*draft)
	for _, d := range made.drafts {
		byRecord[d.Record] = d
	}
	done := make(map[record.MessageID]bool)
	for _, c := range all {
		if c.joined != "" {
			continue
		}
		for _, m := range c.result.Matches {
			if c.a.Lines[m[0]].Text != c.b.Lines[m[1]].Text {
				continue
			}
			old, now := c.a.Places[m[0]], c.b.Places[m[1]]
			if c.late {
				old, now = now, old
			}
			d, olds := byRecord[now.Record], h.messages[old.Record]
			if d == nil || done[now] || now.N > len(d.Messages) || old.N > len(olds) || olds[old.N-1].Copy == nil {
				continue
			}
			d.Messages[now.N-1].Copy = olds[old.N-1].Copy
			done[now] = true
		}
	}
}

// findings words what comparing an export with the archived ones has shown.
// What proves nothing is left out, but for a missing head, which may be a
// cleared chat.
func findings(made *chatDrafts, all []compared) []record.Notice {
	var notices []record.Notice
	for _, c := range all {
		if !c.own {
			notices = append(notices, c.corroboration(made.told())...)
			continue
		}
		for _, f := range c.result.Findings {
			if f.Confidence != chat.None || f.Class == chat.AbsentHead {
				notices = append(notices, c.notice(made.told(), f))
			}
		}
	}
	return notices
}

// A told is a new export as people are told of it.
type told struct {
	id    record.ID
	title string // of its chat
}

func (c *chatDrafts) told() told { return told{c.record(), c.export.Title} }

// notice words a finding with the two exports that it comes of.
func (c *compared) notice(of told, f chat.Finding) record.Notice {
	earlier, later := c.past.Record, of.id
	if c.late {
		earlier, later = later, earlier
	}
	return record.Notice{Kind: f.Class, Joined: c.joined,
		Text: aboutChat(of.title, fmt.Sprintf("%s Export %s compared with export %s.", f.Text, earlier.Short(), later.Short())),
		Finding: &record.Finding{Confidence: f.Confidence, Earlier: earlier, Later: later, Flag: flagOf(f.Class),
			A: runs(c.a.Places, f.A), B: runs(c.b.Places, f.B)}}
}

// corroboration says what another custodian's export of the chat bears out.
// What one of two phones lacks is no finding against anybody: people join late,
// and phones lose messages. Other words are one.
func (c *compared) corroboration(of told) []record.Notice {
	here, there := c.b, c.a
	if c.late {
		here, there = c.a, c.b
	}
	n := len(c.result.Matches)
	notices := []record.Notice{{Kind: "corroboration", Joined: c.joined, Text: aboutChat(of.title, fmt.Sprintf(
		"%d messages of export %s are in export %s of custodian %s too; %d are only in the first and %d only in the second.",
		n, of.id.Short(), c.past.Record.Short(), c.past.Custodian, len(here.Lines)-n, len(there.Lines)-n))}}
	if pairs := c.altered(); len(pairs) > 0 {
		f := chat.Finding{Class: chat.WhyAltered, Confidence: chat.Moderate,
			Text: fmt.Sprintf("The words of %d messages differ between two custodians' exports, and neither has an edit mark.", len(pairs))}
		for _, p := range pairs {
			f.A, f.B = append(f.A, p[0]), append(f.B, p[1])
		}
		notices = append(notices, c.notice(of, f))
	}
	return notices
}

// flagOf is the mark that a class of finding sets on its messages.
func flagOf(class string) record.Flag {
	switch class {
	case chat.WhyAltered:
		return record.FlagDiffers
	case "vanished":
		return record.FlagVanished
	case "deleted_for_everyone":
		return record.FlagDeleted
	case "edited":
		return record.FlagEdited
	case "late_or_inserted":
		return record.FlagLate
	}
	return ""
}

// runs gathers messages into runs of their records.
func runs(places []record.MessageID, messages []int) []record.MessageRun {
	var all []record.MessageRun
	for _, i := range messages {
		p := places[i]
		if n := len(all); n > 0 && all[n-1].Record == p.Record && all[n-1].To == p.N-1 {
			all[n-1].To = p.N
			continue
		}
		all = append(all, record.MessageRun{Record: p.Record, From: p.N, To: p.N})
	}
	return all
}
