package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/archivetest"
	"github.com/closeroll/closeroll/archive/bag"
	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/dir"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestFoundRefuses(t *testing.T) {
	key := func() *seal.Recipient { return archivetest.KeyPair(t).Recipient() }
	daemon, one, two := key(), key(), key()
	people := []archive.Holder{{Name: "one", Key: one}, {Name: "two", Key: two}}
	good := archive.Founding{Vault: "main", Strength: seal.Classic, Daemon: archive.Holder{Name: archive.DaemonName, Key: daemon}, Readers: people, Recovery: people}
	for name, tc := range map[string]struct {
		change func(f *archive.Founding)
		says   string
	}{
		"one reader":          {func(f *archive.Founding) { f.Readers = people[:1] }, "2 different readers are needed"},
		"one holder":          {func(f *archive.Founding) { f.Recovery = people[:1] }, "2 different recovery holders are needed"},
		"the same key twice":  {func(f *archive.Founding) { f.Readers = []archive.Holder{{"one", one}, {"uno", one}} }, "2 different readers"},
		"the same name twice": {func(f *archive.Founding) { f.Readers = []archive.Holder{{"one", one}, {"one", two}} }, `two readers are called "one"`},
		"the daemon reads": {func(f *archive.Founding) {
			f.Readers = append(slices.Clone(people), archive.Holder{Name: "d", Key: daemon})
		}, "the daemon's own key"},
		"the daemon recovers": {func(f *archive.Founding) {
			f.Recovery = append(slices.Clone(people), archive.Holder{Name: "d", Key: daemon})
		}, "the daemon's own key"},
		"the daemon's name":   {func(f *archive.Founding) { f.Recovery = []archive.Holder{{"daemon", one}, {"two", two}} }, "the daemon's name"},
		"a name that leaves":  {func(f *archive.Founding) { f.Readers = []archive.Holder{{"../one", one}, {"two", two}} }, "use a–z, 0–9 and hyphens"},
		"a vault that leaves": {func(f *archive.Founding) { f.Vault = "a/b" }, "vault name"},
	} {
		t.Run(name, func(t *testing.T) {
			f := good
			tc.change(&f)
			st, err := dir.Create(t.TempDir())
			must(t, err)
			_, err = archive.Found(t.Context(), st, f, archivetest.NewClock().Now())
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("it says: %v", err)
			}
			for info, err := range st.List(t.Context(), "") {
				t.Errorf("it left %s (%v)", info.Key, err)
			}
		})
	}
}

func TestFoundOnce(t *testing.T) {
	p := archivetest.Found(t)
	_, err := archive.Found(t.Context(), p.Store, p.Founding(), p.Clock.Now())
	if !errors.Is(err, archive.ErrFounded) {
		t.Errorf("founding again: %v", err)
	}
	p.Open(t)
}

// Who may open which key is the promise that the daemon cannot read.
func TestWhoOpensWhat(t *testing.T) {
	p := archivetest.Found(t)
	keys, err := archive.Keys(t.Context(), p.Store)
	must(t, err)
	want := []archive.Wrapped{
		{Key: "note", Holder: "daemon"}, {Key: "note", Holder: "deputy"}, {Key: "note", Holder: "officer"},
		{Key: "state", Holder: "daemon"}, {Key: "state", Holder: "deputy"}, {Key: "state", Holder: "officer"},
		{Key: "main-2026", Holder: "deputy"}, {Key: "main-2026", Holder: "officer"},
	}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Error(diff)
	}
	vault, err := archive.VaultKeys(t.Context(), p.Store, "main-2026")
	must(t, err)
	for reader, wrapped := range vault {
		if _, err := p.Daemon.Opener().UnwrapOpener(wrapped); !errors.Is(err, seal.ErrNoMatch) {
			t.Errorf("the daemon opens the vault with %s's copy: %v", reader, err)
		}
	}
	if _, err := archive.OpenKeyring(t.Context(), p.Store, p.Deputy.Opener(), "deputy", archivetest.Vault); err != nil {
		t.Errorf("a recovery holder: %v", err)
	}
	if _, err := archive.OpenKeyring(t.Context(), p.Store, archivetest.KeyPair(t).Opener(), archive.DaemonName, archivetest.Vault); !errors.Is(err, seal.ErrNoMatch) {
		t.Errorf("a stranger: %v", err)
	}
	if _, err := archive.OpenKeyring(t.Context(), p.Store, p.Daemon.Opener(), archive.DaemonName, "other"); !errors.Is(err, archive.ErrNoArchive) {
		t.Errorf("a vault that is not there: %v", err)
	}
}

