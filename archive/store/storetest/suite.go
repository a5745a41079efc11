// Package storetest is the conformance suite of the store contract, run by
// every implementation, and what tests of other packages need of a store: a
// real S3 server as a child process ([StartVersityGW]) and a store that fails
// to plan ([Faulty]).
package storetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
)

// Run checks that the stores that open returns, each empty, keep the contract.
// Two calls of open with the same t.Name must not share objects.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	cases := []struct {
		name string
		test func(*testing.T, store.Store)
	}{
		{"PutThenRead", putThenRead},
		{"PutCreatesOnce", putCreatesOnce},
		{"PutRaceHasOneWinner", putRace},
		{"PutRefusesOtherOctets", putRefusesOtherOctets},
		{"PutReadsFromTheStart", putReadsFromTheStart},
		{"LockIsRealOrRefused", lockIsRealOrRefused},
		{"LargeObject", largeObject},
		{"NotExist", notExist},
		{"BadKeys", badKeys},
		{"ListInOrder", listInOrder},
		{"ListStops", listStops},
		{"Replace", replace},
		{"ReplaceRaceHasOneWinner", replaceRace},
		{"ReplaceLimit", replaceLimit},
		{"ReadOutlivesReplace", readOutlivesReplace},
		{"EndedContext", endedContext},
		{"DeleteVersion", deleteVersion},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// Put puts data under key and fails the test if it cannot.
func Put(t testing.TB, s store.Store, key string, data []byte) {
	t.Helper()
	if err := put(t.Context(), s, key, data); err != nil {
		t.Fatalf("Put %s: %v", key, err)
	}
}

// Get returns the octets of key and fails the test if it cannot.
func Get(t testing.TB, s store.Store, key string) []byte {
	t.Helper()
	r, _, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatalf("Get %s: %v", key, err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("Get %s: read: %v", key, err)
	}
	return data
}

// Keys lists the keys that begin with prefix.
func Keys(t testing.TB, s store.Store, prefix string) []string {
	t.Helper()
	var keys []string
	for info, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatalf("List %q: %v", prefix, err)
		}
		keys = append(keys, info.Key)
	}
	return keys
}

func put(ctx context.Context, s store.Store, key string, data []byte) error {
	return s.Put(ctx, key, bytes.NewReader(data), int64(len(data)), record.Sum(data), store.PutOptions{})
}

// expect fails the test unless key holds data and is described truthfully.
func expect(t *testing.T, s store.Store, key, data string) store.Info {
	t.Helper()
	if got := Get(t, s, key); string(got) != data {
		t.Errorf("%s holds %q, want %q", key, clip(got), clip([]byte(data)))
	}
	info, err := s.Stat(t.Context(), key)
	if err != nil {
		t.Fatalf("Stat %s: %v", key, err)
	}
	if info.Key != key || info.Size != int64(len(data)) || info.Modified.IsZero() || info.Tag == "" {
		t.Errorf("Stat %s: %+v", key, info)
	}
	if !info.Digest.IsZero() && info.Digest != record.Sum([]byte(data)) {
		t.Errorf("Stat %s: wrong digest", key)
	}
	return info
}

func wantError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got error %v, want %v", what, err, want)
	}
}

func clip(b []byte) string { return string(b[:min(len(b), 40)]) }

func listInOrder(t *testing.T, s store.Store) {
	keys := []string{"a/2", "a.b/1", "a/1/x", "a-b", "a/10", "ab", "b/1", "B/1"}
	for _, k := range keys {
		Put(t, s, k, []byte(k))
	}
	slices.Sort(keys)
	for _, prefix := range []string{"", "a", "a/", "a/1", "a/1/", "b", "none", "a/1/x"} {
		want := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return !strings.HasPrefix(k, prefix) })
		if got := Keys(t, s, prefix); !slices.Equal(got, want) {
			t.Errorf("List %q: %v, want %v", prefix, got, want)
		}
	}
	for info, err := range s.List(t.Context(), "a/10") {
		if err != nil || info.Size != 4 || info.Modified.IsZero() {
			t.Errorf("List: %+v, %v", info, err)
		}
	}
}

