package whatsapp

import "unicode/utf8"

// zeros are the digit zero of every decimal digit block that a phone may print
// a stamp in. The nine digits follow each.
var zeros = [...]rune{
	'0', '\u0660', '\u06f0', '\u0966', '\u09e6', '\u0a66', '\u0ae6', '\u0b66', '\u0be6', '\u0c66',
	'\u0ce6', '\u0d66', '\u0e50', '\u0ed0', '\u0f20', '\u1040', '\u17e0', '\uff10',
}

// digit returns the value of r and the zero of its block.
func digit(r rune) (value int, zero rune, ok bool) {
	if r < utf8.RuneSelf {
		return int(r - '0'), '0', '0' <= r && r <= '9'
	}
	for _, z := range zeros[1:] {
		if z <= r && r <= z+9 {
			return int(r - z), z, true
		}
	}
	return 0, 0, false
}

// number reads up to four digits of the block of zero at s[i:]. It returns the
// value, how many digits there were (0: none, 5: too many), and the offset
// after them.
func number(s string, i int, zero rune) (value, digits, end int) {
	if zero == '0' {
		for i < len(s) && s[i]-'0' < 10 && digits < 5 {
			value, digits, i = value*10+int(s[i]-'0'), digits+1, i+1
		}
		return value, digits, i
	}
	for i < len(s) && digits < 5 {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r < zero || r > zero+9 {
			break
		}
		value, digits, i = value*10+int(r-zero), digits+1, i+n
	}
	return value, digits, i
}

// isMark reports whether r is one of the invisible characters that exports set
// around stamps, names and placeholders: byte order mark, direction marks,
// embeddings and isolates.
func isMark(r rune) bool {
	switch {
	case r == '\u200e', r == '\u200f', r == '\u061c', r == '\ufeff':
		return true
	case '\u202a' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069':
		return true
	}
	return false
}

// skipMarks returns the offset of the first character at or after i that is no
// mark.
func skipMarks(s string, i int) int {
	for i < len(s) && s[i] >= 0xd8 {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !isMark(r) {
			break
		}
		i += n
	}
	return i
}

// isSpace reports whether r separates the parts of a stamp: the space, and the
// no-break, thin and narrow spaces that CLDR prints instead.
func isSpace(r rune) bool {
	return r == ' ' || r == '\u00a0' || r == '\u2009' || r == '\u202f'
}