// A vault whose name begins with another's is not that one's next epoch.
func TestVaultsOfSimilarNames(t *testing.T) {
	p := archivetest.Found(t)
	other := []byte(archivetest.KeyPair(t).Recipient().String() + "\n")
	must(t, p.Store.Put(t.Context(), "keys/vault/main-office-2026/recipient", bytes.NewReader(other), int64(len(other)), record.Sum(other), store.PutOptions{}))
	k, err := archive.OpenKeyring(t.Context(), p.Store, p.Daemon.Opener(), archive.DaemonName, archivetest.Vault)
	must(t, err)
	if k.Epoch != "main-2026" {
		t.Errorf("the current epoch of main is %s", k.Epoch)
	}
}

func TestCaptureAndReadBack(t *testing.T) {
	p := archivetest.Found(t)
	a := p.Open(t)
	octets := []byte("Subject: sandbags\r\n\r\nFour thousand at Gloucester.\r\n")
	c := a.Capture(t, "office", "INBOX/1/1", octets)
	if c.Outcome != record.CapturedNew || c.First != 1 || c.Adopted {
		t.Fatalf("capture: %+v", c)
	}
	row, err := a.Find(t.Context(), string(c.Record)[:8])
	must(t, err)
	if row.Entry != c.Position || !row.Captured.Equal(c.Captured) {
		t.Errorf("the catalog has it at %d of %v, Commit said %d of %v", row.Entry, row.Captured, c.Position, c.Captured)
	}
	if got := a.Check(t)[c.Record]["data/message.eml"]; !bytes.Equal(got, octets) {
		t.Errorf("read back: %q", got)
	}
	if _, err := a.Find(t.Context(), "zzzz"); !errors.Is(err, archive.ErrNotFound) {
		t.Errorf("a record that is not there: %v", err)
	}

	// A read is journalled before the first octet is given.
	sealed, err := a.Sealed(t.Context(), "uid:7", row, "FOI-2026-1")
	must(t, err)
	must(t, sealed.Close())
	if types := a.Types(t); types[len(types)-1] != record.EntryRead {
		t.Errorf("the journal ends with %q", types[len(types)-1])
	}
	if _, _, err := archive.Unseal(bytes.NewReader([]byte("other octets")), row.Sealed, a.VaultOpener(t)); !errors.Is(err, archive.ErrFixity) {
		t.Errorf("other octets: %v", err)
	}
}

func TestSameOctetsAreOneRecord(t *testing.T) {
	a := archivetest.Found(t).Open(t)
	octets := []byte("Subject: one\r\n\r\n")
	first := a.Capture(t, "minister", "INBOX/1/1", octets)
	again := a.Capture(t, "minister", "INBOX/1/2", octets)
	other := a.Capture(t, "secretary", "INBOX/1/9", octets)
	if again.Outcome != record.AlreadyArchived || other.Outcome != record.AlreadyArchived || other.Record != first.Record || other.First != 1 {
		t.Fatalf("%+v\n%+v", again, other)
	}
	if other.Position != first.Position {
		t.Errorf("positions %d and %d of one record", other.Position, first.Position)
	}
	holdings, err := a.Catalog.Holdings(t.Context(), first.Record)
	must(t, err)
	if len(holdings) != 2 || holdings[0].Custodian != "minister" || holdings[1].Custodian != "secretary" {
		t.Errorf("holdings: %+v", holdings)
	}
	if all := a.Check(t); len(all) != 1 {
		t.Errorf("%d records", len(all))
	}
}

