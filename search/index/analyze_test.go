package index

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/closeroll/closeroll/internal/language"
)

func TestTokens(t *testing.T) {
	for text, want := range map[string]string{
		"Sandbags, at the DEPOT.":                  "sandbags at the depot",
		"minister's O’Brien don't":                 "ministers obrien dont",
		"l’eau d'Angelo qu'il":                     "l eau d angelo qu il",
		"Cymru'n gwasanaethau'r i’w o'r tŷ'r a'ch": "cymru n gwasanaethau r i w o r ty r a ch",
		"they're ma'am rock'n'roll I'm":            "theyre maam rocknroll im",
		"Новый ёлка":                               "новый елка",
		"café CAFÉ cafe\u0301 naïve":               "cafe cafe cafe naive",
		"Straße Łódź Ærø İstanbul ﬁle":             "strasse lodz aero istanbul file",
		"4,000 1,234,567 12,34 3.5":                "4000 1234567 12 34 3 5",
		"FOI-2026/0123 a.b@c.gov.uk":               "foi 2026 0123 a b c gov uk",
		"東京都 タワー":                                  "東 京 都 タ ワ ー",
		"👍🏽 ok":                                    "👍 ok",
		"שָׁלוֹם مُحَمَّد":                         "שלום محمد",
		"soft\u00adhyphen a\u200bb":                "softhyphen a b",
		"ŵy tŷ Ynys Môn":                           "wy ty ynys mon",
		"\xff\xfe bad \x00 bytes":                  "bad bytes",
		"— … ! £":                                  "",
		strings.Repeat("x", 2*MaxWord):             strings.Repeat("x", MaxWord),
	} {
		if got := strings.Join(Fold(text), " "); got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
}

func TestSameWord(t *testing.T) {
	for _, tt := range []struct {
		langs, text, query string
		exact, want        bool
	}{
		{"en", "planning", "planned", false, true},
		{"en", "planning", "planned", true, false},
		{"", "depots", "depot", false, true},
		{"fr", "continuait", "continuer", false, true},
		{"en", "continuait", "continuer", false, false},
		{"cy", "ynysoedd", "ynysoedd", false, true},
		{"cy", "planning", "planned", false, true}, // English words stand in any text
		{"cy", "mhwyllgor", "pwyllgor", false, true},
		{"cy", "mhwyllgor", "pwyllgor", true, false},
		{"en", "mhwyllgor", "pwyllgor", false, false},
		{"cy, fr", "mhwyllgor", "pwyllgor", false, true},
		{"cy, fr", "continuait", "continuer", false, true},
		{"pl", "rady", "rada", false, false},
	} {
		if got := SameWord(language.Parse(tt.langs), tt.text, tt.query, tt.exact); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}

func FuzzTokens(f *testing.F) {
	f.Add("Minister's café 4,000 👍🏽 東京 l’eau")
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for tok := range Tokens(text) {
			if tok.Start < end || tok.End <= tok.Start || tok.End > len(text) {
				t.Fatalf("%q: token %+v after %d", text, tok, end)
			}
			end = tok.End
			if tok.Exact == "" || len(tok.Exact) > MaxWord || utf8.ValidString(text) && !utf8.ValidString(tok.Exact) {
				t.Fatalf("%q: word %q", text, tok.Exact)
			}
		}
	})
}
