package plaintext

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// NewReader returns a reader of r's text in UTF-8, where r claims to be in the
// charset with this label (WHATWG Encoding Standard names, then IANA's, and
// UTF-7). known is false when nobody has heard of the label. Text without a
// label, with an unknown one, or labelled as ASCII or UTF-8, is read as UTF-8
// with each octet that is not UTF-8 taken for windows-1252, which is what
// mislabelled text nearly always is.
func NewReader(r io.Reader, label string) (text io.Reader, known bool) {
	t, known := decoder(label)
	return transform.NewReader(r, t), known
}

// Decode is [NewReader] for text that is in memory.
func Decode(b []byte, label string) (text string, known bool) {
	t, known := decoder(label)
	out, _, err := transform.Bytes(t, b)
	if err != nil { // a decoder that gives up: nothing of ours does, but the text must not be lost
		out, _, _ = transform.Bytes(tolerantUTF8{}, b)
	}
	return string(out), known
}

func decoder(label string) (t transform.Transformer, known bool) {
	label = strings.ToLower(strings.Trim(label, " \t\r\n\"'"))
	switch label {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "ansi_x3.4-1968", "7bit", "8bit":
		return tolerantUTF8{}, true
	case "utf-7", "unicode-1-1-utf-7", "utf7":
		return &utf7{}, true
	case "hz-gb-2312", "hz":
		return simplifiedchinese.HZGB2312.NewDecoder(), true
	case "utf-16", "unicode", "ucs-2", "utf-16le", "utf-16be":
		order := unicode.LittleEndian // without a byte order mark: as Windows writes it
		if label == "utf-16be" {
			order = unicode.BigEndian
		}
		return unicode.UTF16(order, unicode.UseBOM).NewDecoder(), true
	case "cp850", "ibm850":
		return charmap.CodePage850.NewDecoder(), true
	case "cp437", "ibm437":
		return charmap.CodePage437.NewDecoder(), true
	}
	e, name := charset.Lookup(label)
	if e == nil || name == "replacement" { // the WHATWG list gives some charsets up
		e, _ = ianaindex.MIME.Encoding(label)
	}
	if e == nil || e == encoding.Replacement {
		return tolerantUTF8{}, false
	}
	return e.NewDecoder(), true
}

// Sniff returns a charset label for text that came with none: by its byte
// order mark, by the zero octets of UTF-16, or "", which [NewReader] reads as
// UTF-8 or windows-1252. head is the beginning of the text; a few hundred
// octets are enough.
func Sniff(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return "utf-16"
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return "utf-8"
	}
	head = head[:min(len(head), 512)&^1]
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	switch {
	case len(head) < 4:
	case zeros[1] > len(head)/4 && zeros[0] == 0:
		return "utf-16le"
	case zeros[0] > len(head)/4 && zeros[1] == 0:
		return "utf-16be"
	}
	return ""
}

// tolerantUTF8 passes UTF-8 on, drops a leading byte order mark, and reads
// every octet that is not UTF-8 as windows-1252.
type tolerantUTF8 struct{ transform.NopResetter }

func (tolerantUTF8) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if src[nSrc] < utf8.RuneSelf {
			if nDst == len(dst) {
				return nDst, nSrc, transform.ErrShortDst
			}
			dst[nDst] = src[nSrc]
			nDst, nSrc = nDst+1, nSrc+1
			continue
		}
		if !atEOF && !utf8.FullRune(src[nSrc:]) {
			return nDst, nSrc, transform.ErrShortSrc
		}
		r, n := utf8.DecodeRune(src[nSrc:])
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(src[nSrc])
		}
		if r == '\ufeff' { // a byte order mark, or a zero-width space that no word needs
			nSrc += n
			continue
		}
		if nDst+utf8.RuneLen(r) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += n
	}
	return nDst, nSrc, nil
}

// utf7 decodes UTF-7 (RFC 2152): runs of modified base64, between "+" and "-",
// of UTF-16BE. What does not decode is passed on as it is.
type utf7 struct {
	shifted bool
	started bool // something has followed the "+"
	bits    uint32
	n       uint   // bits held
	high    uint16 // a high surrogate waiting for its other half
}

func (u *utf7) Reset() { *u = utf7{} }

func (u *utf7) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for ; nSrc < len(src); nSrc++ {
		if len(dst)-nDst < 2*utf8.UTFMax {
			return nDst, nSrc, transform.ErrShortDst
		}
		c := src[nSrc]
		switch v := base64Value(c); {
		case !u.shifted && c == '+':
			*u = utf7{shifted: true}
		case !u.shifted:
			nDst += utf8.EncodeRune(dst[nDst:], charmap.Windows1252.DecodeByte(c))
		case v >= 0:
			u.started = true
			nDst += u.add(dst[nDst:], uint32(v))
		default:
			if !u.started && c == '-' { // "+-" stands for "+"
				nDst += copy(dst[nDst:], "+")
			} else if c != '-' {
				nDst += utf8.EncodeRune(dst[nDst:], charmap.Windows1252.DecodeByte(c))
			}
			*u = utf7{}
		}
	}
	return nDst, nSrc, nil
}

// add takes six more bits and writes a character when one is complete.
func (u *utf7) add(dst []byte, v uint32) int {
	u.bits, u.n = u.bits<<6|v, u.n+6
	if u.n < 16 {
		return 0
	}
	u.n -= 16
	unit := uint16(u.bits >> u.n)
	u.bits &= 1<<u.n - 1
	switch {
	case unit >= 0xd800 && unit < 0xdc00:
		u.high = unit
		return 0
	case unit >= 0xdc00 && unit < 0xe000 && u.high != 0:
		r := (rune(u.high)-0xd800)<<10 + rune(unit) - 0xdc00 + 0x10000
		u.high = 0
		return utf8.EncodeRune(dst, r)
	}
	u.high = 0
	return utf8.EncodeRune(dst, rune(unit)) // a lone surrogate becomes U+FFFD
}

func base64Value(c byte) int {
	switch {
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 26
	case c >= '0' && c <= '9':
		return int(c-'0') + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return -1
}
