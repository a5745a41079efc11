// Package outlook reads the .msg files that Outlook saves a message as: MAPI
// properties ([MS-OXPROPS]) as streams of a compound file ([MS-OXMSG],
// [MS-CFB]).
//
// It reads what a person sees of the message: who wrote to whom and when, the
// body as text, HTML or RTF, the attachments, and messages among them. The
// header that the message came with over the internet is there as well, if it
// did. Memory is bounded by [MaxText] for each text; attachments are streamed.
package outlook

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/richardlehane/mscfb"

	"github.com/closeroll/closeroll/connectors/email/tnef"
)

// Limits.
const (
	MaxText        = 8 << 20 // octets of one property that is kept in memory
	MaxAttachments = 1000    // and as many recipients; of one message
	MaxDepth       = 8       // of messages attached to messages
	maxEntries     = 100_000 // streams in the file
)

// ErrBroken says that the file is not what Outlook writes. What was read before
// is returned with it.
var ErrBroken = errors.New("broken .msg")

// signature begins every compound file ([MS-CFB], section 2.2).
var signature = []byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}

// Is reports whether octets that begin with head are a compound file.
func Is(head []byte) bool { return bytes.HasPrefix(head, signature) }

// A Message is what a .msg holds. Texts are octets in Codepage, unless that is
// "utf-8".
type Message struct {
	Header      string // as it came over the internet, or ""
	Subject     string
	MessageID   string
	InReplyTo   string
	References  string
	From        Person
	Recipients  []Person
	Sent        time.Time // when it was submitted
	Received    time.Time // when it was delivered
	Text        string
	HTML        []byte
	RTF         []byte // decompressed
	Codepage    uint32 // of HTML and of strings that are not Unicode, 0 if not said
	Attachments []Attachment
}

// A Person is a sender or recipient.
type Person struct {
	Kind Kind
	Name string
	Addr string // "" where only an internal address was kept
}

// A Kind is what a recipient is ([MS-OXCMSG], section 2.2.3.1).
type Kind int32

// The kinds of recipients.
const (
	To  Kind = 1
	Cc  Kind = 2
	Bcc Kind = 3
)

// An Attachment is a file, or a message, attached to a message.
type Attachment struct {
	Name      string
	Type      string // media type, "" if not said
	ContentID string
	Message   *Message // set where it is a message

	open func() io.Reader
}

// Open returns the octets of a file; of a message there are none.
func (a *Attachment) Open() io.Reader { return a.open() }

