// Package archivetest founds archives for tests: a bucket in a temporary
// folder, fresh keys, and every room opened as a daemon opens it. Nothing is a
// stand-in; what can fail to plan is a real store behind
// [storetest.Faulty].
package archivetest

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/archive/store/dir"
	"github.com/closeroll/closeroll/archive/store/storetest"
	"github.com/closeroll/closeroll/internal/spool"
)

// Vault is the name of the vault of every archive that is founded here.
const Vault = "main"

// A Place is where an archive is kept, with everybody's keys. Nothing of it is
// open: see [Place.Open].
type Place struct {
	Bucket  string            // the folder that is the bucket
	State   string            // the folder of what is derived
	Store   *storetest.Faulty // the bucket, as the archive sees it
	Daemon  *seal.KeyPair
	Officer *seal.KeyPair // a reader of the vault and recovery holder
	Deputy  *seal.KeyPair // another one
	Clock   *Clock
	Log     *slog.Logger
}

// Found founds an archive in temporary folders. Its keys are classic ones,
// which are made and opened faster.
func Found(t testing.TB) *Place {
	t.Helper()
	p := &Place{Bucket: filepath.Join(t.TempDir(), "bucket"), State: t.TempDir(), Clock: NewClock(), Log: Log(t),
		Daemon: KeyPair(t), Officer: KeyPair(t), Deputy: KeyPair(t)}
	bucket, err := dir.Create(p.Bucket)
	must(t, err)
	t.Cleanup(func() { bucket.Close() })
	p.Store = storetest.NewFaulty(bucket)
	_, err = archive.Found(t.Context(), p.Store, p.Founding(), p.Clock.Now())
	must(t, err)
	return p
}

// Founding is what the archive was founded with.
func (p *Place) Founding() archive.Founding {
	people := []archive.Holder{{Name: "officer", Key: p.Officer.Recipient()}, {Name: "deputy", Key: p.Deputy.Recipient()}}
	return archive.Founding{Vault: Vault, Strength: seal.Classic, Readers: people, Recovery: people,
		Daemon: archive.Holder{Name: archive.DaemonName, Key: p.Daemon.Recipient()}}
}

// KeyPair makes a person's keys.
func KeyPair(t testing.TB) *seal.KeyPair {
	t.Helper()
	pair, err := seal.GenerateKeyPair(seal.Classic)
	must(t, err)
	return pair
}

// An Archive is an open archive with the rooms that it joins.
type Archive struct {
	*archive.Archive
	Place   *Place
	Keyring *archive.Keyring
	Journal *journal.Journal
}

// Open opens the archive as a daemon does: it takes the pen, and makes a stale
// catalog anew. The archive is closed when the test ends, if not before.
func (p *Place) Open(t testing.TB) *Archive {
	t.Helper()
	a, err := p.TryOpen(t)
	must(t, err)
	return a
}

// TryOpen is Open for a test that expects it to fail.
func (p *Place) TryOpen(t testing.TB) (*Archive, error) {
	t.Helper()
	ctx := t.Context()
	keyring, err := archive.OpenKeyring(ctx, p.Store, p.Daemon.Opener(), archive.DaemonName, Vault)
	if err != nil {
		return nil, err
	}
	start, err := journal.NewEntry(record.EntryStart, "daemon", record.Start{Version: "test"})
	must(t, err)
	j, err := journal.Open(ctx, p.Log, p.Store, keyring.Journal(), p.Clock.Now, start, journal.Options{})
	if err != nil {
		return nil, err
	}
	c, err := p.openCatalog(t, keyring)
	must(t, err)
	spooler, err := spool.New(filepath.Join(p.State, "spool"), spool.Limits{})
	must(t, err)
	a, err := archive.New(ctx, p.Log, p.Clock.Now, archive.Parts{Store: p.Store, Journal: j, Catalog: c,
		Epochs: keyring.Epochs, Vault: keyring.Name, NamingKey: keyring.State.NamingKey(), Spool: spooler})
	if err != nil {
		return nil, errors.Join(err, j.Close(ctx), c.Close())
	}
	open := &Archive{Archive: a, Place: p, Keyring: keyring, Journal: j}
	t.Cleanup(func() { open.Close(t) })
	return open, nil
}

