// Package dir keeps an archive's objects as files under one directory. It is
// the store of the demo and of small archives on a single machine.
//
// An object's file appears under its name only when it is whole and flushed:
//
//	write .staging/RANDOM → fsync → link(2) to the key → fsync(directory) → unlink .staging/RANDOM
//
// link(2) fails if the name exists, which makes creation happen once however
// many processes try. Replacing compares the content's digest, which is the
// tag, and renames, both under an exclusive lock on the file .lock.
//
// It is no WORM storage: whoever is root, or owns the directory, can change
// it. Fixity checks find that out; they do not prevent it.
package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sync"
	"time"

	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/internal/durable"
)

// Names in the root that are no keys: a key has no segment that begins with a dot.
const (
	staging  = ".staging"
	lockName = ".lock"
)

// stale is the age after which a staged file is the remains of a crash and
// not another process's work.
const stale = 24 * time.Hour

// A Store is a directory that holds objects.
type Store struct {
	root    *os.Root
	replace sync.Mutex // held while replacing, besides the lock on the file

	mu   sync.Mutex
	made map[string]bool // directories whose names are known to be durable
}

// Create makes the directory, if need be, and opens it.
func Create(root string) (*Store, error) {
	if err := durable.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("make store directory: %w", err)
	}
	return Open(root)
}

// Open opens an existing directory. It never makes one: a directory that is
// missing is more likely a disk that is not mounted.
func Open(root string) (*Store, error) {
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, fmt.Errorf("open store directory: %w", fault(err))
	}
	s := &Store{root: r, made: map[string]bool{".": true}}
	if err := s.tidy(); err != nil {
		r.Close()
		return nil, fmt.Errorf("open store directory: %w", fault(err))
	}
	return s, nil
}

// Close lets go of the directory.
func (s *Store) Close() error { return s.root.Close() }

// tidy makes the staging directory and removes what crashes left in it.
func (s *Store) tidy() error {
	if err := s.root.Mkdir(staging, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	d, err := s.root.Open(staging)
	if err != nil {
		return err
	}
	defer d.Close()
	entries, err := d.ReadDir(-1)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && time.Since(info.ModTime()) > stale {
			s.root.Remove(path.Join(staging, e.Name()))
		}
	}
	return nil
}

// makeDir makes a directory and its parents, and sees to it that their names
// are durable, also where another process made them and perhaps crashed.
func (s *Store) makeDir(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.makeDirLocked(name)
}

func (s *Store) makeDirLocked(name string) error {
	if s.made[name] {
		return nil
	}
	parent := path.Dir(name)
	if err := s.makeDirLocked(parent); err != nil {
		return err
	}
	if err := s.root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := s.syncDir(parent); err != nil {
		return err
	}
	s.made[name] = true
	return nil
}

func (s *Store) syncDir(name string) error {
	d, err := s.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(durable.SyncOpenDir(d), d.Close())
}

// lock takes the lock that replacing needs, in this process and among others.
func (s *Store) lock(ctx context.Context) (unlock func(), err error) {
	s.replace.Lock()
	f, err := s.root.OpenFile(lockName, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		s.replace.Unlock()
		return nil, err
	}
	if err := lockFile(ctx, f); err != nil {
		f.Close()
		s.replace.Unlock()
		return nil, err
	}
	return func() {
		f.Close() // closing lets go of the lock
		s.replace.Unlock()
	}, nil
}

// pause waits a moment for another process to let go.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(2 * time.Millisecond):
		return nil
	}
}

// writeFault is fault for writing, where a directory that is not there means
// that the whole store has gone away, perhaps with its disk.
func writeFault(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return fault(err)
}

// fault names a system error in the contract's words, and keeps it.
func fault(err error) error {
	var kind error
	switch {
	case errors.Is(err, fs.ErrNotExist):
		kind = store.ErrNotExist
	case errors.Is(err, fs.ErrPermission) || isReadOnly(err):
		kind = store.ErrDenied
	case durable.IsFull(err):
		kind = store.ErrFull
	default:
		return err
	}
	return fmt.Errorf("%w: %w", kind, err)
}
