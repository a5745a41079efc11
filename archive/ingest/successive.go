package ingest

import (
	"context"
	"fmt"
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
	chat    string
	days    []catalog.ChatDay
	exports []catalog.ChatExport // oldest first
	chats   map[record.ID]string // of the days and exports
}

// history reads what is archived of these chats; the first is the one that the
// history is of.
func (p *Pipeline) history(ctx context.Context, chats ...string) (*history, error) {
	h := &history{chat: chats[0], chats: make(map[record.ID]string)}
	for _, id := range chats {
		days, err := p.Archive.Catalog.ChatDays(ctx, id)
		if err != nil {
			return nil, err
		}
		exports, err := p.Archive.Catalog.ChatExports(ctx, id)
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

// side makes a side of a new export, once, until it is forgotten.
func (p *Pipeline) side(c *chatDrafts) *Captured {
	if c.compared != nil {
		return c.compared
	}
	n := c.export.Count()
	out := &Captured{Side: chat.Side{Platform: c.export.Platform, Omitted: c.omitted, Truncated: slices.Contains(c.export.Flags, chat.FlagHeadTruncated),
		Lines: make([]chat.Line, 0, n)}, Places: make([]record.MessageID, 0, n)}
	for _, m := range c.export.All() {
		l := c.liner.Line(m)
		l.Votes, l.Seq = "", 0 // the journal has neither of the archived ones
		out.Lines = append(out.Lines, l)
	}
	for _, run := range c.runs {
		for n := run.From; n <= run.To; n++ {
			out.Places = append(out.Places, record.MessageID{Record: run.Record, N: n})
		}
	}
	c.compared = out
	return out
}

// forgetSide lets go of what comparing needed.
func (c *chatDrafts) forgetSide() { c.compared = nil }

// compare sets a new export against the newest archived one of each custodian,
// its own first, and where that is of a chat joined to this one, against the
// newest of this one too: what is shared within a chat stays so when the other is
// parted from it. Those that are not of one chat with it are left out.
func (h *history) compare(fresh *Captured, custodian string) []compared {
	var own, others []compared
	seen, joined := make(map[string]bool), make(map[string]bool)
	for _, x := range slices.Backward(h.exports) {
		other := h.chats[x.Record] != h.chat
		if seen[x.Custodian] || other && joined[x.Custodian] || len(seen) == maxCompared {
			continue
		}
		c := set(CapturedSide(x, h.days), *fresh)
		if !c.result.SameChat {
			continue
		}
		seen[x.Custodian], joined[x.Custodian] = !other, true
		c.past, c.own = x, x.Custodian == custodian
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
	for _, u := range c.Unclear {
		n += u.Gone
	}
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
func (h *history) relation(d *draft, fresh *Captured, all []compared) (string, record.ID) {
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
	if grew(of.Lines, fresh, d.day.day.Parts) {
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

// grew reports whether a day, of which the new export has these parts, has all
// of old, in order, unchanged.
func grew(old []record.ChatLine, now *Captured, parts []chat.Part) bool {
	i := 0
	for _, part := range parts {
		for n := part.From; n < part.To && i < len(old); n++ {
			if chat.FromJournal(old[i]) == now.Lines[n] {
				i++
			}
		}
	}
	return i == len(old)
}

// copied says which messages of a new export are, word for word, those of
// archived ones of its chat that comparing has matched them with, by its records.
func copied(all []compared) map[record.ID][]record.CopyRun {
	runs := make(map[record.ID][]record.CopyRun)
	for _, c := range all {
		if c.joined != "" {
			continue
		}
		for _, r := range c.same(func(record.MessageID) bool { return true }) {
			runs[r.A] = append(runs[r.A], r)
		}
	}
	return runs
}

// shareCopies puts the messages of a draft into the copy groups of the archived
// ones that they are copies of.
func (p *Pipeline) shareCopies(ctx context.Context, d *draft, runs []record.CopyRun) error {
	groups := make(map[record.ID][][]byte)
	done := make([]bool, len(d.Messages))
	for _, r := range runs {
		of, known := groups[r.B]
		if !known {
			var err error
			if of, err = p.Archive.Catalog.CopyGroups(ctx, r.B); err != nil {
				return err
			}
			groups[r.B] = of
		}
		for k := range r.Count {
			now, old := r.AFrom+k-1, r.BFrom+k-1
			if now < len(done) && !done[now] && old < len(of) && of[old] != nil {
				d.Messages[now].Copy, done[now] = of[old], true
			}
		}
	}
	return nil
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
	case chat.ClassUnclear:
		return record.FlagUnclear
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
