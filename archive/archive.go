// Package archive joins the rooms below it into one thing that keeps records:
// a store of sealed objects, the journal that says which of them are records,
// and the catalog derived from it.
//
// The bucket is the archive. An [Archive] is a daemon's hold on one: it has
// the pen of the journal, the recipients of the vaults, and no key that opens a
// record. Readers open what [Archive.Sealed] gives them with [Unseal], on
// their own machines.
//
// A capture is committed in the order of docs/architecture.md: seal and put
// ([Archive.Put]), journal, catalog ([Archive.Commit]); index and
// acknowledgement are the pipeline's, in archive/ingest.
package archive

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"time"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/internal/spool"
)

// Parts are the rooms that an Archive joins. All but the Keeper and
// the Warden are required.
type Parts struct {
	Store     store.Store
	Journal   Log
	Catalog   *catalog.Catalog
	Epochs    []Vault        // what the bucket has; the journal says which are used
	Vault     string         // where records go unless told otherwise: a name without the epoch
	NamingKey []byte         // makes record ids and keyed digests
	Spool     *spool.Spooler // holds sealed octets until they are stored
	Keeper    Keeper         // says what of what was disposed of is kept again; nothing if nil
	Warden    Warden         // says how the storage itself is to keep new records; not at all if nil
}

// A Log is the journal as an archive uses it.
type Log interface {
	// Append makes the entries durable and returns the index of the first.
	// A call that fails because its context ended may nevertheless append
	// later; Settle waits for that to be known.
	Append(ctx context.Context, entries ...journal.Entry) (int64, error)
	// Settle waits until the fate of every Append that has returned is known.
	Settle(ctx context.Context) error
	// Entries yields verified entries from index from on, in order.
	Entries(ctx context.Context, from int64) iter.Seq2[journal.Stored, error]
	// Checkpoint is the signed head of what is durable.
	Checkpoint() journal.Checkpoint
}

// An Archive keeps records. It may be used from many goroutines.
type Archive struct {
	lg  *slog.Logger
	now func() time.Time
	Parts

	// commit holds one token: who has it may journal entries and apply them to
	// the catalog, so that they reach both in one order and message numbers
	// have no gaps. Waiting for it ends with the waiter's context, since who has
	// it may be waiting for the store.
	commit chan struct{}

	vaultsMu sync.RWMutex
	vaults   map[string]*Vault // by name, in their current epochs
}

// New returns the archive made of these parts, after it has brought the
// catalog up to the journal. It returns ErrNoArchive if the vault has no epoch
// that the journal vouches for, and ErrForeignKey if the bucket has another
// recipient than the journal.
func New(ctx context.Context, lg *slog.Logger, now func() time.Time, parts Parts) (*Archive, error) {
	a := &Archive{lg: lg, now: now, Parts: parts, commit: make(chan struct{}, 1), vaults: make(map[string]*Vault)}
	a.commit <- struct{}{}
	if err := a.begin(ctx); err != nil {
		return nil, err
	}
	defer a.end()
	return a, a.openVaults(ctx, parts.Epochs)
}

