package tnef

import "encoding/binary"

// Property types ([MS-OXCDATA], section 2.11.1).
const (
	typeString8  = 0x001e
	typeUnicode  = 0x001f
	typeObject   = 0x000d
	typeBinary   = 0x0102
	flagMultiple = 0x1000
)

// maxProperties bounds what is read of one list; Outlook writes some hundred.
const maxProperties = 10_000

// property is one MAPI property; of one with several values, the first.
type property struct {
	id    uint16
	kind  uint16
	value []byte
}

func (p property) text() string {
	if p.kind == typeUnicode {
		return text16(p.value)
	}
	return text8(p.value)
}

// properties reads a MsgPropertyList ([MS-OXTNEF], section 2.1.3.4) as far as
// it is sound.
func properties(b []byte, yield func(property)) {
	r := reader{b: b}
	count := min(int(r.u32()), maxProperties)
	for range count {
		p := property{kind: r.u16(), id: r.u16()}
		if p.id >= 0x8000 {
			r.skipName()
		}
		multiple := p.kind&flagMultiple != 0
		p.kind &^= flagMultiple
		values := 1
		if size := fixedSize(p.kind); size == 0 || multiple {
			values = int(r.u32())
		}
		for i := 0; i < values && !r.bad; i++ {
			v := r.value(p.kind)
			if i == 0 {
				p.value = v
			}
		}
		if r.bad {
			return
		}
		yield(p)
	}
}

// fixedSize is the padded size of a type's values, 0 for those that say their
// own, and for types that nobody knows.
func fixedSize(kind uint16) int {
	switch kind {
	case 0x0002, 0x0003, 0x0004, 0x000a, 0x000b:
		return 4
	case 0x0005, 0x0006, 0x0007, 0x0014, 0x0040:
		return 8
	case 0x0048:
		return 16
	}
	return 0
}

// reader reads little-endian numbers until the octets run out; from then on it
// is bad and reads zeros.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if r.bad || n < 0 || n > len(r.b) {
		r.bad = true
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) u8() byte {
	if v := r.take(1); v != nil {
		return v[0]
	}
	return 0
}

func (r *reader) u16() uint16 {
	if v := r.take(2); v != nil {
		return binary.LittleEndian.Uint16(v)
	}
	return 0
}

func (r *reader) u32() uint32 {
	if v := r.take(4); v != nil {
		return binary.LittleEndian.Uint32(v)
	}
	return 0
}

// value reads one value with its padding to four octets.
func (r *reader) value(kind uint16) []byte {
	if n := fixedSize(kind); n > 0 {
		return r.take(n)
	}
	switch kind {
	case typeString8, typeUnicode, typeObject, typeBinary:
		n := int(r.u32())
		v := r.take(n)
		r.take(min(-n&3, len(r.b)))
		return v
	}
	r.bad = true // the length of an unknown type is unknown, and so is what follows
	return nil
}

// skipName passes over the name of a named property.
func (r *reader) skipName() {
	r.take(16)
	if r.u32() == 0 {
		r.u32()
		return
	}
	n := int(r.u32())
	r.take(n)
	r.take(min(-n&3, len(r.b)))
}
