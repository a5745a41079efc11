package foi

import "strings"

// leastContained is how many characters a message needs for its being
// contained in another to say anything: "Thanks" is in many.
const leastContained = 40

// Contained returns for each text the place of a later one that contains all
// of it, as a reply with the whole of what it replies to does, and -1 where
// there is none. Quotation marks, white space and case do not count. Texts are
// those of one thread in their order.
//
// It saves a person time and drops nothing: what a reply embeds may have been
// changed, and then it is not contained.
func Contained(texts []string) []int {
	plain := make([]string, len(texts))
	for i, t := range texts {
		plain[i] = unquoted(t)
	}
	in := make([]int, len(texts))
	for i := range plain {
		in[i] = -1
		if len(plain[i]) < leastContained {
			continue
		}
		for j := len(plain) - 1; j > i; j-- {
			if strings.Contains(plain[j], plain[i]) {
				in[i] = j
				break
			}
		}
	}
	return in
}

// unquoted is a text as one line of words, without the marks of quotation.
func unquoted(text string) string {
	var words []string
	for line := range strings.Lines(text) {
		words = append(words, strings.Fields(strings.TrimLeft(line, "> \t|"))...)
	}
	return strings.ToLower(strings.Join(words, " "))
}
