package disclosure

import (
	"bytes"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// looksLikeText reports whether octets are UTF-8 text and nothing that a
// program would show otherwise, as a web page.
func looksLikeText(b []byte) bool {
	if !utf8.Valid(b) || bytes.IndexByte(b, 0) >= 0 {
		return false
	}
	head := bytes.TrimLeft(bytes.TrimPrefix(b[:min(len(b), 1024)], []byte("\xef\xbb\xbf")), " \t\r\n")
	return !bytes.HasPrefix(head, []byte("<")) && strings.HasPrefix(http.DetectContentType(head), "text/plain")
}

// text looks at plain text, tables in CSV included: all of it is seen, but for
// characters that programs show as nothing or as an order to the terminal.
func (c *checker) text(f file) error {
	unseen := 0
	for _, r := range string(f.octets) {
		switch {
		case r == '\n', r == '\r', r == '\t', r == '\f', r == '\ufeff':
		case unicode.IsControl(r), r >= 0x200b && r <= 0x200f && r != 0x200d && r != 0x200c, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x2069,
			r >= 0xe0000 && r <= 0xe0fff:
			unseen++
		}
	}
	if unseen > 0 {
		c.say(HiddenText, f.place, unseen, "characters that are not shown")
	}
	return nil
}
