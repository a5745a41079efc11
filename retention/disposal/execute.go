package disposal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/store"
)

// An Authority is the daemon as the disposer sees it. It journals and checks;
// it deletes nothing.
//
// Every call may be repeated: after a crash or a lost answer Next says what is
// to be done, whatever was done before.
type Authority interface {
	// Next returns what is to be done next for the batch. What it gives to be
	// deleted is journalled as free to be deleted before Next returns.
	Next(ctx context.Context, batch string) (Order, error)

	// Settle is told that the objects of a grant are gone. It MUST look for
	// itself before it journals that they are, and fail where one is left.
	Settle(ctx context.Context, batch string, grant int64) error

	// Sweep is told that of the journal's own objects only the present
	// versions are left. It MUST look for itself too.
	Sweep(ctx context.Context, batch string, grant int64) error

	// Certify issues the certificate of a batch of which nothing is left to be
	// done, or returns the one that was issued. It returns its number.
	Certify(ctx context.Context, batch string) (int, error)
}

// A Task is what an order asks for.
type Task string

// The tasks.
const (
	Delete  Task = "delete"  // every version of these objects
	Sweep   Task = "sweep"   // the former versions of these objects of the journal
	Certify Task = "certify" // nothing is left to be deleted
)

// An Order is what the daemon asks the disposer to do next.
type Order struct {
	Task    Task     `json:"task"`
	Grant   int64    `json:"grant,omitempty"` // 0, with Delete: nothing passed the check this time
	Objects []string `json:"objects,omitempty"`

	// Governed are those of the objects that retention of the mode Governance
	// keeps: a credential that may bypass it is needed.
	Governed []string `json:"governed,omitempty"`

	// Orphans are batches that are none of the journal's: nothing of them stays.
	Orphans []string `json:"orphans,omitempty"`

	Done  int `json:"done"`  // records of the batch that are settled, refused or excluded
	Total int `json:"total"` // of the batch
}

// targets are what the order asks to be destroyed.
func (o Order) targets() (all []Target) {
	for _, object := range slices.Concat(o.Objects, o.Orphans) {
		all = append(all, Target{Object: object, Governed: slices.Contains(o.Governed, object), Orphan: slices.Contains(o.Orphans, object)})
	}
	return all
}

// Execute carries out an approved batch with the disposer's own credential, and
// returns the number of its certificate. It may be broken off at any moment and
// called again. progress is told how many of the batch's records are done.
func Execute(ctx context.Context, a Authority, d store.Deleter, batch string, progress func(done, total int)) (int, error) {
	for {
		o, err := a.Next(ctx, batch)
		if err != nil {
			return 0, err
		}
		progress(o.Done, o.Total)
		if o.Task == Certify {
			return a.Certify(ctx, batch)
		}
		for _, t := range o.targets() {
			if err := Destroy(ctx, d, t); err != nil {
				return 0, err
			}
		}
		switch {
		case o.Task == Delete && o.Grant == 0:
			// Nothing of this part passed the check; the next may.
		case o.Task == Delete:
			err = a.Settle(ctx, batch, o.Grant)
		case o.Task == Sweep:
			err = a.Sweep(ctx, batch, o.Grant)
		default:
			err = fmt.Errorf("the daemon asks for %q, which this program does not know", o.Task)
		}
		if err != nil {
			return 0, err
		}
	}
}

// Where the objects are that may be deleted.
const (
	recordsPrefix = "records/"
	batchPrefix   = "journal/batch/"
)

// ErrNotGone is returned where a store said that it deleted what it still has.
var ErrNotGone = errors.New("the store still has what was deleted")

// A Target is an object to be destroyed, as the daemon has freed it.
type Target struct {
	Object   string
	Governed bool // retention of the mode Governance keeps it: the Deleter has to be a [store.Bypasser]
	Orphan   bool // a batch that is none of the journal's
}

// Destroy is the one function of this program that deletes what an archive
// keeps. Of a sealed record it deletes every version and every deletion marker,
// the newest content last, so that what is broken off leaves either a whole
// record or none. Of a batch of the journal, from which the bodies of disposed
// records were stripped, it deletes every version but the present one; of an
// orphan, all. It refuses every other object, and lists the versions afterwards:
// it does not take the store's word for it.
//
// Only [Execute] may call it, with what the daemon has granted; a test looks
// through the code for others. Where the storage forbids deleting, the error
// wraps [store.ErrDenied].
func Destroy(ctx context.Context, d store.Deleter, t Target) error {
	remove := d.DeleteVersion
	if t.Governed {
		b, ok := d.(store.Bypasser)
		if !ok {
			return fmt.Errorf("%w: %s is under governance, and this store cannot bypass it", store.ErrDenied, t.Object)
		}
		remove = b.DeleteGoverned
	}
	record := strings.HasPrefix(t.Object, recordsPrefix)
	if !record && !strings.HasPrefix(t.Object, batchPrefix) || record && t.Orphan {
		return fmt.Errorf("%s is neither a record nor a batch of the journal, and is not deleted", t.Object)
	}
	versions, err := doomed(ctx, d, t.Object, record || t.Orphan)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if err := remove(ctx, t.Object, v.ID); err != nil {
			return err
		}
	}
	if len(versions) == 0 {
		return nil
	}
	if versions, err = doomed(ctx, d, t.Object, record || t.Orphan); err == nil && len(versions) > 0 {
		err = fmt.Errorf("%w: %d versions of %s", ErrNotGone, len(versions), t.Object)
	}
	return err
}

// doomed lists what of an object is to go, in the order in which it goes: all, or
// all but the present version.
func doomed(ctx context.Context, d store.Deleter, object string, all bool) (left []store.Version, err error) {
	var last []store.Version
	for v, err := range d.Versions(ctx, object) {
		switch {
		case err != nil:
			return nil, err
		case !v.Latest:
			left = append(left, v)
		case all && v.Marker: // a marker only hides the content: it goes first
			left = append([]store.Version{v}, left...)
		case all:
			last = append(last, v)
		}
	}
	return append(left, last...), nil
}
