package s3

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/closeroll/closeroll/archive/store"
	"github.com/minio/minio-go/v7"
)

// nullVersion is the version of an object that was stored without versions.
const nullVersion = "null"

// Versions implements [store.Deleter].
func (s *Store) Versions(ctx context.Context, key string) iter.Seq2[store.Version, error] {
	return func(yield func(store.Version, error) bool) {
		if err := store.CheckKey(key); err != nil {
			yield(store.Version{}, err)
			return
		}
		opts := minio.ListObjectsOptions{Prefix: s.prefix + key, Recursive: true, WithVersions: true}
		for o := range s.core.ListObjectsIter(ctx, s.opts.Bucket, opts) {
			if o.Err != nil {
				yield(store.Version{}, fmt.Errorf("list versions of %s: %w", key, fault(ctx, o.Err)))
				return
			}
			if o.Key != s.prefix+key {
				continue
			}
			v := store.Version{Key: key, ID: o.VersionID, Latest: o.IsLatest, Marker: o.IsDeleteMarker, Size: o.Size, Modified: o.LastModified}
			if !yield(v, nil) {
				return
			}
		}
	}
}

// DeleteVersion implements [store.Deleter]. It always names a version: without
// one a server with versions would only hide the object.
func (s *Store) DeleteVersion(ctx context.Context, key, id string) error {
	return s.deleteVersion(ctx, key, id, false)
}

// DeleteGoverned implements [store.Bypasser].
func (s *Store) DeleteGoverned(ctx context.Context, key, id string) error {
	return s.deleteVersion(ctx, key, id, true)
}

func (s *Store) deleteVersion(ctx context.Context, key, id string, bypass bool) error {
	if err := store.CheckKey(key); err != nil {
		return err
	}
	if id == "" {
		id = nullVersion
	}
	err := s.attempt(ctx, func(bool) error {
		err := fault(ctx, s.core.RemoveObject(ctx, s.opts.Bucket, s.prefix+key, minio.RemoveObjectOptions{VersionID: id, GovernanceBypass: bypass}))
		switch response := minio.ToErrorResponse(err); {
		case errors.Is(err, store.ErrNotExist):
			return nil
		case response.Code == "InvalidRequest" || response.Code == "ObjectLocked": // MinIO's words for “protected”
			return fmt.Errorf("%w: %w", store.ErrDenied, err)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	return nil
}
