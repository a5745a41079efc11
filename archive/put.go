package archive

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/closeroll/closeroll/archive/bag"
	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
)

// A Stored says where a record's octets are.
type Stored struct {
	Record   record.ID
	Manifest record.Digest
	Sealed   record.Digest // of the object
	Size     int64         // of the object
	Adopted  bool          // it was stored before, and never journalled
	Known    bool          // it is a record already; nothing was stored
}

// Identify returns the id that a record of this kind with these components has
// in this archive.
func (a *Archive) Identify(kind record.Kind, components []record.Component) record.ID {
	return record.NewID(a.NamingKey, a.Vault, kind, record.ManifestDigest(components), 0)
}

// Put seals a record and stores it, unless the archive has it already. It sets
// the record's format, id and vault. contents has the octets of each component
// by its path. When Put returns nil the object is durable, and nothing yet says
// that it is a record: that is for [Archive.Commit].
//
// An object that is there already without being journalled was left by a
// crash. Its octets differ from ours, since age never seals alike twice; it is
// read back, and adopted under its own digest.
func (a *Archive) Put(ctx context.Context, rec record.Record, contents map[string]io.ReaderAt) (Stored, error) {
	rec.Format, rec.Vault = record.Format, a.Vault
	rec.ID = a.Identify(rec.Kind, rec.Components)
	s := Stored{Record: rec.ID, Manifest: record.ManifestDigest(rec.Components)}
	switch _, err := a.Catalog.Record(ctx, rec.ID); {
	case err == nil:
		s.Known = true
		return s, nil
	case !errors.Is(err, catalog.ErrNotFound):
		return s, err
	}
	w := a.Spool.Create()
	defer w.Cancel()
	if err := a.seal(w, rec, contents); err != nil {
		return s, err
	}
	sealed, err := w.Finish()
	if err != nil {
		return s, err
	}
	defer sealed.Close()
	s.Sealed, s.Size = sealed.Digest(), sealed.Size()
	key := rec.ID.Key(a.Epoch)
	err = a.Store.Put(ctx, key, sealed.Reader(), sealed.Size(), sealed.Digest(), store.PutOptions{})
	if errors.Is(err, store.ErrExist) {
		return a.adopt(ctx, s, key)
	}
	return s, err
}

func (a *Archive) seal(w io.Writer, rec record.Record, contents map[string]io.ReaderAt) error {
	sw, err := a.Sealer.Seal(w)
	if err != nil {
		return err
	}
	if err := bag.Write(sw, rec, contents); err != nil {
		return err
	}
	return sw.Close()
}

// adopt reads back what is stored under key and takes it for ours.
func (a *Archive) adopt(ctx context.Context, s Stored, key string) (Stored, error) {
	r, _, err := a.Store.Get(ctx, key)
	if err != nil {
		return s, err
	}
	defer r.Close()
	s.Sealed, s.Size, err = record.SumReader(r)
	s.Adopted = true
	if err != nil {
		return s, fmt.Errorf("read back a stored record: %w", err)
	}
	return s, nil
}
