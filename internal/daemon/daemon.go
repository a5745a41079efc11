// Package daemon is `closeroll serve`: it opens an archive with the keys that
// a daemon may have, reads the sources when they are due, and answers the
// verbs through internal/api.
//
// It joins rooms that do not know each other: the retention schedule
// classifies what is ingested, the search engine finds what query holds cover,
// the index takes in what is captured. It decides nothing itself.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/connectors/messenger"
	"github.com/closeroll/closeroll/internal/alert"
	"github.com/closeroll/closeroll/internal/spool"
	"github.com/closeroll/closeroll/internal/sshsig"
	"github.com/closeroll/closeroll/search"
	"github.com/closeroll/closeroll/search/index"
)

// Environment is what a daemon needs besides its configuration.
type Environment struct {
	Log     *slog.Logger
	Now     func() time.Time
	Getenv  func(string) string
	Version string
	Extract ingest.Extractor
	// Pools of PEM certificates, passphrases and the like are read where the
	// configuration names them; the daemon asks nobody.
}

// A Daemon is an archive with the pen in hand and its sources. Close it.
type Daemon struct {
	env     Environment
	lg      *slog.Logger
	now     func() time.Time
	cfg     *configs.Config
	zone    *time.Location
	started time.Time

	store    store.Store
	keyring  *archive.Keyring
	journal  *journal.Journal
	catalog  *catalog.Catalog
	spool    *spool.Spooler
	archive  *archive.Archive
	governor *governor
	signers  *sshsig.Allowed // nil: nobody can sign
	adopting sync.Mutex      // held while a schedule is adopted
	index    *index.Index
	engine   *search.Engine
	pipeline *ingest.Pipeline
	sources  []*source
	shared   *shared
	reading  chan struct{} // holds a token for each source that is being read
	alerts   *alert.Board
	brought  chan struct{} // an export may have come that is owed a receipt

	law law

	savedNames sync.Mutex // from looking a saved search up to journalling another
	rebuild    sync.Mutex // held while a generation of the index changes
	requests   sync.Mutex // held from looking at a request until what changes it is journalled

	desk   desk
	warden *warden // nil: the storage cannot be told to keep anything
}

// New opens everything that the configuration names, and takes the pen. It
// fails where there is no archive or no vault: nothing is ever kept unsealed.
func New(ctx context.Context, cfg *configs.Config, env Environment) (_ *Daemon, err error) {
	d := &Daemon{env: env, lg: env.Log, now: env.Now, cfg: cfg, started: env.Now(), brought: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close(context.WithoutCancel(ctx)))
		}
	}()
	if d.zone, err = time.LoadLocation(cfg.Archive.Zone); err != nil {
		return nil, err
	}
	if d.law, err = readLaw(cfg.Rules); err != nil {
		return nil, err
	}
	if err := checkDeliveries(&cfg.Reports); err != nil {
		return nil, err
	}
	if err := d.openStore(ctx); err != nil {
		return nil, err
	}
	if err := d.lockState(ctx); err != nil {
		return nil, err
	}
	if err := d.openState(ctx); err != nil {
		return nil, err
	}
	if err := d.openArchive(ctx); err != nil {
		return nil, err
	}
	if err := d.openSchedule(ctx); err != nil {
		return nil, err
	}
	d.engine = search.New(searchable{d.catalog, d.governor}, d.index)
	if err := d.reconcileIndex(ctx); err != nil {
		return nil, err
	}
	sender, err := alertSender(cfg.Alerts, env.Now)
	if err != nil {
		return nil, err
	}
	d.alerts = alert.NewBoard(d.lg, d.now, sender)
	d.pipeline = ingest.New(d.lg, d.now, ingest.Parts{Archive: d.archive, Spool: d.spool, Messengers: messenger.All{}, Classify: d.governor,
		Extract: env.Extract, Index: indexer{d.index}, Holds: &holdCatcher{d}}, ingest.Options{})
	return d, d.openSources(ctx)
}

// openStore opens the store, if it is fit to keep records, and the keys in it.
func (d *Daemon) openStore(ctx context.Context) (err error) {
	if d.store, err = OpenStore(d.cfg.Store, d.env.Getenv); err != nil {
		return err
	}
	if err := d.openWarden(ctx); err != nil {
		return err
	}
	opener, err := seal.LoadOpener([]string{string(d.cfg.Identity)}, func(name string) ([]byte, error) {
		return nil, fmt.Errorf("%s is protected by a passphrase, and nobody can be asked for it here", name)
	})
	if err != nil {
		return fmt.Errorf("the daemon's identity: %w", err)
	}
	d.keyring, err = archive.OpenKeyring(ctx, d.store, opener, archive.DaemonName, d.cfg.Archive.Vault)
	return err
}

