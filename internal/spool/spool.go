// Package spool holds octets that are in flight: what a source gave and is not
// yet stored, and sealed objects that are being uploaded. What is small stays
// in memory; the rest goes to files, sealed under a random key that exists only
// in this process, so that a stolen disk shows nothing and a crash leaves
// nothing that anyone could read.
//
// Both are capped. [Spooler.Reserve] waits, in the order of arrival, until
// there is room, and so slows down a source that is faster than the store. An
// item that is larger than the whole cap is let through when nothing else is
// in flight.
//
// # Files
//
// A file is a sequence of chunks of 64 KiB, each sealed with AES-256-GCM; the
// nonce is the chunk's index, the key is made for the file and forgotten when
// its content is closed. Where the system allows it a file has no name: it is
// removed as soon as it is open.
package spool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/closeroll/closeroll/connectors"
)

// The errors that callers branch on.
var (
	// ErrFull: the disk that holds the spool has no room left.
	ErrFull = errors.New("the spool's disk is full")
	// ErrTooLarge: one item is larger than Limits.Item allows.
	ErrTooLarge = errors.New("larger than the spool takes")
	// ErrCorrupt: a spooled file is not what this process wrote.
	ErrCorrupt = errors.New("a spooled file was changed")
	// ErrClosed: the content was closed, or the reservation used or cancelled.
	ErrClosed = errors.New("spooled content is closed")
)

// Limits bound what is in flight, in octets. Zero values mean the defaults.
type Limits struct {
	Small  int64 // up to this size an item stays in memory; 1 MiB
	Memory int64 // in memory, all together; 64 MiB
	Disk   int64 // in files, all together; 8 GiB
	Item   int64 // one item; 64 GiB
}

func (l Limits) withDefaults() Limits {
	set := func(v *int64, to int64) {
		if *v <= 0 {
			*v = to
		}
	}
	set(&l.Small, 1<<20)
	set(&l.Memory, 64<<20)
	set(&l.Disk, 8<<30)
	set(&l.Item, 64<<30)
	return l
}

// overhead is what an item in flight costs besides its octets.
const overhead = 4 << 10

// filePrefix begins the name of every spool file that has one.
const filePrefix = "closeroll-spool-"

// A Spooler implements [connectors.Spooler]. It may be used from many
// goroutines.
type Spooler struct {
	dir    string
	limits Limits
	memory *budget
	disk   *budget
	chunks sync.Pool // of *[]byte, one sealed chunk long
}

// New makes a spooler whose files are in dir, which it makes if need be, and
// removes what an earlier process left there. No two processes share a dir.
func New(dir string, limits Limits) (*Spooler, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make spool directory: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read spool directory: %w", err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), filePrefix) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return nil, fmt.Errorf("remove an earlier process's spool file: %w", err)
		}
	}
	l := limits.withDefaults()
	return &Spooler{
		dir: dir, limits: l, memory: newBudget(l.Memory), disk: newBudget(l.Disk),
		chunks: sync.Pool{New: func() any { b := make([]byte, chunkSize+tagSize); return &b }},
	}, nil
}

// InFlight reports how many octets are charged to memory and to disk now.
func (s *Spooler) InFlight() (memory, disk int64) { return s.memory.inUse(), s.disk.inUse() }

// Reserve implements [connectors.Spooler]. An item of unknown size (0) is
// counted as a small one at first and charged for what it turns out to be.
func (s *Spooler) Reserve(ctx context.Context, size int64) (connectors.Spool, error) {
	if size > s.limits.Item {
		return nil, fmt.Errorf("%w: %d octets", ErrTooLarge, size)
	}
	w := &Writer{spooler: s, hint: max(size, 0)}
	if size > s.limits.Small {
		w.onDisk, w.charged = true, size+overhead
	} else if w.charged = size + overhead; size <= 0 {
		w.charged = s.limits.Small + overhead
	}
	if err := w.budget().acquire(ctx, w.charged); err != nil {
		return nil, err
	}
	return &reservation{writer: w}, nil
}

// Create begins content that is made from other content in flight: a sealed
// record, an entry of a container. It charges but never waits, since waiting
// for room while holding room would come to a standstill; the waiting is done
// where the octets come in, by Reserve.
func (s *Spooler) Create() *Writer {
	w := &Writer{spooler: s, charged: overhead}
	w.budget().force(w.charged)
	return w
}

// A reservation implements [connectors.Spool].
type reservation struct {
	mu     sync.Mutex
	writer *Writer // nil once used or cancelled
}

// Fill implements [connectors.Spool].
func (r *reservation) Fill(from io.Reader) (connectors.Content, error) {
	r.mu.Lock()
	w := r.writer
	r.writer = nil
	r.mu.Unlock()
	if w == nil {
		return nil, ErrClosed
	}
	defer w.Cancel()
	buf := w.spooler.chunks.Get().(*[]byte)
	defer w.spooler.chunks.Put(buf)
	if _, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{from}, *buf); err != nil {
		return nil, err
	}
	c, err := w.Finish()
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Cancel implements [connectors.Spool].
func (r *reservation) Cancel() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.writer != nil {
		r.writer.Cancel()
		r.writer = nil
	}
}
