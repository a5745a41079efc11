package whatsapp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"
)

// An endless is a transcript that nobody holds: its lines, all of one length,
// are made as they are read.
type endless struct{ lines, length int64 }

func (e endless) size() int64 { return e.lines * e.length }

var filler = bytes.Repeat([]byte("x"), 16<<10)

// ReadAt implements [io.ReaderAt].
func (e endless) ReadAt(p []byte, off int64) (n int, err error) {
	var head [80]byte
	for n < len(p) && off < e.size() {
		i, within := off/e.length, int(off%e.length)
		line := fmt.Appendf(head[:0], "%02d/01/2026, %02d:%02d - Ana Field: message %d ", 13+i*18/e.lines, i/60%24, i%60, i)
		end := min(n+int(e.length)-within, len(p))
		copy(p[n+copy(p[n:end], line[min(within, len(line)):]):end], filler)
		if end-n == int(e.length)-within {
			p[end-1] = '\n'
		}
		off, n = off+int64(end-n), end
	}
	if n < len(p) {
		err = io.EOF
	}
	return n, err
}

// peak runs f and returns by how many octets what is in memory grew meanwhile,
// at most.
func peak(f func()) int64 {
	defer debug.SetGCPercent(debug.SetGCPercent(25)) // or most of it is garbage
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	now := func() int64 {
		metrics.Read(sample)
		return int64(sample[0].Value.Uint64())
	}
	runtime.GC()
	before := now()
	most := before
	stop := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			most = max(most, now())
			select {
			case <-stop:
				return
			case <-time.After(200 * time.Microsecond):
			}
		}
	})
	f()
	close(stop)
	watching.Wait()
	return most - before
}

// A transcript of 256 MiB takes no more memory than the windows that it is read
// in and 28 octets a message, garbage included.
func TestMemoryDoesNotGrowWithTheText(t *testing.T) {
	src := endless{lines: 32 << 10, length: 8 << 10}
	grew := peak(func() {
		e, err := Open(t.Context(), "x.txt", src, src.size(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		n := int64(0)
		for i, m := range e.All() {
			if !strings.HasPrefix(m.Text, fmt.Sprintf("message %d ", i)) || m.Time.IsZero() {
				t.Fatalf("message %d is %.40q at %v", i, m.Text, m.Time)
			}
			n += m.Length
		}
		if err := e.Err(); err != nil || n != src.size() {
			t.Fatalf("%d of %d octets, %v", n, src.size(), err)
		}
	})
	t.Logf("%d MiB of text, %d KiB of memory", src.size()>>20, grew>>10)
	if grew > 24<<20 {
		t.Errorf("reading %d octets took %d octets of memory", src.size(), grew)
	}
}

// What would be held in memory and is too long for it is refused.
func TestTooLongToBeHeld(t *testing.T) {
	src := endless{lines: 100, length: 1 << 10}
	_, err := Open(t.Context(), "x.txt", src, src.size(), Options{Limits: Limits{Transcript: src.size() - 1}})
	var refused *Refusal
	if !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
}
