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
	classic           bool
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
since a reader's identity should never have been on the daemon's host.`,
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
	fl.BoolVar(&f.classic, "classic", false, "make the vault's keys X25519 alone instead of the post-quantum hybrid")
	return cmd
}

func (e *env) found(ctx context.Context, cfg *configs.Config, f initFlags) error {
	p := e.print()
	founding := archive.Founding{Vault: cfg.Archive.Vault, Strength: seal.PostQuantum}
	if f.classic {
		founding.Strength = seal.Classic
	}
	var err error
	if founding.Readers, err = holders(f.readers); err != nil {
		return err
	}
	if founding.Recovery, err = holders(f.recovery); err != nil {
		return err
	}
	if n := len(f.generate); max(len(founding.Readers), len(founding.Recovery))+n < archive.MinReaders {
		return advise(fmt.Errorf("an archive needs %d readers and %d recovery holders", archive.MinReaders, archive.MinHolders), exitUsage,
			"give each with --reader NAME=KEY and --recovery NAME=KEY")
	}
	for _, file := range f.generate {
		h, err := generate(file, founding.Strength)
		if err != nil {
			return err
		}
		p.field("reader", "%s made for a trial: a reader's identity should never be on the daemon's host", file)
		founding.Readers, founding.Recovery = append(founding.Readers, h), append(founding.Recovery, h)
	}
	if founding.Daemon, err = e.daemonKey(cfg, p); err != nil {
		return err
	}
	st, err := newStore(cfg.Store, e.getenv)
	if err != nil {
		return err
	}
	format, err := archive.Found(ctx, st, founding, e.now())
	switch {
	case errors.Is(err, archive.ErrFounded):
		return advise(err, exitUsage, "an archive is made once; closeroll serve runs it")
	case err != nil:
		return advise(err, exitUsage, "see closeroll init --help")
	}
	p.field("archive", "%s", format.Archive)
	p.field("vault", "%s, sealed to %s; this daemon holds no key that opens a record", cfg.Archive.Vault, names(founding.Readers))
	p.field("state", "keys sealed to the daemon and to %s", names(founding.Recovery))
	return nil
}

// newStore opens the store; a folder is made.
func newStore(cfg configs.Store, getenv func(string) string) (store.Store, error) {
	if cfg.Dir != nil {
		return dir.Create(string(cfg.Dir.Path))
	}
	return daemon.OpenStore(cfg, getenv)
}

// holders reads NAME=KEY pairs.
func holders(given []string) ([]archive.Holder, error) {
	var all []archive.Holder
	for _, s := range given {
		name, key, ok := strings.Cut(s, "=")
		if !ok {
			return nil, advise(fmt.Errorf("a key is given as NAME=KEY"), exitUsage, "name the person's role: --reader officer=age1…")
		}
		recipients, err := seal.LoadRecipients(key)
		if err != nil {
			return nil, advise(fmt.Errorf("%s: %w", name, err), exitUsage, "KEY is age1pq1…, age1…, an SSH public key, or a file that holds one")
		}
		if len(recipients) != 1 {
			return nil, advise(fmt.Errorf("%s: %d keys, where one is one person's", name, len(recipients)), exitUsage, "give each its own --reader")
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

// daemonKey returns the daemon's public key, making its identity if need be.
func (e *env) daemonKey(cfg *configs.Config, p *printer) (archive.Holder, error) {
	file := string(cfg.Identity)
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		h, err := generate(file, seal.PostQuantum)
		h.Name = archive.DaemonName
		p.field("daemon", "identity made in %s; keep it on another file system than the state", file)
		return h, err
	}
	if err != nil {
		return archive.Holder{}, err
	}
	key, err := seal.PublicOf(data)
	return archive.Holder{Name: archive.DaemonName, Key: key}, err
}

func names(holders []archive.Holder) string {
	all := make([]string, len(holders))
	for i, h := range holders {
		all[i] = h.Name
	}
	return strings.Join(all, ", ")
}
