package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
)

// A request is one Append waiting.
type request struct {
	parts [][]sealed // each fits into a batch
	size  int        // octets of the last part, and of the only one
	first int64
	err   error
	done  chan struct{} // closed when first and err are final
}

func newRequest(entries []Entry, now time.Time) (*request, error) {
	req := &request{done: make(chan struct{})}
	for _, e := range entries {
		s, err := e.seal(now)
		if err != nil {
			return nil, err
		}
		if s.size() > MaxBytes {
			return nil, fmt.Errorf("%w: %d octets of type %q", ErrTooLarge, s.size(), e.Type)
		}
		last := len(req.parts) - 1
		if last < 0 || len(req.parts[last]) == MaxEntries || req.size+s.size() > MaxBytes {
			req.parts, req.size = append(req.parts, nil), 0
			last++
		}
		req.parts[last] = append(req.parts[last], s)
		req.size += s.size()
	}
	return req, nil
}

func (q *request) finish(first int64, err error) {
	q.first, q.err = first, err
	close(q.done)
}

func (j *Journal) enqueue(req *request) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.lost != nil:
		return j.lost
	case j.closed:
		return ErrClosed
	}
	j.queue = append(j.queue, req)
	j.signal()
	return nil
}

// signal tells the committing goroutine to look at the queue.
func (j *Journal) signal() {
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// withdraw takes a request back, unless it is being written already.
func (j *Journal) withdraw(req *request) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := slices.Index(j.queue, req)
	if i >= 0 {
		j.queue = slices.Delete(j.queue, i, i+1)
	}
	return i >= 0
}

// share takes from the queue what one batch can hold, or one large request.
func (j *Journal) share() (batch []*request, more bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	n, entries, size := 0, 0, 0
	for _, req := range j.queue {
		entries, size = entries+len(req.parts[0]), size+req.size
		if n > 0 && (len(req.parts) > 1 || entries > MaxEntries || size > MaxBytes) {
			break
		}
		n++
		if len(req.parts) > 1 {
			break
		}
	}
	batch = slices.Clone(j.queue[:n])
	j.queue = slices.Delete(j.queue, 0, n)
	if n > 0 {
		j.writing = make(chan struct{})
	}
	return batch, n > 0 || !j.closed
}

// settled tells Settle that what was being written has its fate.
func (j *Journal) settled() {
	j.mu.Lock()
	defer j.mu.Unlock()
	close(j.writing)
	j.writing = nil
}

// run is the committing goroutine: the only one that writes the log.
func (j *Journal) run(ctx context.Context) {
	defer close(j.done)
	for {
		batch, more := j.share()
		if len(batch) > 0 {
			j.serve(ctx, batch)
			continue
		}
		if !more {
			return
		}
		select {
		case <-j.wake:
		case <-ctx.Done():
			j.fail(ErrClosed)
			return
		}
	}
}

// serve commits what a number of Appends brought, and answers them.
func (j *Journal) serve(ctx context.Context, batch []*request) {
	parts := batch[0].parts
	if len(batch) > 1 {
		var together []sealed
		for _, req := range batch {
			together = append(together, req.parts[0]...)
		}
		parts = [][]sealed{together}
	}
	first := j.reader.cp.Size
	var err error
	for _, part := range parts {
		var next step
		if next, err = j.prepare(part); err == nil {
			err = j.commit(ctx, next)
		}
		if err != nil {
			break
		}
	}
	j.settled()
	for _, req := range batch {
		req.finish(first, err)
		first += int64(len(req.parts[0]))
	}
	switch {
	case err == nil:
		j.publish(ctx)
	case errors.Is(err, ErrPenLost):
		j.lg.Error("journal pen lost: another daemon writes this journal")
		j.fail(err)
	case ctx.Err() != nil: // closed, with the outcome unknown
		j.fail(ErrClosed)
	}
}

// fail refuses everything from now on.
func (j *Journal) fail(err error) {
	j.mu.Lock()
	waiting := j.queue
	j.queue, j.lost, j.closed = nil, err, true
	j.mu.Unlock()
	for _, req := range waiting {
		req.finish(0, err)
	}
}

// A step is a batch ready to be committed and what the log is after it.
type step struct {
	name   batchName
	object []byte
	cp     Checkpoint
	edge   *edge
	tiles  []tileToPut
}

type tileToPut struct {
	tile   tlog.Tile
	hashes []tlog.Hash
}

