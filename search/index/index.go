package index

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"github.com/closeroll/closeroll/archive/record"
)

// An Index is the live generation of a directory, and the one that is being
// built beside it, if any. Its methods may be called from several goroutines.
type Index struct {
	lg  *slog.Logger
	dir string
	key []byte

	mu       sync.RWMutex // held for writing while generations change
	live     *generation
	building *generation
}

// Open opens the index in dir, which is made if it is missing, under a key of
// [KeySize] bytes. The key is not kept on disk.
//
// Errors for which [MustRebuild] is true mean that the index is lost, not the
// archive: set it aside and open again, which gives an empty index. [ErrInUse]
// means that another process has it open.
func Open(ctx context.Context, lg *slog.Logger, dir string, key []byte) (*Index, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	ix := &Index{lg: lg, dir: dir, key: slices.Clone(key)}
	names, err := ix.generations()
	if err != nil {
		return nil, err
	}
	if err := ix.openAll(ctx, names); err != nil {
		return nil, errors.Join(err, ix.Close())
	}
	return ix, nil
}

// openAll opens the generations: the last complete one is live, one after it
// is being built, and those before it are leftovers of a swap.
func (ix *Index) openAll(ctx context.Context, names []string) error {
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		g, err := openGeneration(ix.lg, filepath.Join(ix.dir, name), ix.key)
		if err != nil {
			return err
		}
		complete, err := g.internal(internalComplete)
		if err != nil || complete == "" {
			if err = errors.Join(err, ix.discard(ix.building)); err != nil {
				return errors.Join(err, g.close())
			}
			ix.building = g
			continue
		}
		old, unfinished := ix.live, ix.building
		ix.live, ix.building = g, nil
		if err := errors.Join(ix.discard(old), ix.discard(unfinished)); err != nil {
			return err
		}
	}
	if ix.live != nil {
		return nil
	}
	g, err := ix.next(names)
	if err != nil {
		return err
	}
	ix.live = g
	return g.setInternal(internalComplete, "yes")
}

// generations lists the names of the generations in order.
func (ix *Index) generations() ([]string, error) {
	entries, err := os.ReadDir(ix.dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if _, err := strconv.ParseUint(e.Name(), 10, 64); err == nil && e.IsDir() {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// next makes a generation after those named.
func (ix *Index) next(names []string) (*generation, error) {
	n := uint64(1)
	if len(names) > 0 {
		last, err := strconv.ParseUint(names[len(names)-1], 10, 64)
		if err != nil {
			return nil, err
		}
		n = last + 1
	}
	return openGeneration(ix.lg, filepath.Join(ix.dir, fmt.Sprintf("%06d", n)), ix.key)
}

// discard closes a generation and removes its files.
func (ix *Index) discard(g *generation) error {
	if g == nil {
		return nil
	}
	return errors.Join(g.close(), os.RemoveAll(g.dir))
}

// Close waits for what is being written and closes the index. Readers have to
// be closed before.
func (ix *Index) Close() error {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	var err error
	for _, g := range []*generation{ix.live, ix.building} {
		if g != nil {
			err = errors.Join(err, g.close())
		}
	}
	ix.live, ix.building = nil, nil
	return err
}

// SetAside renames a lost index so that Open makes an empty one, and returns
// where it is now. It must not be open. What was set aside can be deleted.
func SetAside(dir string) (string, error) {
	for n := 1; ; n++ {
		aside := fmt.Sprintf("%s.aside-%d", filepath.Clean(dir), n)
		if _, err := os.Lstat(aside); errors.Is(err, os.ErrNotExist) {
			return aside, os.Rename(dir, aside)
		} else if err != nil {
			return "", err
		}
	}
}

// Add indexes messages: when it returns nil they are durable and every later
// reader finds them. A message of a number that is in the index replaces it,
// so Add can be repeated. A generation that is being built gets them too.
//
// After an error some of the messages may be in the index.
func (ix *Index) Add(ctx context.Context, docs []*Document) error {
	return ix.each(func(g *generation) error { return g.add(ctx, docs) })
}

// each calls do for the live generation and then for the one being built.
func (ix *Index) each(do func(*generation) error) error {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	if ix.live == nil {
		return ErrClosed
	}
	if err := do(ix.live); err != nil || ix.building == nil {
		return err
	}
	return do(ix.building)
}

// Reader opens a view of the live generation. The caller closes it.
func (ix *Index) Reader() (*Reader, error) {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	if ix.live == nil {
		return nil, ErrClosed
	}
	return ix.live.reader()
}

// Count returns how many messages the live generation holds.
func (ix *Index) Count() (int, error) {
	r, err := ix.Reader()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	all, err := r.Numbers()
	if err != nil {
		return 0, err
	}
	return int(all.GetCardinality()), nil
}

// Contains reports whether the live generation holds the message.
func (ix *Index) Contains(no record.MessageNo) (bool, error) {
	r, err := ix.Reader()
	if err != nil {
		return false, err
	}
	defer r.Close()
	all, err := r.Numbers()
	if err != nil {
		return false, err
	}
	return all.Contains(uint64(no)), nil
}

// Generation names the live generation, for the record of a search.
func (ix *Index) Generation() string {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	if ix.live == nil {
		return ""
	}
	return ix.live.name()
}
