package ingest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/email"
	"github.com/closeroll/closeroll/internal/spool"
)

// Where the octets of a mail are in its bag.
const (
	messagePath = "data/message.eml"
	savedPath   = "data/message.msg"        // of a message that Outlook saved
	reportPath  = "data/journal-report.eml" // the server's report that the message came in
)

// mail makes a record of a message, and of each chat export attached to it.
// Archiving never depends on parsing: a message of which nothing can be read
// is archived and listed as unsearchable.
func (p *Pipeline) mail(ctx context.Context, src Source, item *connectors.Item) prepared {
	m := email.Parse(item.Content, item.Content.Size(), email.Options{})
	markings, spilled := marked(m.Markings)
	if spilled != "" && src.OnMarking == MarkedRefuse {
		return refuseMarked(src, item.Key, spilled)
	}
	whole := record.Component{Path: messagePath, Name: item.Name, Size: item.Content.Size(), Digest: item.Content.Digest(), MediaType: "message/rfc822"}
	if m.Outlook {
		whole.Path, whole.MediaType = savedPath, "application/vnd.ms-outlook"
	}
	d := &draft{contents: map[string]io.ReaderAt{whole.Path: item.Content}}
	d.rec.Components = []record.Component{whole}
	d.Item = record.Item{Source: src.Name, Key: item.Key}
	if m.Journal != nil && m.Journal.Original != nil {
		if err := p.unwrap(d, m); err != nil {
			d.release()
			return prepared{err: err}
		}
	}

	d.Authenticity = authenticity(ctx, src, m, d.contents[messagePath], d.rec.Components[0].Size)
	received := receivedAt(m, item)
	doc, status := MailDocument(ctx, p.extractor(src, spilled), m)
	shown := m
	if m.Journal != nil && m.Journal.Original != nil && m.Journal.Original.Message != nil {
		shown = m.Journal.Original.Message
	}
	f := &d.Facts
	f.From, f.To = folded(doc.From), folded(doc.To, doc.Cc, doc.Bcc)
	f.Subject, f.Sent, f.Received = shown.Subject, utc(shown.Date), utc(received)
	f.DateSuspect = email.DateSuspect(shown.Date, received, p.now())
	d.Display = mailLine(shown)
	d.Messages = []record.Message{{Sent: f.MessageTime(), Suspect: f.DateSuspect, Sender: people(shown.From),
		Copy: p.copyGroup(shown)}}
	d.Thread = p.thread(shown)
	doc.Sent, doc.Suspect, doc.Received, doc.Size = f.MessageTime(), f.DateSuspect, f.Received, item.Content.Size()
	d.docs, d.text = documentsOf(doc)
	d.TextStatus = status
	d.Markings = markings
	p.fill(d, src, record.Email, item.Folder)

	made := prepared{drafts: []*draft{d}}
	if spilled != "" && src.OnMarking == MarkedQuarantine {
		// Whatever is attached to it stays in it: a chat export too.
		d.Display = mailLine(&email.Message{From: shown.From, To: shown.To, Subject: "(marked " + spilled + ")"})
		made.err = p.quarantine(d, &record.Quarantine{Reason: record.ReasonMarking, Marking: spilled})
		return made
	}
	p.attachedChats(ctx, src, item, m, d, &made)
	return made
}

// What is kept of a message's Authentication-Results fields.
const (
	maxResults   = 4
	maxResultLen = 2 << 10
)

// authenticity notes what is known of who sent a message, nil if nothing is.
func authenticity(ctx context.Context, src Source, m *email.Message, octets io.ReaderAt, size int64) *record.Authenticity {
	if m.Journal != nil && m.Journal.Original != nil && m.Journal.Original.Message != nil {
		m = m.Journal.Original.Message // the report that a server makes of it is not signed by the sender
	}
	var a record.Authenticity
	for _, r := range m.Header.Values("Authentication-Results") {
		if r = strings.Join(strings.Fields(r), " "); len(a.Results) < maxResults && len(r) <= maxResultLen {
			a.Results = append(a.Results, r)
		}
	}
	if src.CheckMail != nil && octets != nil {
		a.Signatures = src.CheckMail(ctx, octets, size)
	}
	if a.Results == nil && a.Signatures == nil {
		return nil
	}
	return &a
}

// receivedAt is when the message reached its recipient: the time in the topmost
// Received header, else the server's INTERNALDATE. The header comes first
// because mail that was moved to another server has the day of the move as its
// INTERNALDATE; but no message was received after the server had it.
func receivedAt(m *email.Message, item *connectors.Item) time.Time {
	if m.Received.IsZero() || !item.Received.IsZero() && m.Received.After(item.Received.Add(clockSkew)) {
		return item.Received
	}
	return m.Received
}

