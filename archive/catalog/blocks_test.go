package catalog_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
)

// A life is the journal of an archive in which everything happens that changes
// what a holding's row says.
type life struct {
	*log
	random *rand.Rand
	kept   []catalog.Row           // as far as a disposal has to know them
	given  int                     // ids
	seen   []record.RetiredHolding // that came besides the first
}

func (l *life) pick(of ...string) string { return of[l.random.IntN(len(of))] }

func (l *life) time() time.Time {
	if l.random.IntN(6) == 0 {
		return time.Time{}
	}
	return start.Add(-time.Duration(l.random.Int64N(int64(20 * 365 * 24 * time.Hour)))).Truncate([]time.Duration{1, time.Second, time.Hour}[l.random.IntN(3)])
}

func (l *life) holding() (record.Holding, record.Facts) {
	h := record.Holding{Source: l.pick("office", "phone"), Custodian: l.pick("minister", "secretary", `o"brien`), Channel: record.Channel(l.pick("", "corporate", "nccc")),
		Folder: l.pick("", "INBOX", "Sent/ä"), Class: l.pick("ADM-01", "POL-02"), Rule: l.pick("r1", "default:unclassified"), Since: start.Add(time.Duration(l.random.Int64N(1e15)))}
	f := record.Facts{Kind: record.Kind(l.pick("email", "chat-day")), Source: h.Source, Custodian: l.pick(h.Custodian, "another"), Channel: h.Channel, Folder: h.Folder, Role: l.pick("", "minister"),
		Grade: l.pick("", "SCS2"), Mailbox: l.pick("", "a@b"), Significance: l.pick("", "logistical"), Subject: l.pick("", "orders", "Überfahrt \x00"), Chat: l.pick("", "Flood"),
		Sent: l.time(), Received: l.time(), Captured: h.Since, LastModified: l.time(), DateSuspect: l.random.IntN(4) == 0}
	for range l.random.IntN(3) {
		f.From, f.To = append(f.From, l.pick("x@y", "z@y")), append(f.To, l.pick("", "p@q"))
	}
	return h, f
}

func (l *life) capture() {
	h, f := l.holding()
	l.given++
	in := record.Ingestion{Record: id(l.given), Kind: f.Kind, Vault: "main", First: l.no + 1, Display: "d", TextStatus: record.TextStatus(l.pick("ok", "partial")), Holding: h, Facts: f,
		Item: record.Item{Source: h.Source, Key: fmt.Sprint(l.given)}}
	for range l.random.IntN(4) {
		in.Messages = append(in.Messages, record.Message{Sent: l.time(), Sender: "s", Suspect: l.random.IntN(5) == 0})
	}
	if l.random.IntN(2) == 0 {
		in.Thread = &record.ThreadRef{MessageID: fmt.Append(nil, "m", l.random.IntN(200)), References: [][]byte{fmt.Append(nil, "m", l.random.IntN(200))}}
	} else if in.Kind == record.ChatDay {
		in.Chat = &record.ChatRef{Chat: l.pick("c1", "c2"), Title: "Flood", Date: "2026-05-14"}
	}
	l.kept = append(l.kept, catalog.Row{ID: in.Record, Kind: in.Kind, Entry: int64(len(l.entries)), First: in.First, Count: len(in.Messages)})
	if in.Chat != nil {
		l.kept[len(l.kept)-1].Chat = in.Chat.Chat
	}
	l.add(record.EntryIngestion, in)
	l.no += record.MessageNo(len(in.Messages))
}

