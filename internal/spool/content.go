package spool

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/closeroll/closeroll/archive/record"
)

// Content implements the contract of connectors.Content: octets at rest, to be
// read from any number of goroutines until it is closed.
type Content struct {
	size    int64
	digest  record.Digest
	memory  atomic.Pointer[[]byte] // nil with a file, and once closed
	file    *file                  // nil in memory
	once    sync.Once
	release func()
}

// Size returns the number of octets.
func (c *Content) Size() int64 { return c.size }

// Digest returns the SHA-256 digest of the octets, computed as they came in.
func (c *Content) Digest() record.Digest { return c.digest }

// Reader returns a new reader of the whole, from the start.
func (c *Content) Reader() *io.SectionReader { return io.NewSectionReader(c, 0, c.size) }

// ReadAt implements [io.ReaderAt]. After Close it returns [ErrClosed].
func (c *Content) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read at %d: negative offset", off)
	}
	if off >= c.size {
		return 0, io.EOF
	}
	want := len(p)
	p = p[:min(int64(want), c.size-off)]
	var n int
	var err error
	if c.file != nil {
		n, err = c.file.readAt(p, off, c.size)
	} else if data := c.memory.Load(); data != nil {
		n = copy(p, (*data)[off:])
	} else {
		return 0, ErrClosed
	}
	if err == nil && n < want {
		err = io.EOF
	}
	return n, err
}

// Close lets go of the octets and of the room they took. It may be called more
// than once.
func (c *Content) Close() error {
	var err error
	c.once.Do(func() {
		c.memory.Store(nil)
		if c.file != nil {
			err = c.file.close()
		}
		c.release()
	})
	return err
}
