package journal

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// The errors that callers branch on.
var (
	// ErrCorrupt: an object is missing, damaged, forged, or not what the
	// signed checkpoint commits to.
	ErrCorrupt = errors.New("the journal fails verification")
	// ErrPenLost: another writer has taken the pen. This one can never append
	// again; its daemon has to stop.
	ErrPenLost = errors.New("another daemon has taken the pen of this journal")
	// ErrNoJournal: the store has no checkpoint.
	ErrNoJournal = errors.New("there is no journal here")
	// ErrExists: Create found a journal, or what is left of one.
	ErrExists = errors.New("there is a journal here already")
	// ErrRolledBack: the log is not a continuation of a checkpoint that the
	// caller has seen.
	ErrRolledBack = errors.New("the journal is not a continuation of the known checkpoint")
	// ErrTooLarge: an entry of more than MaxBytes.
	ErrTooLarge = errors.New("too large for a journal entry")
	// ErrClosed: the journal was closed.
	ErrClosed = errors.New("the journal is closed")
	// ErrNoKey: none of the keys given opens this batch.
	ErrNoKey = errors.New("no key for this journal batch")
)

// Keys are what a journal is signed and sealed with.
//
// The signing key is an Ed25519 key in the form of package note, as
// note.GenerateKey makes it; its name is the log's origin, the same for every
// key that the log ever has. The subkeys are derived from the epochs of the
// archive's sealing key, 32 octets each.
type Keys struct {
	Verifiers []note.Verifier   // every key that may have signed the checkpoint
	Signer    note.Signer       // for Create and Open
	Sealing   string            // id of the subkey that new batches are sealed under
	Subkeys   map[string][]byte // by id; not needed to verify the tree alone
}

const subkeySize = sha256.Size

// check reports what a writer is missing.
func (k Keys) check() error {
	switch {
	case k.Signer == nil || len(k.Verifiers) == 0:
		return errors.New("journal: a writer needs the signing key and its verifier")
	case k.Sealing == "" || len(k.Sealing) > maxKeyID:
		return fmt.Errorf("journal: a key id has 1 to %d octets, not %d", maxKeyID, len(k.Sealing))
	case len(k.Subkeys[k.Sealing]) != subkeySize:
		return fmt.Errorf("journal: subkey %q has %d octets, not %d", k.Sealing, len(k.Subkeys[k.Sealing]), subkeySize)
	}
	return nil
}

// open opens a batch with the key that it names.
func (k Keys) open(b fetched) ([]sealed, error) {
	subkey := k.Subkeys[b.keyID]
	if len(subkey) != subkeySize {
		return nil, fmt.Errorf("%s: %w: it names key %q", b.name.key(), ErrNoKey, b.keyID)
	}
	entries, err := b.open(b.name, subkey)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrCorrupt, b.name.key(), err)
	}
	return entries, nil
}
