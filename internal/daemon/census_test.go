package daemon_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/daemon"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/retention/report"
)

// A past is the journal of what a census counts.
type past struct {
	t       *testing.T
	r       *rand.Rand
	now     time.Time
	entries []catalog.Entry
	ids     []record.ID
}

func (p *past) add(kind string, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	p.entries = append(p.entries, catalog.Entry{Index: int64(len(p.entries)), Type: kind, Time: p.now, Actor: "a", Body: text})
}

func (p *past) pick(of ...string) string { return of[p.r.IntN(len(of))] }

func (p *past) holding() (record.Holding, record.Facts) {
	sent := p.now.Add(-time.Duration(p.r.Int64N(int64(30 * 365 * 24 * time.Hour))))
	f := record.Facts{Kind: record.Kind(p.pick("email", "chat-day")), Source: p.pick("office", "phone"), Custodian: p.pick("minister", "coo", "desk"), Role: p.pick("", "minister", "official"),
		Grade: p.pick("", "SCS2"), Channel: record.Corporate, Folder: p.pick("INBOX", "Sent"), Subject: p.pick("", "Submission: flood defences", "lunch", "Contract award"),
		Significance: p.pick("", "", "logistical"), Sent: sent, Received: sent.Add(time.Minute), Captured: sent.AddDate(0, 0, 1), DateSuspect: p.r.IntN(9) == 0}
	if p.r.IntN(9) == 0 {
		f.Sent, f.Received = time.Time{}, time.Time{}
	}
	return record.Holding{Source: f.Source, Custodian: f.Custodian, Channel: f.Channel, Folder: f.Folder, Class: p.pick("ADM-01", "POL-02"), Since: f.Captured}, f
}

func (p *past) live(n int, classes []string) {
	for i := range n {
		h, f := p.holding()
		id := record.NewID(nil, "main", f.Kind, record.Sum(fmt.Append(nil, i)), 0)
		p.ids = append(p.ids, id)
		p.add(record.EntryIngestion, record.Ingestion{Record: id, Kind: f.Kind, Vault: "main", First: record.MessageNo(i + 1), Messages: []record.Message{{Sent: f.Sent}},
			TextStatus: record.TextStatus(p.pick("ok", "partial")), Holding: h, Facts: f, Item: record.Item{Source: h.Source, Key: string(id)}})
		some := []record.ID{p.ids[p.r.IntN(len(p.ids))]}
		switch p.r.IntN(8) {
		case 0, 1:
			h, f := p.holding()
			p.add(record.EntrySighting, record.Sighting{Item: record.Item{Source: h.Source, Key: fmt.Sprint(i)}, Outcome: record.AlreadyArchived, Record: some[0], Holding: &h, Facts: &f})
		case 2:
			p.add(record.EntryClassification, record.Classified{Records: some, Class: p.pick(append(classes, "GONE-9")...), Reason: "r"})
		case 3:
			p.add(record.EntryReview, record.Reviewed{Records: []record.ReviewedRecord{{Record: some[0], Classes: classes}}, Outcome: p.pick("keep", "destroy", "transfer"), Until: record.DateOf(p.now.AddDate(3, 0, 0), time.UTC), Reason: "r"})
		}
	}
	p.add(record.EntryEvent, record.Event{Event: "tenure_end", About: "custodian:minister", Date: record.DateOf(p.now.AddDate(-9, 0, 0), time.UTC), Reason: "r"})
	p.add(record.EntryHold, record.HoldPlaced{Hold: "h-class", Scope: record.Scope{Custodians: []string{"coo"}, Classes: classes[:2]}})
	p.add(record.EntryHold, record.HoldPlaced{Hold: "h-query", Scope: record.Scope{Custodians: []string{"desk"}, Query: "flood"}})
	p.add(record.EntryCaught, record.HoldCaught{Hold: "h-query", Messages: []record.MessageNo{3, 5, 8, 13}})
	p.add(record.EntryHold, record.HoldPlaced{Hold: "h-ids", Scope: record.Scope{Records: p.ids[:3]}})
}

