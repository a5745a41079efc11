package search

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/closeroll/closeroll/search/index"
)

// minPrefix is how many characters stand beside the * and ? of a word at least.
const minPrefix = 2

// maxStars bounds the number of * in a word: each multiplies the states of
// the automaton that looks for it.
const maxStars = 4

// wildcard makes a pattern of what has * or ? in it. If it is cut into several
// words, as the quoted "flood defen*" is, they follow one another, those without
// in their exact form.
func (s *parser) wildcard(t token, f Field) (Node, error) {
	if before, ok := strings.CutSuffix(t.text, "*"); ok && t.kind == tokenWord && !strings.ContainsAny(before, "*?") {
		return s.prefix(t, before, f)
	}
	pieces := piecesOf(t.text)
	if len(pieces) > 1 && t.number > 0 {
		return nil, s.fail(t.at, "~ takes no phrase with * or ? in it", "join the words themselves: flood ONEAR/"+strconv.Itoa(t.number)+" defen*")
	}
	var chain index.Pattern
	for i, piece := range pieces {
		p, err := s.piece(t, piece)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			chain = p
			continue
		}
		chain = index.Near{A: chain, B: p, Ordered: true}
	}
	if chain == nil {
		return nil, s.tooMany(t)
	}
	if width(chain) > index.MaxWidth {
		return nil, s.fail(t.at, "this phrase is too long", "use "+strconv.Itoa(index.MaxWidth)+" words at most")
	}
	return Text{f.Name, chain}, nil
}

// prefix is what begins so.
func (s *parser) prefix(t token, before string, f Field) (Node, error) {
	words := index.Fold(before)
	if len(words) == 1 && len([]rune(words[0])) >= minPrefix || len(words) > 1 {
		return Text{f.Name, index.Prefix{Text: strings.Join(words, "-")}}, nil
	}
	return nil, s.fail(t.at, "too many words begin so", "put at least "+strconv.Itoa(minPrefix)+" letters before the *")
}

// piece makes a pattern of one word that may have * and ? in it.
func (s *parser) piece(t token, text string) (index.Pattern, error) {
	if words := index.Fold(text); !strings.ContainsAny(text, "*?") && len(words) == 1 {
		return index.Word{Text: words[0], Exact: true}, nil
	}
	pattern := index.FoldWildcard(text)
	switch {
	case len([]rune(strings.NewReplacer("*", "", "?", "").Replace(pattern))) < minPrefix:
		return nil, s.tooMany(t)
	case len(pattern) > index.MaxWord || strings.Count(pattern, "*") > maxStars:
		return nil, s.fail(t.at, "this pattern is too involved", "use at most "+strconv.Itoa(maxStars)+" stars")
	}
	if before, ok := strings.CutSuffix(pattern, "*"); ok && !strings.ContainsAny(before, "*?") && len(index.Fold(before)) == 1 {
		return index.Prefix{Text: before}, nil
	}
	if strings.HasSuffix(pattern, "?") {
		s.notice(t.at, "the ? at the end of “"+text+"” stands for one more character; leave it out if it is a question mark")
	}
	return index.Wildcard{Text: pattern}, nil
}

func (s *parser) tooMany(t token) error {
	return s.fail(t.at, "too many words fit this", "put at least "+strconv.Itoa(minPrefix)+" letters beside * and ?")
}

// piecesOf cuts text into words as texts are cut, with * and ? as letters. A *
// by itself at either end, as in *@dept.gov.uk, asks for nothing.
func piecesOf(text string) (pieces []string) {
	letters := strings.NewReplacer("*", "x", "?", "x").Replace(text)
	for word := range index.Tokens(letters) {
		pieces = append(pieces, text[word.Start:word.End])
	}
	for len(pieces) > 1 && strings.Trim(pieces[0], "*") == "" {
		pieces = pieces[1:]
	}
	for len(pieces) > 1 && strings.Trim(pieces[len(pieces)-1], "*") == "" {
		pieces = pieces[:len(pieces)-1]
	}
	return pieces
}

// wildcards returns a token's text, and whether it has * or ? in it that stand
// for characters. In quotes, which hold what people said, they do so within a
// word only, and a * at its beginning or end; elsewhere they are left out.
func wildcards(t token) (string, bool) {
	if t.kind == tokenWord || !strings.ContainsAny(t.text, "*?") {
		return t.text, t.kind == tokenWord && strings.ContainsAny(t.text, "*?")
	}
	var text strings.Builder
	found := false
	for i := 0; i < len(t.text); {
		r, n := utf8.DecodeRuneInString(t.text[i:])
		before, _ := utf8.DecodeLastRuneInString(t.text[:i])
		after, _ := utf8.DecodeRuneInString(t.text[i+n:])
		i += n
		switch {
		case r == '*' && !isWordRune(before) && !isWordRune(after), r == '?' && !(isWordRune(before) && isWordRune(after)):
			text.WriteByte(' ')
			continue
		case r == '*' || r == '?':
			found = true
		}
		text.WriteRune(r)
	}
	return text.String(), found
}
