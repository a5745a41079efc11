package spool

import (
	"container/list"
	"context"
	"sync"
)

// A budget is room that is handed out in the order in which it was asked for:
// nobody overtakes, so that a large item is not starved by small ones.
type budget struct {
	limit int64

	mu      sync.Mutex
	used    int64
	waiting list.List // of *waiter, the first asked first
}

type waiter struct {
	n       int64
	granted chan struct{} // closed when n was charged
}

func newBudget(limit int64) *budget { return &budget{limit: limit} }

// acquire charges n, when there is room or nothing else is charged.
func (b *budget) acquire(ctx context.Context, n int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	if b.waiting.Len() == 0 && b.fits(n) {
		b.used += n
		b.mu.Unlock()
		return nil
	}
	w := &waiter{n: n, granted: make(chan struct{})}
	place := b.waiting.PushBack(w)
	b.mu.Unlock()
	select {
	case <-w.granted:
		return nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-w.granted: // granted while giving up: give it back
		b.used -= n
	default:
		b.waiting.Remove(place)
	}
	b.grant()
	return ctx.Err()
}

// force charges n whether there is room or not.
func (b *budget) force(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used += n
}

// release gives n back.
func (b *budget) release(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= n
	b.grant()
}

func (b *budget) inUse() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

func (b *budget) fits(n int64) bool { return b.used == 0 || b.used+n <= b.limit }

// grant lets in whoever is first in the queue and fits, and so on.
func (b *budget) grant() {
	for first := b.waiting.Front(); first != nil; first = b.waiting.Front() {
		w := first.Value.(*waiter)
		if !b.fits(w.n) {
			return
		}
		b.waiting.Remove(first)
		b.used += w.n
		close(w.granted)
	}
}