// standings are how many records of a class stand how.
type standings struct{ Records, OnHold, Unknown, Overdue int64 }

// slowly counts with reasons, from the rows.
func slowly(t *testing.T, c *catalog.Catalog, s *retention.Schedule, now time.Time) (map[string]standings, map[string]int64) {
	rows, err := c.Holds(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	unindexed, err := c.Unindexed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var holds []retention.Hold
	for _, h := range rows {
		holds = append(holds, retention.Hold(h.HoldPlaced))
	}
	byRecord := make(map[record.ID][]retention.Decision)
	err = c.EachHolding(t.Context(), func(g catalog.Governed) error {
		x := retention.Candidate{Record: g.Record, Facts: g.Facts, Was: append(slices.Clone(g.Was), g.Class), Unsearchable: !g.TextStatus.Searchable() || unindexed.Contains(uint64(g.First)),
			Caught: func(hold string) bool {
				b, err := c.Caught(t.Context(), hold)
				return err == nil && b.Contains(uint64(g.First))
			}}
		if g.Manual {
			x.Manual = retention.Manual{Class: g.Class, Reason: g.Reason}
		}
		if r := g.Review; r != nil {
			x.Review = &retention.Reviewed{Outcome: retention.ReviewOutcome(r.Outcome), On: record.DateOf(r.At, time.UTC), Until: r.Until, Classes: r.Classes, Count: g.Reviews}
		}
		byRecord[g.Record] = append(byRecord[g.Record], s.DecideCandidate(&x, holds, now))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	classes, onHold := make(map[string]standings), make(map[string]int64)
	for _, all := range byRecord {
		o := retention.Combine(all...)
		n := classes[all[o.Decisive].Class]
		n.Records++
		switch {
		case o.OnHold:
			n.OnHold++
		case o.State == retention.UnknownTrigger:
			n.Unknown++
		case o.State == retention.Due:
			n.Overdue++
		}
		classes[all[o.Decisive].Class] = n
		names := make(map[string]bool)
		for _, d := range all {
			for _, h := range d.Holds {
				names[h] = true
			}
		}
		for h := range names {
			onHold[h]++
		}
	}
	return classes, onHold
}

// TestCensusCountsWhatTheReasonsSay counts an archive in which everything has
// happened both ways, with part of it in blocks and part of it not.
func TestCensusCountsWhatTheReasonsSay(t *testing.T) {
	s, err := retention.Load(configs.ExampleSchedule())
	if err != nil {
		t.Fatal(err)
	}
	var classes []string
	for _, c := range s.Classes {
		classes = append(classes, c.ID)
	}
	p := &past{t: t, r: rand.New(rand.NewPCG(1, 2)), now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	p.live(500, classes)
	c, err := catalog.Open(t.Context(), filepath.Join(t.TempDir(), "c"), [32]byte{}, "a")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Apply(t.Context(), p.entries); err != nil {
		t.Fatal(err)
	}
	for _, now := range []time.Time{p.now, p.now.AddDate(-12, 0, 0), p.now.AddDate(15, 3, 0)} {
		want, wantHolds := slowly(t, c, s, now)
		r, err := daemon.Census{Catalog: c, Schedule: s}.Count(t.Context(), report.Head{AsOf: now, Zone: "Europe/London"})
		if err != nil {
			t.Fatal(err)
		}
		got, holds := make(map[string]standings), make(map[string]int64)
		for _, l := range r.Classes {
			got[l.Class] = standings{l.Records, l.OnHold, l.Unknown, l.Overdue}
		}
		for _, h := range r.Holds {
			holds[h.Hold] = h.Records
		}
		if d := cmp.Diff(want, got) + cmp.Diff(wantHolds, holds); d != "" {
			t.Errorf("at %s: (-with reasons +census)\n%s", now.Format(time.DateOnly), d)
		}
	}
}
