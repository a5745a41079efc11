package s3

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/closeroll/closeroll/archive/store"
	"github.com/minio/minio-go/v7"
)

// unlocked reports whether an error says that there is no lock: on this object,
// or in this bucket. Servers have several words for it.
func unlocked(err error) bool {
	switch minio.ToErrorResponse(err).Code {
	case "NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError", "InvalidRequest", "NotImplemented", "MethodNotAllowed":
		return true
	}
	return false
}

// Protection implements [store.Protector].
func (s *Store) Protection(ctx context.Context, key string) (store.Protection, error) {
	var p store.Protection
	if err := store.CheckKey(key); err != nil {
		return p, err
	}
	err := s.attempt(ctx, func(bool) (err error) {
		p, err = s.protection(ctx, key)
		return err
	})
	if err != nil {
		return p, fmt.Errorf("protection of %s: %w", key, err)
	}
	return p, nil
}

// protection reads the object's headers, which say it all where something
// protects it; servers do not agree on the form of the answers that ask for it
// alone. Where the headers say nothing, that may be for want of permission: it
// is asked for.
func (s *Store) protection(ctx context.Context, key string) (p store.Protection, err error) {
	o, err := s.core.StatObject(ctx, s.opts.Bucket, s.prefix+key, minio.StatObjectOptions{})
	if err != nil {
		return p, err
	}
	p.Legal = o.Metadata.Get("X-Amz-Object-Lock-Legal-Hold") == string(minio.LegalHoldEnabled)
	if mode := o.Metadata.Get("X-Amz-Object-Lock-Mode"); mode != "" {
		p.Mode = store.LockMode(mode)
		p.Until, err = time.Parse(time.RFC3339, o.Metadata.Get("X-Amz-Object-Lock-Retain-Until-Date"))
		return p, err
	}
	mode, until, err := s.core.GetObjectRetention(ctx, s.opts.Bucket, s.prefix+key, "")
	if err != nil && !unlocked(err) {
		return p, err
	}
	if err == nil && mode != nil && until != nil {
		p.Mode, p.Until = store.LockMode(*mode), until.UTC()
	}
	status, err := s.core.GetObjectLegalHold(ctx, s.opts.Bucket, s.prefix+key, minio.GetObjectLegalHoldOptions{})
	if err != nil && !unlocked(err) {
		return p, err
	}
	p.Legal = p.Legal || err == nil && status != nil && *status == minio.LegalHoldEnabled
	if p.Mode == "" {
		return s.byDefault(ctx, p, o.LastModified)
	}
	return p, nil
}

// byDefault adds what the bucket's default retention does for an object of
// which nothing else is said. AWS writes it on every object; versitygw enforces
// it and says nothing of it.
func (s *Store) byDefault(ctx context.Context, p store.Protection, stored time.Time) (store.Protection, error) {
	l, err := s.bucketLock(ctx)
	if err != nil || l.Mode == "" {
		return p, err
	}
	p.Mode, p.Until = l.Mode, stored.Add(l.For).UTC()
	return p, nil
}

// BucketLock implements [store.Protector].
func (s *Store) BucketLock(ctx context.Context) (l store.BucketLock, err error) {
	err = s.attempt(ctx, func(bool) (err error) {
		l, err = s.bucketLock(ctx)
		return err
	})
	if err != nil {
		return l, fmt.Errorf("object lock of the bucket: %w", err)
	}
	return l, nil
}

const day = 24 * time.Hour

func (s *Store) bucketLock(ctx context.Context) (l store.BucketLock, err error) {
	enabled, mode, validity, unit, err := s.core.GetObjectLockConfig(ctx, s.opts.Bucket)
	if err != nil && unlocked(err) {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	l.Enabled = enabled == "Enabled"
	if mode == nil || validity == nil || unit == nil {
		return l, nil
	}
	l.Mode, l.For = store.LockMode(*mode), time.Duration(min(*validity, maxDays))*day
	if *unit == minio.Years {
		l.For = time.Duration(min(*validity, maxDays/366)) * 366 * day
	}
	return l, nil
}

// maxDays is a century: as long as S3 lets a default retention be.
const maxDays = 36600

// Extend implements [store.Protector].
func (s *Store) Extend(ctx context.Context, key string, mode store.LockMode, until time.Time) error {
	now, err := s.Protection(ctx, key)
	if err != nil {
		return err
	}
	if now.Mode == store.Compliance && now.Until.After(time.Now()) {
		mode = store.Compliance // what nobody can lift stays so
	}
	if !until.After(now.Until) && (mode == now.Mode || now.Mode == store.Compliance) {
		return nil
	}
	if now.Until.After(until) {
		until = now.Until
	}
	m := minio.RetentionMode(mode)
	return s.protect(ctx, key, func() error {
		return s.core.PutObjectRetention(ctx, s.opts.Bucket, s.prefix+key, minio.PutObjectRetentionOptions{Mode: &m, RetainUntilDate: &until})
	})
}

// LegalHold implements [store.Protector].
func (s *Store) LegalHold(ctx context.Context, key string, on bool) error {
	if err := store.CheckKey(key); err != nil {
		return err
	}
	status := minio.LegalHoldDisabled
	if on {
		status = minio.LegalHoldEnabled
	}
	return s.protect(ctx, key, func() error {
		return s.core.PutObjectLegalHold(ctx, s.opts.Bucket, s.prefix+key, minio.PutObjectLegalHoldOptions{Status: &status})
	})
}

// protect tries a change of protection. A server may refuse one on an object
// that it has just taken in, as OVH's does for a second: that is tried again.
func (s *Store) protect(ctx context.Context, key string, change func() error) error {
	err := s.attempt(ctx, func(again bool) error {
		err := change()
		switch {
		case err != nil && unlocked(err):
			return fmt.Errorf("%w: %w", store.ErrUnsupported, err)
		case errors.Is(fault(ctx, err), store.ErrDenied) && !again:
			return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("protect %s: %w", key, err)
	}
	return nil
}