// Twins of one batch: both were put before either was journalled.
func TestTwinsInOneBatch(t *testing.T) {
	a := archivetest.Found(t).Open(t)
	var batch []*archive.Capture
	for _, key := range []string{"INBOX/1/1", "Archive/1/1", "Archive/1/2"} {
		c, err := a.TryPut(t, "minister", key, []byte("Subject: twins\r\n\r\n"))
		must(t, err)
		c.Holding.Folder, _, _ = strings.Cut(key, "/")
		batch = append(batch, c)
	}
	must(t, a.Commit(t.Context(), "daemon", batch, nil))
	for i, want := range []record.Outcome{record.CapturedNew, record.AlreadyArchived, record.AlreadyArchived} {
		if batch[i].Outcome != want || batch[i].First != 1 || batch[i].Position != batch[0].Position {
			t.Errorf("capture %d: %s, message %d, entry %d", i, batch[i].Outcome, batch[i].First, batch[i].Position)
		}
	}
	holdings, err := a.Catalog.Holdings(t.Context(), batch[0].Record)
	must(t, err)
	if len(holdings) != 2 {
		t.Errorf("%d holdings, want one a folder", len(holdings))
	}
	a.Check(t)
}

// A crash after Put and before the journal leaves an object that nobody knows.
func TestStoredButNotJournalledIsAdopted(t *testing.T) {
	p := archivetest.Found(t)
	a := p.Open(t)
	octets := []byte("Subject: adopted\r\n\r\n")
	lost, err := a.TryPut(t, "office", "INBOX/1/1", octets)
	must(t, err)
	a.Close(t)

	a = p.Open(t)
	c := a.Capture(t, "office", "INBOX/1/1", octets)
	if !c.Adopted || c.Outcome != record.CapturedNew || c.Sealed != lost.Sealed {
		t.Errorf("adopted %v, %s, digest %s, stored %s", c.Adopted, c.Outcome, c.Sealed, lost.Sealed)
	}
	a.Check(t)
}

// brought is a sealed record as somebody brings it.
type brought struct{ *bytes.Reader }

func (b brought) Size() int64 { return b.Reader.Size() }

func (b brought) Digest() record.Digest {
	d, _, err := record.SumReader(io.NewSectionReader(b, 0, b.Size()))
	if err != nil {
		panic(err)
	}
	return d
}

// A record that was sealed elsewhere is kept as it came, if it is sealed, and
// to the vault as it is now.
func TestPutSealed(t *testing.T) {
	a := archivetest.Found(t).Open(t)
	rec, contents := archivetest.Email([]byte("Subject: elsewhere\r\n\r\n"))
	vault, err := a.VaultNamed("")
	must(t, err)
	rec.Format, rec.Vault = record.Format, vault.Name
	rec.ID = a.Identify(vault.Name, rec.Kind, rec.Components)
	var out bytes.Buffer
	sealer, err := seal.NewSealer(vault.Recipient)
	must(t, err)
	w, err := sealer.Seal(&out)
	must(t, err)
	must(t, bag.Write(w, rec, contents))
	must(t, w.Close())
	octets := out.Bytes()

	put := func(epoch string, octets []byte) (archive.Stored, error) {
		return a.PutSealed(t.Context(), rec, epoch, brought{bytes.NewReader(octets)}, archive.Claim{})
	}
	if _, err := put(vault.Epoch, []byte("Subject: elsewhere")); !errors.Is(err, archive.ErrNotSealed) {
		t.Errorf("plain text: %v", err)
	}
	if _, err := put(vault.Epoch, nil); !errors.Is(err, archive.ErrNotSealed) {
		t.Errorf("nothing: %v", err)
	}
	if _, err := put("main-2020", octets); !errors.Is(err, archive.ErrNoVault) {
		t.Errorf("an old epoch: %v", err)
	}
	first, err := put(vault.Epoch, octets)
	must(t, err)
	again, err := put(vault.Epoch, octets) // its answer was lost, and nothing journalled
	must(t, err)
	if first.Adopted || first.Sealed != record.Sum(octets) || again.Sealed != first.Sealed || again.Size != int64(len(octets)) {
		t.Errorf("first %+v\nagain %+v", first, again)
	}
	in := record.Ingestion{Record: rec.ID, Kind: rec.Kind, Vault: first.Vault, Epoch: first.Epoch, Sealed: first.Sealed, SealedSize: first.Size,
		Manifest: first.Manifest, Components: rec.Components, Messages: []record.Message{}}
	must(t, a.Commit(t.Context(), "uid:7", []*archive.Capture{{Ingestion: in}}, nil))
	if known, err := put(vault.Epoch, octets); err != nil || !known.Known {
		t.Errorf("what is a record already: %+v, %v", known, err)
	}
	a.Check(t)
}

