package spool

import (
	"crypto/sha256"
	"fmt"
	"hash"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/durable"
)

// A Writer takes in the octets of one item: Write any number of times, then
// Finish. Cancel, which may always be called, lets go of what Finish did not
// hand over. A Writer is used by one goroutine.
type Writer struct {
	spooler *Spooler
	hint    int64 // expected size, 0 if unknown
	charged int64 // to budget()
	onDisk  bool  // which budget

	sum    hash.Hash
	size   int64
	buffer []byte // everything so far, or, with a file, the chunk that is not full
	file   *file
	done   bool
}

func (w *Writer) budget() *budget {
	if w.onDisk {
		return w.spooler.disk
	}
	return w.spooler.memory
}

// Write implements [io.Writer].
func (w *Writer) Write(p []byte) (int, error) {
	if w.done {
		return 0, ErrClosed
	}
	if w.size+int64(len(p)) > w.spooler.limits.Item {
		return 0, fmt.Errorf("%w: more than %d octets", ErrTooLarge, w.spooler.limits.Item)
	}
	if w.sum == nil {
		w.sum = sha256.New()
	}
	if w.file == nil && (w.onDisk || w.size+int64(len(p)) > w.spooler.limits.Small) {
		if err := w.spill(); err != nil {
			return 0, full(err)
		}
	}
	w.charge(w.size + int64(len(p)) + overhead)
	if err := w.take(p); err != nil {
		return 0, full(err)
	}
	w.sum.Write(p)
	w.size += int64(len(p))
	return len(p), nil
}

// charge raises what is charged to at least n.
func (w *Writer) charge(n int64) {
	if n > w.charged {
		w.budget().force(n - w.charged)
		w.charged = n
	}
}

// spill moves what is in memory to a file.
func (w *Writer) spill() error {
	if !w.onDisk {
		w.memoryToDisk()
	}
	f, err := w.spooler.newFile()
	if err != nil {
		return err
	}
	w.file = f
	head := w.buffer
	w.buffer = make([]byte, 0, chunkSize)
	return w.take(head)
}

func (w *Writer) memoryToDisk() {
	w.spooler.disk.force(w.charged)
	w.spooler.memory.release(w.charged)
	w.onDisk = true
}

// take keeps p: in memory, or as full chunks of the file.
func (w *Writer) take(p []byte) error {
	if w.file == nil {
		if w.buffer == nil {
			w.buffer = make([]byte, 0, max(int(min(w.hint, w.spooler.limits.Small)), len(p)))
		}
		w.buffer = append(w.buffer, p...)
		return nil
	}
	for len(p) > 0 {
		n := min(chunkSize-len(w.buffer), len(p))
		w.buffer = append(w.buffer, p[:n]...)
		p = p[n:]
		if len(w.buffer) < chunkSize {
			return nil
		}
		if err := w.file.append(w.buffer); err != nil {
			return err
		}
		w.buffer = w.buffer[:0]
	}
	return nil
}

// Finish hands over the content. The caller closes it.
func (w *Writer) Finish() (*Content, error) {
	if w.done {
		return nil, ErrClosed
	}
	if w.sum == nil {
		w.sum = sha256.New()
	}
	if w.file != nil && len(w.buffer) > 0 {
		if err := w.file.append(w.buffer); err != nil {
			return nil, full(err)
		}
		w.buffer = nil
	}
	if w.onDisk && w.file == nil { // announced as large, and empty
		w.spooler.memory.force(w.charged)
		w.spooler.disk.release(w.charged)
		w.onDisk = false
	}
	if over := w.charged - w.size - overhead; over > 0 {
		w.budget().release(over)
		w.charged -= over
	}
	w.done = true
	c := &Content{size: w.size, digest: record.Digest(w.sum.Sum(nil)), file: w.file}
	if w.file == nil {
		c.memory.Store(&w.buffer)
	}
	budget, charged := w.budget(), w.charged
	c.release = func() { budget.release(charged) }
	return c, nil
}

// Cancel gives up, unless Finish has handed over the content.
func (w *Writer) Cancel() {
	if w.done {
		return
	}
	w.done = true
	if w.file != nil {
		w.file.close()
	}
	w.buffer = nil
	w.budget().release(w.charged)
}

// full names a full disk in the package's words.
func full(err error) error {
	if durable.IsFull(err) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
