package email

import (
	"strings"
	"unicode"

	"github.com/closeroll/closeroll/internal/plaintext"
)

// DecodeHeader returns an unstructured header value as text: encoded words
// (RFC 2047) are decoded wherever they stand, also inside quotes and without
// the spaces that should surround them; octets that are not ASCII are read as
// UTF-8 or windows-1252; controls become spaces. It never fails.
func DecodeHeader(value string) string {
	if !strings.Contains(value, "=?") && isASCII(value) {
		return clean(value)
	}
	var out strings.Builder
	var run []byte // octets of adjacent encoded words in one charset
	var label string
	afterWord := false
	flush := func() {
		if len(run) > 0 {
			s, _ := plaintext.Decode(run, label)
			out.WriteString(s)
			run = run[:0]
		}
	}
	for value != "" {
		start := strings.Index(value, "=?")
		if start < 0 {
			break
		}
		w, rest, ok := cutWord(value[start:])
		if !ok {
			flush()
			out.WriteString(plain(value[:start+2]))
			value, afterWord = value[start+2:], false
			continue
		}
		// White space between two encoded words is not part of the text
		// (RFC 2047, section 6.2), and a character may be split between them.
		if between := value[:start]; !afterWord || strings.TrimSpace(between) != "" {
			flush()
			out.WriteString(plain(between))
		}
		if !strings.EqualFold(label, w.charset) {
			flush()
			label = w.charset
		}
		run = append(run, w.octets...)
		value, afterWord = rest, true
	}
	flush()
	out.WriteString(plain(value))
	return clean(out.String())
}

// maxWord bounds one encoded word. The standard says 75 characters; whole
// subjects in one word are common.
const maxWord = 8 << 10

// encodedWord is one decoded encoded-word.
type encodedWord struct {
	charset string
	octets  []byte
}

// cutWord takes an encoded word off the front of s. Words longer than the 75
// characters that the standard allows are taken too, and so are ones with
// spaces inside, which some senders write.
func cutWord(s string) (w encodedWord, rest string, ok bool) {
	charset, after, ok := strings.Cut(s[2:], "?")
	if !ok || len(charset) > 64 || len(after) < 2 || after[1] != '?' || strings.ContainsAny(charset, " =\t") {
		return w, s, false
	}
	charset, _, _ = strings.Cut(charset, "*") // a language tag (RFC 2231, section 5)
	body := after[2:]
	end := strings.Index(body[:min(len(body), maxWord)], "?=")
	if end < 0 {
		return w, s, false
	}
	text, rest := body[:end], body[end+2:]
	w.charset = charset
	switch after[0] {
	case 'B', 'b':
		w.octets = decodeBase64(text)
	case 'Q', 'q':
		w.octets = decodeQ(text)
	default:
		return w, s, false
	}
	return w, rest, true
}

func decodeQ(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '_':
			out = append(out, ' ')
		case c == '=' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0:
			out = append(out, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return out
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// plain reads octets outside encoded words.
func plain(s string) string {
	if isASCII(s) {
		return s
	}
	t, _ := plaintext.Decode([]byte(s), "")
	return t
}

// clean makes one line of s: controls become spaces, and directional
// overrides, which can make a name read as another, are dropped.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, s))
}
