package imap

import (
	"context"
	"io"
	"math"

	"golang.org/x/time/rate"
)

// A Budget bounds what all mailboxes on one mail server ask of it together, so
// that a provider does not lock the archive out: the connections open at once,
// the log-ins a minute, and the octets a second. Half of the connections at
// most wait for news; the rest are for reading. It may be used by any number of
// mailboxes. A nil Budget bounds nothing.
type Budget struct {
	connections chan struct{}
	waiting     chan struct{}
	logins      *rate.Limiter
	octets      *rate.Limiter
}

// NewBudget returns a budget. Zero stands for no bound.
func NewBudget(connections, loginsPerMinute int, octetsPerSecond int64) *Budget {
	b := new(Budget)
	if connections > 0 {
		b.connections = make(chan struct{}, connections)
		b.waiting = make(chan struct{}, connections/2)
	}
	if loginsPerMinute > 0 {
		b.logins = rate.NewLimiter(rate.Limit(float64(loginsPerMinute)/60), loginsPerMinute)
	}
	if octetsPerSecond > 0 {
		b.octets = rate.NewLimiter(rate.Limit(octetsPerSecond), max(int(min(octetsPerSecond, math.MaxInt32)), readBuffer))
	}
	return b
}

// A place in the budget belongs to whoever uses connections one after another,
// not to a connection: one that breaks is made anew without waiting, so that
// nobody who has work in hand waits for another who does.

// enter waits for a place, and returns what gives it back.
func (b *Budget) enter(ctx context.Context) (leave func(), err error) {
	if b == nil || b.connections == nil {
		return func() {}, ctx.Err()
	}
	select {
	case b.connections <- struct{}{}:
		return func() { <-b.connections }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// tryEnter takes a place if there is one.
func (b *Budget) tryEnter() (leave func(), ok bool) {
	if b == nil || b.connections == nil {
		return func() {}, true
	}
	select {
	case b.connections <- struct{}{}:
		return func() { <-b.connections }, true
	default:
		return nil, false
	}
}

// tryWait takes a place for waiting for news, if there is one.
func (b *Budget) tryWait() (leave func(), ok bool) {
	if b == nil || b.connections == nil {
		return func() {}, true
	}
	select {
	case b.waiting <- struct{}{}:
	default:
		return nil, false
	}
	back, ok := b.tryEnter()
	if !ok {
		<-b.waiting
		return nil, false
	}
	return func() { back(); <-b.waiting }, true
}

// logIn waits until the next log-in is due.
func (b *Budget) logIn(ctx context.Context) error {
	if b == nil || b.logins == nil {
		return ctx.Err()
	}
	return b.logins.Wait(ctx)
}

// A slowReader reads no faster than the budget allows.
type slowReader struct {
	io.Reader
	ctx    context.Context // of the connection
	octets *rate.Limiter
}

// Read implements [io.Reader].
func (r slowReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if n > 0 {
		if slow := r.octets.WaitN(r.ctx, n); slow != nil && err == nil {
			err = slow
		}
	}
	return n, err
}

// slow makes a connection keep to the budget's octets a second. Reads are at
// most readBuffer long, which the limiter lets through at once.
func (b *Budget) slow(ctx context.Context, g *guardedConn) {
	if b != nil && b.octets != nil {
		g.slow(func(r io.Reader) io.Reader { return slowReader{r, ctx, b.octets} })
	}
}
