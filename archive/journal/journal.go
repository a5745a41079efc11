package journal

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/closeroll/closeroll/archive/store"
)

// A Journal is the log with the pen in hand. It may be used from many
// goroutines. Close it.
type Journal struct {
	lg   *slog.Logger
	o    objects
	keys Keys
	now  func() time.Time

	stop context.CancelFunc // of the committing goroutine
	done chan struct{}      // closed when that has ended
	wake chan struct{}      // holds one: there is something in the queue

	mu      sync.Mutex
	queue   []*request
	writing chan struct{} // while a batch is written; closed when its fate is known
	closed  bool
	lost    error   // why nothing can be appended any more
	reader  *Reader // as of the newest checkpoint

	// The committing goroutine's own.
	tag         store.Tag   // of the checkpoint
	unpublished []tileToPut // tiles that could not be written yet
}

// Options are what Open can do without.
type Options struct {
	// Known is a checkpoint that the caller has seen and kept outside of the
	// store. Open fails with ErrRolledBack if the log does not continue it.
	Known *Checkpoint
}

// Create makes an empty log: it stores a checkpoint of no entries. The error
// wraps [ErrExists] if there is a log, or even one batch of one.
func Create(ctx context.Context, st Store, keys Keys) error {
	if err := keys.check(); err != nil {
		return err
	}
	o := objects{st}
	for name, err := range o.listBatches(ctx, 0, maxSize) {
		if err != nil {
			return err
		}
		return fmt.Errorf("%w: %s", ErrExists, name.key())
	}
	cp, err := sign(keys.Signer, 0, emptyRoot())
	if err != nil {
		return err
	}
	_, err = o.st.Replace(ctx, checkpointKey, cp.Note, "")
	if errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("%w: %s", ErrExists, checkpointKey)
	}
	return err
}

// Open takes the pen. It verifies the checkpoint, recovers the right edge of
// the tree, rebuilds tiles that are missing or wrong there, and appends start,
// by which every other writer loses the pen. From then on ctx is not used.
//
// The error wraps [ErrNoJournal], [ErrCorrupt], [ErrRolledBack], [ErrPenLost]
// if others keep taking the pen meanwhile, or the store's own errors. Temporary
// ones are retried, until ctx ends, only where Open writes.
func Open(ctx context.Context, lg *slog.Logger, st Store, keys Keys, now func() time.Time, start Entry, opts Options) (*Journal, error) {
	if err := keys.check(); err != nil {
		return nil, err
	}
	j := &Journal{lg: lg, o: objects{st}, keys: keys, now: now,
		done: make(chan struct{}), wake: make(chan struct{}, 1)}
	first, err := start.seal(now())
	if err != nil {
		return nil, err
	}
	for range takeAttempts {
		if err = j.take(ctx, first, opts.Known); !errors.Is(err, ErrPenLost) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	j.stop = stop
	go j.run(life)
	return j, nil
}

const takeAttempts = 3

// take reads the log's state and appends the start entry to it.
func (j *Journal) take(ctx context.Context, start sealed, known *Checkpoint) error {
	r, f, err := openReader(ctx, j.o, j.keys, known)
	if err != nil {
		return err
	}
	newest := r.cp.Size / tileWidth * tileWidth
	if f.published != newest {
		j.lg.Info("journal tiles are written again", "published", f.published, "size", r.cp.Size)
		err := j.retry(ctx, "tiles", func() error { return j.o.repairTiles(ctx, r.cp.tree(), f.published) })
		if err != nil {
			return err
		}
	}
	j.reader, j.tag = r, f.tag
	next, err := j.prepare([]sealed{start})
	if err != nil {
		return err
	}
	return j.commit(ctx, next)
}

// Append journals entries: when it returns nil they are durable, in this
// order and next to each other, the first at index first. Up to MaxEntries and
// MaxBytes it is all or none; more than that becomes durable piece by piece.
//
// Appends that wait at the same time share one batch. While the store is
// temporarily unavailable or full Append waits, as long as its context allows.
//
// An error means that the entries are not in the log, or, of a large Append,
// not all: those that are in it are the first ones. But if the context ends
// while they are being written they may still get into it: [Journal.Settle]
// waits for that to be known.
//
// [ErrPenLost] is final: every later Append fails with it. [ErrTooLarge] and
// [ErrClosed] concern this call. Any other error is the store's.
func (j *Journal) Append(ctx context.Context, entries ...Entry) (first int64, err error) {
	if len(entries) == 0 {
		return 0, errors.New("nothing to append to the journal")
	}
	req, err := newRequest(entries, j.now())
	if err != nil {
		return 0, err
	}
	if err := j.enqueue(req); err != nil {
		return 0, err
	}
	select {
	case <-req.done:
		return req.first, req.err
	case <-ctx.Done():
	}
	if j.withdraw(req) {
		return 0, ctx.Err()
	}
	return 0, fmt.Errorf("append to the journal, which may yet succeed: %w", ctx.Err())
}

// Settle waits until the fate of every Append that has returned is known: after
// it those entries are behind the checkpoint or will never be in the log. Who
// computes entries from what the log holds calls it first.
func (j *Journal) Settle(ctx context.Context) error {
	j.mu.Lock()
	writing := j.writing
	j.mu.Unlock()
	if writing == nil {
		return nil
	}
	select {
	case <-writing:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Done returns a channel that is closed when nothing can be appended any more:
// the pen is lost, or the journal was closed.
func (j *Journal) Done() <-chan struct{} { return j.done }

// Reader returns the log as it is now, for reading.
func (j *Journal) Reader() *Reader {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.reader
}

// Checkpoint returns the newest checkpoint.
func (j *Journal) Checkpoint() Checkpoint { return j.Reader().Checkpoint() }

// Entries is [Reader.Entries] of the log as it is now.
func (j *Journal) Entries(ctx context.Context, from int64) iter.Seq2[Stored, error] {
	return j.Reader().Entries(ctx, from)
}

// Verify is [Reader.Verify] of the log as it is now.
func (j *Journal) Verify(ctx context.Context) (Report, error) { return j.Reader().Verify(ctx) }

// RebuildTiles writes every tile that is missing or wrong, from the batches.
func (j *Journal) RebuildTiles(ctx context.Context) error {
	return j.o.repairTiles(ctx, j.Checkpoint().tree(), -1)
}

// repairTiles writes the tiles of a tree from a published size on.
func (o objects) repairTiles(ctx context.Context, signed tlog.Tree, published int64) error {
	start := &edge{}
	if published > 0 {
		e, err := o.edgeAt(ctx, published)
		if err != nil {
			return err
		}
		start = e
	}
	return o.writeTiles(ctx, start, signed)
}

// Close lays down the pen: it refuses further appends, commits those that wait
// as long as ctx allows, and writes the tiles of the tree as it ends. The error
// wraps [ErrPenLost] if the pen was lost before. Any other error leaves the log
// whole: the next Open goes on from its checkpoint and writes what is missing.
func (j *Journal) Close(ctx context.Context) error {
	j.mu.Lock()
	already := j.closed
	j.closed = true
	j.mu.Unlock()
	if !already {
		j.signal()
	}
	defer context.AfterFunc(ctx, j.stop)()
	<-j.done
	j.stop()
	if already || j.lost != nil {
		return j.lost
	}
	return j.retry(ctx, "tiles", func() error {
		for _, t := range j.unpublished {
			if err := j.o.putTile(ctx, t.tile, t.hashes); err != nil {
				return err
			}
		}
		return j.o.putPartials(ctx, j.reader.edge)
	})
}
