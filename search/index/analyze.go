package index

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxWord is the number of bytes of a word's exact form that are kept. Longer
// words (encoded data, mostly) are cut, in texts and in queries alike.
const MaxWord = 96

// A Token is one word of a text.
type Token struct {
	Exact string // the folded form: lower case, no accents
	Start int    // offset of its first byte in the text
	End   int    // offset after its last byte
}

// Tokens yields the words of text in order. It is pure, accepts any bytes, and
// takes time in proportion to the text.
//
// A word is a run of letters, digits and their marks. An apostrophe within a
// word is left out (don't, O'Brien), except after an elided article, which
// becomes a word of its own (l'eau), as does what Welsh leans on a word that
// ends in a vowel (Cymru'n, gwasanaethau'r, i'w). A comma between groups of three digits is
// left out (4,000). In scripts that are written without spaces each letter is
// a word, and so is each pictograph.
func Tokens(text string) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		f := folder{}
		for i := 0; i < len(text); {
			start, end := nextWord(text, i)
			if start == end {
				return
			}
			i = end
			if exact := f.fold(text[start:end]); exact != "" && !yield(Token{exact, start, end}) {
				return
			}
		}
	}
}

// Fold returns the exact forms of the words of text.
func Fold(text string) []string {
	var words []string
	for t := range Tokens(text) {
		words = append(words, t.Exact)
	}
	return words
}

// A runeClass says what a character does to a word.
type runeClass uint8

const (
	separator runeClass = iota
	letter              // begins or continues a word
	mark                // continues a word, and is ignored before one
	single              // is a word of its own
)

func classOf(r rune) runeClass {
	switch {
	case r < utf8.RuneSelf:
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return letter
		}
		return separator
	case r == utf8.RuneError, r == '\u200b', r == '\ufeff':
		return separator
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		if unicode.Is(unicode.M, r) {
			return mark
		}
		return single
	case unicode.IsLetter(r), unicode.Is(unicode.N, r):
		return letter
	case unicode.Is(unicode.M, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Sk, r):
		return mark
	case unicode.Is(unicode.So, r):
		return single
	}
	return separator
}

// nextWord returns the bounds of the first word at or after i, or two equal
// numbers if there is none.
func nextWord(text string, i int) (start, end int) {
	for i < len(text) {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch classOf(r) {
		case letter:
			return i, wordEnd(text, i)
		case single:
			return i, skipMarks(text, i+n)
		}
		i += n
	}
	return i, i
}

