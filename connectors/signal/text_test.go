package signal

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
)

// An endless is a main.jsonl that nobody holds: two chats whose lines, all of one
// length, are made as they are read.
type endless struct {
	lines, length int64
	read, most    int64 // octets read since memory was measured; octets in memory at most
}

func (e *endless) size() int64 { return e.lines * e.length }

// line is the beginning and the end of a line.
func (e *endless) line(i int64) (head, tail string) {
	return fmt.Sprintf(`{"chatItem":{"chatId":"%d","authorId":"2","dateSent":"%d","standardMessage":{"text":{"body":"message %d `,
		1+i/3%2, 1784000000000+i*60_000, i), "\"}}}}\n"
}

var filler = bytes.Repeat([]byte("x"), 16<<10)

// ReadAt implements [io.ReaderAt].
func (e *endless) ReadAt(p []byte, off int64) (n int, err error) {
	if e.read += int64(len(p)); e.read >= 8<<20 || e.most == 0 {
		e.read, e.most = 0, max(e.most, inMemory())
	}
	for n < len(p) && off < e.size() {
		i, within := off/e.length, int(off%e.length)
		head, tail := e.line(i)
		whole := head + string(filler[:int(e.length)-len(head)-len(tail)]) + tail
		c := copy(p[n:], whole[within:])
		off, n = off+int64(c), n+c
	}
	if n < len(p) {
		err = io.EOF
	}
	return n, err
}

func inMemory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// An export of 48 MiB takes no more memory than a window and sixteen octets a
// message, and its chats are the file's lines.
func TestMemoryDoesNotGrowWithTheText(t *testing.T) {
	src := &endless{lines: 6 << 10, length: 8 << 10}
	before := inMemory()
	p, err := Open(t.Context(), "main.jsonl", src, src.size(), chat.Options{})
	if err != nil {
		t.Fatal(err)
	}
	whole, size, err := record.SumReader(io.NewSectionReader(src, 0, src.size()))
	if err != nil || size != p.Whole.Transcript.Size || whole != p.Whole.Transcript.Digest {
		t.Errorf("the whole has %d octets, %v", p.Whole.Transcript.Size, err)
	}
	for k, e := range p.Exports {
		n := int64(0)
		for i, m := range e.All() {
			at := int64(i/3*6 + k*3 + i%3)
			if !strings.HasPrefix(m.Text, fmt.Sprintf("message %d ", at)) || m.Offset != n {
				t.Fatalf("message %d of chat %d is %.40q at %d", i, k+1, m.Text, m.Offset)
			}
			n += m.Length
		}
		digest, size, err := record.SumReader(io.NewSectionReader(e.Transcript.Content, 0, e.Transcript.Size))
		if err != nil || e.Err() != nil || size != n || digest != e.Transcript.Digest {
			t.Errorf("chat %d: %d of %d octets, %v, %v", k+1, size, n, err, e.Err())
		}
		for _, d := range e.Days()[:2] {
			about, err := e.Context(d)
			if err != nil || !bytes.Contains(about, []byte("Signal user 2")) {
				t.Errorf("%s: %s, %v", d.Date, about, err)
			}
		}
	}
	grew := src.most - before
	t.Logf("%d MiB of text, %d KiB of memory", src.size()>>20, grew>>10)
	if grew > 4<<20 {
		t.Errorf("reading %d octets took %d octets of memory", src.size(), grew)
	}
}

// heldContent is content that a test keeps in memory.
type heldContent struct {
	*bytes.Reader
	closed *bool
}

// Close implements [chat.Kept].
func (h heldContent) Close() error { *h.closed = true; return nil }

// Out of a zip file a long text is read where the options say, and let go of if
// it is refused; one longer than any message is refused.
func TestLongTextInAZip(t *testing.T) {
	src := &endless{lines: 700, length: 8 << 10}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: "main.jsonl", Method: zip.Store})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, io.NewSectionReader(src, 0, src.size())); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	closed := false
	opt := chat.Options{Keep: func(r io.Reader) (chat.Kept, error) {
		octets, err := io.ReadAll(r)
		return heldContent{bytes.NewReader(octets), &closed}, err
	}}
	p, err := Open(t.Context(), "x.zip", bytes.NewReader(b.Bytes()), int64(b.Len()), opt)
	if err != nil || len(p.Exports) != 2 || p.Exports[0].Count()+p.Exports[1].Count() != 700 || closed {
		t.Fatalf("%v, closed: %t", err, closed)
	}
	opt.Limits = chat.Limits{Messages: 100}
	if _, err := Open(t.Context(), "x.zip", bytes.NewReader(b.Bytes()), int64(b.Len()), opt); chat.ReasonOf(err) != record.ReasonBomb || !closed {
		t.Errorf("%v, closed: %t", err, closed)
	}
	long := `{"chatItem":{"chatId":"1","standardMessage":{"text":{"body":"` + strings.Repeat("x", 600<<10) + `"}}}}` + "\n"
	if _, err := Open(t.Context(), "main.jsonl", strings.NewReader(long), int64(len(long)), chat.Options{Limits: chat.Limits{Message: 500 << 10}}); chat.ReasonOf(err) != record.ReasonBomb {
		t.Errorf("a line of 600 KiB: %v", err)
	}
	p, err = Open(t.Context(), "main.jsonl", strings.NewReader(long), int64(len(long)), chat.Options{})
	if err != nil || p.Exports[0].Messages.Len() != 1 {
		t.Errorf("a line of 600 KiB: %v", err)
	}
}
