package disclosure

import (
	"encoding/binary"
	"strings"
)

// Bounds on the directories of one picture, which may point at one another.
const (
	maxDirectories = 64
	maxTags        = 4096
)

// tiff looks at the directories of a TIFF file (TIFF 6.0, section 2).
func (c *checker) tiff(f file) error {
	t := c.exif(f, f.octets)
	if t.broken {
		return errBroken
	}
	return nil
}

// exif looks at metadata in the form of TIFF directories (CIPA DC-008, Exif 3.0),
// of a TIFF file or in another picture.
func (c *checker) exif(f file, b []byte) *tiffReader {
	t := &tiffReader{checker: c, file: f, b: b, seen: make(map[uint32]bool)}
	switch {
	case len(b) >= 8 && string(b[:2]) == "II":
		t.order = binary.LittleEndian
	case len(b) >= 8 && string(b[:2]) == "MM":
		t.order = binary.BigEndian
	default:
		c.say(CannotBeChecked, f.place, 0, "the picture's metadata is broken")
		return t
	}
	t.chain(t.order.Uint32(b[4:]))
	if len(t.found) > 0 {
		c.say(Properties, f.place, len(t.found), strings.Join(t.found, ", "))
	}
	if t.broken {
		c.say(CannotBeChecked, f.place, 0, "the picture's metadata is broken")
	}
	return t
}

// A tiffReader is a chain of directories being read.
type tiffReader struct {
	*checker
	file
	b      []byte
	order  binary.ByteOrder
	seen   map[uint32]bool
	found  []string
	broken bool
}

// chain reads a directory and those that follow it. In the metadata of a
// picture the second is that of its thumbnail.
func (t *tiffReader) chain(at uint32) {
	for n := 0; at != 0 && !t.broken; n++ {
		if n == 1 && len(t.b) != len(t.octets) {
			t.add(Thumbnail, t.place, 0)
		}
		at = t.directory(at, n)
	}
}

// directory reads one directory and returns where the next one is.
func (t *tiffReader) directory(at uint32, n int) uint32 {
	if t.seen[at] || len(t.seen) >= maxDirectories || int64(at)+2 > int64(len(t.b)) {
		t.broken = true
		return 0
	}
	t.seen[at] = true
	count := int(t.order.Uint16(t.b[at:]))
	end := int64(at) + 2 + int64(count)*12
	if count > maxTags || end > int64(len(t.b)) {
		t.broken = true
		return 0
	}
	for i := range count {
		e := t.b[int(at)+2+i*12:]
		t.tag(t.order.Uint16(e), t.order.Uint32(e[4:]), t.order.Uint32(e[8:]), n)
	}
	if end+4 > int64(len(t.b)) {
		return 0 // some writers leave out the end of the chain
	}
	return t.order.Uint32(t.b[end:])
}

// telling are the tags that tell of people, machines and times.
func telling(tag uint16) string {
	switch tag {
	case 0x010e, 0x9286, 0x9c9b, 0x9c9c, 0x9c9e, 0x9c9f:
		return "description"
	case 0x010f, 0x0110:
		return "camera"
	case 0x0131, 0x013c:
		return "software and computer"
	case 0x0132, 0x9003, 0x9004:
		return "date and time"
	case 0x013b, 0x9c9d, 0xa430:
		return "author or owner"
	case 0x8298:
		return "copyright"
	case 0xa431, 0xa435, 0xa420:
		return "serial number"
	case 0x927c:
		return "notes by the camera's maker"
	case 0x83bb, 0x8649:
		return "captions and credits"
	case 0x02bc:
		return "XMP metadata"
	}
	return ""
}

func (t *tiffReader) tag(tag uint16, count, value uint32, n int) {
	switch tag {
	case 0x8825:
		t.gps(value)
	case 0x8769, 0xa005: // more tags, in a directory of their own
		t.directory(value, n)
	case 0x014a: // pictures within the picture
		if count == 1 {
			t.directory(value, n)
		}
		t.add(Thumbnail, t.place, 0)
	case 0x935c:
		t.add(Layers, t.place, 0)
	case 0x0201:
		t.add(Thumbnail, t.place, 0)
	default:
		if name := telling(tag); name != "" && count > 0 && len(t.found) < 20 {
			for _, f := range t.found {
				if f == name {
					return
				}
			}
			t.found = append(t.found, name)
		}
	}
}

// gps notes coordinates: latitude and longitude, or their names for places.
func (t *tiffReader) gps(at uint32) {
	if int64(at)+2 > int64(len(t.b)) {
		t.broken = true
		return
	}
	count := int(t.order.Uint16(t.b[at:]))
	if int64(at)+2+int64(count)*12 > int64(len(t.b)) || count > maxTags {
		t.broken = true
		return
	}
	for i := range count {
		if tag := t.order.Uint16(t.b[int(at)+2+i*12:]); tag >= 1 && tag <= 6 || tag >= 19 && tag <= 28 {
			t.add(Location, t.place, 0)
			return
		}
	}
}
