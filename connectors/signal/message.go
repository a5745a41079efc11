package signal

import (
	"path"
	"strings"
	"time"

	"github.com/closeroll/closeroll/connectors/chat"
)

// message makes a message of an item.
func (t *talk) message(m *chat.Message, it *item) {
	m.Time = wallClock(int64(it.Sent), t.f.opt.Zone)
	m.Edited = len(it.Revisions) > 0
	m.Expires = milliseconds(it.Expires)
	m.Self = it.Outgoing != nil
	who := t.f.person(it.Author)
	if it.Update != nil {
		t.update(m, it, who)
		return
	}
	m.Sender, m.Phone = who.Name, who.Phone
	switch {
	case it.Deleted != nil:
		m.Kind, m.DeletedBy = chat.Deleted, chat.BySender
		if m.Self {
			m.DeletedBy = chat.ByExporter
		}
	case it.AdminDeleted != nil:
		m.Kind, m.DeletedBy = chat.Deleted, chat.ByAdmin
	case it.Standard != nil:
		t.standard(m, it.Standard)
	case it.ViewOnce != nil:
		m.Kind = chat.ViewOnce
		if it.ViewOnce.Attachment != nil {
			t.attach(m, &it.ViewOnce.Attachment.Pointer, it.ViewOnce.Attachment.Flag)
		}
	case it.Sticker != nil:
		m.Kind, m.Text = chat.Media, it.Sticker.Sticker.Emoji
		t.attach(m, &it.Sticker.Sticker.Data, "STICKER")
	case it.Contact != nil:
		n := it.Contact.Contact.Name
		m.Kind, m.Text = chat.MediaOmitted, firstOf(joinName(n.GivenName, n.FamilyName), n.Nickname, it.Contact.Contact.Organization)
		m.Attachments = []chat.Attachment{{Omit: true, Type: "contact"}}
	case it.Story != nil:
		m.Kind, m.Text = chat.Text, firstOf(it.Story.TextReply.Text.Body, it.Story.Emoji)
	case it.Poll != nil:
		m.Kind, m.Poll = chat.PollKind, it.Poll.read()
		m.Text = it.Poll.Question
	default:
		m.Kind = chat.Empty // of a kind that is not known here: what it was is in the octets
	}
}

// wallClock is what a clock in the zone showed at an instant.
func wallClock(ms int64, zone *time.Location) time.Time {
	t := time.UnixMilli(ms).UTC()
	if y := t.Year(); ms <= 0 || y > 9999 {
		return time.Time{}
	}
	if zone == nil {
		zone = time.UTC
	}
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

func (t *talk) standard(m *chat.Message, s *standard) {
	m.Kind, m.Text = chat.Text, s.Text.Body
	for i := range s.Attachments {
		a := &s.Attachments[i]
		m.Kind = chat.Media
		m.Text = firstOf(m.Text, a.Pointer.Caption)
		t.attach(m, &a.Pointer, a.Flag)
	}
	if s.LongText != nil {
		s.LongText.FileName = firstOf(s.LongText.FileName, "long message.txt")
		t.attach(m, s.LongText, "")
	}
	if m.Text == "" && len(m.Attachments) == 0 {
		m.Kind = chat.Empty
	}
}

// attach adds a file to a message. A file that the phone never had is like one
// that an export left out.
func (t *talk) attach(m *chat.Message, p *pointer, flag string) {
	a := chat.Attachment{Name: p.FileName, Type: typeOf(p.ContentType, flag)}
	d, had := p.digest()
	n, came := t.f.media[d]
	switch {
	case !had:
		a.Omit = true
		if m.Kind == chat.Media {
			m.Kind = chat.MediaOmitted
		}
	case came:
		entry := t.f.entries[n]
		a.Entry = t.entries[n] + 1
		a.Name = firstOf(a.Name, path.Base(entry.Name))
	default:
		a.Name = firstOf(a.Name, d.String())
	}
	m.Attachments = append(m.Attachments, a)
}

// typeOf says what a file is in the vocabulary's words.
func typeOf(contentType, flag string) string {
	switch flag {
	case "VOICE_MESSAGE":
		return "voice"
	case "GIF":
		return "gif"
	case "STICKER":
		return "sticker"
	}
	switch kind, _, _ := strings.Cut(contentType, "/"); kind {
	case "image", "video", "audio":
		return kind
	}
	return "document"
}

func (p *poll) read() *chat.Poll {
	out := &chat.Poll{Question: p.Question}
	for _, o := range p.Options {
		out.Options = append(out.Options, chat.Option{Text: o.Option, Votes: len(o.Votes)})
	}
	return out
}
