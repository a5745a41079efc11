package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/dir"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/daemon"
	"github.com/closeroll/closeroll/internal/durable"
)

// initFlags are what a new archive is made of.
type initFlags struct {
	config            string
	readers, recovery []string
	generate          []string
	classic, asJSON   bool
	beginAgain        bool
}

func (e *env) initVerb() *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make a new archive: its vault, its keys and its journal",
		Long: `Make a new archive in the store that the configuration names. The vault's
identity is sealed to the readers and then exists nowhere else; the daemon can
seal to it and open nothing. The state keys and the journal's signing key are
sealed to the daemon and to the recovery holders.

At least two readers and two recovery holders are required; the same people may
be both. A key is NAME=KEY, where KEY is age1pq1…, age1…, an SSH public key, or a
file that holds one; NAME is seen by whoever lists the bucket, so use a role.

The daemon's own identity is made where the configuration expects it, unless it
is there. --generate-reader makes a reader's key pair too: for a trial only,
since a reader's identity should never have been on the daemon's host.

If this is broken off, what it left is of no use and in the way: --begin-again
removes those keys, to which nothing was ever sealed, and makes the archive.`,
		Example: example("closeroll init --config closeroll.yaml --reader officer=officer.pub --reader records=age1pq1… \\",
			"    --recovery officer=officer.pub --recovery records=age1pq1…",
			"closeroll init --config trial.yaml --generate-reader officer.key --generate-reader records.key"),
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := e.config(f.config)
			if err != nil {
				return err
			}
			return e.found(cmd.Context(), cfg, f)
		},
	}
	fl := cmd.Flags()
	configFlag(cmd, &f.config)
	fl.StringArrayVar(&f.readers, "reader", nil, "who may read the vault, NAME=KEY; at least two")
	fl.StringArrayVar(&f.recovery, "recovery", nil, "who may recover the state and journal keys, NAME=KEY; at least two")
	fl.StringArrayVar(&f.generate, "generate-reader", nil, "for a trial: make this identity file, and let it be a reader and a recovery holder")
	jsonFlag(cmd, &f.asJSON)
	fl.BoolVar(&f.beginAgain, "begin-again", false, "first remove the keys that an init left which was broken off")
	fl.BoolVar(&f.classic, "classic", false, "make the vault's keys X25519 alone instead of the post-quantum hybrid")
	return cmd
}

// found makes the archive. If it was not begun, no key file stays behind: keys
// to nothing would only be mistaken for keys to something.
func (e *env) found(ctx context.Context, cfg *configs.Config, f initFlags) (err error) {
	founding := archive.Founding{Vault: cfg.Archive.Vault, Strength: seal.PostQuantum}
	if f.classic {
		founding.Strength = seal.Classic
	}
	if founding.Readers, err = holders("--reader", f.readers); err != nil {
		return err
	}
	if founding.Recovery, err = holders("--recovery", f.recovery); err != nil {
		return err
	}
	n := len(f.generate)
	if readers, recovery := len(founding.Readers)+n, len(founding.Recovery)+n; readers < archive.MinReaders || recovery < archive.MinHolders {
		return advise(fmt.Errorf("an archive needs at least %d readers and %d recovery holders, and %d and %d are given",
			archive.MinReaders, archive.MinHolders, readers, recovery), exitUsage, "give each with --reader NAME=KEY and --recovery NAME=KEY; the same people may be both")
	}
	var made []string
	begun := false
	defer func() {
		if err != nil && !begun {
			err = errors.Join(err, removeAll(made))
		}
	}()
	for _, file := range f.generate {
		h, err := generate(file, founding.Strength)
		if err != nil {
			return err
		}
		made = append(made, file)
		founding.Readers, founding.Recovery = append(founding.Readers, h), append(founding.Recovery, h)
	}
	var fresh bool
	if founding.Daemon, fresh, err = daemonKey(cfg); err != nil {
		return err
	}
	if fresh {
		made = append(made, string(cfg.Identity))
	}
	var format archive.Format
	if format, begun, err = e.foundIn(ctx, cfg, founding, f.beginAgain); err != nil {
		return err
	}
	return e.founded(cfg, f, founding, format, fresh)
}

// foundIn makes the archive in the configured store. It reports whether an
// archive of these keys may be there, even if it fails: a store may have
// stored what it says it has not.
func (e *env) foundIn(ctx context.Context, cfg *configs.Config, founding archive.Founding, again bool) (_ archive.Format, begun bool, err error) {
	st, err := newStore(cfg.Store, e.getenv)
	if err != nil {
		return archive.Format{}, false, advise(err, exitFailure, "closeroll check tries out whether the store can be used")
	}
	if again {
		if err := archive.BeginAgain(ctx, st); err != nil && !errors.Is(err, archive.ErrFounded) {
			return archive.Format{}, false, advise(err, exitFailure, "nothing is removed where there may be records; look at the store, or name another prefix")
		}
	}
	format, err := archive.Found(ctx, st, founding, e.now())
	var broken *archive.BrokenOffError
	if errors.As(err, &broken) {
		return format, false, advise(err, exitFailure, "nothing was ever sealed to those keys; closeroll init --begin-again removes them and makes the archive")
	}
	if errors.Is(err, archive.ErrFounded) {
		return format, false, advise(err, exitUsage, "an archive is made once; closeroll serve runs it")
	}
	if err == nil {
		return format, true, nil
	}
	if _, there := st.Stat(ctx, "closeroll.json"); !errors.Is(there, store.ErrNotExist) {
		return format, true, advise(err, exitFailure, "keep the key files that were made, and try out the store with closeroll check")
	}
	return format, false, advise(err, exitUsage, "see closeroll init --help; closeroll check tries out whether the store can be used")
}

