package journal

import (
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// An edge is the right edge of a tree: for each level of tiles the hashes of
// its last, incomplete tile. It is all that appending needs of the leaves
// before, at most 255 hashes a level.
type edge struct {
	size   int64
	levels [][]tlog.Hash // levels[l] has (size >> 8l) mod 256 hashes
}

// emptyRoot is the head of a tree without leaves: SHA-256 of nothing
// (RFC 6962, section 2.1).
func emptyRoot() tlog.Hash {
	h, err := tlog.TreeHash(0, nil)
	if err != nil {
		panic(err) // it reads nothing
	}
	return h
}

func (e *edge) clone() *edge {
	c := &edge{size: e.size, levels: make([][]tlog.Hash, len(e.levels))}
	for l := range e.levels {
		c.levels[l] = slices.Clone(e.levels[l])
	}
	return c
}

// add appends leaves. Whenever it completes a tile it calls full, if that is
// not nil, with the tile and its hashes, which full must not keep.
func (e *edge) add(leaves []tlog.Hash, full func(tlog.Tile, []tlog.Hash) error) error {
	for _, h := range leaves {
		e.size++
		for l := 0; ; l++ {
			if l == len(e.levels) {
				e.levels = append(e.levels, nil)
			}
			e.levels[l] = append(e.levels[l], h)
			if len(e.levels[l]) < tileWidth {
				break
			}
			if full != nil {
				t := tlog.Tile{H: tileHeight, L: l, N: e.size>>(tileHeight*(l+1)) - 1, W: tileWidth}
				if err := full(t, e.levels[l]); err != nil {
					return err
				}
			}
			h = treeHead(e.levels[l])
			e.levels[l] = e.levels[l][:0]
		}
	}
	return nil
}

// root returns the Merkle tree head. The last node of a level may stand for an
// incomplete subtree: splitting at the largest power of two below the number
// of nodes splits the leaves where RFC 6962 does.
func (e *edge) root() tlog.Hash {
	var nodes []tlog.Hash
	for l := range e.levels {
		nodes = append(slices.Clone(e.levels[l]), nodes...)
		if len(nodes) > 0 {
			nodes = []tlog.Hash{treeHead(nodes)}
		}
	}
	if len(nodes) == 0 {
		return emptyRoot()
	}
	return nodes[0]
}

// after returns the root of the tree that e becomes with these leaves.
func (e *edge) after(leaves []tlog.Hash) (*edge, tlog.Hash) {
	next := e.clone()
	next.add(leaves, nil) // without a callback it cannot fail
	return next, next.root()
}

// treeHead is MTH of RFC 6962, section 2.1, over nodes in place of leaves.
func treeHead(nodes []tlog.Hash) tlog.Hash {
	if len(nodes) == 1 {
		return nodes[0]
	}
	k := 1 << (bits.Len(uint(len(nodes)-1)) - 1)
	return tlog.NodeHash(treeHead(nodes[:k]), treeHead(nodes[k:]))
}

// width is the number of hashes in the last tile of a level in a tree of this
// size, 0 if its last tile there is complete.
func width(size int64, level int) int {
	return int(size >> (tileHeight * level) & (tileWidth - 1))
}

// partials returns the incomplete tiles of a tree of this size.
func partials(size int64) []tlog.Tile {
	var tiles []tlog.Tile
	for l := 0; size>>(tileHeight*l) > 0; l++ {
		if w := width(size, l); w > 0 {
			tiles = append(tiles, tlog.Tile{H: tileHeight, L: l, N: size >> (tileHeight * (l + 1)), W: w})
		}
	}
	return tiles
}
