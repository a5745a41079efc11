package dir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
)

// tag is the tag of an object with this digest. The same content has the same
// tag again: nothing that replaces an object minds that.
func tag(d record.Digest) store.Tag { return store.Tag(d.String()) }

// Get implements [store.Store].
func (s *Store) Get(ctx context.Context, key string) (io.ReadCloser, store.Info, error) {
	if err := store.CheckKey(key); err != nil {
		return nil, store.Info{}, err
	}
	f, info, err := s.open(ctx, key)
	if err != nil {
		return nil, store.Info{}, fmt.Errorf("get %s: %w", key, fault(err))
	}
	return struct {
		io.Reader
		io.Closer
	}{contextReader{ctx, f}, f}, info, nil
}

// Stat implements [store.Store]. It reads the whole object, up to MaxReplace.
func (s *Store) Stat(ctx context.Context, key string) (store.Info, error) {
	if err := store.CheckKey(key); err != nil {
		return store.Info{}, err
	}
	f, info, err := s.open(ctx, key)
	if err != nil {
		return store.Info{}, fmt.Errorf("stat %s: %w", key, fault(err))
	}
	return info, f.Close()
}

// open opens an object, at its start, and describes it. What is open stays the
// same: an object is replaced by another file, never written to.
func (s *Store) open(ctx context.Context, key string) (*os.File, store.Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, store.Info{}, err
	}
	f, err := s.root.Open(key)
	if err != nil {
		return nil, store.Info{}, err
	}
	info, err := describe(ctx, key, f)
	if err != nil {
		f.Close()
		return nil, store.Info{}, err
	}
	return f, info, nil
}

func describe(ctx context.Context, key string, f *os.File) (store.Info, error) {
	stat, err := f.Stat()
	if err != nil {
		return store.Info{}, err
	}
	if !stat.Mode().IsRegular() {
		return store.Info{}, fs.ErrNotExist
	}
	info := store.Info{Key: key, Size: stat.Size(), Modified: stat.ModTime()}
	if info.Size > store.MaxReplace {
		return info, nil
	}
	if info.Digest, _, err = record.SumReader(contextReader{ctx, f}); err != nil {
		return store.Info{}, err
	}
	info.Tag = tag(info.Digest)
	_, err = f.Seek(0, io.SeekStart)
	return info, err
}

// List implements [store.Store].
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) {
		err := store.CheckPrefix(prefix)
		if err == nil {
			start := "."
			if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
				start = prefix[:i]
			}
			err = s.walk(ctx, start, prefix, func(i store.Info) bool { return yield(i, nil) })
		}
		if err != nil && !errors.Is(err, errStop) {
			yield(store.Info{}, fmt.Errorf("list %q: %w", prefix, fault(err)))
		}
	}
}

// errStop ends a walk whose consumer has had enough.
var errStop = errors.New("stop")

// walk yields the objects under a directory in the order of their keys, which
// is not that of file names: "a.b" comes before "a/b".
func (s *Store) walk(ctx context.Context, name, prefix string, yield func(store.Info) bool) error {
	entries, err := s.entries(ctx, name)
	if err != nil {
		return err
	}
	for _, e := range entries {
		key := path.Join(name, e.Name())
		switch {
		case e.IsDir() && (strings.HasPrefix(key+"/", prefix) || strings.HasPrefix(prefix, key+"/")):
			if err := s.walk(ctx, key, prefix, yield); err != nil {
				return err
			}
		case e.Type().IsRegular() && strings.HasPrefix(key, prefix):
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			if !yield(store.Info{Key: key, Size: info.Size(), Modified: info.ModTime()}) {
				return errStop
			}
		}
	}
	return nil
}

// entries reads a directory, leaves out what is no key, and sorts.
func (s *Store) entries(ctx context.Context, name string) ([]os.DirEntry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d, err := s.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	entries, err := d.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") })
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return strings.Compare(sortName(a), sortName(b)) })
	return entries, nil
}

func sortName(e os.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}
