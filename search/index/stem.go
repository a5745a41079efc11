package index

import (
	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/irish"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/spanish"
)

// English is the language of a document that names none.
const English = "en"

// stemMark stands before a stem and its two-letter language, so that no stem
// is ever taken for a word.
const stemMark = "\x01"

// languages lists the languages that have a stemmer here, English first. A
// language that is not among them (Welsh is one: no stemmer for it exists in
// Go) is matched by exact forms.
func languages() []string {
	return []string{English, "de", "es", "fr", "ga", "it", "nl", "pt"}
}

// stem returns the stem of a folded word, or the word itself in a language
// without a stemmer. The stemmers are those of the Snowball project; they see
// the folded word, in documents and queries alike.
func stem(lang, word string) string {
	if len(word) < 3 || word[len(word)-1] <= '9' {
		return word
	}
	env := snowballstem.NewEnv(word)
	switch lang {
	case English:
		english.Stem(env)
	case "de":
		german.Stem(env)
	case "es":
		spanish.Stem(env)
	case "fr":
		french.Stem(env)
	case "ga":
		irish.Stem(env)
	case "it":
		italian.Stem(env)
	case "nl":
		dutch.Stem(env)
	case "pt":
		portuguese.Stem(env)
	default:
		return word
	}
	return env.Current()
}

// stemTerm returns the term under which a word's stem is indexed in a document
// of this language, or "" if the word's exact form stands for it.
func stemTerm(lang, word string) string {
	s := stem(lang, word)
	if s == word && (lang == English || !hasStemmer(lang)) {
		return ""
	}
	return stemMark + lang + s
}

func hasStemmer(lang string) bool {
	for _, l := range languages() {
		if l == lang {
			return true
		}
	}
	return false
}

// wordTerms returns the terms by which a folded word is found by stem: its own
// exact form, the stem in each language, and the English stem's bare form
// where that form is a word of the same stem.
func wordTerms(word string) []string {
	terms := []string{word}
	for _, lang := range languages() {
		s := stem(lang, word)
		terms = append(terms, stemMark+lang+s)
		if lang == English && s != word && stem(English, s) == s {
			terms = append(terms, s)
		}
	}
	return terms
}

// SameWord reports whether a word of a text in this language is found by a
// query's word: by its stem, or if exact is set by its exact form only. Both
// are exact forms as [Tokens] gives them. It is the definition that the index
// implements, and what snippets mark.
func SameWord(lang, text, query string, exact bool) bool {
	if text == query {
		return true
	}
	if exact {
		return false
	}
	if lang == "" {
		lang = English
	}
	if hasStemmer(lang) && stem(lang, text) == stem(lang, query) {
		return true
	}
	s := stem(English, query)
	return text == s && stem(English, s) == s
}
