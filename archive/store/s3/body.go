package s3

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/closeroll/closeroll/archive/store"
)

// errBody marks an error of the body itself, which no retry helps.
var errBody = errors.New("read the body")

// A body is what a Put sends. The HTTP transport may go on reading a request's
// body after the answer has come; so every attempt gets a reader with a
// position of its own, and after close none of them touches the caller's body.
type body struct {
	size int64

	mu  sync.Mutex
	src io.ReadSeeker // nil once closed
	err error         // what went wrong reading it
}

// newBody checks that src has exactly size octets.
func newBody(src io.ReadSeeker, size int64) (*body, error) {
	end, err := src.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBody, err)
	}
	if end != size {
		return nil, fmt.Errorf("%w: %d octets, where %d were announced", store.ErrDigest, end, size)
	}
	return &body{size: size, src: src}, nil
}

// ReadAt implements [io.ReaderAt].
func (b *body) ReadAt(p []byte, off int64) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.src == nil {
		return 0, errors.New("the request is over")
	}
	if b.err != nil {
		return 0, b.err
	}
	_, err := b.src.Seek(off, io.SeekStart)
	n := 0
	if err == nil {
		n, err = io.ReadFull(b.src, p)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	if err != nil && (!errors.Is(err, io.EOF) || off+int64(n) < b.size) {
		b.err = fmt.Errorf("%w: %w", errBody, err)
		err = b.err
	}
	return n, err
}

// part returns a reader of its own for n octets from off.
func (b *body) part(off, n int64) *io.SectionReader { return io.NewSectionReader(b, off, n) }

// failed returns what went wrong with the body, else err: the transport does
// not always pass it on.
func (b *body) failed(err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil && b.err != nil {
		return b.err
	}
	return err
}

// close keeps everyone away from the caller's body from now on.
func (b *body) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.src = nil
}
