package tnef

import (
	"encoding/binary"
	"fmt"
)

// lzfuDictionary is what the dictionary holds at the start ([MS-OXRTFCP],
// section 2.1.2.1).
const lzfuDictionary = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript " +
	"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par " +
	"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"

const (
	lzfuCompressed = 0x75465a4c // "LZFu"
	lzfuStored     = 0x414c454d // "MELA"
	lzfuWindow     = 4096
)

// DecompressRTF expands compressed RTF ([MS-OXRTFCP], section 2.2) to at most
// MaxRTF octets. What was expanded before an error is returned with it.
func DecompressRTF(b []byte) ([]byte, error) { return decompress(b, MaxRTF) }

// decompress expands compressed RTF ([MS-OXRTFCP], section 2.2) to at most
// limit octets. What was expanded before an error is returned with it.
func decompress(b []byte, limit int) ([]byte, error) {
	r := reader{b: b}
	r.u32() // the size of what follows, which nothing depends on
	rawSize, kind := int(r.u32()), r.u32()
	r.u32() // a checksum
	if r.bad {
		return nil, fmt.Errorf("%w: compressed RTF without a header", ErrBroken)
	}
	switch kind {
	case lzfuStored:
		return r.b[:min(rawSize, len(r.b), limit)], nil
	case lzfuCompressed:
		return expand(r.b, min(rawSize, limit))
	}
	return nil, fmt.Errorf("%w: RTF under an unknown compression", ErrBroken)
}

func expand(in []byte, limit int) ([]byte, error) {
	var window [lzfuWindow]byte
	at := copy(window[:], lzfuDictionary)
	var out []byte
	put := func(c byte) {
		window[at] = c
		at = (at + 1) % lzfuWindow
		out = append(out, c)
	}
	for len(in) > 0 && len(out) < limit {
		control := in[0]
		in = in[1:]
		for bit := 0; bit < 8 && len(out) < limit; bit++ {
			if control>>bit&1 == 0 {
				if len(in) < 1 {
					return out, nil
				}
				put(in[0])
				in = in[1:]
				continue
			}
			if len(in) < 2 {
				return out, fmt.Errorf("%w: compressed RTF breaks off", ErrBroken)
			}
			ref := int(binary.BigEndian.Uint16(in))
			in = in[2:]
			offset, length := ref>>4, ref&0xf+2
			if offset == at { // the end
				return out, nil
			}
			for i := range length {
				put(window[(offset+i)%lzfuWindow])
			}
		}
	}
	return out, nil
}
