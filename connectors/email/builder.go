package email

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"strings"

	"golang.org/x/net/html/charset"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/plaintext"
)

// builder makes a Message of a tree of parts.
type builder struct {
	*shared
	msg       *Message
	other     []string
	partial   bool // some text was not read
	encrypted bool // some text is encrypted
	enclosing int  // messages around this one
}

// message fills in the builder's message from the entity p.
func (b *builder) message(p *part) {
	m := b.msg
	m.path = p.path
	b.readFields(p.header)
	m.Text = b.text(p)
	m.Report = p.kind.params["report-type"]
	b.journal(p)
	m.Other = strings.Join(b.other, "\n\n")
	m.Markings = markings(m)
	switch {
	case b.encrypted && strings.TrimSpace(m.Text) == "":
		m.TextStatus = record.TextEncrypted
	case b.encrypted || b.partial:
		m.TextStatus = record.TextPartial
	default:
		m.TextStatus = record.TextOK
	}
}

// text describes everything under p and returns the text to show.
func (b *builder) text(p *part) string {
	for _, f := range p.header {
		if f.Name == "" { // a header line that is no field: its words must be found all the same
			b.other = append(b.other, b.keep(DecodeHeader(f.Value)))
		}
	}
	switch encoding, _ := encodingOf(p.header); {
	case p.multipart() && len(p.children) == 0:
		return b.encodedMultipart(p, encoding)
	case p.kind.full == "multipart/alternative":
		return b.withOutside(p, b.alternative(p))
	case p.multipart():
		return b.withOutside(p, b.mixed(p))
	case p.message() && len(p.children) > 0:
		b.enclosed(p, b.attach(p), p.children[0])
		return ""
	}
	return b.leaf(p)
}

func (b *builder) mixed(p *part) string {
	switch p.kind.full {
	case "multipart/signed":
		b.msg.Signed = true
	case "multipart/encrypted":
		b.encrypted = true
	}
	var texts []string
	for _, c := range p.children {
		if t := b.text(c); strings.TrimSpace(t) != "" {
			texts = append(texts, t)
		}
	}
	return strings.Join(texts, "\n\n")
}

// alternative returns the plain text among the alternatives, or else the last
// that has any (RFC 2046, section 5.1.4). The others are kept where they say
// something that it does not: what only some readers are shown was sent too.
func (b *builder) alternative(p *part) string {
	chosen, plain := -1, false
	texts := make([]string, len(p.children))
	for i, c := range p.children {
		texts[i] = b.text(c)
		isPlain := c.kind.full == "text/plain"
		if strings.TrimSpace(texts[i]) != "" && !plain && c.kind.full != "text/calendar" {
			chosen, plain = i, isPlain
		}
	}
	if chosen < 0 {
		return strings.Join(texts, "")
	}
	for i, t := range texts {
		if i != chosen && saysMore(t, texts[chosen]) {
			b.other = append(b.other, t)
		}
	}
	return texts[chosen]
}

// withOutside keeps the text around a multipart's parts. Before parts that
// nobody announced it is the message's own text.
func (b *builder) withOutside(p *part, text string) string {
	for _, span := range p.outside {
		n := min(span[1]-span[0], 64<<10)
		octets, _ := io.ReadAll(io.NewSectionReader(p.src, span[0], n))
		t, _ := plaintext.Decode(octets, "")
		if t = b.keep(strings.TrimSpace(t)); t == "" || isMIMENotice(t) {
			continue
		}
		if p.adopted && span[0] == p.start {
			text = t + "\n\n" + text
			continue
		}
		b.found.add(DefectTextOutside)
		b.other = append(b.other, t)
	}
	return text
}

// isMIMENotice recognises the sentence that software puts before the first
// part for readers without MIME.
func isMIMENotice(t string) bool {
	low := strings.ToLower(t)
	return len(t) < 400 && (strings.Contains(low, "multi-part") || strings.Contains(low, "multipart") || strings.Contains(low, "mime"))
}

// keep counts text against the limit and cuts it there.
func (b *builder) keep(t string) string {
	if len(t) > b.textRoom {
		b.found.add(DefectTextTooLarge)
		b.partial = true
		t = strings.ToValidUTF8(t[:b.textRoom], "")
	}
	b.textRoom -= len(t)
	return t
}

// encodedMultipart opens a multipart under base64 or quoted-printable, which
// RFC 2045, section 6.4, forbids and which is sent all the same.
func (b *builder) encodedMultipart(p *part, encoding string) string {
	b.found.add(DefectMultipartEncoded)
	octets, ok := b.toMemory(b.decoded(p))
	if !ok || p.depth+1 >= MaxDepth {
		b.partial = true
		b.attach(p)
		return ""
	}
	inner := &part{header: withoutEncoding(p.header), kind: p.kind}
	root := newWalker(b.shared, bytes.NewReader(octets), int64(len(octets))).entity(p.path, p.depth+1, inner)
	return b.text(root)
}

