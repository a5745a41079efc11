package index

import "strings"

// Analysis says in plain English how texts become words and how words are
// compared, for those who have to judge a search. It is part of [Mapping].
func Analysis() []string {
	return []string{
		Mapping + ": a word is a run of letters and digits; letters are compared without regard to case and accents",
		"a word is found in its other forms too, by the Snowball stemmers of " + strings.Join(languages(), ", ") + ", according to the text's language; written with = it is found in that form only",
		"no word is left out of the index as too common",
		"subjects, texts, the names and texts of attachments, chats, names and addresses are searched unless a field narrows that",
	}
}
