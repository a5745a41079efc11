package search

import (
	"context"
	"fmt"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/index"
)

// A Catalog answers what can change about messages, and what is so of messages
// that the index does not hold. Numbers are message numbers. The engine does
// not change the sets that it returns, nor keeps them.
type Catalog interface {
	// Live returns every message that is captured and not disposed of.
	Live(ctx context.Context) (*roaring64.Bitmap, error)

	// Match returns the messages with this value of a property, compared
	// without regard to case; a trailing * stands for any rest. Properties are
	// the fields of [Fields] that take a value of the catalog's, and kind.
	Match(ctx context.Context, property, value string) (*roaring64.Bitmap, error)

	// Having returns the messages with exactly this value of a property.
	Having(ctx context.Context, property, value string) (*roaring64.Bitmap, error)

	// Values lists the values that a property has, sorted.
	Values(ctx context.Context, property string) ([]string, error)

	// Sent returns the messages with a trustworthy time of their own of from
	// or later and before until; a zero bound is open.
	Sent(ctx context.Context, from, until time.Time) (*roaring64.Bitmap, error)

	// Undated returns the messages without a trustworthy time of their own.
	Undated(ctx context.Context) (*roaring64.Bitmap, error)

	// Unsearchable returns the messages some of whose text nobody here could
	// read, so that it is not in the index.
	Unsearchable(ctx context.Context) (*roaring64.Bitmap, error)

	// Quarantined returns the live messages that must not be searched before a
	// person has released them; nothing of them is in the index.
	Quarantined(ctx context.Context) (*roaring64.Bitmap, error)

	// WithID returns the messages of the records whose id begins so.
	WithID(ctx context.Context, prefix string) (*roaring64.Bitmap, error)

	// CopiesOf returns the messages of the record whose id begins so, or the n-th
	// of them if n is not 0, with every message that is a copy of one of them.
	CopiesOf(ctx context.Context, prefix string, n int) (*roaring64.Bitmap, error)

	// Group returns one message of each copy group that has any in set. Messages
	// of one copy group are of one kind.
	Group(ctx context.Context, set *roaring64.Bitmap) (*roaring64.Bitmap, error)

	// InThread returns the messages of the thread of the record whose id
	// begins so.
	InThread(ctx context.Context, prefix string) (*roaring64.Bitmap, error)
}

// Holds is what a Catalog may be able to say besides.
type Holds interface {
	// OnHold returns the messages of which a hold that is in force covers any
	// possession, by the same rules by which disposal is kept from them.
	OnHold(ctx context.Context) (*roaring64.Bitmap, error)
}

// An Index gives consistent views of what is indexed: an [*index.Index] does.
type Index interface {
	Reader() (*index.Reader, error)
	Generation() string
}

// An Engine answers queries. It may be used from several goroutines.
type Engine struct {
	catalog Catalog
	index   Index
}

// New returns an engine over a catalog and an index.
func New(catalog Catalog, ix Index) *Engine { return &Engine{catalog, ix} }

// Options narrow a search.
type Options struct {
	// Withheld is what the caller may not read; hits in it are only counted.
	Withheld *roaring64.Bitmap
}

// An Answer is what a search found. Hits and the sets of what is
// undecided or in quarantine do not overlap. A copy of a hit is counted only if it meets the
// query too and the caller may read it.
type Answer struct {
	Query         string              `json:"query"`
	Parsed        string              `json:"parsed"`
	Explanation   []string            `json:"explanation"`
	Notices       []Notice            `json:"notices,omitempty"`
	Total         int                 `json:"total"` // of Hits: every copy that is kept
	ByKind        map[record.Kind]int `json:"by_kind"`
	Messages      int                 `json:"messages"` // of Groups: each message once, however many copies of it
	OfKind        map[record.Kind]int `json:"messages_by_kind"`
	DateUndecided int                 `json:"date_undecided"`
	NotSearched   int                 `json:"not_searched"` // some of whose text could not be read
	NotIndexed    int                 `json:"not_indexed"`
	InQuarantine  int                 `json:"in_quarantine"`    // that might meet the query; nobody may search them
	Withheld      int                 `json:"withheld"`         // hits that the caller may not read
	WithheldOpen  int                 `json:"withheld_unclear"` // undecided messages that the caller may not read
	Coverage      Coverage            `json:"coverage"`
	Index         string              `json:"index"` // generation and mapping

	Hits       *roaring64.Bitmap `json:"-"` // certainly meet the query
	Groups     *roaring64.Bitmap `json:"-"` // of Hits, one of each copy group
	ToBeDated  *roaring64.Bitmap `json:"-"` // would, if their date did
	Unsearched *roaring64.Bitmap `json:"-"` // would, if text that nobody could read did
	Unindexed  *roaring64.Bitmap `json:"-"` // would, if their words did
	Quarantine *roaring64.Bitmap `json:"-"` // would, if their words did, which nobody may search
	Hidden     *roaring64.Bitmap `json:"-"` // of all five, what the caller may not read
}

