package index

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"
	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Bleve keeps the names of an index's segments, snapshot by snapshot, in the
// bolt file root.bolt: bucket "s" holds a bucket for each snapshot, the newest
// last, and that a bucket for each segment with the file's name under "p". A
// snapshot that Bleve cannot load it passes over for the one before, without
// an error. The words of everything indexed since would be missing and nobody
// would know; so what was recorded is compared with what was loaded.

// recorded returns the file names of the segments of the newest snapshot in
// dir, sorted, as written. Bolt panics where a page is not what it should be;
// every page is looked at here, where that is an error, before Bleve does.
func recorded(dir string) (_ []string, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = &DamagedError{Dir: dir, Err: fmt.Errorf("root.bolt: %v", fault)}
		}
	}()
	file := filepath.Join(dir, "root.bolt")
	if _, err := os.Stat(file); err != nil {
		return nil, &DamagedError{Dir: dir, Err: err}
	}
	wait, err := time.ParseDuration(lockTimeout)
	if err != nil {
		return nil, err
	}
	db, err := bolt.Open(file, 0o600, &bolt.Options{ReadOnly: true, Timeout: wait})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, ErrInUse
	} else if err != nil {
		return nil, &DamagedError{Dir: dir, Err: err}
	}
	defer db.Close()
	var names []string
	err = db.View(func(tx *bolt.Tx) error {
		if err := tx.ForEach(func(_ []byte, b *bolt.Bucket) error { return visit(b) }); err != nil {
			return err
		}
		snapshots := tx.Bucket([]byte("s"))
		if snapshots == nil {
			return errors.New("no snapshot was recorded")
		}
		newest, _ := snapshots.Cursor().Last()
		snapshot := snapshots.Bucket(newest)
		if snapshot == nil {
			return errors.New("no snapshot was recorded")
		}
		return snapshot.ForEachBucket(func(k []byte) error {
			if name := snapshot.Bucket(k).Get([]byte("p")); name != nil {
				names = append(names, string(name))
			}
			return nil
		})
	})
	if err != nil {
		return nil, &DamagedError{Dir: dir, Err: err}
	}
	slices.Sort(names)
	return names, nil
}

// visit reads every page of a bucket.
func visit(b *bolt.Bucket) error {
	return b.ForEach(func(k, v []byte) error {
		if v != nil {
			return nil
		}
		return visit(b.Bucket(k))
	})
}

// checkLoaded compares the segments that were loaded with those recorded.
func checkLoaded(dir string, b *scorch.Scorch, want []string) error {
	r, err := b.Reader()
	if err != nil {
		return &DamagedError{Dir: dir, Err: err}
	}
	defer r.Close()
	var have []string
	for _, s := range r.(*scorch.IndexSnapshot).Segments() {
		if f, ok := s.Segment().(segment.PersistedSegment); ok {
			have = append(have, filepath.Base(f.Path()))
		}
	}
	slices.Sort(have)
	if !slices.Equal(have, want) {
		return &DamagedError{Dir: dir, Err: fmt.Errorf("%d segments are recorded, %d of them could be read", len(want), len(have))}
	}
	return nil
}
