package signal

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"io"
	"sync/atomic"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/chat/container"
)

// A text is main.jsonl, or the lines of a day of it. What is short is held in
// memory; the rest is read where it is.
type text struct {
	io.ReaderAt
	size  int64
	fault atomic.Pointer[error] // the first error of reading it anew
	kept  io.Closer             // what it is read from, where that is its own
}

const (
	heldText   = 4 << 20   // up to this length a text is held
	windowSize = 256 << 10 // octets of a longer one that a reader has in memory, but for a longer line
	firstRead  = 8 << 10   // of a reader that may look at one place only
)

// maxText is how long a text can be for a line to point into it.
const maxText = 1<<32 - 1

func (t *text) err() error {
	if err := t.fault.Load(); err != nil {
		return *err
	}
	return nil
}

// close lets go of what the text is read from.
func (t *text) close() {
	if t.kept != nil {
		t.kept.Close()
	}
}

// textOf returns a text that can be read for as long as r can.
func textOf(r io.ReaderAt, size int64, limits chat.Limits) (*text, error) {
	if size > min(limits.Transcript, maxText) {
		return nil, tooLong(size, min(limits.Transcript, maxText))
	}
	if size > heldText {
		return &text{ReaderAt: r, size: size}, nil
	}
	held := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), held); err != nil {
		return nil, err
	}
	return &text{ReaderAt: bytes.NewReader(held), size: size}, nil
}

// entryText makes a text of an entry, which cannot be read at random: it is held
// in memory, or kept where the options say.
func entryText(f *zip.File, opt chat.Options) (*text, error) {
	size := int64(f.UncompressedSize64)
	switch {
	case size > opt.Limits.Transcript:
		return nil, tooLong(size, opt.Limits.Transcript)
	case size > heldText && opt.Keep != nil:
		kept, err := container.Keep(f, opt.Keep)
		if err != nil {
			return nil, err
		}
		t, err := textOf(kept, size, opt.Limits)
		if err != nil {
			return nil, errors.Join(err, kept.Close())
		}
		t.kept = kept
		return t, nil
	case size > chat.MaxHeld:
		return nil, tooLong(size, chat.MaxHeld)
	}
	held, err := container.Text(f)
	return &text{ReaderAt: bytes.NewReader([]byte(held)), size: size}, err
}

func tooLong(size, limit int64) error {
	return chat.Refuse(record.ReasonBomb, "%s has %d octets, more than the limit of %d", transcriptName, size, limit)
}

// lines calls take with every line in order, its end included; the octets are
// gone when take returns. A line that is longer than any message is refused.
func (t *text) lines(limit int64, take func(at int64, line []byte) error) error {
	r := bufio.NewReaderSize(io.NewSectionReader(t, 0, t.size), windowSize)
	var long []byte
	for at := int64(0); at < t.size; {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) || len(long) > 0 {
			if int64(len(long)+len(line)) > limit {
				return chat.Refuse(record.ReasonBomb, "a line of %s has more than the limit of %d octets", transcriptName, limit)
			}
			long = append(long, line...)
			line = long
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && err != io.EOF:
			return err
		case len(line) == 0:
			return io.ErrUnexpectedEOF
		}
		if err := take(at, line); err != nil {
			return err
		}
		at, long = at+int64(len(line)), long[:0]
	}
	return nil
}

// A window is what one reader of a text has of it in memory. It reads further
// ahead while it is read in order.
type window struct {
	of  *text
	at  int64 // where b is in the text
	b   []byte
	buf []byte
}

// line returns the octets of a line, until the next is asked for; nil where they
// cannot be read, and then the text's fault says why.
func (w *window) line(l line) []byte {
	from, length := int64(l.start), int64(l.length)
	if from >= w.at && from+length <= w.at+int64(len(w.b)) {
		return w.b[from-w.at:][:length]
	}
	ahead := int64(firstRead)
	if from >= w.at && from <= w.at+int64(len(w.b)) {
		ahead = min(max(4*int64(len(w.b)), firstRead), windowSize)
	}
	n := max(length, min(ahead, w.of.size-from))
	if int64(cap(w.buf)) < n {
		w.buf = make([]byte, n)
	}
	w.at, w.b = from, w.buf[:n]
	if got, err := w.of.ReadAt(w.b, from); int64(got) < n {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		w.of.fault.CompareAndSwap(nil, &err)
		w.b = nil
		return nil
	}
	return w.b[:length]
}
