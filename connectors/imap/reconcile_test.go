package imap_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/connectors/imap"
)

// An account is a ledger that is kept by collecting from a mailbox, with the
// cursor of what was collected.
type account struct {
	items  map[string]connectors.Accounted
	cursor connectors.Cursor
}

func newAccount() *account { return &account{items: make(map[string]connectors.Accounted)} }

// Item implements connectors.Ledger.
func (a *account) Item(_ context.Context, key string) (connectors.Accounted, bool, error) {
	it, ok := a.items[key]
	return it, ok, nil
}

// Accounted implements connectors.Ledger.
func (a *account) Accounted(_ context.Context, prefix string) iter.Seq2[connectors.Accounted, error] {
	return func(yield func(connectors.Accounted, error) bool) {
		for _, key := range slices.Sorted(maps.Keys(a.items)) {
			if strings.HasPrefix(key, prefix+"/") && !yield(a.items[key], nil) {
				return
			}
		}
	}
}

// collect reads a mailbox on from the cursor and returns what came.
func (a *account) collect(t *testing.T, m *imap.Mailbox) []connectortest.Entry {
	t.Helper()
	entries := connectortest.Collect(t, m, a.cursor)
	a.cursor = m.Position()
	for _, e := range entries {
		it := connectors.Accounted{Key: e.Key, Outcome: record.CapturedNew, Digest: e.Digest}
		switch {
		case e.Failed:
			it.Outcome = record.Failed
		case e.Excluded != "":
			it.Outcome = record.Excluded
		}
		if old, ok := a.items[e.Key]; ok && old.Outcome != record.Failed {
			t.Errorf("%s came again", e.Key)
		}
		a.items[e.Key] = it
	}
	return entries
}

// mailbox opens the server's mailbox with this account's ledger, as a new
// process would.
func (a *account) mailbox(t *testing.T, s *connectortest.Server, change ...func(*imap.Config)) *imap.Mailbox {
	return open(t, s, append(change, func(c *imap.Config) { c.Ledger = a })...)
}

func (a *account) reconcile(t *testing.T, m *imap.Mailbox, samples int) record.Reconciliation {
	t.Helper()
	r, cursor, err := m.Reconcile(t.Context(), a.cursor, samples)
	if err != nil {
		t.Fatal(err)
	}
	a.cursor = cursor
	return r
}

func TestReconcileFindsWhatWasNeverAccountedFor(t *testing.T) {
	s, a := connectortest.StartServer(t), newAccount()
	f := s.Folder("INBOX")
	for i := range 20 {
		f.Add(connectortest.Mail(i))
	}
	s.Folder("Sent").Add(connectortest.Mail(50))
	f.Poison(5, connectortest.NotListed) // the server forgets it for a while
	f.Poison(6, connectortest.RefuseBody)
	m := a.mailbox(t, s)
	a.collect(t, m)
	if r := a.reconcile(t, m, -1); !r.Clean() || r.Listed != 20 || r.Matched != 20 || r.Owed != 1 || r.Checked != 19 || r.Folders != 2 {
		t.Fatalf("before: %+v", r)
	}
	f.Poison(5, connectortest.Healthy)
	f.Remove(1)
	f.Add(connectortest.Mail(60))
	r := a.reconcile(t, m, 3)
	if r.Missing != 1 || r.Gone != 1 || r.Unread != 1 || r.Checked != 3 || r.Differs != 0 ||
		!slices.Equal(r.Differences, []record.Difference{{Key: "INBOX/1000000/5", Kind: record.DifferenceMissing}}) {
		t.Fatalf("%+v", r)
	}
	got := keys(a.collect(t, a.mailbox(t, s)))
	if want := []string{"INBOX/1000000/21", "INBOX/1000000/5", "INBOX/1000000/6"}; !slices.Equal(got, want) {
		t.Errorf("the next run yields %q, want %q", got, want)
	}
	if r := a.reconcile(t, m, -1); !r.Clean() {
		t.Errorf("after the repair: %+v", r)
	}
}

