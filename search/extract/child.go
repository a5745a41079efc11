package extract

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/confine"
	"github.com/closeroll/closeroll/internal/plaintext"
)

// Bounds on what one document may unfold to.
const (
	maxDepth    = 4         // archive files in one another
	maxEntries  = 10_000    // of one archive file, and of a document that is one
	maxEntry    = 32 << 20  // octets of one entry, unpacked
	maxUnpacked = 512 << 20 // octets of all entries together
)

// maxVerdict is room for the verdict after the text, in octets.
const maxVerdict = 1024

// Child is the main function of the child process: it reads the task and the
// document from stdin, and writes the text and its verdict to stdout. args are
// the limits that [Extractor] appended to its command; mail reads messages inside
// archive files. It ends the process at the deadline. An error means that the process was not started by an Extractor.
func Child(stdin io.Reader, stdout io.Writer, mail MailReader, args []string) error {
	var t task
	octets, room, err := confine.Enter(stdin, args, &t)
	if err != nil {
		return err
	}
	x := &extraction{out: &output{w: bufio.NewWriterSize(stdout, 32<<10), room: max(room-maxVerdict, 0)}, unpacked: maxUnpacked, readMail: mail}
	x.document(document{name: t.Name, kind: t.Kind, octets: octets})
	return x.finish()
}

// document is a file to read: the attachment itself, or an entry of it.
type document struct {
	name   string
	kind   kind
	octets []byte
	depth  int // archive files around it
}

// extraction is the reading of one attachment.
type extraction struct {
	out      *output
	readMail MailReader
	unpacked int64 // octets that entries may still unpack to
	entries  int
	status   record.TextStatus
}

// Errors that readers return to say which status fits; any other error is
// TextError.
var (
	errEncrypted = errors.New("encrypted")
	errPartial   = errors.New("not all of it is read")
	errLimit     = errors.New("limit reached")
	errNone      = errors.New("no text")
)

// document reads d with the reader of its kind. A reader that panics has
// failed like any other.
func (x *extraction) document(d document) {
	err := func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = errors.New("reader panicked")
			}
		}()
		return x.reader(d)
	}()
	switch {
	case err == nil:
	case errors.Is(err, errNone):
		x.note(record.TextNone)
	case errors.Is(err, plaintext.ErrFull), errors.Is(err, errLimit):
		x.note(record.TextTooLarge)
	case errors.Is(err, errEncrypted):
		x.note(record.TextEncrypted)
	case errors.Is(err, errPartial):
		x.note(record.TextPartial)
	default:
		x.note(record.TextError)
	}
}

func (x *extraction) reader(d document) error {
	switch d.kind {
	case word, sheet, slides, odf, zipFile:
		return x.zip(d)
	case tarFile:
		return x.tar(d)
	case gzipFile:
		return x.gzip(d)
	case pdfFile:
		return readPDF(x.out, d.octets)
	case richText:
		return plaintext.RTF(x.out, bytes.NewReader(d.octets))
	case card:
		return plaintext.Card(x.out, decoded(d.octets))
	case webPage:
		return readHTML(x.out, d.octets)
	case text:
		_, err := io.Copy(x.out, decoded(d.octets))
		return err
	case mail:
		return x.mail(d)
	case compound:
		return readCompound(x.out, d.octets)
	case sealed:
		return errEncrypted
	case media:
		return nil
	}
	return errNone
}

// note remembers the gravest thing that kept text from being read.
func (x *extraction) note(s record.TextStatus) {
	rank := map[record.TextStatus]int{record.TextNone: 1, record.TextPartial: 2, record.TextTooLarge: 3, record.TextError: 4, record.TextEncrypted: 5}
	if rank[s] > rank[x.status] {
		x.status = s
	}
}

// finish writes the verdict. A document of which something was read and
// something not is partial, whatever the reason.
func (x *extraction) finish() error {
	status := x.status
	switch {
	case status == "" && x.out.some:
		status = record.TextOK
	case status == "":
		status = record.TextNone
	case x.out.full:
		status = record.TextTooLarge
	case x.out.some:
		status = record.TextPartial
	}
	b, err := json.Marshal(verdict{Status: status})
	if err != nil {
		return err
	}
	x.out.w.WriteByte(0)
	x.out.w.Write(b)
	return x.out.w.Flush()
}

// output is the child's standard output: text in UTF-8 without controls, up to
// a limit.
type output struct {
	w    *bufio.Writer
	room int
	some bool // something that is not white space was written
	full bool
	held []byte // the beginning of a character
}

// Write implements [io.Writer]. Octets that are no UTF-8 become U+FFFD.
func (o *output) Write(p []byte) (int, error) {
	n := len(p)
	if len(o.held) > 0 {
		p = append(o.held, p...)
		o.held = nil
	}
	for len(p) > 0 {
		if !utf8.FullRune(p) {
			o.held = bytes.Clone(p)
			break
		}
		r, size := utf8.DecodeRune(p)
		p = p[size:]
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			if r != '\r' {
				r = ' '
			} else {
				continue
			}
		}
		if o.room -= utf8.RuneLen(r); o.room < 0 {
			o.full = true
			return n, plaintext.ErrFull
		}
		o.some = o.some || r > ' '
		if _, err := o.w.WriteRune(r); err != nil {
			return n, err
		}
	}
	return n, nil
}

// line writes s as a line of its own.
func (o *output) line(s string) error {
	_, err := io.WriteString(o, strings.TrimSpace(s)+"\n")
	return err
}

// decoded reads octets without a charset label.
func decoded(octets []byte) io.Reader {
	r, _ := plaintext.NewReader(bytes.NewReader(octets), plaintext.Sniff(octets[:min(len(octets), sniffLen)]))
	return r
}
