package journal_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/dir"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

func clock() time.Time { return time.Date(2026, 5, 14, 9, 12, 0, 0, time.UTC) }

// These are for tests only, and the same in every run because golden files
// are signed with them.
const (
	testSigner   = "PRIVATE+KEY+closeroll.example/archive-1+45557b4d+Ae2zXtzQsBSWlQkjL0ktcbRO0FSTUwKJZZW34R5LrAcG"
	testVerifier = "closeroll.example/archive-1+45557b4d+Af5zBX3l3Nc/8dJZscs621QrekOVZD1x7MrDCxpPVSt0"
)

func testKeys(t testing.TB) journal.Keys {
	t.Helper()
	signer, err := note.NewSigner(testSigner)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(testVerifier)
	if err != nil {
		t.Fatal(err)
	}
	subkey := sha256.Sum256([]byte("test"))
	return journal.Keys{
		Verifiers: []note.Verifier{verifier}, Signer: signer,
		Sealing: "k1", Subkeys: map[string][]byte{"k1": subkey[:]},
	}
}

func newStore(t testing.TB) *dir.Store {
	t.Helper()
	st, err := dir.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// newLog returns a store that fails to plan, with an empty log in it.
func newLog(t testing.TB) *storetest.Faulty {
	t.Helper()
	return newLogIn(t, newStore(t))
}

func newLogIn(t testing.TB, in store.Store) *storetest.Faulty {
	t.Helper()
	st := storetest.NewFaulty(in)
	if err := journal.Create(t.Context(), st, testKeys(t)); err != nil {
		t.Fatal(err)
	}
	return st
}

func logger(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func entry(kind string, body any) journal.Entry {
	e, err := journal.NewEntry(kind, "a1", body, "s1")
	if err != nil {
		panic(err)
	}
	return e
}

func numbered(n int) journal.Entry {
	return entry(record.EntrySearch, record.Search{Query: fmt.Sprintf("query %d", n), Total: n})
}

func open(t testing.TB, st journal.Store) *journal.Journal {
	t.Helper()
	j, err := tryOpen(t, st)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return j
}

func tryOpen(t testing.TB, st journal.Store) (*journal.Journal, error) {
	start := entry(record.EntryStart, record.Start{Version: "1"})
	j, err := journal.Open(t.Context(), logger(t), st, testKeys(t), clock, start, journal.Options{})
	if err == nil {
		t.Cleanup(func() { closeNow(j) })
	}
	return j, err
}

// closeNow ends a journal's goroutine without waiting for the store.
func closeNow(j *journal.Journal) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	j.Close(ctx)
}

func appendOne(t testing.TB, j *journal.Journal, e journal.Entry) int64 {
	t.Helper()
	n, err := j.Append(t.Context(), e)
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	return n
}

// fill appends entries numbered from begin to below end, size at a time.
func fill(t testing.TB, j *journal.Journal, begin, end, size int) {
	t.Helper()
	for n := begin; n < end; n += size {
		var batch []journal.Entry
		for i := n; i < min(n+size, end); i++ {
			batch = append(batch, numbered(i))
		}
		if _, err := j.Append(t.Context(), batch...); err != nil {
			t.Fatalf("Append: %v", err)
		}
	}
}

func openReader(t testing.TB, st journal.Store) *journal.Reader {
	t.Helper()
	r, err := journal.OpenReader(t.Context(), st, testKeys(t), nil)
	if err != nil {
		t.Fatalf("OpenReader: %v", err)
	}
	return r
}

// verified opens the log that is stored, verifies all of it, and returns the
// numbers of its searches, in order.
func verified(t testing.TB, st journal.Store) []int {
	t.Helper()
	r := openReader(t, st)
	if _, err := r.Verify(t.Context()); err != nil {
		t.Fatalf("Verify: %v", err)
	}
	return searches(t, r)
}

func searches(t testing.TB, r *journal.Reader) []int {
	t.Helper()
	var numbers []int
	next := int64(0)
	for e, err := range r.Entries(t.Context(), 0) {
		if err != nil {
			t.Fatalf("Entries: %v", err)
		}
		if e.Index != next {
			t.Fatalf("entry %d where %d was due", e.Index, next)
		}
		next++
		if e.Type == record.EntrySearch && !e.Stripped() {
			var s record.Search
			if err := json.Unmarshal(e.Body, &s); err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, s.Total)
		}
	}
	if next != r.Size() {
		t.Fatalf("%d entries read of %d", next, r.Size())
	}
	return numbers
}

// keysOf lists what the store holds.
func keysOf(t testing.TB, st journal.Store, prefix string) []string {
	t.Helper()
	var keys []string
	for info, err := range st.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, info.Key)
	}
	return keys
}

// overwrite puts other octets in the place of an object.
func overwrite(t testing.TB, st journal.Store, key string, data []byte) {
	t.Helper()
	r, info, err := st.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	if _, err := st.Replace(t.Context(), key, data, info.Tag); err != nil {
		t.Fatal(err)
	}
}

// remove deletes an object, as only disposal may.
func remove(t testing.TB, st store.Deleter, key string) {
	t.Helper()
	for v, err := range st.Versions(t.Context(), key) {
		if err != nil {
			t.Fatal(err)
		}
		if err := st.DeleteVersion(t.Context(), v.Key, v.ID); err != nil {
			t.Fatal(err)
		}
	}
}
