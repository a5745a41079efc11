package journal

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Orphans returns the keys of stored batches that are proved to be none of the
// log's, now or ever: a crash, or a lost race for the pen, left them between
// their Put and the checkpoint's. They may hold bodies of entries that the log
// has too, or that it never had, so a disposal removes them.
//
// The proof is the checkpoint's tree: a leaf of the batch differs from the
// tree's leaf at its place, and a log only ever grows. What the checkpoint says
// nothing of yet, such as a batch that is being written, is no orphan, nor is an
// object that is not of the form of a batch.
//
// Only batches that begin where another one does are looked at: one that was
// never signed begins where the next that was signed begins.
func (j *Journal) Orphans(ctx context.Context) (keys []string, err error) {
	r := j.Reader()
	var rivals []batchName // of one first entry
	look := func() error {
		if len(rivals) < 2 {
			return nil
		}
		for _, name := range rivals {
			b, err := r.o.batch(ctx, name)
			if err != nil {
				return err
			}
			if b.bad != nil {
				continue
			}
			foreign, err := r.foreign(ctx, b)
			if err != nil {
				return err
			}
			if foreign {
				keys = append(keys, name.key())
			}
		}
		return nil
	}
	for name, err := range r.o.listBatches(ctx, 0, r.cp.Size) {
		if err != nil {
			return nil, err
		}
		if name.first >= r.cp.Size {
			break
		}
		if len(rivals) > 0 && rivals[0].first != name.first {
			if err := look(); err != nil {
				return nil, fmt.Errorf("look for orphans: %w", err)
			}
			rivals = rivals[:0]
		}
		rivals = append(rivals, name)
	}
	if err := look(); err != nil {
		return nil, fmt.Errorf("look for orphans: %w", err)
	}
	return keys, nil
}

// foreign reports whether the tree has another leaf than the batch at one of
// the batch's places.
func (r *Reader) foreign(ctx context.Context, b fetched) (bool, error) {
	indexes := make([]int64, 0, len(b.leaves))
	for n := b.first; n < min(b.end(), r.cp.Size); n++ {
		indexes = append(indexes, tlog.StoredHashIndex(0, n))
	}
	leaves, err := r.hashes(ctx).ReadHashes(indexes)
	if err != nil {
		return false, err
	}
	for i, leaf := range leaves {
		if b.leaves[i] != leaf {
			return true, nil
		}
	}
	return false, nil
}
