package store

import (
	"context"
	"iter"
	"time"
)

// A Deleter can remove what a store keeps. It is not part of [Store] on
// purpose: only disposal, after its checks, [Probe], for the probe's own
// objects, and archive.BeginAgain, for keys that nothing was ever sealed to, may
// turn a store into a Deleter.
//
// On a store with versions an object is gone when no version and no deletion
// marker of it is left; deleting without naming a version only hides it.
type Deleter interface {
	// Versions yields every version and deletion marker of exactly this key,
	// none if there is none. A store without versions yields the object itself
	// with an empty id.
	Versions(ctx context.Context, key string) iter.Seq2[Version, error]

	// DeleteVersion removes one version durably. It returns nil if there is
	// none, and [ErrDenied] where retention or a legal hold forbids it. After
	// an error the version may or may not be there.
	DeleteVersion(ctx context.Context, key, id string) error
}

// A Version is one of the contents that an object has had.
type Version struct {
	Key      string
	ID       string // the store's own; empty where it keeps no versions
	Latest   bool
	Marker   bool // a deletion marker, which holds no octets
	Size     int64
	Modified time.Time
}

// A Bypasser is a Deleter that can delete what retention of the mode Governance
// keeps, where its credential has that permission. Nothing gets round Compliance
// or a legal hold.
type Bypasser interface {
	Deleter

	// DeleteGoverned is DeleteVersion, of a version that governance may keep.
	DeleteGoverned(ctx context.Context, key, id string) error
}
