package index

import (
	"fmt"
	"slices"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"github.com/closeroll/closeroll/internal/language"
)

// Bleve counts the documents of a segment from 0; those local numbers are what
// postings hold. A table gives the message number of each, and the languages
// that texts of the segment are read in, so that a word is looked up in no
// others. It is made once for each segment, which never changes, from the
// segment's dictionaries, and takes eight bytes a document.
type table struct {
	numbers   []uint64
	min, max  uint64
	languages language.Set
}

// tables are the tables of the segments in use.
type tables struct {
	mu        sync.Mutex
	bySegment map[uint64]*table
}

// of returns the table of each segment, making those that are missing, and
// forgets those of segments that are gone.
func (t *tables) of(segments []*scorch.SegmentSnapshot) ([]*table, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	next := make(map[uint64]*table, len(segments))
	out := make([]*table, len(segments))
	for i, s := range segments {
		tab := t.bySegment[s.Id()]
		if tab == nil || len(tab.numbers) != int(s.FullSize()) {
			var err error
			if tab, err = newTable(s.Segment()); err != nil {
				return nil, err
			}
		}
		next[s.Id()], out[i] = tab, tab
	}
	t.bySegment = next
	return out, nil
}

func newTable(s segment.Segment) (*table, error) {
	dict, err := s.Dictionary(idField)
	if err != nil {
		return nil, err
	}
	t := &table{numbers: make([]uint64, s.Count()), min: ^uint64(0)}
	props, err := s.Dictionary(properties)
	if err != nil {
		return nil, err
	}
	for _, p := range []rune{propLanguage, propReadIn} {
		err := eachTerm(props, nil, prefixRange(string(p)), func(term string) error {
			t.languages |= language.Of(term[1:])
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	var list segment.PostingsList
	var it segment.PostingsIterator
	terms := dict.AutomatonIterator(nil, nil, nil)
	for {
		entry, err := terms.Next()
		if err != nil {
			return nil, err
		}
		if entry == nil {
			return t, nil
		}
		if list, err = dict.PostingsList([]byte(entry.Term), nil, list); err != nil {
			return nil, err
		}
		it = list.Iterator(false, false, false, it)
		p, err := it.Next()
		if err != nil {
			return nil, err
		}
		if p == nil || p.Number() >= uint64(len(t.numbers)) {
			return nil, fmt.Errorf("the index's dictionary of ids is inconsistent")
		}
		no := uint64(docNo(entry.Term))
		t.numbers[p.Number()] = no
		t.min, t.max = min(t.min, no), max(t.max, no)
	}
}

// fewNumbers is the number of documents below which sorting is the faster way.
const fewNumbers = 2048

// into adds the message numbers of a segment's documents to a set.
func (t *table) into(set *roaring64.Bitmap, docs *roaring.Bitmap) {
	n := docs.GetCardinality()
	if n == 0 {
		return
	}
	base := t.min &^ 0xffff
	if n < fewNumbers || t.max>>32 != 0 || t.max-base > 64*uint64(len(t.numbers))+1<<20 {
		numbers := make([]uint64, 0, n)
		for it := docs.Iterator(); it.HasNext(); {
			numbers = append(numbers, t.numbers[it.Next()])
		}
		slices.Sort(numbers)
		set.AddMany(numbers)
		return
	}
	dense := make([]uint64, (t.max-base)/64+1)
	for it := docs.ManyIterator(); ; {
		var buf [1024]uint32
		k := it.NextMany(buf[:])
		if k == 0 {
			break
		}
		for _, d := range buf[:k] {
			v := t.numbers[d] - base
			dense[v/64] |= 1 << (v % 64)
		}
	}
	low := roaring.FromDense(dense, false)
	if base != 0 {
		low = roaring.AddOffset64(low, int64(base))
	}
	set.Or(roaring64.Roaring32AsRoaring64(low))
}
