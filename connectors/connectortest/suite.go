// Package connectortest holds what a connector is tested with: the conformance
// suite for the contract of [connectors.Connector], an in-memory IMAP server
// whose folders can be arranged to be as difficult as real ones, a listener
// that drops, stalls and splits, a real Dovecot without privileges, and an
// endless correspondence.
package connectortest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
)

// A Source is a source under test, and what the suite must be able to do to it.
type Source struct {
	// Open returns a new connector for the source, as a new process would.
	Open func(t testing.TB) connectors.Connector
	// Add puts one message into the source.
	Add func(t testing.TB, octets []byte)
	// Break makes one more item appear that cannot be read, or is nil.
	Break func(t testing.TB)
	// State describes the source, for comparing before with after.
	State func(t testing.TB) string
	// Consumes says that Acknowledge may take items out of the source.
	Consumes bool
}

// Test runs the conformance suite. make returns a new, empty source.
func Test(t *testing.T, make func(t *testing.T) Source) {
	t.Run("empty", func(t *testing.T) { testEmpty(t, make(t)) })
	t.Run("everything once", func(t *testing.T) { testEverything(t, make(t)) })
	t.Run("restart from every cursor", func(t *testing.T) { testRestart(t, make(t)) })
	t.Run("stop at every item", func(t *testing.T) { testStop(t, make(t)) })
	t.Run("unreadable stays owed", func(t *testing.T) { testOwed(t, make(t)) })
	t.Run("cancel", func(t *testing.T) { testCancel(t, make(t)) })
	t.Run("release late", func(t *testing.T) { testReleaseLate(t, make(t)) })
	t.Run("bad cursor", func(t *testing.T) { testBadCursor(t, make(t)) })
}

// An Entry is what the suite keeps of an item.
type Entry struct {
	Key      string
	Digest   record.Digest
	Folder   string
	Flags    []string
	Excluded record.Reason
	Reason   record.Reason
	Failed   bool
	Cursor   connectors.Cursor
}

// Collect reads a whole sequence, checking and releasing each item.
func Collect(t testing.TB, c connectors.Connector, after connectors.Cursor) []Entry {
	t.Helper()
	entries, err := TryCollect(t, c, after)
	if err != nil {
		t.Fatalf("the sequence ended with: %v", err)
	}
	return entries
}

// TryCollect is Collect for a sequence that may fail.
func TryCollect(t testing.TB, c connectors.Connector, after connectors.Cursor) (entries []Entry, err error) {
	t.Helper()
	for item, err := range c.Items(t.Context(), after) {
		if err != nil {
			return entries, err
		}
		if e := Check(t, item); item.Form != connectors.FormPosition {
			entries = append(entries, e)
		}
		item.Release()
		item.Release()
	}
	return entries, nil
}

// Check tests that an item is well made, its content included.
func Check(t testing.TB, item *connectors.Item) Entry {
	t.Helper()
	e := Entry{Key: item.Key, Folder: item.Folder, Flags: item.Flags, Excluded: item.Excluded, Reason: item.Reason, Failed: item.Err != nil, Cursor: item.Cursor}
	if item.Form == connectors.FormPosition {
		if item.Cursor == "" || item.Content != nil || item.Err != nil || item.Excluded != "" {
			t.Errorf("a position holds more or less than a cursor: %+v", item)
		}
		return e
	}
	states := 0
	for _, is := range []bool{item.Content != nil, item.Err != nil, item.Excluded != ""} {
		if is {
			states++
		}
	}
	if states != 1 {
		t.Errorf("item %q has %d of content, error and exclusion", item.Key, states)
	}
	if item.Key == "" || item.Cursor == "" {
		t.Errorf("item %q at %q lacks a key or a cursor", item.Key, item.Cursor)
	}
	if item.Err != nil && item.Reason == "" {
		t.Errorf("item %q failed without a reason: %v", item.Key, item.Err)
	}
	if item.Content != nil {
		sum, n, err := record.SumReader(io.NewSectionReader(item.Content, 0, item.Content.Size()))
		if err != nil || n != item.Content.Size() || sum != item.Content.Digest() {
			t.Errorf("content of %q: %d octets of %d, digest %v, want %v, %v", item.Key, n, item.Content.Size(), sum, item.Content.Digest(), err)
		}
		e.Digest = sum
	}
	return e
}

func fill(t testing.TB, s Source, n int) map[record.Digest]bool {
	want := make(map[record.Digest]bool)
	for i := range n {
		m := Mail(i)
		s.Add(t, m)
		want[record.Sum(m)] = true
	}
	return want
}

// complete reports digests of want that entries lack, and keys that stand for
// two contents.
func complete(t testing.TB, want map[record.Digest]bool, entries []Entry) {
	t.Helper()
	got, keys := make(map[record.Digest]bool), make(map[string]record.Digest)
	for _, e := range entries {
		if e.Failed || e.Excluded != "" {
			continue
		}
		got[e.Digest] = true
		if d, ok := keys[e.Key]; ok && d != e.Digest {
			t.Errorf("key %q stands for two contents", e.Key)
		}
		keys[e.Key] = e.Digest
	}
	for d := range want {
		if !got[d] {
			t.Errorf("a message was skipped: %v", d)
		}
	}
	for d := range got {
		if !want[d] {
			t.Errorf("a message came that is not in the source: %v", d)
		}
	}
}

