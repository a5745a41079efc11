package daemon

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/search"
	"github.com/closeroll/closeroll/search/index"
)

// A holdCatcher runs live query holds. It implements ingest.Holds.
type holdCatcher struct{ *Daemon }

// Catch finds which of the newly indexed messages the query holds in force
// cover. It is asked before they are acknowledged to their source.
func (h *holdCatcher) Catch(ctx context.Context, numbers []record.MessageNo) ([]journal.Entry, error) {
	rows, err := h.catalog.Holds(ctx, false)
	if err != nil {
		return nil, err
	}
	fresh := roaring64.New()
	for _, no := range numbers {
		fresh.Add(uint64(no))
	}
	var entries []journal.Entry
	for _, row := range rows {
		if row.Scope.Query == "" {
			continue
		}
		found, err := h.found(ctx, row.HoldPlaced)
		if err != nil {
			return nil, err
		}
		found.And(fresh)
		if found.IsEmpty() {
			continue
		}
		e, err := caughtEntry(daemonActor, row.Hold, found)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// found returns what a hold's query finds now, with what it can neither find
// nor rule out: a hold fails closed.
func (d *Daemon) found(ctx context.Context, h record.HoldPlaced) (*roaring64.Bitmap, error) {
	q, err := d.parse(h.Scope.Query)
	if err != nil {
		return nil, err
	}
	a, err := d.engine.Search(ctx, q, search.Options{})
	if err != nil {
		return nil, err
	}
	return roaring64.FastOr(a.Hits, a.ToBeDated, a.Unsearched, a.Unindexed, a.Quarantine), nil
}

func caughtEntry(actor, hold string, found *roaring64.Bitmap) (journal.Entry, error) {
	caught := record.HoldCaught{Hold: hold}
	for it := found.Iterator(); it.HasNext(); {
		caught.Messages = append(caught.Messages, record.MessageNo(it.Next()))
	}
	return journal.NewEntry(record.EntryCaught, actor, caught)
}

// An indexer gives documents to the index. It implements ingest.Indexer.
type indexer struct{ ix *index.Index }

// Add implements ingest.Indexer.
func (i indexer) Add(ctx context.Context, docs []record.Document) error {
	return i.ix.Add(ctx, pointers(docs))
}

func pointers(docs []record.Document) []*record.Document {
	all := make([]*record.Document, len(docs))
	for n := range docs {
		all[n] = &docs[n]
	}
	return all
}

// Forbids finds a hold that covers what comes of a custodian from a source, or
// that may: of what is not captured yet neither date, class nor words are known.
func (h *holdCatcher) Forbids(ctx context.Context, custodian, source string) (string, error) {
	rows, err := h.catalog.Holds(ctx, false)
	if err != nil {
		return "", err
	}
	unknown := &retention.Candidate{Record: "not captured yet", Facts: record.Facts{Kind: record.ChatDay, Custodian: custodian, Source: source}}
	for _, row := range rows {
		if covers, _ := retention.Hold(row.HoldPlaced).Covers(unknown); covers {
			return row.Hold, nil
		}
	}
	return "", nil
}
