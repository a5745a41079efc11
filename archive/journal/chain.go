package journal

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/closeroll/closeroll/archive/store"
)

// A head is the end of a chain of batches that might be the log.
type head struct {
	edge  *edge
	batch fetched // the last of the chain; none at the start
}

// follow walks the batches from a tree whose edge is start to the tree that a
// checkpoint signed, and calls real for each batch of the log, in order. It
// needs no tiles and no key. The error wraps [ErrCorrupt] if the batches do
// not lead there; real may have been called before that shows.
//
// A batch belongs to the log only if its leaves lead from a tree of the log to
// the root in its name. One that was stored and never signed passes this test
// too (a crash, a lost race), but no batch follows it: writers build on what is
// signed. So a batch counts as soon as another one follows it, or when the
// checkpoint names its root.
func (o objects) follow(ctx context.Context, start *edge, signed tlog.Tree, real func(fetched) error) (*edge, error) {
	heads := []head{{edge: start}}
	var bad error
	for b, err := range o.batches(ctx, start.size, signed.N) {
		if err != nil {
			return nil, err
		}
		if b.bad != nil {
			bad = fmt.Errorf("; %s: %w", b.name.key(), b.bad)
			continue
		}
		for i, h := range heads {
			next := h.extend(b, start)
			if next == nil {
				continue
			}
			if i == 0 {
				heads = append(heads, head{next, b})
			} else { // h is signed, so its rivals are not
				if err := h.report(real); err != nil {
					return nil, err
				}
				heads = []head{h, {next, b}}
			}
			break
		}
	}
	for i, h := range heads {
		if h.edge.size == signed.N && h.edge.root() == signed.Hash {
			if i == 0 {
				return h.edge, nil
			}
			return h.edge, h.report(real)
		}
	}
	if bad == nil {
		bad = errors.New("")
	}
	return nil, fmt.Errorf("%w: the batches do not lead from entry %d to the signed tree of %d entries%w",
		ErrCorrupt, heads[0].edge.size, signed.N, bad)
}

// extend returns the edge after b, or nil if b does not follow on h. Only at
// the start of the walk may a batch begin before the tree that it extends.
func (h head) extend(b fetched, start *edge) *edge {
	size := h.edge.size
	if b.end() <= size || b.first > size || b.first < size && h.edge != start {
		return nil
	}
	next := h.edge.with(b.leaves[size-b.first:])
	if next.root() != b.name.root {
		return nil
	}
	return next
}

func (h head) report(real func(fetched) error) error {
	if real == nil || h.batch.batch == nil {
		return nil
	}
	return real(h.batch)
}

const maxLag = 8 // complete tiles that a crash may have left unwritten

// A recovered tree is what opening a log finds out.
type recovered struct {
	edge      *edge
	published int64                // the size of the tree whose tiles are there, -1 if they have to be rebuilt
	unwritten map[tlog.Tile][]byte // complete tiles after those, unless they have to be rebuilt
}

// recover returns the edge of the signed tree. It looks for the newest partial
// tiles and goes on from there by the batches after them.
func (o objects) recover(ctx context.Context, signed tlog.Tree) (recovered, error) {
	newest := signed.N / tileWidth * tileWidth
	e, err := o.edgeAt(ctx, signed.N)
	if err == nil && e.root() == signed.Hash {
		return recovered{edge: e, published: newest}, nil
	}
	for size := newest; size >= 0 && size >= newest-maxLag*tileWidth; size -= tileWidth {
		found := recovered{published: size}
		start, err := o.edgeAt(ctx, size)
		if err == nil {
			found.edge, found.unwritten, err = o.complete(ctx, start, signed)
		}
		if err == nil {
			return found, nil
		}
		if !errors.Is(err, store.ErrNotExist) && !errors.Is(err, ErrCorrupt) {
			return recovered{}, err
		}
	}
	e, err = o.follow(ctx, &edge{}, signed, nil)
	return recovered{edge: e, published: -1}, err
}

// complete follows the batches from start and returns the tiles that they complete.
func (o objects) complete(ctx context.Context, start *edge, signed tlog.Tree) (*edge, map[tlog.Tile][]byte, error) {
	tiles := make(map[tlog.Tile][]byte)
	e := start.clone()
	end, err := o.follow(ctx, start, signed, func(b fetched) error {
		return e.add(b.leaves[e.size-b.first:], func(t tlog.Tile, hashes []tlog.Hash) error {
			tiles[t] = joinHashes(hashes)
			return nil
		})
	})
	return end, tiles, err
}

// writeTiles stores the tiles of the signed tree that are missing or wrong,
// from the tree with edge start on, whose own tiles it takes to be there.
func (o objects) writeTiles(ctx context.Context, start *edge, signed tlog.Tree) error {
	e := start.clone()
	put := func(t tlog.Tile, hashes []tlog.Hash) error { return o.putTile(ctx, t, hashes) }
	_, err := o.follow(ctx, start, signed, func(b fetched) error {
		return e.add(b.leaves[e.size-b.first:], put)
	})
	if err != nil {
		return err
	}
	return o.putPartials(ctx, e)
}

// putPartials stores the incomplete tiles at the edge.
func (o objects) putPartials(ctx context.Context, e *edge) error {
	for _, t := range partials(e.size) {
		if err := o.putTile(ctx, t, e.tile(t)); err != nil {
			return err
		}
	}
	return nil
}
