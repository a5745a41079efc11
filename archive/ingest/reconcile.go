package ingest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
)

// ErrNotReconcilable is returned for a source that has no list of its own to
// compare with: a drop folder is empty when everything is archived.
var ErrNotReconcilable = errors.New("this source keeps no list to compare with")

// NoticeReconciled is the kind of notice that a reconciliation gives where the
// source and the catalog disagree.
const NoticeReconciled = "reconciliation"

// NewLedger returns what the catalog knows of one source's items.
func NewLedger(c *catalog.Catalog, source string) connectors.Ledger { return ledger{c, source} }

type ledger struct {
	catalog *catalog.Catalog
	source  string
}

// Item implements [connectors.Ledger].
func (l ledger) Item(ctx context.Context, key string) (connectors.Accounted, bool, error) {
	a, err := l.catalog.AccountedItem(ctx, record.Item{Source: l.source, Key: key})
	if errors.Is(err, catalog.ErrNotFound) {
		return connectors.Accounted{}, false, nil
	}
	return connectors.Accounted(a), err == nil, err
}

// Accounted implements [connectors.Ledger].
func (l ledger) Accounted(ctx context.Context, prefix string) iter.Seq2[connectors.Accounted, error] {
	return func(yield func(connectors.Accounted, error) bool) {
		for a, err := range l.catalog.AccountedItems(ctx, l.source, prefix) {
			if !yield(connectors.Accounted(a), err) {
				return
			}
		}
	}
}

// Reconcile sets a source's own list against the catalog, reading samples
// messages again (all if negative), and journals what that has shown. What was
// missing or differs is owed from then on: the next Run takes it. It must not
// be called while a Run of the source is under way.
func (p *Pipeline) Reconcile(ctx context.Context, src Source, samples int) (record.Reconciliation, error) {
	r, ok := src.Connector.(connectors.Reconciler)
	if !ok {
		return record.Reconciliation{}, wrapSource(src, ErrNotReconcilable)
	}
	before, _, err := p.Archive.Catalog.Cursor(ctx, src.Name)
	if err != nil {
		return record.Reconciliation{}, err
	}
	found, after, err := r.Reconcile(ctx, connectors.Cursor(before), samples)
	if err != nil {
		return found, wrapSource(src, err)
	}
	found.Source = src.Name
	entries := []journal.Entry{}
	add := func(kind string, body any) error {
		e, err := journal.NewEntry(kind, actor, body)
		entries = append(entries, e)
		return err
	}
	err = add(record.EntryReconciliation, found)
	if !found.Clean() {
		err = errors.Join(err, add(record.EntryNotice, record.Notice{Source: src.Name, Kind: NoticeReconciled, Text: disagreement(found), At: p.now()}))
	}
	if string(after) != before {
		err = errors.Join(err, add(record.EntryCursor, record.CursorMoved{Source: src.Name, Cursor: string(after)}))
	}
	if err != nil {
		return found, err
	}
	return found, p.Archive.Journal(context.WithoutCancel(ctx), entries...)
}

// disagreement says in one sentence what a reconciliation has found.
func disagreement(r record.Reconciliation) string {
	var parts []string
	if r.Missing > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d messages at the source were never accounted for, and are fetched now", r.Missing, r.Listed))
	}
	if r.Differs > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d that were compared have other octets than were captured, and are captured as they are now", r.Differs, r.Checked))
	}
	if len(r.Refused) > 0 {
		parts = append(parts, fmt.Sprintf("%d folders could not be opened", len(r.Refused)))
	}
	return strings.Join(parts, "; ")
}
