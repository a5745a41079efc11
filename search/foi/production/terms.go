package production

import (
	"strings"
	"unicode/utf8"
)

// leastWord is how many characters redacted words need to be looked for
// elsewhere: shorter ones are in every text. That they are gone from their own
// place is certain all the same.
const leastWord = 3

// longSpan is how many octets a redacted stretch has that is also looked for
// line by line and sentence by sentence, since another item may quote a part.
const longSpan = 80

// leastQuoted is how many characters such a part needs.
const leastQuoted = 20

// maxSeen is how many items are named in which redacted words can be read.
const maxSeen = 10

// Terms are the words that are redacted anywhere in a production. They are
// given to the whole of it, because what is struck out of one item must not
// stand in another without somebody's knowing.
type Terms struct {
	matcher *matcher
	raw     *matcher // the same as octets of a file
	all     []*term
	longest int // octets of the longest that is looked for in octets
}

// A term is words that are redacted, with the first place where they are.
type term struct {
	words     string
	squeezed  string
	item      string
	redaction int
	expected  int      // how often they were left visible
	seen      []string // items in which they were, as words of their own
	times     int      // how many items those are
}

// NewTerms returns no terms.
func NewTerms() *Terms { return &Terms{matcher: newMatcher()} }

// Add adds what is redacted in a text. item says where, for people: "item 3".
func (t *Terms) Add(item string, text *Text) {
	for n, s := range text.Spans {
		words := text.Text[s.From:s.To]
		t.add(item, n+1, words, leastWord)
		if len(words) < longSpan {
			continue
		}
		for part := range strings.FieldsFuncSeq(words, func(r rune) bool { return r == '\n' }) {
			t.add(item, n+1, part, leastQuoted)
		}
		joined := strings.Join(strings.Fields(words), " ")
		for part := range strings.SplitSeq(strings.NewReplacer("! ", ". ", "? ", ". ").Replace(joined), ". ") {
			t.add(item, n+1, part, leastQuoted)
		}
	}
}

func (t *Terms) add(item string, redaction int, words string, least int) {
	squeezed, _ := squeeze(words, false)
	if utf8.RuneCountInString(squeezed) < least {
		return
	}
	number := int32(len(t.all) + 1)
	if t.matcher.add(squeezed, number) == number {
		t.all = append(t.all, &term{words: strings.Join(strings.Fields(words), " "), squeezed: squeezed, item: item, redaction: redaction})
	}
}

// Count is how many different words are redacted.
func (t *Terms) Count() int { return len(t.all) }

// ready prepares the terms to be looked for.
func (t *Terms) ready() {
	if !t.matcher.built {
		t.matcher.build()
	}
}

// counts is how often each term stands in a squeezed text; a term that does not
// is not in it.
func (t *Terms) counts(squeezed string) map[int32]int {
	counts := make(map[int32]int)
	t.matcher.scan([]byte(squeezed), func(word int32, _, _ int) { counts[word]++ })
	return counts
}

// notice notes which redacted words can be read in an item as it is released.
func (t *Terms) notice(item, visible string) {
	squeezed, at := squeeze(visible, true)
	done := make(map[int32]bool)
	t.matcher.scan([]byte(squeezed), func(word int32, from, to int) {
		if done[word] {
			return
		}
		end := len(visible)
		if to < len(at) {
			end = int(at[to])
		}
		start := int(at[from])
		end = start + len(strings.TrimRight(visible[start:end], " \n>|"))
		if !whole(visible, start, end) {
			return
		}
		done[word] = true
		one := t.all[word-1]
		if one.times++; len(one.seen) < maxSeen {
			one.seen = append(one.seen, item)
		}
	})
}

// A Visible is words that are redacted in one place and can be read in others,
// because nobody redacted them there.
type Visible struct {
	Words     string   `json:"words"`
	Item      string   `json:"item"` // where they are redacted
	Redaction int      `json:"redaction"`
	In        []string `json:"in"`    // items in which they can be read, the first of them
	Items     int      `json:"items"` // how many there are
}

// visible lists what can be read elsewhere.
func (t *Terms) visible() []Visible {
	list := []Visible{}
	for _, one := range t.all {
		if one.times > 0 {
			list = append(list, Visible{one.words, one.item, one.redaction, one.seen, one.times})
		}
	}
	return list
}
