package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/minio/minio-go/v7"
)

// Get implements [store.Store].
func (s *Store) Get(ctx context.Context, key string) (io.ReadCloser, store.Info, error) {
	if err := store.CheckKey(key); err != nil {
		return nil, store.Info{}, err
	}
	r, info, err := s.get(ctx, key)
	if err != nil {
		return nil, store.Info{}, fmt.Errorf("get %s: %w", key, err)
	}
	return r, info, nil
}

func (s *Store) get(ctx context.Context, key string) (r io.ReadCloser, info store.Info, err error) {
	err = s.attempt(ctx, func(bool) error {
		content, object, _, err := s.core.GetObject(ctx, s.opts.Bucket, s.prefix+key, minio.GetObjectOptions{})
		if err != nil {
			return err
		}
		r, info = &reader{ctx: ctx, ReadCloser: content, left: object.Size}, s.info(key, object)
		return nil
	})
	return r, info, err
}

// A reader names what goes wrong while an object is read, and finds out if it
// ends too early.
type reader struct {
	ctx context.Context
	io.ReadCloser
	left int64
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.left -= int64(n)
	switch {
	case err == nil:
	case !errors.Is(err, io.EOF):
		err = fault(r.ctx, err)
	case r.left > 0:
		err = fmt.Errorf("%w: %w", store.ErrUnavailable, io.ErrUnexpectedEOF)
	}
	return n, err
}

// Stat implements [store.Store].
func (s *Store) Stat(ctx context.Context, key string) (store.Info, error) {
	if err := store.CheckKey(key); err != nil {
		return store.Info{}, err
	}
	info, err := s.stat(ctx, key)
	if err != nil {
		return store.Info{}, fmt.Errorf("stat %s: %w", key, err)
	}
	return info, nil
}

func (s *Store) stat(ctx context.Context, key string) (info store.Info, err error) {
	err = s.attempt(ctx, func(bool) error {
		object, err := s.core.StatObject(ctx, s.opts.Bucket, s.prefix+key, minio.StatObjectOptions{})
		if err = fault(ctx, err); errors.Is(err, store.ErrNotExist) {
			return s.missing(ctx, err)
		}
		info = s.info(key, object)
		return err
	})
	return info, err
}

// missing tells an object that is not there from a bucket that is not: the
// answer to HEAD has no room to say which.
func (s *Store) missing(ctx context.Context, absent error) error {
	there, err := s.core.BucketExists(ctx, s.opts.Bucket)
	switch {
	case err != nil:
		return err
	case !there:
		return fmt.Errorf("%w: there is no bucket %s", store.ErrUnavailable, s.opts.Bucket)
	}
	return absent
}

// info describes an object.
func (s *Store) info(key string, o minio.ObjectInfo) store.Info {
	i := store.Info{Key: key, Size: o.Size, Tag: store.Tag(o.ETag), Modified: o.LastModified}
	for name, value := range o.UserMetadata {
		if strings.EqualFold(name, digestName) {
			if i.Digest.UnmarshalText([]byte(value)) != nil {
				i.Digest = record.Digest{}
			}
		}
	}
	return i
}

// List implements [store.Store].
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) {
		if err := store.CheckPrefix(prefix); err != nil {
			yield(store.Info{}, err)
			return
		}
		after, more := "", true
		err := s.attempt(ctx, func(bool) error {
			opts := minio.ListObjectsOptions{Prefix: s.prefix + prefix, Recursive: true, StartAfter: after}
			for o := range s.core.ListObjectsIter(ctx, s.opts.Bucket, opts) {
				if o.Err != nil {
					return o.Err
				}
				after = o.Key
				key := strings.TrimPrefix(o.Key, s.prefix)
				if store.CheckKey(key) != nil { // a folder's marker, or a stranger's object
					continue
				}
				if more = yield(store.Info{Key: key, Size: o.Size, Modified: o.LastModified}, nil); !more {
					return nil
				}
			}
			return nil
		})
		if err != nil && more {
			yield(store.Info{}, fmt.Errorf("list %q: %w", prefix, err))
		}
	}
}
