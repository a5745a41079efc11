package catalog

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
)

// Which messages the index holds is the one thing here that the journal does
// not say. It is a bitmap like the others, and the index itself confirms it
// whenever a daemon starts.
var indexedKey = bitmapKey{"indexed", ""}

// MarkIndexed notes that the index holds these messages, durably.
func (c *Catalog) MarkIndexed(ctx context.Context, numbers []record.MessageNo) error {
	added := roaring64.New()
	for _, no := range numbers {
		added.Add(uint64(no))
	}
	return c.setIndexed(ctx, func(old *roaring64.Bitmap) *roaring64.Bitmap { return roaring64.Or(old, added) })
}

// Reconcile sets every mark by what the index holds.
func (c *Catalog) Reconcile(ctx context.Context, held *roaring64.Bitmap) error {
	return c.setIndexed(ctx, func(*roaring64.Bitmap) *roaring64.Bitmap { return held.Clone() })
}

func (c *Catalog) setIndexed(ctx context.Context, change func(*roaring64.Bitmap) *roaring64.Bitmap) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	old, err := c.bitmaps.get(ctx, c.read, indexedKey)
	if err != nil {
		return err
	}
	marked := change(old)
	marked.RunOptimize()
	blob, err := marked.ToBytes()
	if err != nil {
		return err
	}
	if _, err := c.write.ExecContext(ctx, upsertBitmap, indexedKey.property, indexedKey.value, blob); err != nil {
		return err
	}
	c.bitmaps.set(indexedKey, marked)
	return nil
}

// Unindexed returns the messages of kept records that the index does not hold.
func (c *Catalog) Unindexed(ctx context.Context) (*roaring64.Bitmap, error) {
	live, err := c.Live(ctx)
	if err != nil {
		return nil, err
	}
	indexed, err := c.bitmaps.get(ctx, c.read, indexedKey)
	if err != nil {
		return nil, err
	}
	return roaring64.AndNot(live, indexed), nil
}

// IsIndexed reports whether the index holds these count messages, by their
// marks.
func (c *Catalog) IsIndexed(ctx context.Context, first record.MessageNo, count int) (bool, error) {
	indexed, err := c.bitmaps.get(ctx, c.read, indexedKey)
	if err != nil {
		return false, err
	}
	for no := uint64(first); no < uint64(first)+uint64(count); no++ {
		if !indexed.Contains(no) {
			return false, nil
		}
	}
	return true, nil
}
