package index

import (
	"slices"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/arabic"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/irish"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/tamil"
	"github.com/blevesearch/snowballstem/turkish"

	"github.com/closeroll/closeroll/internal/language"
	"github.com/closeroll/closeroll/search/welsh"
)

// The languages that are named here. English words are found by their stems in
// every text, since they stand in letters of any language; the words of another
// language are in the texts that are read in it.
const (
	English = "en"
	Welsh   = "cy"
)

// stemMark stands before a stem and its two-letter language, so that no stem
// is ever taken for a word.
const stemMark = "\x01"

// stemmers lists the languages whose words are found in other forms too. Those
// of any other language are found in exact form.
func stemmers() language.Set {
	return language.Of(English, Welsh, "ar", "da", "de", "es", "fi", "fr", "ga", "hu", "it", "nl", "no", "pt", "ro", "ru", "sv", "ta", "tr")
}

// keys returns what stands for a folded word in a language: two words are forms
// of one another if they have one in common. In Welsh there are several, since
// what a mutated word comes of is not certain; elsewhere it is one, the stem
// that the Snowball project's algorithm makes of the folded word.
func keys(lang, word string) []string {
	if lang == Welsh {
		return welsh.Keys(word)
	}
	return []string{stem(lang, word)}
}

// stem returns Snowball's stem of a folded word.
func stem(lang, word string) string {
	if len(word) < 3 || word[len(word)-1] <= '9' {
		return word
	}
	run := snowball(lang)
	if run == nil {
		return word
	}
	env := snowballstem.NewEnv(word)
	run(env)
	return env.Current()
}

func snowball(lang string) func(*snowballstem.Env) bool {
	switch lang {
	case English:
		return english.Stem
	case "ar":
		return arabic.Stem
	case "da":
		return danish.Stem
	case "de":
		return german.Stem
	case "es":
		return spanish.Stem
	case "fi":
		return finnish.Stem
	case "fr":
		return french.Stem
	case "ga":
		return irish.Stem
	case "hu":
		return hungarian.Stem
	case "it":
		return italian.Stem
	case "nl":
		return dutch.Stem
	case "no":
		return norwegian.Stem
	case "pt":
		return portuguese.Stem
	case "ro":
		return romanian.Stem
	case "ru":
		return russian.Stem
	case "sv":
		return swedish.Stem
	case "ta":
		return tamil.Stem
	case "tr":
		return turkish.Stem
	}
	return nil
}

// stemTerms returns the terms under which a word is indexed in a text of these
// languages, beside its exact form. An English stem that is its own word has
// none: the exact form stands for it.
func stemTerms(langs language.Set, word string) []string {
	var terms []string
	if s := stem(English, word); s != word {
		terms = append(terms, stemMark+English+s)
	}
	for _, lang := range (langs & stemmers() &^ language.Of(English)).Codes() {
		for _, k := range keys(lang, word) {
			terms = append(terms, stemMark+lang+k)
		}
	}
	return terms
}

// wordTerms returns the terms by which a folded word is found by stem where
// texts are of these languages: its own exact form, its keys in each, and the
// English stem's bare form where that form is a word of the same stem.
func wordTerms(word string, langs language.Set) []string {
	terms := []string{word}
	s := stem(English, word)
	terms = append(terms, stemMark+English+s)
	if s != word && stem(English, s) == s {
		terms = append(terms, s)
	}
	for _, lang := range (langs & stemmers() &^ language.Of(English)).Codes() {
		for _, k := range keys(lang, word) {
			terms = append(terms, stemMark+lang+k)
		}
	}
	return terms
}

// SameWord reports whether a word of a text that is read in these languages is
// found by a query's word: by its stem, in English or one of them, or if exact
// is set by its exact form only. Both are exact forms as [Tokens] gives them. It
// is the definition that the index implements, and what snippets mark.
func SameWord(langs language.Set, text, query string, exact bool) bool {
	if text == query {
		return true
	}
	if exact {
		return false
	}
	if stem(English, text) == stem(English, query) {
		return true
	}
	for _, lang := range (langs & stemmers() &^ language.Of(English)).Codes() {
		of := keys(lang, query)
		if slices.ContainsFunc(keys(lang, text), func(k string) bool { return slices.Contains(of, k) }) {
			return true
		}
	}
	return false
}
