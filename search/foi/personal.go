package foi

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// A Mark is a span of text that looks like personal data, in octets.
type Mark struct {
	From int    `json:"from"`
	To   int    `json:"to"`
	Kind string `json:"kind"`
}

// The kinds of mark.
const (
	MarkEmail     = "e-mail address"
	MarkPhone     = "phone number"
	MarkInsurance = "National Insurance number"
	MarkPostcode  = "address" // a line of a postal address: what is before a postcode, and it
)

// A Finder finds what looks like personal data. It saves a person time and
// decides nothing: what it does not mark may be personal data all the same,
// names above all.
type Finder struct {
	email, phone, insurance, postcode *regexp.Regexp
}

// NewFinder returns a finder of the forms that are used in the United Kingdom.
// Its expressions are of RE2, so that no text takes it long.
func NewFinder() *Finder {
	return &Finder{
		email: regexp.MustCompile(`[\pL0-9._%+'-]{1,64}@[\pL0-9-]{1,63}(?:\.[\pL0-9-]{1,63}){1,8}`),
		// National and international forms with or without an area code in
		// brackets, as Ofcom's numbering plan has them: 9 to 11 digits.
		phone: regexp.MustCompile(`(?:\+44[ .-]?(?:\(0\)[ .-]?)?|\(?0)(?:[0-9][ .()-]{0,2}){8,10}[0-9]`),
		// HMRC's NIM39110: two letters, six digits, a letter from A to D.
		insurance: regexp.MustCompile(`(?i)\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]\b`),
		// BS 7666: the postcode, and up to the house number before it.
		postcode: regexp.MustCompile(`(?:\b[0-9]{1,4}[A-Za-z]?,? [^\n<>@]{3,80}?[ ,\n]{1,3})?\b(?:GIR ?0AA|[A-PR-UWYZ][A-HK-Y]?[0-9][0-9A-HJKMNPR-Y]? ?[0-9][ABD-HJLNP-UW-Z]{2})\b`),
	}
}

// Find returns the marks of a text in order. They do not overlap: where two
// would, the longer stands.
func (f *Finder) Find(text string) []Mark {
	var all []Mark
	for kind, re := range map[string]*regexp.Regexp{MarkEmail: f.email, MarkPhone: f.phone, MarkInsurance: f.insurance, MarkPostcode: f.postcode} {
		for _, at := range re.FindAllStringIndex(text, -1) {
			if kind == MarkPhone && !alone(text, at[0], at[1]) {
				continue
			}
			all = append(all, Mark{at[0], at[1], kind})
		}
	}
	slices.SortFunc(all, func(a, b Mark) int {
		return cmp.Or(cmp.Compare(b.To-b.From, a.To-a.From), cmp.Compare(a.From, b.From), strings.Compare(a.Kind, b.Kind))
	})
	var kept []Mark
	for _, m := range all {
		if !slices.ContainsFunc(kept, func(k Mark) bool { return m.From < k.To && k.From < m.To }) {
			kept = append(kept, m)
		}
		if len(kept) == maxMarks {
			break
		}
	}
	slices.SortFunc(kept, func(a, b Mark) int { return cmp.Compare(a.From, b.From) })
	return kept
}

// maxMarks bounds what is marked in one text.
const maxMarks = 2000

// alone reports whether a run of digits is not part of a longer one, such as a
// card's or a reference's number.
func alone(text string, from, to int) bool {
	digit := func(i int) bool { return i >= 0 && i < len(text) && text[i] >= '0' && text[i] <= '9' }
	if from > 0 && (text[from-1] == ' ' || text[from-1] == '-') {
		from-- // groups of a longer number
	}
	return !digit(from-1) && !digit(to)
}

// Marked writes a text with what is marked between these two strings.
func Marked(text string, marks []Mark, before, after string) string {
	var b strings.Builder
	at := 0
	for _, m := range marks {
		if m.From < at || m.To > len(text) || m.From > m.To {
			continue
		}
		b.WriteString(text[at:m.From] + before + text[m.From:m.To] + after)
		at = m.To
	}
	b.WriteString(text[at:])
	return b.String()
}
