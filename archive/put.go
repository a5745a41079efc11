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
	Vault    string        // without the epoch
	Epoch    string        // of the vault, that it is sealed to
	Sealed   record.Digest // of the object
	Size     int64         // of the object
	Adopted  bool          // it was stored before, and never journalled
	Known    bool          // it is a record already; nothing was stored

	Lock *record.StorageLock // that it was stored with; nil if none was asked for, or it was stored before
}

// A Warden says how firmly the storage itself is to keep a record (S3 Object
// Lock) from the moment that it is stored. What cannot be known yet, such as
// the day on which a later event makes it due, is made up for afterwards.
type Warden interface {
	Protect(ctx context.Context, id record.ID, c Claim) (record.StorageLock, error)
}

// Identify returns the id that a record of this kind with these components has
// in a vault of this archive; the empty name is the archive's own vault.
func (a *Archive) Identify(vault string, kind record.Kind, components []record.Component) record.ID {
	if vault == "" {
		vault = a.Parts.Vault
	}
	return record.NewID(a.NamingKey, vault, kind, record.ManifestDigest(components), 0)
}

// Put seals a record to its vault and stores it, unless the archive has it
// already. It sets the record's format, its vault if it names none, and its id
// unless that was given by [Archive.IdentifyFor]; it returns ErrNoVault if it names one that there is not. contents has the octets of each component
// by its path, and c says whose it is: the Warden goes by it. When Put returns nil the object is durable, and nothing yet says
// that it is a record: that is for [Archive.Commit].
//
// An object that is there already without being journalled was left by a
// crash. Its octets differ from ours, since age never seals alike twice; it is
// read back, and adopted under its own digest.
func (a *Archive) Put(ctx context.Context, rec record.Record, contents map[string]io.ReaderAt, c Claim) (Stored, error) {
	vault, err := a.VaultNamed(rec.Vault)
	if err != nil {
		return Stored{}, err
	}
	rec.Format, rec.Vault = record.Format, vault.Name
	if rec.ID == "" {
		rec.ID = a.Identify(vault.Name, rec.Kind, rec.Components)
	}
	s := Stored{Record: rec.ID, Manifest: record.ManifestDigest(rec.Components), Vault: vault.Name, Epoch: vault.Epoch}
	switch _, err := a.Catalog.Record(ctx, rec.ID); {
	case err == nil:
		s.Known = true
		return s, nil
	case !errors.Is(err, catalog.ErrNotFound):
		return s, err
	}
	w := a.Spool.Create()
	defer w.Cancel()
	if err := a.seal(vault, w, rec, contents); err != nil {
		return s, err
	}
	sealed, err := w.Finish()
	if err != nil {
		return s, err
	}
	defer sealed.Close()
	return a.keep(ctx, s, sealed, c)
}

// SealedOctets are a sealed record in flight.
type SealedOctets interface {
	io.ReaderAt
	Size() int64
	Digest() record.Digest
}

// PutSealed stores a record that somebody has sealed to its vault on a machine
// of their own, so that this archive never had what is in it, unless the archive
// has it already. rec has an id, a vault and its components; epoch is the one
// that it was sealed to, and the error is ErrNoVault if that is not, or no
// longer, the vault's. What is not sealed is refused with ErrNotSealed. The rest
// is as for [Archive.Put].
func (a *Archive) PutSealed(ctx context.Context, rec record.Record, epoch string, sealed SealedOctets, c Claim) (Stored, error) {
	vault, err := a.VaultNamed(rec.Vault)
	if err != nil {
		return Stored{}, err
	}
	if vault.Epoch != epoch {
		return Stored{}, fmt.Errorf("%w as %q now", ErrNoVault, epoch)
	}
	head := make([]byte, len(ageHeader))
	if _, err := sealed.ReadAt(head, 0); err != nil && err != io.EOF {
		return Stored{}, err
	}
	if string(head) != ageHeader {
		return Stored{}, ErrNotSealed
	}
	s := Stored{Record: rec.ID, Manifest: record.ManifestDigest(rec.Components), Vault: vault.Name, Epoch: epoch}
	switch _, err := a.Catalog.Record(ctx, rec.ID); {
	case err == nil:
		s.Known = true
		return s, nil
	case !errors.Is(err, catalog.ErrNotFound):
		return s, err
	}
	return a.keep(ctx, s, sealed, c)
}

// ageHeader begins every age file (C2SP age, "Header").
const ageHeader = "age-encryption.org/v1\n"

// ErrNotSealed is returned for octets that are no age file.
var ErrNotSealed = errors.New("what was brought is not sealed")

// keep stores a sealed record.
func (a *Archive) keep(ctx context.Context, s Stored, sealed SealedOctets, c Claim) (Stored, error) {
	s.Sealed, s.Size = sealed.Digest(), sealed.Size()
	opts, err := a.protect(ctx, s.Record, c)
	if err != nil {
		return s, err
	}
	key := s.Record.Key(s.Epoch)
	err = a.Store.Put(ctx, key, io.NewSectionReader(sealed, 0, sealed.Size()), sealed.Size(), sealed.Digest(), opts)
	if errors.Is(err, store.ErrExist) {
		return a.adopt(ctx, s, key)
	}
	if opts.Locked() {
		s.Lock = &record.StorageLock{Mode: string(opts.Mode), Until: opts.RetainUntil, Legal: opts.LegalHold}
	}
	return s, err
}

// protect asks the Warden what to ask of the store.
func (a *Archive) protect(ctx context.Context, id record.ID, c Claim) (store.PutOptions, error) {
	if a.Warden == nil {
		return store.PutOptions{}, nil
	}
	l, err := a.Warden.Protect(ctx, id, c)
	return store.PutOptions{Mode: store.LockMode(l.Mode), RetainUntil: l.Until, LegalHold: l.Legal}, err
}

func (a *Archive) seal(vault *Vault, w io.Writer, rec record.Record, contents map[string]io.ReaderAt) error {
	sw, err := vault.sealer.Seal(w)
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
