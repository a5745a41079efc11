package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Other search programs have other operators, and who is used to them writes
// them here. What would be searched as a word, and so find nothing, is noticed.

// lintForeign notices a run of characters that looks like another program's
// operator, or like words that a space was forgotten between.
func (l *lexer) lintForeign(at int, text string) {
	if meant, ok := nearby(text); ok && (at > 0 || text[0] != '+') {
		l.notice(at, meant)
		return
	}
	first, n := utf8.DecodeRuneInString(text)
	switch {
	case unicode.Is(unicode.Pd, first) && startsWithLetter(text[n:]):
		l.notice(at, "“"+text+"” was searched for: this dash is no minus sign; to leave the word out, write NOT or a plain -")
		return
	case strings.HasSuffix(text, "!") && strings.ContainsFunc(text, isWordRune):
		stem := strings.TrimSuffix(text, "!")
		l.notice(at, "the ! after “"+stem+"” was passed over; words that begin so are "+stem+"*")
		return
	}
	l.lintJoined(at, text)
}

// nearby says how another program's operator of nearness is written here.
func nearby(text string) (string, bool) {
	lower := strings.ToLower(text)
	operator, distance, slash := strings.Cut(lower, "/")
	if !slash {
		distance = strings.TrimLeft(lower, "abcdefghijklmnopqrstuvwxyz+")
		operator = strings.TrimSuffix(lower, distance)
	}
	joins := slices.Contains([]string{"w", "n", "p", "pre", "within", "near", "onear"}, operator) || operator == ""
	switch {
	case !slash && operator == "+", !slash && slices.Contains([]string{"near", "onear", "adj", "within"}, operator), slash && joins:
		if isDigits(distance) && len(distance) < 4 {
			return "“" + text + "” was searched as a word; within so many words of one another is written NEAR/" + distance + ", in that order ONEAR/" + distance, true
		}
	}
	if slash && joins && slices.Contains([]string{"s", "p", "sent", "para", "sentence", "paragraph", "seg"}, distance) {
		return "“" + text + "” was searched as a word; nearness is counted in words, not in sentences or paragraphs: NEAR/15 for example", true
	}
	return "", false
}

// lintJoined notices signs within a run that usually stand between words, and
// those that no word is written with.
func (l *lexer) lintJoined(at int, text string) {
	for i := range len(text) {
		if strings.IndexByte(",;&|+=<>%$#", text[i]) >= 0 && endsInLetter(text[:i]) && startsWithLetter(text[i+1:]) {
			l.notice(at, "“"+text+"” was searched as words one after the other; put a space between them, or OR")
			return
		}
	}
	if i := strings.IndexAny(text, "^[]{}\\"); i >= 0 && strings.ContainsFunc(text, isWordRune) {
		l.notice(at, "the "+text[i:i+1]+" in “"+text+"” means nothing here and was passed over")
	}
}

// lintQuotes notices words in single quotes, which are apostrophes here.
func (l *lexer) lintQuotes(at int, text string) {
	quote, n := utf8.DecodeRuneInString(text)
	if !isSingleQuote(quote) || !startsWithLetter(text[n:]) || isSingleQuote(lastRune(text)) {
		return
	}
	rest := l.query[l.pos:min(len(l.query), l.pos+500)]
	for word := range strings.FieldsSeq(rest) {
		if isSingleQuote(lastRune(strings.TrimRight(word, ").,;"))) {
			l.notice(at, "single quotes keep no words together; write a phrase in double ones: \"…\"")
			return
		}
	}
}

func isSingleQuote(r rune) bool { return strings.ContainsRune("'\u2018\u2019\u201a\u201b`", r) }

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// endsInLetter and startsWithLetter tell a word of two characters at least from
// a single one: R&D, AT&T.
func endsInLetter(s string) bool {
	r, n := utf8.DecodeLastRuneInString(s)
	return n < len(s) && unicode.IsLetter(r)
}

func startsWithLetter(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	return n < len(s) && unicode.IsLetter(r)
}

// noWord hints at what was meant by signs that hold no word.
func noWord(text string) string {
	switch strings.Trim(text, " ") {
	case "&", "&&", "+", ",", ";":
		return "leave it out, or write AND"
	case "|", "||", "/":
		return "write OR"
	case "%", "!":
		return "write NOT before what is to be left out"
	case "–", "—", "―", "−":
		return "leave the dash out; NOT or a plain - leaves the next word out"
	}
	return "write words of letters and digits"
}
