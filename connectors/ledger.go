package connectors

import (
	"context"
	"iter"

	"github.com/closeroll/closeroll/archive/record"
)

// A Ledger tells a connector what became of the items of its source, from the
// journal and not from memory: with it a mailbox recognises a folder under
// another name, or its messages on another server, by the octets.
//
// It only reads, and may be asked from any number of goroutines.
type Ledger interface {
	// Item returns what became of one item, and whether it was ever seen.
	Item(ctx context.Context, key string) (Accounted, bool, error)

	// Accounted yields what became of every item whose key begins with the
	// prefix and a slash, in the order of the keys. The consumer MUST NOT do
	// anything slow between two of them.
	Accounted(ctx context.Context, prefix string) iter.Seq2[Accounted, error]
}

// An Accounted is one item and what became of it.
type Accounted struct {
	Key     string
	Outcome record.Outcome
	Digest  record.Digest // of the octets that the source gave; zero where no record has them
}

// Archived reports whether a record has the item's octets.
func (a Accounted) Archived() bool {
	return (a.Outcome == record.CapturedNew || a.Outcome == record.AlreadyArchived) && a.Digest != record.Digest{}
}

// A Reconciler is a connector that can set everything that its source has now
// against what was accounted for. Reconcile changes nothing at the source. What
// is there and was never accounted for, or has other octets than were
// captured, it makes owed in the cursor that it returns, so that the next run
// takes it. It reads the octets of samples messages of those archived, or of
// all if samples is negative. It is called between two sequences of items.
type Reconciler interface {
	Reconcile(ctx context.Context, after Cursor, samples int) (record.Reconciliation, Cursor, error)
}

// A Gauger is a connector that counts what its source numbered and never
// showed. Gaps returns the counts since the last call. They are in no cursor but
// that of Position after a sequence has ended, and are journalled with it; those
// that were not asked for are dropped when the next sequence begins.
type Gauger interface {
	Gaps() []record.Gap
}
