package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search"
)

// maxPage is how many hits one answer lists. Totals have no such limit, and
// the next page is one call away.
const maxPage = 1000

// maxUndecided is how many undecided messages an answer lists of each sort.
// Their numbers are exact, and --unsearchable pages through all.
const maxUndecided = 100

func (d *Daemon) parse(query string) (*search.Query, error) {
	return search.Parser{Zone: d.zone, Now: d.now()}.Parse(query)
}

// postSearch answers a query, after it has journalled who asked what and how
// much was found: no journal, no answer.
func (d *Daemon) postSearch(ctx context.Context, c api.Caller, req v1.Search) (v1.Answer, error) {
	q, err := d.parseFor(ctx, c, req.Query)
	if err != nil {
		return v1.Answer{}, err
	}
	withheld, err := d.withheld(ctx, c)
	if err != nil {
		return v1.Answer{}, err
	}
	order, err := search.ParseOrder(req.Sort)
	if err == nil {
		err = search.CheckFacets(req.Facets)
	}
	if err != nil {
		return v1.Answer{}, &api.Error{Code: api.CodeUsage, Message: err.Error()}
	}
	a, err := d.engine.Search(ctx, q, search.Options{Withheld: withheld})
	if err != nil {
		return v1.Answer{}, err
	}
	entry := record.Search{Query: req.Query, Parsed: a.Parsed, For: req.For, Total: a.Total, Coverage: a.Coverage.String()}
	if err := d.archive.JournalOne(ctx, record.EntrySearch, c.ID, entry); err != nil {
		return v1.Answer{}, err
	}
	out := v1.Answer{Answer: *a, Offset: req.Offset}
	if out.Elsewhere, err = d.elsewhere(ctx, a.Hidden); err != nil {
		return out, err
	}
	if out.Destroyed, err = d.destroyed(ctx, q.Root); err != nil {
		return out, err
	}
	if req.Unsearchable {
		undecided := roaring64.FastOr(a.Unsearched, a.Unindexed, a.ToBeDated)
		out.Unsearchable, err = d.hits(ctx, undecided, req.Offset, min(max(req.Limit, 1), maxPage))
		return out, err
	}
	if err := d.divide(ctx, q, req, search.Options{Withheld: withheld}, &out, a.Hits); err != nil {
		return out, err
	}
	if out.Hits, err = d.page(ctx, q, req, order, a); err != nil {
		return out, err
	}
	if out.Hits, err = d.gather(ctx, a, req, out.Hits); err != nil {
		return out, err
	}
	if out.Undated, err = d.hits(ctx, a.ToBeDated, 0, maxUndecided); err != nil {
		return out, err
	}
	out.Unsearchable, err = d.hits(ctx, roaring64.Or(a.Unsearched, a.Unindexed), 0, maxUndecided)
	return out, err
}

// divide says of the hits as a whole what was asked for.
func (d *Daemon) divide(ctx context.Context, q *search.Query, req v1.Search, o search.Options, out *v1.Answer, hits *roaring64.Bitmap) (err error) {
	if out.Facets, err = d.engine.Divide(ctx, hits, req.Facets); err != nil || !req.Terms {
		return err
	}
	out.Terms, err = d.engine.Terms(ctx, q, o)
	return err
}

// page lists the hits that a page has, in the order that was asked for.
func (d *Daemon) page(ctx context.Context, q *search.Query, req v1.Search, order search.Order, a *search.Answer) ([]v1.Hit, error) {
	listed := a.Hits
	if req.Grouped {
		listed = a.Groups
	}
	sets, err := d.engine.Sort(ctx, q, listed, order)
	if err != nil {
		return nil, err
	}
	hits, err := d.sorted(ctx, sets, order == search.Oldest, req.Offset, min(max(req.Limit, 1), maxPage))
	if err == nil && req.Grouped {
		err = d.addCopies(ctx, a, hits)
	}
	return hits, err
}

// hits lists messages of a set, the newest first.
func (d *Daemon) hits(ctx context.Context, set *roaring64.Bitmap, offset, limit int) ([]v1.Hit, error) {
	return d.sorted(ctx, []*roaring64.Bitmap{set}, false, offset, limit)
}

// sorted lists messages of sets that follow one another, with what is decided
// about their records.
func (d *Daemon) sorted(ctx context.Context, sets []*roaring64.Bitmap, oldest bool, offset, limit int) ([]v1.Hit, error) {
	rows, err := d.catalog.PageOf(ctx, sets, oldest, offset, limit)
	if err != nil {
		return nil, err
	}
	hits := make([]v1.Hit, len(rows))
	decided := map[record.ID]v1.Explanation{}
	for i, m := range rows {
		x, ok := decided[m.ID.Record]
		if !ok {
			row, err := d.catalog.Record(ctx, m.ID.Record)
			if err != nil {
				return nil, err
			}
			if x, err = d.governor.Explain(ctx, row); err != nil {
				return nil, err
			}
			decided[m.ID.Record] = x
		}
		hits[i] = hit(m, x)
	}
	return hits, nil
}

