package search

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A tokenKind tells the tokens of the language apart.
type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenOpen
	tokenClose
	tokenWord   // a run of characters without space, quote or parenthesis
	tokenPhrase // text between quotes
	tokenField  // a field's name; the colon is gone
	tokenAnd
	tokenOr
	tokenNot
	tokenNear // number is its distance
)

type token struct {
	kind    tokenKind
	at      int
	text    string
	number  int  // of NEAR/n, or of a phrase's ~n
	ordered bool // ONEAR
	exact   bool // = stood before it
}

// A lexer cuts a query into tokens. It reads every byte a bounded number of
// times.
type lexer struct {
	query   string
	pos     int
	notices []Notice
}

func (l *lexer) fail(at int, message, hint string) error {
	return &SyntaxError{Query: l.query, At: at, Message: message, Hint: hint}
}

// maxNotices bounds what is said of one query: a list of thousands of terms may
// have one fault in each.
const maxNotices = 30

func (l *lexer) notice(at int, text string) {
	switch {
	case len(l.notices) > maxNotices || slices.ContainsFunc(l.notices, func(n Notice) bool { return n.Text == text }):
		return
	case len(l.notices) == maxNotices:
		text = "there is more like this in the query"
	}
	l.notices = append(l.notices, Notice{At: at, Text: text})
}

// next returns the next token.
func (l *lexer) next() (token, error) {
	l.skipSpace()
	at := l.pos
	if at == len(l.query) {
		return token{kind: tokenEnd, at: at}, nil
	}
	switch r, n := utf8.DecodeRuneInString(l.query[at:]); {
	case r == '(':
		l.pos += n
		return token{kind: tokenOpen, at: at}, nil
	case r == ')':
		l.pos += n
		return token{kind: tokenClose, at: at}, nil
	case isQuote(r):
		return l.phrase(false)
	case r == '-':
		l.pos += n
		if at > 0 && strings.HasPrefix(l.query[l.pos:], " ") {
			l.notice(at, "what follows the - was left out, with a space between them too; remove a - that is a dash")
		}
		return token{kind: tokenNot, at: at, text: "-"}, nil
	case r == '=':
		l.pos += n
		return l.exact(at)
	}
	return l.word()
}

func (l *lexer) skipSpace() {
	for l.pos < len(l.query) {
		r, n := utf8.DecodeRuneInString(l.query[l.pos:])
		if !unicode.IsSpace(r) && r >= ' ' {
			return
		}
		l.pos += n
	}
}

func (l *lexer) exact(at int) (token, error) {
	r, _ := utf8.DecodeRuneInString(l.query[l.pos:])
	if isQuote(r) {
		t, err := l.phrase(true)
		t.at = at
		return t, err
	}
	text := l.run()
	if text == "" {
		return token{}, l.fail(at, "nothing follows =", "write the word right after it: =sandbags")
	}
	return token{kind: tokenWord, at: at, text: text, exact: true}, nil
}

// isQuote reports whether r opens or closes a phrase. Word processors put
// typographic quotes.
func isQuote(r rune) bool { return r == '"' || isSmartQuote(r) }

func isSmartQuote(r rune) bool {
	return strings.ContainsRune("\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02", r)
}

func (l *lexer) phrase(exact bool) (token, error) {
	at := l.pos
	open, n := utf8.DecodeRuneInString(l.query[at:])
	l.pos += n
	length := strings.IndexFunc(l.query[l.pos:], isQuote)
	if length < 0 {
		return token{}, l.fail(at, "a quote is not closed", `put a " at the end of the phrase`)
	}
	if isSmartQuote(open) {
		l.notice(at, "typographic quotes were read as plain ones")
	}
	t := token{kind: tokenPhrase, at: at, text: l.query[l.pos : l.pos+length], exact: exact}
	_, n = utf8.DecodeRuneInString(l.query[l.pos+length:])
	l.pos += length + n
	if strings.HasPrefix(l.query[l.pos:], "~") {
		l.pos++
		number := l.query[l.pos:]
		number = number[:len(number)-len(strings.TrimLeft(number, "0123456789"))]
		l.pos += len(number)
		slop, err := strconv.Atoi(number)
		if err != nil || slop > maxDistance {
			return token{}, l.fail(l.pos-len(number), "~ after a phrase takes a number up to "+strconv.Itoa(maxDistance), `for example "flood defences"~3`)
		}
		t.number = slop
	}
	return t, nil
}

// run takes the characters up to a space, quote or parenthesis.
func (l *lexer) run() string {
	rest := l.query[l.pos:]
	n := strings.IndexFunc(rest, func(r rune) bool {
		return r <= ' ' || unicode.IsSpace(r) || r == '(' || r == ')' || isQuote(r)
	})
	if n < 0 {
		n = len(rest)
	}
	l.pos += n
	return rest[:n]
}

func (l *lexer) word() (token, error) {
	at := l.pos
	text := l.run()
	if name, ok := fieldName(text); ok {
		l.pos = at + len(name) + 1
		return token{kind: tokenField, at: at, text: name}, nil
	}
	switch text {
	case "AND":
		return token{kind: tokenAnd, at: at, text: text}, nil
	case "OR":
		return token{kind: tokenOr, at: at, text: text}, nil
	case "NOT":
		return token{kind: tokenNot, at: at, text: text}, nil
	}
	if operator, distance, ok := strings.Cut(text, "/"); ok && (operator == "NEAR" || operator == "ONEAR") {
		n, err := strconv.Atoi(distance)
		if err != nil || n < 0 || n > maxDistance {
			return token{}, l.fail(at, operator+"/n takes a number up to "+strconv.Itoa(maxDistance), "for example depot NEAR/5 sandbags")
		}
		return token{kind: tokenNear, at: at, text: operator, number: n, ordered: operator == "ONEAR"}, nil
	}
	if text == "NEAR" || text == "ONEAR" {
		return token{}, l.fail(at, text+" needs a distance", "for example depot "+text+"/5 sandbags; to search for the word, write it in lower case")
	}
	l.lintForeign(at, text)
	l.lintQuotes(at, text)
	return token{kind: tokenWord, at: at, text: text}, nil
}

// fieldName returns the name before the first colon of a run, if it is one: at
// least two letters, and no address of a web page.
func fieldName(text string) (string, bool) {
	name, rest, ok := strings.Cut(text, ":")
	if !ok || len(name) < 2 || strings.HasPrefix(rest, "//") {
		return "", false
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return "", false
		}
	}
	return name, true
}

// isWordRune reports whether r can stand in a word.
func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}
