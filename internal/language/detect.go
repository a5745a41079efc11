package language

import (
	"cmp"
	"math/bits"
	"slices"
	"unicode"
)

// What is read of a text at most, in octets: all of it, or as many stretches of
// this length at equal distances.
const (
	MaxRead   = 8 << 10
	stretches = 16
)

// What it takes for a text to show a language. A word of a language is its own
// if it is in no other's list.
const (
	fewWords    = 2  // different words of it
	oneIn       = 7  // of so many words that are read, one is the language's
	moreWords   = 3  // different own words, for any language but the first
	moreHits    = 4  // such words in all, for any language but the first
	moreOneIn   = 30 // of so many words that are read, one is such a word
	scriptOneIn = 12 // of so many words, one is written in the script
)

// A Detector says which languages a text is in. It does not change once it is
// made, and may be used from several goroutines.
type Detector struct {
	letters *[lowLetters]character
	words   [1 << wordBits]entry // open addressing
}

// wordBits is the logarithm of the places for words, of which less than half are
// taken.
const wordBits = 12

type entry struct {
	key key
	of  Set // the languages whose word it is
}

// NewDetector returns a detector of all languages of [Codes].
func NewDetector() *Detector {
	d := &Detector{letters: letterTable()}
	for _, v := range vocabularies() {
		of := Of(v.code)
		start := 0
		for start < len(v.words) {
			w, end, ok := d.next(v.words, start)
			if !ok {
				break
			}
			if w.key != 0 {
				d.slot(w.key).of |= of
			}
			start = end
		}
		for _, r := range v.letters {
			d.letters[r].showed |= of
			d.letters[unicode.ToUpper(r)].showed |= of
		}
	}
	return d
}

// slot returns the place of a word, which is its own from then on.
func (d *Detector) slot(k key) *entry {
	for i := hash(k); ; i++ {
		e := &d.words[i%uint(len(d.words))]
		if e.key == 0 {
			e.key = k
		}
		if e.key == k {
			return e
		}
	}
}

// lookup returns the languages whose word k is.
func (d *Detector) lookup(k key) Set {
	if k == 0 {
		return 0
	}
	for i := hash(k); ; i++ {
		e := &d.words[i%uint(len(d.words))]
		if e.key == k {
			return e.of
		}
		if e.key == 0 {
			return 0
		}
	}
}

func hash(k key) uint { return uint((uint64(k) * 0x9e3779b97f4a7c15) >> (64 - wordBits)) }

// Detect returns the languages that a text shows. It is pure, accepts any
// bytes, and takes bounded time.
func (d *Detector) Detect(text string) Set {
	var t Tally
	d.Read(&t, text)
	return t.Languages()
}

// A Tally is what was read of one text or of several that belong together, such
// as the messages of one chat on one day. The zero value has read nothing.
type Tally struct {
	words   int // read
	read    int // octets
	scripts map[string]int
	hits    []hit
	last    [64]uint16 // by hash, which of hits such a word was last, from 1
}

// A hit is a word that is of use.
type hit struct {
	key key
	of  Set
	n   int
}

// letterHit marks the key of a hit by letters; the rest of it is the languages.
const letterHit key = 1 << 63

// maxHits bounds the different words that a tally keeps.
const maxHits = 512

// Read adds a text to a tally. Of what goes beyond [MaxRead] octets in all
// nothing is added but stretches of the text that goes beyond it.
func (d *Detector) Read(t *Tally, text string) {
	room := MaxRead - t.read
	t.read += min(len(text), MaxRead)
	if len(text) <= room {
		d.read(t, text)
		return
	}
	if room <= 0 {
		return
	}
	length := room / stretches
	for i := range stretches {
		from := (len(text) - length) / (stretches - 1) * i
		d.read(t, text[from:from+length])
	}
}

func (d *Detector) read(t *Tally, text string) {
	for i := 0; i < len(text); {
		w, end, ok := d.next(text, i)
		i = end
		if !ok {
			return
		}
		if w.number {
			continue
		}
		t.words++
		if w.script != 0 {
			t.script(w.script)
		} else if of := d.lookup(w.key); of != 0 {
			t.hit(w.key, of)
		} else if w.showed != 0 {
			t.hit(letterHit|key(w.showed), w.showed)
		}
	}
}

func (t *Tally) hit(k key, of Set) {
	last := &t.last[hash(k)%uint(len(t.last))]
	if i := int(*last) - 1; i >= 0 && t.hits[i].key == k {
		t.hits[i].n++
		return
	}
	i := slices.IndexFunc(t.hits, func(h hit) bool { return h.key == k })
	if i >= 0 {
		t.hits[i].n++
	} else if i = len(t.hits); i < maxHits {
		t.hits = append(t.hits, hit{k, of, 1})
	} else {
		return
	}
	*last = uint16(i + 1)
}

