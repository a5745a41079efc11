package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/closeroll/closeroll/internal/language"
	"github.com/closeroll/closeroll/search/index"
)

// The marks around a found word in a snippet.
const (
	MarkBegin = "«"
	MarkEnd   = "»"
)

// Snippet returns a stretch of text of about width characters around what the
// query finds in it, on one line, the words found between [MarkBegin] and
// [MarkEnd], with … where text is left out. It cuts the text into words and
// compares them as the index does for a text that is read in these languages. It is pure and runs where the text was opened. Words that the
// query excludes are not marked, and of words that the query looks for in one
// field only it is not known here which field the text is. Where nothing is
// found it returns the beginning of the text.
func Snippet(text string, langs language.Set, q *Query, width int) string {
	tokens, found := mark(text, langs, q)
	from, until := window(text, tokens, found, max(width, 20))
	var out strings.Builder
	if from > 0 {
		out.WriteString("…")
	}
	at := from
	for i, t := range tokens {
		if !found[i] || t.Start < from || t.End > until {
			continue
		}
		out.WriteString(plain(text[at:t.Start]))
		out.WriteString(MarkBegin + plain(text[t.Start:t.End]) + MarkEnd)
		at = t.End
	}
	out.WriteString(plain(text[at:until]))
	if until < len(text) {
		out.WriteString("…")
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// plain makes text fit to print: control and formatting characters, which
// could move a terminal's cursor or turn text round, become spaces.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200d' || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
}

// maxMarked bounds the words of a text that are looked at.
const maxMarked = 1 << 20

// mark returns the words of a text and which of them the query finds.
func mark(text string, langs language.Set, q *Query) ([]index.Token, []bool) {
	var tokens []index.Token
	for t := range index.Tokens(text) {
		if tokens = append(tokens, t); len(tokens) == maxMarked {
			break
		}
	}
	found := make([]bool, len(tokens))
	for _, p := range wanted(q.Root, nil) {
		for _, at := range index.Find(p, tokens, langs) {
			for i := at.First; i <= at.Last; i++ {
				found[i] = true
			}
		}
	}
	return tokens, found
}

// wanted collects the patterns that a query looks for, without those under
// NOT. Of words near one another each is wanted.
func wanted(n Node, into []index.Pattern) []index.Pattern {
	switch n := n.(type) {
	case And:
		for _, c := range n {
			into = wanted(c, into)
		}
	case Or:
		for _, c := range n {
			into = wanted(c, into)
		}
	case Text:
		into = append(into, n.Pattern)
	}
	return into
}

// window chooses the stretch of text: a little before the first word found,
// from a word's beginning to a word's end.
func window(text string, tokens []index.Token, found []bool, width int) (from, until int) {
	if utf8.RuneCountInString(text) <= width {
		return 0, len(text)
	}
	first := 0
	for i := range found {
		if found[i] {
			first = tokens[i].Start
			break
		}
	}
	from = back(text, first, width/3)
	if from > 0 {
		for _, t := range tokens {
			if t.Start >= from {
				from = min(t.Start, first)
				break
			}
		}
	}
	until = forward(text, from, width)
	if until == len(text) {
		return from, until
	}
	last := from
	for _, t := range tokens {
		if t.End > until {
			break
		}
		last = t.End
	}
	if last > first {
		until = last
	}
	return from, until
}

// back returns the offset n characters before at.
func back(text string, at, n int) int {
	for ; n > 0 && at > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(text[:at])
		at -= size
	}
	return at
}

// forward returns the offset n characters after at.
func forward(text string, at, n int) int {
	for ; n > 0 && at < len(text); n-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}
