package ingest

import (
	"context"
	"errors"
	"time"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/connectors"
)

// A committer makes prepared items permanent, batch by batch, in order.
type committer struct {
	*Pipeline
	src          Source
	counts       record.Counts
	acknowledged connectors.Cursor

	pending *gauge // of text that is prepared and not committed
	batch   []*slot
	size    int              // records in the batch
	weight  int64            // octets of content and of text in the batch
	due     <-chan time.Time // fires when the batch has lingered
	left    *slot            // that was next when the run failed, and may be with a worker
}

// What bounds a batch besides its items: its records, since one item may be
// many, and its octets, which take up room in the spool and in memory.
const (
	maxRecords = 1024
	maxWeight  = 16 << 20
)

// run takes slots in order and commits them when a batch is full or nothing
// more is ready for a while.
func (c *committer) run(ctx context.Context, ordered <-chan *slot) error {
	defer c.release()
	for {
		s, open, err := c.next(ctx, ordered)
		if err != nil {
			return err
		}
		if s != nil {
			// A chat is matched against those in the catalog, so an export
			// is committed by itself, after everything before it.
			if s.made.chats != nil || c.size+len(s.made.drafts) > maxRecords {
				if err := c.flush(ctx); err != nil {
					return err
				}
			}
			c.add(s)
		}
		if !open || s == nil || s.made.chats != nil || s.item.Form == connectors.FormPosition || len(c.batch) >= c.opts.Batch || c.weight >= maxWeight {
			if err := c.flush(ctx); err != nil {
				return err
			}
		}
		if !open {
			return nil
		}
	}
}

func (c *committer) add(s *slot) {
	if len(c.batch) == 0 {
		c.due = time.After(c.opts.Linger)
	}
	c.batch = append(c.batch, s)
	c.size += len(s.made.drafts)
	c.weight += s.text
	if s.item.Content != nil {
		c.weight += s.item.Content.Size()
	}
}