// clockSkew is how far two servers' clocks may be apart.
const clockSkew = time.Hour

// unwrap makes the message inside a journal report the record's payload, and
// keeps the report beside it.
func (p *Pipeline) unwrap(d *draft, report *email.Message) error {
	original, err := p.spool(report.Journal.Original.Open())
	if err != nil {
		return err
	}
	d.closers = append(d.closers, original)
	outer := d.rec.Components[0]
	outer.Path = reportPath
	d.contents[reportPath], d.contents[messagePath] = d.contents[messagePath], original
	d.rec.Components = []record.Component{
		{Path: messagePath, Size: original.Size(), Digest: original.Digest(), MediaType: "message/rfc822"}, outer}
	return nil
}

// attachedChats captures the chat exports that came with a message as chats
// too, linked to their covering mail. One that cannot be read as a chat is an
// attachment like any other: the mail has its octets.
func (p *Pipeline) attachedChats(ctx context.Context, src Source, item *connectors.Item, m *email.Message, covering *draft, made *prepared) {
	exports, unlisted := src.exportsOf(m)
	for _, a := range m.Attachments {
		if a.Encrypted || !mayBeChat(a) {
			continue
		}
		content, err := p.spool(a.Open())
		if err != nil {
			made.err = err
			return
		}
		if !p.Messengers.Looks(a.Name, content, content.Size()) {
			content.Close()
			continue
		}
		file := chatSource{key: item.Key + "#" + a.Path, name: a.Name, folder: item.Folder, sent: covering.Facts.MessageTime(), beside: beside(m, a)}
		if covering.rec.ID == "" {
			if made.err = p.identify(ctx, covering); made.err != nil {
				content.Close()
				return
			}
		}
		made.kept = append(made.kept, content)
		brought, err := p.parcel(ctx, exports, file, content, nil)
		var refused *chat.Refusal
		if errors.As(err, &refused) {
			continue
		}
		if err != nil {
			made.err = err
			return
		}
		for _, d := range brought.drafts {
			d.Covering = or(d.Covering, covering.rec.ID)
		}
		if unlisted != nil {
			for _, c := range brought.chats {
				c.notices = append(c.notices, record.Notice{Kind: unlisted.Kind, Text: aboutChat(c.export.Title, unlisted.Text)})
			}
		}
		made.kept = append(made.kept, brought.kept...)
		made.drafts = append(made.drafts, brought.drafts...)
		made.chats = append(made.chats, brought.chats...)
	}
}

// spool takes in octets that were found inside others.
func (p *Pipeline) spool(r io.Reader) (*spool.Content, error) {
	w := p.Spool.Create()
	defer w.Cancel()
	if _, err := io.Copy(w, r); err != nil {
		return nil, err
	}
	return w.Finish()
}

// beside are the other files that came in the same message as an attachment: older
// phones mail a chat's text and its media each by itself.
func beside(m *email.Message, of *email.Attachment) (files []chat.Loose) {
	within := func(a *email.Attachment) string { return a.Path[:strings.LastIndexByte(a.Path, '.')+1] }
	for _, a := range m.Attachments {
		if a == of || a.Encrypted || a.Signature || a.Message != nil || a.Name == "" || within(a) != within(of) {
			continue
		}
		files = append(files, chat.Loose{Name: a.Name, Size: a.Size, Open: func() (io.ReadCloser, error) { return io.NopCloser(a.Open()), nil }})
	}
	return files
}

func mayBeChat(a *email.Attachment) bool {
	name := strings.ToLower(a.Name)
	return strings.HasSuffix(name, ".zip") || strings.HasSuffix(name, ".txt") || strings.HasSuffix(name, ".jsonl")
}

// MailDocument returns what the index is told of a message, without number and
// dates, and how much of its text that is.
func MailDocument(ctx context.Context, extract Extractor, m *email.Message) (record.Document, record.TextStatus) {
	doc := record.Document{Kind: record.Email, From: named(m.From, m.Sender), To: named(m.To), Cc: named(m.Cc), Bcc: named(m.Bcc),
		Subject: m.Subject, MessageID: m.MessageID, References: append(append([]string(nil), m.References...), m.InReplyTo...)}
	if m.Journal != nil {
		doc = journalled(doc, m)
	}
	doc.Language = strings.Join(m.Header.Values("Content-Language"), ", ") // RFC 3282
	var body strings.Builder
	m.Searchable(func(text string) bool {
		body.WriteString(text)
		body.WriteString("\n\n")
		return true
	})
	doc.Body = body.String()
	status := m.TextStatus
	for _, a := range m.Attachments {
		att := record.Attached{Name: a.Name, MediaType: a.Type}
		switch {
		case a.Encrypted:
			status = worse(status, record.TextEncrypted)
		case a.Signature || a.Message != nil:
			// A signature has no words; an enclosed message's are in the body.
		default:
			var s record.TextStatus
			att.Text, s = extract.Text(ctx, a.Name, a.Type, a.Open(), a.Size)
			status = worse(status, attachmentStatus(s, a.Type))
		}
		doc.Attachments = append(doc.Attachments, att)
	}
	return doc, status
}

