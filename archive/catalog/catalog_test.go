package catalog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
)

var start = time.Date(2026, 5, 14, 9, 0, 0, 0, time.UTC)

// A log is a journal's worth of entries under construction.
type log struct {
	t       *testing.T
	entries []catalog.Entry
	no      record.MessageNo
}

func (l *log) add(typ string, body any) {
	l.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		l.t.Fatal(err)
	}
	at := start.Add(time.Duration(len(l.entries)) * time.Minute)
	l.entries = append(l.entries, catalog.Entry{Index: int64(len(l.entries)), Type: typ, Time: at, Actor: "daemon", Body: b})
}

func id(n int) record.ID {
	return record.NewID([]byte("naming"), "main", record.Email, record.Sum(fmt.Append(nil, n)), 0)
}

func (l *log) mail(n int, custodian, folder string, sent time.Time, thread *record.ThreadRef) {
	l.add(record.EntryIngestion, record.Ingestion{
		Record: id(n), Kind: record.Email, Vault: "main", Epoch: "main-2026", Sealed: record.Sum([]byte{1}), SealedSize: 100,
		Components: []record.Component{{Path: "data/message.eml", Size: 50}},
		First:      l.no + 1, Messages: []record.Message{{Sent: sent, Sender: "A Field"}},
		Display: fmt.Sprintf("message %d", n), Facts: record.Facts{Kind: record.Email, Custodian: custodian, Sent: sent},
		Holding: record.Holding{Source: "office", Custodian: custodian, Folder: folder, Class: "ADM-01", Since: start},
		Item:    record.Item{Source: "office", Key: fmt.Sprintf("%s/1/%d", folder, n)}, Thread: thread, TextStatus: record.TextOK,
	})
	l.no++
}

