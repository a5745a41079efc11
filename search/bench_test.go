package search

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/index"
)

// A writer makes messages of about 60 words, which follow Zipf's law over a
// vocabulary of 60,000.
type writer struct {
	r     *rand.Rand
	zipf  *rand.Zipf
	words []string
}

func newWriter() *writer {
	r := rand.New(rand.NewPCG(1, 2))
	w := &writer{r: r, zipf: rand.NewZipf(r, 1.07, 4, 59_999)}
	for range 60_000 {
		var word strings.Builder
		for range 2 + r.IntN(3) {
			word.WriteByte("bcdfghlmnprstvw"[r.IntN(15)])
			word.WriteByte("aeiou"[r.IntN(5)])
		}
		w.words = append(w.words, word.String())
	}
	return w
}

func (w *writer) message(no int) *index.Document {
	words := make([]string, 20+w.r.IntN(80))
	for i := range words {
		words[i] = w.words[w.zipf.Uint64()]
	}
	person := func() []index.Address {
		name := w.words[1000+w.r.IntN(2000)]
		return []index.Address{{Name: name + " " + w.words[w.r.IntN(500)], Addr: name + "@dept.example.gov.uk"}}
	}
	return &index.Document{No: record.MessageNo(no), Kind: record.Email, Subject: strings.Join(words[:5], " "), Body: strings.Join(words, " "),
		From: person(), To: person(), Sent: time.Date(2020, 1, 1, 0, no, 0, 0, time.UTC), Captured: time.Date(2026, 1, 1, 0, 0, no, 0, time.UTC),
		Position: uint64(no), Size: int64(1000 + w.r.IntN(100_000))}
}

// A plainCatalog knows that all messages of a benchmark are live and dated.
type plainCatalog struct {
	corpus
	live, sent *roaring64.Bitmap
}

func (c *plainCatalog) Live(context.Context) (*roaring64.Bitmap, error) { return c.live, nil }

func (c *plainCatalog) Group(_ context.Context, set *roaring64.Bitmap) (*roaring64.Bitmap, error) {
	return set, nil
}

func (c *plainCatalog) Match(context.Context, string, string) (*roaring64.Bitmap, error) {
	return c.live, nil
}

func (c *plainCatalog) Sent(context.Context, time.Time, time.Time) (*roaring64.Bitmap, error) {
	return c.sent, nil
}

// BenchmarkSearch fills a sealed index and asks it queries of every kind. Run
// the largest by hand: go test ./search -run - -bench Search/1000000 -timeout 1h
func BenchmarkSearch(b *testing.B) {
	for _, messages := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(messages), func(b *testing.B) { benchmarkSearch(b, messages) })
	}
}

func benchmarkSearch(b *testing.B, messages int) {
	dir := filepath.Join(b.TempDir(), "index")
	ctx := context.Background()
	ix, err := index.Open(ctx, slog.New(slog.DiscardHandler), dir, make([]byte, index.KeySize))
	if err != nil {
		b.Fatal(err)
	}
	defer ix.Close()
	w := newWriter()
	text := fill(b, ix, w, messages)
	e := New(&plainCatalog{live: upTo(messages), sent: upTo(messages / 3)}, ix)
	queries := benchQueries(w)
	var took []time.Duration
	worst := make(map[string]time.Duration)
	for b.Loop() {
		for _, written := range queries {
			q, err := Parser{}.Parse(written)
			if err != nil {
				b.Fatal(err)
			}
			start := time.Now()
			if _, err := e.Search(ctx, q, Options{}); err != nil {
				b.Fatal(err)
			}
			d := time.Since(start)
			took = append(took, d)
			worst[written] = max(worst[written], d)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(size(b, dir))/float64(text), "index/text")
	b.ReportMetric(0, "ns/op")
	for _, written := range queries {
		if worst[written] > 50*time.Millisecond {
			b.Logf("%8.1f ms  %s", float64(worst[written].Microseconds())/1000, written)
		}
	}
}

func upTo(n int) *roaring64.Bitmap {
	set := roaring64.New()
	set.AddRange(1, uint64(n)+1)
	return set
}

// fill indexes messages and reports the rate. It returns the bytes of text.
func fill(b *testing.B, ix *index.Index, w *writer, messages int) (text int) {
	var took time.Duration
	for from := 1; from <= messages; from += 5000 {
		var docs []*index.Document
		for no := from; no < from+5000 && no <= messages; no++ {
			d := w.message(no)
			text += len(d.Body) + len(d.Subject)
			docs = append(docs, d)
		}
		start := time.Now()
		if err := ix.Add(context.Background(), docs); err != nil {
			b.Fatal(err)
		}
		took += time.Since(start)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.Logf("%d messages, %d MB of text: %.0f a second, heap %d MB", messages, text>>20, float64(messages)/took.Seconds(), m.HeapSys>>20)
	return text
}

func size(b *testing.B, dir string) (n int64) {
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// benchQueries are queries over common and rare words.
func benchQueries(w *writer) []string {
	word := func(rank float64) string { return w.words[int(math.Pow(10, rank))] }
	return []string{
		word(0.5), word(1), word(2), word(3), word(4), word(4.5),
		word(1) + " " + word(2), word(0) + " " + word(3), word(1) + " OR " + word(1.5) + " OR " + word(2),
		word(1) + " NOT " + word(0.5), "NOT " + word(0.3),
		`"` + word(1) + " " + word(2) + `"`, `"` + word(2) + " " + word(2.5) + `"`, `"` + word(3) + " " + word(1) + `"`,
		word(2) + " NEAR/5 " + word(2.2), word(3)[:3] + "*", word(2)[:4] + "*", word(2) + "~1", word(3)[:2] + "*" + word(3)[4:],
		"from:" + w.words[1500], "participant:dept.example.gov.uk " + word(2), "from:" + w.words[1200] + "@dept.example.gov.uk",
		word(1) + " sent:2020", word(2) + " captured:2026-01-02", "size:>50kB " + word(1.3), "custodian:minister " + word(1.2), "*",
		"subject:" + word(1), "(" + word(1.1) + " OR " + word(2.1) + ") AND (" + word(0.9) + " OR " + word(3.1) + ") -" + word(1.7),
	}
}