func TestChangedAndMissingObjects(t *testing.T) {
	p := archivetest.Found(t)
	a := p.Open(t)
	var ids []record.ID
	for i := range 3 {
		ids = append(ids, a.Capture(t, "office", fmt.Sprint(i), fmt.Appendf(nil, "Subject: %d\r\n\r\n", i)).Record)
	}
	f, err := a.CheckFixity(t.Context(), func(int64) {})
	must(t, err)
	if !f.OK() || f.Checked != 3 {
		t.Fatalf("before: %+v", f)
	}
	file := func(id record.ID) string { return filepath.Join(p.Bucket, filepath.FromSlash(id.Key(a.Keyring.Epoch))) }
	b, err := os.ReadFile(file(ids[0]))
	must(t, err)
	b[len(b)/2] ^= 1
	must(t, os.Chmod(file(ids[0]), 0o600))
	must(t, os.WriteFile(file(ids[0]), b, 0o600))
	must(t, os.Remove(file(ids[1])))

	f, err = a.CheckFixity(t.Context(), func(int64) {})
	must(t, err)
	if f.OK() || !slices.Equal(f.Changed, ids[:1]) || !slices.Equal(f.Missing, ids[1:2]) {
		t.Errorf("after: %+v", f)
	}
	row, err := a.Find(t.Context(), string(ids[0]))
	must(t, err)
	if _, _, err := archive.Unseal(bytes.NewReader(b), row.Sealed, a.VaultOpener(t)); !errors.Is(err, archive.ErrFixity) {
		t.Errorf("a changed object: %v", err)
	}
}

// fill captures n mails, with sightings, a hold and a cursor among them.
func fill(t *testing.T, a *archivetest.Archive, from, n int) {
	t.Helper()
	for i := from; i < from+n; i++ {
		a.Capture(t, "office", fmt.Sprintf("INBOX/1/%d", i), fmt.Appendf(nil, "Subject: %d\r\n\r\n", i/2)) // every other one is a copy
	}
	must(t, a.Commit(t.Context(), "daemon", nil, []record.Sighting{{Item: record.Item{Source: "office", Key: fmt.Sprint("bad", from)},
		Outcome: record.Failed, Reason: record.ReasonUnreadable, Detail: "it broke off"}}))
	must(t, a.JournalOne(t.Context(), record.EntryCursor, "daemon", record.CursorMoved{Source: "office", Cursor: fmt.Sprint(from + n)}))
	must(t, a.JournalOne(t.Context(), record.EntryHold, "uid:7", record.HoldPlaced{Hold: fmt.Sprint("FOI-", from), Type: "foi", Matter: "floods"}))
	must(t, a.JournalOne(t.Context(), record.EntryNotice, "daemon", record.Notice{Source: "office", Kind: "gone", Text: "Some came and went."}))
}

