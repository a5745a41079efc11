package journal

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/closeroll/closeroll/archive/store"
)

// A Reader reads the log as one checkpoint shows it: entries appended later
// are not in it. It may be used from many goroutines.
type Reader struct {
	o     objects
	keys  Keys
	cp    Checkpoint
	edge  *edge
	cache *tileCache

	repair bool // it has the pen and may write tiles again
}

// OpenReader opens the log for reading without taking the pen. If known is not
// nil, the log has to continue that checkpoint, or else the error wraps
// [ErrRolledBack]. Without any of keys.Subkeys the tree can be verified and
// proofs of extension be made, and entries cannot be read.
//
// The error wraps [ErrNoJournal], [ErrCorrupt], or the store's own errors.
func OpenReader(ctx context.Context, st Store, keys Keys, known *Checkpoint) (*Reader, error) {
	r, _, err := openReader(ctx, objects{st}, keys, known)
	return r, err
}

// A found tells what opening a log found out besides.
type found struct {
	tag       store.Tag // of the checkpoint
	published int64     // as recovered has it
}

func openReader(ctx context.Context, o objects, keys Keys, known *Checkpoint) (*Reader, found, error) {
	cp, tag, err := o.checkpoint(ctx, keys)
	if err != nil {
		return nil, found{}, err
	}
	tree, err := o.recover(ctx, cp.tree())
	if err != nil {
		return nil, found{}, fmt.Errorf("open journal: %w", err)
	}
	r := &Reader{o: o, keys: keys, cp: cp, edge: tree.edge, cache: newTileCache(tree.unwritten)}
	if known != nil {
		if err := r.continues(ctx, *known); err != nil {
			return nil, found{}, err
		}
	}
	return r, found{tag, tree.published}, nil
}

// checkpoint reads the signed head.
func (o objects) checkpoint(ctx context.Context, keys Keys) (Checkpoint, store.Tag, error) {
	signed, tag, err := o.get(ctx, checkpointKey, maxCheckpoint)
	if errors.Is(err, store.ErrNotExist) {
		return Checkpoint{}, "", fmt.Errorf("%w: %w", ErrNoJournal, err)
	}
	if err != nil {
		return Checkpoint{}, "", err
	}
	cp, err := ParseCheckpoint(signed, keys.Verifiers...)
	return cp, tag, err
}

// continues checks that the log has the tree of an earlier checkpoint in it.
func (r *Reader) continues(ctx context.Context, known Checkpoint) error {
	proof, err := r.ProveExtension(ctx, known)
	if err != nil {
		return err
	}
	return proof.Verify(known, r.cp)
}

// Checkpoint returns the head that the reader shows the log of.
func (r *Reader) Checkpoint() Checkpoint { return r.cp }

// Size returns the number of entries.
func (r *Reader) Size() int64 { return r.cp.Size }

// Entries yields the entries from index from on, in order. Each is verified
// against the checkpoint before it is yielded. An error ends the sequence; it
// wraps [ErrCorrupt] if the log fails verification, among others when a body is
// missing that no later disposal names, which shows at the end only.
func (r *Reader) Entries(ctx context.Context, from int64) iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		var missing missingBodies
		for b, err := range r.batches(ctx, from) {
			if err != nil {
				yield(Stored{}, err)
				return
			}
			entries, err := r.keys.open(b)
			if err != nil {
				yield(Stored{}, err)
				return
			}
			for i := range entries {
				index := b.first + int64(i)
				if index < from {
					continue
				}
				e, err := entries[i].open(index)
				if err == nil {
					err = missing.see(&e)
				}
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
		if err := missing.check(); err != nil {
			yield(Stored{}, err)
		}
	}
}

