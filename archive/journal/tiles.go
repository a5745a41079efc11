package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
)

const tilePrefix = "journal/tile/"

// tileKey is the C2SP tlog-tiles path of t, which unlike that of package tlog
// does not name the height.
func tileKey(t tlog.Tile) string {
	return "journal/" + strings.Replace(t.Path(), "tile/8/", "tile/", 1)
}

// parseTileKey is the inverse of tileKey.
func parseTileKey(key string) (tlog.Tile, error) {
	return tlog.ParseTilePath("tile/8/" + strings.TrimPrefix(key, tilePrefix))
}

func joinHashes(hashes []tlog.Hash) []byte {
	b := make([]byte, 0, len(hashes)*tlog.HashSize)
	for i := range hashes {
		b = append(b, hashes[i][:]...)
	}
	return b
}

// getTile reads a tile as it is stored. It checks nothing but the size.
func (o objects) getTile(ctx context.Context, t tlog.Tile) ([]byte, store.Tag, error) {
	b, tag, err := o.get(ctx, tileKey(t), tileWidth*tlog.HashSize)
	if err == nil && len(b) != t.W*tlog.HashSize {
		err = fmt.Errorf("%w: %s has %d octets", ErrCorrupt, tileKey(t), len(b))
	}
	return b, tag, err
}

// putTile stores a tile. A tile that is there and differs is wrong, since its
// content follows from its name: it is replaced.
func (o objects) putTile(ctx context.Context, t tlog.Tile, hashes []tlog.Hash) error {
	b := joinHashes(hashes)
	err := o.st.Put(ctx, tileKey(t), bytes.NewReader(b), int64(len(b)), record.Sum(b), store.PutOptions{})
	if !errors.Is(err, store.ErrExist) {
		return err
	}
	_, info, err := o.get(ctx, tileKey(t), store.MaxReplace)
	if err != nil {
		return err
	}
	_, err = o.st.Replace(ctx, tileKey(t), b, info)
	return err
}

// edgeAt reads the edge of the tree of this size, a multiple of a tile's
// width, from the partial tiles stored for it. It is not verified.
func (o objects) edgeAt(ctx context.Context, size int64) (*edge, error) {
	e := &edge{size: size}
	for _, t := range partials(size) {
		b, _, err := o.getTile(ctx, t)
		if err != nil {
			return nil, err
		}
		for len(e.levels) <= t.L {
			e.levels = append(e.levels, edgeLevel{})
		}
		for _, h := range splitHashes(b) {
			e.levels[t.L].push(h)
		}
	}
	return e, nil
}

// A tileCache keeps a few complete tiles that were verified. Those of a log
// never change, so a cache serves every checkpoint.
type tileCache struct {
	unwritten map[tlog.Tile][]byte // known, and perhaps not stored; kept

	mu    sync.Mutex
	tiles map[tlog.Tile][]byte
	order []tlog.Tile
}

const cachedTiles = 64 // 512 KiB

func newTileCache(unwritten map[tlog.Tile][]byte) *tileCache {
	return &tileCache{unwritten: unwritten, tiles: make(map[tlog.Tile][]byte)}
}

func (c *tileCache) get(t tlog.Tile) []byte {
	if b := c.unwritten[t]; b != nil {
		return b
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tiles[t]
}

func (c *tileCache) add(t tlog.Tile, data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tiles[t] != nil {
		return
	}
	c.tiles[t] = data
	c.order = append(c.order, t)
	if len(c.order) > cachedTiles {
		delete(c.tiles, c.order[0])
		c.order = c.order[1:]
	}
}

// tiles reads the tiles of one tree for [tlog.TileHashReader], which verifies
// them: the incomplete ones from its edge, the others from the store.
type tiles struct {
	ctx   context.Context // of the one call that it is made for
	o     objects
	edge  *edge
	cache *tileCache
}

// Height implements [tlog.TileReader].
func (t tiles) Height() int { return tileHeight }

// ReadTiles implements [tlog.TileReader].
func (t tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(want))
	for i, tile := range want {
		if h := t.edge.tile(tile); h != nil {
			data[i] = joinHashes(h)
		} else if b := t.cache.get(tile); b != nil {
			data[i] = b
		} else {
			b, _, err := t.o.getTile(t.ctx, tile)
			if err != nil {
				return nil, err
			}
			data[i] = b
		}
	}
	return data, nil
}

// SaveTiles implements [tlog.TileReader].
func (t tiles) SaveTiles(verified []tlog.Tile, data [][]byte) {
	for i, tile := range verified {
		if tile.W == tileWidth {
			t.cache.add(tile, data[i])
		}
	}
}