// some are records that are kept, or were.
func (l *life) some() (ids []record.ID) {
	for range 1 + l.random.IntN(3) {
		ids = append(ids, id(1+l.random.IntN(l.given)))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// happenings is how many kinds of things happen.
const happenings = 8

// happen is one thing that somebody says of what is there.
func (l *life) happen(t *testing.T, kind int) {
	at := l.random.IntN(len(l.kept))
	of := l.kept[at]
	switch kind {
	case 0:
		h, f := l.holding()
		l.seen = append(l.seen, record.RetiredHolding{Record: of.ID, Entry: int64(len(l.entries))})
		l.add(record.EntrySighting, record.Sighting{Item: record.Item{Source: h.Source, Key: fmt.Sprint("s", len(l.entries))}, Outcome: record.AlreadyArchived, Record: of.ID, Holding: &h, Facts: &f})
	case 1:
		l.add(record.EntryClassification, record.Classified{Records: l.some(), Class: l.pick("MIN-01", "POL-02"), Custodian: l.pick("", "minister"), Reason: l.pick("a", "b")})
	case 2:
		l.add(record.EntryClassification, record.Classified{Records: l.some(), Custodian: l.pick("", "minister"), Reason: "by rules"})
	case 3:
		l.add(record.EntryAssessment, record.Assessed{Records: l.some(), Significance: l.pick("significant", "logistical"), Reason: "r"})
	case 4:
		var of []record.ReviewedRecord
		for _, id := range l.some() {
			of = append(of, record.ReviewedRecord{Record: id, Classes: []string{"POL-02"}})
		}
		l.add(record.EntryReview, record.Reviewed{Records: of, Outcome: l.pick("keep", "destroy"), Until: date(t, "2040-01-01"), Reason: "r"})
	case 5:
		about := l.pick("custodian:minister", "record:"+string(of.ID), "folder:office/INBOX", "chat:c1", "thread:"+string(of.ID))
		l.add(record.EntryEvent, record.Event{Event: l.pick("tenure_end", record.EventClosed), About: record.About(about), Date: date(t, l.pick("2026-07-05", "2027-01-01")), Reason: "r"})
	case 6: // and no more than this, so that nothing else takes the block away
		l.add(record.EntryDisposal, record.Disposed{Batch: "D-1", Retired: l.seen[:1]})
		l.seen = l.seen[1:]
	case 7:
		l.add(record.EntryDisposal, record.Disposed{Batch: "D-2", Records: []record.Stub{{Record: of.ID, Kind: of.Kind, Vault: "main", Entry: of.Entry, Captured: start, First: of.First, Count: of.Count, Chat: of.Chat}}})
		l.kept = slices.Delete(l.kept, at, at+1)
	}
}

// TestBlocksSayWhatTheRowsSay lets happen, one by one, everything that changes
// what a walk gives, and walks both ways after each.
func TestBlocksSayWhatTheRowsSay(t *testing.T) {
	l := &life{log: &log{t: t}, random: rand.New(rand.NewPCG(1, 1))}
	c := open(t, filepath.Join(t.TempDir(), "c"))
	for len(l.entries) < 560 { // more than a block
		l.capture()
	}
	applied := 0
	all := catalog.Asks{Words: true, Activity: true, Storage: true}
	for n := range 2 * happenings {
		apply(t, c, l.entries[applied:])
		sameBothWays(t, c, []catalog.Asks{{}, all}[l.random.IntN(2)])
		if err := c.Pack(t.Context()); err != nil {
			t.Fatal(err)
		}
		applied = len(l.entries)
		l.happen(t, n%happenings)
	}
	// Made anew of the journal it is the same again.
	again := open(t, filepath.Join(t.TempDir(), "c"))
	apply(t, again, l.entries[:applied])
	if d := cmp.Diff(walked(t, c, all), walked(t, again, all)); d != "" {
		t.Error(d)
	}
}

func walked(t *testing.T, c *catalog.Catalog, asks catalog.Asks) (list []catalog.Governed) {
	t.Helper()
	b, err := c.Brief(t.Context(), asks)
	if err != nil {
		t.Fatal(err)
	}
	for part := range 2 {
		if err := b.Each(t.Context(), part, 2, func(_ int64, g *catalog.Governed) error {
			list = append(list, *g)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

func sameBothWays(t *testing.T, c *catalog.Catalog, asks catalog.Asks) {
	t.Helper()
	brief := walked(t, c, asks)
	var whole []catalog.Governed
	err := c.EachHolding(t.Context(), func(g catalog.Governed) error {
		whole = append(whole, briefly(g, asks))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !asks.Activity {
		for i := range brief {
			brief[i].Thread = 0 // told where something has happened to any
		}
	}
	if d := cmp.Diff(whole, brief); d != "" {
		t.Fatalf("%+v: (-rows +blocks)\n%s", asks, d)
	}
}

// briefly is a holding without what a brief walk leaves out.
func briefly(g catalog.Governed, asks catalog.Asks) catalog.Governed {
	g.Display, g.Aggregation = "", ""
	if !asks.Storage {
		g.Epoch, g.Captured, g.Lock = "", time.Time{}, catalog.Locked{}
	}
	if !asks.Words {
		g.Facts.From, g.Facts.To, g.Facts.Subject, g.Facts.Chat = nil, nil, "", ""
	}
	if !asks.Activity {
		g.Facts.LastActivity, g.Thread = time.Time{}, 0
	}
	return g
}

// TestVolumesCountAMessageOnceForACustodian: by whatever folders it came. A tally
// counts each record once for all.
func TestVolumesCountAMessageOnceForACustodian(t *testing.T) {
	l := sample(t)
	for _, folder := range []string{"a", "b"} {
		l.add(record.EntrySighting, record.Sighting{Item: record.Item{Source: "office", Key: folder}, Outcome: record.AlreadyArchived, Record: id(4),
			Holding: &record.Holding{Source: "office", Custodian: "secretary", Folder: folder, Since: start}, Facts: &record.Facts{}})
	}
	c := open(t, filepath.Join(t.TempDir(), "c"))
	apply(t, c, l.entries)
	if all, err := c.Tally(t.Context()); err != nil || all.Media != 1 || all.Records[record.Email] != 3 || all.Messages[record.ChatDay] != 2 {
		t.Errorf("%+v, %v", all, err)
	}
	got, err := c.Volumes(t.Context())
	want := []catalog.Volume{{Custodian: "minister", Messages: 4}, {Custodian: "secretary", Messages: 4}} // 1, 2 and the chat-day's two; 3, 1 and those two
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(d, err)
	}
}

func BenchmarkBrief(b *testing.B) {
	l := &life{log: &log{}, random: rand.New(rand.NewPCG(1, 1))}
	for range 4096 {
		l.capture()
	}
	c, err := catalog.Open(context.Background(), filepath.Join(b.TempDir(), "c"), [32]byte{}, "a")
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	if err := c.Apply(b.Context(), l.entries); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := c.EachBrief(b.Context(), catalog.Asks{}, func(int64, *catalog.Governed) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
