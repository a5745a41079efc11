package ingest

import (
	"context"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/internal/language"
	"github.com/closeroll/closeroll/internal/spool"
)

// texts keep what was read out of a chat's attachments until it is indexed,
// since reading it takes long: in the spool, or in memory where there is none.
type texts struct {
	spool   *spool.Spooler // may be nil
	writer  *spool.Writer
	content *spool.Content
	size    int64
	held    []string
}

// A textAt is where the text of one attachment of a message is.
type textAt struct {
	attachment   int // of the message
	from, length int64
}

func (t *texts) add(attachment int, text string) (textAt, error) {
	if t.spool == nil {
		t.held = append(t.held, text)
		return textAt{attachment, int64(len(t.held) - 1), 0}, nil
	}
	if t.writer == nil {
		t.writer = t.spool.Create()
	}
	at := textAt{attachment, t.size, int64(len(text))}
	n, err := io.WriteString(t.writer, text)
	t.size += int64(n)
	return at, err
}

// finish ends the adding; only then is anything read.
func (t *texts) finish() (err error) {
	if t.writer != nil {
		t.content, err = t.writer.Finish()
	}
	return err
}

func (t *texts) read(at textAt) (string, error) {
	if t.spool == nil {
		return t.held[at.from], nil
	}
	b := make([]byte, at.length)
	if _, err := t.content.ReadAt(b, at.from); err != nil && err != io.EOF {
		return "", err
	}
	return string(b), nil
}

// Close lets go of the texts.
func (t *texts) Close() error {
	switch {
	case t.content != nil:
		return t.content.Close()
	case t.writer != nil:
		t.writer.Cancel()
	}
	return nil
}

// chatDocuments returns what the index is told of these messages of an export,
// and how much of their text it is. Messages are read anew when the documents
// are asked for; what is in their attachments is read once, and kept. A message
// that is too short to show its language has that of the others.
func chatDocuments(ctx context.Context, extract Extractor, detector *language.Detector, e *chat.Export, messages iter.Seq2[int, *chat.Message], zone *time.Location, keep *texts) (documents, record.TextStatus, error) {
	status := record.TextOK
	kept := make(map[int][]textAt)
	var words language.Tally
	for i, m := range messages {
		detector.Read(&words, chatText(m))
		for n := range m.Attachments {
			text, s := mediaText(ctx, extract, e, &m.Attachments[n])
			status = worse(status, s)
			if text == "" {
				continue
			}
			at, err := keep.add(n, text)
			if err != nil {
				return nil, status, err
			}
			kept[i] = append(kept[i], at)
		}
	}
	shown := strings.Join(words.Languages().Codes(), ", ")
	return func(yield func(record.Document, error) bool) {
		for i, m := range messages {
			// Cloned: a string of a message can keep all of what was read with it.
			doc := record.Document{Kind: record.ChatDay, Language: shown, Chat: e.Title, Body: strings.Clone(chatText(m)), Sent: wallTime(m.Time, zone), Size: m.Length}
			for _, a := range m.Attachments {
				doc.Attachments = append(doc.Attachments, record.Attached{Name: strings.Clone(a.Name), MediaType: mediaType(a.Name, a.Type)})
			}
			for _, at := range kept[i] {
				text, err := keep.read(at)
				if err != nil {
					yield(record.Document{}, err)
					return
				}
				doc.Attachments[at.attachment].Text = text
			}
			if m.Sender != "" {
				doc.From = []record.Address{{Name: m.Sender, Addr: m.Phone}}
			}
			if !yield(doc, nil) {
				return
			}
		}
		if err := e.Err(); err != nil {
			yield(record.Document{}, err)
		}
	}, status, e.Err()
}

// chatText is all the words of a message.
func chatText(m *chat.Message) string {
	if m.Poll == nil {
		return m.Text
	}
	lines := []string{m.Text, m.Poll.Question}
	for _, o := range m.Poll.Options {
		lines = append(lines, o.Text)
	}
	return strings.Join(lines, "\n")
}

func mediaText(ctx context.Context, extract Extractor, e *chat.Export, a *chat.Attachment) (string, record.TextStatus) {
	if a.Entry == 0 {
		return "", record.TextOK // it did not come; a notice says so
	}
	entry := &e.Entries[a.Entry-1]
	r, err := entry.Open()
	if err != nil {
		return "", record.TextError
	}
	defer r.Close()
	kind := mediaType(a.Name, a.Type)
	text, s := extract.Text(ctx, a.Name, kind, r, entry.Size)
	return text, attachmentStatus(s, kind)
}

// media adds entries of the container to a draft, under names that are no paths
// and that do not collide. Their octets stay where they are until the record is
// sealed.
func (d *draft) media(entries []chat.Entry, paths []string, which []int) {
	for _, i := range which {
		entry := &entries[i]
		in := &unpacked{open: entry.Open}
		d.closers = append(d.closers, in)
		d.contents[paths[i]] = in
		d.rec.Components = append(d.rec.Components, record.Component{Path: paths[i], Name: entry.Name, Size: entry.Size, Digest: entry.Digest, MediaType: mediaType(entry.Name, "")})
	}
}

// An unpacked is a file inside a container, which can only be read from its
// beginning: it is meant to be read in order, as a bag is written, and begins
// again where it is not. It is used by one goroutine.
type unpacked struct {
	open func() (io.ReadCloser, error)
	r    io.ReadCloser
	at   int64
}

// ReadAt implements [io.ReaderAt].
func (u *unpacked) ReadAt(p []byte, off int64) (int, error) {
	if u.r == nil || off < u.at {
		u.Close()
		r, err := u.open()
		if err != nil {
			return 0, err
		}
		u.r = r
	}
	if skip := off - u.at; skip > 0 {
		n, err := io.CopyN(io.Discard, u.r, skip)
		if u.at += n; err != nil {
			return 0, err
		}
	}
	n, err := io.ReadFull(u.r, p)
	u.at += int64(n)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return n, err
}

// Close implements [io.Closer]. What is closed can be read again.
func (u *unpacked) Close() error {
	u.at = 0
	if u.r == nil {
		return nil
	}
	r := u.r
	u.r = nil
	return r.Close()
}
