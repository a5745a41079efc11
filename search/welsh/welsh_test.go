package welsh

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestForms(t *testing.T) {
	for word, want := range map[string]string{
		"cymru":      "gymru nghymru chymru",
		"pwyllgor":   "bwyllgor mhwyllgor phwyllgor",
		"gwasanaeth": "wasanaeth ngwasanaeth",
		"adroddiad":  "hadroddiad",
		"mae":        "",
		"chwarae":    "",
		"bae":        "fae",
		"x-ray":      "",
	} {
		if got := strings.Join(Forms(word), " "); got != want {
			t.Errorf("%s: %s, not %s", word, got, want)
		}
	}
}

// radical draws a word such as Welsh has: what stands after its first consonant
// is a vowel or a liquid.
func radical(t *rapid.T) string {
	initial := rapid.SampledFrom([]string{"p", "t", "c", "b", "d", "g", "ll", "m", "rh", "", "ff", "s", "chw", "h"}).Draw(t, "initial")
	return initial + rapid.StringMatching(`[aeiouwy][a-z]{2,8}`).Draw(t, "rest")
}

// TestMutationsAreFound is the promise that nothing is missed: whatever a word
// becomes by mutation is found by it, and it by that.
func TestMutationsAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := radical(t)
		for _, form := range mutate(r) {
			if grammatical(form) || grammatical(r) {
				continue
			}
			if !slices.Contains(Radicals(form), r) {
				t.Fatalf("%s is a form of %s, but its radicals are %v", form, r, Radicals(form))
			}
			if !Same(form, r) || !Same(r, form) {
				t.Fatalf("%s and %s are not the same word", form, r)
			}
		}
	})
}

func TestStemsSettle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := strip(radical(t))
		if again := strip(s); again != s {
			t.Fatalf("the stem of %s is %s", s, again)
		}
	})
}

func FuzzKeys(f *testing.F) {
	for _, s := range []string{"nghymru", "", "hh", "ll", "\xff", "dd", "东", "byrddau", "g"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, word string) {
		keys := Keys(word)
		if len(keys) == 0 || len(keys) > maxKeys || !Same(word, word) || len(Radicals(word)) == 0 || Radicals(word)[0] != word {
			t.Fatalf("%q: %q", word, keys)
		}
		for _, k := range keys {
			if len(k) > len(word)+8 {
				t.Fatalf("%q: key %q", word, k)
			}
		}
		for _, form := range Forms(word) {
			if !Same(word, form) {
				t.Fatalf("%q is named as a form of %q and is not found", form, word)
			}
		}
	})
}
