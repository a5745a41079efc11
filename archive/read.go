package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/closeroll/closeroll/archive/bag"
	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/archive/store"
)

// ErrFixity means that a stored object is not the one that was journalled.
var ErrFixity = errors.New("the stored object differs from what the journal says")

// Sealed opens a record's sealed object for a reader, after it has journalled
// that the reader had it. The reader compares the octets with the digest, which
// is the journal's, before opening them: see [Unseal].
func (a *Archive) Sealed(ctx context.Context, actor string, row catalog.Row, purpose string) (io.ReadCloser, error) {
	for r, err := range a.SealedTogether(ctx, actor, []catalog.Row{row}, purpose) {
		return r, err
	}
	return nil, ErrNotFound
}

// SealedTogether is Sealed for several records, which are journalled at once,
// before the first is opened. The caller closes each before it takes the next.
// An error ends it.
func (a *Archive) SealedTogether(ctx context.Context, actor string, rows []catalog.Row, purpose string) iter.Seq2[io.ReadCloser, error] {
	return func(yield func(io.ReadCloser, error) bool) {
		if err := a.noteReads(ctx, actor, rows, purpose); err != nil {
			yield(nil, err)
			return
		}
		for _, row := range rows {
			r, _, err := a.Store.Get(ctx, row.ID.Key(row.Epoch))
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// noteReads journals that a reader has the sealed objects of these records.
func (a *Archive) noteReads(ctx context.Context, actor string, rows []catalog.Row, purpose string) error {
	entries := make([]journal.Entry, len(rows))
	for i, row := range rows {
		if row.Disposed != "" {
			return fmt.Errorf("%w: %s was disposed of, certificate %s", ErrNotFound, row.ID.Short(), row.Disposed)
		}
		var err error
		if entries[i], err = a.entry(record.EntryRead, actor, record.Read{Record: row.ID, Sealed: row.Sealed, For: purpose}, string(row.ID)); err != nil {
			return err
		}
	}
	return a.Journal(ctx, entries...)
}

// Unseal opens sealed octets whose digest the journal vouches for and returns
// a reader of the bag inside. It reads sealed twice: once to compare it, once
// to open it, so that nothing of a wrong object is ever opened. It returns
// ErrFixity if the octets are others.
func Unseal(sealed io.ReadSeeker, want record.Digest, opener *seal.Opener) (*bag.Reader, io.Closer, error) {
	if _, err := sealed.Seek(0, io.SeekStart); err != nil {
		return nil, nil, err
	}
	got, _, err := record.SumReader(sealed)
	if err != nil {
		return nil, nil, err
	}
	if got != want {
		return nil, nil, fmt.Errorf("%w: digest %s, not %s", ErrFixity, got, want)
	}
	if _, err := sealed.Seek(0, io.SeekStart); err != nil {
		return nil, nil, err
	}
	plain, err := opener.Open(sealed)
	if err != nil {
		return nil, nil, err
	}
	b, err := bag.NewReader(plain)
	if err != nil {
		plain.Close()
		return nil, nil, err
	}
	return b, plain, nil
}

// A Fixity is the outcome of a fixity check (PREMIS event type).
type Fixity struct {
	Checked int64
	Octets  int64
	Missing []record.ID // journalled, and not in the store
	Changed []record.ID // there, with other octets
}

// OK reports whether every record is as it was stored.
func (f Fixity) OK() bool { return len(f.Missing) == 0 && len(f.Changed) == 0 }

// CheckFixity reads every kept record's object and compares it with the
// journal. It calls progress after each.
func (a *Archive) CheckFixity(ctx context.Context, progress func(done int64)) (Fixity, error) {
	var f Fixity
	err := a.Catalog.EachRecord(ctx, func(row catalog.Row) error {
		f.Checked++
		defer func() { progress(f.Checked) }()
		r, _, err := a.Store.Get(ctx, row.ID.Key(row.Epoch))
		if errors.Is(err, store.ErrNotExist) {
			f.Missing = append(f.Missing, row.ID)
			return nil
		}
		if err != nil {
			return err
		}
		defer r.Close()
		got, n, err := record.SumReader(r)
		if err != nil {
			return err
		}
		f.Octets += n
		if got != row.Sealed {
			f.Changed = append(f.Changed, row.ID)
		}
		return nil
	})
	return f, err
}