func withoutEncoding(h Header) Header {
	var out Header
	for _, f := range h {
		if !strings.EqualFold(f.Name, "Content-Transfer-Encoding") {
			out = append(out, f)
		}
	}
	return out
}

// toMemory reads r whole, if there is room for it.
func (b *builder) toMemory(r io.Reader) ([]byte, bool) {
	octets, err := io.ReadAll(io.LimitReader(r, b.nestedRoom+1))
	if int64(len(octets)) > b.nestedRoom {
		b.found.add(DefectNestedTooLarge)
		return nil, false
	}
	if err != nil {
		b.found.add(DefectUnreadable)
	}
	b.nestedRoom -= int64(len(octets))
	return octets, true
}

// decoded returns the octets of a leaf, its transfer encoding undone.
func (b *builder) decoded(p *part) io.Reader { return openPart(p, b.found) }

func openPart(p *part, found defects) io.Reader {
	encoding, known := encodingOf(p.header)
	if !known {
		found.add(DefectTransferEncoding)
	}
	return decodeTransfer(encoding, io.NewSectionReader(p.src, p.start, p.end-p.start), found)
}

// attach describes a leaf as an attachment.
func (b *builder) attach(p *part) *Attachment {
	disposition, _ := parseMediaType(p.header.Get("Content-Disposition"))
	name := firstOf(disposition.params["filename"], p.kind.params["name"], disposition.params["name"])
	a := &Attachment{
		Name:      name,
		Declared:  p.kind.full,
		Inline:    disposition.full == "inline" || disposition.full == "" && p.header.Has("Content-ID"),
		ContentID: strings.Trim(p.header.Get("Content-ID"), "<> \t"),
		Path:      p.path,
		open:      func() io.Reader { return openPart(p, defects{}) },
	}
	a.Type = a.Declared
	if b.add(a) {
		b.describe(a, b.decoded(p))
	}
	if p.message() {
		a.Type = p.kind.full
	}
	markSecure(a, p)
	return a
}

// add lists an attachment, while there is room in the list.
func (b *builder) add(a *Attachment) bool {
	if len(b.msg.Attachments) >= MaxFiles {
		b.found.add(DefectTooManyParts)
		b.partial = true
		return false
	}
	a.Depth = b.enclosing
	b.msg.Attachments = append(b.msg.Attachments, a)
	return true
}

// describe reads an attachment once for its size, digest and type.
func (b *builder) describe(a *Attachment, r io.Reader) {
	h := sha256.New()
	var head [sniffLen]byte
	n, err := io.ReadFull(r, head[:])
	h.Write(head[:n])
	a.Size = int64(n)
	if err == nil {
		var more int64
		more, err = io.Copy(h, r)
		a.Size += more
	}
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		b.found.add(DefectUnreadable)
	}
	h.Sum(a.Digest[:0])
	a.Type = sniff(head[:n], a.Name, a.Declared)
}

// enclosed makes a Message of an enclosed message and adds it.
func (b *builder) enclosed(p *part, a *Attachment, root *part) {
	inner := &builder{shared: b.shared, msg: &Message{}, enclosing: b.enclosing + 1}
	inner.message(root)
	b.partial = b.partial || inner.msg.TextStatus != record.TextOK
	a.Message = inner.msg
	if a.Name == "" && inner.msg.Subject != "" {
		a.Name = inner.msg.Subject + ".eml"
	}
	b.msg.Messages = append(b.msg.Messages, inner.msg)
	room := MaxFiles - len(b.msg.Attachments)
	b.msg.Attachments = append(b.msg.Attachments, inner.msg.Attachments[:min(room, len(inner.msg.Attachments))]...)
}

