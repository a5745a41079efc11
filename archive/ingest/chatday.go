package ingest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
)

// A dayOf is where the messages of a chat-day's draft are. What is sealed and
// journalled of each is made when it is wanted and let go of at once, so that
// what is in memory does not grow with a chat.
type dayOf struct {
	made *chatDrafts
	day  *chat.Day
	zone *time.Location
}

// What the journal takes of a record in one entry. A message's share of it, but
// for the names in it, is less than perMessage octets, and a run's than perRun.
const (
	maxEntry   = journal.MaxBytes - 1<<20
	perMessage = 256
	perRun     = 128
)

// chatDay drafts the record of one printed day.
func (p *Pipeline) chatDay(ctx context.Context, src Source, file chatSource, made *chatDrafts, day *chat.Day) (*draft, error) {
	e := made.export
	digest, size, err := record.SumReader(io.NewSectionReader(day, 0, day.Size()))
	if err != nil {
		return nil, err
	}
	d := &draft{contents: map[string]io.ReaderAt{chatPath: day}, day: &dayOf{made, day, src.Zone}}
	d.rec.Components = []record.Component{{Path: chatPath, Size: size, Digest: digest, MediaType: "text/plain"}}
	if e.Context != nil {
		about, err := e.Context(day)
		if err != nil {
			return nil, err
		}
		d.add(contextPath, about)
	}
	d.rec.Chat = &record.Day{Date: day.Date, Zone: src.Zone.String(), Platform: string(e.Platform), Order: e.DateOrder.Used,
		Calendar: e.Calendar, App: e.App, Excluded: made.excluded[day.Date]}
	d.media(e.Entries, made.paths, day.Entries)
	d.Item = record.Item{Source: src.Name, Key: file.key + "/" + day.Date}
	d.Display = or(e.Title, "untitled chat") + ", " + day.Date
	d.Chat = &record.ChatRef{Title: e.Title, App: e.App, Platform: string(e.Platform), Date: day.Date, Omitted: made.before[day.Date]}
	if err := d.day.survey(d); err != nil {
		return nil, err
	}
	d.docs, d.TextStatus, err = chatDocuments(ctx, p.Extract, p.detector, e, day.All(), src.Zone, made.texts)
	if err != nil {
		return nil, err
	}
	d.Facts.Chat, d.Facts.Subject = e.Title, e.Title
	p.fill(d, src, record.ChatDay, file.folder)
	return d, nil
}

// survey notes who wrote on the day, and its last message, which starts its
// clock. A day of which no journal entry can be made is refused.
func (o *dayOf) survey(d *draft) error {
	people, weight := map[string]bool{}, 0
	for _, m := range o.day.All() {
		if m.Sender != "" && !people[m.Sender] {
			people[m.Sender] = true
			d.Facts.From = append(d.Facts.From, record.FoldAddress(m.Sender))
		}
		if t := wallTime(m.Time, o.zone); t.After(d.Facts.Sent) {
			d.Facts.Sent = t
		}
		weight += perMessage + len(or(m.Sender, m.DisplaySender))
	}
	if weight > maxEntry {
		return chat.Refuse(record.ReasonBomb, "one day of it has %d messages, which is more than any chat's", o.day.Count)
	}
	return o.made.export.Err()
}

// spans are the lengths of the day's messages.
func (o *dayOf) spans() []int64 {
	all := make([]int64, 0, o.day.Count)
	for _, m := range o.day.All() {
		all = append(all, m.Length)
	}
	return all
}

// unfold makes what is journalled of each of a draft's messages.
func (p *Pipeline) unfold(ctx context.Context, d *draft) error {
	if d.day == nil {
		return nil
	}
	made := d.day.made
	d.Messages = make([]record.Message, 0, d.day.day.Count)
	for i, m := range d.day.day.All() {
		one := p.chatMessage(made, i, m, d.day.zone)
		if made.aside {
			one.Sender = ""
		} else {
			d.Chat.Digests = append(d.Chat.Digests, made.liner.Line(m).Journalled())
		}
		d.Messages = append(d.Messages, one)
	}
	if err := made.export.Err(); err != nil {
		return err
	}
	return p.shareCopies(ctx, d, made.copies[d.Record])
}

// fold lets go of what unfold has made, once it is journalled.
func (d *draft) fold() {
	if d.day == nil {
		return
	}
	d.Messages = nil
	if d.Chat != nil {
		d.Chat.Digests = nil
	}
}

// count is how many messages the draft has.
func (d *draft) count() int {
	if d.day != nil {
		return d.day.day.Count
	}
	return len(d.Messages)
}

// chatMessage is what the catalog needs of the export's message i. Its time is
// the printed wall clock in the zone that the source's configuration assumes; it
// is suspect where the order of the date's fields, or its calendar, could not be
// proved. It is a copy of no other until comparing with earlier exports says so:
// two people may say "ok" twice in one minute, and those are two messages.
func (p *Pipeline) chatMessage(made *chatDrafts, i int, m *chat.Message, zone *time.Location) record.Message {
	out := record.Message{Sent: wallTime(m.Time, zone), Sender: or(m.Sender, m.DisplaySender), Suspect: doubtful(made.export, m)}
	out.Copy = p.Archive.KeyedDigest("chat-copy", fmt.Appendf(nil, "%x/%d", made.digest, i))
	if m.Kind == chat.Deleted {
		out.Flags = append(out.Flags, record.FlagDeleted)
	}
	if m.Edited {
		out.Flags = append(out.Flags, record.FlagEdited)
	}
	if made.transient[i] {
		out.Flags = append(out.Flags, record.FlagEphemeral)
	}
	if m.Kind == chat.System {
		out.Flags = append(out.Flags, record.FlagEvent)
	}
	return out
}

// doubtful reports whether a message's date is one of several that its stamp can
// mean.
func doubtful(e *chat.Export, m *chat.Message) bool {
	ambiguous := e.DateOrder.Default && slices.Contains(e.Flags, chat.FlagOrderAmbiguous) && !m.Alternative.IsZero()
	return ambiguous || !m.Time.IsZero() && slices.Contains(e.Flags, chat.FlagCalendarAssumed)
}

func wallTime(t time.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	y, mo, d := t.Date()
	h, mi, s := t.Clock()
	return time.Date(y, mo, d, h, mi, s, 0, zone).UTC()
}