// begin waits for the commit token and brings the catalog up to the journal.
// Unless it fails, end must follow.
func (a *Archive) begin(ctx context.Context) error {
	select {
	case <-a.commit:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := a.catchUp(ctx); err != nil {
		a.end()
		return err
	}
	return nil
}

func (a *Archive) end() { a.commit <- struct{}{} }

// KeyedDigest returns a digest of b that only this archive can compute: it
// confirms nothing to someone without the naming key. Digests of different
// purposes never equal one another.
func (a *Archive) KeyedDigest(purpose string, b []byte) []byte {
	mac := hmac.New(sha256.New, a.NamingKey)
	fmt.Fprintf(mac, "closeroll-digest/1 %s\n", purpose)
	mac.Write(b)
	return mac.Sum(nil)[:16]
}

// Journal appends entries that are about no new record, and applies them to
// the catalog. It returns when they are durable: no journal, no act.
func (a *Archive) Journal(ctx context.Context, entries ...journal.Entry) error {
	if err := a.begin(ctx); err != nil {
		return err
	}
	defer a.end()
	_, err := a.append(ctx, entries)
	return err
}

// Decide journals what decide returns, if anything, before anybody else
// journals anything: what decide finds out from the journal, the catalog and
// the index still holds when its entries are in the log. decide must not call
// the archive's methods that journal. Decide returns the index of the first
// entry, or -1 if there was none.
func (a *Archive) Decide(ctx context.Context, decide func(context.Context) ([]journal.Entry, error)) (int64, error) {
	if err := a.begin(ctx); err != nil {
		return -1, err
	}
	defer a.end()
	entries, err := decide(ctx)
	if err != nil || len(entries) == 0 {
		return -1, err
	}
	return a.append(ctx, entries)
}

// append journals entries, applies them, and returns the index of the first.
// The caller has the commit token. Entries without a time are of now: the
// catalog must see the time that the journal keeps.
func (a *Archive) append(ctx context.Context, entries []journal.Entry) (int64, error) {
	for i := range entries {
		if entries[i].Time.IsZero() {
			entries[i].Time = a.now().UTC()
		}
	}
	first, err := a.Parts.Journal.Append(ctx, entries...)
	if err != nil {
		return 0, err
	}
	applied := make([]catalog.Entry, len(entries))
	for i, e := range entries {
		applied[i] = catalog.Entry{Index: first + int64(i), Type: e.Type, Time: e.Time, Actor: e.Actor, Body: e.Body}
	}
	return first, a.Catalog.Apply(ctx, applied)
}

// applyBatch is how many entries the catalog takes in one transaction when it
// is brought up to the journal.
const applyBatch = 2000

// catchUp applies what the journal has and the catalog lacks: after a crash
// between the two, or after an append whose answer was lost. The caller has
// the commit token. What an earlier call left in the air is waited for: message numbers
// are given by what the journal holds.
func (a *Archive) catchUp(ctx context.Context) error {
	if err := a.Parts.Journal.Settle(ctx); err != nil {
		return err
	}
	next, size := a.Catalog.Next(), a.Parts.Journal.Checkpoint().Size
	if next > size {
		return fmt.Errorf("%w: it is ahead of the journal", catalog.ErrStale)
	}
	if next == size {
		return nil
	}
	a.lg.Info("catalog follows the journal", "from", next, "to", size)
	var batch []catalog.Entry
	for e, err := range a.Parts.Journal.Entries(ctx, next) {
		if err != nil {
			return fmt.Errorf("read the journal for the catalog: %w", err)
		}
		batch = append(batch, catalog.Entry{Index: e.Index, Type: e.Type, Time: e.Time, Actor: e.Actor, Body: e.Body})
		if len(batch) == applyBatch {
			if err := a.Catalog.Apply(ctx, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	return a.Catalog.Apply(ctx, batch)
}

// ErrNotFound is returned for a record that is not in the archive.
var ErrNotFound = errors.New("no such record")

// Find returns the record whose id begins with prefix. It returns ErrNotFound,
// or a *catalog.AmbiguousError.
func (a *Archive) Find(ctx context.Context, prefix string) (catalog.Row, error) {
	row, err := a.Catalog.Find(ctx, prefix)
	if errors.Is(err, catalog.ErrNotFound) {
		return row, fmt.Errorf("%w as %q", ErrNotFound, prefix)
	}
	return row, err
}

// entry makes a journal entry of now.
func (a *Archive) entry(kind, actor string, body any, subjects ...string) (journal.Entry, error) {
	e, err := journal.NewEntry(kind, actor, body, subjects...)
	e.Time = a.now().UTC()
	return e, err
}

// JournalOne journals one entry of this type with this body.
func (a *Archive) JournalOne(ctx context.Context, kind, actor string, body any, subjects ...record.ID) error {
	e, err := a.entry(kind, actor, body, idStrings(subjects)...)
	if err != nil {
		return err
	}
	return a.Journal(ctx, e)
}

func idStrings(ids []record.ID) []string {
	s := make([]string, len(ids))
	for i, id := range ids {
		s[i] = string(id)
	}
	return s
}
