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
	cache   *bitmapCache
	added   map[bitmapKey]*roaring64.Bitmap
	removed map[bitmapKey]*roaring64.Bitmap // nothing in it is in added
	after   map[bitmapKey]*roaring64.Bitmap
}

func (c *bitmapCache) begin() *bitmapTx {
	c.tx = &bitmapTx{cache: c, added: make(map[bitmapKey]*roaring64.Bitmap), removed: make(map[bitmapKey]*roaring64.Bitmap)}
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
	move(t.added, t.removed, bitmapKey{property, value}, uint64(first), uint64(count))
}

// removeRange takes messages out again. What is added later stays.
func (t *bitmapTx) removeRange(property, value string, first record.MessageNo, count int) {
	move(t.removed, t.added, bitmapKey{property, value}, uint64(first), uint64(count))
}

// move puts a range into one set of bitmaps and takes it out of another.
func move(into, outOf map[bitmapKey]*roaring64.Bitmap, k bitmapKey, first, count uint64) {
	if count == 0 {
		return
	}
	b := into[k]
	if b == nil {
		b = roaring64.New()
		into[k] = b
	}
	b.AddRange(first, first+count)
	if b = outOf[k]; b != nil {
		b.RemoveRange(first, first+count)
	}
}

// flush writes every bitmap that the transaction touched.
func (t *bitmapTx) flush(ctx context.Context, tx *sql.Tx) error {
	t.after = make(map[bitmapKey]*roaring64.Bitmap, len(t.added))
	for _, touched := range []map[bitmapKey]*roaring64.Bitmap{t.added, t.removed} {
		for k := range touched {
			if err := t.write(ctx, tx, k); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *bitmapTx) write(ctx context.Context, tx *sql.Tx, k bitmapKey) error {
	if t.after[k] != nil {
		return nil
	}
	before, err := t.cache.get(ctx, tx, k)
	if err != nil {
		return err
	}
	after := before.Clone()
	if removed := t.removed[k]; removed != nil {
		after.AndNot(removed)
	}
	if added := t.added[k]; added != nil {
		after.Or(added)
	}
	after.RunOptimize()
	blob, err := after.ToBytes()
	if err != nil {
		return err
	}
	t.after[k] = after
	_, err = tx.ExecContext(ctx, upsertBitmap, k.property, k.value, blob)
	return err
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