func TestReconcileComparesOctets(t *testing.T) {
	s, a := connectortest.StartServer(t), newAccount()
	f := s.Folder("INBOX")
	for i := range 10 {
		f.Add(connectortest.Mail(i))
	}
	m := a.mailbox(t, s)
	a.collect(t, m)
	f.Rewrite(4, connectortest.Mail(99)) // which no server may do
	r := a.reconcile(t, m, -1)
	if r.Differs != 1 || r.Differences[0] != (record.Difference{Key: "INBOX/1000000/4", Kind: record.DifferenceOctets}) {
		t.Fatalf("%+v", r)
	}
	delete(a.items, "INBOX/1000000/4")
	if got := a.collect(t, m); len(got) != 1 || got[0].Digest != record.Sum(connectortest.Mail(99)) {
		t.Errorf("the changed message is not captured as it is now: %+v", got)
	}
	s.Folder("INBOX").Refuse(true)
	if r := a.reconcile(t, m, 0); !slices.Equal(r.Refused, []string{"INBOX"}) || r.Clean() {
		t.Errorf("a folder that cannot be opened: %+v", r)
	}
	if _, _, err := open(t, s).Reconcile(t.Context(), "", 0); err == nil {
		t.Error("a mailbox without a ledger was reconciled")
	}
}

func TestRenamedFolderIsReadOnWhereItWas(t *testing.T) {
	s, a := connectortest.StartServer(t), newAccount()
	f := s.Folder("Cases/Floods")
	for i := range 12 {
		f.Add(connectortest.Mail(i))
	}
	f.Poison(3, connectortest.RefuseBody)
	m := a.mailbox(t, s)
	a.collect(t, m)
	s.Rename("Cases/Floods", "Closed/Floods 2026")
	f.Poison(3, connectortest.Healthy)
	f.Add(connectortest.Mail(100))
	got := a.collect(t, a.mailbox(t, s))
	if want := []string{"Cases/Floods/1000000/13", "Cases/Floods/1000000/3"}; !slices.Equal(keys(got), want) {
		t.Fatalf("after the rename %q came, want %q", keys(got), want)
	}
	for _, e := range got {
		if e.Folder != "Closed/Floods 2026" || e.Failed {
			t.Errorf("%+v", e)
		}
	}
	// A new folder under the old name, which this server gives the old
	// UIDVALIDITY too, is not taken for the old one.
	s.Folder("Cases/Floods").Add(connectortest.Mail(200))
	if got := keys(a.collect(t, a.mailbox(t, s))); !slices.Equal(got, []string{"Cases/Floods~2/1000000/1"}) {
		t.Errorf("the new folder yields %q", got)
	}
	if r := a.reconcile(t, a.mailbox(t, s), -1); !r.Clean() || r.Listed != 14 || r.Matched != 14 {
		t.Errorf("%+v", r)
	}
}

func TestSwappedFoldersKeepTheirItems(t *testing.T) {
	s, a := connectortest.StartServer(t), newAccount()
	for i, name := range []string{"A", "B"} {
		s.Folder(name).Number(uint32(500 + i))
		for n := range 4 {
			s.Folder(name).Add(connectortest.Mail(10*i + n))
		}
	}
	a.collect(t, a.mailbox(t, s))
	s.Rename("A", "C")
	s.Rename("B", "A")
	s.Rename("C", "B")
	m := a.mailbox(t, s)
	if got := a.collect(t, m); len(got) != 0 {
		t.Errorf("after the swap %q came", keys(got))
	}
	if got := kinds(m); !slices.Equal(got, []string{imap.NoticeRenamed, imap.NoticeRenamed}) {
		t.Errorf("notices: %q", got)
	}
	s.Folder("A").Add(connectortest.Mail(77))
	if got := keys(a.collect(t, m)); !slices.Equal(got, []string{"B/501/5"}) {
		t.Errorf("then %q", got)
	}
}

func TestLookalikeFolderIsNoRename(t *testing.T) {
	s, a := connectortest.StartServer(t), newAccount()
	s.Folder("Old").Add(connectortest.Mail(1), connectortest.Mail(2))
	a.collect(t, a.mailbox(t, s))
	s.Delete("Old")
	s.Folder("New").Add(connectortest.Mail(1), connectortest.Mail(3), connectortest.Mail(4)) // the same UIDVALIDITY, and one message the same
	m := a.mailbox(t, s)
	if got := keys(a.collect(t, m)); len(got) != 3 {
		t.Errorf("%q came, want all three", got)
	}
	if got := kinds(m); !slices.Equal(got, []string{imap.NoticeFolderGone}) {
		t.Errorf("notices: %q", got)
	}
}

