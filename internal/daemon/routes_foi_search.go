package daemon

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search"
	"github.com/closeroll/closeroll/search/foi"
)

// postRequestSearch runs a search for a request and freezes it: the ids of all
// that it found are in the journal before anybody sees one.
func (d *Daemon) postRequestSearch(ctx context.Context, c api.Caller, req v1.SearchRequest) (v1.RequestRun, error) {
	q, err := d.parseFor(ctx, c, req.Query)
	if err != nil {
		return v1.RequestRun{}, err
	}
	d.requests.Lock()
	defer d.requests.Unlock()
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return v1.RequestRun{}, err
	}
	withheld, err := d.withheld(ctx, c)
	if err != nil {
		return v1.RequestRun{}, err
	}
	a, err := d.engine.Search(ctx, q, search.Options{Withheld: withheld})
	if err != nil {
		return v1.RequestRun{}, err
	}
	frozen, err := d.freeze(ctx, r, a)
	if err != nil {
		return v1.RequestRun{}, err
	}
	frozen.Note = req.Note
	if r, err = d.amend(ctx, c, req.Changing, record.EntryRequestSearch, frozen); err != nil {
		return v1.RequestRun{}, err
	}
	set, err := d.requestSet(ctx, c, r, 0)
	if err != nil {
		return v1.RequestRun{}, err
	}
	out := v1.Frozen(r.Frozen[len(r.Frozen)-1])
	out.Explanation, out.Notices, out.Set = a.Explanation, a.Notices, &set.Summary
	return out, nil
}

// freeze makes of an answer what is journalled about it.
func (d *Daemon) freeze(ctx context.Context, r *foi.Request, a *search.Answer) (record.RequestSearched, error) {
	cutoff := r.Cutoff(d.zone)
	head := d.journal.Checkpoint()
	f := record.RequestSearched{Request: r.Ref, Run: r.Runs + 1, Query: a.Query, Parsed: a.Parsed, Language: "closeroll " + d.env.Version,
		Index: a.Index, Position: head.Size, Root: hex.EncodeToString(head.Root[:]), Coverage: a.Coverage.String(), Cutoff: cutoff.Format(time.RFC3339),
		Schedule: d.governor.schedule().Version, Total: a.Total, Withheld: a.Withheld, WithheldOpen: a.WithheldOpen, Quarantine: a.InQuarantine, Messages: numbersOf(a.Hits), Undated: numbersOf(a.ToBeDated),
		Unsearchable: numbersOf(roaring64.Or(a.Unsearched, a.Unindexed))}
	ids := make([]string, 0, a.Total)
	err := d.catalog.Walk(ctx, a.Hits, func(w catalog.Walked) error {
		ids = append(ids, w.ID.String())
		switch {
		case !w.Sent.IsZero() && !w.Suspect && !w.Sent.Before(cutoff):
			f.AfterCutoff++
		case !w.Captured.Before(cutoff):
			f.Captured++
		}
		return nil
	})
	if err != nil {
		return f, err
	}
	f.Digest = foi.Digest(ids)
	f.Sources, err = d.places(ctx)
	return f, err
}

func numbersOf(set *roaring64.Bitmap) record.Numbers {
	n := make(record.Numbers, 0, set.GetCardinality())
	for it := set.Iterator(); it.HasNext(); {
		n = append(n, record.MessageNo(it.Next()))
	}
	return n
}

func bitmapOf(n record.Numbers) *roaring64.Bitmap {
	set := roaring64.New()
	for _, no := range n {
		set.Add(uint64(no))
	}
	return set
}

// places says what there is to search, and how far each source was read.
func (d *Daemon) places(ctx context.Context) ([]record.Place, error) {
	var all []record.Place
	for _, s := range d.sources {
		counts, err := d.catalog.Counts(ctx, s.Name)
		if err != nil {
			return nil, err
		}
		p := record.Place{Source: s.Name, Custodian: s.Custodian, Seen: counts.Seen, Failed: counts.FailedTotal()}
		s.mu.Lock()
		if !s.lastSuccess.IsZero() {
			p.Read = s.lastSuccess.UTC().Format(time.RFC3339)
		}
		s.mu.Unlock()
		all = append(all, p)
	}
	return all, nil
}

type setOf struct {
	Ref    string `path:"ref" json:"-"`
	Around int    `json:"around"` // 0: as configured; -1: none
}

// getRequestSet streams a request's set, its summary first.
func (d *Daemon) getRequestSet(ctx context.Context, c api.Caller, req setOf, reply *api.Reply) error {
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return err
	}
	set, err := d.requestSet(ctx, c, r, req.Around)
	if err != nil {
		return err
	}
	if err := d.disclosed(ctx, r, set); err != nil {
		return err
	}
	if err := reply.Line(v1.SetLine{Summary: &set.Summary}); err != nil {
		return err
	}
	for i := range set.Items {
		if err := reply.Line(v1.SetLine{Item: &set.Items[i]}); err != nil {
			return err
		}
	}
	return nil
}

// maxAround bounds the context that is shown around a chat message.
const maxAround = 50

