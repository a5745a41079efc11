package production

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// squeeze is a text as it is compared: without spaces, line breaks, marks of
// quotation and what nobody sees, in lower case. However a format breaks lines
// or sets words, the same words squeeze alike. at gives for each octet of it
// the octet of the text that it comes of, where it is asked for.
func squeeze(text string, mapped bool) (squeezed string, at []int32) {
	var b strings.Builder
	b.Grow(len(text))
	for i, r := range text {
		if unicode.IsSpace(r) || r == '>' || r == '|' || r == '\u25a1' || unicode.In(r, unicode.Cc, unicode.Cf) {
			continue
		}
		from := b.Len()
		b.WriteRune(unicode.ToLower(r))
		for k := from; mapped && k < b.Len(); k++ {
			at = append(at, int32(i))
		}
	}
	return b.String(), at
}

// whole reports whether a stretch of text is not part of longer words.
func whole(text string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	first, _ := utf8.DecodeRuneInString(text[from:])
	last, _ := utf8.DecodeLastRuneInString(text[:to])
	after, _ := utf8.DecodeRuneInString(text[to:])
	return (from == 0 || !wordly(before) || !wordly(first)) && (to == len(text) || !wordly(last) || !wordly(after))
}

func wordly(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }
