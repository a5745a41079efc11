package catalog_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
)

// A sent message of the model: of which copy group, when, and who has it.
type sentMessage struct {
	group     byte
	at        time.Time // zero: undated
	custodian string
	event     bool
}

func (l *log) copies(n int, messages ...sentMessage) {
	in := record.Ingestion{Record: id(n), Kind: record.Email, First: l.no + 1, Item: record.Item{Source: "s", Key: fmt.Sprint(n)},
		Holding: record.Holding{Source: "s", Custodian: messages[0].custodian, Channel: record.Corporate, Since: start.Add(time.Duration(n) * time.Hour)}}
	for _, m := range messages {
		out := record.Message{Sent: m.at, Copy: []byte{m.group}}
		if m.event {
			out.Flags = []record.Flag{record.FlagEvent}
		}
		in.Messages = append(in.Messages, out)
	}
	l.add(record.EntryIngestion, in)
	l.no += record.MessageNo(len(messages))
}

// TestGroupsAndTransfersModel holds copy groups and transfers to their
// definitions over random archives.
func TestGroupsAndTransfersModel(t *testing.T) {
	dir := t.TempDir()
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		l := &log{t: t}
		var all []sentMessage
		for n := range rapid.IntRange(1, 12).Draw(rt, "records") {
			custodian := rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "custodian")
			var of []sentMessage
			for range rapid.IntRange(1, 4).Draw(rt, "messages") {
				m := sentMessage{group: byte(rapid.IntRange(1, 8).Draw(rt, "group")), custodian: custodian, event: rapid.IntRange(0, 5).Draw(rt, "event") == 0}
				if rapid.IntRange(0, 5).Draw(rt, "undated") > 0 {
					m.at = start.Add(-time.Duration(rapid.IntRange(0, 5).Draw(rt, "days")) * 24 * time.Hour)
				}
				of = append(of, m)
			}
			l.copies(n+1, of...)
			all = append(all, of...)
		}
		run++
		c := open(t, filepath.Join(dir, fmt.Sprint(run)))
		defer c.Close()
		half := rapid.IntRange(0, len(l.entries)).Draw(rt, "half")
		apply(t, c, l.entries[:half])
		if err := c.Warm(t.Context()); err != nil { // what is known must grow with the archive
			rt.Fatal(err)
		}
		apply(t, c, l.entries)
		set := roaring64.New()
		groups := map[byte]bool{}
		for _, no := range rapid.SliceOfDistinct(rapid.IntRange(1, len(all)), rapid.ID[int]).Draw(rt, "set") {
			set.Add(uint64(no))
			groups[all[no-1].group] = true
		}
		reps, err := c.Group(t.Context(), set)
		if err != nil || int(reps.GetCardinality()) != len(groups) {
			rt.Fatalf("%d groups, want %d: %v", reps.GetCardinality(), len(groups), err)
		}
		listed := map[byte]bool{}
		for it := set.Iterator(); it.HasNext(); { // the first captured of each group, and no other
			no := it.Next()
			group := all[no-1].group
			if reps.Contains(no) == listed[group] {
				rt.Fatalf("message %d of group %d stands for it: %t", no, group, !listed[group])
			}
			listed[group] = true
		}
		checkTransfers(rt, c, l, all)
	})
}

