package journal_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

// A damaged store gives other octets for one object than it keeps.
type damaged struct {
	journal.Store
	key  string
	data []byte
}

func (d damaged) Get(ctx context.Context, key string) (io.ReadCloser, store.Info, error) {
	r, info, err := d.Store.Get(ctx, key)
	if err != nil || key != d.key {
		return r, info, err
	}
	r.Close()
	return io.NopCloser(bytes.NewReader(d.data)), info, nil
}

func verifyAll(t *testing.T, st journal.Store) error {
	r, err := journal.OpenReader(t.Context(), st, testKeys(t), nil)
	if err == nil {
		_, err = r.Verify(t.Context())
	}
	return err
}

// closedLog returns the store of a small log that was closed and so has all
// kinds of objects.
func closedLog(t *testing.T) *storetest.Faulty {
	st := newLogIn(t, newMemory())
	j := open(t, st)
	fill(t, j, 0, 4, 2)
	if _, err := j.Strip(t.Context(), appendOne(t, j, disposal(2))); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return st
}

func TestEveryOctetIsVerified(t *testing.T) {
	st := closedLog(t)
	keys := keysOf(t, st, "journal/")
	if len(keys) != 1+4+1 {
		t.Fatalf("objects: %v", keys)
	}
	for _, key := range keys {
		data := storetest.Get(t, st.Store, key)
		for i := range data {
			bad := bytes.Clone(data)
			bad[i] ^= 0x41
			// Of a damaged key id no more can be said than that the key is not there.
			if err := verifyAll(t, damaged{st, key, bad}); !errors.Is(err, journal.ErrCorrupt) && !errors.Is(err, journal.ErrNoKey) {
				t.Fatalf("%s, octet %d of %d changed: %v", key, i, len(data), err)
			}
		}
		for name, bad := range map[string][]byte{"cut": data[:len(data)-1], "empty": {}, "longer": append(bytes.Clone(data), 'x')} {
			if err := verifyAll(t, damaged{st, key, bad}); !errors.Is(err, journal.ErrCorrupt) {
				t.Errorf("%s %s: %v", key, name, err)
			}
		}
	}
	if err := verifyAll(t, st); err != nil {
		t.Error(err)
	}
}

func TestEveryBatchIsNeeded(t *testing.T) {
	st := closedLog(t)
	for _, key := range keysOf(t, st, "journal/batch/") {
		data := storetest.Get(t, st.Store, key)
		remove(t, st.Store.(store.Deleter), key)
		if err := verifyAll(t, st); !errors.Is(err, journal.ErrCorrupt) {
			t.Errorf("%s missing: %v", key, err)
		}
		storetest.Put(t, st.Store, key, data)
	}
	if err := verifyAll(t, st); err != nil {
		t.Error(err)
	}
}

func TestTilesAreDerived(t *testing.T) {
	st := newLog(t)
	j := open(t, st)
	fill(t, j, 0, 1000, 90)
	j.Close(t.Context())
	all := keysOf(t, st, "journal/tile/")
	want := make(map[string][]byte)
	for _, key := range all {
		want[key] = storetest.Get(t, st.Store, key)
		remove(t, st.Store.(store.Deleter), key)
	}
	report, err := openReader(t, st).Verify(t.Context())
	if err != nil || len(report.Missing) != 3 {
		t.Errorf("without tiles: %+v, %v", report, err)
	}
	j = open(t, st) // writes them again
	for _, key := range []string{"journal/tile/0/000", "journal/tile/0/001", "journal/tile/0/002", "journal/tile/1/000.p/3"} {
		if got := storetest.Get(t, st.Store, key); !bytes.Equal(got, want[key]) {
			t.Errorf("%s is not the same again", key)
		}
	}
	overwrite(t, st, "journal/tile/0/001", want["journal/tile/0/000"])
	report, err = openReader(t, st).Verify(t.Context())
	if !errors.Is(err, journal.ErrCorrupt) || len(report.Wrong) != 1 || report.Wrong[0] != "journal/tile/0/001" {
		t.Errorf("a wrong tile: %+v, %v", report, err)
	}
	if err := j.RebuildTiles(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := verified(t, st); len(got) != 1000 {
		t.Errorf("%d entries", len(got))
	}
}

// Reading with the pen in hand repairs a tile that went missing meanwhile.
func TestReadingRepairsTiles(t *testing.T) {
	st := newLog(t)
	fill(t, open(t, st), 0, 1000, 90)
	remove(t, st.Store.(store.Deleter), "journal/tile/0/001")
	j := open(t, st)
	if got := searches(t, j.Reader()); len(got) != 1000 {
		t.Errorf("%d entries", len(got))
	}
	if report, err := j.Verify(t.Context()); err != nil || len(report.Missing) > 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestUnsignedBatchesAreIgnored(t *testing.T) {
	st := newLog(t)
	j := open(t, st)
	fill(t, j, 0, 10, 5)
	// A lost race at every point: batches of a log that went another way.
	checkpoint := storetest.Get(t, st.Store, "journal/checkpoint")
	fill(t, j, 100, 110, 5)
	overwrite(t, st, "journal/checkpoint", checkpoint)
	j = open(t, st)
	fill(t, j, 10, 30, 5)
	storetest.Put(t, st.Store, "journal/batch/"+strings.Repeat("9", 19)+"-none", []byte("foreign"))
	report, err := openReader(t, st).Verify(t.Context())
	if err != nil || report.Unsigned != 2 {
		t.Errorf("%+v, %v", report, err)
	}
	if got := verified(t, st); len(got) != 30 {
		t.Errorf("searches %v", got)
	}
}

func TestTreeNeedsNoKeys(t *testing.T) {
	st := closedLog(t)
	keys := testKeys(t)
	keys.Signer, keys.Subkeys = nil, nil
	r, err := journal.OpenReader(t.Context(), st, keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	report, err := r.VerifyTree(t.Context())
	if err != nil || report.Batches != 4 || report.Opened {
		t.Errorf("%+v, %v", report, err)
	}
	if _, err := r.Verify(t.Context()); !errors.Is(err, journal.ErrNoKey) {
		t.Errorf("Verify: %v", err)
	}
	if _, err := r.Entry(t.Context(), 1); !errors.Is(err, journal.ErrNoKey) {
		t.Errorf("Entry: %v", err)
	}
	if _, err := tryOpenWith(t, st, keys); err == nil {
		t.Error("a writer without keys was opened")
	}
}

func tryOpenWith(t *testing.T, st journal.Store, keys journal.Keys) (*journal.Journal, error) {
	return journal.Open(t.Context(), logger(t), st, keys, clock, numbered(1), journal.Options{})
}

func TestKeysRotate(t *testing.T) {
	st := newLog(t)
	keys := testKeys(t)
	j := open(t, st)
	fill(t, j, 0, 4, 2)

	skey, vkey, err := note.GenerateKey(nil, keys.Signer.Name())
	if err != nil {
		t.Fatal(err)
	}
	if keys.Signer, err = note.NewSigner(skey); err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	keys.Verifiers = append(keys.Verifiers, verifier)
	keys.Sealing, keys.Subkeys["k2"] = "k2", bytes.Repeat([]byte{2}, 32)
	j, err = tryOpenWith(t, st, keys)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, j, 10, 14, 2)
	if _, err := j.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if err := verifyAll(t, st); !errors.Is(err, journal.ErrCorrupt) {
		t.Errorf("with the old verifier only: %v", err)
	}
	closeNow(j)
}
