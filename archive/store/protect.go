package store

import (
	"context"
	"errors"
	"time"
)

// A Protection is what the storage itself does so that an object stays.
type Protection struct {
	Mode  LockMode  // empty: no retention
	Until time.Time // retention ends; zero without one
	Legal bool      // under legal hold, whatever the retention
}

// Binds reports whether the storage refuses to delete the object at a time.
func (p Protection) Binds(now time.Time) bool { return p.Legal || p.Until.After(now) }

// A BucketLock is what a bucket does about keeping objects.
type BucketLock struct {
	Enabled bool          // objects can be protected here
	Mode    LockMode      // that every new object gets of the bucket's own accord; empty: none
	For     time.Duration // how long
}

// A Protector is a store whose objects the storage itself can be told to keep
// (S3 Object Lock). It is not part of [Store]: a folder has nothing like it.
type Protector interface {
	// BucketLock says whether the bucket has object lock, and its default
	// retention, which also binds what nobody asked to be protected.
	BucketLock(ctx context.Context) (BucketLock, error)

	// Protection says what protects the newest version of an object: nothing,
	// where the bucket has no object lock. A bucket's default retention counts.
	Protection(ctx context.Context, key string) (Protection, error)

	// Extend makes the retention of the newest version last until then. It MUST
	// NOT shorten or weaken one: what lasts longer already is left as it is.
	// It returns [ErrUnsupported] where the bucket has no object lock.
	Extend(ctx context.Context, key string, mode LockMode, until time.Time) error

	// LegalHold puts the newest version under legal hold, or takes it from
	// under it. It returns [ErrUnsupported] where the bucket has no object lock.
	LegalHold(ctx context.Context, key string, on bool) error
}

// A Ruler is a store that may act on its objects by rules of its own: S3's
// lifecycle rules.
type Ruler interface {
	// Expiring returns an error that names every rule by which the store would
	// destroy objects of this archive, now or in time, nil if there is none. It
	// returns [ErrUnsupported] where the store has no such rules, and
	// [ErrDenied] where they cannot be read.
	Expiring(ctx context.Context) error
}

// ErrExpires is wrapped by what [Ruler] returns of rules that destroy.
var ErrExpires = errors.New("a lifecycle rule of the bucket destroys objects")
