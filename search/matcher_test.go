package search

import (
	"fmt"
	"strings"

	"github.com/closeroll/closeroll/internal/language"
	"github.com/closeroll/closeroll/search/index"
)

// A matcher finds where a pattern stands in a text, by trying.
type matcher interface {
	// places returns every stretch of words that is the pattern.
	places(p *page) [][2]int
	stands(p *page) bool
}

// matcher makes one; in names and addresses a word has no other forms.
func (r *reference) matcher(p index.Pattern, names bool) matcher {
	switch p := p.(type) {
	case index.Word:
		return r.inAnyForm(p, names)
	case index.Phrase:
		return r.inRow(p.Text, p.Slop)
	case index.Prefix:
		words := index.Fold(p.Text)
		row := r.inRow(strings.Join(words[:len(words)-1], " "), 0)
		last := words[len(words)-1]
		row.each = append(row.each, r.fit("prefix "+last, func(w string) bool { return strings.HasPrefix(w, last) }))
		return row
	case index.Wildcard:
		pattern := []rune(index.FoldWildcard(p.Text))
		return row{each: []set{r.fit("pattern "+p.Text, func(w string) bool { return fitsPattern(pattern, []rune(w)) })}}
	case index.Fuzzy:
		word := []rune(index.Fold(p.Text)[0])
		return row{each: []set{r.fit(fmt.Sprint("like ", p.Edits, p.Text), func(w string) bool { return alike(word, []rune(w), p.Edits) })}}
	case index.Any:
		var all either
		for _, one := range p {
			all = append(all, r.matcher(one, names))
		}
		return all
	case index.Near:
		return near{r.matcher(p.A, names), r.matcher(p.B, names), p.Distance, p.Ordered}
	}
	panic("a pattern of a kind that the reference does not know")
}

// fit asks of every word of the corpus whether it is meant, once.
func (r *reference) fit(key string, meant func(word string) bool) set {
	s, ok := r.fits[key]
	if !ok {
		s = make(set, len(r.words))
		for i, w := range r.words {
			s[i] = meant(w)
		}
		r.fits[key] = s
	}
	return s
}

func (r *reference) inRow(text string, slop int) row {
	m := row{slop: slop}
	for _, word := range index.Fold(text) {
		m.each = append(m.each, r.fit("exactly "+word, func(w string) bool { return w == word }))
	}
	return m
}

// inAnyForm is a word as the languages of each text have it, and English.
func (r *reference) inAnyForm(p index.Word, names bool) matcher {
	if p.Exact || names {
		return r.inRow(p.Text, 0)
	}
	m := forms{language.Of("en"): nil}
	for _, langs := range r.langs {
		for _, code := range langs.All().Codes() {
			m[language.Of(code)] = nil
		}
	}
	for of := range m {
		m[of] = r.fit("form "+of.String()+" "+p.Text, func(w string) bool { return index.SameWord(of, w, p.Text, false) })
	}
	return m
}

// forms is a word in any form: by language, the words that are it.
type forms map[language.Set]set

func (m forms) places(p *page) (at [][2]int) {
	for i := range p.words {
		if m.at(p, i) {
			at = append(at, [2]int{i, i})
		}
	}
	return at
}

func (m forms) stands(p *page) bool {
	for i := range p.words {
		if m.at(p, i) {
			return true
		}
	}
	return false
}

// at reports whether a word of a text is meant: in English, or in a language
// that the text is read in.
func (m forms) at(p *page, i int) bool {
	if m[language.Of("en")][p.words[i]] {
		return true
	}
	for _, code := range p.langs.Codes() {
		if m[language.Of(code)][p.words[i]] {
			return true
		}
	}
	return false
}

// in reports whether a text has one of the words.
func (meant set) in(p *page) bool {
	for _, w := range p.words {
		if meant[w] {
			return true
		}
	}
	return false
}

// A row is words that follow one another, with so many others between them at
// most.
type row struct {
	each []set
	slop int
}

func (m row) places(p *page) (at [][2]int) {
	for i := range p.words {
		m.from(p, i, 0, m.slop, func(end int) bool {
			at = append(at, [2]int{i, end})
			return true
		})
	}
	return at
}

func (m row) stands(p *page) (found bool) {
	if len(m.each) == 1 {
		return m.each[0].in(p)
	}
	for i := 0; i < len(p.words) && !found; i++ {
		m.from(p, i, 0, m.slop, func(int) bool {
			found = true
			return false
		})
	}
	return found
}

// from tries every way to place the words from the n-th on, and tells where each
// ends until it is told to stop.
func (m row) from(p *page, i, n, slop int, tell func(end int) bool) bool {
	if i >= len(p.words) || !m.each[n][p.words[i]] {
		return true
	}
	if n == len(m.each)-1 {
		return tell(i)
	}
	for gap := 0; gap <= slop; gap++ {
		if !m.from(p, i+1+gap, n+1, slop-gap, tell) {
			return false
		}
	}
	return true
}

type either []matcher

func (m either) places(p *page) (at [][2]int) {
	for _, one := range m {
		at = append(at, one.places(p)...)
	}
	return at
}

func (m either) stands(p *page) bool {
	for _, one := range m {
		if one.stands(p) {
			return true
		}
	}
	return false
}

type near struct {
	a, b     matcher
	distance int
	ordered  bool
}

func (m near) places(p *page) (at [][2]int) {
	seen := make(map[[2]int]bool)
	m.each(p, func(place [2]int) bool {
		seen[place] = true
		return true
	})
	for place := range seen {
		at = append(at, place)
	}
	return at
}

func (m near) stands(p *page) (found bool) {
	m.each(p, func([2]int) bool {
		found = true
		return false
	})
	return found
}

// each tries every pair, and tells what they span until it is told to stop.
func (m near) each(p *page, tell func([2]int) bool) {
	if !m.a.stands(p) || !m.b.stands(p) {
		return
	}
	bs := m.b.places(p)
	for _, a := range m.a.places(p) {
		for _, b := range bs {
			after, before := b[0]-a[1]-1, a[0]-b[1]-1
			near := after >= 0 && after <= m.distance || !m.ordered && before >= 0 && before <= m.distance
			if near && !tell([2]int{min(a[0], b[0]), max(a[1], b[1])}) {
				return
			}
		}
	}
}

// fitsPattern tries * as nothing and as one character more.
func fitsPattern(pattern, word []rune) bool {
	switch {
	case len(pattern) == 0:
		return len(word) == 0
	case pattern[0] == '*':
		return fitsPattern(pattern[1:], word) || len(word) > 0 && fitsPattern(pattern, word[1:])
	}
	return len(word) > 0 && (pattern[0] == '?' || pattern[0] == word[0]) && fitsPattern(pattern[1:], word[1:])
}

// alike tries every edit: a character left out, put in, replaced, or swapped
// with its neighbour.
func alike(a, b []rune, edits int) bool {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		// An edit of a character that is right already is never worth more than
		// one further on, but for swaps, which begin with a wrong one.
		a, b = a[1:], b[1:]
	}
	if len(a) == 0 && len(b) == 0 {
		return true
	}
	if edits == 0 || len(a)-len(b) > edits || len(b)-len(a) > edits {
		return false
	}
	return len(a) > 0 && alike(a[1:], b, edits-1) ||
		len(b) > 0 && alike(a, b[1:], edits-1) ||
		len(a) > 0 && len(b) > 0 && alike(a[1:], b[1:], edits-1) ||
		len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] && alike(a[2:], b[2:], edits-1)
}
