package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestWriteFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "state")
	for _, data := range []string{"first", "", "a longer second one"} {
		if err := WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		expect(t, name, data)
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	noLeftovers(t, filepath.Dir(name))
}

func TestWriteFileThatCannotReplaceLeavesTheOldAlone(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "busy")
	if err := os.MkdirAll(filepath.Join(name, "child"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(name, []byte("x"), 0o600); err == nil {
		t.Error("replaced a directory with a file")
	}
	noLeftovers(t, dir)
}

func TestCreateMakesOnce(t *testing.T) {
	name := filepath.Join(t.TempDir(), "once")
	if err := Create(name, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Create(name, []byte("yours"), 0o644); !errors.Is(err, fs.ErrExist) {
		t.Errorf("second Create: %v", err)
	}
	expect(t, name, "mine")
	noLeftovers(t, filepath.Dir(name))
}

func TestAppendRenameRemove(t *testing.T) {
	dir := t.TempDir()
	name, other := filepath.Join(dir, "log"), filepath.Join(dir, "sub", "log")
	for _, s := range []string{"one\n", "two\n"} {
		if err := Append(name, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, name, "one\ntwo\n")
	if err := MkdirAll(filepath.Dir(other), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Rename(name, other); err != nil {
		t.Fatal(err)
	}
	expect(t, other, "one\ntwo\n")
	for range 2 {
		if err := Remove(other); err != nil {
			t.Errorf("Remove: %v", err)
		}
	}
	if _, err := os.Stat(other); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("still there: %v", err)
	}
}

func TestMkdirAll(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "a", "b", "c")
	for range 2 {
		if err := MkdirAll(deep, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(deep, "f")
	if err := WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := MkdirAll(file, 0o700); err == nil {
		t.Error("made a directory of a file")
	}
}

func TestIsFull(t *testing.T) {
	if !IsFull(&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}) {
		t.Error("ENOSPC is not full")
	}
	if IsFull(fs.ErrNotExist) || IsFull(nil) {
		t.Error("something else is full")
	}
}

func expect(t *testing.T, name, want string) {
	t.Helper()
	got, err := os.ReadFile(name)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q, %v; want %q", name, got, err, want)
	}
}

func noLeftovers(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), TempPrefix) {
			t.Errorf("left %s behind", e.Name())
		}
	}
}
