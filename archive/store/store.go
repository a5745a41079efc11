// Package store is the contract for the place where an archive keeps its
// objects: sealed records, journal batches, keys, and the few small objects
// that are replaced. The packages below it implement it for a directory and
// for S3-compatible servers; storetest is the one conformance suite that both
// pass.
//
// Everything given to a store is sealed already or public by design, so a
// store is trusted to keep and not to read. It is not trusted blindly to keep
// either: [Probe] tries out what a server says it does.
//
// # What cannot be done here
//
// A [Store] cannot delete. Deleting is the separate interface [Deleter], which
// only disposal and the probe may ask for.
package store

import (
	"context"
	"io"
	"iter"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// MaxReplace is the size in octets up to which an object can be replaced, and
// up to which every store reports its tag and digest.
const MaxReplace = 16 << 20

// A Store keeps objects under keys. It may be used from many goroutines and,
// where the medium allows it, by several processes at once.
//
// Every method returns one of this package's errors, wrapped, where one
// applies: callers use errors.Is. [ErrUnavailable] means that the same call may
// succeed later; the store has already retried as long as is sensible within
// one call. A call whose context ends returns the context's error.
//
// Reads see the latest completed write: after Put or Replace returned nil, every
// Get, Stat and List that begins afterwards sees it, in this process or another.
type Store interface {
	// Put creates the object key with the size octets of body, whose digest is
	// sum. It reads body from its start, and again from its start for each
	// retry, and never keeps it after returning.
	//
	// Put MUST NOT return nil before the object is durable. If the key exists
	// it MUST NOT replace it: it returns [ErrExist], or nil where the object
	// there has these very octets (then opts have no effect on it). Of several
	// concurrent calls with different octets exactly one succeeds.
	//
	// If the octets that arrive are not those that sum and size describe, Put
	// stores nothing and returns [ErrDigest]. A Put that returns any other
	// error may nevertheless have stored the object: put the same octets again,
	// or find out with Stat. What is there under a key is always whole.
	Put(ctx context.Context, key string, body io.ReadSeeker, size int64, sum record.Digest, opts PutOptions) error

	// Get opens the object for reading. The octets read are those of the
	// version that Info describes, even if the object is replaced meanwhile.
	// It returns [ErrNotExist] at once, not on the first read. The caller
	// closes the reader, and must not trust the octets before it compared
	// their digest with one that the journal vouches for.
	Get(ctx context.Context, key string) (io.ReadCloser, Info, error)

	// Stat describes the object, or returns [ErrNotExist].
	Stat(ctx context.Context, key string) (Info, error)

	// List yields the objects whose key begins with prefix in ascending order
	// of key. Only Key, Size and Modified are set. Objects created or replaced
	// meanwhile may or may not be seen. An error ends the sequence.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]

	// Replace makes key hold body if the object there still has the tag
	// ifMatch, or if there is none and ifMatch is empty. Otherwise it changes
	// nothing and returns [ErrConflict]. body has at most [MaxReplace] octets.
	//
	// Replace MUST NOT return nil before the new content is durable. A Replace
	// that returns an error, ErrConflict included, may nevertheless have
	// stored body (the answer to a first attempt was lost): callers read the
	// object back, and where it holds their octets it is theirs.
	Replace(ctx context.Context, key string, body []byte, ifMatch Tag) (Tag, error)
}

// A Tag names one content of an object that can be replaced. Its form is the
// store's own; it is never empty for an object that exists and has at most
// [MaxReplace] octets.
type Tag string

// Info describes one object.
type Info struct {
	Key      string
	Size     int64         // octets
	Tag      Tag           // of this content
	Digest   record.Digest // SHA-256 where the store knows it, else zero; what Put was told, not fixity
	Modified time.Time     // by the store's clock
}

// PutOptions asks for protection that the storage itself enforces (S3 Object
// Lock). The zero value asks for none. A store without it returns
// [ErrUnsupported] and stores nothing.
type PutOptions struct {
	Mode        LockMode
	RetainUntil time.Time // required with a mode; in the future
	LegalHold   bool
}

// Locked reports whether any protection is asked for.
func (o PutOptions) Locked() bool { return o.Mode != "" || o.LegalHold }

// A LockMode is how firmly an object's retention binds.
type LockMode string

// The modes of S3 Object Lock.
const (
	Governance LockMode = "GOVERNANCE" // someone with a special permission can lift it
	Compliance LockMode = "COMPLIANCE" // nobody can shorten or lift it
)
