package language

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxLetters is the length of the longest word that is looked up. A word's
// letters, one octet each, fill one machine word.
const maxLetters = 8

// A key is a word of at most maxLetters letters, folded: Latin letters without
// case and accents, Cyrillic ones without case. 0 is no word.
type key uint64

// lowLetters is the number of characters that letters are looked up of by
// table: up to the end of Cyrillic.
const lowLetters = 0x530

// A character is what the scanner knows of one below lowLetters: its letter in
// a key, 0 if it is none, and the languages that it sets apart.
type character struct {
	octet  byte
	showed Set
}

// letterTable folds letters for keys.
func letterTable() *[lowLetters]character {
	t := new([lowLetters]character)
	for r := rune('0'); r < lowLetters; r++ {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) || unicode.Is(unicode.Greek, r) {
			continue // Greek is known by its script
		}
		base := unicode.ToLower(r)
		if utf8.RuneSelf <= base && base < 0x250 {
			base, _ = utf8.DecodeRuneInString(norm.NFKD.String(string(base)))
			base = unicode.ToLower(base)
		}
		switch {
		case base < utf8.RuneSelf:
			t[r].octet = byte(base)
		case base < 0x250:
			t[r].octet = spelled(base)
		case 'а' <= base && base <= 'џ':
			t[r].octet = 0x80 + byte(base-0x430)
		case base == 'ґ':
			t[r].octet = 0xb0
		default:
			t[r].octet = 0xff // a letter of which nothing more need be known
		}
	}
	return t
}

// spelled is the nearest letter to one that Unicode does not decompose.
func spelled(r rune) byte {
	switch r {
	case 'ß':
		return 's'
	case 'æ':
		return 'a'
	case 'ø', 'œ':
		return 'o'
	case 'ł':
		return 'l'
	case 'đ', 'ð':
		return 'd'
	case 'þ':
		return 't'
	case 'ı':
		return 'i'
	}
	return 0xff
}

// A word is what the scanner found of one word.
type word struct {
	key    key  // 0 if it is too long, or of another script
	showed Set  // by its letters
	script rune // a letter of it, where the script is looked at
	number bool // it has no letter
}

// next returns the first word of text at or after i and the offset after it,
// which is len(text) where no word is left and ok is false. An apostrophe
// within a word is passed over and the word goes on; apostrophes that part a
// clitic from its word (Cymru'n, l'eau) cost one word its recognition.
func (d *Detector) next(text string, i int) (w word, end int, ok bool) {
	letters := 0
	for i < len(text) {
		if c := text[i] | 0x20; 'a' <= c && c <= 'z' {
			w.key, w.number = w.key<<8|key(c), false
			letters++
			i++
			continue
		}
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		switch {
		case r < lowLetters && d.letters[r].octet != 0:
			c := d.letters[r]
			w.key = w.key<<8 | key(c.octet)
			w.showed |= c.showed
			w.number = (letters == 0 || w.number) && r <= '9'
			letters++
		case unicode.IsLetter(r):
			w.script, w.number = r, false
			letters++
			if isIdeograph(r) {
				return word{script: r}, i + n, true
			}
		case isCombining(r):
		case r < lowLetters || !unicode.IsMark(r):
			w.showed |= d.signs(r)
			if apostrophe := r == '\'' || r == '’'; letters > 0 && !(apostrophe && letterAfter(text[i+n:])) {
				return w.finish(letters), i, true
			}
		}
		i += n
	}
	return w.finish(letters), len(text), letters > 0
}

func (w word) finish(letters int) word {
	if letters > maxLetters || w.script != 0 {
		w.key = 0
	}
	return w
}

// signs are the languages that a sign sets apart that is no letter.
func (d *Detector) signs(r rune) Set {
	if r < lowLetters && r >= utf8.RuneSelf {
		return d.letters[r].showed
	}
	return 0
}

// isCombining reports whether r is an accent of the letter before it.
func isCombining(r rune) bool { return r >= 0x300 && r <= 0x36f }

func letterAfter(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLetter(r)
}

func isIdeograph(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// pack returns the key of a word of a vocabulary.
func (d *Detector) pack(s string) key {
	w, _, _ := d.next(s, 0)
	return w.key
}
