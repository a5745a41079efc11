package production

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/extract"
	"github.com/closeroll/closeroll/search/foi/redaction"
)

func about(formats ...string) About {
	return About{Request: "FOI-2026-014", Number: 1, Law: "Freedom of Information Act 2000", Authority: "Department for Rivers", Program: "closeroll test",
		Made: time.Date(2026, 6, 10, 9, 0, 0, 0, time.UTC), Zone: time.UTC, Formats: formats}
}

// names are redacted in every item of the sample; each has a number, so that
// no two items redact the same words.
func secret(no int) string { return fmt.Sprintf("Perpetua Quillfeather%d", no) }

// made makes one item of a sample: every third a message of a chat, every fifth
// with an attachment.
func made(no int) *Item {
	d := record.Document{Kind: record.Email, From: []record.Address{{Name: secret(no), Addr: fmt.Sprintf("p%d@quillfeather.example", no)}}, To: []record.Address{{Addr: "office@rivers.example"}},
		Subject: "Sandbags for Upton", Body: "Dear all,\n\nThe lorry of " + secret(no) + " leaves at noon; " + strings.Repeat("the depot has room for more. ", no%3) + "\n\n日本 " + strings.ToUpper(secret(no)) + "\n"}
	it := &Item{No: no, Group: fmt.Sprintf("thread %d", no/2), Decision: "part", Exemptions: []string{"s.40(2)"}}
	m := redaction.Message{Item: fmt.Sprintf("r%d/1", no), Document: d, Sent: time.Date(2026, 5, 14, 8, 0, no, 0, time.UTC), Zone: time.UTC}
	if no%3 == 0 {
		it.Chat, it.Group, m.Chat, m.Document.Subject = true, fmt.Sprintf("chat %d", no/30), "Wardens", ""
	} else if no%5 == 0 {
		m.Document.Attachments = []record.Attached{{Name: "plan.docx", Text: "The plan of " + secret(no) + "."}, {Name: "photo.jpg"}, {Name: "advice.pdf", Text: "withheld advice " + secret(no)}}
		for k := range 3 {
			r, err := redaction.Part(m, k+1)
			if err != nil {
				panic(err)
			}
			it.Parts = append(it.Parts, Part{Text: struck(r, no)})
		}
		it.Parts[2].Withheld, it.Parts[2].Exemptions = true, []string{"s.42"}
	}
	it.Whole = struck(redaction.Render(m), no)
	return it
}

func struck(r redaction.Rendering, no int) Text {
	var places []redaction.Place
	for _, words := range []string{secret(no), fmt.Sprintf("p%d@quillfeather.example", no)} {
		found, err := r.Words(words, true)
		if err != nil {
			panic(err)
		}
		places = append(places, found...)
	}
	spans, _ := redaction.Add(nil, redaction.Under(places, []string{"s.40(2)"}, ""))
	return Text{r, spans}
}

func sample(n int) (*Terms, iter.Seq2[*Item, error]) {
	terms := NewTerms()
	for no := 1; no <= n; no++ {
		it := made(no)
		terms.Add(fmt.Sprintf("item %d", no), &it.Whole)
		for k := range it.Parts {
			terms.Add(fmt.Sprintf("item %d", no), &it.Parts[k].Text)
		}
	}
	return terms, func(yield func(*Item, error) bool) {
		for no := 1; no <= n; no++ {
			if !yield(made(no), nil) {
				return
			}
		}
	}
}

// TestThousandItemsHoldNoRedactedWord reads a production of a thousand items
// again by means of its own: no redacted name is in any octet of it.
func TestThousandItemsHoldNoRedactedWord(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	terms, items := sample(1000)
	done := 0
	r, err := Produce(t.Context(), dir, about(Formats()...), terms, items, func() { done++ })
	if err != nil {
		t.Fatalf("%v: %+v", err, r.Check.Leaks)
	}
	if r.Items != 1000 || done != 1000 || r.Volumes < 2 || r.Check.Files != 3*r.Volumes+7 || len(r.Check.Visible) != 0 || r.Withheld == 0 || r.Unrendered != r.Withheld || r.Rendered != r.Withheld {
		t.Errorf("%+v", r)
	}
	var text, pdf strings.Builder
	for v := 1; v <= r.Volumes; v++ {
		for _, ext := range []string{"txt", "html", "pdf"} {
			octets, err := os.ReadFile(filepath.Join(dir, "data", fmt.Sprintf("volume-%03d.%s", v, ext)))
			if err != nil {
				t.Fatal(err)
			}
			if ext == "pdf" {
				_, pages, err := extract.PDFPages(octets)
				if err != nil {
					t.Fatal(err)
				}
				pdf.WriteString(strings.Join(pages, ""))
			}
			text.Write(octets)
		}
	}
	for _, all := range []string{text.String(), pdf.String()} {
		if strings.Contains(strings.ToLower(all), "quillfeather") || !strings.Contains(all, "[REDACTED s.40(2)]") || !strings.Contains(all, "Item 1000") || strings.Contains(all, "withheld advice") {
			t.Error("a redacted name can be read, or what is released cannot")
		}
	}
	for no := 1; no <= 1000; no++ {
		if !strings.Contains(pdf.String(), fmt.Sprintf("Item %d", no)) {
			t.Fatalf("item %d is not in the PDF", no)
		}
	}
	var list struct{ Items []row }
	octets, err := os.ReadFile(filepath.Join(dir, "data", "items.json"))
	if err != nil || json.Unmarshal(octets, &list) != nil || len(list.Items) != 1000+r.Rendered*3 {
		t.Errorf("%d lines in the list, %v", len(list.Items), err)
	}
	if last := list.Items[len(list.Items)-1]; last.Page < 150 || last.Volume != r.Volumes {
		t.Errorf("the last line is %+v", last)
	}
}