// next waits for the next slot to be ready; while a batch is pending, for no
// longer than it may linger, and then returns no slot, or commits the batch
// itself: the source's order says that this slot is next.
func (c *committer) next(ctx context.Context, ordered <-chan *slot) (*slot, bool, error) {
	var s *slot
	select {
	case next, ok := <-ordered:
		if !ok {
			return nil, false, ctx.Err()
		}
		s = next
	case <-c.due:
		return nil, true, nil
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	err := c.await(ctx, s)
	if err == nil {
		err = s.made.err
	}
	if err != nil {
		c.left = s // a worker may have it still
		return nil, false, err
	}
	return s, true, nil
}

// await waits until s is prepared. What is pending is committed when it is
// due, because what prepares s may be waiting for the room that it takes up.
func (c *committer) await(ctx context.Context, s *slot) error {
	for {
		select {
		case <-s.ready:
			return nil
		case <-c.due:
			if err := c.flush(ctx); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (c *committer) release() {
	for _, s := range c.batch {
		s.release()
		c.pending.add(-s.text)
	}
	c.batch, c.size, c.weight, c.due = nil, 0, 0, nil
}

// flush takes the batch through the rest of the pipeline: journal, catalog,
// index, acknowledge.
func (c *committer) flush(ctx context.Context) error {
	if len(c.batch) == 0 {
		return nil
	}
	defer c.release()
	var drafts []*draft
	var sightings []record.Sighting
	notices, unlock, err := c.joinChats(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	for _, s := range c.batch {
		drafts = append(drafts, s.made.drafts...)
		sightings = append(sightings, s.made.sightings...)
	}
	for n := c.portion(drafts); n < len(drafts); n = c.portion(drafts) {
		if err := c.commit(ctx, drafts[:n], nil); err != nil {
			return err
		}
		drafts = drafts[n:]
	}
	if err := c.commit(ctx, drafts, sightings, notices...); err != nil {
		return err
	}
	for _, s := range c.batch {
		if err := c.refuse(ctx, s.made.sightings); err != nil {
			return err
		}
		c.exported(s.made.chats)
	}
	return c.acknowledge(ctx, c.batch[len(c.batch)-1].item.Cursor)
}

// portion is how many of these drafts are committed together: at least one, and
// no more than memory has room for the messages of. A long chat takes several;
// its export record, and what comparing it has shown, are in the last, so that
// one that is broken off in between is not taken for an export (see joinChat).
func (c *committer) portion(drafts []*draft) int {
	n := 0
	for i, d := range drafts {
		if n += d.count(); n > c.opts.Messages && i > 0 {
			return i
		}
	}
	return len(drafts)
}

// commit makes drafts permanent and searchable.
func (c *committer) commit(ctx context.Context, drafts []*draft, sightings []record.Sighting, more ...journal.Entry) error {
	captures, docs := make([]*archive.Capture, len(drafts)), make([]documents, len(drafts))
	for i, d := range drafts {
		if err := c.unfold(ctx, d); err != nil {
			return err
		}
		captures[i], docs[i] = &d.Capture, d.docs
	}
	if err := c.Archive.Commit(ctx, c.src.actor(), captures, sightings, more...); err != nil {
		return err
	}
	c.tally(captures, sightings)
	for _, d := range drafts {
		d.fold()
	}
	return c.index(ctx, captures, docs)
}

// exported tells of the chat exports that were captured.
func (c *committer) exported(chats []*chatDrafts) {
	for _, made := range chats {
		if last := made.drafts[len(made.drafts)-1]; c.src.Exported != nil && last.Outcome == record.CapturedNew {
			c.src.Exported(last.Record)
		}
	}
}

func (c *committer) tally(captures []*archive.Capture, sightings []record.Sighting) {
	for _, capture := range captures {
		reason := record.Reason("")
		if capture.Outcome == record.Excluded {
			reason = record.ReasonDisposed
		}
		c.counts.Add(capture.Outcome, reason, 1)
	}
	for _, s := range sightings {
		c.counts.Add(s.Outcome, s.Reason, int64(max(s.Items, 1)))
	}
}

// refuse tells the connector of items that no record could be made of, or may be.
func (c *committer) refuse(ctx context.Context, sightings []record.Sighting) error {
	r, ok := c.src.Connector.(connectors.Refuser)
	if !ok {
		return nil
	}
	for _, s := range sightings {
		if s.Outcome == record.Failed || s.Reason == record.ReasonMarking {
			if err := r.Refuse(ctx, s.Item.Key, s.Reason, s.Detail); err != nil {
				return err
			}
		}
	}
	return nil
}

// acknowledge journals how far the source has been read, with what the
// connector is about to remove from it, and only then tells the connector.
func (c *committer) acknowledge(ctx context.Context, cursor connectors.Cursor) error {
	if cursor == "" {
		return nil
	}
	entries, err := c.found()
	if err != nil {
		return err
	}
	moved, err := journal.NewEntry(record.EntryCursor, actor, record.CursorMoved{Source: c.src.Name, Cursor: string(cursor)})
	if err != nil {
		return err
	}
	entries = append(entries, moved)
	if d, ok := c.src.Connector.(connectors.Dropper); ok {
		dropped, err := d.Dropped(ctx, cursor)
		if err != nil {
			return err
		}
		for _, body := range dropped {
			body.Source = c.src.Name
			e, err := journal.NewEntry(record.EntryDropped, actor, body)
			if err != nil {
				return err
			}
			entries = append(entries, e)
		}
	}
	if err := c.Archive.Journal(ctx, entries...); err != nil {
		return err
	}
	if err := c.src.Connector.Acknowledge(ctx, cursor); err != nil {
		return wrapSource(c.src, err)
	}
	c.acknowledged = cursor
	return nil
}

// found makes entries of what the connector found out besides items since it
// was last asked. They are journalled with the cursor, so that none is lost with
// a run that is cut short, and none is told twice.
func (c *committer) found() (entries []journal.Entry, err error) {
	add := func(kind string, body any) {
		e, broken := journal.NewEntry(kind, actor, body)
		entries, err = append(entries, e), errors.Join(err, broken)
	}
	if n, ok := c.src.Connector.(connectors.Noticer); ok {
		for _, notice := range n.Notices() {
			notice.Source = c.src.Name
			add(record.EntryNotice, notice)
		}
	}
	if g, ok := c.src.Connector.(connectors.Gauger); ok {
		for _, gap := range g.Gaps() {
			gap.Source = c.src.Name
			add(record.EntryGap, gap)
		}
	}
	return entries, err
}

// temporary reports whether waiting may help.
func temporary(err error) bool { return store.Temporary(err) && !errors.Is(err, context.Canceled) }
