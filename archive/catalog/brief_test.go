package catalog_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
)

// TestBriefIsTheWholeWithoutItsWords walks an archive of which people have said
// things since, both ways and in parts.
func TestBriefIsTheWholeWithoutItsWords(t *testing.T) {
	l := sample(t)
	hostile := record.Facts{Kind: record.Email, Source: "office", Custodian: `o"brien \u0026 sons`, Role: "minister", Mailbox: "x@y", Folder: "{\"sent\":\"",
		From: []string{"sent", "kind"}, Subject: `,"sent":"2001-01-01T00:00:00Z","date_suspect":true`, Sent: start, Captured: start.Add(time.Hour), LastModified: start.Add(2 * time.Hour)}
	for i, f := range []record.Facts{hostile, {Kind: record.ChatDay, Source: "phone", DateSuspect: true, Received: start.Add(time.Nanosecond)}, {}} {
		f.Captured = start
		l.add(record.EntryIngestion, record.Ingestion{Record: id(900 + i), Kind: record.Email, Vault: "main", First: l.no + 1, Facts: f,
			Holding: record.Holding{Source: "office", Custodian: "minister", Channel: record.Corporate, Folder: "INBOX", Class: "A", Since: start}})
	}
	l.add(record.EntryEvent, record.Event{Event: "tenure_end", About: "custodian:minister", Date: date(t, "2026-07-05"), Reason: "r"})
	l.add(record.EntryClassification, record.Classified{Records: []record.ID{id(2)}, Class: "POL-02", Reason: "by hand"})
	c := open(t, filepath.Join(t.TempDir(), "c"))
	apply(t, c, l.entries)

	var whole []catalog.Governed
	err := c.EachHolding(t.Context(), func(g catalog.Governed) error {
		g.Display, g.Aggregation = "", ""
		g.Epoch, g.Captured, g.Lock = "", time.Time{}, catalog.Locked{} // for whoever tells the storage what to keep
		whole = append(whole, g)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	first, last, err := c.Records(t.Context())
	if err != nil || first > last {
		t.Fatal(first, last, err)
	}
	for _, asks := range []catalog.Asks{{}, {Words: true, Activity: true}} {
		var brief []catalog.Governed
		var rows []int64
		for _, part := range [][2]int64{{first, first + 1}, {first + 2, last}} {
			err := c.EachBrief(t.Context(), part[0], part[1], asks, func(row int64, g *catalog.Governed) error {
				brief, rows = append(brief, *g), append(rows, row)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		want := slices.Clone(whole)
		for i := range want {
			w := &want[i]
			if !asks.Words {
				w.Facts.From, w.Facts.To, w.Facts.Subject, w.Facts.Chat = nil, nil, "", ""
			}
			if !asks.Activity {
				w.Facts.LastActivity, w.Thread = time.Time{}, 0
			}
		}
		if d := cmp.Diff(want, brief); d != "" {
			t.Errorf("%+v: (-whole +brief)\n%s", asks, d)
		}
		if !slices.IsSorted(rows) {
			t.Errorf("rows are out of order: %v", rows)
		}
	}
}