// A founded archive is what init prints for machines.
type founded struct {
	Archive  string   `json:"archive"`
	Vault    string   `json:"vault"`
	Readers  []string `json:"readers"`
	Recovery []string `json:"recovery"`
	Identity string   `json:"identity"` // file of the daemon's own key
}

func (e *env) founded(cfg *configs.Config, f initFlags, founding archive.Founding, format archive.Format, fresh bool) error {
	if f.asJSON {
		return e.writeJSON(founded{format.Archive, cfg.Archive.Vault, names(founding.Readers), names(founding.Recovery), string(cfg.Identity)})
	}
	p := e.print()
	for _, file := range f.generate {
		p.field("reader", "%s made for a trial: a reader's identity should never be on the daemon's host", file)
	}
	if fresh {
		p.field("daemon", "identity made in %s; keep it on another file system than the state", cfg.Identity)
	}
	p.field("archive", "%s", format.Archive)
	p.field("vault", "%s, sealed to %s; this daemon holds no key that opens a record", cfg.Archive.Vault, strings.Join(names(founding.Readers), ", "))
	p.field("state", "keys sealed to the daemon and to %s", strings.Join(names(founding.Recovery), ", "))
	return nil
}

func removeAll(files []string) error {
	var errs []error
	for _, file := range files {
		errs = append(errs, os.Remove(file))
	}
	return errors.Join(errs...)
}

// newStore opens the store; a folder is made.
func newStore(cfg configs.Store, getenv func(string) string) (store.Store, error) {
	if cfg.Dir != nil {
		return dir.Create(string(cfg.Dir.Path))
	}
	return daemon.OpenStore(cfg, getenv)
}

// holders reads NAME=KEY pairs.
func holders(flag string, given []string) ([]archive.Holder, error) {
	var all []archive.Holder
	for _, s := range given {
		name, key, ok := strings.Cut(s, "=")
		if !ok {
			return nil, advise(fmt.Errorf("%s %s: a key is given as NAME=KEY", flag, clip(s, 20)), exitUsage, "name the person's role: %s officer=age1…", flag)
		}
		recipients, err := seal.LoadRecipients(key)
		if err != nil {
			return nil, advise(fmt.Errorf("%s: %w", name, err), exitUsage, "KEY is age1pq1…, age1…, an SSH public key, or a file that holds one")
		}
		if len(recipients) != 1 {
			return nil, advise(fmt.Errorf("%s: %d keys, where one is one person's", name, len(recipients)), exitUsage, "give each its own %s", flag)
		}
		all = append(all, archive.Holder{Name: name, Key: recipients[0]})
	}
	return all, nil
}

// generate makes an identity file, and returns its public half under the
// file's name.
func generate(file string, s seal.Strength) (archive.Holder, error) {
	pair, err := seal.GenerateKeyPair(s)
	if err != nil {
		return archive.Holder{}, err
	}
	if err := createSecret(file, pair.IdentityFile()); err != nil {
		return archive.Holder{}, err
	}
	name := strings.ToLower(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)))
	return archive.Holder{Name: name, Key: pair.Recipient()}, nil
}

// createSecret writes a new file that only its owner can read.
func createSecret(file string, data []byte) error {
	if _, err := os.Lstat(file); err == nil {
		return advise(fmt.Errorf("%s is there already", file), exitUsage, "keys are never overwritten; name another file")
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return durable.WriteFile(file, data, 0o600)
}

// daemonKey returns the daemon's public key, making its identity if need be,
// and whether it made it.
func daemonKey(cfg *configs.Config) (archive.Holder, bool, error) {
	file := string(cfg.Identity)
	h := archive.Holder{Name: archive.DaemonName}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		made, err := generate(file, seal.PostQuantum)
		h.Key = made.Key
		return h, true, err
	}
	if err != nil {
		return h, false, err
	}
	if h.Key, err = seal.PublicOf(data); err != nil {
		err = advise(fmt.Errorf("the daemon's identity %s: %w", file, err), exitUsage, "name the daemon's own age identity under identity: in the configuration")
	}
	return h, false, err
}

func names(holders []archive.Holder) []string {
	all := make([]string, len(holders))
	for i, h := range holders {
		all[i] = h.Name
	}
	return all
}
