package whatsapp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/connectors/chat"
)

// Whatever the bytes, an export that is not refused is whole: its spans and
// its days both make up the file.
func FuzzOpen(f *testing.F) {
	files, err := filepath.Glob("testdata/cases/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	zips, err := filepath.Glob("testdata/cases/zip/*.zip")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, zips...) {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if len(b) < 8192 {
			f.Add(b)
		}
	}
	zone := london(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		Looks("x.txt", bytes.NewReader(data), int64(len(data)))
		e, err := open(t, "x.txt", data, Options{Zone: zone})
		if err != nil {
			var r *Refusal
			if !errors.As(err, &r) {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		if e.Container.Size > 0 {
			if data, err = io.ReadAll(io.NewSectionReader(e.Transcript.Content, 0, e.Transcript.Size)); err != nil {
				t.Fatal(err)
			}
		}
		lossless(t, data, e)
		reassembles(t, data, e)
		chat.Describe(e)
		_, held, err1 := readAs(t, held(string(data)), Options{Zone: zone})
		_, windows, err2 := readAs(t, inWindows(string(data)), Options{Zone: zone})
		if err1 != nil || err2 != nil || !reflect.DeepEqual(held, windows) {
			t.Fatalf("read otherwise in windows: %v, %v", err1, err2)
		}
	})
}

func reassembles(t testing.TB, data []byte, e *chat.Export) {
	t.Helper()
	parts := map[string]io.ReaderAt{chat.PreamblePart: bytes.NewReader(data[:e.Preamble.Length])}
	for _, d := range e.Days() {
		b, err := io.ReadAll(io.NewSectionReader(d, 0, d.Size()))
		if err != nil || int64(len(b)) != d.Size() {
			t.Fatalf("day %s: %d bytes, %v", d.Date, len(b), err)
		}
		parts[d.Date] = bytes.NewReader(b)
	}
	var out bytes.Buffer
	err := chat.Reassemble(&out, e.Map(), func(name string) (io.ReaderAt, error) { return parts[name], nil })
	if err != nil || !bytes.Equal(out.Bytes(), data) {
		t.Fatalf("reassembled %d of %d bytes, %v", out.Len(), len(data), err)
	}
}

// Appending a record changes nothing about the records before it.
func TestStableUnderAppending(t *testing.T) {
	for _, ios := range []bool{false, true} {
		data := conversation(60, ios)
		next := "14/01/2024, 09:00 - Ana Field: one more\n"
		if ios {
			next = "[14/01/2024, 09:00:00] Ana Field: one more\r\n"
		}
		a, err := open(t, "x.txt", data, Options{})
		if err != nil {
			t.Fatal(err)
		}
		b, err := open(t, "x.txt", append(bytes.Clone(data), next...), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if b.Count() != a.Count()+1 || !reflect.DeepEqual(b.List()[:a.Count()], a.List()) {
			t.Errorf("ios %v: appending changed the parse", ios)
		}
	}
}

// Bodies of any text survive in every locale, form and clock.
func TestAnyTextInAnyLocale(t *testing.T) {
	rows := locales(t)
	rapid.Check(t, func(rt *rapid.T) {
		l := rapid.SampledFrom(rows).Draw(rt, "locale")
		form := rapid.SampledFrom([]string{"ios", "android12", "android24"}).Draw(rt, "form")
		end := map[bool]string{true: "\r\n", false: "\n"}[form == "ios"]
		at := time.Date(2026, 7, 13, 9, 0, 0, 0, time.UTC)
		var b strings.Builder
		var texts []string
		for range rapid.IntRange(2, 8).Draw(rt, "messages") {
			at = at.Add(time.Duration(rapid.IntRange(0, 100_000).Draw(rt, "gap")) * time.Second)
			text := "t " + strings.Map(func(r rune) rune {
				if r == '\r' || isMark(r) {
					return 'x'
				}
				return r
			}, rapid.String().Draw(rt, "text")) + " t"
			texts = append(texts, text)
			fmt.Fprintf(&b, "%sAna Field: %s%s", l.at(form, at), text, end)
		}
		e, err := open(t, "x.txt", []byte(b.String()), Options{})
		if err != nil {
			rt.Fatal(err)
		}
		if e.Count() != len(texts) {
			rt.Fatalf("%d messages, want %d", e.Count(), len(texts))
		}
		for i, m := range e.List() {
			if m.Text != texts[i] || m.Kind != chat.Text || m.Sender != "Ana Field" {
				rt.Fatalf("%s %q by %q, want %q", m.Kind, m.Text, m.Sender, texts[i])
			}
		}
	})
}

// Hostile files take no longer than their length allows.
func TestLinearTime(t *testing.T) {
	const n = 20_000
	hostile := map[string]string{
		"one long line":        "13/07/2026, 14:05 - A: " + strings.Repeat("[", 40*n),
		"system lines":         strings.Repeat("13/07/2026, 14:05 - Tom added ACME: x\n", n),
		"many senders":         lines(n, "13/07/2026, 14:05 - S%d: T: x\n"),
		"many colons":          lines(n, "13/07/2026, 14:05 - X added S%d: T: x\n"),
		"marked":               lines(n, "[13/07/2026, 14:05:00] S%d: G: \u200ex %[1]d left\r\n"),
		"digits":               strings.Repeat("1\n", 20*n) + "13/07/2026, 14:05 - A: x\n",
		"other shapes":         "13/07/2026, 14:05 - A: x\n13/07/2026, 14:05 - A: x\n" + strings.Repeat("13.07.2026, 14:05 - A: x\n", n),
		"many words":           manyWords(n),
		"spaces":               "13/07/2026, 14:05 - A: " + strings.Repeat(" \u200e", 20*n) + "<attached: x>",
		"one huge system line": "13/07/2026, 14:05 - " + strings.Repeat("end \"", 20*n),
	}
	for name, text := range hostile {
		start := time.Now()
		if _, err := open(t, "x.txt", []byte(text), Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(start); took > 2*time.Minute {
			t.Errorf("%s: %d bytes took %v", name, len(text), took)
		} else {
			t.Logf("%s: %d bytes in %v", name, len(text), took)
		}
	}
}

func lines(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func manyWords(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "13/07/2026, 2:05 %c%c%c - A: x\n", 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26)
	}
	return b.String()
}