// prepare computes the next step. It writes nothing.
func (j *Journal) prepare(entries []sealed) (step, error) {
	leaves := make([]tlog.Hash, len(entries))
	for i := range entries {
		leaves[i] = entries[i].leaf()
	}
	s := step{edge: j.reader.edge.clone(), name: batchName{first: j.reader.cp.Size}}
	err := s.edge.add(leaves, func(t tlog.Tile, hashes []tlog.Hash) error {
		s.tiles = append(s.tiles, tileToPut{t, slices.Clone(hashes)})
		return nil
	})
	if err != nil {
		return s, err
	}
	if len(s.tiles) > 0 { // opening looks for the tiles above complete ones
		for _, t := range partials(s.edge.size / tileWidth * tileWidth) {
			s.tiles = append(s.tiles, tileToPut{t, s.edge.tile(t)})
		}
	}
	s.name.root = s.edge.root()
	s.object, err = sealBatch(s.name, entries, j.keys.Sealing, j.keys.Subkeys[j.keys.Sealing])
	if err != nil {
		return s, err
	}
	s.cp, err = sign(j.keys.Signer, s.edge.size, s.name.root)
	return s, err
}

// commit makes the step durable: first the batch, then the checkpoint, which
// is the commit point.
//
// Temporary errors are retried until ctx ends. That is safe for the batch,
// because its name commits to its content. It is safe for the checkpoint,
// because the same octets are tried again and again and nothing else is
// written before it is known what became of them.
func (j *Journal) commit(ctx context.Context, s step) error {
	err := j.retry(ctx, "batch", func() error {
		return j.o.st.Put(ctx, s.name.key(), bytes.NewReader(s.object), int64(len(s.object)), record.Sum(s.object), store.PutOptions{})
	})
	if err != nil {
		return fmt.Errorf("append to the journal: %w", err)
	}
	tag := j.tag
	err = j.retry(ctx, "checkpoint", func() (err error) {
		tag, err = j.sign(ctx, s.cp, tag)
		return err
	})
	if err != nil {
		return fmt.Errorf("append to the journal: %w", err)
	}
	j.tag = tag
	j.unpublished = append(j.unpublished, s.tiles...)
	for _, t := range s.tiles {
		if t.tile.W == tileWidth {
			j.reader.cache.add(t.tile, joinHashes(t.hashes))
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.reader = &Reader{o: j.o, keys: j.keys, cp: s.cp, edge: s.edge, cache: j.reader.cache, repair: true}
	return nil
}

// sign replaces the checkpoint once and finds out what became of it. It
// returns the tag of what is there. An error that is not temporary means that
// cp is not, and will not be, the checkpoint.
func (j *Journal) sign(ctx context.Context, cp Checkpoint, tag store.Tag) (store.Tag, error) {
	newTag, failed := j.o.st.Replace(ctx, checkpointKey, cp.Note, tag)
	if failed == nil {
		return newTag, nil
	}
	there, found, err := j.o.get(ctx, checkpointKey, maxCheckpoint)
	switch {
	case errors.Is(err, store.ErrNotExist) || errors.Is(err, ErrCorrupt):
		return tag, fmt.Errorf("%w: %w", ErrPenLost, err)
	case err != nil: // whatever it is: the outcome has to be known
		return tag, fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	case bytes.Equal(there, cp.Note): // ours; the answer was lost
		return found, nil
	case !bytes.Equal(there, j.reader.cp.Note):
		return tag, ErrPenLost
	case errors.Is(failed, store.ErrConflict): // the same octets, written again by someone
		return found, fmt.Errorf("%w: %w", store.ErrUnavailable, failed)
	default:
		return found, failed
	}
}

// publish writes the tiles that were completed. They can be derived, so what
// fails is only tried again after the next batch.
func (j *Journal) publish(ctx context.Context) {
	for len(j.unpublished) > 0 {
		t := j.unpublished[0]
		if err := j.o.putTile(ctx, t.tile, t.hashes); err != nil {
			j.lg.Warn("journal tile not written, to be tried again", "tile", tileKey(t.tile), "err", err)
			return
		}
		j.unpublished = j.unpublished[1:]
	}
}

// retry calls op again while its error is temporary and ctx has not ended.
func (j *Journal) retry(ctx context.Context, what string, op func() error) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 50*time.Millisecond, 15*time.Second
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := op()
		if err != nil && !store.Temporary(err) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(func(err error, next time.Duration) {
			j.lg.Warn("journal cannot be written, to be tried again", "object", what, "err", err, "wait", next)
		}))
	return err
}
