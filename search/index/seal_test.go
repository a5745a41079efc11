package index

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
)

// contents returns all the bytes of every file under dir.
func contents(t *testing.T, dir string) []byte {
	t.Helper()
	var all []byte
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all = append(append(append(all, d.Name()...), 0), b...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

const hidden = record.MessageNo(0x5a17c3f09b4d2e)

func TestNothingReadable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	ix := openTest(t, dir)
	docs := append(sample(), &Document{No: hidden, Body: "far away"})
	for i := range 50 {
		docs = append(docs, &Document{No: record.MessageNo(10 + i), Body: "confidential ministerial briefing", From: []Address{{Name: "Secret Sender", Addr: "secret@hidden.example"}}})
	}
	add(t, ix, docs...)
	add(t, ix, docs[:20]...) // written again: deletions are recorded too
	if err := ix.Remove(context.Background(), []record.MessageNo{12}); err != nil {
		t.Fatal(err)
	}
	files := contents(t, dir)
	if len(files) < 4096 {
		t.Fatalf("the index's files hold only %d bytes", len(files))
	}
	for _, marker := range []string{"confidential", "minister", "sandbag", "gloucester", "hidden.example", "secret", "obrien", "subject", "attachment", "application/pdf", "m1@ea", "email", "chat-day", docID(hidden, 0), Mapping} {
		if bytes.Contains(bytes.ToLower(files), []byte(marker)) {
			t.Errorf("%q is readable in the index's files", marker)
		}
	}
}

func TestOtherKey(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	lg, ctx := slog.New(slog.DiscardHandler), context.Background()
	ix, err := Open(ctx, lg, dir, testKey())
	if err != nil {
		t.Fatal(err)
	}
	add(t, ix, sample()...)
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	other := testKey()
	other[0]++
	// The ring remembers the right key by its id: a process that was never
	// given it is what the test is about.
	id, err := keyID(testKey())
	if err != nil {
		t.Fatal(err)
	}
	keyring.mu.Lock()
	delete(keyring.ids, id)
	keyring.mu.Unlock()
	_, err = Open(ctx, lg, dir, other)
	if !MustRebuild(err) {
		t.Fatalf("opening with another key: %v", err)
	}
	if _, err := Open(ctx, lg, dir, testKey()[:16]); err == nil || MustRebuild(err) {
		t.Errorf("a short key: %v", err)
	}
	if !bytes.Contains(contents(t, dir), before[:64]) {
		t.Error("opening with another key changed the index")
	}
}

func TestAlteredFileIsNoticed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	ix := openTest(t, dir)
	add(t, ix, sample()...)
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	segments, err := filepath.Glob(filepath.Join(dir, "*", "*.zap"))
	if err != nil || len(segments) == 0 {
		t.Fatal(segments, err)
	}
	pristine, err := os.ReadFile(segments[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []struct {
		name string
		make func([]byte) []byte
	}{
		{"cut short", func(b []byte) []byte { return b[:len(b)/2] }},
		{"emptied", func(b []byte) []byte { return nil }},
	} {
		t.Run(change.name, func(t *testing.T) {
			if err := os.WriteFile(segments[0], change.make(slices.Clone(pristine)), 0o600); err != nil {
				t.Fatal(err)
			}
			ix, err := Open(context.Background(), slog.New(slog.DiscardHandler), dir, testKey())
			if err == nil {
				defer ix.Close()
			}
			if !MustRebuild(err) {
				t.Errorf("opened: %v", err)
			}
		})
	}
	aside, err := SetAside(dir)
	if err != nil || !strings.HasSuffix(aside, ".aside-1") {
		t.Fatal(aside, err)
	}
	again := openTest(t, dir)
	if n, err := again.Count(); n != 0 || err != nil {
		t.Errorf("after setting aside: %d messages, %v", n, err)
	}
}

func TestSecondOpener(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	openTest(t, dir)
	if _, err := Open(context.Background(), slog.New(slog.DiscardHandler), dir, testKey()); !errors.Is(err, ErrInUse) {
		t.Errorf("a second opener got %v", err)
	}
}

func TestChunksAreAuthentic(t *testing.T) {
	dir := t.TempDir()
	release, err := install(slog.New(slog.DiscardHandler), dir, testKey())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	id, seal, err := sealing([]byte(filepath.Join(dir, "x.zap")))
	if err != nil {
		t.Fatal(err)
	}
	open, err := opening(id, nil)
	if err != nil {
		t.Fatal(err)
	}
	first, second := seal([]byte("words")), seal([]byte("words"))
	if bytes.Equal(first, second) {
		t.Error("two chunks have the same nonce")
	}
	if plain, err := open(first); err != nil || string(plain) != "words" {
		t.Errorf("opened %q, %v", plain, err)
	}
	for i := range first {
		altered := slices.Clone(first)
		altered[i] ^= 1
		if _, err := open(altered); err == nil {
			t.Errorf("byte %d altered and not noticed", i)
		}
	}
	if _, err := open(first[:4]); err == nil {
		t.Error("a chunk cut short was opened")
	}
	if _, _, err := sealing([]byte(t.TempDir())); err == nil {
		t.Error("a file in a directory without a key was sealed")
	}
}
