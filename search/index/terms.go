package index

import (
	"strings"
	"sync"

	segment "github.com/blevesearch/scorch_segment_api/v2"
	"github.com/blevesearch/vellum/levenshtein"
)

// firstWord is before every word and after every marked term.
const firstWord = "\x05"

// automata are the automata of a condition's patterns, which are the same for
// every segment and field and take longer to build than to run.
type automata struct {
	built map[Pattern]segment.Automaton
	fuzzy *fuzzyBuilders
}

// get returns the automaton of a pattern, building it the first time.
func (a automata) get(p Pattern, build func() (segment.Automaton, error)) (segment.Automaton, error) {
	if built, ok := a.built[p]; ok {
		return built, nil
	}
	built, err := build()
	if err == nil {
		a.built[p] = built
	}
	return built, err
}

// fuzzyBuilders make the automata of fuzzy words. To make a builder takes some
// milliseconds, and it is the same for every word: a list of a thousand such
// words would take seconds for nothing. Builders are made when they are first
// needed and may then be used from several goroutines.
type fuzzyBuilders struct {
	mu      sync.Mutex
	byEdits map[uint8]*levenshtein.LevenshteinAutomatonBuilder
}

func (f *fuzzyBuilders) of(edits uint8) (*levenshtein.LevenshteinAutomatonBuilder, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if b := f.byEdits[edits]; b != nil {
		return b, nil
	}
	b, err := levenshtein.NewLevenshteinAutomatonBuilder(edits, true)
	if err != nil {
		return nil, err
	}
	if f.byEdits == nil {
		f.byEdits = make(map[uint8]*levenshtein.LevenshteinAutomatonBuilder)
	}
	f.byEdits[edits] = b
	return b, nil
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
