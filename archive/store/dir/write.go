package dir

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
)

// Put implements [store.Store].
func (s *Store) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, sum record.Digest, opts store.PutOptions) error {
	if err := store.CheckKey(key); err != nil {
		return err
	}
	if opts.Locked() {
		return fmt.Errorf("put %s: a directory has no object lock: %w", key, store.ErrUnsupported)
	}
	if err := s.put(ctx, key, body, size, sum); err != nil {
		return fmt.Errorf("put %s: %w", key, err)
	}
	return nil
}

func (s *Store) put(ctx context.Context, key string, body io.ReadSeeker, size int64, sum record.Digest) error {
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return err
	}
	staged, err := s.stage(ctx, body, size, sum)
	if err != nil {
		return writeFault(err)
	}
	defer s.root.Remove(staged)
	if err := s.makeDir(path.Dir(key)); err != nil {
		return writeFault(err)
	}
	err = s.root.Link(staged, key)
	if errors.Is(err, fs.ErrExist) {
		err = s.sameAs(ctx, key, size, sum)
	}
	if err != nil {
		return writeFault(err)
	}
	return writeFault(s.syncDir(path.Dir(key)))
}

// sameAs returns nil if the object has these octets, flushed, else ErrExist.
func (s *Store) sameAs(ctx context.Context, key string, size int64, sum record.Digest) error {
	f, err := s.root.Open(key)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() != size {
		return store.ErrExist
	}
	there, _, err := record.SumReader(contextReader{ctx, f})
	if err != nil {
		return err
	}
	if there != sum {
		return store.ErrExist
	}
	return nil
}

// Replace implements [store.Store].
func (s *Store) Replace(ctx context.Context, key string, body []byte, ifMatch store.Tag) (store.Tag, error) {
	if err := store.CheckKey(key); err != nil {
		return "", err
	}
	if len(body) > store.MaxReplace {
		return "", fmt.Errorf("replace %s: %w: %d octets", key, store.ErrTooLarge, len(body))
	}
	if err := s.replaceLocked(ctx, key, body, ifMatch); err != nil {
		return "", fmt.Errorf("replace %s: %w", key, writeFault(err))
	}
	return tag(record.Sum(body)), nil
}

func (s *Store) replaceLocked(ctx context.Context, key string, body []byte, ifMatch store.Tag) error {
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	switch info, err := s.Stat(ctx, key); {
	case errors.Is(err, store.ErrNotExist) && ifMatch != "":
		return store.ErrConflict
	case errors.Is(err, store.ErrNotExist):
	case err != nil:
		return err
	case info.Tag != ifMatch || ifMatch == "":
		return store.ErrConflict
	}
	staged, err := s.stage(ctx, bytes.NewReader(body), int64(len(body)), record.Sum(body))
	if err != nil {
		return err
	}
	defer s.root.Remove(staged)
	if err := s.makeDir(path.Dir(key)); err != nil {
		return err
	}
	if ifMatch == "" { // a Put takes no lock: only link(2) can tell who was first
		err = s.root.Link(staged, key)
		if errors.Is(err, fs.ErrExist) {
			err = store.ErrConflict
		}
	} else {
		err = s.root.Rename(staged, key)
	}
	if err != nil {
		return err
	}
	return s.syncDir(path.Dir(key))
}

// stage writes r to a flushed file in the staging directory and checks that it
// is what sum and size say.
func (s *Store) stage(ctx context.Context, r io.Reader, size int64, sum record.Digest) (string, error) {
	name := path.Join(staging, rand.Text())
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), io.LimitReader(contextReader{ctx, r}, size+1))
	switch {
	case err != nil:
	case n != size:
		err = fmt.Errorf("%w: %d octets were announced", store.ErrDigest, size)
	case record.Digest(h.Sum(nil)) != sum:
		err = store.ErrDigest
	default:
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		s.root.Remove(name)
		return "", err
	}
	return name, nil
}

// A contextReader reads until its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
