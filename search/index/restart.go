package index

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/util"
	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Bleve writes the snapshot that it opened once more into the same bucket of
// root.bolt, and seals it anew under another writer id. Of a segment that a
// merge made, the snapshot holds an empty set of deleted documents, which
// counts as none when it is loaded, and which therefore is not sealed anew: the
// next start finds it under a writer id that is forgotten, and with it the
// whole snapshot cannot be read. So empty sets are taken out of root.bolt
// before Bleve opens it. Without them it says the same.

// dropEmptySets removes the empty sets of deleted documents in dir's root.bolt.
// It changes nothing where there are none.
func dropEmptySets(dir string) (err error) {
	defer func() {
		if fault := recover(); fault != nil { // Bolt's way of saying that a page is damaged
			err = &DamagedError{Dir: dir, Err: fmt.Errorf("root.bolt: %v", fault)}
		}
	}()
	wait, err := time.ParseDuration(lockTimeout)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "root.bolt")
	if _, err := os.Stat(file); err != nil {
		return &DamagedError{Dir: dir, Err: err}
	}
	db, err := bolt.Open(file, 0o600, &bolt.Options{Timeout: wait})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return ErrInUse
	} else if err != nil {
		return &DamagedError{Dir: dir, Err: err}
	}
	found := false
	err = db.View(func(tx *bolt.Tx) error {
		return emptySets(tx, func(*bolt.Bucket) error { found = true; return nil })
	})
	if err == nil && found {
		err = db.Update(func(tx *bolt.Tx) error {
			return emptySets(tx, func(segment *bolt.Bucket) error { return segment.Delete(util.BoltDeletedKey) })
		})
	}
	if err != nil {
		err = &DamagedError{Dir: dir, Err: err}
	}
	return errors.Join(err, db.Close())
}

// emptySets calls f with the bucket of every segment whose set of deleted
// documents is empty, in every snapshot.
func emptySets(tx *bolt.Tx, f func(segment *bolt.Bucket) error) error {
	snapshots := tx.Bucket(util.BoltSnapshotsBucket)
	if snapshots == nil {
		return nil // recorded says so
	}
	return snapshots.ForEachBucket(func(epoch []byte) error {
		snapshot := snapshots.Bucket(epoch)
		meta := snapshot.Bucket(util.BoltMetaDataKey)
		if meta == nil {
			return nil
		}
		open, err := opening(string(meta.Get(util.BoltMetaDataFileWriterIDKey)), nil)
		if err != nil || open == nil {
			return err
		}
		var empty [][]byte
		err = snapshot.ForEachBucket(func(id []byte) error {
			set := snapshot.Bucket(id).Get(util.BoltDeletedKey)
			if set == nil || bytes.Equal(id, util.BoltMetaDataKey) || bytes.Equal(id, util.BoltInternalKey) {
				return nil
			}
			none, err := isEmptySet(open, set)
			if none {
				empty = append(empty, bytes.Clone(id))
			}
			return err
		})
		for _, id := range empty {
			err = errors.Join(err, f(snapshot.Bucket(id)))
		}
		return err
	})
}

// isEmptySet opens a set of deleted documents. One that cannot be opened is
// left as it is: if its snapshot is the one that matters, Bleve will say so.
func isEmptySet(open func([]byte) ([]byte, error), sealed []byte) (bool, error) {
	plain, err := open(bytes.Clone(sealed))
	if err != nil {
		return false, nil //nolint:nilerr // see above
	}
	set := roaring.New()
	if _, err := set.ReadFrom(bytes.NewReader(plain)); err != nil {
		return false, err
	}
	return set.IsEmpty(), nil
}
