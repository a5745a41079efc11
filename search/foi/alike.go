package foi

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/closeroll/closeroll/archive/record"
)

// Alike is another request that may be of the same person or campaign: it came
// within the window in which costs are added up (SI 2004/3244, regulation 5) and
// asks for much the same. Who asked is not known here, so a person decides.
type Alike struct {
	Ref         string `json:"ref"`
	WorkingDays int    `json:"working_days"`  // between the two receipts
	Scope       bool   `json:"same_scope"`    // their scopes are the same query
	Words       int    `json:"words_percent"` // of the words of both texts, how many are in both
}

// likeEnough is the share of words in both texts from which two requests are
// taken to ask for much the same, in per cent.
const likeEnough = 50

// Alike proposes requests that costs may have to be added up with. Pure. Those
// that somebody has related already are not among them.
func (c *Costs) Alike(b *Book, r *Request, others []*Request) []Alike {
	var all []Alike
	words := contentWords(r.Text)
	rule := c.at(costAggregation, r.Received)
	for _, o := range others {
		if o.Ref == r.Ref || o.Kind != FOI || r.Kind != FOI || slices.Contains(r.Related, o.Ref) || slices.Contains(o.Related, r.Ref) {
			continue
		}
		from, to := r.Received, o.Received
		if to.Before(from) {
			from, to = to, from
		}
		a := Alike{Ref: o.Ref, WorkingDays: b.WorkingDays(FOI, from, to), Scope: r.Scope != "" && r.Scope == o.Scope, Words: shared(words, contentWords(o.Text))}
		if a.WorkingDays < rule.WorkingDays && (a.Scope || a.Words >= likeEnough) {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(a, b Alike) int { return cmp.Or(cmp.Compare(b.Words, a.Words), strings.Compare(a.Ref, b.Ref)) })
	return all
}

// contentWords are the words of a text that may tell what it asks for: of four
// letters and more, and not those of every request.
func contentWords(text string) map[string]bool {
	every := []string{"please", "could", "would", "under", "freedom", "information", "request", "this", "that", "with", "from", "between", "held", "copies", "provide", "have", "your", "department"}
	words := make(map[string]bool)
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(w) >= 4 && !slices.Contains(every, w) {
			words[w] = true
		}
	}
	return words
}

// shared is how many per cent of the words of both are in both.
func shared(a, b map[string]bool) int {
	both := 0
	for w := range a {
		if b[w] {
			both++
		}
	}
	if all := len(a) + len(b) - both; all > 0 {
		return 100 * both / all
	}
	return 0
}

func (r *Request) relate(_ Entry, b record.RequestRelated) error {
	if len(b.Related) == 0 {
		return errors.New("name the requests that it is related to")
	}
	for _, ref := range b.Related {
		is := slices.Contains(r.Related, ref)
		switch {
		case ref == r.Ref:
			return errors.New("a request is not related to itself")
		case b.Removed && !is:
			return fmt.Errorf("it is not related to %s", ref)
		case b.Removed:
			r.Related = slices.DeleteFunc(slices.Clone(r.Related), func(s string) bool { return s == ref })
		case !is:
			r.Related = append(slices.Clone(r.Related), ref)
		}
	}
	return nil
}
