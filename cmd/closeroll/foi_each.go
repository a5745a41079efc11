package main

import (
	"context"
	"iter"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/reader"
	"github.com/closeroll/closeroll/search/foi"
)

// How much of a set is open at once: so many records, and of those that are
// fetched so many sealed octets. One that is larger is opened with no other.
const (
	openers  = 4
	openable = 64 << 20
)

// A made thing is what was made of an item, or why it was not.
type made[T any] struct {
	of  T
	err error
}

// A sitting is the items of one record that follow one another in a set: they
// are made of one opening.
type sitting[T any] struct {
	items []*foi.Item
	out   chan made[T]
}

// A walk opens the records of a set's items, several at once.
type walk[T any] struct {
	lectern *lectern
	make    func(context.Context, *lectern, *foi.Item) (T, error)
	order   chan *sitting[T] // in which they are read, by whoever wants what is made
	workers errgroup.Group
	weight  *semaphore.Weighted
}

// eachItem opens the records of items, several at once, and yields what make
// makes of each, in the order of the items. make is called from many goroutines,
// each time with a lectern on which the item's record lies open, its attachments
// read. What is open and what waits to be taken is bounded, however many items
// there are. An error ends it.
func eachItem[T any](ctx context.Context, l *lectern, items []*foi.Item, create func(context.Context, *lectern, *foi.Item) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		w := &walk[T]{lectern: l, make: create, order: make(chan *sitting[T], openers), weight: semaphore.NewWeighted(openable)}
		w.workers.SetLimit(openers)
		fetched := make(chan struct{})
		go func() {
			defer close(fetched)
			w.fetch(ctx, items)
		}()
		defer func() {
			cancel()
			<-fetched
			_ = w.workers.Wait() // workers hand on their errors
		}()
		for s := range w.order {
			for m := range s.out {
				if !yield(m.of, m.err) || m.err != nil {
					return
				}
			}
		}
		if err := ctx.Err(); err != nil {
			var none T
			yield(none, err)
		}
	}
}

// fetch fetches the records in their order, and gives each to a worker. Room is
// taken in that order too: whoever is waited for always has it.
func (w *walk[T]) fetch(ctx context.Context, items []*foi.Item) {
	defer close(w.order)
	ids, sittings := sit[T](items)
	n := 0
	for sealed, err := range w.lectern.reader.FetchEach(ctx, ids, w.lectern.ref) {
		s := sittings[n]
		n++
		size := int64(0)
		if err == nil {
			size = min(sealed.Size, openable)
			if err = w.weight.Acquire(ctx, size); err != nil {
				sealed.Close()
			}
		}
		if err != nil {
			s.out <- made[T]{err: opening(err)}
			close(s.out)
		}
		select {
		case w.order <- s:
		case <-ctx.Done():
			if err == nil {
				sealed.Close()
			}
			return
		}
		if err != nil {
			return
		}
		w.workers.Go(func() error {
			defer w.weight.Release(size)
			defer close(s.out)
			w.open(ctx, s, sealed)
			return nil
		})
	}
}

// sit divides items by record.
func sit[T any](items []*foi.Item) (ids []record.ID, sittings []*sitting[T]) {
	for _, it := range items {
		id := record.ID(it.Record())
		if n := len(ids); n == 0 || ids[n-1] != id {
			ids, sittings = append(ids, id), append(sittings, &sitting[T]{out: make(chan made[T], 1)})
		}
		last := sittings[len(sittings)-1]
		last.items = append(last.items, it)
	}
	return ids, sittings
}

// open opens a record and makes its items.
func (w *walk[T]) open(ctx context.Context, s *sitting[T], sealed *reader.Sealed) {
	l := &lectern{reader: w.lectern.reader, ref: w.lectern.ref, extract: w.lectern.extract}
	err := l.lay(ctx, s.items[0], sealed)
	for _, it := range s.items {
		m := made[T]{err: err}
		if err == nil {
			m.of, m.err = w.make(ctx, l, it)
		}
		select {
		case s.out <- m:
		case <-ctx.Done():
			return
		}
		if m.err != nil {
			return
		}
	}
}