// checkTransfers compares the transfers with the model's: each message once a
// custodian, at its first capture, without events.
func checkTransfers(t *rapid.T, c *catalog.Catalog, l *log, all []sentMessage) {
	var got, want []string
	err := c.EachTransfer(l.t.Context(), time.Time{}, time.Time{}, func(x catalog.Transfer) {
		got = append(got, fmt.Sprint(x.Custodian, x.Sent.Unix(), x.Captured.Unix()))
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	no := 0
	for n, e := range l.entries {
		captured := start.Add(time.Duration(n+1) * time.Hour)
		for ; no < int(messagesIn(l.t, e)); no++ {
			m := all[no]
			if key := fmt.Sprint(m.custodian, m.group); !m.event && !seen[key] {
				seen[key] = true
				want = append(want, fmt.Sprint(m.custodian, m.at.Unix(), captured.Unix()))
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("transfers %v, want %v", got, want)
	}
}

func TestCopiesOfAMessage(t *testing.T) {
	l := &log{t: t}
	l.copies(1, sentMessage{group: 1, custodian: "a"}, sentMessage{group: 2, custodian: "a"})
	l.copies(2, sentMessage{group: 2, custodian: "b"})
	l.copies(3, sentMessage{group: 2, custodian: "b"}, sentMessage{group: 3, custodian: "b"})
	l.mail(4, "a", "INBOX", start, nil) // neither has a copy digest
	l.mail(5, "a", "INBOX", start, nil)
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	apply(t, c, l.entries)
	for _, q := range []struct {
		prefix string
		n      int
		want   []uint64
	}{{string(id(2)), 0, []uint64{2, 3, 4}}, {string(id(4)), 0, []uint64{6}}, {string(id(1)), 1, []uint64{1}}, {string(id(1)), 0, []uint64{1, 2, 3, 4}}, {string(id(3)), 2, []uint64{5}},
		{string(id(3)), 7, nil}, {"zzzz", 0, nil}, {"!", 1, nil}} {
		got, err := c.CopiesOf(t.Context(), q.prefix, q.n)
		if err != nil || !slices.Equal(got.ToArray(), append([]uint64{}, q.want...)) {
			t.Errorf("%.4s/%d: %v, %v", q.prefix, q.n, got.ToArray(), err)
		}
	}
	groups, err := c.Group(t.Context(), roaring64.BitmapOf(2, 3, 6, 7))
	if err != nil || !slices.Equal(groups.ToArray(), []uint64{2, 6, 7}) {
		t.Errorf("one of each group is %v, %v: messages without a digest are no copies of one another", groups.ToArray(), err)
	}
}

func TestTransfersWithinAPeriod(t *testing.T) {
	l := &log{t: t}
	l.copies(1, sentMessage{group: 1, custodian: "a", at: start})
	l.copies(2, sentMessage{group: 1, custodian: "a", at: start}, sentMessage{group: 2, custodian: "a", at: start})
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	apply(t, c, l.entries)
	n := 0
	err := c.EachTransfer(t.Context(), start.Add(2*time.Hour), start.Add(3*time.Hour), func(catalog.Transfer) { n++ })
	if err != nil || n != 1 { // the first message's copy was captured then, but not for the first time
		t.Errorf("%d transfers, %v", n, err)
	}
}

// BenchmarkTransfers is how long the transfer lag's facts of 50,000 e-mails
// take to read.
func BenchmarkTransfers(b *testing.B) {
	c, err := catalog.Open(b.Context(), filepath.Join(b.TempDir(), "catalog.db"), [32]byte{1}, "a")
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	const messages, batch = 50_000, 2000
	for first := 0; first < messages; first += batch {
		var entries []catalog.Entry
		for i := first; i < first+batch; i++ {
			at := start.Add(time.Duration(i) * time.Minute)
			entries = append(entries, ingestionEntry(b, i, record.Ingestion{Record: id(i), Kind: record.Email, First: record.MessageNo(i + 1),
				Messages: []record.Message{{Sent: at, Copy: fmt.Append(nil, i)}}, Holding: record.Holding{Source: "s", Custodian: "a", Channel: record.Corporate, Since: at.Add(time.Hour)}}))
		}
		if err := c.Apply(b.Context(), entries); err != nil {
			b.Fatal(err)
		}
	}
	if err := c.Warm(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for b.Loop() {
		n := 0
		if err := c.EachTransfer(b.Context(), time.Time{}, time.Time{}, func(catalog.Transfer) { n++ }); err != nil || n != messages {
			b.Fatal(n, err)
		}
	}
}