// written is a production before its check.
func written(t *testing.T, terms *Terms, items iter.Seq2[*Item, error]) *producer {
	p := &producer{about: about(Formats()...), terms: terms, bag: &bag{dir: t.TempDir()}, expected: make(map[string]*expected)}
	terms.ready()
	if err := p.write(t.Context(), items, func() {}); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestCheckFindsWhatWasPutBack: whatever way redacted words get into a
// production, it does not pass.
func TestCheckFindsWhatWasPutBack(t *testing.T) {
	name := secret(7)
	terms, items := sample(8)
	whole := written(t, terms, items)
	add := func(file, words string) func(dir string) error {
		return func(dir string) error {
			f, err := os.OpenFile(filepath.Join(dir, file), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
			if err != nil {
				return err
			}
			_, err = f.WriteString(words)
			return errors.Join(err, f.Close())
		}
	}
	swap := func(file, old, with string) func(dir string) error {
		return func(dir string) error {
			b, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil || !bytes.Contains(b, []byte(old)) {
				return fmt.Errorf("%s does not say %q: %w", file, old, err)
			}
			return os.WriteFile(filepath.Join(dir, file), bytes.Replace(b, []byte(old), []byte(with), 1), 0o600)
		}
	}
	wide := func(s string) string {
		var b strings.Builder
		for _, c := range s {
			b.WriteString("\x00" + string(c))
		}
		return b.String()
	}
	for title, tamper := range map[string]func(string) error{
		"nothing":            nil,
		"text":               add("data/volume-001.txt", name),
		"text, broken":       add("data/volume-001.txt", "PERPETUA\n> quill feather7"),
		"anything more":      add("data/volume-001.txt", "anything"),
		"html text":          swap("data/volume-001.html", "Dear all", name),
		"html comment":       swap("data/volume-001.html", "</main>", "<!-- hidden --></main>"),
		"html attribute":     swap("data/volume-001.html", `<div class="verbatim">`, `<div class="verbatim" title="x">`),
		"html head":          swap("data/volume-001.html", "<meta charset", "<meta name=x content=y><meta charset"),
		"html script":        swap("data/volume-001.html", "</main>", "<script>1</script></main>"),
		"pdf octets":         add("data/volume-001.pdf", "\n% "+name),
		"pdf, wide":          add("data/volume-001.pdf", wide(name)),
		"list":               add("data/items.csv", strings.ToLower(name)),
		"json":               add("data/items.json", name),
		"a description":      add("bag-info.txt", name),
		"a file's name":      add("data/"+strings.ReplaceAll(name, " ", "")+".txt", "x"),
		"a file of its own":  add("data/Thumbs.db", name),
		"a long file":        add("data/copy.bin", strings.Repeat("x", 3*window-5)+name+strings.Repeat("x", window)),
		"pdf of other words": func(dir string) error { return pdfInstead(filepath.Join(dir, "data/volume-001.pdf"), name) },
	} {
		p := &producer{about: whole.about, terms: whole.terms, bag: &bag{dir: filepath.Join(t.TempDir(), "x")}, expected: whole.expected}
		if err := os.CopyFS(p.bag.dir, os.DirFS(whole.bag.dir)); err != nil {
			t.Fatal(err)
		}
		if tamper == nil {
			if err := p.check(t.Context()); err != nil || len(p.out.Check.Leaks) > 0 {
				t.Errorf("%s: %v, %+v", title, err, p.out.Check)
			}
			continue
		}
		if err := tamper(p.bag.dir); err != nil {
			t.Fatal(err)
		}
		if err := p.check(t.Context()); !errors.Is(err, ErrLeak) {
			t.Errorf("%s: %v, %+v", title, err, p.out.Check)
		}
	}
}

// pdfInstead puts the PDF of another production in place of one: with the same
// titles, and one name not redacted.
func pdfInstead(name, words string) error {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	_, items := sample(8)
	_, err = Produce(context.Background(), filepath.Join(dir, "x"), about("pdf"), NewTerms(), func(yield func(*Item, error) bool) {
		for it := range items {
			if it.Whole.Item == "r7/1" {
				it.Whole.Spans = nil
			}
			if !yield(it, nil) {
				return
			}
		}
	}, func() {})
	if err != nil {
		return err
	}
	octets, err := os.ReadFile(filepath.Join(dir, "x/data/volume-001.pdf"))
	if err != nil {
		return err
	}
	return os.WriteFile(name, octets, 0o600)
}

// TestWordsVisibleElsewhereAreReported: they are no leak, and not hidden.
func TestWordsVisibleElsewhereAreReported(t *testing.T) {
	one, two, three := made(1), made(2), made(4)
	two.Whole.Rendering = redaction.Render(redaction.Message{Item: "r2/1", Document: record.Document{Body: "I met perpetua\n> Quillfeather1 at noon.\nThe message was short."}})
	two.Whole.Spans, two.Decision = nil, "release"
	three.Whole.Rendering = redaction.Render(redaction.Message{Item: "r4/1", Document: record.Document{Body: "Perpetua Quillfeather1x is somebody else. This message has words of the production's own."}})
	at := strings.Index(three.Whole.Text, "message")
	three.Whole.Spans = []record.RedactedSpan{{From: at, To: at + len("message"), Exemptions: []string{"s.42"}}}
	terms := NewTerms()
	for _, it := range []*Item{one, three} {
		terms.Add(fmt.Sprintf("item %d", it.No), &it.Whole)
	}
	r, err := Produce(t.Context(), filepath.Join(t.TempDir(), "x"), about("text", "pdf"), terms, func(yield func(*Item, error) bool) {
		_ = yield(one, nil) && yield(two, nil) && yield(three, nil)
	}, func() {})
	if err != nil {
		t.Fatalf("%v, %+v", err, r.Check)
	}
	var got []string
	for _, v := range r.Check.Visible {
		got = append(got, fmt.Sprint(strings.ToLower(v.Words), v.Item, v.Redaction, v.In, v.Items))
	}
	slices.Sort(got)
	if want := []string{"messageitem 41 [item 2] 1", "perpetua quillfeather1item 11 [item 2] 1"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFailedProductionLeavesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	_, err := Produce(t.Context(), dir, about("text"), NewTerms(), func(yield func(*Item, error) bool) {
		_ = yield(made(1), nil) && yield(nil, errors.New("cannot be opened"))
	}, func() {})
	if _, stat := os.Stat(dir); err == nil || !errors.Is(stat, os.ErrNotExist) {
		t.Errorf("%v, %v", err, stat)
	}
	if _, err := Produce(t.Context(), t.TempDir(), about("text"), NewTerms(), nil, func() {}); !errors.Is(err, os.ErrExist) {
		t.Errorf("a folder that was there: %v", err)
	}
}

// TestMemoryDoesNotGrowWithItems: four times as many items take no more memory.
func TestMemoryDoesNotGrowWithItems(t *testing.T) {
	most := func(n int) uint64 {
		var peak uint64
		done := 0
		_, err := Produce(t.Context(), filepath.Join(t.TempDir(), "x"), about("text"), NewTerms(), func(yield func(*Item, error) bool) {
			for no := 1; no <= n; no++ {
				d := record.Document{Body: strings.Repeat("the depot has room for more. ", 20)}
				it := &Item{No: no, Chat: no%3 == 0, Group: "one long chat", Decision: "release"}
				it.Whole.Rendering = redaction.Render(redaction.Message{Item: "r/1", Document: d, Zone: time.UTC})
				if !yield(it, nil) {
					return
				}
			}
		}, func() {
			if done++; done%300 == 0 {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		return peak
	}
	if small, large := most(600), most(2400); large > small+(8<<20) {
		t.Errorf("600 items took %d octets, 2,400 items %d", small, large)
	}
}

func FuzzSqueeze(f *testing.F) {
	f.Add("Jane\n> Smith", "smith")
	f.Add("İstanbul ẞ", "i̇")
	f.Fuzz(func(t *testing.T, text, word string) {
		squeezed, at := squeeze(text, true)
		if len(at) != len(squeezed) {
			t.Fatalf("%d places of %d octets", len(at), len(squeezed))
		}
		w, _ := squeeze(word, false)
		if w == "" {
			return
		}
		m := newMatcher()
		m.add(w, 1)
		m.build()
		got := 0
		m.scan([]byte(squeezed), func(_ int32, from, to int) {
			got++
			if squeezed[from:to] != w {
				t.Fatalf("%q was found for %q", squeezed[from:to], w)
			}
		})
		want := 0
		for i := range len(squeezed) {
			if strings.HasPrefix(squeezed[i:], w) {
				want++
			}
		}
		if got != want {
			t.Fatalf("%q was found %d times, want %d", w, got, want)
		}
	})
}