// Coverage says how many of the live messages the index holds, of those that
// are not in quarantine.
type Coverage struct {
	Indexed   int  `json:"indexed"`
	Journaled int  `json:"journalled"`
	Complete  bool `json:"complete"`
}

// String returns "complete", or INCOMPLETE with the figures.
func (c Coverage) String() string {
	if c.Complete {
		return "complete"
	}
	return fmt.Sprintf("INCOMPLETE: %d of %d messages indexed", c.Indexed, c.Journaled)
}

// Search answers a query exactly, as of one moment of the index.
//
// Every condition is decided three ways: met, not met, or open because a date
// is missing, a message is not indexed, or text could not be read. AND, OR and
// NOT join them as in Kleene's logic: NOT of open is open; open AND not met is
// not met; open OR met is met. So a message is listed as undecided only if its
// answer hangs on what is unknown.
func (e *Engine) Search(ctx context.Context, q *Query, o Options) (*Answer, error) {
	ev, err := e.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer ev.reader.Close()
	s, err := q.Root.evaluate(ev)
	if err != nil {
		return nil, q.refused(err)
	}
	a := &Answer{Query: q.Source, Parsed: q.String(), Explanation: q.ExplainIn(ev.reader.ReadIn()), Notices: append(q.Notices, ev.notices...)}
	a.Index = e.index.Generation() + " " + index.Mapping
	a.Coverage = ev.coverage()
	a.Hits = s.yes.Clone()
	open := roaring64.AndNot(s.possible, s.yes)
	a.Unindexed = roaring64.AndNot(roaring64.And(open, ev.unindexed), ev.quarantined)
	a.Quarantine = roaring64.And(open, roaring64.And(ev.unindexed, ev.quarantined))
	a.ToBeDated = roaring64.AndNot(open, ev.unindexed)
	a.Unsearched = roaring64.AndNot(s.wide, s.possible)
	a.withhold(o.Withheld)
	return a, a.count(ctx, e.catalog)
}

// withhold takes out of the sets what the caller may not read.
func (a *Answer) withhold(w *roaring64.Bitmap) {
	a.Hidden = roaring64.New()
	if w == nil {
		return
	}
	a.Hidden = roaring64.And(a.Hits, w)
	a.Withheld = int(a.Hidden.GetCardinality())
	a.Hits = roaring64.AndNot(a.Hits, w)
	for _, set := range []**roaring64.Bitmap{&a.ToBeDated, &a.Unindexed, &a.Unsearched, &a.Quarantine} {
		a.Hidden.Or(roaring64.And(*set, w))
		*set = roaring64.AndNot(*set, w)
	}
	a.WithheldOpen = int(a.Hidden.GetCardinality()) - a.Withheld
}

func (a *Answer) count(ctx context.Context, c Catalog) error {
	a.Total = int(a.Hits.GetCardinality())
	a.DateUndecided = int(a.ToBeDated.GetCardinality())
	a.NotSearched = int(a.Unsearched.GetCardinality())
	a.NotIndexed = int(a.Unindexed.GetCardinality())
	a.InQuarantine = int(a.Quarantine.GetCardinality())
	a.ByKind, a.OfKind = make(map[record.Kind]int), make(map[record.Kind]int)
	var err error
	if a.Groups, err = c.Group(ctx, a.Hits); err != nil {
		return err
	}
	a.Messages = int(a.Groups.GetCardinality())
	for _, k := range []record.Kind{record.Email, record.ChatDay, record.Export, record.Note} {
		set, err := c.Match(ctx, "kind", string(k))
		if err != nil {
			return err
		}
		if n := a.Hits.AndCardinality(set); n > 0 {
			a.ByKind[k] = int(n)
			a.OfKind[k] = int(a.Groups.AndCardinality(set))
		}
	}
	return nil
}
