package archivetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
)

func readerAt(b []byte) io.ReaderAt { return bytes.NewReader(b) }

// contextOf is for what is done when a test has ended.
func contextOf(t testing.TB) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
}

// Dump lists every row of every table of the catalog, as text, by table.
func (a *Archive) Dump(t testing.TB) map[string][]string {
	t.Helper()
	rows, err := a.Catalog.Dump(t.Context())
	must(t, err)
	return rows
}

// Types lists the types of the journal's entries in order, after it has been
// verified.
func (a *Archive) Types(t testing.TB) []string {
	t.Helper()
	_, err := a.Journal.Verify(t.Context())
	must(t, err)
	var types []string
	for e := range a.entries(t) {
		types = append(types, e.Type)
	}
	return types
}

func (a *Archive) entries(t testing.TB) func(yield func(journal.Stored) bool) {
	return func(yield func(journal.Stored) bool) {
		for e, err := range a.Journal.Entries(t.Context(), 0) {
			must(t, err)
			if !yield(e) {
				return
			}
		}
	}
}

// Check verifies what must hold whatever happened: the journal verifies, the
// catalog has followed it and balances, and every record's object is there,
// opens with the officer's identity, and is what was journalled. It returns
// the octets of every record's components, by record and path.
func (a *Archive) Check(t testing.TB) map[record.ID]map[string][]byte {
	t.Helper()
	_, err := a.Journal.Verify(t.Context())
	must(t, err)
	if next, size := a.Catalog.Next(), a.Journal.Checkpoint().Size; next != size {
		t.Errorf("the catalog is at entry %d, the journal at %d", next, size)
	}
	counts, err := a.Catalog.Counts(t.Context(), "")
	must(t, err)
	if !counts.Balanced() {
		t.Errorf("the accounting does not balance: %+v", counts)
	}
	opener := a.VaultOpener(t)
	all := make(map[record.ID]map[string][]byte)
	for e := range a.entries(t) {
		if e.Type != record.EntryIngestion {
			continue
		}
		id := record.ID(e.Subjects[0])
		if all[id] != nil {
			t.Errorf("record %s was captured twice", id)
		}
		row, err := a.Find(t.Context(), string(id))
		must(t, err)
		sealed, _, err := a.Store.Get(t.Context(), id.Key(row.Epoch))
		must(t, err)
		octets, err := io.ReadAll(sealed)
		must(t, err)
		must(t, sealed.Close())
		b, plain, err := archive.Unseal(bytes.NewReader(octets), row.Sealed, opener)
		must(t, err)
		all[id] = make(map[string][]byte)
		for f, err := range b.Components() {
			must(t, err)
			data, err := io.ReadAll(f)
			must(t, err)
			all[id][f.Path] = data
		}
		if b.Record().ID != id {
			t.Errorf("the object of %s is of %s", id, b.Record().ID)
		}
		must(t, plain.Close())
	}
	return all
}

// Sizes says how many rows each table of a dump has, for a message.
func Sizes(dump map[string][]string) string {
	var b bytes.Buffer
	for table, rows := range dump {
		fmt.Fprintf(&b, "%s %d  ", table, len(rows))
	}
	return b.String()
}