// Parse reads the .msg in r.
func Parse(r io.ReaderAt) (m *Message, err error) {
	defer func() {
		if recover() != nil { // the library's, on files made to break it
			m, err = &Message{}, ErrBroken
		}
	}()
	file, err := mscfb.New(r)
	if err != nil {
		return &Message{}, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if len(file.File) > maxEntries {
		return &Message{}, fmt.Errorf("%w: %d streams", ErrBroken, len(file.File))
	}
	d := &document{src: r, storages: make(map[string]*storage)}
	for _, f := range file.File {
		d.add(f)
	}
	if d.storages[""] == nil || d.storages[""].streams[properties] == nil {
		return &Message{}, fmt.Errorf("%w: a compound file of another kind", ErrBroken)
	}
	d.charset = d.bag("", topHeader).charsetOf()
	return d.message("", topHeader, 0), nil
}

// A document is the file's streams by the storage that they are in.
type document struct {
	src      io.ReaderAt
	storages map[string]*storage
	order    []string // paths of storages, as the file lists them
	charset  string
}

type storage struct{ streams map[string]*mscfb.File }

func (d *document) add(f *mscfb.File) {
	path := strings.Join(f.Path, "/")
	s := d.storages[path]
	if s == nil {
		s = &storage{make(map[string]*mscfb.File)}
		d.storages[path] = s
		d.order = append(d.order, path)
	}
	s.streams[f.Name] = f
}

// children lists the storages in path whose names begin with prefix.
func (d *document) children(path, prefix string) (found []string) {
	if path != "" {
		path += "/"
	}
	for _, p := range d.order {
		rest, ok := strings.CutPrefix(p, path)
		if ok && strings.HasPrefix(rest, prefix) && !strings.Contains(rest, "/") && len(found) < MaxAttachments {
			found = append(found, p)
		}
	}
	return found
}

// message reads the message in a storage.
func (d *document) message(path string, header int, depth int) *Message {
	p := d.bag(path, header)
	m := &Message{
		Header: p.text(0x007d), Subject: p.text(0x0037), MessageID: p.text(0x1035), InReplyTo: p.text(0x1042), References: p.text(0x1039),
		Sent: p.time(0x0039), Received: p.time(0x0e06), Text: p.text(0x1000), HTML: p.binary(0x1013), Codepage: p.number(0x3fde),
		From: Person{Name: firstOf(p.text(0x0042), p.text(0x0c1a)), Addr: p.address(0x5d02, 0x0065, 0x5d01, 0x0c1f)},
	}
	if m.HTML == nil {
		m.HTML = []byte(p.text(0x1013))
	}
	if packed := p.binary(0x1009); packed != nil {
		m.RTF, _ = tnef.DecompressRTF(packed) // what was expanded before a fault is text all the same
	}
	for _, at := range d.children(path, "__recip_version1.0_#") {
		r := d.bag(at, innerHeader)
		m.Recipients = append(m.Recipients, Person{Kind: Kind(r.number(0x0c15)), Name: r.text(0x3001), Addr: r.address(0x39fe, 0x3003)})
	}
	for _, at := range d.children(path, "__attach_version1.0_#") {
		m.Attachments = append(m.Attachments, d.attachment(at, depth))
	}
	return m
}

func (d *document) attachment(path string, depth int) Attachment {
	p := d.bag(path, innerHeader)
	a := Attachment{Name: firstOf(p.text(0x3707), p.text(0x3704), p.text(0x3001)), Type: strings.ToLower(p.text(0x370e)),
		ContentID: strings.Trim(p.text(0x3712), "<>"), open: func() io.Reader { return bytes.NewReader(nil) }}
	inner := path + "/" + stream(0x3701, typeObject)
	if d.storages[inner] != nil && d.storages[inner].streams[properties] != nil {
		if depth < MaxDepth {
			a.Message = d.message(inner, embeddedHeader, depth+1)
		}
		return a
	}
	a.open = func() io.Reader { return reopen(d.src, path, stream(0x3701, typeBinary)) }
	return a
}

// reopen reads a stream through a reader of its own: those of one compound file
// share a position.
func reopen(src io.ReaderAt, path, name string) (r io.Reader) {
	defer func() {
		if recover() != nil {
			r = bytes.NewReader(nil)
		}
	}()
	file, err := mscfb.New(src)
	if err != nil {
		return failing{err}
	}
	for _, f := range file.File {
		if f.Name == name && strings.Join(f.Path, "/") == path {
			return &contained{f}
		}
	}
	return bytes.NewReader(nil)
}

// failing is a reader that fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// contained turns a panic of the library into an error.
type contained struct{ r io.Reader }

func (c *contained) Read(p []byte) (n int, err error) {
	defer func() {
		if recover() != nil {
			n, err = 0, ErrBroken
		}
	}()
	return c.r.Read(p)
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// filetime is a count of 100 ns since 1601 ([MS-DTYP], section 2.3.3).
func filetime(b []byte) time.Time {
	const toUnix = 11644473600
	n := binary.LittleEndian.Uint64(b)
	if s := int64(n/10_000_000) - toUnix; n > 0 && s > -toUnix && s < 1<<34 {
		return time.Unix(s, int64(n%10_000_000)*100).UTC()
	}
	return time.Time{}
}