// last returns the cursor to go on from.
func last(c connectors.Connector, entries []Entry, before connectors.Cursor) connectors.Cursor {
	if p, ok := c.(connectors.Positioner); ok {
		return p.Position()
	}
	if len(entries) == 0 {
		return before
	}
	return entries[len(entries)-1].Cursor
}

func testEmpty(t *testing.T, s Source) {
	if got := Collect(t, s.Open(t), ""); len(got) > 0 {
		t.Errorf("an empty source yields %v", got)
	}
}

func testEverything(t *testing.T, s Source) {
	want := fill(t, s, 60)
	before := s.State(t)
	c := s.Open(t)
	entries := Collect(t, c, "")
	complete(t, want, entries)
	if after := s.State(t); after != before {
		t.Errorf("reading changed the source from\n%s\nto\n%s", before, after)
	}
	cur := last(c, entries, "")
	if err := c.Acknowledge(t.Context(), cur); err != nil {
		t.Fatal(err)
	}
	if err := c.Acknowledge(t.Context(), cur); err != nil {
		t.Errorf("acknowledging twice: %v", err)
	}
	if after := s.State(t); after != before && !s.Consumes {
		t.Errorf("acknowledging changed the source from\n%s\nto\n%s", before, after)
	}
	if again := Collect(t, s.Open(t), cur); len(again) > 0 {
		t.Errorf("nothing is new, yet %d items come, such as %q", len(again), again[0].Key)
	}
	m := Mail(1000)
	s.Add(t, m)
	complete(t, map[record.Digest]bool{record.Sum(m): true}, Collect(t, s.Open(t), cur))
}

func testRestart(t *testing.T, s Source) {
	want := fill(t, s, 12)
	entries := Collect(t, s.Open(t), "")
	for i, e := range entries {
		rest := Collect(t, s.Open(t), e.Cursor)
		complete(t, want, slices.Concat(entries[:i+1], rest))
	}
}

func testStop(t *testing.T, s Source) {
	want := fill(t, s, 12)
	c, cur, all := s.Open(t), connectors.Cursor(""), []Entry(nil)
	for range 12 + 2 {
		for item, err := range c.Items(t.Context(), cur) {
			if err != nil {
				t.Fatal(err)
			}
			e := Check(t, item)
			item.Release()
			if cur = e.Cursor; item.Form != connectors.FormPosition {
				all = append(all, e)
			}
			break
		}
	}
	all = append(all, Collect(t, c, cur)...)
	complete(t, want, all)
}

func testOwed(t *testing.T, s Source) {
	if s.Break == nil {
		return
	}
	want := fill(t, s, 6)
	s.Break(t)
	m := Mail(500)
	s.Add(t, m)
	want[record.Sum(m)] = true
	c := s.Open(t)
	entries := Collect(t, c, "")
	complete(t, want, entries)
	first := failures(entries)
	if len(first) != 1 {
		t.Fatalf("failed items: %q, want one", first)
	}
	cur := last(c, entries, "")
	if err := c.Acknowledge(t.Context(), cur); err != nil {
		t.Fatal(err)
	}
	if again := failures(Collect(t, s.Open(t), cur)); !slices.Equal(again, first) {
		t.Errorf("the next run fails %q, want %q", again, first)
	}
}

func failures(entries []Entry) (keys []string) {
	for _, e := range entries {
		if e.Failed {
			keys = append(keys, e.Key)
		}
	}
	return keys
}

func testCancel(t *testing.T, s Source) {
	fill(t, s, 60)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n, began := 0, time.Time{}
	var end error
	for item, err := range s.Open(t).Items(ctx, "") {
		if end = err; err != nil {
			break
		}
		item.Release()
		if n++; n == 1 {
			cancel()
			began = time.Now()
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("cancelling took %v", took)
	}
	if n < 60 && end == nil {
		t.Errorf("the sequence was cut after %d items without an error", n)
	}
	if n >= 60+10 {
		t.Errorf("%d items came after the end", n)
	}
}

func testReleaseLate(t *testing.T, s Source) {
	want := fill(t, s, 10)
	var kept []*connectors.Item
	for item, err := range s.Open(t).Items(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if item.Form != connectors.FormPosition {
			kept = append(kept, item)
		}
	}
	var entries []Entry
	for _, item := range kept {
		entries = append(entries, Check(t, item))
		item.Release()
	}
	complete(t, want, entries)
}

func testBadCursor(t *testing.T, s Source) {
	s.Add(t, Mail(1))
	for _, bad := range []connectors.Cursor{"{", "no cursor at all", connectors.Cursor(bytes.Repeat([]byte("["), 100_000))} {
		var end error
		for item, err := range s.Open(t).Items(t.Context(), bad) {
			if end = err; err == nil {
				item.Release()
			}
		}
		if end == nil {
			t.Errorf("cursor %s… was taken for one", fmt.Sprintf("%.20s", bad))
		}
	}
}
