package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/blevesearch/bleve/v2/index/scorch/mergeplan"
	bleveindex "github.com/blevesearch/bleve_index_api"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"github.com/closeroll/closeroll/archive/record"
)

// Remove takes messages out of the index, and their words out of its files:
// when it returns nil, no segment in use holds a document of theirs, deleted
// or not, and the files that held them are gone. It checks this itself.
// Numbers that the index does not hold are passed over.
//
// Deleting in Bleve only sets a bit. What makes the words go is to write the
// segment anew; ForceMerge does nothing for a single segment, so the writer
// ids of the segments concerned are dropped instead, which rewrites exactly
// those. It takes some seconds whatever the number of messages; remove many at
// once. On disks that keep old blocks, erasure rests on the destruction of
// keys: the old files were sealed under keys of their own.
func (ix *Index) Remove(ctx context.Context, numbers []record.MessageNo) error {
	return ix.each(func(g *generation) error { return g.remove(ctx, numbers) })
}

func (g *generation) remove(ctx context.Context, numbers []record.MessageNo) error {
	g.writing.Lock()
	defer g.writing.Unlock()
	ids, err := g.idsOf(numbers)
	if err != nil {
		return err
	}
	if len(ids) > 0 {
		batch := bleveindex.NewBatch()
		for _, id := range ids {
			batch.Delete(id)
		}
		if err := g.bleve.Batch(batch); err != nil {
			return fmt.Errorf("removing from the index: %w", err)
		}
	}
	return g.purge(ctx)
}

func (g *generation) idsOf(numbers []record.MessageNo) ([]string, error) {
	r, err := g.reader()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.ids(numbers)
}

// purge rewrites segments until none holds deleted documents. A merge that
// Bleve had begun by itself may finish in between, hence more than one round.
func (g *generation) purge(ctx context.Context) error {
	const rounds = 5
	for range rounds {
		if err := g.settle(ctx); err != nil {
			return err
		}
		if err := g.idle(ctx); err != nil {
			return err
		}
		ids, files, err := g.withDeleted()
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return nil
		}
		if err := g.rewrite(ctx, ids); err != nil {
			return err
		}
		if err := g.await(ctx, files); err != nil {
			return err
		}
	}
	return errors.New("removed messages are still in the index's files")
}

// settle waits until Bleve's merger has nothing to do. While no batch is
// written, it then stays so; were it to merge the segments that rewrite is
// about to name, rewrite would wait for ever. The merge asked for here is one
// for which every segment is too large.
func (g *generation) settle(ctx context.Context) error {
	return g.bleve.ForceMerge(ctx, &mergeplan.MergePlanOptions{MaxSegmentSize: 1})
}

// idle waits until Bleve's persister waits for something to do, and has for a
// while: rewrite sets what the persister reads while it removes old snapshots,
// without a lock, and what a merge leaves behind wakes it once more.
func (g *generation) idle(ctx context.Context) error {
	const calm = 5
	var last uint64
	for quiet := 0; quiet < calm; {
		stats := g.bleve.StatsMap()
		waits, begun := stats["TotPersistLoopWait"].(uint64)
		ends, ended := stats["TotPersistLoopEnd"].(uint64)
		if !begun || !ended {
			return nil
		}
		if waits > ends && ends == last {
			quiet++
		} else {
			quiet, last = 0, ends
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// withDeleted returns the writer ids and the file names of the segments that
// hold deleted documents.
func (g *generation) withDeleted() (ids map[string]struct{}, files []string, err error) {
	r, err := g.reader()
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	ids = make(map[string]struct{})
	for _, s := range r.segments {
		if d := s.Deleted(); d == nil || d.IsEmpty() {
			continue
		}
		sealed, ok := s.Segment().(segment.SegmentWithCallbacks)
		stored, isFile := s.Segment().(segment.PersistedSegment)
		if !ok || !isFile {
			return nil, nil, errors.New("a segment of the index is not on disk after a durable batch")
		}
		ids[sealed.CallbackId()] = struct{}{}
		files = append(files, stored.Path())
	}
	return ids, files, nil
}

// rewrite writes anew whatever stands under these writer ids. Bleve's call
// cannot be cancelled; a caller that gives up leaves it to finish by itself.
func (g *generation) rewrite(ctx context.Context, ids map[string]struct{}) error {
	done := make(chan error, 1)
	go func() { done <- g.bleve.DropFileWriterIDs(ids) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// await waits until the files are gone. An open [Reader] keeps them. Bleve looks
// for files to remove when it has written a snapshot, so where nothing else is
// written a snapshot without any change reminds it.
func (g *generation) await(ctx context.Context, files []string) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	remind := time.NewTicker(2 * time.Second)
	defer remind.Stop()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	for _, f := range files {
		for {
			if _, err := os.Lstat(f); errors.Is(err, os.ErrNotExist) {
				break
			} else if err != nil {
				return err
			}
			select {
			case <-tick.C:
			case <-remind.C:
				if err := g.setInternal(internalPurged, "yes"); err != nil {
					return err
				}
			case <-deadline.C:
				return fmt.Errorf("the index still keeps %s, which holds removed messages", filepath.Base(f))
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}