func (p *Place) openCatalog(t testing.TB, k *archive.Keyring) (*catalog.Catalog, error) {
	c, err := catalog.Open(t.Context(), p.CatalogFile(), k.Catalog(), k.Format.Archive)
	if errors.Is(err, catalog.ErrStale) {
		must(t, catalog.Remove(p.CatalogFile()))
		return catalog.Open(t.Context(), p.CatalogFile(), k.Catalog(), k.Format.Archive)
	}
	return c, err
}

// CatalogFile is where the catalog is.
func (p *Place) CatalogFile() string { return filepath.Join(p.State, "catalog.db") }

// Close closes the catalog and lays down the pen. It may be called more than
// once. What the journal could not write is left to the next Open, as after a
// crash.
func (a *Archive) Close(t testing.TB) {
	t.Helper()
	must(t, a.Catalog.Close())
	ctx, cancel := contextOf(t)
	defer cancel()
	if err := a.Journal.Close(ctx); err != nil {
		a.Place.Log.Info("the journal was not closed whole", "error", err)
	}
}

// VaultOpener is what a reader opens records with: the officer's identity opens
// the vault's, which is in the bucket.
func (a *Archive) VaultOpener(t testing.TB) *seal.Opener {
	t.Helper()
	keys, err := archive.VaultKeys(t.Context(), a.Place.Store, a.Keyring.Epoch)
	must(t, err)
	opener, err := a.Place.Officer.Opener().UnwrapOpener(keys["officer"])
	must(t, err)
	return opener
}

// Capture puts a record of these octets and commits it as an item of a source.
// It is what the pipeline does with an e-mail of one message.
func (a *Archive) Capture(t testing.TB, source, key string, octets []byte) *archive.Capture {
	t.Helper()
	c, err := a.TryCapture(t, source, key, octets)
	must(t, err)
	return c
}

// TryCapture is Capture for a test that expects it to fail.
func (a *Archive) TryCapture(t testing.TB, source, key string, octets []byte) (*archive.Capture, error) {
	t.Helper()
	c, err := a.TryPut(t, source, key, octets)
	if err != nil {
		return nil, err
	}
	return c, a.Commit(t.Context(), "daemon", []*archive.Capture{c}, nil)
}

// TryPut seals and stores an e-mail, and returns its capture, not committed.
func (a *Archive) TryPut(t testing.TB, source, key string, octets []byte) (*archive.Capture, error) {
	t.Helper()
	rec, contents := Email(octets)
	stored, err := a.Put(t.Context(), rec, contents, archive.Claim{})
	if err != nil {
		return nil, err
	}
	now := a.Place.Clock.Now()
	facts := record.Facts{Kind: record.Email, Source: source, Custodian: source, Subject: key, Sent: now, Received: now, Captured: now}
	return &archive.Capture{Ingestion: record.Ingestion{Record: stored.Record, Kind: record.Email, Vault: stored.Vault, Epoch: stored.Epoch,
		Sealed: stored.Sealed, SealedSize: stored.Size, Manifest: stored.Manifest, Components: rec.Components, Display: key,
		Messages: []record.Message{{Sent: now, Sender: "A Field"}}, Facts: facts, Adopted: stored.Adopted, TextStatus: record.TextOK,
		Holding: record.Holding{Source: source, Custodian: source, Folder: "INBOX", Class: "ADM-01", Since: now},
		Item:    record.Item{Source: source, Key: key}}}, nil
}

// Email is a record of a message of these octets, with its contents by path.
func Email(octets []byte) (record.Record, map[string]io.ReaderAt) {
	const path = "data/message.eml"
	rec := record.Record{Kind: record.Email, Components: []record.Component{{Path: path, Size: int64(len(octets)), Digest: record.Sum(octets)}}}
	return rec, map[string]io.ReaderAt{path: readerAt(octets)}
}

// A Clock moves by a second whenever it is read, so that no two entries are of
// one time. It may be used from many goroutines.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that stands at 9:00 on 14 May 2026, UTC.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 5, 14, 9, 0, 0, 0, time.UTC)} }

// Now returns the time, and moves the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Second)
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Log is a logger to the test's own log.
func Log(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(&testWriter{t: t}, nil))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A testWriter writes lines to a test's log for as long as the test runs.
type testWriter struct {
	t  testing.TB
	mu sync.Mutex
}

// Write implements io.Writer.
func (w *testWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.t.Context().Err() == nil {
		_, err := fmt.Fprintf(w.t.Output(), "%s", p)
		return len(p), err
	}
	return len(p), nil
}