// maxCopies is how many copies of one message an answer lists. The totals count
// all of them, and copygroup: finds them.
const maxCopies = 100

// addCopies adds to each hit of a grouped answer its copies among the hits.
func (d *Daemon) addCopies(ctx context.Context, a *search.Answer, hits []v1.Hit) error {
	for i := range hits {
		h := &hits[i]
		all, err := d.catalog.CopiesOf(ctx, string(h.ID), h.N)
		if err != nil {
			return err
		}
		if all.And(a.Hits); all.GetCardinality() < 2 {
			continue
		}
		copies, err := d.hits(ctx, all, 0, maxCopies)
		if err != nil {
			return err
		}
		for _, c := range copies {
			if c.MessageID() != h.MessageID() {
				h.Copies = append(h.Copies, v1.Copy{Place: v1.Place{Record: c.ID, N: c.N}, Sent: c.Sent, Vault: c.Vault, Custodians: c.Custodians, Display: c.Display})
			}
		}
	}
	return nil
}

func hit(m catalog.MessageRow, x v1.Explanation) v1.Hit {
	h := v1.Hit{ID: m.ID.Record, N: m.ID.N, Kind: m.Kind, Sent: m.Sent, Suspect: m.Suspect, Sender: m.Sender, Display: m.Display, Chat: m.Chat,
		Vault: m.Vault, Due: x.Outcome.Due, Action: x.Outcome.Action, OnHold: x.Outcome.OnHold}
	for _, holding := range x.Holdings {
		h.Custodians = append(h.Custodians, holding.Holding.Custodian)
	}
	return h
}

// getSealed streams a record's sealed object, after the read is journalled.
// The digest that the reader must compare it with is the journal's.
func (d *Daemon) getSealed(ctx context.Context, c api.Caller, req byRecord, reply *api.Reply) error {
	row, err := d.find(ctx, c, req.ID)
	if err != nil {
		return err
	}
	r, err := d.archive.Sealed(ctx, c.ID, row, req.For)
	if err != nil {
		return err
	}
	defer r.Close()
	reply.Header(v1.SealedDigest, row.Sealed.String())
	reply.Header(v1.SealedEpoch, row.Epoch)
	reply.Header(v1.SealedRecord, string(row.ID))
	_, err = io.Copy(reply.Octets(row.SealedSize), r)
	return err
}

// postSealed streams the sealed objects of several records, one after another,
// after all the reads are journalled: each is announced by a line that says what
// it is to be.
func (d *Daemon) postSealed(ctx context.Context, c api.Caller, req v1.ReadTogether, reply *api.Reply) error {
	if n := len(req.Records); n == 0 || n > v1.MostTogether {
		return &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("one call reads from 1 to %d records", v1.MostTogether)}
	}
	rows := make([]catalog.Row, len(req.Records))
	for i, id := range req.Records {
		var err error
		if rows[i], err = d.find(ctx, c, string(id)); err != nil {
			return err
		}
	}
	w, n := reply.Octets(-1), 0
	for r, err := range d.archive.SealedTogether(ctx, c.ID, rows, req.For) {
		if err != nil {
			return err
		}
		row := rows[n]
		n++
		head, err := json.Marshal(v1.SealedHead{Record: row.ID, Epoch: row.Epoch, Digest: row.Sealed, Size: row.SealedSize})
		if err == nil {
			_, err = w.Write(append(head, '\n'))
		}
		if err == nil {
			_, err = io.Copy(w, r)
		}
		if err = errors.Join(err, r.Close()); err != nil {
			return err
		}
	}
	return nil
}

type byEpoch struct {
	Epoch string `path:"epoch" json:"-"`
}

// getVault gives a reader the vault's identity, which is sealed to each of
// them: whoever is none of them can open none of these.
func (d *Daemon) getVault(ctx context.Context, _ api.Caller, req byEpoch) (v1.Vault, error) {
	keys, err := archive.VaultKeys(ctx, d.store, req.Epoch)
	if err == nil && len(keys) == 0 {
		err = archive.ErrNotFound
	}
	return v1.Vault{Epoch: req.Epoch, Readers: keys}, err
}

func (d *Daemon) getKeys(ctx context.Context, _ api.Caller, _ none) (v1.Keys, error) {
	list, err := archive.Keys(ctx, d.store)
	out := v1.Keys{Epoch: d.keyring.Epoch, Recipient: d.keyring.Vault.String(), Strength: string(d.keyring.Vault.Strength()), Journal: d.keyring.Key}
	for _, v := range d.archive.Vaults() {
		out.Vaults = append(out.Vaults, d.keptVault(v))
	}
	for _, w := range list {
		out.Holders = append(out.Holders, v1.KeyHolder{Key: w.Key, Holder: w.Holder})
	}
	return out, err
}

func parseRecipient(s string) (*seal.Recipient, error) {
	r, err := seal.ParseRecipient(s)
	if err != nil {
		return nil, &api.Error{Code: api.CodeUsage, Message: "the vault's recipient: " + err.Error()}
	}
	return r, nil
}
