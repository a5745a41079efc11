package search

import (
	"slices"
	"strconv"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/index"
)

// text makes a pattern of a word or phrase.
func (s *parser) text(t token, f Field) (Node, error) {
	if t.text == "*" && t.kind == tokenWord && f.Name == "" {
		return All{}, nil
	}
	text, wild := wildcards(t)
	if t.kind == tokenPhrase && strings.Count(text, "*") < strings.Count(t.text, "*") {
		s.notice(t.at, "a * by itself in quotes was passed over; one word between two is written the ONEAR/1 report")
	}
	if wild {
		t.text = text
		return s.wildcard(t, f)
	}
	words := index.Fold(t.text)
	if t.kind == tokenPhrase {
		if len(words) == 0 {
			return nil, s.fail(t.at, "there is no word in this phrase", "")
		}
		if len(words)+t.number > index.MaxWidth {
			return nil, s.fail(t.at, "this phrase is too long", "use "+strconv.Itoa(index.MaxWidth)+" words at most")
		}
		return Text{f.Name, index.Phrase{Text: t.text, Slop: t.number}}, nil
	}
	if word, n, ok := strings.Cut(t.text, "~"); ok {
		return s.fuzzy(t, f, word, n)
	}
	switch {
	case len(words) == 0:
		return nil, s.fail(t.at, "there is no word here to search for", noWord(t.text))
	case len(words) > index.MaxWidth:
		return nil, s.fail(t.at, "this is too long", "use fewer words")
	case len(words) > 1:
		return Text{f.Name, index.Phrase{Text: strings.Trim(t.text, "<>")}}, nil
	}
	return Text{f.Name, index.Word{Text: words[0], Exact: t.exact}}, nil
}

func (s *parser) fuzzy(t token, f Field, word, number string) (Node, error) {
	words := index.Fold(word)
	edits, err := strconv.Atoi(number)
	switch {
	case number == "":
		edits = 1
	case err != nil || edits < 1 || edits > 2:
		return nil, s.fail(t.at+len(word), "~ after a word takes 1 or 2", "for example gloucester~1")
	}
	if len(words) != 1 {
		return nil, s.fail(t.at, "~ belongs after a single word", "for example gloucester~1")
	}
	if len([]rune(words[0])) <= 2*edits {
		return nil, s.fail(t.at, "this word is too short for ~"+strconv.Itoa(edits), "too many words are like it")
	}
	return Text{f.Name, index.Fuzzy{Text: words[0], Edits: edits}}, nil
}

// recordID reads the beginning of a record's id, or a message's RECORD/N.
func (s *parser) recordID(at int, text string) (ID, error) {
	prefix, number, isMessage := strings.Cut(text, "/")
	if !record.IsPrefix(prefix) {
		return ID{}, s.fail(at, "this is no record id", "an id is letters a to z and digits 2 to 7; its beginning is enough")
	}
	if !isMessage {
		return ID{Prefix: prefix}, nil
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 {
		return ID{}, s.fail(at, "a message's number counts from 1", "for example "+prefix+"/1")
	}
	return ID{Prefix: prefix, N: n}, nil
}

// lint notices what is probably not meant: operators in small letters, and words
// that stand in nearly every message and so narrow nothing.
func (s *parser) lint(root Node) {
	if common(root) {
		s.notice(0, "such common words stand in nearly every message")
	}
	s.lintOperators(root)
}

func (s *parser) lintOperators(n Node) {
	switch n := n.(type) {
	case And:
		for i, part := range n {
			if w := plainWord(part); i > 0 && slices.Contains([]string{"and", "or", "not", "near"}, w) {
				s.notice(0, "“"+w+"” in small letters was searched as a word; operators are written in capitals")
			}
			s.lintOperators(part)
		}
		if plainWord(n[0]) == "not" {
			s.notice(0, "“not” in small letters was searched as a word; operators are written in capitals")
		}
	case Or:
		narrows := !common(n)
		for _, part := range n {
			if narrows && common(part) {
				s.notice(0, "one alternative is “"+part.String()+"”, which stands in nearly every message")
			}
			s.lintOperators(part)
		}
	case Not:
		s.lintOperators(n.Node)
	}
}

// common reports whether a query narrows nothing: it is made of nothing but
// words that nearly every message has.
func common(n Node) bool {
	switch n := n.(type) {
	case And:
		return !slices.ContainsFunc(n, func(part Node) bool { return !common(part) })
	case Or:
		return slices.ContainsFunc(n, common) && !slices.ContainsFunc(n, func(part Node) bool { return !common(part) })
	case Text:
		if p, ok := n.Pattern.(index.Phrase); ok {
			words := index.Fold(p.Text)
			return len(words) == 1 && isStopWord(words[0])
		}
	}
	return isStopWord(plainWord(n))
}

// plainWord is the word that a node looks for anywhere, in small letters; empty
// if it is anything else.
func plainWord(n Node) string {
	if t, ok := n.(Text); ok && t.Field == "" {
		if w, ok := t.Pattern.(index.Word); ok {
			return w.Text
		}
	}
	return ""
}

func isStopWord(w string) bool {
	return slices.Contains([]string{"a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into",
		"is", "it", "no", "not", "of", "on", "or", "such", "that", "the", "their", "then", "there", "these", "they",
		"this", "to", "was", "will", "with", "y", "yr", "ac", "yn"}, w)
}
