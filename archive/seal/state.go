package seal

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// KeySize is the length of every state key and subkey, in octets.
const KeySize = 32

// stateFormat is the version of what [StateKeys.Marshal] writes.
const stateFormat = "closeroll-state-keys/1"

// A Use is what a subkey is for. No two uses share a key.
type Use string

// The uses.
const (
	Journal Use = "journal" // batches of entries
	Catalog Use = "catalog" // the SQLite file
	Index   Use = "index"   // the word index
	Tokens  Use = "tokens"  // refresh tokens of mailboxes, in the state folder
)

// StateKeys protect what the daemon itself must read: a sealing key for each
// epoch, from which the subkeys are derived (HKDF-SHA256, RFC 5869), and the
// naming key. Sealing keys rotate; the naming key never does, since record ids
// are made with it: leaked, it lets guesses be confirmed and opens nothing.
//
// Its octets are shown by no format verb, log or encoder.
type StateKeys struct {
	current string
	sealing map[string][]byte // by epoch
	naming  []byte
}

// validEpoch reports whether an epoch may be called name, which is public.
func validEpoch(name string) bool {
	return name != "" && len(name) <= 32 && name[0] != '-' && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// NewStateKeys makes fresh keys whose first epoch has this name.
func NewStateKeys(epoch string) (*StateKeys, error) {
	k := &StateKeys{sealing: make(map[string][]byte), naming: make([]byte, KeySize)}
	rand.Read(k.naming)
	return k, k.Rotate(epoch)
}

// Rotate begins a new epoch. The older sealing keys stay, for what they sealed.
func (k *StateKeys) Rotate(epoch string) error {
	if !validEpoch(epoch) {
		return fmt.Errorf("%w: %q is no name for an epoch: it takes a–z, 0–9 and hyphens", ErrKeyFormat, clip(epoch))
	}
	if k.sealing[epoch] != nil {
		return fmt.Errorf("%w: there has been an epoch %q", ErrKeyFormat, epoch)
	}
	key := make([]byte, KeySize)
	rand.Read(key)
	k.sealing[epoch], k.current = key, epoch
	return nil
}

// Epoch returns the name of the current epoch.
func (k *StateKeys) Epoch() string { return k.current }

// Epochs returns the names of all epochs, sorted.
func (k *StateKeys) Epochs() []string { return slices.Sorted(maps.Keys(k.sealing)) }

// NamingKey returns the key that record ids and keyed digests are made with.
func (k *StateKeys) NamingKey() []byte { return slices.Clone(k.naming) }

// Subkey returns the current epoch's key for this use.
func (k *StateKeys) Subkey(use Use) []byte { return k.subkey(k.current, use) }

// Subkeys returns every epoch's key for this use by the epoch's name, which
// serves as the key's id.
func (k *StateKeys) Subkeys(use Use) map[string][]byte {
	all := make(map[string][]byte, len(k.sealing))
	for epoch := range k.sealing {
		all[epoch] = k.subkey(epoch, use)
	}
	return all
}

// subkey is HKDF-SHA256 without salt: one block of output is all it takes, so
// that RFC 5869, sections 2.2 and 2.3, come down to two calls of HMAC.
func (k *StateKeys) subkey(epoch string, use Use) []byte {
	extracted := hmacSHA256(make([]byte, sha256.Size), k.sealing[epoch])
	return hmacSHA256(extracted, []byte("closeroll/"+string(use)+"/1\x01"))
}

func hmacSHA256(key, message []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(message)
	return mac.Sum(nil)
}

// String says which epochs there are and not what their keys are.
func (k *StateKeys) String() string { return fmt.Sprintf("state keys of %v", k.Epochs()) }

// GoString is String, so that no format verb prints the keys.
func (k *StateKeys) GoString() string { return k.String() }

// stateFile is what Marshal writes.
type stateFile struct {
	Format  string            `json:"format"`
	Current string            `json:"current"`
	Sealing map[string][]byte `json:"sealing"`
	Naming  []byte            `json:"naming"`
}

// Marshal returns the keys for wrapping: JSON, secret.
func (k *StateKeys) Marshal() ([]byte, error) {
	return json.Marshal(stateFile{stateFormat, k.current, k.sealing, k.naming})
}

// ParseStateKeys undoes Marshal, strictly.
func ParseStateKeys(data []byte) (*StateKeys, error) {
	var f stateFile
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("%w: state keys are not in their format", ErrKeyFormat)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: something follows the state keys", ErrKeyFormat)
	}
	if f.Format != stateFormat {
		return nil, fmt.Errorf("%w: state keys of format %q, where this program knows %q", ErrKeyFormat, clip(f.Format), stateFormat)
	}
	if len(f.Naming) != KeySize || f.Sealing[f.Current] == nil {
		return nil, fmt.Errorf("%w: a state key is missing", ErrKeyFormat)
	}
	for epoch, key := range f.Sealing {
		if !validEpoch(epoch) || len(key) != KeySize {
			return nil, fmt.Errorf("%w: a sealing key is malformed", ErrKeyFormat)
		}
	}
	return &StateKeys{f.Current, f.Sealing, f.Naming}, nil
}

// Wrap returns the keys sealed to one holder.
func (k *StateKeys) Wrap(holder *Recipient) ([]byte, error) {
	data, err := k.Marshal()
	if err != nil {
		return nil, err
	}
	defer clear(data)
	return Wrap(data, holder)
}

// UnwrapStateKeys opens keys that [StateKeys.Wrap] sealed.
func (o *Opener) UnwrapStateKeys(wrapped []byte) (*StateKeys, error) {
	data, err := o.Unwrap(wrapped)
	if err != nil {
		return nil, err
	}
	defer clear(data)
	return ParseStateKeys(data)
}
