package email

import (
	"bytes"
)

// Content types of CMS (RFC 5652 and RFC 5083), as the octets of their object
// identifiers.
const (
	oidSigned     = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
	oidData       = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
	maxBERDepth   = 16
	tagOID        = 0x06
	tagOctets     = 0x04
	tagSequence   = 0x30
	tagExplicit0  = 0xa0
	flagStructure = 0x20
)

// signedContent returns what a CMS signed-data wraps (RFC 8551, section 3.5.2):
// Outlook sends whole messages so. ok is false for anything else, sealed
// content above all.
func signedContent(b []byte) (content []byte, ok bool) {
	info, _, ok := readBER(b, 0)
	if !ok || info.tag != tagSequence {
		return nil, false
	}
	kind, rest, ok := readBER(info.body, 1)
	if !ok || kind.tag != tagOID || string(kind.body) != oidSigned {
		return nil, false
	}
	wrapper, _, ok := readBER(rest, 1)
	if !ok || wrapper.tag != tagExplicit0 {
		return nil, false
	}
	signed, _, ok := readBER(wrapper.body, 2)
	if !ok || signed.tag != tagSequence {
		return nil, false
	}
	for rest := signed.body; len(rest) > 0; {
		var v ber
		if v, rest, ok = readBER(rest, 3); !ok {
			return nil, false
		}
		if v.tag == tagSequence {
			return encapsulated(v.body)
		}
	}
	return nil, false
}

// encapsulated reads an EncapsulatedContentInfo (RFC 5652, section 5.2).
func encapsulated(b []byte) ([]byte, bool) {
	kind, rest, ok := readBER(b, 4)
	if !ok || kind.tag != tagOID || string(kind.body) != oidData {
		return nil, false
	}
	wrapper, _, ok := readBER(rest, 4)
	if !ok || wrapper.tag != tagExplicit0 {
		return nil, false
	}
	octets, _, ok := readBER(wrapper.body, 5)
	if !ok {
		return nil, false
	}
	return octetString(octets, 6)
}

// octetString returns the octets of a string, which BER may give in pieces.
func octetString(v ber, depth int) ([]byte, bool) {
	switch {
	case v.tag == tagOctets:
		return v.body, true
	case v.tag != tagOctets|flagStructure || depth > maxBERDepth:
		return nil, false
	}
	var whole bytes.Buffer
	for rest := v.body; len(rest) > 0; {
		var piece ber
		var ok bool
		if piece, rest, ok = readBER(rest, depth); !ok {
			return nil, false
		}
		octets, ok := octetString(piece, depth+1)
		if !ok {
			return nil, false
		}
		whole.Write(octets)
	}
	return whole.Bytes(), true
}

// ber is one value in BER (ITU-T X.690, section 8).
type ber struct {
	tag  byte
	body []byte
}

// readBER takes a value off the front of b. Values of indefinite length are
// walked to their end, at most maxBERDepth deep.
func readBER(b []byte, depth int) (v ber, rest []byte, ok bool) {
	if len(b) < 2 || depth > maxBERDepth || b[0]&0x1f == 0x1f {
		return v, nil, false
	}
	v.tag = b[0]
	n, b := int(b[1]), b[2:]
	switch {
	case n == 0x80:
		for rest = b; ; {
			if len(rest) >= 2 && rest[0] == 0 && rest[1] == 0 {
				v.body = b[:len(b)-len(rest)]
				return v, rest[2:], true
			}
			if _, rest, ok = readBER(rest, depth+1); !ok {
				return v, nil, false
			}
		}
	case n > 0x80:
		size := n & 0x7f
		if size > 4 || size > len(b) {
			return v, nil, false
		}
		n = 0
		for _, c := range b[:size] {
			n = n<<8 | int(c)
		}
		b = b[size:]
	}
	if n > len(b) {
		return v, nil, false
	}
	v.body = b[:n]
	return v, b[n:], true
}
