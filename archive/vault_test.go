package archive_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/archivetest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/archive/store/dir"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

// hr is a vault of two readers, made as a person's machine makes it.
func hr(t *testing.T, kind record.VaultKind) (archive.NewVault, *seal.KeyPair, *seal.KeyPair) {
	t.Helper()
	pair, reader := archivetest.KeyPair(t), archivetest.KeyPair(t)
	v := archive.NewVault{Name: "hr", Kind: kind, Recipient: pair.Recipient(), Wrapped: map[string][]byte{}}
	for name, key := range map[string]*seal.Recipient{"head": reader.Recipient(), "deputy": archivetest.KeyPair(t).Recipient()} {
		wrapped, err := pair.Wrap(key)
		must(t, err)
		v.Wrapped[name] = wrapped
	}
	return v, pair, reader
}

// put stores a mail in a vault and commits it.
func put(t *testing.T, a *archivetest.Archive, vault string, octets string) *archive.Capture {
	t.Helper()
	rec, contents := archivetest.Email([]byte(octets))
	rec.Vault = vault
	s, err := a.Put(t.Context(), rec, contents, archive.Claim{})
	must(t, err)
	c := &archive.Capture{Ingestion: record.Ingestion{Record: s.Record, Kind: record.Email, Vault: s.Vault, Epoch: s.Epoch, Sealed: s.Sealed,
		SealedSize: s.Size, Manifest: s.Manifest, Components: rec.Components, Messages: []record.Message{{Sender: "A Field"}},
		Item: record.Item{Source: "s", Key: vault + octets}}}
	must(t, a.Commit(t.Context(), "daemon", []*archive.Capture{c}, nil))
	return c
}

func TestTwoVaultsKeepTheirRecordsApart(t *testing.T) {
	p := archivetest.Found(t)
	a := p.Open(t)
	if _, err := a.VaultNamed("hr"); !errors.Is(err, archive.ErrNoVault) {
		t.Fatalf("before it is founded: %v", err)
	}
	rec, contents := archivetest.Email([]byte("x"))
	rec.Vault = "hr"
	if _, err := a.Put(t.Context(), rec, contents, archive.Claim{}); !errors.Is(err, archive.ErrNoVault) {
		t.Fatalf("a record for it: %v", err)
	}
	made, pair, reader := hr(t, record.VaultRecords)
	v, err := a.AddVault(t.Context(), "uid:7", made)
	must(t, err)
	if v.Epoch != "hr-2026" || v.Kind != record.VaultRecords {
		t.Errorf("founded: %+v", v)
	}
	if _, err := a.AddVault(t.Context(), "uid:7", made); !errors.Is(err, archive.ErrVaultExists) {
		t.Errorf("a second time: %v", err)
	}
	one, two := put(t, a, "", "the same octets"), put(t, a, "hr", "the same octets")
	if one.Record == two.Record || one.Vault != archivetest.Vault || two.Vault != "hr" {
		t.Errorf("records %s in %s and %s in %s", one.Record, one.Vault, two.Record, two.Vault)
	}

	// The keys are whom they say they are, and open what is theirs alone.
	keys, err := archive.VaultKeys(t.Context(), p.Store, "hr-2026")
	must(t, err)
	opener, err := reader.Opener().UnwrapOpener(keys["head"])
	must(t, err)
	for c, want := range map[*archive.Capture]bool{two: true, one: false} {
		f, err := os.Open(filepath.Join(p.Bucket, filepath.FromSlash(c.Record.Key(c.Epoch))))
		must(t, err)
		defer f.Close()
		_, closer, err := archive.Unseal(f, c.Sealed, opener)
		if (err == nil) != want {
			t.Errorf("record of %s opened by a reader of hr: %v", c.Vault, err)
		}
		if err == nil {
			closer.Close()
		}
	}
	f, err := a.CheckFixity(t.Context(), func(int64) {})
	must(t, err)
	if f.Checked != 2 || !f.OK() {
		t.Errorf("fixity: %+v", f)
	}
	a.Close(t)

	// It is there again, and from the journal alone.
	must(t, os.Remove(p.CatalogFile()))
	a = p.Open(t)
	v, err = a.VaultNamed("hr")
	must(t, err)
	if v.Recipient.String() != pair.Recipient().String() || len(v.Readers) != 2 {
		t.Errorf("opened again: %+v", v)
	}
}

