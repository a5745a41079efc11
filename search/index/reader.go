package index

import (
	"context"
	"errors"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/language"
)

// A Reader is a view of the index that does not change while it is open,
// whatever is added or removed. It may be used from several goroutines. An
// open reader keeps removed documents on disk: close it soon.
type Reader struct {
	snapshot *scorch.IndexSnapshot
	segments []*scorch.SegmentSnapshot
	tables   []*table
	dir      string
	fuzzy    fuzzyBuilders
}

func (g *generation) reader() (*Reader, error) {
	r, err := g.bleve.Reader()
	if err != nil {
		return nil, err
	}
	snapshot, ok := r.(*scorch.IndexSnapshot)
	if !ok || snapshot == nil {
		return nil, ErrClosed
	}
	segments := snapshot.Segments()
	tabs, err := g.tables.of(segments)
	if err != nil {
		snapshot.Close()
		return nil, &DamagedError{Dir: g.dir, Err: err}
	}
	return &Reader{snapshot: snapshot, segments: segments, tables: tabs, dir: g.dir}, nil
}

// Close ends the view.
func (r *Reader) Close() error { return r.snapshot.Close() }

// Numbers returns the numbers of all messages in the index. The caller may
// change the set.
func (r *Reader) Numbers() (*roaring64.Bitmap, error) {
	set := roaring64.New()
	for i, s := range r.segments {
		r.tables[i].into(set, s.DocNumbersLive())
	}
	return set, nil
}

// Match returns the numbers of all messages that meet the condition. The
// caller may change the set. It is exact and has no upper limit.
func (r *Reader) Match(ctx context.Context, c Condition) (*roaring64.Bitmap, error) {
	set := roaring64.New()
	built := automata{make(map[Pattern]segment.Automaton), &r.fuzzy}
	for i, s := range r.segments {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		docs, err := c.match(ctx, &view{s, built, r.tables[i].languages})
		if err != nil {
			return nil, r.explain(ctx, err)
		}
		if deleted := s.Deleted(); deleted != nil {
			docs = roaring.AndNot(docs, deleted)
		}
		r.tables[i].into(set, docs)
	}
	return set, nil
}

// explain says what an error of a match means: unless the caller or the
// condition is at fault, a chunk of a file could not be opened.
func (r *Reader) explain(ctx context.Context, err error) error {
	var pattern *PatternError
	if ctx.Err() != nil || errors.Is(err, ErrTooDense) || errors.As(err, &pattern) {
		return err
	}
	return &DamagedError{Dir: r.dir, Err: err}
}

// ids returns the ids of every document of these messages.
func (r *Reader) ids(numbers []record.MessageNo) ([]string, error) {
	var ids []string
	for _, s := range r.segments {
		if len(numbers) == 0 {
			break
		}
		dict, err := s.Segment().Dictionary(idField)
		if err != nil {
			return nil, err
		}
		for _, no := range numbers {
			err := eachTerm(dict, nil, termRange{[]byte(docID(no, 0)), []byte(docID(no+1, 0))}, func(term string) error {
				ids = append(ids, term)
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return ids, nil
}

// eachTerm calls visit for every term of the dictionary in the range that the
// automaton accepts. A nil bound or automaton is none.
func eachTerm(dict segment.TermDictionary, accept segment.Automaton, in termRange, visit func(string) error) error {
	terms := dict.AutomatonIterator(accept, in.start, in.end)
	if quick, ok := dict.(interface {
		AutomatonIteratorOmitCount(segment.Automaton, []byte, []byte) segment.DictionaryIterator
	}); ok {
		terms = quick.AutomatonIteratorOmitCount(accept, in.start, in.end)
	}
	for {
		entry, err := terms.Next()
		if err != nil || entry == nil {
			return err
		}
		if err := visit(entry.Term); err != nil {
			return err
		}
	}
}

// A view is one segment of a reader.
type view struct {
	*scorch.SegmentSnapshot
	built automata
	langs language.Set
}

// postings returns the documents of a term. The set must not be changed.
func postings(dict segment.TermDictionary, term string) (*roaring.Bitmap, error) {
	list, err := dict.PostingsList([]byte(term), nil, nil)
	if err != nil {
		return nil, err
	}
	switch it := list.Iterator(false, false, false, nil).(type) {
	case segment.OptimizablePostingsIterator:
		if doc, ok := it.DocNum1Hit(); ok {
			return roaring.BitmapOf(uint32(doc)), nil
		}
		if docs := it.ActualBitmap(); docs != nil {
			return docs, nil
		}
	}
	return roaring.New(), nil
}

// union returns the documents of any of the terms of a field.
func (v *view) union(field string, terms []string) (*roaring.Bitmap, error) {
	dict, err := v.Segment().Dictionary(field)
	if err != nil {
		return nil, err
	}
	docs := roaring.New()
	for _, t := range terms {
		p, err := postings(dict, t)
		if err != nil {
			return nil, err
		}
		docs.Or(p)
	}
	return docs, nil
}

// unionRanges returns the documents of any term of a field in the ranges.
func (v *view) unionRanges(ctx context.Context, field string, ranges []termRange) (*roaring.Bitmap, error) {
	dict, err := v.Segment().Dictionary(field)
	if err != nil {
		return nil, err
	}
	docs := roaring.New()
	for _, in := range ranges {
		err := eachTerm(dict, nil, in, func(term string) error {
			p, err := postings(dict, term)
			if err != nil {
				return err
			}
			docs.Or(p)
			return ctx.Err()
		})
		if err != nil {
			return nil, err
		}
	}
	return docs, nil
}
