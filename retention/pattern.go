package retention

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Patterns and values come in lower case.

func equal(pattern, value string) bool { return pattern == value }

// glob reports whether the whole value fits the pattern, in which * is any run
// of characters and ? any one character. A * in the value stands for itself
// and fits only a *, so that glob(p, q) also tells whether pattern p takes in
// everything that pattern q does.
func glob(pattern, value string) bool {
	star, mark := -1, 0 // the last * and the value where it now ends
	p, v := 0, 0
	for v < len(value) {
		r, n := utf8.DecodeRuneInString(value[v:])
		if p < len(pattern) && pattern[p] == '*' {
			star, mark = p, v
			p++
			continue
		}
		if p < len(pattern) {
			q, m := utf8.DecodeRuneInString(pattern[p:])
			if (q == r && r != '*') || (q == '?' && r != '*') {
				p, v = p+m, v+n
				continue
			}
		}
		if star < 0 {
			return false
		}
		_, n = utf8.DecodeRuneInString(value[mark:])
		mark += n
		p, v = star+1, mark
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// phrase reports whether the pattern's words follow one another in the value.
// A word of the pattern that ends in * stands for all that begin so.
func phrase(pattern, value string) bool {
	if !strings.Contains(value, firstWord(pattern)) {
		return false // as nearly always, and found out without dividing anything into words
	}
	want, have := words(pattern), words(value)
	if len(want) == 0 {
		return false
	}
	for i := 0; i+len(want) <= len(have); i++ {
		fits := true
		for j, w := range want {
			if stem, ok := strings.CutSuffix(w, "*"); ok {
				fits = fits && strings.HasPrefix(have[i+j], stem)
			} else {
				fits = fits && w == have[i+j]
			}
		}
		if fits {
			return true
		}
	}
	return false
}

func words(s string) []string { return strings.FieldsFunc(s, betweenWords) }

func betweenWords(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '*'
}

// firstWord is the first of a pattern's words, as far as a value must have it.
func firstWord(pattern string) string {
	word := strings.TrimLeftFunc(pattern, betweenWords)
	if end := strings.IndexFunc(word, betweenWords); end >= 0 {
		word = word[:end]
	}
	return strings.TrimSuffix(word, "*")
}

// starred reports whether a word of a pattern has a * that is not at its end:
// no word of a subject is like that.
func starred(word string) bool { return strings.Contains(strings.TrimSuffix(word, "*"), "*") }

// covers reports whether everything that satisfies l also satisfies e. It may
// say no where the answer is yes, never the other way round.
func (e test) covers(l test) bool {
	for _, c := range e.conditions {
		if !impliedBy(c, l.conditions) {
			return false
		}
	}
	for _, any := range e.anys {
		if !anyImpliedBy(any, l) {
			return false
		}
	}
	for _, n := range e.nots {
		implied := false
		for _, m := range l.nots {
			implied = implied || m.covers(n)
		}
		if !implied {
			return false
		}
	}
	return true
}

func impliedBy(c condition, given []condition) bool {
	for _, g := range given {
		if g.key != c.key {
			continue
		}
		all := true
		for _, value := range g.patterns {
			some := false
			for _, p := range c.patterns {
				some = some || p == value || c.test(p, value)
			}
			all = all && some
		}
		if all {
			return true
		}
	}
	return false
}

func anyImpliedBy(any []test, l test) bool {
	for _, a := range any {
		if a.covers(l) {
			return true
		}
	}
	for _, given := range l.anys {
		all := true
		for _, g := range given {
			some := false
			for _, a := range any {
				some = some || a.covers(g)
			}
			all = all && some
		}
		if all {
			return true
		}
	}
	return false
}

// impossible reports whether nothing can satisfy t. It may miss some.
func (t test) impossible() bool {
	for i, a := range t.conditions {
		for _, b := range t.conditions[:i] {
			if a.key == b.key && a.single() && !overlap(a.patterns, b.patterns) {
				return true
			}
		}
	}
	for _, n := range t.nots {
		if n.covers(t) {
			return true
		}
	}
	for _, any := range t.anys {
		dead := true
		for _, a := range any {
			dead = dead && a.impossible()
		}
		if dead {
			return true
		}
	}
	return false
}

// single reports whether the field has one whole value, so that two disjoint
// lists contradict each other.
func (c condition) single() bool {
	switch c.key {
	case "kind", "source", "custodian", "custodian_role", "custodian_grade", "channel", "significance":
		return true
	}
	return false
}

func overlap(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}
