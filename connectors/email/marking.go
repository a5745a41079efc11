package email

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Marking is a classification of the Government Security Classifications
// Policy, as the sender wrote it on the message.
type Marking string

// The markings, in rising order.
const (
	MarkOfficial  Marking = "OFFICIAL"
	MarkSensitive Marking = "OFFICIAL-SENSITIVE"
	MarkSecret    Marking = "SECRET"
	MarkTopSecret Marking = "TOP SECRET"
)

// markings finds the markings of a message and of those enclosed in it, each
// once, in rising order.
func markings(m *Message) []Marking {
	found := map[Marking]bool{}
	marksOf(found, m.Subject, m.Text, m.Other)
	for _, inner := range m.Messages {
		for _, mark := range inner.Markings {
			found[mark] = true
		}
	}
	return rising(found)
}

// MarkingsOf finds the markings of anything that has a subject and a text, as of
// a message: each once, in rising order.
func MarkingsOf(subject, text string) []Marking {
	found := map[Marking]bool{}
	marksOf(found, subject, text)
	return rising(found)
}

func marksOf(found map[Marking]bool, subject string, texts ...string) {
	if mark, ok := markingAt(subject, true); ok {
		found[mark] = true
	}
	for _, text := range texts {
		for line := range strings.Lines(text) {
			if mark, ok := markingAt(line, false); ok {
				found[mark] = true
			}
		}
	}
}

func rising(found map[Marking]bool) []Marking {
	var list []Marking
	for _, mark := range []Marking{MarkOfficial, MarkSensitive, MarkSecret, MarkTopSecret} {
		if found[mark] {
			list = append(list, mark)
		}
	}
	return list
}

// markingAt reads the marking that a line or subject begins with. Markings are
// standalone words in capitals: "OFFICIAL-SENSITIVE COMMERCIAL", "[SECRET]",
// "TOP SECRET - UK EYES ONLY". In a text, a marking is followed by nothing, by
// punctuation or by a handling instruction; a sentence that begins with the
// word is none. In a subject, which often reads "SECRET Budget options", any
// word may follow.
func markingAt(s string, subject bool) (Marking, bool) {
	if subject {
		s = withoutReply(s)
	}
	s = strings.TrimLeftFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(">[({*-–—_=#|•/\"'“‘", r)
	})
	for _, label := range []string{"CLASSIFICATION:", "Classification:", "HANDLING:", "UK "} {
		s = strings.TrimSpace(strings.TrimPrefix(s, label))
	}
	mark, rest := cutMarking(s)
	if mark == "" {
		return "", false
	}
	if r, _ := utf8.DecodeRuneInString(rest); unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '\'' || r == '’' {
		return "", false
	}
	next := strings.TrimLeft(rest, " \t\u00a0")
	r, _ := utf8.DecodeRuneInString(next)
	switch {
	case next == "" || !unicode.IsLetter(r) && !unicode.IsDigit(r):
		return mark, true
	case subject:
		return mark, !strings.HasPrefix(strings.ToLower(next), "santa") // the office game
	}
	return mark, isHandling(next)
}

func cutMarking(s string) (Marking, string) {
	for _, m := range []struct {
		written string
		mark    Marking
	}{
		{"OFFICIAL-SENSITIVE", MarkSensitive}, {"OFFICIAL - SENSITIVE", MarkSensitive}, {"OFFICIAL–SENSITIVE", MarkSensitive},
		{"OFFICIAL – SENSITIVE", MarkSensitive}, {"OFFICIAL SENSITIVE", MarkSensitive}, {"OFFICIAL:SENSITIVE", MarkSensitive},
		{"OFFICIAL: SENSITIVE", MarkSensitive}, {"OFFICIAL_SENSITIVE", MarkSensitive}, {"O-S:", MarkSensitive},
		{"OFFICIAL", MarkOfficial}, {"TOP SECRET", MarkTopSecret}, {"TOP-SECRET", MarkTopSecret}, {"SECRET", MarkSecret},
	} {
		if rest, ok := strings.CutPrefix(s, m.written); ok {
			return m.mark, rest
		}
	}
	return "", s
}

// isHandling reports whether s begins with an instruction that follows a
// marking: a caveat, a code word, a recipients-only line.
func isHandling(s string) bool {
	word := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	return len(word) > 0 && slices.Contains([]string{"COMMERCIAL", "PERSONAL", "LOCSEN", "UK", "HMG", "EYES", "STRAP",
		"ATOMIC", "MARKET", "MARKETSENSITIVE", "LEGAL", "ORGANISATIONAL", "RECIPIENTS", "FOR", "REL", "LIMDIS", "EMBARGOED", "AND"}, word[0])
}

// withoutReply takes the marks of replies off the front of a subject.
func withoutReply(s string) string {
	for {
		head, rest, ok := strings.Cut(s, ":")
		if !ok || !slices.Contains([]string{"re", "fw", "fwd"}, strings.ToLower(strings.TrimSpace(head))) {
			return s
		}
		s = strings.TrimSpace(rest)
	}
}