// journalled turns the description of a journal report into that of the
// message inside. Those whom only the envelope names are its Bcc recipients.
func journalled(doc record.Document, report *email.Message) record.Document {
	if report.Journal.Original == nil || report.Journal.Original.Message == nil {
		return doc
	}
	m := report.Journal.Original.Message
	doc.From, doc.To, doc.Cc, doc.Subject, doc.MessageID = named(m.From, m.Sender), named(m.To), named(m.Cc), m.Subject, m.MessageID
	doc.References = append(append([]string(nil), m.References...), m.InReplyTo...)
	open := map[string]bool{}
	for _, a := range addresses(m.To, m.Cc) {
		open[a] = true
	}
	doc.Bcc = named(m.Bcc)
	for _, r := range report.Journal.Recipients {
		if !open[record.FoldAddress(r.Addr)] {
			doc.Bcc = append(doc.Bcc, record.Address{Name: r.Name, Addr: r.Addr})
		}
	}
	return doc
}

// attachmentStatus is what an attachment's status says of the record. A
// picture, sound or film has no text and hides none that a search could find;
// any other file without a reader might.
func attachmentStatus(s record.TextStatus, mediaType string) record.TextStatus {
	if s != record.TextNone {
		return s
	}
	for _, family := range []string{"image/", "audio/", "video/", "font/"} {
		if strings.HasPrefix(mediaType, family) {
			return record.TextOK
		}
	}
	return record.TextPartial
}

// worse returns the status that more of the text is missing under.
func worse(a, b record.TextStatus) record.TextStatus {
	rank := map[record.TextStatus]int{record.TextPartial: 1, record.TextTooLarge: 2, record.TextError: 3, record.TextEncrypted: 4}
	if rank[b] > rank[a] {
		return b
	}
	return or(a, record.TextOK)
}

// copyGroup is equal for messages that are the same to a reader.
func (p *Pipeline) copyGroup(m *email.Message) []byte {
	var b bytes.Buffer
	m.WriteNormalised(&b)
	return p.Archive.KeyedDigest("copy", b.Bytes())
}

// thread returns the keyed digests that join a message to its thread.
func (p *Pipeline) thread(m *email.Message) *record.ThreadRef {
	digest := func(id string) []byte { return p.Archive.KeyedDigest("message-id", []byte(id)) }
	t := &record.ThreadRef{}
	if m.MessageID != "" {
		t.MessageID = digest(m.MessageID)
	}
	for _, id := range append(append([]string(nil), m.References...), m.InReplyTo...) {
		t.References = append(t.References, digest(id))
	}
	return t
}

// mailLine is a message in one line of a list.
func mailLine(m *email.Message) string {
	from, to := people(m.From), people(m.To)
	subject := m.Subject
	if subject == "" {
		subject = "(no subject)"
	}
	switch {
	case from == "" && to == "":
		return subject
	case to == "":
		return from + "  " + subject
	}
	return or(from, "?") + " → " + to + "  " + subject
}

// people names the first of a list and says how many more there are.
func people(list []email.Address) string {
	if len(list) == 0 {
		return ""
	}
	name := or(list[0].Name, list[0].Addr)
	if len(list) > 1 {
		name += " +" + strconv.Itoa(len(list)-1)
	}
	return name
}

func addresses(lists ...[]email.Address) []string {
	var all []string
	for _, list := range lists {
		for _, a := range list {
			if a.Addr != "" {
				all = append(all, record.FoldAddress(a.Addr))
			}
		}
	}
	return all
}

func folded(lists ...[]record.Address) []string {
	var all []string
	for _, list := range lists {
		for _, a := range list {
			if a.Addr != "" {
				all = append(all, record.FoldAddress(a.Addr))
			}
		}
	}
	return all
}

func named(lists ...[]email.Address) []record.Address {
	var all []record.Address
	for _, list := range lists {
		for _, a := range list {
			all = append(all, record.Address{Name: a.Name, Addr: a.Addr})
		}
	}
	return all
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}
