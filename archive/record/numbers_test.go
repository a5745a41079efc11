package record

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestNumbersRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := rapid.SliceOfDistinct(rapid.Uint64Range(1, 200), rapid.ID[uint64]).Draw(t, "set")
		slices.Sort(set)
		var n Numbers
		for _, no := range set {
			n = append(n, MessageNo(no))
		}
		back, err := ParseNumbers(n.String())
		if err != nil || !slices.Equal(back, n) {
			t.Fatalf("%v, %s: %v, %v", n, n.String(), back, err)
		}
	})
}

func TestNumbersText(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "3-5,7,9-9": true, "1": true,
		"5-3": false, "3,3": false, "3-5,5": false, "0": false, "a": false, "1-": false, "-1": false, ",": false, "1-99999999999999999": false,
	} {
		if _, err := ParseNumbers(text); (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
	if got := (Numbers{3, 4, 5, 7, 9, 10}).String(); got != "3-5,7,9-10" {
		t.Error(got)
	}
}

func FuzzParseNumbers(f *testing.F) {
	f.Add("3-17,20,22-25")
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 12 {
			s = s[:12] // what is long is only large
		}
		n, err := ParseNumbers(s)
		if err != nil {
			return
		}
		if back, err := ParseNumbers(n.String()); err != nil || !slices.Equal(back, n) {
			t.Errorf("%q: %v", s, err)
		}
	})
}
