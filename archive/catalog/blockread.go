package catalog

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A blockReader gives the holdings of a block one after another.
type blockReader struct {
	u      unpacker
	words  *unpacker // nil: they are not asked for
	shapes []Governed

	row                  int64 // of the record at hand
	of                   Governed
	next                 int64
	sent, captured, last int64
}

// readBlock begins to read a block. Texts go through intern, which returns each
// the same for the same octets.
func readBlock(packed []byte, words *unpacker, intern func([]byte) string) (*blockReader, error) {
	b := &blockReader{u: unpacker{b: packed}, words: words}
	texts := make([]string, b.u.count())
	for i := range texts {
		texts[i] = intern(b.u.octets(b.u.number()))
	}
	b.shapes = make([]Governed, b.u.count())
	for i := range b.shapes {
		var s shape
		for n := range s {
			if of := b.u.number(); of < uint64(len(texts)) {
				s[n] = texts[of]
			} else {
				b.u.damaged = true
			}
		}
		if b.u.damaged {
			return nil, errPacked
		}
		if err := s.spread(&b.shapes[i]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// spread puts the texts of a shape where they belong.
func (s *shape) spread(g *Governed) error {
	g.Kind, g.TextStatus, g.Chat = record.Kind(s[shapeKind]), record.TextStatus(s[shapeStatus]), s[shapeChat]
	g.Source, g.Custodian, g.Channel, g.Folder = s[shapeSource], s[shapeCustodian], record.Channel(s[shapeChannel]), s[shapeFolder]
	g.Class, g.Rule = s[shapeClass], s[shapeRule]
	f := &g.Facts
	f.Kind, f.Source, f.Custodian, f.Channel, f.Folder = record.Kind(s[shapeFactsKind]), s[shapeFactsSource], s[shapeFactsCustodian], record.Channel(s[shapeFactsChannel]), s[shapeFactsFolder]
	f.Role, f.Grade, f.Mailbox, f.Significance = s[shapeRole], s[shapeGrade], s[shapeMailbox], s[shapeSignificance]
	if m := s[shapeManual]; m != "" {
		g.Manual, g.Reason = true, m[1:]
	}
	if s[shapeWas] != "" {
		if err := json.Unmarshal([]byte(s[shapeWas]), &g.Was); err != nil {
			return err
		}
	}
	if s[shapeReviews] != "" {
		n, err := strconv.Atoi(s[shapeReviews])
		if err != nil {
			return errPacked
		}
		g.Reviews = n
	}
	if s[shapeReview] == "" {
		return nil
	}
	g.Review = new(LastReview)
	return json.Unmarshal([]byte(s[shapeReview]), g.Review)
}

// read gives the next holding and its record's row number, and false after the
// last.
func (b *blockReader) read(g *Governed) (row int64, more bool, err error) {
	if len(b.u.b) == 0 {
		return 0, false, nil
	}
	flags := b.u.number()
	if flags&newRecord != 0 {
		b.row += int64(b.u.number())
		b.record(flags)
	}
	holding := b.row + b.u.signed()
	of := b.u.number()
	if b.u.damaged || of >= uint64(len(b.shapes)) {
		return 0, false, errPacked
	}
	*g = b.shapes[of]
	g.Record, g.First, g.Count, g.Entry = b.of.Record, b.of.First, b.of.Count, entryOf(holding)
	b.times(flags, &g.Facts)
	if flags&sinceOther != 0 {
		b.last += b.u.signed()
		g.Since = time.UnixMilli(b.last).UTC()
	} else {
		g.Since = time.UnixMilli(g.Facts.Captured.UnixMilli()).UTC()
	}
	if b.words != nil {
		b.words.words(&g.Facts)
	}
	if b.u.damaged || b.words != nil && b.words.damaged {
		return 0, false, errPacked
	}
	return b.row, true, nil
}

// record takes what is of the record.
func (b *blockReader) record(flags uint64) {
	if flags&oddID != 0 {
		b.of.Record = record.ID(b.u.text())
	} else if bits := b.u.octets(20); bits != nil {
		b.of.Record = record.IDOf([20]byte(bits))
	}
	first := b.next + b.u.signed()
	b.of.First, b.of.Count = record.MessageNo(first), int(b.u.number())
	b.next = first + int64(b.of.Count)
}

// times takes the times of the facts.
func (b *blockReader) times(flags uint64, f *record.Facts) {
	f.DateSuspect = flags&factFlags != 0
	for i, to := range [...]*time.Time{&f.Sent, &f.Received, &f.Captured, &f.LastModified} {
		if flags&(factFlags<<(1+i)) == 0 {
			continue
		}
		from := &b.sent
		if i == 2 {
			from = &b.captured
		}
		seconds := *from + b.u.signed()
		if i == 0 || i == 2 {
			*from = seconds
		}
		var nanos uint64
		if flags&finer != 0 {
			nanos = b.u.number()
		}
		*to = time.Unix(seconds, int64(nanos)).UTC()
	}
}
