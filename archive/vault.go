package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/archive/store"
)

// ErrNoVault is returned where records are to go into a vault that there is
// not.
var ErrNoVault = errors.New("there is no such vault")

// ErrVaultExists is returned where a vault is founded a second time.
var ErrVaultExists = errors.New("there is a vault of this name already")

// ErrForeignKey is returned where the bucket has another recipient for a vault
// than the one that was journalled: records sealed to it would be readable by
// someone whom nobody let in.
var ErrForeignKey = errors.New("the bucket's recipient of a vault is not the one that was journalled")

// A Vault is what records are sealed to, in one of its epochs.
type Vault struct {
	Name      string // without the epoch
	Epoch     string // "main-2026"
	Kind      record.VaultKind
	Recipient *seal.Recipient
	Readers   []string // names under which its identity is wrapped

	sealer *seal.Sealer
}

// VaultOf is the vault that an epoch is of: what follows the last hyphen of its
// name tells it from the vault's other epochs.
func VaultOf(epoch string) string { return epoch[:max(strings.LastIndex(epoch, "-"), 0)] }

// Epochs lists every vault's epochs in a store, by name. One without a
// recipient was broken off while it was made, and is none.
func Epochs(ctx context.Context, st store.Store) ([]Vault, error) {
	byName := make(map[string]*Vault)
	var names []string
	for info, err := range st.List(ctx, vaultKeys) {
		if err != nil {
			return nil, err
		}
		dir, file := path.Split(info.Key)
		name := path.Base(dir)
		if VaultOf(name) == "" {
			continue
		}
		e := byName[name]
		if e == nil {
			e = &Vault{Name: VaultOf(name), Epoch: name}
			byName[name] = e
			names = append(names, name)
		}
		if reader, ok := strings.CutSuffix(file, ".age"); ok {
			e.Readers = append(e.Readers, reader)
		}
		if file != "recipient" {
			continue
		}
		b, err := getSmall(ctx, st, info.Key)
		if err != nil {
			return nil, err
		}
		if e.Recipient, err = seal.ParseRecipient(string(b)); err != nil {
			return nil, fmt.Errorf("%s: %w", info.Key, err)
		}
	}
	slices.Sort(names)
	var all []Vault
	for _, name := range names {
		if e := byName[name]; e.Recipient != nil {
			slices.Sort(e.Readers)
			all = append(all, *e)
		}
	}
	return all, nil
}

// openVaults decides which epochs records are sealed to. The journal says: the
// founder's epochs are journalled when the archive is first opened, and from
// then on no recipient is believed that the journal does not name. The caller
// has the commit token.
func (a *Archive) openVaults(ctx context.Context, epochs []Vault) error {
	known, err := a.Catalog.Vaults(ctx)
	if err != nil {
		return err
	}
	if len(known) == 0 {
		if known, err = a.vouch(ctx, epochs); err != nil {
			return err
		}
	}
	for _, k := range known {
		i := slices.IndexFunc(epochs, func(e Vault) bool { return e.Epoch == k.Epoch })
		if i < 0 {
			a.lg.Error("a vault's epoch is not in the bucket", "epoch", k.Epoch)
			continue
		}
		e := epochs[i]
		if e.Recipient.String() != k.Recipient {
			return fmt.Errorf("%w: %s", ErrForeignKey, e.Epoch)
		}
		e.Kind = k.Kind
		if err := a.use(e); err != nil {
			return err
		}
	}
	for _, e := range epochs {
		if !slices.ContainsFunc(known, func(k catalog.VaultRow) bool { return k.Epoch == e.Epoch }) {
			a.lg.Warn("the bucket has a vault's epoch that nobody journalled; it is not used", "epoch", e.Epoch)
		}
	}
	if _, err := a.VaultNamed(a.Parts.Vault); err != nil {
		return fmt.Errorf("%w: vault %q has no epoch", ErrNoArchive, a.Parts.Vault)
	}
	return nil
}

// vouch journals the epochs with which the archive was founded.
func (a *Archive) vouch(ctx context.Context, epochs []Vault) ([]catalog.VaultRow, error) {
	for _, e := range epochs {
		e.Kind = record.VaultRecords
		if err := a.journalVault(ctx, "daemon", e); err != nil {
			return nil, err
		}
	}
	return a.Catalog.Vaults(ctx)
}

func (a *Archive) journalVault(ctx context.Context, actor string, e Vault) error {
	entry, err := a.entry(record.EntryKey, actor, record.KeyChange{Change: record.ChangeVault, Vault: e.Name, Kind: e.Kind, Epoch: e.Epoch,
		Readers: e.Readers, Recipient: e.Recipient.String()})
	if err != nil {
		return err
	}
	_, err = a.append(ctx, []journal.Entry{entry})
	return err
}

// use makes an epoch the one that its vault's records are sealed to, unless it
// has a later one.
func (a *Archive) use(e Vault) error {
	sealer, err := seal.NewSealer(e.Recipient)
	if err != nil {
		return err
	}
	a.vaultsMu.Lock()
	defer a.vaultsMu.Unlock()
	e.sealer = sealer
	if old, ok := a.vaults[e.Name]; !ok || old.Epoch < e.Epoch {
		a.vaults[e.Name] = &e
	}
	return nil
}

// VaultNamed returns a vault; the empty name is the archive's own. It returns
// ErrNoVault if there is none.
func (a *Archive) VaultNamed(name string) (*Vault, error) {
	if name == "" {
		name = a.Parts.Vault
	}
	a.vaultsMu.RLock()
	defer a.vaultsMu.RUnlock()
	v := a.vaults[name]
	if v == nil {
		return nil, fmt.Errorf("%w as %q", ErrNoVault, name)
	}
	return v, nil
}

