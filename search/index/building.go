package index

import (
	"context"
	"errors"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
)

// ErrNotBuilding says that no generation is being built.
var ErrNotBuilding = errors.New("no generation of the index is being built")

// A Building is the generation that is being built beside the live one. It
// outlives a restart: [Index.Build] goes on with it.
type Building struct {
	ix *Index
	g  *generation
}

// Build begins a new generation, or goes on with the one that was begun. From
// its return on, Add writes to both, so whoever builds has to supply only what
// is missing from Numbers. A message removed meanwhile must not be added
// again: the caller compares with the catalog.
func (ix *Index) Build(ctx context.Context) (*Building, error) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if ix.live == nil {
		return nil, ErrClosed
	}
	if ix.building == nil {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		names, err := ix.generations()
		if err != nil {
			return nil, err
		}
		if ix.building, err = ix.next(names); err != nil {
			return nil, err
		}
	}
	return &Building{ix, ix.building}, nil
}

// Building returns the generation that is being built, or nil.
func (ix *Index) Building() *Building {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	if ix.building == nil {
		return nil
	}
	return &Building{ix, ix.building}
}

// Name names the generation.
func (b *Building) Name() string { return b.g.name() }

// hold keeps the generation from changing until the returned function is
// called, and fails if it is no longer the one being built.
func (b *Building) hold() (func(), error) {
	b.ix.mu.RLock()
	if b.ix.building != b.g {
		b.ix.mu.RUnlock()
		return nil, ErrNotBuilding
	}
	return b.ix.mu.RUnlock, nil
}

// Add indexes messages in this generation only, as [Index.Add] does.
func (b *Building) Add(ctx context.Context, docs []*Document) error {
	release, err := b.hold()
	if err != nil {
		return err
	}
	defer release()
	return b.g.add(ctx, docs)
}

// Numbers returns the numbers of the messages it holds.
func (b *Building) Numbers() (*roaring64.Bitmap, error) {
	release, err := b.hold()
	if err != nil {
		return nil, err
	}
	defer release()
	r, err := b.g.reader()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.Numbers()
}

// Swap makes this generation the live one, durably, and deletes the other. The
// caller has made sure that it holds every message. Readers of the other stay
// valid until they are closed.
func (b *Building) Swap() error {
	b.ix.mu.Lock()
	defer b.ix.mu.Unlock()
	if b.ix.building != b.g {
		return ErrNotBuilding
	}
	if err := b.g.setInternal(internalComplete, "yes"); err != nil {
		return err
	}
	old := b.ix.live
	b.ix.live, b.ix.building = b.g, nil
	return b.ix.discard(old)
}

// Abandon deletes the generation.
func (b *Building) Abandon() error {
	b.ix.mu.Lock()
	defer b.ix.mu.Unlock()
	if b.ix.building != b.g {
		return ErrNotBuilding
	}
	b.ix.building = nil
	return b.ix.discard(b.g)
}