func open(t *testing.T, path string) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Open(t.Context(), path, [32]byte{1, 2, 3}, "archive-1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func apply(t *testing.T, c *catalog.Catalog, entries []catalog.Entry) {
	t.Helper()
	if err := c.Apply(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
}

func sample(t *testing.T) *log {
	l := &log{t: t}
	mid := func(s string) []byte { return []byte(s) }
	l.mail(1, "minister", "INBOX", start.AddDate(0, 0, -3), &record.ThreadRef{MessageID: mid("a")})
	l.mail(2, "minister", "Sent", start.AddDate(0, 0, -2), &record.ThreadRef{MessageID: mid("b"), References: [][]byte{mid("x")}})
	l.mail(3, "secretary", "INBOX", time.Time{}, &record.ThreadRef{MessageID: mid("c"), References: [][]byte{mid("a"), mid("x")}})
	l.add(record.EntryIngestion, record.Ingestion{
		Record: id(4), Kind: record.ChatDay, Vault: "main", Epoch: "main-2026", First: l.no + 1,
		Components: []record.Component{{Path: "data/chat.txt", Size: 10}, {Path: "data/media/a.jpg", Size: 5}},
		Messages:   []record.Message{{Sent: start, Sender: "Tom"}, {Sent: start, Sender: "Priya", Flags: []record.Flag{record.FlagDeleted}}},
		Display:    "Flood response", Facts: record.Facts{Kind: record.ChatDay, Custodian: "minister", Sent: start},
		Holding: record.Holding{Source: "drop", Custodian: "minister", Aggregation: "chat-1", Class: "MIN-01", Since: start},
		Item:    record.Item{Source: "drop", Key: "e/2026-05-14"}, TextStatus: record.TextPartial,
		Chat: &record.ChatRef{Chat: "chat-1", Title: "Flood response", Platform: "ios", Date: "2026-05-14",
			Digests: []record.ChatLine{{Text: mid("1")}, {Text: mid("2")}}},
	})
	l.no += 2
	l.add(record.EntrySighting, record.Sighting{Item: record.Item{Source: "office", Key: "Archive/1/9"}, Outcome: record.AlreadyArchived, Record: id(1),
		Holding: &record.Holding{Source: "office", Custodian: "secretary", Folder: "Archive", Class: "ADM-01", Since: start},
		Facts:   &record.Facts{Kind: record.Email, Custodian: "secretary"}})
	l.add(record.EntrySighting, record.Sighting{Item: record.Item{Source: "office", Key: "INBOX/1/77"}, Outcome: record.Failed, Reason: record.ReasonUnreadable, Detail: "the literal broke off"})
	l.add(record.EntryCursor, record.CursorMoved{Source: "office", Cursor: "77"})
	l.add(record.EntryHold, record.HoldPlaced{Hold: "FOI-2026-1", Type: "foi", Matter: "sandbags", Scope: record.Scope{Custodians: []string{"minister"}}})
	l.add(record.EntryCaught, record.HoldCaught{Hold: "FOI-2026-1", Messages: []record.MessageNo{2, 4}})
	l.add(record.EntrySearch, record.Search{Query: "sandbags"})
	return l
}

func TestAccountingBalancesAndRetriesComeGood(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	l := sample(t)
	apply(t, c, l.entries)
	counts, err := c.Counts(t.Context(), "office")
	if err != nil {
		t.Fatal(err)
	}
	if counts.Seen != 5 || counts.Captured != 3 || counts.AlreadyArchived != 1 || counts.Failed[record.ReasonUnreadable] != 1 || !counts.Balanced() {
		t.Fatalf("counts: %+v", counts)
	}
	failures, err := c.Failures(t.Context(), "")
	if err != nil || len(failures) != 1 || failures[0].Key != "INBOX/1/77" || failures[0].Detail == "" {
		t.Fatalf("failures: %+v, %v", failures, err)
	}

	before := len(l.entries)
	l.add(record.EntrySighting, record.Sighting{Item: record.Item{Source: "office", Key: "INBOX/1/77"}, Outcome: record.AlreadyArchived, Record: id(1)})
	l.add(record.EntrySighting, record.Sighting{Item: record.Item{Source: "office", Key: "INBOX/1/77"}, Outcome: record.Failed, Reason: record.ReasonUnreadable})
	apply(t, c, l.entries[before:])
	counts, err = c.Counts(t.Context(), "office")
	if err != nil || counts.Seen != 5 || counts.AlreadyArchived != 2 || len(counts.Failed) != 0 || !counts.Balanced() {
		t.Fatalf("after the retry came good: %+v, %v", counts, err)
	}
}

func TestPropertiesAreBitmapsOfNumbers(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	apply(t, c, sample(t).entries)
	for _, tc := range []struct {
		property, value string
		want            []uint64
	}{
		{catalog.PropCustodian, "minister", []uint64{1, 2, 4, 5}},
		{catalog.PropCustodian, "SECRETARY", []uint64{1, 3}},
		{catalog.PropCustodian, "sec*", []uint64{1, 3}},
		{catalog.PropIn, "inbox", []uint64{1, 3}},
		{catalog.PropIn, "flood response", []uint64{4, 5}},
		{catalog.PropIs, "deleted", []uint64{5}},
		{catalog.PropKind, "chat-day", []uint64{4, 5}},
		{catalog.PropClass, "NONE-01", nil},
	} {
		b, err := c.Match(t.Context(), tc.property, tc.value)
		if err != nil || fmt.Sprint(b.ToArray()) != fmt.Sprint(tc.want) {
			t.Errorf("%s:%s: %v, %v; want %v", tc.property, tc.value, b.ToArray(), err, tc.want)
		}
	}
	for name, get := range map[string]struct {
		got  func() ([]uint64, error)
		want []uint64
	}{
		"live":    {func() ([]uint64, error) { b, err := c.Live(t.Context()); return b.ToArray(), err }, []uint64{1, 2, 3, 4, 5}},
		"undated": {func() ([]uint64, error) { b, err := c.Undated(t.Context()); return b.ToArray(), err }, []uint64{3}},
		"caught":  {func() ([]uint64, error) { b, err := c.Caught(t.Context(), "FOI-2026-1"); return b.ToArray(), err }, []uint64{2, 4}},
		"unsearchable": {func() ([]uint64, error) { b, err := c.Unsearchable(t.Context()); return b.ToArray(), err },
			[]uint64{4, 5}},
		"sent to the millisecond": {func() ([]uint64, error) {
			b, err := c.Sent(t.Context(), start.AddDate(0, 0, -2), start)
			return b.ToArray(), err
		}, []uint64{2}},
		"sent, whole days": {func() ([]uint64, error) {
			b, err := c.Sent(t.Context(), time.Date(2026, 5, 11, 0, 0, 0, 0, time.UTC), time.Time{})
			return b.ToArray(), err
		}, []uint64{1, 2, 4, 5}},
	} {
		got, err := get.got()
		if err != nil || fmt.Sprint(got) != fmt.Sprint(get.want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, get.want)
		}
	}
}

