package journal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

// memory is a store in memory, for tests that write too much for a disk. It
// passes the conformance suite of the contract.
type memory struct {
	mu      sync.Mutex
	objects map[string][]byte
}

func newMemory() *memory { return &memory{objects: make(map[string][]byte)} }

func TestMemoryIsAStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return newMemory() })
}

func tagOf(b []byte) store.Tag { return store.Tag(record.Sum(b).String()) }

func (m *memory) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, sum record.Digest, opts store.PutOptions) error {
	if err := errors.Join(ctx.Err(), store.CheckKey(key)); err != nil {
		return err
	}
	if opts.Locked() {
		return store.ErrUnsupported
	}
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return err
	}
	b, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	if int64(len(b)) != size || record.Sum(b) != sum {
		return store.ErrDigest
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if there, ok := m.objects[key]; ok && !bytes.Equal(there, b) {
		return fmt.Errorf("put %s: %w", key, store.ErrExist)
	}
	m.objects[key] = b
	return nil
}

func (m *memory) Get(ctx context.Context, key string) (io.ReadCloser, store.Info, error) {
	info, err := m.Stat(ctx, key)
	if err != nil {
		return nil, info, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return io.NopCloser(bytes.NewReader(m.objects[key])), info, nil
}

func (m *memory) Stat(ctx context.Context, key string) (store.Info, error) {
	if err := errors.Join(ctx.Err(), store.CheckKey(key)); err != nil {
		return store.Info{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.objects[key]
	if !ok {
		return store.Info{}, fmt.Errorf("%s: %w", key, store.ErrNotExist)
	}
	return store.Info{Key: key, Size: int64(len(b)), Tag: tagOf(b), Digest: record.Sum(b), Modified: time.Now()}, nil
}

func (m *memory) List(ctx context.Context, prefix string) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) {
		if err := store.CheckPrefix(prefix); err != nil {
			yield(store.Info{}, err)
			return
		}
		m.mu.Lock()
		keys := slices.Sorted(maps.Keys(m.objects))
		m.mu.Unlock()
		for _, key := range keys {
			if err := ctx.Err(); err != nil {
				yield(store.Info{}, err)
				return
			}
			if !strings.HasPrefix(key, prefix) {
				continue
			}
			info, err := m.Stat(ctx, key)
			if errors.Is(err, store.ErrNotExist) {
				continue
			}
			if !yield(store.Info{Key: key, Size: info.Size, Modified: info.Modified}, err) || err != nil {
				return
			}
		}
	}
}

func (m *memory) Replace(ctx context.Context, key string, body []byte, ifMatch store.Tag) (store.Tag, error) {
	if err := errors.Join(ctx.Err(), store.CheckKey(key)); err != nil {
		return "", err
	}
	if len(body) > store.MaxReplace {
		return "", store.ErrTooLarge
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	there, ok := m.objects[key]
	if ok != (ifMatch != "") || ok && tagOf(there) != ifMatch {
		return "", fmt.Errorf("replace %s: %w", key, store.ErrConflict)
	}
	m.objects[key] = bytes.Clone(body)
	return tagOf(body), nil
}

func (m *memory) Versions(ctx context.Context, key string) iter.Seq2[store.Version, error] {
	return func(yield func(store.Version, error) bool) {
		if info, err := m.Stat(ctx, key); !errors.Is(err, store.ErrNotExist) {
			yield(store.Version{Key: key, Latest: true, Size: info.Size, Modified: info.Modified}, err)
		}
	}
}

func (m *memory) DeleteVersion(ctx context.Context, key, _ string) error {
	if err := errors.Join(ctx.Err(), store.CheckKey(key)); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.objects, key)
	return nil
}
