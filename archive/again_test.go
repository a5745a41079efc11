package archive_test

import (
	"context"
	"testing"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/archivetest"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
)

// held keeps what it says.
type held map[string]bool

// Covers implements archive.Keeper: everything of these custodians is kept.
func (h held) Covers(_ context.Context, _ record.ID, c archive.Claim) (bool, error) {
	return h[c.Holding.Custodian], nil
}

// dispose journals that a record is no more, as disposal does.
func dispose(t *testing.T, a *archivetest.Archive, c *archive.Capture) {
	t.Helper()
	grant, err := a.Decide(t.Context(), func(context.Context) ([]journal.Entry, error) { return nil, nil })
	if grant != -1 || err != nil {
		t.Fatalf("deciding nothing journals %d, %v", grant, err)
	}
	stub := record.Stub{Record: c.Record, Kind: record.Email, Vault: c.Vault, Entry: c.Position, Captured: c.Captured, First: c.First, Count: 1,
		Holdings: []record.StubHolding{{Source: c.Holding.Source, Custodian: c.Holding.Custodian, Class: c.Holding.Class}}}
	must(t, a.JournalOne(t.Context(), record.EntryDisposal, "daemon", record.Disposed{Entries: []int64{c.Position}, Batch: "D-1", Records: []record.Stub{stub}}, c.Record))
}

// TestDisposedStaysDisposed: the same octets by the same custodian are left out
// and counted; by another, or under a hold, they are a new record of another id.
func TestDisposedStaysDisposed(t *testing.T) {
	p := archivetest.Found(t)
	a := p.Open(t)
	keeper := held{}
	a.Parts.Keeper = keeper
	first := a.Capture(t, "office", "1", []byte("the same octets"))
	dispose(t, a, first)

	bring := func(source, key string) *archive.Capture {
		t.Helper()
		rec, contents := archivetest.Email([]byte("the same octets"))
		h := record.Holding{Source: source, Custodian: source, Class: "ADM-01"}
		id, err := a.IdentifyFor(t.Context(), "", record.Email, rec.Components, archive.Claim{Holding: h})
		must(t, err)
		rec.ID = id
		stored, err := a.Put(t.Context(), rec, contents, archive.Claim{})
		must(t, err)
		c := &archive.Capture{Ingestion: record.Ingestion{Record: stored.Record, Kind: record.Email, Vault: "main", Epoch: stored.Epoch, Sealed: stored.Sealed,
			SealedSize: stored.Size, Components: rec.Components, Messages: []record.Message{{}}, Facts: record.Facts{Source: source, Custodian: source},
			Holding: h, Item: record.Item{Source: source, Key: key}}}
		must(t, a.Commit(t.Context(), "daemon", []*archive.Capture{c}, nil))
		return c
	}
	if c := bring("office", "2"); c.Outcome != record.Excluded || c.Record != first.Record {
		t.Errorf("brought again it is %s, as %s", c.Outcome, c.Record)
	}
	counts, err := a.Catalog.Counts(t.Context(), "office")
	must(t, err)
	if !counts.Balanced() || counts.Excluded[record.ReasonDisposed] != 1 || counts.Captured != 1 {
		t.Errorf("%+v", counts)
	}
	other := bring("elsewhere", "3")
	if other.Outcome != record.CapturedNew || other.Record == first.Record {
		t.Errorf("from another custodian it is %s, as %s", other.Outcome, other.Record)
	}
	if c := bring("elsewhere", "4"); c.Outcome != record.AlreadyArchived || c.Record != other.Record {
		t.Errorf("and again %s, as %s", c.Outcome, c.Record)
	}
	if c := bring("office", "5"); c.Outcome != record.Excluded {
		t.Errorf("another's copy brings the first custodian's back: %s", c.Outcome)
	}
	keeper["office"] = true
	if c := bring("office", "6"); c.Outcome != record.AlreadyArchived || c.Record != other.Record {
		t.Errorf("under a hold it is %s, as %s", c.Outcome, c.Record)
	}
	holdings, err := a.Catalog.Holdings(t.Context(), other.Record)
	must(t, err)
	if len(holdings) != 2 {
		t.Errorf("%d holdings", len(holdings))
	}

	// A possession that ended while others remain stays ended too.
	delete(keeper, "office")
	must(t, a.JournalOne(t.Context(), record.EntryDisposal, "daemon", record.Disposed{Batch: "D-2", Records: []record.Stub{},
		Retired: []record.RetiredHolding{{Record: other.Record, Entry: holdings[1].Entry, StubHolding: record.StubHolding{Source: "office", Custodian: "office"}}}}))
	if c := bring("office", "7"); c.Outcome != record.Excluded {
		t.Errorf("an ended possession is back: %s", c.Outcome)
	}
	if holdings, err = a.Catalog.Holdings(t.Context(), other.Record); err != nil || len(holdings) != 1 {
		t.Errorf("%d holdings, %v", len(holdings), err)
	}
}
