package dir_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/dir"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

func create(t *testing.T, root string) *dir.Store {
	t.Helper()
	s, err := dir.Create(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return create(t, t.TempDir()) })
}

// Two daemons on one directory: each has its own store, as two processes would.
func TestTwoStoresOnOneDirectory(t *testing.T) {
	root := t.TempDir()
	a, b := create(t, root), create(t, root)
	tag, err := a.Replace(t.Context(), "head", []byte("a"), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Replace(t.Context(), "head", []byte("b"), tag); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Replace(t.Context(), "head", []byte("a again"), tag); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a replaced what b had changed: %v", err)
	}
	if got := storetest.Get(t, a, "head"); string(got) != "b" {
		t.Errorf("head is %q", got)
	}
}

func TestOpenMakesNothing(t *testing.T) {
	root := filepath.Join(t.TempDir(), "unmounted")
	if _, err := dir.Open(root); !errors.Is(err, store.ErrNotExist) {
		t.Errorf("Open: %v", err)
	}
	if _, err := os.Stat(root); err == nil {
		t.Error("Open made the directory")
	}
}

func TestNothingIsStagedForLong(t *testing.T) {
	root := t.TempDir()
	s := create(t, root)
	storetest.Put(t, s, "k", []byte("x"))
	staged := filepath.Join(root, ".staging")
	if left, err := os.ReadDir(staged); err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
	crashed, working := filepath.Join(staged, "CRASHED"), filepath.Join(staged, "WORKING")
	for _, name := range []string{crashed, working} {
		if err := os.WriteFile(name, []byte("part"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-48 * time.Hour)
	if err := os.Chtimes(crashed, old, old); err != nil {
		t.Fatal(err)
	}
	create(t, root)
	if _, err := os.Stat(crashed); err == nil {
		t.Error("the remains of a crash are still there")
	}
	if _, err := os.Stat(working); err != nil {
		t.Errorf("removed what another process is writing: %v", err)
	}
}

// A link that someone planted in the directory leads nowhere outside it.
func TestPlantedLinkDoesNotLeadOut(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	s := create(t, root)
	if err := os.Symlink(outside, filepath.Join(root, "records")); err != nil {
		t.Fatal(err)
	}
	body := []byte("x")
	err := s.Put(t.Context(), "records/k", bytes.NewReader(body), 1, record.Sum(body), store.PutOptions{})
	if err == nil {
		t.Error("wrote through a link")
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) != 0 {
		t.Errorf("outside there are %v, %v", left, err)
	}
}

func TestPutWithoutItsDirectoryIsUnavailable(t *testing.T) {
	root := filepath.Join(t.TempDir(), "store")
	s := create(t, root)
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	err := s.Put(t.Context(), "k", bytes.NewReader(nil), 0, record.Sum(nil), store.PutOptions{})
	if !errors.Is(err, store.ErrUnavailable) || !store.Temporary(err) {
		t.Errorf("Put: %v", err)
	}
}

func BenchmarkPut50KiB(b *testing.B) {
	s, err := dir.Create(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	data := make([]byte, 50<<10)
	b.SetBytes(int64(len(data)))
	for n := 0; b.Loop(); n++ {
		data[0], data[1], data[2] = byte(n), byte(n>>8), byte(n>>16)
		sum := record.Sum(data)
		key := record.NewID([]byte("bench"), "v", record.Email, sum, 0).Key("e")
		if err := s.Put(b.Context(), key, bytes.NewReader(data), int64(len(data)), sum, store.PutOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
