package index

import (
	"fmt"
	"strings"

	"github.com/closeroll/closeroll/internal/language"
	"github.com/closeroll/closeroll/search/welsh"
)

// Analysis says in plain English how texts become words and how words are
// compared, for those who have to judge a search. It is part of [Mapping].
func Analysis() []string {
	return []string{
		Mapping + ": a word is a run of letters and digits; letters are compared without regard to case and accents",
		"a word is found in its other forms too: by its English stem in every text, and by its stem in each other language that the text is read in, of those that have stems here (" +
			strings.Join(names((stemmers()&^language.Of(English)).Codes()), ", ") + "); written with = it is found in that form only",
		"Welsh words are found with their first letter changed as well (pwyllgor: bwyllgor, mhwyllgor, phwyllgor), in texts that are read in Welsh",
		"a text is read in the languages that its own words show, each attachment by itself; one that shows none in those of the message's other texts, of the message's header, or of the chat's other messages of that day",
		"no word is left out of the index as too common",
		"subjects, texts, the names and texts of attachments, chats, names and addresses are searched unless a field narrows that",
	}
}

// Elsewhere says in plain English how a word is found in texts that are read in
// these languages, beside its English forms. It is empty where that is all.
func Elsewhere(word string, langs language.Set) []string {
	folded := Fold(word)
	if len(folded) != 1 {
		return nil
	}
	var lines []string
	if forms := welsh.Forms(folded[0]); langs.Has(Welsh) {
		if of := welsh.Radicals(folded[0])[1:]; len(of) > 0 {
			lines = append(lines, fmt.Sprintf("in Welsh texts as a form of “%s” too", strings.Join(of, "” or “")))
		}
		if len(forms) > 0 {
			lines = append(lines, fmt.Sprintf("in Welsh texts as “%s” too", strings.Join(forms, "”, “")))
		}
	}
	if others := names((langs & stemmers() &^ language.Of(English, Welsh)).Codes()); len(others) > 0 {
		lines = append(lines, "in texts in "+strings.Join(others, ", ")+" by its stem there too")
	}
	return lines
}

func names(codes []string) []string {
	list := make([]string, len(codes))
	for i, code := range codes {
		list[i] = language.Name(code)
	}
	return list
}
