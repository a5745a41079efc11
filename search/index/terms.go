package index

import (
	"strings"

	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// firstWord is before every word and after every marked term.
const firstWord = "\x03"

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