func TestThreadsJoinInAnyOrder(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	apply(t, c, sample(t).entries)
	first, err := c.Record(t.Context(), id(1))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{2, 3} {
		r, err := c.Record(t.Context(), id(n))
		if err != nil || r.Thread != first.Thread || r.Thread == 0 {
			t.Errorf("message %d is in thread %d, not %d (%v)", n, r.Thread, first.Thread, err)
		}
	}
	holdings, err := c.Holdings(t.Context(), id(1))
	if err != nil || len(holdings) != 2 {
		t.Fatalf("holdings: %+v, %v", holdings, err)
	}
	if want := start.AddDate(0, 0, -2); !holdings[0].Facts.LastActivity.Equal(want) {
		t.Errorf("last activity of the thread is %v, not %v", holdings[0].Facts.LastActivity, want)
	}
}

func TestPageIsStableWithUndatedLast(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	apply(t, c, sample(t).entries)
	live, err := c.Live(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	page, err := c.Page(t.Context(), live, 1, 10)
	if err != nil {
		t.Fatal(err)
	}
	var got []record.MessageNo
	for _, m := range page {
		got = append(got, m.No)
	}
	if fmt.Sprint(got) != "[4 2 1 3]" {
		t.Errorf("page: %v", got)
	}
}

func TestMarkIndexedIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	c := open(t, path)
	apply(t, c, sample(t).entries)
	if err := c.MarkIndexed(t.Context(), []record.MessageNo{1, 2, 4}); err != nil {
		t.Fatal(err)
	}
	c.Close()
	c = open(t, path)
	b, err := c.Unindexed(t.Context())
	if err != nil || fmt.Sprint(b.ToArray()) != "[3 5]" {
		t.Errorf("unindexed: %v, %v", b.ToArray(), err)
	}
	if c.Next() != 10 || c.LastNo() != 5 {
		t.Errorf("reopened at entry %d, message %d", c.Next(), c.LastNo())
	}
}

func TestApplyIsAllOrNothing(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	l := sample(t)
	apply(t, c, l.entries[:2])
	bad := append([]catalog.Entry(nil), l.entries[2:4]...)
	bad[1].Body = []byte(`{"first": 99, "messages": [{}]}`)
	if err := c.Apply(t.Context(), bad); err == nil {
		t.Fatal("message numbers with a gap were accepted")
	}
	if err := c.Apply(t.Context(), l.entries[3:]); err == nil {
		t.Fatal("entries with a gap were accepted")
	}
	live, err := c.Live(t.Context())
	if err != nil || live.GetCardinality() != 2 || c.Next() != 2 {
		t.Fatalf("a failed Apply left something: %v, %d, %v", live, c.Next(), err)
	}
	apply(t, c, l.entries) // the first two are passed over
	if c.Next() != int64(len(l.entries)) {
		t.Fatalf("next is %d", c.Next())
	}
}

func TestAnotherKeyArchiveOrSchemaIsStale(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	c := open(t, path)
	apply(t, c, sample(t).entries)
	c.Close()
	for name, try := range map[string]func() (*catalog.Catalog, error){
		"key":     func() (*catalog.Catalog, error) { return catalog.Open(t.Context(), path, [32]byte{9}, "archive-1") },
		"archive": func() (*catalog.Catalog, error) { return catalog.Open(t.Context(), path, [32]byte{1, 2, 3}, "other") },
	} {
		if _, err := try(); !errors.Is(err, catalog.ErrStale) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := catalog.Open(ctx, path, [32]byte{1, 2, 3}, "archive-1"); errors.Is(err, catalog.ErrStale) {
		t.Error("a cancelled open must not say that the file is stale")
	}
	if err := catalog.Remove(path); err != nil {
		t.Fatal(err)
	}
	apply(t, open(t, path), sample(t).entries)
}

func TestNothingReadableInTheFile(t *testing.T) {
	dir := t.TempDir()
	c := open(t, filepath.Join(dir, "catalog.db"))
	apply(t, c, sample(t).entries)
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"minister", "Flood", "sandbags", "INBOX", "SQLite", "holdings"} {
			if bytes.Contains(b, []byte(word)) {
				t.Errorf("%s holds %q in the clear", f.Name(), word)
			}
		}
	}
}
