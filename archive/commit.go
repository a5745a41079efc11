package archive

import (
	"context"
	"errors"
	"time"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
)

// A Capture is a record about to be committed: sealed and stored already, and
// not yet in the journal.
type Capture struct {
	// Ingestion is complete but for First and Messages' numbers.
	record.Ingestion

	// What Commit decided.

	Outcome  record.Outcome // captured, already archived, or excluded (disposed of before)
	Indexed  bool           // its messages are in the index already
	Captured time.Time      // when the record was first captured, by its entry
	Position int64          // of that entry in the journal
}

// Commit journals captures and sightings, with whatever other entries belong
// to the same moment, and applies them to the catalog. It is the commit point:
// when it returns nil they are in the archive.
//
// A capture whose record is in the archive already becomes a sighting, with a
// new holding where its custodian, source, folder and aggregation had none.
// One whose record was disposed of becomes an excluded item that names the
// certificate. Commit sets each capture's Outcome, its place in the journal, and
// First to the number of its first message.
func (a *Archive) Commit(ctx context.Context, actor string, captures []*Capture, sightings []record.Sighting, more ...journal.Entry) error {
	if err := a.begin(ctx); err != nil {
		return err
	}
	defer a.end()
	b := batch{archive: a, actor: actor, next: record.MessageNo(a.Catalog.LastNo() + 1), fresh: make(map[record.ID]*freshRecord)}
	for _, c := range captures {
		if err := b.capture(ctx, c); err != nil {
			return err
		}
	}
	for _, s := range sightings {
		if err := b.add(record.EntrySighting, s, s.Record); err != nil {
			return err
		}
	}
	entries := append(b.entries, more...)
	if len(entries) == 0 {
		return nil
	}
	first, err := a.append(ctx, entries)
	for _, f := range b.fresh {
		for _, c := range f.captures {
			c.Captured, c.Position = entries[f.entry].Time, first+int64(f.entry)
		}
	}
	return err
}

// A batch is a Commit under construction.
type batch struct {
	archive *Archive
	actor   string
	next    record.MessageNo
	entries []journal.Entry
	fresh   map[record.ID]*freshRecord // captured earlier in this batch
}

// A freshRecord is a record captured earlier in the same batch.
type freshRecord struct {
	first    record.MessageNo
	holdings []record.Holding
	entry    int        // index of its ingestion in the batch
	captures []*Capture // of it, in this batch
}

func (b *batch) add(kind string, body any, subject record.ID) error {
	var subjects []string
	if subject != "" {
		subjects = []string{string(subject)}
	}
	e, err := b.archive.entry(kind, b.actor, body, subjects...)
	b.entries = append(b.entries, e)
	return err
}

func (b *batch) capture(ctx context.Context, c *Capture) error {
	if f := b.fresh[c.Record]; f != nil {
		c.First = f.first
		f.captures = append(f.captures, c)
		return b.again(c, "", f.holdings, func() { f.holdings = append(f.holdings, c.Holding) })
	}
	row, err := b.archive.Catalog.Record(ctx, c.Record)
	switch {
	case errors.Is(err, catalog.ErrNotFound):
		c.Outcome, c.First = record.CapturedNew, b.next
		b.next += record.MessageNo(len(c.Messages))
		b.fresh[c.Record] = &freshRecord{c.First, []record.Holding{c.Holding}, len(b.entries), []*Capture{c}}
		return b.add(record.EntryIngestion, c.Ingestion, c.Record)
	case err != nil:
		return err
	case row.Disposed != "":
		return b.stays(c, row.Disposed)
	}
	holdings, err := b.archive.Catalog.Holdings(ctx, c.Record)
	if err != nil {
		return err
	}
	known := make([]record.Holding, len(holdings))
	for i, h := range holdings {
		known[i] = h.Holding
	}
	by, err := b.ended(ctx, c, known)
	switch {
	case err != nil:
		return err
	case by != "":
		return b.stays(c, by)
	}
	c.First, c.Captured, c.Position = row.First, row.Captured, row.Entry
	if c.Indexed, err = b.archive.Catalog.IsIndexed(ctx, row.First, row.Count); err != nil {
		return err
	}
	// An export that comes again shows that its chat has nothing new, unless it
	// is its own e-mail that the source shows again.
	exported := ""
	if c.Kind == record.Export && (c.Covering == "" || c.Covering != row.Covering) {
		exported = c.Holding.Custodian
	}
	return b.again(c, exported, known, func() {})
}

// again turns the capture of a record that we have into a sighting; exported
// is the custodian whose export came again, if that says something.
func (b *batch) again(c *Capture, exported string, known []record.Holding, added func()) error {
	c.Outcome = record.AlreadyArchived
	s := record.Sighting{Item: c.Item, Outcome: c.Outcome, Record: c.Record, Exported: exported}
	isNew := true
	for _, h := range known {
		isNew = isNew && !h.SameAs(c.Holding)
	}
	if isNew {
		s.Holding, s.Facts = &c.Holding, &c.Facts
		added()
	}
	return b.add(record.EntrySighting, s, c.Record)
}
