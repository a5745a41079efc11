package catalog_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
)

func date(t *testing.T, s string) record.Date {
	t.Helper()
	d, err := record.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// held returns the minister's holding of a record, or another's if there is none.
func held(t *testing.T, c *catalog.Catalog, n int) catalog.HeldBy {
	t.Helper()
	list, err := c.Holdings(t.Context(), id(n))
	if err != nil || len(list) == 0 {
		t.Fatalf("%d holdings of %d: %v", len(list), n, err)
	}
	return list[max(0, slices.IndexFunc(list, func(h catalog.HeldBy) bool { return h.Custodian == "minister" }))]
}

// TestEventsReachWhatTheyAreAbout: a custodian's, a folder's, a thread's, a
// record's, the latest of each, corrected and withdrawn.
func TestEventsReachWhatTheyAreAbout(t *testing.T) {
	l := sample(t)
	at := len(l.entries)
	event := func(name string, about record.About, day string) int64 {
		l.add(record.EntryEvent, record.Event{Event: name, About: about, Date: date(t, day), Reason: "r"})
		return int64(len(l.entries) - 1)
	}
	tenure := event("tenure_end", "custodian:minister", "2026-07-05")
	event("tenure_end", "record:"+record.About(id(1)), "2026-08-01")
	event("case_closed", "folder:office/Sent", "2026-06-01")
	closed := event(record.EventClosed, "thread:"+record.About(id(2)), "2026-06-30")
	c := open(t, filepath.Join(t.TempDir(), "c"))
	apply(t, c, l.entries)
	day := func(n int, name string) string {
		return record.DateOf(held(t, c, n).Facts.Events[name], start.Location()).String()
	}
	shut := func(n int) string { return record.DateOf(held(t, c, n).Facts.Closed, start.Location()).String() }
	got := []string{day(1, "tenure_end"), day(2, "tenure_end"), day(3, "tenure_end"), day(2, "case_closed"), day(1, "case_closed"), shut(1), shut(2), shut(3), shut(4)}
	// Record 3's references join the threads of 1 and 2.
	want := []string{"2026-08-01", "2026-07-05", "", "2026-06-01", "", "2026-06-30", "2026-06-30", "2026-06-30", ""}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	l.add(record.EntryEvent, record.Event{Corrects: tenure, Date: date(t, "2026-07-06"), Reason: "the day after"})
	l.add(record.EntryEvent, record.Event{Corrects: closed, Reason: "it goes on"})
	apply(t, c, l.entries[at:])
	if day(2, "tenure_end") != "2026-07-06" || shut(2) != "" {
		t.Errorf("after corrections: %s, %s", day(2, "tenure_end"), shut(2))
	}
	for all, want := range map[bool]int{false: 3, true: 6} {
		if rows, err := c.Events(t.Context(), all); err != nil || len(rows) != want {
			t.Errorf("%d events, want %d: %v", len(rows), want, err)
		}
	}
	err := c.EachHolding(t.Context(), func(g catalog.Governed) error {
		one, err := c.Holdings(t.Context(), g.Record)
		if err == nil && !slices.ContainsFunc(one, func(h catalog.HeldBy) bool { return cmp.Equal(h, g.HeldBy) }) {
			t.Errorf("a walk tells otherwise of %s: %+v", g.Record, g.HeldBy)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	l.add(record.EntryEvent, record.Event{Corrects: tenure, Reason: "twice"})
	if err := c.Apply(t.Context(), l.entries[len(l.entries)-1:]); err == nil {
		t.Error("what was corrected was corrected again")
	}
}

// TestClassesGivenByHand: the class and its property change, what it was is
// kept, and the rest stays.
func TestClassesGivenByHand(t *testing.T) {
	l := sample(t)
	c := open(t, filepath.Join(t.TempDir(), "c"))
	apply(t, c, l.entries)
	at := len(l.entries)
	in := func(class string) []uint64 {
		b, err := c.Match(t.Context(), catalog.PropClass, class)
		if err != nil {
			t.Fatal(err)
		}
		return b.ToArray()
	}
	l.add(record.EntryClassification, record.Classified{Records: []record.ID{id(1), id(2), "gone"}, Custodian: "minister", Class: "POL-02", Reason: "a submission"})
	l.add(record.EntryClassification, record.Classified{Records: []record.ID{id(1)}, Custodian: "nobody", Class: "MIN-01", Reason: "not theirs"})
	l.add(record.EntryClassification, record.Classified{Records: []record.ID{id(2)}, Custodian: "minister", Class: "ADM-01", Reason: "after all"})
	l.add(record.EntryClassification, record.Classified{Records: []record.ID{id(3)}, Class: "UNC-00", Reason: "unclear"})
	l.add(record.EntryAssessment, record.Assessed{Records: []record.ID{id(1)}, Significance: "logistical", Reason: "a lift"})
	l.add(record.EntryReview, record.Reviewed{Records: []record.ReviewedRecord{{Record: id(1), Classes: []string{"POL-02"}}}, Outcome: "keep", Until: date(t, "2040-01-01"), Reason: "r"})
	l.add(record.EntryReview, record.Reviewed{Records: []record.ReviewedRecord{{Record: id(1), Classes: []string{"POL-02"}}}, Outcome: "destroy", Reason: "no value"})
	apply(t, c, l.entries[at:])
	one, two := held(t, c, 1), held(t, c, 2)
	if one.Class != "POL-02" || !one.Manual || one.Reason != "a submission" || !slices.Equal(one.Was, []string{"ADM-01"}) || one.Rule != "manual" {
		t.Errorf("record 1: %+v", one)
	}
	if one.Facts.Significance != "logistical" || one.Reviews != 2 || one.Review == nil || one.Review.Outcome != "destroy" || one.Review.Reason != "no value" {
		t.Errorf("record 1: %+v", one)
	}
	if two.Class != "ADM-01" || !two.Manual || !slices.Equal(two.Was, []string{"ADM-01", "POL-02"}) || two.Review != nil {
		t.Errorf("record 2: %+v", two)
	}
	if got := in("POL-02"); !slices.Equal(got, []uint64{1}) {
		t.Errorf("POL-02: %d", got)
	}
	// The secretary's holding of record 1 is in ADM-01 still; nobody's of 3 is.
	if got := in("ADM-01"); !slices.Equal(got, []uint64{1, 2}) {
		t.Errorf("ADM-01: %d", got)
	}
	// One Apply or many, the rows are the same.
	again := open(t, filepath.Join(t.TempDir(), "c"))
	apply(t, again, l.entries)
	x, err := c.Dump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	y, err := again.Dump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(x, y); d != "" {
		t.Error(d)
	}
}
