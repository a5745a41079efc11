package search

import (
	"strings"
	"unicode"
)

// Other search programs have other operators, and who is used to them writes
// them here. What would be searched as a word, and so find nothing, is noticed.

// lintForeign notices a run of characters that looks like another program's
// operator, or like words that a space was forgotten between.
func (l *lexer) lintForeign(at int, text string) {
	if operator, distance, ok := strings.Cut(text, "/"); ok && isDigits(distance) {
		switch strings.ToLower(operator) {
		case "", "w", "n", "p", "pre", "within", "near", "onear":
			l.notice(at, "“"+text+"” was searched as a word; within so many words of one another is written NEAR/"+distance+", in that order ONEAR/"+distance)
		}
	}
	if stem, ok := strings.CutSuffix(text, "!"); ok && strings.ContainsFunc(stem, isWordRune) {
		l.notice(at, "the ! after “"+stem+"” was passed over; words that begin so are "+stem+"*")
	}
	for i, r := range text {
		before, after := text[:i], text[i+len(string(r)):]
		if (r == ',' || r == ';' || r == '&' || r == '|') && endsInLetter(before) && startsWithLetter(after) {
			l.notice(at, "“"+text+"” was searched as words one after the other; put a space between them, or OR")
			break
		}
	}
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func endsInLetter(s string) bool {
	r := []rune(s)
	return len(r) > 1 && unicode.IsLetter(r[len(r)-1])
}

func startsWithLetter(s string) bool {
	r := []rune(s)
	return len(r) > 1 && unicode.IsLetter(r[0])
}

// noWord hints at what was meant by signs that hold no word.
func noWord(text string) string {
	switch strings.Trim(text, " ") {
	case "&", "&&", "+", ",", ";":
		return "leave it out, or write AND"
	case "|", "||", "/":
		return "write OR"
	}
	return "write words of letters and digits"
}
