package production

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A Copy is a file that is released in place of an item or an attachment: what
// a department's own redaction tool made of it. It is not held: it is brought
// when it is written.
type Copy struct {
	// Bring calls take once with the copy's name, of which only the ending is
	// used, and its octets. What take returns it returns.
	Bring func(take func(name string, content io.Reader) error) error
	// Check decides by its octets, as they were written, whether it may leave.
	Check func(content io.Reader) error

	name string // once it was brought
}

var ending = regexp.MustCompile(`^\.[a-z0-9]{1,5}$`)

// file is the copy's name in the bundle: the number of what it stands for.
func (c *Copy) file(no string) string {
	if ext := strings.ToLower(filepath.Ext(c.name)); ending.MatchString(ext) {
		no += ext
	}
	return "files/" + no
}

// shownAs is what stands in place of the text.
func (c *Copy) shownAs(no string) string { return "[Released as the file " + c.file(no) + "]\n" }

// copied writes a copy, and has what was written checked.
func (p *producer) copied(no string, c *Copy) error {
	if c == nil {
		return nil
	}
	p.out.Copies++
	err := c.Bring(func(name string, content io.Reader) error {
		c.name = name
		return p.bag.create(c.file(no), func(w io.Writer) error { _, err := io.Copy(w, content); return err })
	})
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(p.bag.dir, "data", filepath.FromSlash(c.file(no))))
	if err != nil {
		return err
	}
	defer f.Close()
	return c.Check(f)
}