// Vaults lists the vaults by name.
func (a *Archive) Vaults() []*Vault {
	a.vaultsMu.RLock()
	defer a.vaultsMu.RUnlock()
	all := make([]*Vault, 0, len(a.vaults))
	for _, v := range a.vaults {
		all = append(all, v)
	}
	slices.SortFunc(all, func(x, y *Vault) int { return strings.Compare(x.Name, y.Name) })
	return all
}

// Quarantine returns the vault of that kind, or ErrNoVault.
func (a *Archive) Quarantine() (*Vault, error) {
	for _, v := range a.Vaults() {
		if v.Kind == record.VaultQuarantine {
			return v, nil
		}
	}
	return nil, fmt.Errorf("%w of the quarantine kind", ErrNoVault)
}

// A NewVault is a vault about to be founded in an archive that is there. Its
// key pair was made on the machine of the person who founds it, and wrapped to
// its readers there: the daemon never has the identity.
type NewVault struct {
	Name      string
	Kind      record.VaultKind
	Recipient *seal.Recipient
	Wrapped   map[string][]byte // the identity by reader, as age files
}

// maxWrapped is how long a wrapped identity may be, in octets: a post-quantum
// recipient's is about four thousand.
const maxWrapped = 64 << 10

// check reports everything that is wrong with a new vault.
func (v *NewVault) check() error {
	var errs []error
	if !holderName.MatchString(v.Name) {
		errs = append(errs, fmt.Errorf("vault name %q: use a–z, 0–9 and hyphens", v.Name))
	}
	if v.Kind != record.VaultRecords && v.Kind != record.VaultQuarantine {
		errs = append(errs, fmt.Errorf("%q is no kind of vault: there are records and quarantine", v.Kind))
	}
	if len(v.Wrapped) < MinReaders {
		errs = append(errs, fmt.Errorf("%d different readers are needed, and there are %d", MinReaders, len(v.Wrapped)))
	}
	seen := make(map[string]bool)
	for name, wrapped := range v.Wrapped {
		switch {
		case !holderName.MatchString(name):
			errs = append(errs, fmt.Errorf("name %q of one of the readers: use a–z, 0–9 and hyphens", name))
		case name == DaemonName:
			errs = append(errs, errors.New("the daemon must not be one of the readers"))
		case len(wrapped) > maxWrapped || !bytes.HasPrefix(wrapped, []byte("age-encryption.org/v1\n")) || seen[string(wrapped)]:
			errs = append(errs, fmt.Errorf("what is given for reader %s is no identity wrapped by age", name))
		}
		seen[string(wrapped)] = true
	}
	return errors.Join(errs...)
}

// AddVault founds another vault. Its keys are stored first, its recipient last,
// and it is a vault once it is journalled; what a crash leaves of it before
// then is used by nobody. Of one kind quarantine there is one.
func (a *Archive) AddVault(ctx context.Context, actor string, v NewVault) (*Vault, error) {
	if err := v.check(); err != nil {
		return nil, err
	}
	if err := a.begin(ctx); err != nil {
		return nil, err
	}
	defer a.end()
	if _, err := a.VaultNamed(v.Name); err == nil {
		return nil, fmt.Errorf("%w: %s", ErrVaultExists, v.Name)
	}
	if other, err := a.Quarantine(); err == nil && v.Kind == record.VaultQuarantine {
		return nil, fmt.Errorf("%w: the quarantine vault is %s, and one is enough", ErrVaultExists, other.Name)
	}
	e := Vault{Name: v.Name, Kind: v.Kind, Recipient: v.Recipient}
	for name := range v.Wrapped {
		e.Readers = append(e.Readers, name)
	}
	slices.Sort(e.Readers)
	var err error
	if e.Epoch, err = freeEpoch(ctx, a.Store, fmt.Sprintf("%s-%d", v.Name, a.now().UTC().Year())); err != nil {
		return nil, err
	}
	if err := putVault(ctx, a.Store, e, v.Wrapped); err != nil {
		return nil, err
	}
	if err := a.journalVault(ctx, actor, e); err != nil {
		return nil, err
	}
	if err := a.use(e); err != nil {
		return nil, err
	}
	return a.VaultNamed(v.Name)
}

// freeEpoch returns a name that begins so and under which nothing is stored:
// main-2026, or main-2026b if an attempt was broken off.
func freeEpoch(ctx context.Context, st store.Store, name string) (string, error) {
	for suffix := 'a'; suffix <= 'z'; suffix++ {
		free := name
		if suffix > 'a' {
			free += string(suffix)
		}
		taken := false
		for _, err := range st.List(ctx, vaultKeys+free+"/") {
			if err != nil {
				return "", err
			}
			taken = true
			break
		}
		if !taken {
			return free, nil
		}
	}
	return "", fmt.Errorf("%w: too many attempts at %s were broken off", ErrVaultExists, name)
}

// putVault stores an epoch's keys, its recipient last.
func putVault(ctx context.Context, st store.Store, e Vault, wrapped map[string][]byte) error {
	for _, reader := range e.Readers {
		if err := putSmall(ctx, st, vaultKeys+e.Epoch+"/"+reader+".age", wrapped[reader]); err != nil {
			return err
		}
	}
	return putSmall(ctx, st, vaultKeys+e.Epoch+"/recipient", []byte(e.Recipient.String()+"\n"))
}
