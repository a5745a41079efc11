package outlook

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"
	"unicode/utf16"

	"github.com/richardlehane/mscfb"

	"github.com/closeroll/closeroll/internal/plaintext"
)

// properties is the stream of the values that fit into eight octets
// ([MS-OXMSG], section 2.4). How long its header is depends on what it is of.
const (
	properties     = "__properties_version1.0"
	topHeader      = 32
	embeddedHeader = 24
	innerHeader    = 8 // of recipients and attachments
)

// Property types ([MS-OXCDATA], section 2.11.1).
const (
	typeString8 = 0x001e
	typeUnicode = 0x001f
	typeObject  = 0x000d
	typeBinary  = 0x0102
)

// stream is the name of the stream that a property is in.
func stream(id, kind uint16) string { return fmt.Sprintf("__substg1.0_%04X%04X", id, kind) }

// A bag is the properties in one storage.
type bag struct {
	streams map[string]*mscfb.File
	fixed   map[uint16][]byte // values of eight octets
	charset string            // of strings that are not Unicode
}

func (d *document) bag(path string, header int) bag {
	b := bag{fixed: make(map[uint16][]byte), charset: d.charset}
	if s := d.storages[path]; s != nil {
		b.streams = s.streams
	}
	list := b.read(properties)
	for at := header; at+16 <= len(list); at += 16 {
		b.fixed[binary.LittleEndian.Uint16(list[at+2:])] = list[at+8 : at+16]
	}
	return b
}

// read returns a stream's octets, as far as they can be read and kept.
func (b bag) read(name string) []byte {
	f := b.streams[name]
	if f == nil {
		return nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil
	}
	octets, _ := io.ReadAll(io.LimitReader(f, MaxText)) // of a file that breaks off, what is there
	return octets
}

func (b bag) binary(id uint16) []byte { return b.read(stream(id, typeBinary)) }

func (b bag) text(id uint16) string {
	if wide := b.read(stream(id, typeUnicode)); wide != nil {
		units := make([]uint16, len(wide)/2)
		for i := range units {
			units[i] = binary.LittleEndian.Uint16(wide[2*i:])
		}
		return string(utf16.Decode(units))
	}
	octets := b.read(stream(id, typeString8))
	if len(octets) == 0 {
		return ""
	}
	text, _ := plaintext.Decode(octets, b.charset)
	return text
}

// charset is that of strings which are not Unicode: the message says its code
// page, or at least the language of the Outlook that wrote it ([MS-LCID]).
func (b bag) charsetOf() string {
	if l := label(b.number(0x3ffd)); l != "" {
		return l
	}
	pages := map[uint32]uint32{0x04: 936, 0x05: 1250, 0x08: 1253, 0x0d: 1255, 0x01: 1256, 0x0e: 1250, 0x11: 932, 0x12: 949,
		0x15: 1250, 0x18: 1250, 0x19: 1251, 0x1e: 874, 0x1f: 1254, 0x22: 1251, 0x25: 1257, 0x26: 1257, 0x27: 1257, 0x2a: 1258}
	language := b.number(0x3ff1)
	if language == 0x0404 || language == 0x0c04 {
		return label(950)
	}
	return label(pages[language&0x3ff])
}

// label is the charset of a Windows code page; "" leaves it to the octets.
func label(page uint32) string {
	switch {
	case page >= 1250 && page <= 1258 && page != 1252, page == 874:
		return fmt.Sprintf("windows-%d", page)
	case page == 932:
		return "shift_jis"
	case page == 936:
		return "gbk"
	case page == 949:
		return "euc-kr"
	case page == 950:
		return "big5"
	}
	return ""
}

// address returns the first of these properties that is an internet address:
// Exchange keeps internal ones in the same places.
func (b bag) address(ids ...uint16) string {
	for _, id := range ids {
		if a := b.text(id); isAddress(a) {
			return a
		}
	}
	return ""
}

func isAddress(a string) bool {
	at := false
	for _, c := range a {
		if c == '@' {
			at = true
		}
		if c == '/' && !at || c <= ' ' {
			return false
		}
	}
	return at
}

func (b bag) number(id uint16) uint32 {
	if v := b.fixed[id]; v != nil {
		return binary.LittleEndian.Uint32(v)
	}
	return 0
}

func (b bag) time(id uint16) time.Time {
	if v := b.fixed[id]; v != nil {
		return filetime(v)
	}
	return time.Time{}
}
