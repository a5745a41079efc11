package email

import (
	"bufio"
	"bytes"
	"io"
	"strings"
)

// A transfer encoding's decoder never fails on bad input: it decodes what it
// can and notes a defect. Its errors are those of the reader under it.

// encodingOf returns the Content-Transfer-Encoding of a part in one of five
// words (RFC 2045, section 6): base64, quoted-printable, x-uuencode, "" for
// the three that encode nothing; known is false for anything else.
func encodingOf(h Header) (word string, known bool) {
	v := strings.ToLower(h.Get("Content-Transfer-Encoding"))
	if i := strings.IndexAny(v, ";("); i >= 0 { // a parameter or a comment: neither belongs here
		v = v[:i]
	}
	v = strings.Trim(v, " \t\"'.,")
	switch v {
	case "", "7bit", "8bit", "binary", "7-bit", "8-bit", "none":
		return "", true
	case "base64", "base-64", "b":
		return "base64", true
	case "quoted-printable", "quotedprintable", "quoted printable", "q":
		return "quoted-printable", true
	case "x-uuencode", "x-uue", "uuencode", "uue":
		return "x-uuencode", true
	}
	return "", false
}

// decodeTransfer returns the octets that r encodes.
func decodeTransfer(encoding string, r io.Reader, found defects) io.Reader {
	switch encoding {
	case "base64":
		in := bufio.NewReaderSize(r, 8<<10)
		if head, _ := in.Peek(1024); !plausibleBase64(head) {
			found.add(DefectNotBase64)
			return in
		}
		return &base64Reader{in: in, found: found}
	case "quoted-printable":
		return &quotedReader{in: bufio.NewReaderSize(r, 8<<10), found: found}
	case "x-uuencode":
		return &uuReader{in: bufio.NewReaderSize(r, 8<<10), found: found}
	}
	return r
}

// plausibleBase64 reports whether octets could begin base64. Text that was
// labelled base64 and never encoded has spaces between its words.
func plausibleBase64(head []byte) bool {
	letters, others := 0, 0
	for _, c := range head {
		switch {
		case c == '\r' || c == '\n' || c == '=':
		case base64Value[c] >= 0:
			letters++
		default:
			others++
		}
	}
	return others*12 <= letters || letters == 0 && others < 16
}

var base64Value = func() (t [256]int8) {
	for i := range t {
		t[i] = -1
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = int8(i)
	}
	t['-'], t['_'] = 62, 63 // the URL alphabet, which some gateways write
	return t
}()

// base64Reader passes over octets that are not of the alphabet (RFC 2045,
// section 6.8) and goes on after padding, for files encoded in pieces.
type base64Reader struct {
	in    *bufio.Reader
	found defects
	bits  uint32
	n     int // characters of the quantum held
	out   []byte
	buf   [3 << 10]byte
	err   error
}

func (b *base64Reader) Read(p []byte) (int, error) {
	for len(b.out) == 0 {
		if b.err != nil {
			return 0, b.err
		}
		b.decode()
	}
	n := copy(p, b.out)
	b.out = b.out[n:]
	return n, nil
}

func (b *base64Reader) decode() {
	if _, err := b.in.Peek(1); err != nil {
		b.out, b.err = b.flush(b.buf[:0]), err
		return
	}
	in, _ := b.in.Peek(b.in.Buffered())
	out, i := b.buf[:0], 0
	for i < len(in) && len(out)+3 <= len(b.buf) {
		if b.n == 0 && i+4 <= len(in) {
			v, w, x, y := base64Value[in[i]], base64Value[in[i+1]], base64Value[in[i+2]], base64Value[in[i+3]]
			if v|w|x|y >= 0 {
				bits := uint32(v)<<18 | uint32(w)<<12 | uint32(x)<<6 | uint32(y)
				out = append(out, byte(bits>>16), byte(bits>>8), byte(bits))
				i += 4
				continue
			}
		}
		out = b.character(out, in[i])
		i++
	}
	b.in.Discard(i)
	b.out = out
}

// character takes one octet that does not begin a whole quantum.
func (b *base64Reader) character(out []byte, c byte) []byte {
	v := base64Value[c]
	switch {
	case v >= 0:
		b.bits = b.bits<<6 | uint32(v)
		if b.n++; b.n == 4 {
			out = append(out, byte(b.bits>>16), byte(b.bits>>8), byte(b.bits))
			b.bits, b.n = 0, 0
		}
	case c == '=':
		return b.pad(out)
	case c > ' ':
		b.found.add(DefectBadBase64)
	}
	return out
}

// pad ends a quantum at its padding.
func (b *base64Reader) pad(out []byte) []byte {
	switch b.n {
	case 2:
		out = append(out, byte(b.bits>>4))
	case 3:
		out = append(out, byte(b.bits>>10), byte(b.bits>>2))
	case 1:
		b.found.add(DefectBadBase64)
	}
	b.bits, b.n = 0, 0
	return out
}

// flush ends a quantum that broke off.
func (b *base64Reader) flush(out []byte) []byte {
	if b.n > 0 {
		b.found.add(DefectBadBase64)
	}
	return b.pad(out)
}

func decodeBase64(s string) []byte {
	b := base64Reader{in: bufio.NewReaderSize(strings.NewReader(s), 16), found: defects{}}
	out, _ := io.ReadAll(&b)
	return out
}

// quotedReader decodes quoted-printable (RFC 2045, section 6.7). Escapes that
// are none stay as they are.
type quotedReader struct {
	in    *bufio.Reader
	found defects
	out   []byte
	err   error
}

func (q *quotedReader) Read(p []byte) (int, error) {
	for len(q.out) == 0 {
		if q.err != nil {
			return 0, q.err
		}
		var line []byte
		line, q.err = q.in.ReadSlice('\n')
		if q.err == bufio.ErrBufferFull {
			q.out, q.err = q.unescape(q.wholeEscape(bytes.Clone(line))), nil
			continue
		}
		q.out = q.line(line)
	}
	n := copy(p, q.out)
	q.out = q.out[n:]
	return n, nil
}

// wholeEscape reads on where a piece of a line without end stops inside an
// escape.
func (q *quotedReader) wholeEscape(piece []byte) []byte {
	for range 2 {
		if bytes.IndexByte(piece[max(len(piece)-2, 0):], '=') < 0 {
			break
		}
		c, err := q.in.ReadByte()
		if err != nil {
			break
		}
		piece = append(piece, c)
	}
	return piece
}

// line decodes one line in place.
func (q *quotedReader) line(line []byte) []byte {
	body := bytes.TrimRight(line, " \t\r\n")
	end := bytes.Clone(line[len(bytes.TrimRight(line, "\r\n")):])
	if soft := bytes.HasSuffix(body, []byte("=")); soft {
		body, end = body[:len(body)-1], nil
	}
	return append(q.unescape(body), end...)
}

// unescape decodes octets in place.
func (q *quotedReader) unescape(body []byte) []byte {
	out := body[:0]
	for i := 0; i < len(body); i++ {
		c := body[i]
		if c == '=' {
			if i+2 < len(body) && unhex(body[i+1]) >= 0 && unhex(body[i+2]) >= 0 {
				c = byte(unhex(body[i+1])<<4 | unhex(body[i+2]))
				i += 2
			} else {
				q.found.add(DefectBadQuoted)
			}
		}
		out = append(out, c)
	}
	return out
}
