package ingest

import (
	"context"
	"sync"
)

// maxPending is how much text is prepared ahead of what is committed. Content
// waits in the spool, which has caps of its own; its text is in memory.
const maxPending = 16 << 20

// A gauge counts what is pending, so that workers do not run ahead without
// bound. A worker waits after it has handed its slot over, never before: slots
// are committed in order, and what an earlier one needs must not wait for a
// later one.
type gauge struct {
	mu      sync.Mutex
	level   int64
	changed chan struct{} // closed, and replaced, when the level falls
}

func newGauge() *gauge { return &gauge{changed: make(chan struct{})} }

// add raises the level by n, or lowers it.
func (g *gauge) add(n int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.level += n
	if n < 0 {
		close(g.changed)
		g.changed = make(chan struct{})
	}
}

// await waits until the level is at most limit, or the context ends.
func (g *gauge) await(ctx context.Context, limit int64) {
	for ctx.Err() == nil {
		g.mu.Lock()
		level, changed := g.level, g.changed
		g.mu.Unlock()
		if level <= limit {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// text returns how many octets of text for the index are in memory.
func (p *prepared) text() (n int64) {
	for _, d := range p.drafts {
		n += d.text
	}
	return n
}
