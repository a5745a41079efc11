package index

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/internal/language"
)

// TestWelshWords goes through the vocabulary of public administration in
// testdata/welsh.txt: which words are found by which, and which are not.
func TestWelshWords(t *testing.T) {
	f, err := os.Open("testdata/welsh.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	same := map[string]int{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		sign, pair, _ := strings.Cut(lines.Text(), " ")
		if sign == "#" {
			continue
		}
		first, second, _ := strings.Cut(pair, " ")
		a, b := Fold(first)[0], Fold(second)[0]
		for _, way := range [][2]string{{a, b}, {b, a}} {
			if SameWord(language.Of(Welsh), way[0], way[1], false) != (sign == "=") {
				t.Errorf("%s: a text's %s, the query's %s", lines.Text(), way[0], way[1])
			}
			if SameWord(language.Of(Welsh), way[0], way[1], true) != (way[0] == way[1]) {
				t.Errorf("%s, exactly", lines.Text())
			}
		}
		same[sign]++
	}
	if same["="] < 150 || same["!"] < 50 {
		t.Errorf("only %v", same)
	}
}

// TestIndexFindsWhatSameWordSays holds the terms of texts and queries to the
// definition, for every language and a vocabulary of all.
func TestIndexFindsWhatSameWordSays(t *testing.T) {
	words := Fold(`pwyllgor bwyllgorau mhwyllgor bill pill byrddau bwrdd mae bae planning planned plans flood
		inondations inondation Überschwemmungen Überschwemmung ministros ministro défendre défendait ministern
		договора договор новый новые нового مكتبة المكتبة tulvan tulvat evler ev házak ház b2bs 4000 ty tai 東`)
	for _, langs := range []language.Set{0, language.Of("cy"), language.Of("fr", "de"), language.Of("en", "cy"), ^language.Set(0)} {
		for _, text := range words {
			terms := map[string]bool{text: true}
			for _, s := range stemTerms(langs, text) {
				terms[s] = true
			}
			for _, query := range words {
				found := false
				for _, term := range wordTerms(query, langs) {
					found = found || terms[term]
				}
				if found != SameWord(langs, text, query, false) {
					t.Errorf("%s, %s: %v", text, query, found)
				}
			}
		}
	}
}

// FuzzStem holds every stemmer to giving an answer whatever it is given.
func FuzzStem(f *testing.F) {
	for _, s := range []string{"llifogydd", "новый", "المكتبة", "வெள்ளத்", "ev", "ß", "\xff\xfe", "aaaaaaaaaaaaaaaa"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, word := range Fold(text) {
			for _, lang := range stemmers().Codes() {
				if !SameWord(language.Of(lang), word, word, false) {
					t.Fatalf("%s: %q is not itself", lang, word)
				}
				for _, k := range keys(lang, word) {
					if len(k) > 2*len(word)+8 {
						t.Fatalf("%s: %q becomes %q", lang, word, k)
					}
				}
			}
		}
	})
}
