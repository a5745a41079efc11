package ingest_test

import (
	"archive/zip"
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/messenger"
)

// A forgetful index counts the documents it is given, a forgetful classifier
// forgets all, and there are no holds. Whenever they are asked they note what is in memory.
type forgetful struct {
	documents int
	octets    int64
	every     int64        // that it is measured once in so many classifications; 0: at each
	asked     atomic.Int64 // classifications
	most      atomic.Int64 // octets in memory that are no garbage
}

// Add implements ingest.Indexer.
func (f *forgetful) Add(_ context.Context, docs []record.Document) error {
	f.documents += len(docs)
	for i := range docs {
		f.octets += int64(len(docs[i].Body))
	}
	f.measure()
	return nil
}

// Classify implements ingest.Classifier.
func (f *forgetful) Classify(record.Facts) (class, rule string) {
	if n := f.asked.Add(1); f.every == 0 || n%f.every == 0 {
		f.measure()
	}
	return "ADM-01", "default"
}

// Catch implements ingest.Holds.
func (f *forgetful) Catch(context.Context, []record.MessageNo) ([]journal.Entry, error) {
	return nil, nil
}

// Forbids implements ingest.Holds.
func (f *forgetful) Forbids(context.Context, string, string) (string, error) { return "", nil }

func (f *forgetful) measure() {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	f.most.Store(max(f.most.Load(), int64(m.HeapAlloc)))
}

// longChat writes a zip with a transcript of n messages of 8 KiB, over two
// weeks.
func longChat(t *testing.T, name string, n int) (size int64) {
	t.Helper()
	f, err := os.Create(name)
	must(t, err)
	defer f.Close()
	z := zip.NewWriter(f)
	entry, err := z.CreateHeader(&zip.FileHeader{Name: "_chat.txt", Method: zip.Store})
	must(t, err)
	octets := rand.NewChaCha8([32]byte{})
	words := make([]byte, 6<<10)
	for i := range n {
		octets.Read(words)
		length, err := fmt.Fprintf(entry, "[%02d/01/2026, %02d:%02d:00] Ana Field: message %d %s\r\n", 13+i*14/n, i/60%24, i%60, i, base64.StdEncoding.EncodeToString(words))
		must(t, err)
		size += int64(length)
	}
	must(t, z.Close())
	return size
}

// Capturing an export takes as much memory whether its text is long or short.
func TestMemoryDoesNotGrowWithAChat(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	var took [2]int64
	var size int64
	for i, n := range []int{100, 3000} {
		f := &forgetful{}
		b.pipe = ingest.New(b.Place.Log, b.Place.Clock.Now, ingest.Parts{Archive: b.Archive.Archive, Spool: b.Spool, Messengers: messenger.All{},
			Classify: f, Extract: plainText{}, Index: f, Holds: b.holds}, ingest.Options{})
		size = longChat(t, filepath.Join(dir, fmt.Sprintf("WhatsApp Chat - Long %d.zip", i)), n)
		if counts := b.run(t, src); counts.Captured != 15 {
			t.Errorf("captured %+v", counts)
		}
		if f.documents != n || f.octets < size*9/10 {
			t.Errorf("%d documents of %d octets were indexed", f.documents, f.octets)
		}
		took[i] = f.most.Load()
	}
	t.Logf("%d KiB with a short text, %d KiB with one of %d KiB", took[0]>>10, took[1]>>10, size>>10)
	if grew := took[1] - took[0]; grew > 10<<20 {
		t.Errorf("%d octets more are in memory while %d octets of text are captured", grew, size)
	}
}

// shortChat writes a zip with a transcript of n messages of a KiB, some hundred
// and fifty a day: five thousand are more than a parser holds.
func shortChat(t *testing.T, name string, n int) {
	t.Helper()
	f, err := os.Create(name)
	must(t, err)
	defer f.Close()
	z := zip.NewWriter(f)
	entry, err := z.CreateHeader(&zip.FileHeader{Name: "_chat.txt", Method: zip.Store})
	must(t, err)
	at := time.Date(2016, 1, 13, 9, 0, 0, 0, time.UTC)
	for i := range n {
		at = at.Add(time.Duration(1+rand.IntN(1100)) * time.Second)
		_, err := fmt.Fprintf(entry, "[%s] %s: message %d of the flood response%s\r\n", at.Format("02/01/2006, 15:04:05"),
			[]string{"Ana Field", "Tom Okafor", "Rhys Morgan"}[i%3], i, strings.Repeat(" water", 160+i%17))
		must(t, err)
	}
	must(t, z.Close())
}

// What capturing an export takes for each of its messages is the parser's share,
// and some of each day's; what is sealed, journalled and indexed of them is not
// in memory for all of them at once.
func TestMemoryForEachMessage(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	const short, long, most = 5_000, 20_000, 64
	var took [2]int64
	for i, n := range []int{short, long} {
		f := &forgetful{every: 30}
		b.pipe = ingest.New(b.Place.Log, b.Place.Clock.Now, ingest.Parts{Archive: b.Archive.Archive, Spool: b.Spool, Messengers: messenger.All{},
			Classify: f, Extract: plainText{}, Index: f, Holds: f}, ingest.Options{Messages: 1024})
		shortChat(t, filepath.Join(dir, fmt.Sprintf("WhatsApp Chat - Short %d.zip", i)), n)
		b.run(t, src)
		if f.documents != n {
			t.Errorf("%d documents were indexed of %d", f.documents, n)
		}
		took[i] = f.most.Load()
	}
	each := (took[1] - took[0]) / (long - short)
	t.Logf("%d KiB for %d messages, %d KiB for %d: %d octets a message", took[0]>>10, short, took[1]>>10, long, each)
	if each > most {
		t.Errorf("%d octets are in memory for each message, more than %d", each, most)
	}
}