func TestOneQuarantine(t *testing.T) {
	a := archivetest.Found(t).Open(t)
	if _, err := a.Quarantine(); !errors.Is(err, archive.ErrNoVault) {
		t.Errorf("without: %v", err)
	}
	made, _, _ := hr(t, record.VaultQuarantine)
	_, err := a.AddVault(t.Context(), "uid:7", made)
	must(t, err)
	made.Name = "other"
	if _, err := a.AddVault(t.Context(), "uid:7", made); !errors.Is(err, archive.ErrVaultExists) {
		t.Errorf("a second quarantine: %v", err)
	}
	if v, err := a.Quarantine(); err != nil || v.Name != "hr" {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestWhatIsNoVault(t *testing.T) {
	a := archivetest.Found(t).Open(t)
	for name, change := range map[string]func(v *archive.NewVault){
		"name":       func(v *archive.NewVault) { v.Name = "../hr" },
		"kind":       func(v *archive.NewVault) { v.Kind = "attic" },
		"one reader": func(v *archive.NewVault) { delete(v.Wrapped, "head") },
		"daemon":     func(v *archive.NewVault) { v.Wrapped[archive.DaemonName] = v.Wrapped["head"] },
		"a path":     func(v *archive.NewVault) { v.Wrapped["a/b"] = v.Wrapped["head"] },
		"in clear":   func(v *archive.NewVault) { v.Wrapped["head"] = []byte("AGE-SECRET-KEY-1…") },
		"twice":      func(v *archive.NewVault) { v.Wrapped["head"] = v.Wrapped["deputy"] },
	} {
		made, _, _ := hr(t, record.VaultRecords)
		change(&made)
		if v, err := a.AddVault(t.Context(), "uid:7", made); err == nil {
			t.Errorf("%s: %+v", name, v)
		}
	}
	if all := a.Vaults(); len(all) != 1 {
		t.Errorf("%d vaults", len(all))
	}
}

// TestVaultBrokenOff fails each step of a founding in turn, stored or not: what
// it leaves is no vault, and the next attempt succeeds beside it.
func TestVaultBrokenOff(t *testing.T) {
	for step := 1; step <= 3; step++ {
		for _, fault := range []storetest.Fault{storetest.NotDone, storetest.DoneButLost} {
			stored := fault == storetest.DoneButLost
			p := archivetest.Found(t)
			a := p.Open(t)
			made, _, _ := hr(t, record.VaultRecords)
			p.Store.Plan(storetest.Nth(step, storetest.OpPut, "keys/vault/hr-", fault))
			if _, err := a.AddVault(t.Context(), "uid:7", made); err == nil {
				t.Fatalf("step %d did not fail", step)
			}
			if _, err := a.VaultNamed("hr"); !errors.Is(err, archive.ErrNoVault) {
				t.Errorf("step %d, stored %t: %v", step, stored, err)
			}
			a.Close(t)
			a = p.Open(t)
			if _, err := a.VaultNamed("hr"); !errors.Is(err, archive.ErrNoVault) {
				t.Errorf("step %d, stored %t, opened again: %v", step, stored, err)
			}
			v, err := a.AddVault(t.Context(), "uid:7", made)
			must(t, err)
			if want := step > 1 || stored; (v.Epoch == "hr-2026b") != want {
				t.Errorf("step %d, stored %t: epoch %s", step, stored, v.Epoch)
			}
			a.Close(t)
		}
	}
}

// TestForeignRecipients puts keys into the bucket that nobody journalled.
func TestForeignRecipients(t *testing.T) {
	p := archivetest.Found(t)
	p.Open(t).Close(t) // the founder's vault is journalled now
	foreign := []byte(archivetest.KeyPair(t).Recipient().String() + "\n")
	later := filepath.Join(p.Bucket, "keys", "vault", "main-2999")
	must(t, os.Mkdir(later, 0o700))
	must(t, os.WriteFile(filepath.Join(later, "recipient"), foreign, 0o600))
	a := p.Open(t)
	if v, err := a.VaultNamed(""); err != nil || v.Epoch != "main-2026" {
		t.Errorf("a recipient that nobody journalled is used: %+v, %v", v, err)
	}
	a.Close(t)
	own := filepath.Join(p.Bucket, "keys", "vault", "main-2026", "recipient")
	must(t, os.Chmod(own, 0o600))
	must(t, os.WriteFile(own, foreign, 0o600))
	if _, err := p.TryOpen(t); !errors.Is(err, archive.ErrForeignKey) {
		t.Errorf("a recipient that was changed: %v", err)
	}
}

func TestBeginAgain(t *testing.T) {
	bucket := t.TempDir()
	st, err := dir.Create(bucket)
	must(t, err)
	defer st.Close()
	key := func() *seal.Recipient { return archivetest.KeyPair(t).Recipient() }
	people := []archive.Holder{{Name: "one", Key: key()}, {Name: "two", Key: key()}}
	f := archive.Founding{Vault: "main", Strength: seal.Classic, Daemon: archive.Holder{Name: archive.DaemonName, Key: key()}, Readers: people, Recovery: people}
	faulty := storetest.NewFaulty(st)
	faulty.Plan(storetest.Always(storetest.OpPut, "closeroll.json", storetest.NotDone))
	now := archivetest.NewClock()
	if _, err := archive.Found(t.Context(), faulty, f, now.Now()); err == nil {
		t.Fatal("the founding did not fail")
	}
	var broken *archive.BrokenOffError
	if _, err := archive.Found(t.Context(), st, f, now.Now()); !errors.As(err, &broken) || len(broken.Left) != 10 {
		t.Errorf("a second founding: %v", err)
	}
	must(t, archive.BeginAgain(t.Context(), st))
	_, err = archive.Found(t.Context(), st, f, now.Now())
	must(t, err)
	if err := archive.BeginAgain(t.Context(), st); !errors.Is(err, archive.ErrFounded) {
		t.Errorf("where there is an archive: %v", err)
	}
	must(t, os.Remove(filepath.Join(bucket, "closeroll.json")))
	must(t, os.MkdirAll(filepath.Join(bucket, "journal", "batch"), 0o700))
	must(t, os.WriteFile(filepath.Join(bucket, "journal", "batch", "000000000000-aa"), []byte("x"), 0o600))
	if err := archive.BeginAgain(t.Context(), st); !errors.Is(err, archive.ErrNotBrokenOff) {
		t.Errorf("where there is a journal: %v", err)
	}
}
