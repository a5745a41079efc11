package store

import (
	"context"
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

// A Protector is a store whose objects the storage itself can be told to keep
// (S3 Object Lock). It is not part of [Store]: a folder has nothing like it.
type Protector interface {
	// Protection says what protects the newest version of an object: nothing,
	// where the bucket has no object lock.
	Protection(ctx context.Context, key string) (Protection, error)

	// Extend makes the retention of the newest version last until then. It MUST
	// NOT shorten or weaken one: what lasts longer already is left as it is.
	// It returns [ErrUnsupported] where the bucket has no object lock.
	Extend(ctx context.Context, key string, mode LockMode, until time.Time) error

	// LegalHold puts the newest version under legal hold, or takes it from
	// under it. It returns [ErrUnsupported] where the bucket has no object lock.
	LegalHold(ctx context.Context, key string, on bool) error
}
