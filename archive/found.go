package archive

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/archive/store"
)

// The bucket's own objects, besides records/ and journal/.
const (
	formatKey = "closeroll.json"
	stateKeys = "keys/state/" // READER.age
	noteKeys  = "keys/note/"  // READER.age
	vaultKeys = "keys/vault/" // EPOCH/recipient, EPOCH/READER.age
)

// bucketFormat is the version of the bucket's layout.
const bucketFormat = "closeroll-bucket/1"

// A Format is closeroll.json: what the bucket says of itself. It is not secret.
type Format struct {
	Format  string    `json:"format"`
	Archive string    `json:"archive"` // its id
	Created time.Time `json:"created"`
}

// Minimum numbers of people, so that one person's loss is not everybody's.
const (
	MinReaders = 2 // who may read the vault
	MinHolders = 2 // who may recover the state keys and the journal's signing key
)

// A Holder is someone whom keys are sealed to. The name becomes part of an
// object's name, which anyone who lists the bucket can read: use a role.
type Holder struct {
	Name string
	Key  *seal.Recipient
}

// A Founding says what a new archive is made of.
type Founding struct {
	Vault    string        // name of its first vault, without the epoch
	Strength seal.Strength // of the vault's key pair
	Daemon   Holder        // reads the state keys; never a reader of the vault
	Readers  []Holder      // at least MinReaders
	Recovery []Holder      // at least MinHolders; the same people as readers may be
}

var holderName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// check reports everything that is wrong with a founding.
func (f *Founding) check() error {
	var errs []error
	if !holderName.MatchString(f.Vault) {
		errs = append(errs, fmt.Errorf("vault name %q: use a–z, 0–9 and hyphens", f.Vault))
	}
	for _, group := range []struct {
		what    string
		holders []Holder
		least   int
	}{{"readers", f.Readers, MinReaders}, {"recovery holders", f.Recovery, MinHolders}} {
		names, keys := map[string]bool{}, map[string]bool{}
		for _, h := range group.holders {
			if !holderName.MatchString(h.Name) {
				errs = append(errs, fmt.Errorf("name %q of one of the %s: use a–z, 0–9 and hyphens", h.Name, group.what))
			}
			if names[h.Name] {
				errs = append(errs, fmt.Errorf("two %s are called %q", group.what, h.Name))
			}
			if h.Key.String() == f.Daemon.Key.String() {
				errs = append(errs, fmt.Errorf("%s is the daemon's own key: the daemon must not be one of the %s", h.Name, group.what))
			}
			if h.Name == f.Daemon.Name {
				errs = append(errs, fmt.Errorf("%q is the daemon's name: give another to that one of the %s", h.Name, group.what))
			}
			names[h.Name], keys[h.Key.String()] = true, true
		}
		if len(keys) < group.least {
			errs = append(errs, fmt.Errorf("%d different %s are needed, and there are %d", group.least, group.what, len(keys)))
		}
	}
	return errors.Join(errs...)
}

// ErrFounded is returned by Found where there is an archive already.
var ErrFounded = errors.New("there is an archive here already")

// Found makes a new archive in a store: its keys, its journal, and last its
// closeroll.json, which says that it is complete. The vault's identity is
// sealed to the readers and then forgotten; it exists nowhere else. Found
// returns the archive's id. It returns ErrFounded where there is an archive,
// and a *BrokenOffError where an earlier founding left something and no archive.
func Found(ctx context.Context, st store.Store, f Founding, now time.Time) (Format, error) {
	if err := f.check(); err != nil {
		return Format{}, err
	}
	if _, err := st.Stat(ctx, formatKey); err == nil {
		return Format{}, ErrFounded
	} else if !errors.Is(err, store.ErrNotExist) {
		return Format{}, err
	}
	if left, err := leftovers(ctx, st); err != nil {
		return Format{}, err
	} else if len(left) > 0 {
		return Format{}, &BrokenOffError{left}
	}
	id := make([]byte, 10)
	rand.Read(id) // never fails
	format := Format{bucketFormat, strings.ToLower(base32.StdEncoding.EncodeToString(id)), now.UTC().Truncate(time.Second)}
	epoch := fmt.Sprintf("%s-%d", f.Vault, now.Year())
	if err := foundVault(ctx, st, f, epoch); err != nil {
		return format, err
	}
	if err := foundState(ctx, st, f, format.Archive, fmt.Sprint(now.Year())); err != nil {
		return format, err
	}
	b, err := json.MarshalIndent(format, "", "  ")
	if err != nil {
		return format, err
	}
	return format, putSmall(ctx, st, formatKey, append(b, '\n'))
}

func foundVault(ctx context.Context, st store.Store, f Founding, epoch string) error {
	pair, err := seal.GenerateKeyPair(f.Strength)
	if err != nil {
		return err
	}
	v := Vault{Name: f.Vault, Epoch: epoch, Recipient: pair.Recipient()}
	wrapped := make(map[string][]byte)
	for _, r := range f.Readers {
		if wrapped[r.Name], err = pair.Wrap(r.Key); err != nil {
			return err
		}
		v.Readers = append(v.Readers, r.Name)
	}
	return putVault(ctx, st, v, wrapped)
}

func foundState(ctx context.Context, st store.Store, f Founding, archiveID, epoch string) error {
	state, err := seal.NewStateKeys(epoch)
	if err != nil {
		return err
	}
	skey, _, err := note.GenerateKey(rand.Reader, "closeroll-"+archiveID)
	if err != nil {
		return err
	}
	signer, verifier, err := noteKeyPair(skey)
	if err != nil {
		return err
	}
	holders := append([]Holder{f.Daemon}, f.Recovery...)
	for _, h := range holders {
		wrapped, err := state.Wrap(h.Key)
		if err != nil {
			return err
		}
		if err := putSmall(ctx, st, stateKeys+h.Name+".age", wrapped); err != nil {
			return err
		}
		if wrapped, err = seal.Wrap([]byte(skey), h.Key); err != nil {
			return err
		}
		if err := putSmall(ctx, st, noteKeys+h.Name+".age", wrapped); err != nil {
			return err
		}
	}
	return journal.Create(ctx, st, journalKeys(state, signer, verifier))
}

// putSmall stores a small object, which must not be there yet.
func putSmall(ctx context.Context, st store.Store, key string, data []byte) error {
	err := st.Put(ctx, key, bytes.NewReader(data), int64(len(data)), record.Sum(data), store.PutOptions{})
	if errors.Is(err, store.ErrExist) {
		return fmt.Errorf("%w: %s", ErrFounded, key)
	}
	return err
}

// getSmall reads a small object.
func getSmall(ctx context.Context, st store.Store, key string) ([]byte, error) {
	r, _, err := st.Get(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	defer r.Close()
	const limit = 1 << 20
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && len(b) > limit {
		err = errors.New("too large for a key file")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return b, nil
}
