package production

import (
	"io"
	"path/filepath"
	"regexp"
	"strings"
)

// A Copy is a file that is released in place of an item or an attachment: what
// a department's own redaction tool made of it.
type Copy struct {
	Name   string // of the file that was brought; only its ending is used
	Octets []byte
}

var ending = regexp.MustCompile(`^\.[a-z0-9]{1,5}$`)

// file is the copy's name in the bundle: the number of what it stands for.
func (c *Copy) file(no string) string {
	if ext := strings.ToLower(filepath.Ext(c.Name)); ending.MatchString(ext) {
		no += ext
	}
	return "files/" + no
}

// shownAs is what stands in place of the text.
func (c *Copy) shownAs(no string) string { return "[Released as the file " + c.file(no) + "]\n" }

// copied writes a copy.
func (p *producer) copied(no string, c *Copy) error {
	if c == nil {
		return nil
	}
	p.out.Copies++
	return p.bag.create(c.file(no), func(w io.Writer) error { _, err := w.Write(c.Octets); return err })
}