func listStops(t *testing.T, s store.Store) {
	for _, k := range []string{"p/1", "p/2", "q/3"} {
		Put(t, s, k, nil)
	}
	n := 0
	for _, err := range s.List(t.Context(), "") {
		if n++; err != nil || n > 1 {
			t.Fatalf("item %d, %v", n, err)
		}
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range s.List(ctx, "") {
		wantError(t, "List with an ended context", err, context.Canceled)
	}
}

func notExist(t *testing.T, s store.Store) {
	Put(t, s, "there/x", []byte("x"))
	for _, key := range []string{"nowhere", "there/y", "there/x-", "there"} {
		_, _, err := s.Get(t.Context(), key)
		wantError(t, "Get "+key, err, store.ErrNotExist)
		_, err = s.Stat(t.Context(), key)
		wantError(t, "Stat "+key, err, store.ErrNotExist)
	}
}

func badKeys(t *testing.T, s store.Store) {
	for _, key := range []string{"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/.b", "a b", "a\\b", "a\x00", "é", strings.Repeat("a", 513)} {
		wantError(t, "Put", put(t.Context(), s, key, nil), store.ErrKey)
		_, _, err := s.Get(t.Context(), key)
		wantError(t, "Get", err, store.ErrKey)
		_, err = s.Stat(t.Context(), key)
		wantError(t, "Stat", err, store.ErrKey)
		_, err = s.Replace(t.Context(), key, nil, "")
		wantError(t, "Replace", err, store.ErrKey)
	}
	for _, err := range s.List(t.Context(), "../") {
		wantError(t, "List", err, store.ErrKey)
	}
	if keys := Keys(t, s, ""); len(keys) != 0 {
		t.Errorf("stored %v", keys)
	}
}

func endedContext(t *testing.T, s store.Store) {
	Put(t, s, "k", []byte("x"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantError(t, "Put", put(ctx, s, "other", []byte("y")), context.Canceled)
	_, _, err := s.Get(ctx, "k")
	wantError(t, "Get", err, context.Canceled)
	_, err = s.Stat(ctx, "k")
	wantError(t, "Stat", err, context.Canceled)
	_, err = s.Replace(ctx, "k", nil, "x")
	wantError(t, "Replace", err, context.Canceled)
	if keys := Keys(t, s, ""); !slices.Equal(keys, []string{"k"}) {
		t.Errorf("stored %v", keys)
	}
}

func deleteVersion(t *testing.T, s store.Store) {
	d, ok := s.(store.Deleter)
	if !ok {
		t.Fatal("the store cannot delete: disposal needs one that can")
	}
	Put(t, s, "gone", []byte("x"))
	Put(t, s, "gone-not", []byte("y"))
	if err := Purge(t.Context(), d, "gone"); err != nil {
		t.Fatal(err)
	}
	_, err := s.Stat(t.Context(), "gone")
	wantError(t, "Stat after deletion", err, store.ErrNotExist)
	for v, err := range d.Versions(t.Context(), "gone") {
		t.Errorf("left: %+v, %v", v, err)
	}
	if err := d.DeleteVersion(t.Context(), "gone", ""); err != nil {
		t.Errorf("deleting what is gone: %v", err)
	}
	expect(t, s, "gone-not", "y")
	Put(t, s, "gone", []byte("again"))
	expect(t, s, "gone", "again")
}

// Purge deletes every version of key.
func Purge(ctx context.Context, d store.Deleter, key string) error {
	var all []store.Version
	for v, err := range d.Versions(ctx, key) {
		if err != nil {
			return err
		}
		all = append(all, v)
	}
	for _, v := range all {
		if err := d.DeleteVersion(ctx, key, v.ID); err != nil {
			return err
		}
	}
	return nil
}