// requestSet makes the set of a request: what its searches found, and so many
// messages around those of chats (0: as configured; less: none). What the caller
// may not read is only counted.
func (d *Daemon) requestSet(ctx context.Context, c api.Caller, r *foi.Request, around int) (*foi.Set, error) {
	if around == 0 {
		around = d.cfg.Requests.Context
	}
	around = min(max(around, 0), maxAround)
	g := gathering{Daemon: d, holders: make(map[record.ID][]foi.Holder), near: roaring64.New(), around: around}
	all := roaring64.New()
	within, err := d.foundWithin(ctx, r)
	if err != nil {
		return nil, err
	}
	for _, run := range r.Frozen {
		set := roaring64.Or(bitmapOf(run.Messages), bitmapOf(run.Undated))
		set.Or(roaring64.And(within, bitmapOf(run.Unsearchable)))
		g.runs = append(g.runs, set)
		all.Or(set)
	}
	if g.partly, err = d.catalog.Unsearchable(ctx); err != nil {
		return nil, err
	}
	if g.withheld, err = d.withheld(ctx, c); err != nil {
		return nil, err
	}
	if err := d.catalog.Walk(ctx, all, func(w catalog.Walked) error { return g.add(ctx, w) }); err != nil {
		return nil, err
	}
	g.near.AndNot(all)
	if err := d.catalog.Walk(ctx, g.near, func(w catalog.Walked) error { return g.add(ctx, w) }); err != nil {
		return nil, err
	}
	set := foi.MakeSet(r, g.found, around, r.Cutoff(d.zone))
	set.Withheld = int(all.AndCardinality(g.withheld))
	return set, nil
}

// A gathering collects the messages of a set.
type gathering struct {
	*Daemon
	runs     []*roaring64.Bitmap
	withheld *roaring64.Bitmap // from the caller
	partly   *roaring64.Bitmap
	near     *roaring64.Bitmap // around what was found in chats
	around   int
	holders  map[record.ID][]foi.Holder
	found    []foi.Found
}

func (g *gathering) add(ctx context.Context, w catalog.Walked) error {
	if g.withheld.Contains(uint64(w.No)) {
		return nil
	}
	f := foi.Found{No: w.No, ID: w.ID, Kind: w.Kind, Sent: w.Sent, Suspect: w.Suspect, Sender: w.Sender, Display: w.Display, Vault: w.Vault,
		Captured: w.Captured, Copy: string(w.Copy), Thread: w.Thread, ChatID: w.ChatID, Chat: w.Chat, Disposed: w.Disposed,
		Partly: g.partly.Contains(uint64(w.No))}
	for i, run := range g.runs {
		if run.Contains(uint64(w.No)) {
			f.Runs = append(f.Runs, i+1)
		}
	}
	if w.Kind == record.ChatDay && len(f.Runs) > 0 && g.around > 0 {
		first, last := uint64(w.First), uint64(w.First)+uint64(w.Count)-1
		from := max(first, uint64(w.No)-min(uint64(w.No), uint64(g.around)))
		g.near.AddRange(from, min(last, uint64(w.No)+uint64(g.around))+1)
	}
	holders, ok := g.holders[w.ID.Record]
	if !ok {
		held, err := g.catalog.Possessions(ctx, w.ID.Record)
		if err != nil {
			return err
		}
		for _, h := range held {
			holders = append(holders, foi.Holder{Custodian: h.Custodian, Source: h.Source, Folder: h.Folder})
		}
		g.holders[w.ID.Record] = holders
	}
	f.Holders = holders
	g.found = append(g.found, f)
	return nil
}

// disclosed marks the items that another request released, whole or in part: one
// that was answered or produced.
// It helps a person to be consistent and decides nothing.
func (d *Daemon) disclosed(ctx context.Context, r *foi.Request, set *foi.Set) error {
	all, err := d.register(ctx)
	if err != nil {
		return err
	}
	released := make(map[string][]string)
	for _, light := range all {
		if light.Ref == r.Ref || light.Closing == nil && len(light.Productions) == 0 {
			continue
		}
		other, _, err := d.request(ctx, light.Ref)
		if err != nil {
			return err
		}
		for item, ruling := range other.Rule() {
			if ruling.Decision == "release" || ruling.Decision == "part" {
				released[item] = append(released[item], other.Ref)
			}
		}
	}
	if len(released) == 0 {
		return nil
	}
	return d.markReleased(ctx, set, released)
}

func (d *Daemon) markReleased(ctx context.Context, set *foi.Set, released map[string][]string) error {
	for i := range set.Items {
		it := &set.Items[i]
		ids := it.IDs()
		if group := it.CopyGroup(); group != "" {
			copies, err := d.catalog.Copies(ctx, []byte(group))
			if err != nil {
				return err
			}
			if err := d.catalog.Walk(ctx, copies, func(w catalog.Walked) error { ids = append(ids, w.ID.String()); return nil }); err != nil {
				return err
			}
		}
		it.Disclosed(ids, released)
	}
	return nil
}
