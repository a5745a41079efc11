package language

import (
	"math/bits"
	"strings"
)

// A Set is a set of languages. The zero value is the empty set, which says
// that nothing is known.
type Set uint64

// codes lists the languages that are told apart here, by the letters of
// ISO 639-1. A language's place is its bit in a [Set]: it is never changed,
// only added to.
const codes = "en cy ga gd fr de es it pt nl pl ro da sv no fi hu tr cs ru uk bg el ar ur fa he hi bn pa gu ta zh ja ko th"

// Unknown stands in lists for a text that shows no language (ISO 639-2,
// "undetermined").
const Unknown = "und"

// Codes lists the languages that are told apart.
func Codes() []string { return strings.Fields(codes) }

// Of returns the set of these languages. Codes that are none of [Codes] are
// passed over.
func Of(list ...string) Set {
	var s Set
	for _, code := range list {
		if len(code) != 2 {
			continue
		}
		if at := strings.Index(codes, code); at >= 0 && at%3 == 0 {
			s |= 1 << (at / 3)
		}
	}
	return s
}

// Has reports whether a language is in the set.
func (s Set) Has(code string) bool { return s&Of(code) != 0 }

// Codes lists the languages of the set, in the order of the package's [Codes].
func (s Set) Codes() []string {
	list := make([]string, 0, bits.OnesCount64(uint64(s)))
	for ; s != 0; s &= s - 1 {
		at := 3 * bits.TrailingZeros64(uint64(s))
		if at+2 > len(codes) {
			break
		}
		list = append(list, codes[at:at+2])
	}
	return list
}

// String writes the set as Content-Language is written (RFC 3282), or
// [Unknown].
func (s Set) String() string {
	if s == 0 {
		return Unknown
	}
	return strings.Join(s.Codes(), ", ")
}

// Name is the English name of a language, or the code itself.
func Name(code string) string {
	switch code {
	case Unknown:
		return "not known"
	}
	all := strings.Fields(`English Welsh Irish Scottish_Gaelic French German Spanish Italian Portuguese Dutch Polish Romanian Danish
		Swedish Norwegian Finnish Hungarian Turkish Czech Russian Ukrainian Bulgarian Greek Arabic Urdu Persian Hebrew Hindi Bengali
		Punjabi Gujarati Tamil Chinese Japanese Korean Thai`)
	if s := Of(code); s != 0 {
		return strings.ReplaceAll(all[bits.TrailingZeros64(uint64(s))], "_", " ")
	}
	return code
}

// Find returns the language that a person means: a code, a tag that begins
// with one (cy-GB, RFC 5646), or an English name, in any case; or "".
func Find(written string) string {
	written = strings.ToLower(strings.TrimSpace(written))
	code, _, _ := strings.Cut(strings.ReplaceAll(written, "_", "-"), "-")
	switch code {
	case "nb", "nn": // the two written forms of Norwegian
		return "no"
	case "cym", "wel":
		return "cy"
	case "eng":
		return "en"
	case Unknown:
		return Unknown
	}
	if Of(code) != 0 {
		return code
	}
	for _, code := range Codes() {
		if written == strings.ToLower(Name(code)) {
			return code
		}
	}
	return ""
}

// maxTags bounds the tags of a header that are read.
const maxTags = 8

// Parse reads a list of language tags as the header field Content-Language
// has it (RFC 3282): "cy, en-GB". What is none of [Codes] is passed over.
func Parse(tags string) Set {
	var s Set
	if tags == "" {
		return s
	}
	for i, tag := range strings.SplitN(tags, ",", maxTags+1) {
		if i < maxTags {
			s |= Of(Find(tag))
		}
	}
	return s
}
