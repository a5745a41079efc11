// Package redaction is about what is struck out of an item before it is
// released: spans of its plain rendering, each with the exemption that it
// relies on.
//
// A [Rendering] is an item as plain text: its headers, a line each, and its
// words. It is made anew from the opened record, so that nothing of the
// original but these characters can be carried into what is released. What
// nobody sees (control characters, marks of direction, soft hyphens, spaces
// without width) is left out: it could keep words apart that a person reads as
// one.
//
// Redactions are kept as offsets into that text, never as words, and are tied
// to its digest. If the rendering of the same item is another one day, because
// this program makes it otherwise, nothing is redacted by old offsets: the
// digest differs, and whoever produces is told.
//
// The package decides nothing: it finds words that a person quotes, proposes
// what looks like personal data, and reads and writes files that people mark up.
package redaction

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/closeroll/closeroll/archive/record"
)

// Version is the version of the plain rendering. It changes whenever the same
// record would be rendered otherwise.
const Version = 1

// A Message is an opened item, as it is to be rendered.
type Message struct {
	Item     string // RECORD-ID/N
	Document record.Document
	Chat     string    // the chat's title
	Sent     time.Time // zero: undated
	Zone     *time.Location
	Content  []record.Digest // of the components of its record
}

// A Rendering is an item, or one of its attachments, as plain text. Lines end
// in a line feed, the last one too.
type Rendering struct {
	Item   string // RECORD-ID/N, or RECORD-ID/N+K
	Text   string
	Fields []Field
	Body   int           // where the words begin, after the headers
	Digest record.Digest // of the text, its version, its item and the record's content
}

// A Field is a header line's value: octets of the text.
type Field struct {
	Name     string
	From, To int
}

// Field returns the first field of this name.
func (r *Rendering) Field(name string) (Field, bool) {
	for _, f := range r.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// Wordless reports whether there is nothing below the headers: a picture, a
// recording, or a file that nothing here can read.
func (r *Rendering) Wordless() bool { return r.Body == len(r.Text) }

// Render renders a message: an e-mail, or one message of a chat. Attachments
// are named; [Part] renders their words.
func Render(m Message) Rendering {
	d := m.Document
	w := &writer{}
	w.field("Chat", m.Chat)
	w.field("From", addresses(d.From))
	w.field("To", addresses(d.To))
	w.field("Cc", addresses(d.Cc))
	w.field("Bcc", addresses(d.Bcc))
	sent := "undated"
	if !m.Sent.IsZero() {
		sent = m.Sent.In(m.Zone).Format("2 January 2006 15:04")
	}
	w.field("Sent", sent)
	w.field("Subject", d.Subject)
	for k, a := range d.Attachments {
		w.field(fmt.Sprintf("Attachment %d", k+1), attachmentName(a))
	}
	return w.finish(m.Item, d.Body, m.Content)
}

// Part renders the Kth attachment of a message, from 1.
func Part(m Message, k int) (Rendering, error) {
	if k < 1 || k > len(m.Document.Attachments) {
		return Rendering{}, fmt.Errorf("%s has no attachment %d", m.Item, k)
	}
	a := m.Document.Attachments[k-1]
	w := &writer{}
	w.field(fmt.Sprintf("Attachment %d", k), attachmentName(a))
	return w.finish(fmt.Sprintf("%s+%d", m.Item, k), a.Text, m.Content), nil
}

func attachmentName(a record.Attached) string {
	if a.Name == "" {
		return "without a name"
	}
	return a.Name
}

func addresses(list []record.Address) string {
	all := make([]string, len(list))
	for i, a := range list {
		switch {
		case a.Name != "" && a.Addr != "":
			all[i] = a.Name + " <" + a.Addr + ">"
		default:
			all[i] = a.Name + a.Addr
		}
	}
	return strings.Join(all, ", ")
}

// A writer writes a rendering.
type writer struct {
	b      strings.Builder
	fields []Field
}

func (w *writer) field(name, value string) {
	value = strings.Join(strings.Fields(seen(value)), " ")
	if value == "" {
		return
	}
	w.b.WriteString(name + ": ")
	from := w.b.Len()
	w.b.WriteString(value)
	w.fields = append(w.fields, Field{name, from, w.b.Len()})
	w.b.WriteByte('\n')
}

func (w *writer) finish(item, body string, content []record.Digest) Rendering {
	if body = lines(body); body != "" {
		body = "\n" + body
	}
	r := Rendering{Item: item, Text: w.b.String() + body, Fields: w.fields, Body: w.b.Len()}
	h := sha256.New()
	fmt.Fprintf(h, "closeroll rendering %d\n%s\n", Version, item)
	for _, d := range content {
		fmt.Fprintln(h, d)
	}
	h.Write([]byte(r.Text))
	h.Sum(r.Digest[:0])
	return r
}

// lines is a text with one blank line at most between others, none at its ends,
// and no space at the end of a line.
func lines(s string) string {
	var b strings.Builder
	blank := false
	for line := range strings.Lines(seen(s)) {
		line = strings.TrimRight(line, " \n")
		if line == "" {
			blank = b.Len() > 0
			continue
		}
		if blank {
			b.WriteByte('\n')
		}
		blank = false
		b.WriteString(line + "\n")
	}
	return b.String()
}

// seen is what a person sees of a text: without characters that have no form,
// and with one kind of space and of line break.
func seen(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u0085", "\n", "\f", "\n", "\v", "\n").Replace(strings.ToValidUTF8(s, "\ufffd"))
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
			return -1
		}
		return r
	}, s)
}
