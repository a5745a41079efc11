package whatsapp

import (
	"io"
	"strings"
	"sync/atomic"

	"github.com/closeroll/closeroll/connectors/chat/container"
)

// A text is a transcript, or one of the two that somebody joined. What is short
// is held in memory; the rest is read where it is, a window at a time.
type text struct {
	whole string // all of it, if it is held
	r     io.ReaderAt
	from  int64 // of the text in r
	size  int64
	step  int // octets of a window
	fault *fault
	kept  io.Closer // what the text is read from, where that is the text's own
}

// close lets go of what the text is read from.
func (t *text) close() {
	if t.kept != nil {
		t.kept.Close()
	}
}

const (
	heldText    = 4 << 20   // up to this length a text is held: phones export as much without media
	windowStep  = 256 << 10 // octets of a longer text that are in memory at a time
	firstWindow = 16 << 10  // of a reader that may look at one place only
)

// lookAhead is how much of a line must be in a window for its header to be
// found, or found not to be there.
const lookAhead = maxLead + maxStamp + 64

// headOf is how much of a record's first line is looked at for a sender.
const headOf = 4 << 10

// A fault keeps the first error of reading a text.
type fault struct{ err atomic.Pointer[error] }

func (f *fault) note(err error) { f.err.CompareAndSwap(nil, &err) }

func (f *fault) Err() error {
	if err := f.err.Load(); err != nil {
		return *err
	}
	return nil
}

// held is a text that is in memory.
func held(s string) *text {
	return &text{whole: s, size: int64(len(s)), fault: &fault{}}
}

// textOf returns a text that can be read at random for as long as r can.
func textOf(r io.ReaderAt, size int64) (*text, error) {
	if size > heldText {
		return &text{r: r, size: size, step: windowStep, fault: &fault{}}, nil
	}
	s, err := container.ReadText(io.NewSectionReader(r, 0, size), size)
	return held(s), err
}

// part returns a part of the text.
func (t *text) part(from, to int64) *text {
	p := *t
	if p.size = to - from; t.r == nil {
		p.whole = t.whole[from:to]
	}
	p.from += from
	return &p
}

// most is how much of the text is in memory at a time.
func (t *text) most() int64 {
	if t.r == nil {
		return t.size
	}
	return int64(t.step)
}

// A window is what one reader of a text has of it in memory. Its strings may be
// kept; one that is kept keeps all of what was read with it.
type window struct {
	of   *text
	s    string
	at   int64 // where s is in the text
	step int
	buf  []byte
}

func (t *text) window() *window { return &window{of: t, s: t.whole} }

// slice returns the octets of the text from from up to to. Where they cannot be
// read it returns none, and the text's fault says why.
func (w *window) slice(from, to int64) string {
	if from >= w.at && to <= w.at+int64(len(w.s)) && from <= to {
		return w.s[from-w.at : to-w.at]
	}
	return w.move(from, to)
}

// move reads the window that begins at from. Windows grow while each begins in
// the one before, so that who looks at one place does not read far.
func (w *window) move(from, to int64) string {
	t := w.of
	if t.r == nil || from < 0 || to > t.size || from >= to {
		return ""
	}
	if from < w.at || from > w.at+int64(len(w.s)) {
		w.step = 0
	}
	w.step = min(max(4*w.step, firstWindow), t.step)
	n := int(max(to-from, min(int64(w.step), t.size-from)))
	if cap(w.buf) < n {
		w.buf = make([]byte, n)
	}
	buf := w.buf[:n]
	if got, err := t.r.ReadAt(buf, t.from+from); got < n {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		t.fault.note(err)
		w.s, w.at = "", 0
		return ""
	}
	w.s, w.at = string(buf), from
	return w.s[:to-from]
}

// head returns up to n octets of the text from from on.
func (w *window) head(from int64, n int64) string {
	return w.slice(from, min(from+n, w.of.size))
}

// content reads the text at random.
func (t *text) content() io.ReaderAt {
	if t.r == nil {
		return strings.NewReader(t.whole)
	}
	return t.r
}
