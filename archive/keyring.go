package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/archive/store"
)

// DaemonName is the name under which the state keys are sealed to the daemon.
const DaemonName = "daemon"

// ErrNoArchive is returned where a store holds no archive, or no vault: the
// daemon does not start then. There is no plaintext mode.
var ErrNoArchive = errors.New("there is no archive here")

// A Keyring is every key that the daemon may have. No vault's identity is among
// them.
type Keyring struct {
	Format Format
	State  *seal.StateKeys
	Vault  *seal.Recipient // of the newest epoch of the archive's own vault
	Name   string          // of that vault, without the epoch
	Epoch  string
	Epochs []Vault // of all vaults, as the bucket has them
	Signer note.Signer
	Key    string // the journal's verifier key, for offline verification
	verify note.Verifier
}

// Journal returns the keys that the journal is signed and sealed with.
func (k *Keyring) Journal() journal.Keys { return journalKeys(k.State, k.Signer, k.verify) }

// Catalog returns the key that the catalog is sealed to.
func (k *Keyring) Catalog() [seal.KeySize]byte {
	return [seal.KeySize]byte(k.State.Subkey(seal.Catalog))
}

func journalKeys(state *seal.StateKeys, signer note.Signer, verifier note.Verifier) journal.Keys {
	return journal.Keys{Signer: signer, Verifiers: []note.Verifier{verifier}, Sealing: state.Epoch(), Subkeys: state.Subkeys(seal.Journal)}
}

// OpenKeyring reads the keys of the archive in a store with the daemon's
// identity, or a recovery holder's under that holder's name. It returns
// ErrNoArchive if there is no archive or the vault has no epoch.
func OpenKeyring(ctx context.Context, st store.Store, opener *seal.Opener, holder, vault string) (*Keyring, error) {
	k := &Keyring{Name: vault}
	b, err := getSmall(ctx, st, formatKey)
	if errors.Is(err, store.ErrNotExist) {
		return nil, ErrNoArchive
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &k.Format); err != nil {
		return nil, fmt.Errorf("%s: %w", formatKey, err)
	}
	if k.Format.Format != bucketFormat {
		return nil, fmt.Errorf("%s: format %q, where this program knows %q", formatKey, k.Format.Format, bucketFormat)
	}
	if err := k.openVaults(ctx, st); err != nil {
		return nil, err
	}
	if b, err = getSmall(ctx, st, stateKeys+holder+".age"); err != nil {
		return nil, err
	}
	if k.State, err = opener.UnwrapStateKeys(b); err != nil {
		return nil, fmt.Errorf("%s%s.age: %w", stateKeys, holder, err)
	}
	if b, err = getSmall(ctx, st, noteKeys+holder+".age"); err != nil {
		return nil, err
	}
	skey, err := opener.Unwrap(b)
	if err != nil {
		return nil, fmt.Errorf("%s%s.age: %w", noteKeys, holder, err)
	}
	if k.Signer, k.verify, err = noteKeyPair(string(skey)); err != nil {
		return nil, err
	}
	k.Key, err = verifierKey(string(skey))
	return k, err
}

// openVaults reads the public halves of every vault's epochs, and finds the
// newest of the archive's own.
func (k *Keyring) openVaults(ctx context.Context, st store.Store) (err error) {
	if k.Epochs, err = Epochs(ctx, st); err != nil {
		return err
	}
	for _, v := range k.Epochs {
		if v.Name == k.Name && v.Epoch > k.Epoch {
			k.Epoch, k.Vault = v.Epoch, v.Recipient
		}
	}
	if k.Epoch == "" {
		return fmt.Errorf("%w: vault %q has no epoch", ErrNoArchive, k.Name)
	}
	return nil
}

// A Wrapped is one file of the bucket's keys/: which key, sealed to whom.
type Wrapped struct {
	Key    string // state, note, or a vault's epoch
	Holder string
}

// Keys lists who may open which key, from the bucket alone.
func Keys(ctx context.Context, st store.Store) ([]Wrapped, error) {
	var all []Wrapped
	for info, err := range st.List(ctx, "keys/") {
		if err != nil {
			return nil, err
		}
		dir, file := path.Split(info.Key)
		if holder, ok := strings.CutSuffix(file, ".age"); ok {
			all = append(all, Wrapped{path.Base(dir), holder})
		}
	}
	return all, nil
}

// VaultKeys returns a vault epoch's identity as sealed to each reader, by the
// reader's name: a reader opens the one that is theirs.
func VaultKeys(ctx context.Context, st store.Store, epoch string) (map[string][]byte, error) {
	all := make(map[string][]byte)
	for info, err := range st.List(ctx, vaultKeys+epoch+"/") {
		if err != nil {
			return nil, err
		}
		if reader, ok := strings.CutSuffix(path.Base(info.Key), ".age"); ok {
			if all[reader], err = getSmall(ctx, st, info.Key); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func noteKeyPair(skey string) (note.Signer, note.Verifier, error) {
	signer, err := note.NewSigner(skey)
	if err != nil {
		return nil, nil, fmt.Errorf("the journal's signing key: %w", err)
	}
	vkey, err := verifierKey(skey)
	if err != nil {
		return nil, nil, err
	}
	verifier, err := note.NewVerifier(vkey)
	return signer, verifier, err
}
