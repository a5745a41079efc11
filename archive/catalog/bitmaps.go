package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
)

// A bitmapKey names one bitmap: the messages that have a value of a property.
type bitmapKey struct{ property, value string }

// A bitmapCache holds bitmaps as they are committed, read on first use. The
// writer changes clones and swaps them in when its transaction has committed,
// so that a reader's bitmap never changes under it.
type bitmapCache struct {
	mu     sync.Mutex
	loaded map[bitmapKey]*roaring64.Bitmap
	tx     *bitmapTx
}

func newBitmapCache() *bitmapCache {
	return &bitmapCache{loaded: make(map[bitmapKey]*roaring64.Bitmap)}
}

const upsertBitmap = `INSERT INTO bitmaps (property, value, bits) VALUES (?, ?, ?)
	ON CONFLICT (property, value) DO UPDATE SET bits = excluded.bits`

// A bitmapTx collects what one Apply adds.
type bitmapTx struct {
	cache *bitmapCache
	added map[bitmapKey]*roaring64.Bitmap
	after map[bitmapKey]*roaring64.Bitmap
}

func (c *bitmapCache) begin() *bitmapTx {
	c.tx = &bitmapTx{cache: c, added: make(map[bitmapKey]*roaring64.Bitmap)}
	return c.tx
}

func (c *bitmapCache) commit() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, b := range c.tx.after {
		c.loaded[k] = b
	}
	c.tx = nil
}

// set replaces one bitmap, after it was written.
func (c *bitmapCache) set(k bitmapKey, b *roaring64.Bitmap) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loaded[k] = b
}

func (c *bitmapCache) rollback() { c.tx = nil }

func (t *bitmapTx) addRange(property, value string, first record.MessageNo, count int) {
	if count == 0 {
		return
	}
	k := bitmapKey{property, value}
	b := t.added[k]
	if b == nil {
		b = roaring64.New()
		t.added[k] = b
	}
	b.AddRange(uint64(first), uint64(first)+uint64(count))
}

// flush writes every bitmap that the transaction touched.
func (t *bitmapTx) flush(ctx context.Context, tx *sql.Tx) error {
	t.after = make(map[bitmapKey]*roaring64.Bitmap, len(t.added))
	for k, added := range t.added {
		b, err := t.cache.get(ctx, tx, k)
		if err != nil {
			return err
		}
		after := roaring64.Or(b, added)
		after.RunOptimize()
		blob, err := after.ToBytes()
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, upsertBitmap, k.property, k.value, blob); err != nil {
			return err
		}
		t.after[k] = after
	}
	return nil
}

// querier is a *sql.DB or a *sql.Tx.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// get returns the bitmap of a property and value, empty if nothing has it.
// The caller must not change it.
func (c *bitmapCache) get(ctx context.Context, q querier, k bitmapKey) (*roaring64.Bitmap, error) {
	c.mu.Lock()
	b := c.loaded[k]
	c.mu.Unlock()
	if b != nil {
		return b, nil
	}
	b = roaring64.New()
	var blob []byte
	err := q.QueryRowContext(ctx, `SELECT bits FROM bitmaps WHERE property = ? AND value = ?`, k.property, k.value).Scan(&blob)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return b, nil
	case err != nil:
		return nil, err
	}
	if err := b.UnmarshalBinary(blob); err != nil {
		return nil, fmt.Errorf("bitmap %s: %w", k.property, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if current := c.loaded[k]; current != nil {
		return current, nil
	}
	c.loaded[k] = b
	return b, nil
}
