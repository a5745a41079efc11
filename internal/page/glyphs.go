package page

import "encoding/binary"

// A coverage is the set of characters that a font has glyphs for, of the basic
// multilingual plane.
type coverage [1 << 16 / 64]uint64

func (c *coverage) has(r rune) bool {
	return r >= 0 && r < 1<<16 && c[r/64]&(1<<(r%64)) != 0
}

// covers reads the character map of a TrueType font: its Unicode sub-table of
// format 4 (OpenType 1.9, “cmap”). A font that cannot be read covers nothing.
func covers(font []byte) *coverage {
	c := new(coverage)
	t := table(font, "cmap")
	for i := 0; t.has(4 + 8*i + 8); i++ {
		if i >= int(t.u16(2)) {
			break
		}
		platform, encoding, offset := t.u16(4+8*i), t.u16(6+8*i), int(t.u32(8+8*i))
		if platform != 3 || encoding != 1 || offset > len(t) {
			continue
		}
		c.segments(t[offset:])
	}
	return c
}

func (c *coverage) segments(t octets) {
	if !t.has(14) || t.u16(0) != 4 {
		return
	}
	n := int(t.u16(6)) / 2
	ends, starts, deltas, offsets := 14, 16+2*n, 16+4*n, 16+6*n
	if !t.has(offsets + 2*n) {
		return
	}
	for i := range n {
		first, last := int(t.u16(starts+2*i)), int(t.u16(ends+2*i))
		for r := first; r <= last && r < 0xffff; r++ {
			glyph := 0
			switch o := int(t.u16(offsets + 2*i)); {
			case o == 0:
				glyph = (r + int(t.u16(deltas+2*i))) & 0xffff
			default:
				if at := offsets + 2*i + o + 2*(r-first); t.has(at + 2) {
					glyph = int(t.u16(at))
				}
			}
			if glyph != 0 {
				c[r/64] |= 1 << (r % 64)
			}
		}
	}
}

// octets are read by position; has must say yes first.
type octets []byte

func (o octets) has(n int) bool    { return n >= 0 && n <= len(o) }
func (o octets) u16(at int) uint16 { return binary.BigEndian.Uint16(o[at:]) }
func (o octets) u32(at int) uint32 { return binary.BigEndian.Uint32(o[at:]) }

// table returns a table of a font by its tag, or nil.
func table(font octets, tag string) octets {
	if !font.has(12) {
		return nil
	}
	for i := range int(font.u16(4)) {
		at := 12 + 16*i
		if !font.has(at + 16) {
			return nil
		}
		if string(font[at:at+4]) != tag {
			continue
		}
		from, size := uint64(font.u32(at+8)), uint64(font.u32(at+12))
		if from+size > uint64(len(font)) {
			return nil
		}
		return font[from : from+size]
	}
	return nil
}