// wordEnd returns the end of the word that begins at i with a letter.
func wordEnd(text string, i int) int {
	start := i
	for i < len(text) {
		c := text[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		switch class := classOf(r); {
		case class == letter || class == mark:
			i += n
		case isApostrophe(r) && letterAt(text, i+n):
			if isElision(text[start:i]) || leans(text, start, i, i+n) {
				return i
			}
			i += n
		case r == ',' && isDigitGroup(text, start, i):
			i += n
		default:
			return i
		}
	}
	return i
}

func skipMarks(text string, i int) int {
	for i < len(text) {
		r, n := utf8.DecodeRuneInString(text[i:])
		if classOf(r) != mark {
			break
		}
		i += n
	}
	return i
}

func isApostrophe(r rune) bool { return r == '\'' || r == '\u2019' || r == '\u02bc' }

func letterAt(text string, i int) bool {
	r, _ := utf8.DecodeRuneInString(text[i:])
	return unicode.IsLetter(r) && classOf(r) == letter
}

// isElision reports whether s is an article or pronoun that French, Italian
// and Catalan elide before a vowel.
func isElision(s string) bool {
	switch len(s) {
	case 1:
		return strings.Contains("cdjlmnstCDJLMNST", s)
	case 2:
		return strings.EqualFold(s, "qu")
	}
	return false
}

// leans reports whether what follows the apostrophe at i, from rest on, is one of
// the words that Welsh writes on to a word that ends in a vowel: the article,
// yn, and pronouns.
func leans(text string, start, i, rest int) bool {
	last, _ := utf8.DecodeLastRuneInString(text[start:i])
	if last < utf8.RuneSelf && !strings.ContainsRune("aeiouwyAEIOUWY", last) {
		return false
	}
	end := rest
	for end < len(text) && (text[end]|0x20 >= 'a' && text[end]|0x20 <= 'z' || text[end] >= '0' && text[end] <= '9' || text[end] >= utf8.RuneSelf) {
		if end++; end-rest > 2 {
			return false
		}
	}
	if end < len(text) && text[end] == '\'' {
		return false
	}
	switch strings.ToLower(text[rest:end]) {
	case "r", "n", "i", "u", "w", "ch", "th":
		return true
	}
	return false
}

// isDigitGroup reports whether the comma at i stands in a number written in
// groups of three: one to three digits before the first comma, exactly three
// after each.
func isDigitGroup(text string, start, i int) bool {
	first := strings.IndexByte(text[start:i], ',')
	if first < 0 {
		first = i - start
	}
	if first > 3 || !digits(text[start:start+first]) {
		return false
	}
	return len(text) >= i+4 && digits(text[i+1:i+4]) && (len(text) == i+4 || !digits(text[i+4:i+5]))
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// A folder makes exact forms. Its buffer is reused.
type folder struct{ buf []byte }

// fold returns the exact form of a word, which is empty if nothing remains.
func (f *folder) fold(word string) string {
	f.buf = f.buf[:0]
	for i := 0; i < len(word); i++ {
		c := word[i]
		switch {
		case c >= utf8.RuneSelf:
			return f.foldUnicode(word)
		case 'A' <= c && c <= 'Z':
			f.buf = append(f.buf, c+'a'-'A')
		case c != '\'' && c != ',':
			f.buf = append(f.buf, c)
		}
	}
	return cut(f.buf)
}

func (f *folder) foldUnicode(word string) string {
	f.buf = f.buf[:0]
	for _, r := range norm.NFKD.String(word) {
		if i := len(f.buf) - len("и"); r == breve && i >= 0 && string(f.buf[i:]) == "и" {
			f.buf = append(f.buf[:i], "й"...)
			continue
		}
		if isAccent(r) || isApostrophe(r) || r == ',' || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Sk, r) {
			continue
		}
		r = unicode.ToLower(r)
		if s, ok := spelled(r); ok {
			f.buf = append(f.buf, s...)
			continue
		}
		if classOf(r) == separator {
			continue
		}
		f.buf = utf8.AppendRune(f.buf, r)
	}
	return cut(f.buf)
}

func cut(b []byte) string {
	if len(b) > MaxWord {
		n := MaxWord
		for n > 0 && !utf8.RuneStart(b[n]) {
			n--
		}
		b = b[:n]
	}
	return string(b)
}

// isAccent reports whether r is a mark that a searcher would not type: the
// combining accents, Hebrew points, Arabic vowel signs and elongation, and
// variation selectors. Vowel signs of Indic scripts are letters to a reader.
func isAccent(r rune) bool {
	return r >= 0x300 && r <= 0x36f || r >= 0x591 && r <= 0x5c7 ||
		r >= 0x64b && r <= 0x65f || r == 0x670 || r == 0x640 || r >= 0xfe00 && r <= 0xfe0f
}

// breve is the accent that makes й of и, which in Cyrillic is a letter of its
// own that everybody types, and that stemmers go by.
const breve = '\u0306'

// spelled returns what stands for a letter that Unicode does not decompose.
func spelled(r rune) (string, bool) {
	switch r {
	case 'ß':
		return "ss", true
	case 'æ':
		return "ae", true
	case 'œ':
		return "oe", true
	case 'ø':
		return "o", true
	case 'đ', 'ð':
		return "d", true
	case 'ł':
		return "l", true
	case 'þ':
		return "th", true
	case 'ı':
		return "i", true
	case 'ς':
		return "σ", true
	}
	return "", false
}
