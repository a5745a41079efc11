package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"

	"github.com/closeroll/closeroll/archive/store"
)

// Versions implements [store.Deleter]: a directory keeps one.
func (s *Store) Versions(ctx context.Context, key string) iter.Seq2[store.Version, error] {
	return func(yield func(store.Version, error) bool) {
		info, err := s.Stat(ctx, key)
		switch {
		case errors.Is(err, store.ErrNotExist):
		case err != nil:
			yield(store.Version{}, err)
		default:
			yield(store.Version{Key: key, Latest: true, Size: info.Size, Modified: info.Modified}, nil)
		}
	}
}

// DeleteVersion implements [store.Deleter]. The file system may keep the
// octets on the medium until it uses the room again; they are sealed.
func (s *Store) DeleteVersion(ctx context.Context, key, id string) error {
	if err := store.CheckKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if id != "" {
		return nil
	}
	err := s.root.Remove(key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = s.syncDir(path.Dir(key))
	}
	if err != nil {
		return fmt.Errorf("delete %s: %w", key, fault(err))
	}
	return nil
}
