package ingest_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/archivetest"
	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/connectors/dropfolder"
	"github.com/closeroll/closeroll/connectors/imap"
	"github.com/closeroll/closeroll/connectors/messenger"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A bench is a pipeline into a real archive, with an index that only remembers.
type bench struct {
	*archivetest.Archive
	pipe  *ingest.Pipeline
	index *memory
	holds *query
}

func newBench(t *testing.T) *bench { return benchAt(t, archivetest.Found(t)) }

func benchAt(t *testing.T, p *archivetest.Place) *bench {
	b := &bench{Archive: p.Open(t), index: &memory{docs: map[record.MessageNo]record.Document{}}, holds: &query{}}
	b.pipe = ingest.New(p.Log, p.Clock.Now, ingest.Parts{Archive: b.Archive.Archive, Spool: b.Spool, Messengers: messenger.All{}, Classify: oneClass{},
		Extract: plainText{}, Index: b.index, Holds: b.holds}, ingest.Options{Batch: 16, Retry: 20 * time.Millisecond})
	return b
}

// run captures from a source, which must not fail, and checks the accounting
// and that nothing is left in flight.
func (b *bench) run(t *testing.T, src ingest.Source) record.Counts {
	t.Helper()
	counts, err := b.pipe.Run(t.Context(), src)
	must(t, err)
	if !counts.Balanced() {
		t.Errorf("the run does not balance: %+v", counts)
	}
	if memory, disk := b.Spool.InFlight(); memory != 0 || disk != 0 {
		t.Errorf("%d octets in memory and %d on disk are still in flight", memory, disk)
	}
	return counts
}

// indexed checks that every message is in the index and marked so.
func (b *bench) indexed(t *testing.T) {
	t.Helper()
	missing, err := b.Catalog.Unindexed(t.Context())
	must(t, err)
	live, err := b.Catalog.Live(t.Context())
	must(t, err)
	if !missing.IsEmpty() || int(live.GetCardinality()) != len(b.index.docs) {
		t.Errorf("%v are not marked; %d messages, %d documents", missing, live.GetCardinality(), len(b.index.docs))
	}
}

// mailbox is a source that reads the server's mailbox.
func (b *bench) mailbox(t *testing.T, s *connectortest.Server, exclude ...string) ingest.Source {
	t.Helper()
	m, err := imap.New(b.Place.Log, imap.Config{Name: "office", Host: "127.0.0.1", Port: s.Addr.Port, Security: imap.Plain,
		Username: connectortest.User, Password: func() ([]byte, error) { return []byte(connectortest.Password), nil }, Exclude: exclude,
		Attempts: 2, Backoff: time.Millisecond, Ledger: ingest.NewLedger(b.Catalog, "office")}, b.Spool, b.Place.Clock.Now)
	must(t, err)
	return ingest.Source{Name: "office", Connector: m, Custodian: "minister", Mailbox: connectortest.User, Channel: record.Corporate, Zone: time.UTC}
}

// drop is a source that reads a folder, which is returned too.
func (b *bench) drop(t *testing.T) (ingest.Source, string) {
	t.Helper()
	dir := t.TempDir()
	return b.dropAt(t, dir), dir
}

func (b *bench) dropAt(t *testing.T, dir string) ingest.Source {
	t.Helper()
	f, err := dropfolder.New(b.Place.Log, dropfolder.Config{Name: "phone", Dir: dir}, b.Spool, b.Place.Clock.Now)
	must(t, err)
	t.Cleanup(func() { f.Close() })
	zone, err := time.LoadLocation("Europe/London")
	must(t, err)
	return ingest.Source{Name: "phone", Connector: f, Custodian: "minister", Channel: record.NonCorporate, Zone: zone}
}

func write(t *testing.T, dir, name string, octets []byte) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(dir, name), octets, 0o600))
}

// A memory is an index that keeps documents, and fails while broken is set.
type memory struct {
	mu     sync.Mutex
	docs   map[record.MessageNo]record.Document
	broken bool
}

var errBroken = errors.New("the index is broken")

// Add implements ingest.Indexer.
func (m *memory) Add(_ context.Context, docs []record.Document) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return errBroken
	}
	for _, d := range docs {
		m.docs[d.No] = d
	}
	return nil
}

// find returns the documents whose words hold text, by number.
func (m *memory) find(text string) []record.Document {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []record.Document
	for _, d := range m.docs {
		words := d.Subject + d.Body
		for _, a := range d.Attachments {
			words += a.Name + a.Text
		}
		if strings.Contains(words, text) {
			found = append(found, d)
		}
	}
	slices.SortFunc(found, func(a, b record.Document) int { return cmp.Compare(a.No, b.No) })
	return found
}

// A query is a hold that covers every message it is asked about, while name is
// set.
type query struct {
	name    string
	forbids string // a hold under which nothing may be left out
	asked   []record.MessageNo
}

// Catch implements ingest.Holds.
func (q *query) Catch(_ context.Context, numbers []record.MessageNo) ([]journal.Entry, error) {
	q.asked = append(q.asked, numbers...)
	if q.name == "" {
		return nil, nil
	}
	e, err := journal.NewEntry(record.EntryCaught, "daemon", record.HoldCaught{Hold: q.name, Messages: numbers})
	return []journal.Entry{e}, err
}

// Forbids implements ingest.Holds.
func (q *query) Forbids(context.Context, string, string) (string, error) { return q.forbids, nil }

type oneClass struct{}

// Classify implements ingest.Classifier.
func (oneClass) Classify(record.Facts) (class, rule string) { return "ADM-01", "default" }

// plainText extracts text from what is text.
type plainText struct{}

// Text implements ingest.Extractor.
func (plainText) Text(_ context.Context, _, mediaType string, content io.Reader, _ int64) (string, record.TextStatus) {
	if !strings.HasPrefix(mediaType, "text/") {
		return "", record.TextNone
	}
	b, err := io.ReadAll(content)
	if err != nil {
		return string(b), record.TextPartial
	}
	return string(b), record.TextOK
}

// opened is a record as a reader has it, made of what Check returns.
func (b *bench) opened(t *testing.T, id record.ID) (record.Record, ingest.Opened, record.Facts) {
	t.Helper()
	row, err := b.Find(t.Context(), string(id))
	must(t, err)
	sealed, _, err := b.Store.Get(t.Context(), id.Key(row.Epoch))
	must(t, err)
	defer sealed.Close()
	octets, err := io.ReadAll(sealed)
	must(t, err)
	bag, plain, err := archive.Unseal(bytes.NewReader(octets), row.Sealed, b.VaultOpener(t))
	must(t, err)
	defer plain.Close()
	all := ingest.Opened{}
	for f, err := range bag.Components() {
		must(t, err)
		data, err := io.ReadAll(f)
		must(t, err)
		all[f.Path] = ingest.Component{ReaderAt: bytes.NewReader(data), Component: f.Component}
	}
	holdings, err := b.Catalog.Holdings(t.Context(), id)
	must(t, err)
	return bag.Record(), all, holdings[0].Facts
}

var _ connectors.Connector = (*imap.Mailbox)(nil)
