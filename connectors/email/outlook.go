package email

import (
	"bytes"
	"io"
	"strconv"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/email/outlook"
	"github.com/closeroll/closeroll/connectors/email/tnef"
)

// IsOutlook reports whether octets that begin with head may be a message that
// Outlook saved (.msg): [Parse] reads it.
func IsOutlook(head []byte) bool { return outlook.Is(head) }

// outlook reads a .msg. What it says it says in MAPI's words; where it came
// over the internet, its header is there too and is believed first.
func (b *builder) outlook(r io.ReaderAt) {
	file, err := outlook.Parse(r)
	if err != nil {
		b.found.add(DefectBadOutlook)
		b.partial = true
	}
	b.msg.path, b.msg.Outlook = "1", true
	b.saved(file)
}

// saved fills in the builder's message from one that Outlook saved.
func (b *builder) saved(file *outlook.Message) {
	m := b.msg
	found := b.found
	b.found = make(defects) // what the header lacks, the properties have
	header := strings.NewReader(strings.TrimRight(file.Header, "\x00\r\n") + "\r\n\r\n")
	b.readFields(newWalker(b.shared, header, header.Size()).entity(m.path, 0, nil).header)
	b.found = found
	b.properties(file)
	m.Text = b.tnefBody(&tnef.File{Text: []byte(file.Text), Codepage: "utf-8", HTML: file.HTML, RTF: file.RTF})
	for i := range file.Attachments {
		b.savedAttachment(&file.Attachments[i], m.path+"."+strconv.Itoa(i+1))
	}
	m.Other = strings.Join(b.other, "\n\n")
	m.Markings = markings(m)
	m.TextStatus = record.TextOK
	if b.partial {
		m.TextStatus = record.TextPartial
	}
}

// properties completes what the header said. Without a header a message never
// left the organisation, and only the properties know of it.
func (b *builder) properties(file *outlook.Message) {
	m := b.msg
	if m.Subject == "" {
		m.Subject = clean(file.Subject)
	}
	if m.MessageID == "" && len(identifiers(file.MessageID)) > 0 {
		m.MessageID = identifiers(file.MessageID)[0]
	}
	if m.InReplyTo == nil {
		m.InReplyTo = identifiers(file.InReplyTo)
	}
	if m.References == nil {
		m.References = identifiers(file.References)
	}
	if m.Date.IsZero() {
		m.Date = file.Sent
	}
	if m.Received.IsZero() {
		m.Received = file.Received
	}
	if m.Date.IsZero() {
		b.found.add(DefectDateMissing)
	}
	if m.From == nil && file.From != (outlook.Person{}) {
		m.From = []Address{person(file.From)}
	}
	for _, l := range []struct {
		kind outlook.Kind
		list *[]Address
	}{{outlook.To, &m.To}, {outlook.Cc, &m.Cc}, {outlook.Bcc, &m.Bcc}} {
		if *l.list != nil {
			continue
		}
		for _, r := range file.Recipients {
			if r.Kind == l.kind {
				*l.list = append(*l.list, person(r))
			}
		}
	}
}

func person(p outlook.Person) Address {
	return Address{Name: clean(p.Name), Addr: strings.ToLower(clean(p.Addr))}
}

func (b *builder) savedAttachment(file *outlook.Attachment, path string) {
	a := &Attachment{Name: clean(file.Name), Declared: file.Type, ContentID: file.ContentID, Path: path,
		Inline: file.ContentID != "", open: file.Open}
	if !b.add(a) {
		return
	}
	if file.Message == nil {
		b.describe(a, file.Open())
		return
	}
	inner := &builder{shared: b.shared, msg: &Message{path: path}, enclosing: b.enclosing + 1}
	inner.saved(file.Message)
	a.Message = inner.msg
	a.Type = outlookType
	b.partial = b.partial || inner.msg.TextStatus != record.TextOK
	b.msg.Messages = append(b.msg.Messages, inner.msg)
	room := MaxFiles - len(b.msg.Attachments)
	b.msg.Attachments = append(b.msg.Attachments, inner.msg.Attachments[:min(room, len(inner.msg.Attachments))]...)
}

// outlookType is the media type of a .msg.
const outlookType = "application/vnd.ms-outlook"

// attachedOutlook reads a .msg that is attached to a message as a message.
func (b *builder) attachedOutlook(a *Attachment) {
	octets, ok := b.toMemory(a.Open())
	if !ok {
		b.partial = true
		return
	}
	inner := &builder{shared: b.shared, msg: &Message{path: a.Path}, enclosing: b.enclosing + 1}
	inner.outlook(bytes.NewReader(octets))
	inner.msg.path = a.Path
	a.Message = inner.msg
	b.msg.Messages = append(b.msg.Messages, inner.msg)
}