func TestCatalogIsDerived(t *testing.T) {
	p := archivetest.Found(t)
	a := p.Open(t)
	fill(t, a, 0, 10)
	a.Close(t)
	lagging, err := os.ReadFile(p.CatalogFile())
	must(t, err)
	a = p.Open(t)
	fill(t, a, 10, 10)
	want := a.Dump(t)
	a.Close(t)
	if len(want["records"]) != 10 || len(want["items"]) != 22 {
		t.Fatalf("rows: %s", archivetest.Sizes(want))
	}

	for name, spoil := range map[string]func() error{
		"deleted": func() error { return catalog.Remove(p.CatalogFile()) },
		"lagging": func() error {
			return errors.Join(catalog.Remove(p.CatalogFile()), os.WriteFile(p.CatalogFile(), lagging, 0o600))
		},
		"damaged": func() error {
			return errors.Join(catalog.Remove(p.CatalogFile()), os.WriteFile(p.CatalogFile(), bytes.Repeat([]byte("x"), 1<<16), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			must(t, spoil())
			a := p.Open(t)
			got := a.Dump(t)
			// Opening journals a start, which moves the position and nothing else.
			delete(got, "meta")
			expect := map[string][]string{}
			for table, rows := range want {
				if table != "meta" {
					expect[table] = rows
				}
			}
			if diff := cmp.Diff(expect, got); diff != "" {
				t.Error(diff)
			}
			a.Check(t)
			a.Close(t)
		})
	}
}

func TestCatalogAheadOfTheJournalIsStale(t *testing.T) {
	p := archivetest.Found(t)
	a := p.Open(t)
	fill(t, a, 0, 4)
	a.Close(t)
	old := filepath.Join(t.TempDir(), "bucket")
	must(t, os.CopyFS(old, os.DirFS(p.Bucket)))
	a = p.Open(t)
	fill(t, a, 4, 4)
	a.Close(t)
	must(t, os.RemoveAll(filepath.Join(p.Bucket, "journal")))
	must(t, os.CopyFS(filepath.Join(p.Bucket, "journal"), os.DirFS(filepath.Join(old, "journal"))))
	if _, err := p.TryOpen(t); !errors.Is(err, catalog.ErrStale) {
		t.Errorf("a journal that was rolled back: %v", err)
	}
}

func TestConcurrentCommitsAndReads(t *testing.T) {
	a := archivetest.Found(t).Open(t)
	const writers, each = 4, 25
	var wg sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				c, err := a.TryCapture(t, fmt.Sprint("s", w), fmt.Sprint(i), fmt.Appendf(nil, "Subject: %d\r\n\r\n", i))
				if err != nil || c.First == 0 {
					t.Error(c, err)
					return
				}
			}
		})
	}
	readers := sync.WaitGroup{}
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				live, err := a.Catalog.Live(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				rows, err := a.Catalog.Page(t.Context(), live, 0, 1000)
				if err != nil || len(rows) != int(live.GetCardinality()) {
					t.Errorf("%d messages are live and %d are listed: %v", live.GetCardinality(), len(rows), err)
					return
				}
			}
		})
	}
	wg.Wait()
	close(done)
	readers.Wait()
	if all := a.Check(t); len(all) != each {
		t.Errorf("%d records, want %d", len(all), each)
	}
	counts, err := a.Catalog.Counts(t.Context(), "")
	must(t, err)
	if counts.Captured != each || counts.AlreadyArchived != (writers-1)*each {
		t.Errorf("counts: %+v", counts)
	}
}

// An Append whose context ended may still get into the journal. The numbers of
// the next capture must come after it.
func TestCommitAfterAnAbandonedCommit(t *testing.T) {
	p := archivetest.Found(t)
	a := p.Open(t)
	abandoned, err := a.TryPut(t, "office", "1", []byte("Subject: 1\r\n\r\n"))
	must(t, err)
	next, err := a.TryPut(t, "office", "2", []byte("Subject: 2\r\n\r\n"))
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	p.Store.Plan(slowCheckpoint(cancel))
	if err := a.Commit(ctx, "daemon", []*archive.Capture{abandoned}, nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("the abandoned commit: %v", err)
	}
	must(t, a.Commit(t.Context(), "daemon", []*archive.Capture{next}, nil))
	if next.First != 2 {
		t.Errorf("the next capture's message has number %d", next.First)
	}
	a.Check(t)
	a.Close(t)
	must(t, catalog.Remove(p.CatalogFile()))
	if all := p.Open(t).Check(t); len(all) != 2 {
		t.Errorf("%d records", len(all))
	}
}

var _ archive.Log = (*journal.Journal)(nil)
