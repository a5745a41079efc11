package language

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
)

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

func TestSamples(t *testing.T) {
	d := NewDetector()
	var out strings.Builder
	for _, s := range samples(t) {
		got := d.Detect(s.text)
		fmt.Fprintf(&out, "%-10s %-10s %s\n", s.languages, got, s.what)
		if got.String() != s.languages {
			t.Errorf("%s (%s): %s\n%+v", s.what, s.languages, got, d.Explain(s.text))
		}
	}
	if testing.Verbose() {
		t.Log("\n" + out.String())
	}
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
