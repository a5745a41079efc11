package mailfiles

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// errPartial: Apple Mail keeps the attachments of such a message in other files.
var errPartial = errors.New("the message is stored without its attachments: export the mailbox from Apple Mail instead, which writes a mailbox file")

// maxPlist bounds the property list at the end of an .emlx, which has some
// hundred octets.
const maxPlist = 1 << 20

// emlx yields the message in an .emlx file: a line with its length, its octets,
// and a property list with its flags and the date it was received.
func (w *walk) emlx(name string, in file, size int64, f *Found) error {
	if strings.HasSuffix(strings.ToLower(name), ".partial.emlx") {
		return w.fail(name, errPartial)
	}
	line, err := bufio.NewReaderSize(io.NewSectionReader(in, 0, min(size, 64)), 64).ReadSlice('\n')
	if err != nil {
		return w.fail(name, errors.New("it does not begin with the length of a message"))
	}
	length, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
	start := int64(len(line))
	if err != nil || length < 0 || length > size-start {
		return w.fail(name, errors.New("it is shorter than it says, or says nothing"))
	}
	f.Flags, f.Received = appleProperties(io.NewSectionReader(in, start+length, min(size-start-length, maxPlist)))
	f.open = func() (io.ReadCloser, error) {
		again, err := w.open(name)
		if err != nil {
			return nil, err
		}
		return &section{io.NewSectionReader(again, start, length), again}, nil
	}
	return w.measured(name, -1, f)
}

// A section is a part of a file that closes it.
type section struct {
	io.Reader
	io.Closer
}

// appleProperties reads the two properties that matter. A list that cannot be
// read says nothing: the message is what counts.
func appleProperties(r io.Reader) (flags []string, received time.Time) {
	d := xml.NewDecoder(r)
	d.Strict = false
	var key string
	for {
		token, err := d.Token()
		if err != nil {
			return flags, received
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local == "plist" || start.Name.Local == "dict" {
			continue
		}
		var text string
		if err := d.DecodeElement(&text, &start); err != nil {
			return flags, received
		}
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		switch {
		case start.Name.Local == "key":
			key = text
		case err != nil || start.Name.Local != "integer" && start.Name.Local != "real":
		case key == "flags":
			flags = appleFlags(n)
		case key == "date-received" && n > 0 && n < 1<<33:
			received = time.Unix(n, 0).UTC()
		}
	}
}

// appleFlags names the bits that Apple Mail writes.
func appleFlags(bits int64) (flags []string) {
	for _, f := range []struct {
		bit  int
		name string
	}{{0, `\Seen`}, {1, `\Deleted`}, {2, `\Answered`}, {4, `\Flagged`}, {6, `\Draft`}, {8, "$Forwarded"}} {
		if bits>>f.bit&1 == 1 {
			flags = append(flags, f.name)
		}
	}
	return flags
}
