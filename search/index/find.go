package index

import (
	"slices"
	"strings"

	"github.com/closeroll/closeroll/internal/language"
)

// A Place is a stretch of a text's words, by their number from 0.
type Place struct{ First, Last int }

// Find returns the places of a text at which a pattern finds words, without an
// index: what a reader marks. The text is read in these languages, and counts as
// no address field. Of a [Near] that holds, the words of both sides are found.
func Find(p Pattern, tokens []Token, langs language.Set) []Place {
	switch p := p.(type) {
	case Word:
		words := Fold(p.Text)
		if len(words) > 1 {
			return findWords(words, 0, tokens)
		}
		if len(words) == 0 {
			return nil
		}
		return findEach(tokens, remembered(func(word string) bool { return SameWord(langs, word, words[0], p.Exact) }))
	case Phrase:
		return findWords(Fold(p.Text), p.Slop, tokens)
	case Prefix:
		return findPrefix(Fold(p.Text), tokens)
	case Wildcard:
		pattern := FoldWildcard(p.Text)
		return findEach(tokens, func(word string) bool { return pattern != "" && glob(pattern, word) })
	case Fuzzy:
		words := Fold(p.Text)
		return findEach(tokens, remembered(func(word string) bool { return len(words) == 1 && within(words[0], word, p.Edits) }))
	case Any:
		var all []Place
		for _, a := range p {
			all = append(all, Find(a, tokens, langs)...)
		}
		return all
	case Near:
		return findNear(p, tokens, langs)
	}
	return nil
}

func findEach(tokens []Token, fits func(string) bool) []Place {
	var at []Place
	for i, t := range tokens {
		if fits(t.Exact) {
			at = append(at, Place{i, i})
		}
	}
	return at
}

// remembered asks once for each different word.
func remembered(fits func(string) bool) func(string) bool {
	known := make(map[string]bool)
	return func(word string) bool {
		answer, ok := known[word]
		if !ok {
			answer = fits(word)
			known[word] = answer
		}
		return answer
	}
}

func findWords(words []string, slop int, tokens []Token) []Place {
	var at []Place
	for i := range tokens {
		last, k := i, 0
		for j := i; j < len(tokens) && k < len(words) && j-i < len(words)+slop; j++ {
			if tokens[j].Exact == words[k] {
				last, k = j, k+1
			} else if k == 0 {
				break
			}
		}
		if k == len(words) && k > 0 {
			at = append(at, Place{i, last})
		}
	}
	return at
}

func findPrefix(words []string, tokens []Token) []Place {
	if len(words) == 0 {
		return nil
	}
	last := len(words) - 1
	var at []Place
	for i := range tokens {
		if i+last >= len(tokens) || !strings.HasPrefix(tokens[i+last].Exact, words[last]) {
			continue
		}
		if slices.EqualFunc(words[:last], tokens[i:i+last], func(w string, t Token) bool { return w == t.Exact }) {
			at = append(at, Place{i, i + last})
		}
	}
	return at
}

// findNear finds the words of both sides where they are near one another.
func findNear(n Near, tokens []Token, langs language.Set) []Place {
	as, bs := Find(n.A, tokens, langs), Find(n.B, tokens, langs)
	var at []Place
	for _, a := range as {
		for _, b := range bs {
			if after, before := b.First-a.Last-1, a.First-b.Last-1; after >= 0 && after <= n.Distance || !n.Ordered && before >= 0 && before <= n.Distance {
				at = append(at, a, b)
			}
		}
		if len(at) > maxSpans {
			break
		}
	}
	return at
}

// glob reports whether a word fits a pattern of * and ?, in time in proportion
// to the product of their lengths.
func glob(pattern, word string) bool {
	p, w := []rune(pattern), []rune(word)
	i, j, star, from := 0, 0, -1, 0
	for j < len(w) {
		switch {
		case i < len(p) && p[i] == '*':
			star, from = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == w[j]):
			i, j = i+1, j+1
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

// within reports whether a becomes b by so many edits at most.
func within(a, b string, edits int) bool {
	s, t := []rune(a), []rune(b)
	return len(s)-len(t) <= edits && len(t)-len(s) <= edits && Edits(s, t) <= edits
}

// Edits returns the number of insertions, deletions, substitutions and
// transpositions of neighbours that make b of a (optimal string alignment). It
// takes time in proportion to the product of their lengths.
func Edits(a, b []rune) int {
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
