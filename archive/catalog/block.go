package catalog

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A block is the holdings of a run of records, packed so that a walk over a
// million of them takes seconds: what many share is written once, as a shape,
// and each has the number of its shape, its record's id and its times, as
// differences from those before it. The words of their facts are apart, since
// most walks do not ask for them.
//
// Packed is: the texts, each once; the shapes, each the numbers of its texts;
// the holdings. All numbers are varints.

// The texts of a shape, in their order. Of the facts, source to folder are as
// the capture has them, and mostly the same as the holding's.
const (
	shapeKind = iota
	shapeStatus
	shapeChat
	shapeSource
	shapeCustodian
	shapeChannel
	shapeFolder
	shapeClass
	shapeRule
	shapeManual  // "" or + and the reason
	shapeWas     // JSON
	shapeReviews // how many
	shapeReview  // JSON
	shapeFactsKind
	shapeFactsSource
	shapeFactsCustodian
	shapeFactsChannel
	shapeFactsFolder
	shapeRole
	shapeGrade
	shapeMailbox
	shapeSignificance // as it was assessed, or else of the capture
	shapeTexts        // how many there are
)

type shape [shapeTexts]string

// The flags of a packed holding.
const (
	newRecord  = 1 << iota // its record's id and messages follow
	oddID                  // an id that is a text, and not 160 bits
	sinceOther             // Since is not the time of capture in the facts
	finer                  // nanoseconds follow each time
	factFlags              // × the flags of packed facts from suspectDate on
)

// A blockWriter packs holdings, in the order of their records.
type blockWriter struct {
	texts  map[string]uint64
	shapes map[shape]uint64
	t, s   packer // texts and shapes so far
	p      packer // holdings so far
	w      packer // their words

	row                  int64 // of the record
	next                 int64 // number of the message after the record's last
	sent, captured, last int64
}

func newBlockWriter() *blockWriter {
	return &blockWriter{texts: map[string]uint64{}, shapes: map[shape]uint64{}}
}

// A blockRow is a holding to be packed.
type blockRow struct {
	row, holding int64 // of their tables
	id           record.ID
	first, count int64
	shape        shape
	facts        record.Facts
	since        int64 // milliseconds
}

func (w *blockWriter) add(r *blockRow) {
	f := &r.facts
	times := [...]time.Time{f.Sent, f.Received, f.Captured, f.LastModified}
	var flags uint64
	if f.DateSuspect {
		flags |= factFlags
	}
	for i, at := range times {
		if !at.IsZero() {
			flags |= factFlags << (1 + i)
		}
		if at.Nanosecond() != 0 {
			flags |= finer
		}
	}
	bits, whole := r.id.Octets()
	if r.row != w.row {
		flags |= newRecord
	}
	if !whole {
		flags |= oddID
	}
	if f.Captured.IsZero() || r.since != f.Captured.UnixMilli() {
		flags |= sinceOther
	}
	w.p.number(flags)
	if flags&newRecord != 0 {
		w.p.number(uint64(r.row - w.row))
		if whole {
			w.p.b = append(w.p.b, bits[:]...)
		} else {
			w.p.text(string(r.id))
		}
		w.p.signed(r.first - w.next)
		w.p.number(uint64(r.count))
		w.row, w.next = r.row, r.first+r.count
	}
	w.p.signed(r.holding - r.row)
	w.p.number(w.shape(&r.shape))
	w.times(flags, times)
	if flags&sinceOther != 0 {
		w.p.signed(r.since - w.last)
		w.last = r.since
	}
	w.w.words(f)
}

// times are differences: sent from the last one, received and modified from
// sent, captured from the last.
func (w *blockWriter) times(flags uint64, times [4]time.Time) {
	for i, at := range times {
		if at.IsZero() {
			continue
		}
		from := &w.sent
		if i == 2 {
			from = &w.captured
		}
		seconds := at.Unix()
		w.p.signed(seconds - *from)
		if i == 0 || i == 2 {
			*from = seconds
		}
		if flags&finer != 0 {
			w.p.number(uint64(at.Nanosecond()))
		}
	}
}

func (w *blockWriter) shape(s *shape) uint64 {
	n, ok := w.shapes[*s]
	if !ok {
		n = uint64(len(w.shapes))
		w.shapes[*s] = n
		for _, text := range s {
			w.s.number(w.text(text))
		}
	}
	return n
}

func (w *blockWriter) text(s string) uint64 {
	n, ok := w.texts[s]
	if !ok {
		n = uint64(len(w.texts))
		w.texts[s] = n
		w.t.text(s)
	}
	return n
}

// packed is the block; words are apart.
func (w *blockWriter) packed() (packed, words []byte) {
	out := packer{make([]byte, 0, len(w.t.b)+len(w.s.b)+len(w.p.b)+20)}
	out.number(uint64(len(w.texts)))
	out.b = append(out.b, w.t.b...)
	out.number(uint64(len(w.shapes)))
	out.b = append(out.b, w.s.b...)
	return append(out.b, w.p.b...), w.w.b
}
