package journal

import (
	"context"
	"errors"
	"fmt"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
)

// Strip removes from the stored batches the bodies and salts of the entries
// that the disposal entry at index disposal names, and of no others. Only
// disposal calls it, after that entry is journalled: the log verifies before,
// between and after. Strip may be repeated, and goes on where it was broken off.
//
// It returns the keys of the batches that held the entries. Where the store
// keeps versions, the earlier versions of those objects still hold the bodies
// until the caller deletes them.
//
// A disposal's own body is never removed, since it explains what is missing.
func (j *Journal) Strip(ctx context.Context, disposal int64) (keys []string, err error) {
	r := j.Reader()
	d, err := r.Entry(ctx, disposal)
	if err != nil {
		return nil, err
	}
	if d.Type != record.EntryDisposal {
		return nil, fmt.Errorf("journal entry %d is of type %q, not a disposal", disposal, d.Type)
	}
	named, err := d.stripped()
	if err != nil {
		return nil, err
	}
	for len(named) > 0 {
		var end int64
		err := j.retry(ctx, "batch", func() (err error) {
			var key string
			key, end, err = r.stripBatch(ctx, named)
			if err == nil {
				keys = append(keys, key)
			}
			return err
		})
		if err != nil {
			return keys, fmt.Errorf("strip entry %d: %w", named[0], err)
		}
		for len(named) > 0 && named[0] < end {
			named = named[1:]
		}
	}
	return keys, nil
}

// stripBatch strips those of the named entries, which are in order, that are
// in the batch of the first one. It returns that batch's key and end.
func (r *Reader) stripBatch(ctx context.Context, named []int64) (key string, end int64, err error) {
	b, err := r.batchOf(ctx, named[0])
	if err != nil {
		return "", 0, err
	}
	entries, err := r.keys.open(b)
	if err != nil {
		return "", 0, err
	}
	changed := false
	for _, index := range named {
		if index >= b.end() {
			break
		}
		s := &entries[index-b.first]
		e, err := s.open(index)
		if err != nil {
			return "", 0, err
		}
		if e.Type == record.EntryDisposal {
			return "", 0, fmt.Errorf("entry %d is a disposal and keeps its body", index)
		}
		changed = changed || s.salt != nil
		s.salt, s.body = nil, nil
	}
	if !changed {
		return b.name.key(), b.end(), nil
	}
	object, err := sealBatch(b.name, entries, r.keys.Sealing, r.keys.Subkeys[r.keys.Sealing])
	if err != nil {
		return "", 0, err
	}
	_, err = r.o.st.Replace(ctx, b.name.key(), object, b.tag)
	if errors.Is(err, store.ErrConflict) { // another attempt's answer was lost: read again
		err = fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return b.name.key(), b.end(), err
}
