package welsh

import (
	"slices"
	"strings"
)

// shortest is the length of the shortest word that may be a mutated form.
const shortest = 2

// Radicals returns the words that a folded word may be a form of by mutation,
// itself first, each once. A word of grammar, or with other characters than the
// letters a to z, is its own only radical.
func Radicals(word string) []string {
	if len(word) < shortest || !plain(word) || grammatical(word) {
		return []string{word}
	}
	all := []string{word}
	add := func(initial, rest string) {
		if r := initial + rest; len(r) >= shortest && !grammatical(r) && !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	for _, m := range mutations() {
		if rest, ok := strings.CutPrefix(word, m.mutated); ok && !begins(word, m.unless) {
			for _, r := range m.radicals {
				add(r, rest)
			}
		}
	}
	switch c := word[0]; {
	case isVowel(c):
		add("g", word)
	case c == 'h' && isVowel(word[1]):
		add("", word[1:])
	}
	return all
}

// A mutation is an initial with the radicals that it may come of, unless the
// word begins with one of unless, which are other sounds.
type mutation struct {
	mutated  string
	radicals []string
	unless   []string
}

func mutations() []mutation {
	return []mutation{
		{"ngh", []string{"c"}, nil},
		{"ng", []string{"g"}, []string{"ngh"}},
		{"mh", []string{"p"}, nil},
		{"nh", []string{"t"}, nil},
		{"ph", []string{"p"}, nil},
		{"th", []string{"t"}, nil},
		{"ch", []string{"c"}, nil},
		{"b", []string{"p"}, nil},
		{"dd", []string{"d"}, nil},
		{"d", []string{"t"}, []string{"dd"}},
		{"g", []string{"c"}, nil},
		{"f", []string{"b", "m"}, []string{"ff"}},
		{"l", []string{"ll", "gl"}, []string{"ll"}},
		{"r", []string{"rh", "gr"}, []string{"rh"}},
		{"m", []string{"b"}, []string{"mh"}},
		{"n", []string{"d"}, []string{"nh", "ng"}},
	}
}

func begins(word string, any []string) bool {
	return slices.ContainsFunc(any, func(s string) bool { return strings.HasPrefix(word, s) })
}

// Forms returns the mutated forms of a folded word that is its own radical, in
// the order of the package's table. Those that are words of grammar are left
// out, since they are not found by it.
func Forms(word string) []string {
	if !plain(word) || len(word) < shortest || grammatical(word) {
		return nil
	}
	return slices.DeleteFunc(mutate(word)[1:], func(form string) bool { return len(form) < shortest || grammatical(form) })
}

// mutate returns a radical and its mutated forms.
func mutate(radical string) []string {
	forms := []string{radical}
	for _, m := range []struct {
		radical string
		mutated []string
	}{
		{"p", []string{"b", "mh", "ph"}}, {"t", []string{"d", "nh", "th"}}, {"c", []string{"g", "ngh", "ch"}},
		{"b", []string{"f", "m"}}, {"d", []string{"dd", "n"}}, {"g", []string{"", "ng"}},
		{"ll", []string{"l"}}, {"m", []string{"f"}}, {"rh", []string{"r"}},
	} {
		rest, ok := strings.CutPrefix(radical, m.radical)
		if !ok || rest == "" || !isVowel(rest[0]) && (rest[0] == radical[0] || strings.IndexByte("lnr", rest[0]) < 0) {
			continue // ph, th, ch and dd are sounds of their own; other clusters begin no word
		}
		for _, initial := range m.mutated {
			if initial == "" && !isVowel(rest[0]) && rest[0] != 'l' && rest[0] != 'r' {
				continue
			}
			forms = append(forms, initial+rest)
		}
	}
	if isVowel(radical[0]) {
		forms = append(forms, "h"+radical)
	}
	return forms
}

func isVowel(c byte) bool { return strings.IndexByte("aeiouwy", c) >= 0 }

// plain reports whether a word is of the letters a to z.
func plain(word string) bool {
	for i := range len(word) {
		if word[i] < 'a' || word[i] > 'z' {
			return false
		}
	}
	return true
}

// grammatical reports whether a word is one that Welsh cannot do without, and
// that another word's mutation would otherwise be taken for.
func grammatical(word string) bool {
	switch word {
	case "a", "ac", "ag", "ai", "am", "ar", "at", "byth", "can", "chi", "chwi", "cyn", "da", "dan", "ddoe", "di", "dim", "do", "dw", "dwi", "dy",
		"e", "ei", "ein", "eich", "er", "ers", "eto", "eu", "fe", "fel", "fi", "fo", "fy", "gan", "hi", "hon", "honno", "hwn", "hwnnw",
		"hyn", "hynny", "i", "mae", "maent", "mai", "mewn", "mi", "mo", "mor", "mwy", "na", "nac", "nad", "nag", "naill", "nawr",
		"neu", "nhw", "ni", "nid", "nis", "nyni", "o", "oedd", "oes", "oherwydd", "ond", "oni", "os", "roedd", "rwy", "rydw", "rydym", "rydyn",
		"sy", "sydd", "tan", "ti", "un", "wedi", "wrth", "y", "ydw", "ydy", "ydym", "ydyn", "ym", "yn", "yna", "yng", "yno", "yr", "yw":
		return true
	}
	return false
}
