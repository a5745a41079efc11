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
	removed map[bitmapKey]*roaring64.Bitmap // out of one bitmap; nothing in it is in added
	gone    *roaring64.Bitmap               // out of all of them
	after   map[bitmapKey]*roaring64.Bitmap
}

func (c *bitmapCache) begin() *bitmapTx {
	c.tx = &bitmapTx{cache: c, added: make(map[bitmapKey]*roaring64.Bitmap), removed: make(map[bitmapKey]*roaring64.Bitmap), gone: roaring64.New()}
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

// forget takes messages out of every bitmap.
func (t *bitmapTx) forget(first record.MessageNo, count int) {
	if count > 0 {
		t.gone.AddRange(uint64(first), uint64(first)+uint64(count))
	}
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
	touched, err := t.touched(ctx, tx)
	if err != nil {
		return err
	}
	t.after = make(map[bitmapKey]*roaring64.Bitmap, len(touched))
	for k := range touched {
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
		after.AndNot(t.gone)
		if after.Equals(before) {
			continue
		}
		if err := writeBitmap(ctx, tx, k, after); err != nil {
			return err
		}
		t.after[k] = after
	}
	return nil
}

// touched is the bitmaps that may change: all of them, where messages are
// forgotten.
func (t *bitmapTx) touched(ctx context.Context, tx *sql.Tx) (map[bitmapKey]bool, error) {
	keys := make(map[bitmapKey]bool)
	for k := range t.added {
		keys[k] = true
	}
	for k := range t.removed {
		keys[k] = true
	}
	if t.gone.IsEmpty() {
		return keys, nil
	}
	stored, err := collect(ctx, tx, func(s scanner) (k bitmapKey, err error) {
		err = s.Scan(&k.property, &k.value)
		return k, err
	}, `SELECT property, value FROM bitmaps`)
	for _, k := range stored {
		keys[k] = true
	}
	return keys, err
}

// writeBitmap stores a bitmap. An empty one goes with its value, which may be
// the title of a chat that is no more.
func writeBitmap(ctx context.Context, tx *sql.Tx, k bitmapKey, b *roaring64.Bitmap) error {
	if b.IsEmpty() {
		_, err := tx.ExecContext(ctx, `DELETE FROM bitmaps WHERE property = ? AND value = ?`, k.property, k.value)
		return err
	}
	b.RunOptimize()
	blob, err := b.ToBytes()
	if err != nil {
		return err
	}
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
