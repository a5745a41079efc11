package catalog_test

import (
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
)

// TestQuarantineModel makes captures and decisions in any order: what is in
// quarantine is what was put there and not released, a release stands, and the
// last other decision counts.
func TestQuarantineModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
		defer c.Close()
		l := &log{t: t}
		inside := map[int]record.Decision{} // by record
		total := rapid.IntRange(1, 8).Draw(rt, "records")
		for i := 1; i <= total; i++ {
			in := record.Ingestion{Record: id(i), Kind: record.Email, Vault: "closed", Epoch: "closed-2026", First: l.no + 1,
				Messages: make([]record.Message, rapid.IntRange(1, 3).Draw(rt, "messages")), Holding: record.Holding{Source: "office"},
				Item: record.Item{Source: "office", Key: id(i).Short()}}
			if rapid.Bool().Draw(rt, "quarantined") {
				in.Quarantine = &record.Quarantine{Reason: record.ReasonMarking, Marking: "SECRET"}
				inside[i] = ""
			}
			l.add(record.EntryIngestion, in)
			l.no += record.MessageNo(len(in.Messages))
		}
		for range rapid.IntRange(0, 12).Draw(rt, "decisions") {
			i := rapid.IntRange(1, total).Draw(rt, "which")
			before, there := inside[i]
			if !there {
				continue // the daemon journals none about what was never there
			}
			decision := rapid.SampledFrom([]record.Decision{record.Released, record.Kept}).Draw(rt, "decision")
			l.add(record.EntryQuarantine, record.QuarantineDecided{Record: id(i), Decision: decision, Reason: "r"})
			if before != record.Released {
				inside[i] = decision
			}
		}
		apply(t, c, l.entries)
		compareQuarantine(t, c, inside)
	})
}

func compareQuarantine(t *testing.T, c *catalog.Catalog, inside map[int]record.Decision) {
	t.Helper()
	all, err := c.Quarantine(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	awaiting, err := c.Quarantine(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	set, err := c.Quarantined(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	missing, err := c.Missing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(inside) {
		t.Errorf("%d rows for %d records", len(all), len(inside))
	}
	waiting := 0
	for i, decision := range inside {
		row, err := c.Record(t.Context(), id(i))
		if err != nil {
			t.Fatal(err)
		}
		if decision == "" {
			waiting++
		}
		for k := range row.Count {
			no := uint64(row.First) + uint64(k)
			if set.Contains(no) == (decision == record.Released) || missing.Contains(no) != (decision == record.Released) {
				t.Errorf("message %d of a record with decision %q: in quarantine %t, missing from the index %t", no, decision, set.Contains(no), missing.Contains(no))
			}
		}
		for _, q := range all {
			if q.Record == row.ID && q.Decision != decision {
				t.Errorf("decision %q, want %q", q.Decision, decision)
			}
		}
	}
	if len(awaiting) != waiting {
		t.Errorf("%d await a decision, want %d", len(awaiting), waiting)
	}
}

// TestDecisionAboutWhatIsNotThere passes over it: the record may have been
// disposed of.
func TestDecisionAboutWhatIsNotThere(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	l := sample(t)
	l.add(record.EntryQuarantine, record.QuarantineDecided{Record: id(1), Decision: record.Kept, Reason: "r"})
	apply(t, c, l.entries)
	compareQuarantine(t, c, nil)
}
