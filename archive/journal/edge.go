package journal

import (
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// An edge is the right edge of a tree: for each level of tiles its last,
// incomplete tile. It is all that appending needs of the leaves before, at
// most 255 hashes a level. Once an edge is shared it is not changed again.
type edge struct {
	size   int64
	levels []edgeLevel // levels[l] has (size >> 8l) mod 256 hashes
}

type edgeLevel struct {
	hashes []tlog.Hash
	heads  []tlog.Hash // of the complete subtrees among hashes, largest first
}

func (l *edgeLevel) push(h tlog.Hash) {
	l.hashes = append(l.hashes, h)
	l.heads = append(l.heads, h)
	for n := len(l.hashes); n%2 == 0; n /= 2 {
		last := len(l.heads) - 1
		l.heads[last-1] = tlog.NodeHash(l.heads[last-1], l.heads[last])
		l.heads = l.heads[:last]
	}
}

// add appends leaves. Whenever it completes a tile it calls full, if that is
// not nil, with the tile and its hashes, which full must not keep.
func (e *edge) add(leaves []tlog.Hash, full func(tlog.Tile, []tlog.Hash) error) error {
	for _, h := range leaves {
		e.size++
		for l := 0; ; l++ {
			if l == len(e.levels) {
				e.levels = append(e.levels, edgeLevel{})
			}
			level := &e.levels[l]
			level.push(h)
			if len(level.hashes) < tileWidth {
				break
			}
			if full != nil {
				t := tlog.Tile{H: tileHeight, L: l, N: e.size>>(tileHeight*(l+1)) - 1, W: tileWidth}
				if err := full(t, level.hashes); err != nil {
					return err
				}
			}
			h = level.heads[0]
			level.hashes, level.heads = level.hashes[:0], level.heads[:0]
		}
	}
	return nil
}

// root returns the Merkle tree head (RFC 6962, section 2.1).
func (e *edge) root() tlog.Hash {
	var root tlog.Hash
	any := false
	for _, level := range e.levels {
		for _, head := range slices.Backward(level.heads) {
			if any {
				head = tlog.NodeHash(head, root)
			}
			root, any = head, true
		}
	}
	if !any {
		return emptyRoot()
	}
	return root
}

// with returns the edge of the tree that these leaves make of e's.
func (e *edge) with(leaves []tlog.Hash) *edge {
	next := e.clone()
	next.add(leaves, nil) // without a callback it cannot fail
	return next
}

func (e *edge) clone() *edge {
	c := &edge{size: e.size, levels: make([]edgeLevel, len(e.levels))}
	for i, l := range e.levels {
		c.levels[i] = edgeLevel{slices.Clone(l.hashes), slices.Clone(l.heads)}
	}
	return c
}

// tile returns the hashes of a tile at the edge, nil if t is not one.
func (e *edge) tile(t tlog.Tile) []tlog.Hash {
	if t.L >= len(e.levels) || t.N != e.size>>(tileHeight*(t.L+1)) || t.W > len(e.levels[t.L].hashes) {
		return nil
	}
	return e.levels[t.L].hashes[:t.W]
}

// emptyRoot is the head of a tree without leaves: SHA-256 of nothing
// (RFC 6962, section 2.1).
func emptyRoot() tlog.Hash {
	h, _ := tlog.TreeHash(0, nil) // reads nothing, so cannot fail
	return h
}

// partials returns the incomplete tiles of a tree of this size.
func partials(size int64) []tlog.Tile {
	var tiles []tlog.Tile
	for l := 0; size>>(tileHeight*l) > 0; l++ {
		if w := int(size >> (tileHeight * l) % tileWidth); w > 0 {
			tiles = append(tiles, tlog.Tile{H: tileHeight, L: l, N: size >> (tileHeight * (l + 1)), W: w})
		}
	}
	return tiles
}
