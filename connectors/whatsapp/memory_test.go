package whatsapp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// An endless is a transcript that nobody holds: its lines, all of one length,
// are made as they are read.
type endless struct {
	lines, length int64
	read          int64 // since what is in memory was measured
	most          int64 // octets that were in memory, of what is no garbage
}

func (e *endless) size() int64 { return e.lines * e.length }

var filler = bytes.Repeat([]byte("x"), 16<<10)

// ReadAt implements [io.ReaderAt].
func (e *endless) ReadAt(p []byte, off int64) (n int, err error) {
	e.measure(len(p))
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

// measure notes what is in memory, every 16 MiB that are read.
func (e *endless) measure(octets int) {
	if e.read += int64(octets); e.read >= 16<<20 || e.most == 0 {
		e.read, e.most = 0, max(e.most, inMemory())
	}
}

// inMemory is how many octets are in memory and no garbage.
func inMemory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A transcript of 256 MiB takes no more memory than the windows that it is read
// in and 28 octets a message.
func TestMemoryDoesNotGrowWithTheText(t *testing.T) {
	src := &endless{lines: 32 << 10, length: 8 << 10}
	before := inMemory()
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
	grew := src.most - before
	t.Logf("%d MiB of text, %d KiB of memory", src.size()>>20, grew>>10)
	if grew > 12<<20 {
		t.Errorf("reading %d octets took %d octets of memory", src.size(), grew)
	}
}

// What would be held in memory and is too long for it is refused.
func TestTooLongToBeHeld(t *testing.T) {
	src := &endless{lines: 100, length: 1 << 10}
	_, err := Open(t.Context(), "x.txt", src, src.size(), Options{Limits: Limits{Transcript: src.size() - 1}})
	var refused *Refusal
	if !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
}
