package index

import (
	"strings"

	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// firstWord is before every word and after every marked term.
const firstWord = "\x05"

// automata are the automata of a query's patterns, which are the same for every
// segment and field and take longer to build than to run.
type automata map[Pattern]segment.Automaton

// get returns the automaton of a pattern, building it the first time.
func (a automata) get(p Pattern, build func() (segment.Automaton, error)) (segment.Automaton, error) {
	if built, ok := a[p]; ok {
		return built, nil
	}
	built, err := build()
	if err == nil {
		a[p] = built
	}
	return built, err
}

// collect returns the field's words in the range that the automaton accepts,
// appended to into. Marked terms (stems, whole addresses) are not words.
func (t *termSource) collect(accept segment.Automaton, in termRange, into []string) ([]string, error) {
	err := eachTerm(t.dict, accept, in, func(term string) error {
		if term >= firstWord {
			into = append(into, term)
		}
		return t.ctx.Err()
	})
	return into, err
}

// prefixRange is the range of terms that begin with prefix.
func prefixRange(prefix string) termRange {
	end := []byte(prefix)
	for len(end) > 0 && end[len(end)-1] == 0xff {
		end = end[:len(end)-1]
	}
	if len(end) == 0 {
		return termRange{[]byte(prefix), nil}
	}
	end[len(end)-1]++
	return termRange{[]byte(prefix), end}
}

// FoldWildcard returns the exact form of a word that may contain * and ?. What
// separates words elsewhere is left out.
func FoldWildcard(text string) string {
	var out strings.Builder
	for text != "" {
		i := strings.IndexAny(text, "*?")
		if i < 0 {
			i = len(text)
		}
		out.WriteString(strings.Join(Fold(text[:i]), ""))
		if i < len(text) {
			out.WriteByte(text[i])
			i++
		}
		text = text[i:]
	}
	return out.String()
}