// Entry returns one entry, verified against the checkpoint. Whether its body
// may be missing is for Verify to say.
func (r *Reader) Entry(ctx context.Context, index int64) (Stored, error) {
	if index < 0 || index >= r.cp.Size {
		return Stored{}, fmt.Errorf("journal entry %d: the log has %d", index, r.cp.Size)
	}
	b, err := r.batchOf(ctx, index)
	if err != nil {
		return Stored{}, err
	}
	entries, err := r.keys.open(b)
	if err != nil {
		return Stored{}, err
	}
	return entries[index-b.first].open(index)
}

// batchOf returns the log's batch that holds an entry.
func (r *Reader) batchOf(ctx context.Context, index int64) (fetched, error) {
	for b, err := range r.batches(ctx, index) {
		return b, err
	}
	return fetched{}, fmt.Errorf("%w: no batch holds entry %d", ErrCorrupt, index)
}

// batches yields the log's batches from the one that holds entry from on. That
// a batch belongs to the log is checked by its leaves, which the tiles vouch for.
func (r *Reader) batches(ctx context.Context, from int64) iter.Seq2[fetched, error] {
	return func(yield func(fetched, error) bool) {
		next := max(from, 0)
		leaves := leafReader{r: r}
		var bad error
		for b, err := range r.o.batches(ctx, next, r.cp.Size) {
			if err != nil {
				yield(b, err)
				return
			}
			if b.bad != nil {
				bad = fmt.Errorf("; %s: %w", b.name.key(), b.bad)
				continue
			}
			if b.first > next {
				break
			}
			if b.end() <= next || b.end() > r.cp.Size || next != max(from, 0) && b.first != next {
				continue
			}
			same, err := leaves.match(ctx, b)
			if err != nil {
				yield(b, err)
				return
			}
			if !same {
				continue
			}
			if next = b.end(); !yield(b, nil) {
				return
			}
		}
		if next < r.cp.Size {
			if bad == nil {
				bad = errors.New("")
			}
			yield(fetched{}, fmt.Errorf("%w: no batch holds entry %d%w", ErrCorrupt, next, bad))
		}
	}
}

// hashes returns a reader of the tree's verified hashes, for one call. With
// the pen in hand, tiles that are missing or wrong are written again.
func (r *Reader) hashes(ctx context.Context) tlog.HashReader {
	read := tlog.TileHashReader(r.cp.tree(), tiles{ctx, r.o, r.edge, r.cache})
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		h, err := read.ReadHashes(indexes)
		if err == nil || ctx.Err() != nil || store.Temporary(err) || errors.Is(err, store.ErrDenied) {
			return h, err
		}
		if r.repair {
			if failed := r.o.writeTiles(ctx, &edge{}, r.cp.tree()); failed != nil {
				return nil, fmt.Errorf("journal tiles, written again because of: %w: %w", err, failed)
			}
			h, err = read.ReadHashes(indexes)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: tiles: %w", ErrCorrupt, err)
		}
		return h, nil
	})
}

// A leafReader reads leaf hashes in order, a tile's worth at a time.
type leafReader struct {
	r     *Reader
	first int64
	tile  []tlog.Hash
}

// match reports whether the tree has exactly the leaves of b.
func (l *leafReader) match(ctx context.Context, b fetched) (bool, error) {
	for i, h := range b.leaves {
		index := b.first + int64(i)
		if index < l.first || index >= l.first+int64(len(l.tile)) {
			if err := l.read(ctx, index); err != nil {
				return false, err
			}
		}
		if l.tile[index-l.first] != h {
			return false, nil
		}
	}
	return true, nil
}

func (l *leafReader) read(ctx context.Context, index int64) error {
	first := index / tileWidth * tileWidth
	indexes := make([]int64, 0, tileWidth)
	for n := first; n < min(first+tileWidth, l.r.cp.Size); n++ {
		indexes = append(indexes, tlog.StoredHashIndex(0, n))
	}
	h, err := l.r.hashes(ctx).ReadHashes(indexes)
	if err != nil {
		return err
	}
	l.first, l.tile = first, h
	return nil
}
