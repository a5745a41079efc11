package store

import "errors"

// The errors that callers branch on.
var (
	// ErrNotExist: there is no such object.
	ErrNotExist = errors.New("no such object")
	// ErrExist: the key holds other octets already.
	ErrExist = errors.New("the object exists already")
	// ErrConflict: the object is not, or no longer, the one that was to be replaced.
	ErrConflict = errors.New("the object has changed meanwhile")
	// ErrUnavailable: a temporary fault; the same call may succeed later.
	ErrUnavailable = errors.New("the store is unavailable")
	// ErrDenied: the credentials or permissions do not allow it.
	ErrDenied = errors.New("the store denies access")
	// ErrFull: there is no room left, or a quota is used up.
	ErrFull = errors.New("the store is full")
	// ErrDigest: the octets are not those that the digest or size describes.
	ErrDigest = errors.New("the octets do not match their digest")
	// ErrUnsupported: this store cannot do that.
	ErrUnsupported = errors.New("the store does not support that")
	// ErrKey: not a key that every store can hold.
	ErrKey = errors.New("not a valid object key")
	// ErrTooLarge: more than a store can hold, or than Replace takes.
	ErrTooLarge = errors.New("too large for the store")
)

// Temporary reports whether waiting may help: a full store can be given room,
// an unavailable one comes back. Everything else needs another decision.
func Temporary(err error) bool {
	return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrFull)
}
