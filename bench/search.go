package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search"
	"github.com/closeroll/closeroll/search/index"
)

// searchVerb fills a sealed index with generated messages and asks it queries of
// every kind, each several times; beside it, the same texts lie in a file, and a
// plain scan looks for one word in it. What the catalog answers (live, dates,
// custodians) are sets in memory, as they are in the daemon.
func searchVerb(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("search", flag.ContinueOnError)
	n := flags.Int("n", 1_000_000, "messages")
	rounds := flags.Int("rounds", 10, "how often each query is asked")
	dir := flags.String("dir", "", "folder to work in, kept (a temporary one, removed)")
	filled := flags.Bool("filled", false, "ask the index that -dir has from an earlier run, however far it came")
	slow := flags.Duration("slow", 100*time.Millisecond, "name the queries that ever took longer")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir == "" {
		temp, err := os.MkdirTemp("", "bench-search-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temp)
		*dir = temp
	}
	ix, err := index.Open(ctx, slog.New(slog.DiscardHandler), filepath.Join(*dir, "index"), make([]byte, index.KeySize))
	if err != nil {
		return err
	}
	defer ix.Close()
	w := newWriter()
	var text int
	var took timing
	if *filled {
		text, *n, err = alreadyThere(ix, filepath.Join(*dir, "text"))
	} else {
		text, took, err = fillIndex(ctx, ix, w, *n, filepath.Join(*dir, "text"))
	}
	if err != nil {
		return err
	}
	stored, err := sizeOf(filepath.Join(*dir, "index"))
	if err != nil {
		return err
	}
	fmt.Printf("indexed\t%d messages\t%.0f MB of text\tindex %.2f × text (budget 3.5)\n", *n, float64(text)/1e6, float64(stored)/float64(text))
	if took.cpu > 0 {
		fmt.Printf("filled\t%.0f messages a second of CPU\n", float64(*n)/took.cpu.Seconds())
	}
	asked, err := ask(ctx, search.New(newSets(*n), ix), w.queries(), *rounds, *slow)
	if err != nil {
		return err
	}
	scan, err := scanFor(filepath.Join(*dir, "text"), w.words[100])
	if err != nil {
		return err
	}
	fmt.Printf("asked\t%d queries, %d times\twall p50 %.1f ms, p95 %.1f ms (budget 300)\tCPU p50 %.1f ms, p95 %.1f ms\n", len(w.queries()), *rounds,
		percentile(asked, .5).wall, percentile(asked, .95).wall, percentile(asked, .5).cpu, percentile(asked, .95).cpu)
	fmt.Printf("scan\tone word in the plain texts: wall %.0f ms, CPU %.0f ms\tthe index's p95 takes 1/%.0f of its CPU\n",
		ms(scan.wall), ms(scan.cpu), ms(scan.cpu)/percentile(asked, .95).cpu)
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// fillIndex indexes messages and writes their texts to a file. It returns the
// octets of text and what indexing took.
func fillIndex(ctx context.Context, ix *index.Index, w *writer, n int, plain string) (text int, took timing, err error) {
	f, err := os.Create(plain)
	if err != nil {
		return 0, took, err
	}
	defer f.Close()
	out := bufio.NewWriter(f)
	const batch = 5000
	for from := 1; from <= n; from += batch {
		var docs []*index.Document
		for no := from; no < from+batch && no <= n; no++ {
			d := w.message(no)
			text += len(d.Body) + len(d.Subject)
			fmt.Fprintln(out, d.Subject, d.Body)
			docs = append(docs, d)
		}
		start := now()
		if err := ix.Add(ctx, docs); err != nil {
			return text, took, err
		}
		one := now().since(start)
		took = timing{took.wall + one.wall, took.cpu + one.cpu}
	}
	return text, took, out.Flush()
}

// alreadyThere says how many messages an index has, and how many octets of text
// were written beside it.
func alreadyThere(ix *index.Index, plain string) (text, messages int, err error) {
	r, err := ix.Reader()
	if err != nil {
		return 0, 0, err
	}
	defer r.Close()
	numbers, err := r.Numbers()
	if err != nil {
		return 0, 0, err
	}
	info, err := os.Stat(plain)
	if err != nil {
		return 0, 0, err
	}
	return int(info.Size()), int(numbers.GetCardinality()), nil
}

// ask asks every query several times, and names the slow ones.
func ask(ctx context.Context, e *search.Engine, queries []string, rounds int, slow time.Duration) ([]timing, error) {
	var all []timing
	for _, written := range queries {
		q, err := search.Parser{}.Parse(written)
		if err != nil {
			return nil, err
		}
		var worst timing
		total := 0
		for range rounds {
			start := now()
			a, err := e.Search(ctx, q, search.Options{})
			if err != nil {
				return nil, err
			}
			t := now().since(start)
			all, total = append(all, t), a.Total
			if t.wall > worst.wall {
				worst = t
			}
		}
		if worst.wall > slow {
			fmt.Printf("slow\t%s\t%d found\twall %.0f ms, CPU %.0f ms\n", written, total, ms(worst.wall), ms(worst.cpu))
		}
	}
	return all, nil
}

// A quantile is in milliseconds.
type quantile struct{ wall, cpu float64 }

// percentile is the time that a share of all took at most; of the wall and of
// the processor each for itself.
func percentile(all []timing, share float64) quantile {
	walls, cpus := make([]time.Duration, len(all)), make([]time.Duration, len(all))
	for i, t := range all {
		walls[i], cpus[i] = t.wall, t.cpu
	}
	slices.Sort(walls)
	slices.Sort(cpus)
	at := min(int(math.Ceil(share*float64(len(all)))), len(all)) - 1
	return quantile{ms(walls[at]), ms(cpus[at])}
}

// scanFor reads a file for a word, line by line, as grep does.
func scanFor(name, word string) (timing, error) {
	start := now()
	f, err := os.Open(name)
	if err != nil {
		return timing{}, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(make([]byte, 1<<20), 1<<20)
	found := 0
	for lines.Scan() {
		if bytes.Contains(lines.Bytes(), []byte(word)) {
			found++
		}
	}
	if found == 0 {
		return timing{}, fmt.Errorf("the scan found nothing of %s", word)
	}
	return now().since(start), lines.Err()
}

func sizeOf(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	return n, err
}

// A writer makes messages of about 60 words, which follow Zipf's law over a
// vocabulary of 60,000. It writes the same messages each time.
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

// queries are of every kind, over common and rare words.
func (w *writer) queries() []string {
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

// sets is a catalog of messages that are all live and dated; every third is of
// the year that is asked for, every second of the custodian.
type sets struct{ live, sent, half, none *roaring64.Bitmap }

func newSets(n int) sets {
	s := sets{live: roaring64.New(), sent: roaring64.New(), half: roaring64.New(), none: roaring64.New()}
	s.live.AddRange(1, uint64(n)+1)
	s.sent.AddRange(1, uint64(n)/3+1)
	for no := uint64(2); no <= uint64(n); no += 2 {
		s.half.Add(no)
	}
	return s
}

func (s sets) Live(context.Context) (*roaring64.Bitmap, error) { return s.live, nil }
func (s sets) Match(context.Context, string, string) (*roaring64.Bitmap, error) {
	return s.half, nil
}
func (s sets) Having(context.Context, string, string) (*roaring64.Bitmap, error) {
	return s.half, nil
}
func (s sets) Values(context.Context, string) ([]string, error) { return nil, nil }
func (s sets) Sent(context.Context, time.Time, time.Time) (*roaring64.Bitmap, error) {
	return s.sent, nil
}
func (s sets) Undated(context.Context) (*roaring64.Bitmap, error)        { return s.none, nil }
func (s sets) Unsearchable(context.Context) (*roaring64.Bitmap, error)   { return s.none, nil }
func (s sets) Quarantined(context.Context) (*roaring64.Bitmap, error)    { return s.none, nil }
func (s sets) WithID(context.Context, string) (*roaring64.Bitmap, error) { return s.none, nil }
func (s sets) CopiesOf(context.Context, string, int) (*roaring64.Bitmap, error) {
	return s.none, nil
}
func (s sets) Group(_ context.Context, set *roaring64.Bitmap) (*roaring64.Bitmap, error) {
	return set, nil
}
func (s sets) InThread(context.Context, string) (*roaring64.Bitmap, error) { return s.none, nil }
