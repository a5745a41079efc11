package disclosure

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"strings"
)

// zip looks at a zip file: as the document that it is, or at each entry.
func (c *checker) zip(f file) error {
	z, err := zip.NewReader(bytes.NewReader(f.octets), int64(len(f.octets)))
	if err != nil {
		return err
	}
	if c.entries += len(z.File); c.entries > maxEntries {
		return errLimit
	}
	p := &pack{checker: c, file: f, byName: make(map[string]*zip.File)}
	for _, e := range z.File {
		name := strings.TrimPrefix(e.Name, "/")
		if p.byName[name] != nil {
			return errAmbiguous // which of the two a program opens is its own affair
		}
		if e.Flags&1 != 0 { // APPNOTE, section 4.4.4
			return errEncrypted
		}
		p.byName[name] = e
		if !strings.HasSuffix(name, "/") {
			p.names = append(p.names, name)
		}
	}
	p.margins(z)
	switch {
	case p.byName["[Content_Types].xml"] != nil:
		return p.openXML()
	case p.byName["content.xml"] != nil || p.byName["mimetype"] != nil && p.byName["META-INF/manifest.xml"] != nil:
		return p.openDocument()
	}
	for _, name := range p.names {
		octets, err := p.octetsOf(name)
		if err != nil {
			c.say(CannotBeChecked, f.in(name), 0, reason(err))
			continue
		}
		c.checkFile(f.inside(name, octets))
	}
	return nil
}

// A pack is a zip file, with its entries by name.
type pack struct {
	*checker
	file
	names  []string // in the file's order, folders left out
	byName map[string]*zip.File
}

// margins notes what lies in a zip file outside of its entries: in its comment,
// before the first entry, after the end, and between entries, where one that
// was taken out of the directory may still be.
func (p *pack) margins(z *zip.Reader) {
	if z.Comment != "" {
		p.say(TrailingData, p.place, 0, "a comment of the zip file")
	}
	known := make(map[int64]*zip.File) // entries by where their octets begin
	for _, e := range z.File {
		if at, err := e.DataOffset(); err == nil {
			known[at] = e
		}
	}
	b := p.octets
	at := int64(0)
	for len(known) > 0 {
		if !bytes.HasPrefix(b[min(at, int64(len(b))):], []byte("PK\x03\x04")) || at+30 > int64(len(b)) {
			p.say(TrailingData, p.place, 0, "outside of the entries of the zip file")
			return
		}
		data := at + 30 + int64(binary.LittleEndian.Uint16(b[at+26:])) + int64(binary.LittleEndian.Uint16(b[at+28:]))
		e := known[data]
		if e == nil {
			p.say(TrailingData, p.place, 0, "an entry that the directory of the zip file does not list")
			return
		}
		delete(known, data)
		at = data + int64(e.CompressedSize64)
		if at < data || at > int64(len(b)) {
			return // reading the entry says what is wrong
		}
		if e.Flags&8 != 0 { // sizes follow the octets (APPNOTE, section 4.3.9), with a mark or without
			at += descriptorLen(b[at:])
		}
	}
	if end := bytes.LastIndex(b, []byte("PK\x05\x06")); end >= 0 && end+22 <= len(b) {
		if len(b)-end-22 > int(binary.LittleEndian.Uint16(b[end+20:])) {
			p.say(TrailingData, p.place, 0, "after the end of the zip file")
		}
	}
}

// descriptorLen is how long the data descriptor at the front of b is: the next
// record follows it.
func descriptorLen(b []byte) int64 {
	for _, n := range []int64{16, 12, 24, 20} {
		if int64(len(b)) >= n+2 && string(b[n:n+2]) == "PK" {
			return n
		}
	}
	return 0
}

// octetsOf unpacks an entry whole, within the limits. A name that there is not
// is empty.
func (p *pack) octetsOf(name string) ([]byte, error) {
	e := p.byName[name]
	if e == nil {
		return nil, nil
	}
	r, err := e.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return p.limited(r)
}
