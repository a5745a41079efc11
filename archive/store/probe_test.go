package store_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/dir"
)

func TestProbe(t *testing.T) {
	for _, c := range []struct {
		name  string
		wrap  func(*dir.Store) store.Store
		fails string // the one check that fails
		must  bool
	}{
		{"a good one", func(s *dir.Store) store.Store { return s }, "", false},
		{"overwrites", func(s *dir.Store) store.Store { return overwriting{s} }, "create an object once", true},
		{"takes damaged octets", func(s *dir.Store) store.Store { return credulous{s} }, "refuse damaged octets", true},
		{"replaces anything", func(s *dir.Store) store.Store { return careless{s} }, "replace only what is unchanged", true},
		{"denies deletion", func(s *dir.Store) store.Store { return denying{s} }, "delete an object", false},
		{"only pretends to delete", func(s *dir.Store) store.Store { return pretending{s} }, "delete an object", true},
		{"is down", func(s *dir.Store) store.Store { return down{s} }, "reach the store", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := dir.Create(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for range 2 { // what one probe leaves must not disturb the next
				failed := ""
				for _, f := range store.Probe(t.Context(), c.wrap(s), time.Now) {
					if f.Result == store.Failed {
						failed += f.Check
						if f.Must != c.must || f.Detail == "" {
							t.Errorf("%+v", f)
						}
					}
				}
				if failed != c.fails {
					t.Errorf("failed: %q, want %q", failed, c.fails)
				}
			}
		})
	}
}

// Stores that say yes and do otherwise, as some servers do.

type overwriting struct{ *dir.Store }

func (s overwriting) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, sum record.Digest, o store.PutOptions) error {
	if err := s.Store.Put(ctx, key, body, size, sum, o); !errors.Is(err, store.ErrExist) {
		return err
	}
	return nil
}

type credulous struct{ *dir.Store }

func (s credulous) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, _ record.Digest, o store.PutOptions) error {
	sum, _, err := record.SumReader(body)
	if err != nil {
		return err
	}
	err = s.Store.Put(ctx, key, body, size, sum, o)
	if sum == record.Sum([]byte("closeroll probe")) { // make room for the checks that follow
		return errors.Join(err, s.DeleteVersion(ctx, key, ""))
	}
	return err
}

type careless struct{ *dir.Store }

func (s careless) Replace(ctx context.Context, key string, body []byte, _ store.Tag) (store.Tag, error) {
	info, err := s.Stat(ctx, key)
	if err != nil {
		return "", err
	}
	return s.Store.Replace(ctx, key, body, info.Tag)
}

type denying struct{ *dir.Store }

func (s denying) DeleteVersion(context.Context, string, string) error { return store.ErrDenied }

type pretending struct{ *dir.Store }

func (s pretending) DeleteVersion(context.Context, string, string) error { return nil }

type down struct{ *dir.Store }

func (s down) Stat(context.Context, string) (store.Info, error) {
	return store.Info{}, store.ErrUnavailable
}
