package disclosure

import (
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
)

// Bounds on what one file may unfold to.
const (
	maxDepth    = 5         // files in one another
	maxEntries  = 10_000    // of all zip files together
	maxPart     = 128 << 20 // octets of one entry, unpacked
	maxUnpacked = 1 << 30   // octets of all entries together
)

// Check reports what a file holds and does not show. name is what its sender
// or its maker calls it; it helps to name places, and decides nothing. Check is
// pure, never fails and never panics: what cannot be read is a finding.
func Check(name string, octets []byte) Report {
	c := &checker{unpacked: maxUnpacked}
	r := Report{File: clean(name), Size: int64(len(octets)), Digest: record.Sum(octets)}
	r.Format = c.checkFile(file{name: name, octets: octets})
	if c.named != "" {
		r.Format = c.named
	}
	r.Findings = c.sorted()
	return r
}

// A checker checks one file and the files inside it.
type checker struct {
	list
	unpacked int64 // octets that entries may still unpack to
	entries  int
	named    string // what a zip file turned out to be, in words
}

// A file is what is looked at: the file itself, or one inside it.
type file struct {
	name   string
	place  string // "outer > inner"; empty for the file itself
	octets []byte
	depth  int
}

// in names a place in the file.
func (f file) in(place string) string {
	if f.place == "" || place == "" {
		return f.place + place
	}
	return f.place + " > " + place
}

// inside returns a file that this one holds.
func (f file) inside(name string, octets []byte) file {
	return file{name: name, place: f.in(name), octets: octets, depth: f.depth + 1}
}

// limited reads all of r, within the limits.
func (c *checker) limited(r io.Reader) ([]byte, error) {
	limit := min(maxPart, c.unpacked)
	octets, err := io.ReadAll(io.LimitReader(r, limit+1))
	c.unpacked -= int64(len(octets))
	if int64(len(octets)) > limit {
		return nil, errLimit
	}
	return octets, err
}

// Errors that readers return to say why something cannot be checked.
var (
	errEncrypted = errors.New("it is encrypted")
	errLimit     = errors.New("it unfolds to more than is looked at")
	errUnknown   = errors.New("nobody here reads its format")
	errBroken    = errors.New("it is broken")
	errAmbiguous = errors.New("programs differ about what it holds")
)

// A format is one that a reader exists for.
type format struct {
	words string
	read  func(*checker, file) error
}

// checkFile looks at a file with the reader of its format, and returns the format in
// words. A reader that panics has failed like any other.
func (c *checker) checkFile(f file) string {
	if len(f.octets) == 0 {
		return "empty file"
	}
	kind := formatOf(f.octets)
	err := func() (err error) {
		defer func() {
			if recover() != nil {
				err = errBroken
			}
		}()
		if f.depth > maxDepth {
			return errLimit
		}
		return kind.read(c, f)
	}()
	if err != nil {
		c.say(CannotBeChecked, f.place, 0, reason(err))
	}
	return kind.words
}

// reason says why something cannot be checked, and nothing of what it is.
func reason(err error) string {
	for _, known := range []error{errEncrypted, errLimit, errUnknown, errAmbiguous} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return errBroken.Error()
}

// formatOf tells a file's format by its octets.
func formatOf(b []byte) format {
	for _, s := range []struct {
		magic string
		format
	}{
		{"PK\x03\x04", format{"zip file", (*checker).zip}},
		{"PK\x05\x06", format{"zip file", (*checker).zip}},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", format{"compound file", (*checker).compound}},
		{"\xff\xd8\xff", format{"JPEG picture", (*checker).jpeg}},
		{"\x89PNG\r\n\x1a\n", format{"PNG picture", (*checker).png}},
		{"GIF87a", format{"GIF picture", (*checker).gif}},
		{"GIF89a", format{"GIF picture", (*checker).gif}},
		{"II*\x00", format{"TIFF picture", (*checker).tiff}},
		{"MM\x00*", format{"TIFF picture", (*checker).tiff}},
		{"{\\rtf", format{"rich text", unread}},
	} {
		if bytes.HasPrefix(b, []byte(s.magic)) {
			return s.format
		}
	}
	switch {
	case len(b) > 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return format{"WebP picture", (*checker).webp}
	case bytes.Contains(b[:min(len(b), 1024)], []byte("%PDF-")): // junk may stand before it
		return format{"PDF", (*checker).pdf}
	case looksLikeMail(b):
		return format{"e-mail", (*checker).mail}
	case looksLikeText(b):
		return format{"plain text", (*checker).text}
	}
	return format{"unknown", unread}
}

func unread(*checker, file) error { return errUnknown }

// base is the last part of a name in a zip file or a message.
func base(name string) string { return path.Base(strings.ReplaceAll(name, "\\", "/")) }
