package email

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"io"
	"strings"
)

// uuBegin reads the line that begins a uuencoded file, "begin 644 name"
// (POSIX, uuencode).
func uuBegin(line []byte) (name string, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte("begin "))
	if !ok {
		return "", false
	}
	mode, file, ok := bytes.Cut(bytes.TrimSpace(rest), []byte(" "))
	if !ok || len(mode) < 3 || len(mode) > 4 || len(file) > 1024 || strings.Trim(string(mode), "01234567") != "" {
		return "", false
	}
	return DecodeHeader(string(bytes.TrimSpace(file))), true
}

// uuLine decodes one line, appending to dst. ok is false where it is none.
func uuLine(dst, line []byte) (out []byte, ok bool) {
	if len(line) == 0 || line[0] < ' ' || line[0] > '`' {
		return dst, false
	}
	n := int(line[0]-' ') & 0x3f
	body := line[1:]
	need := (n + 2) / 3 * 4
	if len(body) < need-3 || len(body) > need+4 { // trailing spaces are often stripped, a check character added
		return dst, false
	}
	at := func(i int) uint32 {
		if i >= len(body) {
			return 0
		}
		return uint32(body[i]-' ') & 0x3f
	}
	for i := 0; n > 0; i += 4 {
		v := at(i)<<18 | at(i+1)<<12 | at(i+2)<<6 | at(i+3)
		three := []byte{byte(v >> 16), byte(v >> 8), byte(v)}
		dst = append(dst, three[:min(n, 3)]...)
		n -= 3
	}
	return dst, true
}

// uuReader decodes the uuencoded file that in stands before or in: it passes
// over lines until the one that begins it and ends at the one that ends it.
type uuReader struct {
	in    *bufio.Reader
	found defects
	begun bool
	out   []byte
	buf   [64]byte
	err   error
}

func (u *uuReader) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		u.step()
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

func (u *uuReader) step() {
	line, err := readLine(u.in)
	if err != nil && len(line) == 0 {
		if u.err = err; err == io.EOF {
			u.found.add(DefectBadUuencode) // it has no "end"
		}
		return
	}
	switch {
	case !u.begun:
		_, u.begun = uuBegin(line)
	case bytes.Equal(bytes.TrimSpace(line), []byte("end")):
		u.err = io.EOF
	default:
		var ok bool
		if u.out, ok = uuLine(u.buf[:0], line); !ok && len(line) > 0 {
			u.found.add(DefectBadUuencode)
		}
	}
}

// readLine reads a line without its end; of a longer line than the reader's
// buffer only the beginning is returned.
func readLine(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		line = bytes.Clone(line)
		for err == bufio.ErrBufferFull {
			_, err = in.ReadSlice('\n')
		}
	}
	return bytes.TrimRight(line, "\r\n"), err
}

// A uuFile is a uuencoded file found inside text.
type uuFile struct {
	name   string
	offset int64 // of its first line in the decoded text
	size   int64
	digest [sha256.Size]byte
	head   []byte // its first octets, to tell its type
}

// maxUUFiles bounds the files told apart inside one text.
const maxUUFiles = 100

// uuFilter reads text and takes the uuencoded files out of it, noting each.
type uuFilter struct {
	in    *bufio.Reader
	found defects
	pos   int64
	out   []byte
	files []uuFile
	err   error
}

func (f *uuFilter) Read(p []byte) (int, error) {
	for len(f.out) == 0 {
		if f.err != nil {
			return 0, f.err
		}
		f.step()
	}
	n := copy(p, f.out)
	f.out = f.out[n:]
	return n, nil
}

func (f *uuFilter) step() {
	line, err := f.in.ReadSlice('\n')
	start := f.pos
	f.pos += int64(len(line))
	if err != nil && err != bufio.ErrBufferFull {
		f.err = err
	}
	name, ok := uuBegin(bytes.TrimRight(line, "\r\n"))
	if !ok || len(f.files) == maxUUFiles {
		f.out = line
		return
	}
	line = bytes.Clone(line) // looking ahead moves the buffer
	if next, _ := f.in.Peek(62); !uuPlausible(next) {
		f.out = line
		return
	}
	f.file(uuFile{name: name, offset: start})
}

func uuPlausible(next []byte) bool {
	line, _, _ := bytes.Cut(next, []byte("\n"))
	_, ok := uuLine(nil, bytes.TrimRight(line, "\r"))
	return ok || bytes.HasPrefix(next, []byte("end"))
}

// file reads a uuencoded file to its end. A line that is none of it ends it
// too: what follows is text again.
func (f *uuFilter) file(file uuFile) {
	h := sha256.New()
	var buf [64]byte
	for f.err == nil {
		line, err := f.in.ReadSlice('\n')
		f.pos += int64(len(line))
		if err != nil && err != bufio.ErrBufferFull {
			f.err = err
		}
		line = bytes.TrimRight(line, "\r\n")
		if bytes.Equal(bytes.TrimSpace(line), []byte("end")) {
			break
		}
		octets, ok := uuLine(buf[:0], line)
		if !ok && len(line) > 0 || f.err != nil {
			f.found.add(DefectBadUuencode)
			if !ok {
				f.out = append(bytes.Clone(line), '\n')
				break
			}
		}
		h.Write(octets)
		file.size += int64(len(octets))
		if room := sniffLen - len(file.head); room > 0 {
			file.head = append(file.head, octets[:min(room, len(octets))]...)
		}
	}
	h.Sum(file.digest[:0])
	f.files = append(f.files, file)
}