func TestMailboxOnAnotherServer(t *testing.T) {
	old, a := connectortest.StartServer(t), newAccount()
	for i := range 6 {
		old.Folder("INBOX").Add(connectortest.Mail(i))
		old.Folder("Sent").Add(connectortest.Mail(100 + i))
	}
	a.collect(t, a.mailbox(t, old))
	// The move kept the inbox's numbers; the other folder was copied message
	// by message, and happens to have its old UIDVALIDITY.
	moved := connectortest.StartServer(t)
	for i := range 7 {
		moved.Folder("INBOX").Add(connectortest.Mail(i))
	}
	for i := range 8 {
		moved.Folder("Sent").Add(connectortest.Mail(105 - i))
	}
	m := a.mailbox(t, moved, func(c *imap.Config) { c.Host = "localhost" })
	got := a.collect(t, m)
	if len(got) != 1+8 {
		t.Errorf("%d items came: %q", len(got), keys(got))
	}
	for _, key := range keys(got) {
		if key != "INBOX/1000000/7" && !strings.HasPrefix(key, "Sent~2/1000000/") {
			t.Errorf("%s came", key)
		}
	}
	if got := kinds(m); !slices.Equal(got, []string{imap.NoticeMoved}) {
		t.Errorf("notices: %q", got)
	}
	if r := a.reconcile(t, m, -1); !r.Clean() || r.Matched != 15 {
		t.Errorf("%+v", r)
	}
}

func TestRestoredBackupReusesNumbers(t *testing.T) {
	s, a := connectortest.StartServer(t), newAccount()
	f := s.Folder("INBOX")
	for i := range 9 {
		f.Add(connectortest.Mail(i))
	}
	a.collect(t, a.mailbox(t, s))
	f.Restore(5)                  // the last four are not in the backup
	f.Add(connectortest.Mail(50)) // under number 6, which was another message's
	m := a.mailbox(t, s)
	got := a.collect(t, m)
	if len(got) != 6 || !slices.ContainsFunc(got, func(e connectortest.Entry) bool { return e.Digest == record.Sum(connectortest.Mail(50)) }) {
		t.Fatalf("%q came", keys(got))
	}
	if got := kinds(m); !slices.Equal(got, []string{imap.NoticeRewound}) {
		t.Errorf("notices: %q", got)
	}
	if got := a.collect(t, m); len(got) != 0 {
		t.Errorf("then %q", keys(got))
	}
}

// TestFolderOf200000 reads a folder of 200,000 messages with numbers in the
// hundreds of millions: once by number alone, and then the content of its last
// part. It bounds the memory that this takes beside the test's own server.
func TestFolderOf200000(t *testing.T) {
	const n, part, first, step = 200_000, 20_000, 700_000_000, 3
	s, a := connectortest.StartServer(t), newAccount()
	s.Folder("INBOX").Fill(n, first, step, []byte("Subject: one of many\r\n\r\nThe water is rising.\r\n"))
	out := a.mailbox(t, s, func(c *imap.Config) { c.Exclude = []string{"INBOX"} })
	bounded(t, 64<<20, func(sample func(int)) { count(t, out, "", n, sample) })
	m := a.mailbox(t, s)
	from := connectors.Cursor(fmt.Sprintf(`{"f":{"INBOX":{"v":1000000,"u":%d}}}`, first+(n-part-1)*step))
	bounded(t, 64<<20, func(sample func(int)) { count(t, m, from, part, sample) })
	if got := connectortest.Collect(t, m, m.Position()); len(got) != 0 {
		t.Errorf("then %d", len(got))
	}
}

// count reads a mailbox, which must yield n items with short cursors.
func count(t *testing.T, m *imap.Mailbox, after connectors.Cursor, n int, sample func(int)) {
	t.Helper()
	seen := 0
	for item, err := range m.Items(t.Context(), after) {
		if err != nil {
			t.Fatal(err)
		}
		item.Release()
		if item.Form == connectors.FormPosition {
			continue
		}
		if len(item.Cursor) > 4096 {
			t.Fatalf("a cursor of %d octets", len(item.Cursor))
		}
		seen++
		sample(seen)
	}
	if seen != n {
		t.Fatalf("%d of %d came", seen, n)
	}
}

// bounded fails if the heap grows by more than limit while f runs. f calls
// sample for every item.
func bounded(t *testing.T, limit int64, f func(sample func(int))) {
	t.Helper()
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	peak := before.HeapAlloc
	f(func(n int) {
		if n%5_000 == 0 {
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapAlloc)
		}
	})
	grown := int64(peak) - int64(before.HeapAlloc)
	t.Logf("the heap grew by %d KiB", grown>>10)
	if grown > limit {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}
