package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
)

// A slot carries one item through the pipeline. Slots are committed in the
// order in which they were made, whichever worker is done first.
type slot struct {
	item  *connectors.Item
	ready chan struct{} // closed when made is set
	made  prepared
	text  int64 // octets of text for the index
}

// release lets go of the item and of what was kept of it. No worker has it any
// more: it is ready, or the workers have ended.
func (s *slot) release() {
	s.made.release()
	s.item.Release()
}

// Run reads the source from where it was last acknowledged to its present end,
// and returns the accounting of what this run saw. An error says why it ended
// early; what is in the counts is archived all the same.
func (p *Pipeline) Run(ctx context.Context, src Source) (record.Counts, error) {
	cursor, moved, err := p.Archive.Catalog.Cursor(ctx, src.Name)
	if err != nil {
		return record.Counts{}, err
	}
	g, ctx := errgroup.WithContext(ctx)
	ordered := make(chan *slot, p.opts.Batch)
	work := make(chan *slot)
	pending := newGauge()
	var sourceErr error
	g.Go(func() error {
		defer close(ordered)
		defer close(work)
		sourceErr = p.produce(ctx, src, connectors.Cursor(cursor), ordered, work)
		return nil // what was read before it failed is still committed
	})
	for range p.opts.Workers {
		g.Go(func() error {
			for s := range work {
				s.made = p.prepare(ctx, src, s.item)
				s.text = s.made.text()
				pending.add(s.text)
				close(s.ready)
				pending.await(ctx, maxPending)
			}
			return nil
		})
	}
	c := &committer{Pipeline: p, src: src, pending: pending}
	g.Go(func() error { return c.run(ctx, ordered) })
	err = g.Wait()
	if c.left != nil {
		c.left.release()
	}
	for s := range ordered { // what a failure left behind
		s.release()
	}
	if err == nil {
		err = p.finish(context.WithoutCancel(ctx), src, cursor, moved, c)
	}
	return c.counts, errors.Join(err, wrapSource(src, sourceErr))
}

func wrapSource(src Source, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("source %s: %w", src.Name, err)
}

// produce gives every item a slot, in order.
func (p *Pipeline) produce(ctx context.Context, src Source, after connectors.Cursor, ordered, work chan<- *slot) error {
	for item, err := range src.Connector.Items(ctx, after) {
		if err != nil {
			return err
		}
		s := &slot{item: item, ready: make(chan struct{})}
		for _, to := range []chan<- *slot{ordered, work} {
			select {
			case to <- s:
			case <-ctx.Done():
				item.Release()
				return ctx.Err()
			}
		}
	}
	return nil
}

// heartbeat is how old a journalled cursor may be when a run comes to the end of
// its source: it is then journalled again, so that after a restart one can tell
// within a day when the source was last read.
const heartbeat = 24 * time.Hour

// finish journals what the connector found besides items, and its position.
func (p *Pipeline) finish(ctx context.Context, src Source, started string, moved time.Time, c *committer) error {
	var position connectors.Cursor
	if at, ok := src.Connector.(connectors.Positioner); ok {
		position = at.Position()
	}
	changed := position != c.acknowledged && (c.acknowledged != "" || string(position) != started)
	if position != "" && (changed || c.acknowledged == "" && p.now().Sub(moved) >= heartbeat) {
		return c.acknowledge(ctx, position)
	}
	found, err := c.found()
	if err != nil || len(found) == 0 {
		return err
	}
	return p.Archive.Journal(ctx, found...)
}

// pause waits before another try, and reports whether to try at all.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