// leaf describes a part that is no multipart, and returns its text if that is
// part of the message.
func (b *builder) leaf(p *part) string {
	disposition, _ := parseMediaType(p.header.Get("Content-Disposition"))
	name := firstOf(disposition.params["filename"], p.kind.params["name"])
	attached := disposition.full == "attachment"
	switch kind := p.kind.full; {
	case p.message() || strings.HasSuffix(strings.ToLower(name), ".eml") && !strings.HasPrefix(kind, "image/"):
		return b.encodedMessage(p)
	case kind == "application/ms-tnef" || kind == "application/vnd.ms-tnef" || strings.EqualFold(name, "winmail.dat"):
		return b.winmail(p)
	case kind == "application/pkcs7-mime" || kind == "application/x-pkcs7-mime":
		return b.wrapped(p)
	case kind == "text/plain", kind == "text/html", kind == "text/enriched", kind == "text/richtext", kind == "text/x-amp-html":
		if attached {
			b.attach(p)
			return ""
		}
		t := b.body(p)
		if name != "" {
			b.attach(p)
		}
		return t
	case kind == "text/calendar", kind == "message/delivery-status", kind == "message/disposition-notification",
		kind == "message/feedback-report", kind == "text/rfc822-headers":
		b.attach(p)
		if t := b.body(p); t != "" {
			b.other = append(b.other, t)
		}
	case strings.HasPrefix(kind, "text/") && name == "" && !attached:
		b.attach(p)
		return b.body(p)
	case kind == "message/partial":
		b.found.add(DefectPartialMessage)
		b.partial = true
		b.attach(p)
	default:
		a := b.attach(p)
		if a.Encrypted {
			b.encrypted = true
		}
		if a.Type == outlookType && p.depth+1 < MaxDepth {
			b.attachedOutlook(a)
		}
	}
	return ""
}

// encodedMessage opens an enclosed message that must be decoded first.
func (b *builder) encodedMessage(p *part) string {
	encoding, _ := encodingOf(p.header)
	a := b.attach(p)
	a.Type = "message/rfc822"
	if p.depth+1 >= MaxDepth {
		b.found.add(DefectTooDeep)
		b.partial = true
		return ""
	}
	src, start, size := p.src, p.start, p.end-p.start
	if encoding != "" {
		if p.message() {
			b.found.add(DefectMessageEncoded)
		}
		octets, ok := b.toMemory(b.decoded(p))
		if !ok {
			b.partial = true
			return ""
		}
		src, start, size = bytes.NewReader(octets), 0, int64(len(octets))
	}
	section := io.NewSectionReader(src, start, size)
	root := newWalker(b.shared, section, size).entity(p.path+".m", p.depth+1, nil)
	b.enclosed(p, a, root)
	return ""
}

// body returns the text of a text part.
func (b *builder) body(p *part) string {
	buf := plaintext.NewBuffer(b.textRoom)
	r := b.decoded(p)
	var err error
	switch p.kind.full {
	case "text/html", "text/x-amp-html", "text/enriched", "text/richtext":
		err = plaintext.HTML(buf, b.charset(p, r))
	case "text/calendar":
		err = plaintext.Card(buf, b.charset(p, r))
	default:
		filter := &uuFilter{in: bufio.NewReaderSize(r, 8<<10), found: b.found}
		_, err = io.Copy(buf, b.charset(p, filter))
		if err != nil { // the files behind the limit must be found all the same
			io.Copy(io.Discard, filter)
		}
		b.uuFiles(p, filter.files)
	}
	switch {
	case buf.Cut():
		b.found.add(DefectTextTooLarge)
		b.partial = true
	case err != nil:
		b.found.add(DefectUnreadable)
		b.partial = true
	}
	b.textRoom = buf.Room()
	text := buf.String()
	if p.kind.full == "text/plain" {
		if strings.EqualFold(p.kind.params["format"], "flowed") {
			text = plaintext.Flowed(text, strings.EqualFold(p.kind.params["delsp"], "yes"))
		}
		if strings.Contains(text, "-----BEGIN PGP MESSAGE-----") {
			b.encrypted = true
		}
	}
	return tidy(text)
}

// tidy gives a text the line ends that every text here has.
func tidy(text string) string {
	return strings.TrimSpace(lineEnds.Replace(text))
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "")

// charset reads the text of p as UTF-8.
func (b *builder) charset(p *part, r io.Reader) io.Reader {
	label := p.kind.params["charset"]
	in := bufio.NewReaderSize(r, 4096)
	if head, _ := in.Peek(sniffLen); label == "" || bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		if found := plaintext.Sniff(head); found != "" {
			label = found
		}
		if label == "" && p.kind.full == "text/html" {
			if _, found, certain := charset.DetermineEncoding(head, ""); certain || found != "windows-1252" {
				label = found
			}
		}
	}
	text, known := plaintext.NewReader(in, label)
	if !known {
		b.found.add(DefectCharset)
	}
	return text
}

// uuFiles lists the uuencoded files found in a text part.
func (b *builder) uuFiles(p *part, files []uuFile) {
	for _, f := range files {
		a := &Attachment{
			Name: f.name, Declared: "application/octet-stream", Path: p.path, Size: f.size, Digest: f.digest,
			open: func() io.Reader {
				r := openPart(p, defects{})
				io.CopyN(io.Discard, r, f.offset)
				return &uuReader{in: bufio.NewReader(r), found: defects{}}
			},
		}
		a.Type = sniff(f.head, f.name, "application/octet-stream")
		b.add(a)
	}
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