// script counts a word in a script of which no words are looked up.
func (t *Tally) script(r rune) {
	if t.scripts == nil {
		t.scripts = make(map[string]int)
	}
	switch code := scriptOf(r); code {
	case "ar", "ur", "fa":
		t.scripts[code]++
		t.scripts["arabic"]++
	case "":
	default:
		t.scripts[code]++
	}
}

// scriptOf returns the language that a letter sets apart among those that are
// told apart here. Of the languages in Arabic script, which share most
// letters, the word's last letter stands for the word.
func scriptOf(r rune) string {
	for _, s := range []struct {
		table *unicode.RangeTable
		code  string
	}{
		{unicode.Arabic, "ar"}, {unicode.Hebrew, "he"}, {unicode.Devanagari, "hi"}, {unicode.Bengali, "bn"}, {unicode.Gurmukhi, "pa"},
		{unicode.Gujarati, "gu"}, {unicode.Tamil, "ta"}, {unicode.Han, "zh"}, {unicode.Hiragana, "ja"}, {unicode.Katakana, "ja"},
		{unicode.Hangul, "ko"}, {unicode.Thai, "th"}, {unicode.Greek, "el"},
	} {
		if !unicode.Is(s.table, r) {
			continue
		}
		if s.code == "ar" {
			switch r {
			case 'ٹ', 'ڈ', 'ڑ', 'ں', 'ے', 'ھ', 'ہ':
				return "ur"
			case 'پ', 'چ', 'ژ', 'گ', 'ک', 'ی':
				return "fa"
			}
		}
		return s.code
	}
	return ""
}

// Languages returns the languages that what was read shows.
func (t *Tally) Languages() Set {
	shown := t.byScript()
	var explained Set
	for {
		code, own := t.best(explained, shown == 0)
		if code == 0 || !own {
			return shown
		}
		shown |= code
		explained |= code
	}
}

// best returns the language that explains most words which none of explained
// explains, and whether it explains enough.
func (t *Tally) best(explained Set, first bool) (Set, bool) {
	var points, n, different, own [64]int
	for _, h := range t.hits {
		if h.of&explained != 0 {
			continue
		}
		weight := max(6/bits.OnesCount64(uint64(h.of)), 1)
		for s := uint64(h.of); s != 0; s &= s - 1 {
			l := bits.TrailingZeros64(s)
			points[l] += weight * h.n
			n[l] += h.n
			if h.key > 0xff { // a letter that stands alone is no word to go by
				different[l]++
				if h.of == 1<<l {
					own[l]++
				}
			}
		}
	}
	top := 0
	for l := range points {
		if points[l] > points[top] {
			top = l
		}
	}
	if points[top] == 0 {
		return 0, false
	}
	if first {
		return 1 << top, different[top] >= fewWords && own[top] > 0 && n[top]*oneIn >= t.words
	}
	return 1 << top, own[top] >= moreWords && n[top] >= moreHits && n[top]*moreOneIn >= t.words
}

// byScript returns the languages that are known by the script alone.
func (t *Tally) byScript() Set {
	var shown Set
	for code, n := range t.scripts {
		if n*scriptOneIn >= t.words {
			shown |= Of(code)
		}
	}
	if t.scripts["ja"] > 0 && shown.Has("zh") { // Japanese is written in both
		shown = shown&^Of("zh") | Of("ja")
	}
	if n := t.scripts["arabic"]; n > 0 && n*scriptOneIn >= t.words {
		shown &^= Of("ar", "fa", "ur")
		switch {
		case t.scripts["ur"]*10 >= n:
			shown |= Of("ur")
		case t.scripts["fa"]*10 >= n:
			shown |= Of("fa")
		default:
			shown |= Of("ar")
		}
	}
	return shown
}

// Evidence is the words by which a text shows a language.
type Evidence struct {
	Language string
	Words    []string // at most ten, the most frequent first; … for a letter that sets the language apart
	Hits     int      // how often they stand in what was read
	Read     int      // words that were read
}

// Explain says what a text shows each of its languages by.
func (d *Detector) Explain(text string) []Evidence {
	var t Tally
	d.Read(&t, text)
	var all []Evidence
	for _, code := range t.Languages().Codes() {
		e := Evidence{Language: code, Read: t.words, Hits: t.scripts[code]}
		slices.SortStableFunc(t.hits, func(a, b hit) int { return cmp.Compare(b.n, a.n) })
		for _, h := range t.hits {
			if h.of.Has(code) {
				e.Hits += h.n
				if len(e.Words) < 10 {
					e.Words = append(e.Words, h.key.String())
				}
			}
		}
		all = append(all, e)
	}
	return all
}

// String writes the word of a key.
func (k key) String() string {
	if k&^key(1<<40-1) == letterHit {
		return "…"
	}
	var out []rune
	for shift := 56; shift >= 0; shift -= 8 {
		switch c := byte(k >> shift); {
		case c == 0:
		case c < 0x80:
			out = append(out, rune(c))
		case c == 0xb0:
			out = append(out, 'ґ')
		case c < 0xb0:
			out = append(out, rune(c-0x80)+0x430)
		}
	}
	return string(out)
}