// openState takes the pen.
func (d *Daemon) openState(ctx context.Context) (err error) {
	limits := spool.Limits{Memory: int64(d.cfg.Limits.Memory), Disk: int64(d.cfg.Limits.Spool), Item: int64(d.cfg.Limits.Item)}
	if d.spool, err = spool.New(d.statePath("spool"), limits); err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	start, err := journal.NewEntry(record.EntryStart, daemonActor, record.Start{Version: d.env.Version, Host: host})
	if err != nil {
		return err
	}
	known, err := d.known()
	if err != nil {
		return err
	}
	if d.journal, err = journal.Open(ctx, d.lg, d.store, d.keyring.Journal(), d.now, start, journal.Options{Known: known}); err != nil {
		return err
	}
	return d.remember()
}

// daemonActor names the daemon in the journal, where it acts for nobody else.
const daemonActor = "daemon"

// openArchive opens the catalog, making it anew from the journal if need be.
func (d *Daemon) openArchive(ctx context.Context) (err error) {
	path := d.statePath("catalog.db")
	if d.catalog, err = catalog.Open(ctx, path, d.keyring.Catalog(), d.keyring.Format.Archive); errors.Is(err, catalog.ErrStale) {
		d.lg.Warn("the catalog is made anew from the journal", "reason", err)
		if err := catalog.Remove(path); err != nil {
			return err
		}
		d.catalog, err = catalog.Open(ctx, path, d.keyring.Catalog(), d.keyring.Format.Archive)
	}
	if err != nil {
		return err
	}
	if d.archive, err = archive.New(ctx, d.lg, d.now, archive.Parts{Store: d.store, Journal: d.journal, Catalog: d.catalog, Keeper: keeper{d}, Warden: d.asWarden(),
		Epochs: d.keyring.Epochs, Vault: d.keyring.Name, NamingKey: d.keyring.State.NamingKey(), Spool: d.spool}); err != nil {
		return err
	}
	// The newest epoch in the bucket may be one that somebody put there: what is
	// sealed to, and shown, is the newest that was journalled.
	own, err := d.archive.VaultNamed("")
	if err != nil {
		return err
	}
	d.keyring.Epoch, d.keyring.Vault = own.Epoch, own.Recipient
	return d.checkKinds()
}

// checkKinds wants the configuration to mean by each vault what it was founded
// as: what is in quarantine must not become searched by a slip of the pen.
func (d *Daemon) checkKinds() error {
	for _, v := range d.cfg.Vaults {
		if kept, err := d.archive.VaultNamed(v.Name); err == nil && kept.Kind != v.Kind {
			return fmt.Errorf("vault %s was founded for %s, and the configuration says %s", v.Name, kept.Kind, v.Kind)
		}
	}
	return nil
}

// lockState makes the state folder and opens the index, which only one process
// can have open: a daemon started twice by mistake fails here, before it takes
// the pen or the spool from the one that runs. A lost index is set aside: it
// can be built again, and until it is every answer says INCOMPLETE.
func (d *Daemon) lockState(ctx context.Context) (err error) {
	if err := os.MkdirAll(string(d.cfg.State), 0o700); err != nil {
		return err
	}
	dir := d.statePath("index")
	key := d.keyring.State.Subkey(seal.Index)
	if d.index, err = index.Open(ctx, d.lg, dir, key); index.MustRebuild(err) {
		aside, moveErr := index.SetAside(dir)
		if moveErr != nil {
			return errors.Join(err, moveErr)
		}
		d.lg.Error("the index is lost and was set aside; run closeroll rebuild index", "reason", err, "aside", aside)
		d.index, err = index.Open(ctx, d.lg, dir, key)
	}
	return err
}

// reconcileIndex sets the catalog's marks by what the index really holds: the
// marks are the one thing in the catalog that the journal does not say.
func (d *Daemon) reconcileIndex(ctx context.Context) error {
	r, err := d.index.Reader()
	if err != nil {
		return err
	}
	defer r.Close()
	held, err := r.Numbers()
	if err != nil {
		return err
	}
	return d.catalog.Reconcile(ctx, held)
}

func (d *Daemon) statePath(name string) string { return filepath.Join(string(d.cfg.State), name) }

// Close lays down the pen and closes everything, in the reverse order.
func (d *Daemon) Close(ctx context.Context) error {
	var errs []error
	if d.catalog != nil {
		errs = append(errs, d.desk.close())
	}
	if d.index != nil {
		errs = append(errs, d.index.Close())
	}
	if d.archive != nil {
		stop := d.archive.JournalOne(ctx, record.EntryStop, daemonActor, record.Start{Version: d.env.Version})
		if !errors.Is(stop, journal.ErrPenLost) {
			errs = append(errs, stop)
		}
	}
	if d.journal != nil {
		errs = append(errs, d.journal.Close(ctx), d.remember())
	}
	if d.catalog != nil {
		errs = append(errs, d.catalog.Close())
	}
	return errors.Join(errs...)
}

// RebuildCatalog makes the catalog anew from the journal, and returns how many
// entries it is made of. It takes the pen, so no daemon may run.
func RebuildCatalog(ctx context.Context, cfg *configs.Config, env Environment) (int64, error) {
	if err := catalog.Remove(filepath.Join(string(cfg.State), "catalog.db")); err != nil {
		return 0, err
	}
	d, err := New(ctx, cfg, env)
	if err != nil {
		return 0, err
	}
	return d.catalog.Next(), d.Close(ctx)
}
