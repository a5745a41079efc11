package language

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/confusion.txt anew")

// samples reads testdata/samples.txt: texts under lines "== LANGUAGES: what".
func samples(t testing.TB) (list []sample) {
	t.Helper()
	f, err := os.Open("testdata/samples.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if head, ok := strings.CutPrefix(lines.Text(), "== "); ok {
			languages, what, _ := strings.Cut(head, ": ")
			list = append(list, sample{languages: languages, what: what})
			continue
		}
		list[len(list)-1].text += lines.Text() + "\n"
	}
	return list
}

type sample struct{ languages, what, text string }

// TestConfusion detects every sample, each of its lines and each half of those,
// and holds the counts to testdata/confusion.txt: what a text is in, what it was
// taken for, how often. A whole sample is never mistaken.
func TestConfusion(t *testing.T) {
	d := NewDetector()
	counts := map[string]int{}
	for _, s := range samples(t) {
		got := d.Detect(s.text)
		if got.String() != s.languages {
			t.Errorf("%s (%s): %s\n%+v", s.what, s.languages, got, d.Explain(s.text))
		}
		counts[fmt.Sprintf("whole  %-7s %s", s.languages, got)]++
		if strings.Contains(s.languages, ",") {
			continue
		}
		for line := range strings.Lines(s.text) {
			words := strings.Fields(line)
			if len(words) < 4 {
				continue
			}
			counts[fmt.Sprintf("line   %-7s %s", s.languages, d.Detect(line))]++
			for _, half := range [][]string{words[:len(words)/2], words[len(words)/2:]} {
				counts[fmt.Sprintf("half   %-7s %s", s.languages, d.Detect(strings.Join(half, " ")))]++
			}
		}
	}
	var lines []string
	for what, n := range counts {
		lines = append(lines, fmt.Sprintf("%-24s %d\n", what, n))
	}
	slices.Sort(lines)
	table := strings.Join(lines, "")
	if *update {
		if err := os.WriteFile("testdata/confusion.txt", []byte(table), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile("testdata/confusion.txt")
	if err != nil {
		t.Fatal(err)
	}
	if string(golden) != table {
		t.Errorf("the table is not testdata/confusion.txt's (go test -update writes it):\n%s", table)
	}
}

func TestSet(t *testing.T) {
	for tags, want := range map[string]string{
		"cy": "cy", "cy-GB, en-GB": "en, cy", "EN": "en", "nb": "no", "xx": Unknown, "": Unknown, "wel": "cy", "Welsh": "cy",
		"scottish gaelic": "gd", "c": Unknown, " e": Unknown, "n c": Unknown, strings.Repeat("xx,", 9) + "cy": Unknown,
	} {
		if got := Parse(tags).String(); got != want {
			t.Errorf("%q: %s, not %s", tags, got, want)
		}
	}
	for _, code := range Codes() {
		if s := Of(code); !s.Has(code) || s.String() != code || Find(Name(code)) != code || Find(code+"-GB") != code {
			t.Errorf("%s: %s, %s", code, s, Name(code))
		}
	}
	if Find(Unknown) != Unknown || Find("elvish") != "" || Name("xx") != "xx" {
		t.Error("what is no language")
	}
}

// Every word of a vocabulary is short enough to be looked up, so that none is
// there in vain.
func TestVocabularies(t *testing.T) {
	d := NewDetector()
	for _, v := range vocabularies() {
		for _, w := range strings.Fields(v.words) {
			k := d.pack(w)
			if k == 0 || !d.lookup(k).Has(v.code) {
				t.Errorf("%s: %s is not looked up", v.code, w)
			}
		}
	}
}

// A long text is read in stretches from its beginning to its end.
func TestLongTexts(t *testing.T) {
	d := NewDetector()
	english := strings.Repeat("The committee has agreed the plan and it will be published. ", 400)
	welsh := strings.Repeat("Mae'r pwyllgor wedi cytuno ar y cynllun a bydd yn cael ei gyhoeddi. ", 400)
	if got := d.Detect(english + welsh); got != Of("en", "cy") {
		t.Errorf("half and half: %s", got)
	}
	var day Tally
	for range 3 {
		d.Read(&day, "iawn, diolch")
		d.Read(&day, "ok 👍")
		d.Read(&day, "wyt ti yna?")
	}
	if got := day.Languages(); got != Of("cy") {
		t.Errorf("a day of short messages: %s", got)
	}
}

func TestExplain(t *testing.T) {
	d := NewDetector()
	e := d.Explain("Mae'r Pwyllgor wedi cytuno ar y cynllun ac mae dŵr yn y tŷ; спасибо за письмо и за ответ, это не всё")
	if len(e) == 0 || e[0].Language != "cy" || e[0].Hits < 5 || !slices.Contains(e[0].Words, "wedi") || !slices.Contains(e[0].Words, "…") {
		t.Errorf("%+v", e)
	}
	if e := d.Explain("Спасибо за ваше письмо, мы не знаем, что это"); len(e) != 1 || !slices.Contains(e[0].Words, "спасибо") {
		t.Errorf("%+v", e)
	}
}

// FuzzDetect holds detection to an answer for any bytes, the same each time, and
// to not looking at letters' case.
func FuzzDetect(f *testing.F) {
	f.Add("Mae'r pwyllgor wedi cytuno")
	f.Add("\xff\xfe東京 Привет l'eau")
	d := NewDetector()
	f.Fuzz(func(t *testing.T, text string) {
		got := d.Detect(text)
		if again := d.Detect(text); again != got {
			t.Fatalf("%q: %s, then %s", text, got, again)
		}
		if len(d.Explain(text)) != len(got.Codes()) {
			t.Fatalf("%q: %s is not explained", text, got)
		}
	})
}

func BenchmarkDetect(b *testing.B) {
	d := NewDetector()
	for _, s := range samples(b) {
		if s.what != "bilingual letter" && s.languages+s.what != "enletter" {
			continue
		}
		text := strings.Repeat(s.text, 1+1500/len(s.text))
		b.Run(s.languages, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				d.Detect(text)
			}
		})
	}
}

func BenchmarkNewDetector(b *testing.B) {
	for b.Loop() {
		NewDetector()
	}
}
