package disclosure

import (
	"bytes"
	"encoding/binary"
)

// jpeg looks at the segments of a JPEG file (ITU-T T.81, annex B): what they say
// of the picture besides the picture, and what follows its end.
func (c *checker) jpeg(f file) error {
	b := f.octets
	at := 2
	for {
		if at+2 > len(b) || b[at] != 0xff {
			return errBroken
		}
		marker := b[at+1]
		switch {
		case marker == 0xff: // a fill octet
			at++
			continue
		case marker == 0xd9:
			c.trailing(f, at+2)
			return nil
		case marker == 0x01 || marker >= 0xd0 && marker <= 0xd8: // they have no length
			at += 2
			continue
		}
		if at+4 > len(b) {
			return errBroken
		}
		size := int(binary.BigEndian.Uint16(b[at+2:]))
		if size < 2 || at+2+size > len(b) {
			return errBroken
		}
		c.segment(f, marker, b[at+4:at+2+size])
		if at += 2 + size; marker == 0xda {
			at = scanEnd(b, at)
		}
	}
}

// scanEnd returns where the next marker after a scan's entropy-coded octets is.
func scanEnd(b []byte, at int) int {
	for {
		i := bytes.IndexByte(b[at:], 0xff)
		if i < 0 || at+i+1 >= len(b) {
			return len(b)
		}
		at += i
		if next := b[at+1]; next != 0 && (next < 0xd0 || next > 0xd7) {
			return at
		}
		at += 2
	}
}

func (c *checker) segment(f file, marker byte, body []byte) {
	switch {
	case marker == 0xfe:
		c.say(Properties, f.place, 0, "a comment in the picture")
	case marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00")):
		c.exif(f, body[min(6, len(body)):])
	case marker == 0xe1 && bytes.Contains(body[:min(len(body), 64)], []byte("ns.adobe.com/x")):
		c.xmp(f, body)
	case marker == 0xed:
		c.say(Properties, f.place, 0, "captions and credits (IPTC)")
	case marker == 0xe2 && bytes.HasPrefix(body, []byte("MPF\x00")):
		c.add(Thumbnail, f.in("more pictures in the file"), 0)
	case marker == 0xe0 && bytes.HasPrefix(body, []byte("JFXX\x00")):
		c.add(Thumbnail, f.place, 0)
	case marker == 0xeb:
		c.say(Properties, f.place, 0, "a record of who made and edited the picture (JUMBF)")
	}
}

// xmp notes what an XMP packet holds (ISO 16684-1).
func (c *checker) xmp(f file, packet []byte) {
	if bytes.Contains(packet, []byte("GPSLatitude")) {
		c.add(Location, f.place, 0)
	}
	if bytes.Contains(packet, []byte("xmpGImg:image")) {
		c.add(Thumbnail, f.place, 0)
	}
	c.say(Properties, f.place, 0, "XMP metadata")
}

// trailing notes octets after the end of what programs show. Some writers fill
// up with zeros or end with a line feed.
func (c *checker) trailing(f file, end int) {
	if end < len(f.octets) && len(bytes.Trim(f.octets[end:], "\x00\r\n ")) > 0 {
		c.say(TrailingData, f.place, 0, "after the end of the picture")
	}
}

// png looks at the chunks of a PNG file (W3C PNG, section 11). What follows its
// end may be the rest of a larger picture that was cropped in place.
func (c *checker) png(f file) error {
	b := f.octets
	for at := 8; ; {
		if at+12 > len(b) {
			return errBroken
		}
		size := int(binary.BigEndian.Uint32(b[at:]))
		if size < 0 || size > len(b)-at-12 {
			return errBroken
		}
		body := b[at+8 : at+8+size]
		switch kind := string(b[at+4 : at+8]); kind {
		case "tEXt", "zTXt", "iTXt":
			if bytes.HasPrefix(body, []byte("XML:com.adobe.xmp")) {
				c.xmp(f, body)
			} else {
				c.say(Properties, f.place, 0, "text in the picture's metadata")
			}
		case "tIME":
			c.say(Properties, f.place, 0, "when the picture was changed")
		case "eXIf":
			c.exif(f, body)
		case "IEND":
			c.trailing(f, at+12+size)
			return nil
		case "IHDR", "PLTE", "IDAT", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "bKGD", "hIST", "pHYs", "sPLT", "cICP", "mDCV", "cLLI",
			"acTL", "fcTL", "fdAT", "oFFs", "sTER":
		default:
			c.say(TrailingData, f.place, 0, "data of one program's own in the picture")
		}
		at += 12 + size
	}
}

// gif looks at the blocks of a GIF file (GIF89a, section 23 and after).
func (c *checker) gif(f file) error {
	b := f.octets
	if len(b) < 13 {
		return errBroken
	}
	at := 13
	if b[10]&0x80 != 0 {
		at += 3 << (b[10]&7 + 1)
	}
	for at < len(b) {
		switch b[at] {
		case 0x3b:
			c.trailing(f, at+1)
			return nil
		case 0x2c: // a picture: its place, perhaps colours, the size of its codes
			if at+10 > len(b) {
				return errBroken
			}
			if flags := b[at+9]; flags&0x80 != 0 {
				at += 3 << (flags&7 + 1)
			}
			at += 11
		case 0x21:
			if at+2 >= len(b) {
				return errBroken
			}
			switch {
			case b[at+1] == 0xfe:
				c.say(Properties, f.place, 0, "a comment in the picture")
			case b[at+1] == 0xff && bytes.HasPrefix(b[at+2:], []byte("\x0bXMP Data")):
				c.xmp(f, b[at:min(at+64<<10, len(b))])
			}
			at += 2
		default:
			return errBroken
		}
		for at < len(b) && b[at] != 0 { // sub-blocks, up to an empty one
			at += int(b[at]) + 1
		}
		at++
	}
	return errBroken
}

// webp looks at the chunks of a WebP file (RFC 9649, section 2).
func (c *checker) webp(f file) error {
	b := f.octets
	end := 8 + int(binary.LittleEndian.Uint32(b[4:]))
	if end < 12 || end > len(b) {
		return errBroken
	}
	for at := 12; at < end; {
		if at+8 > end {
			return errBroken
		}
		size := int(binary.LittleEndian.Uint32(b[at+4:]))
		if size > end-at-8 {
			return errBroken
		}
		body := b[at+8 : at+8+size]
		switch string(b[at : at+4]) {
		case "EXIF":
			c.exif(f, bytes.TrimPrefix(body, []byte("Exif\x00\x00")))
		case "XMP ":
			c.xmp(f, body)
		case "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP":
		default:
			c.say(TrailingData, f.place, 0, "data of one program's own in the picture")
		}
		at += 8 + size + size&1
	}
	c.trailing(f, end)
	return nil
}
