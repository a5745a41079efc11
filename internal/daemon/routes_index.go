package daemon

import (
	"context"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/index"
)

// Rebuilding the index takes a reader: the words are in sealed records. The
// reader's side asks what is missing, opens those records, and posts their
// documents; captures go on meanwhile and are written to both generations.

// postBuild begins a new generation, or goes on with one that was begun.
func (d *Daemon) postBuild(ctx context.Context, _ api.Caller, _ none) (v1.Build, error) {
	d.rebuild.Lock()
	defer d.rebuild.Unlock()
	b := d.index.Building()
	if b == nil {
		var err error
		if b, err = d.index.Build(ctx); err != nil {
			return v1.Build{}, err
		}
	}
	return v1.Build{Generation: b.Name()}, nil
}

type missing struct {
	Building bool   `json:"building"` // of the generation being built; otherwise of the live one
	After    uint64 `json:"after"`    // message number
	Limit    int    `json:"limit"`
}

// lacking returns the live messages that a generation does not hold.
func (d *Daemon) lacking(ctx context.Context, building bool) (*roaring64.Bitmap, error) {
	if !building {
		return d.catalog.Missing(ctx)
	}
	b := d.index.Building()
	if b == nil {
		return nil, notBuilding()
	}
	held, err := b.Numbers()
	if err != nil {
		return nil, err
	}
	live, err := d.catalog.Live(ctx)
	if err != nil {
		return nil, err
	}
	quarantined, err := d.catalog.Quarantined(ctx)
	if err != nil {
		return nil, err
	}
	return roaring64.AndNot(live, roaring64.Or(held, quarantined)), nil
}

func notBuilding() error {
	return &api.Error{Code: api.CodeConflict, Message: "no generation of the index is being built", Hint: "run closeroll rebuild index"}
}

// getMissing lists records whose documents a generation lacks, in the order of
// their message numbers.
func (d *Daemon) getMissing(ctx context.Context, _ api.Caller, req missing) (v1.Missing, error) {
	lacking, err := d.lacking(ctx, req.Building)
	if err != nil {
		return v1.Missing{}, err
	}
	out := v1.Missing{Messages: int64(lacking.GetCardinality()), Records: []v1.MissingRecord{}}
	it := lacking.Iterator()
	it.AdvanceIfNeeded(req.After + 1)
	for it.HasNext() && len(out.Records) < min(max(req.Limit, 1), maxPage) {
		m, err := d.catalog.Message(ctx, record.MessageNo(it.Next()))
		if err != nil {
			return out, err
		}
		row, err := d.catalog.Record(ctx, m.ID.Record)
		if err != nil {
			return out, err
		}
		holdings, err := d.catalog.Holdings(ctx, row.ID)
		if err != nil {
			return out, err
		}
		r := v1.MissingRecord{ID: row.ID, First: row.First, Count: row.Count, Kind: row.Kind, Captured: row.Captured, Position: uint64(row.Entry),
			Vault: row.Vault, Epoch: row.Epoch}
		if len(holdings) > 0 {
			r.Facts = holdings[0].Facts
		}
		out.Records = append(out.Records, r)
		it.AdvanceIfNeeded(uint64(row.First) + uint64(row.Count))
	}
	return out, nil
}

// postDocuments takes in documents that a reader made. Their numbers must be
// of messages that the caller may read.
func (d *Daemon) postDocuments(ctx context.Context, c api.Caller, req v1.Documents) (none, error) {
	live, err := d.catalog.Live(ctx)
	if err != nil {
		return none{}, err
	}
	withheld, err := d.withheld(ctx, c)
	if err != nil {
		return none{}, err
	}
	quarantined, err := d.catalog.Quarantined(ctx)
	if err != nil {
		return none{}, err
	}
	numbers := make([]record.MessageNo, len(req.Documents))
	for i, doc := range req.Documents {
		if !live.Contains(uint64(doc.No)) {
			return none{}, &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("there is no message %d", doc.No)}
		}
		if withheld.Contains(uint64(doc.No)) {
			return none{}, &api.Error{Code: api.CodeDenied, Message: fmt.Sprintf("message %d is in a vault that you may not read", doc.No)}
		}
		if quarantined.Contains(uint64(doc.No)) {
			return none{}, &api.Error{Code: api.CodeDenied, Message: fmt.Sprintf("message %d is in quarantine", doc.No), Hint: "closeroll quarantine release makes it searchable"}
		}
		numbers[i] = doc.No
	}
	if req.Building {
		b := d.index.Building()
		if b == nil {
			return none{}, notBuilding()
		}
		return none{}, b.Add(ctx, pointers(req.Documents))
	}
	if err := (indexer{d.index}).Add(ctx, req.Documents); err != nil {
		return none{}, err
	}
	if err := d.catalog.MarkIndexed(ctx, numbers); err != nil {
		return none{}, err
	}
	caught, err := (&holdCatcher{d}).Catch(ctx, numbers)
	if err != nil || len(caught) == 0 {
		return none{}, err
	}
	return none{}, d.archive.Journal(ctx, caught...)
}

// postSwap makes the generation that was built the live one, if it covers
// every message.
func (d *Daemon) postSwap(ctx context.Context, _ api.Caller, _ none) (v1.Build, error) {
	d.rebuild.Lock()
	defer d.rebuild.Unlock()
	lacking, err := d.lacking(ctx, true)
	if err != nil {
		return v1.Build{}, err
	}
	if n := lacking.GetCardinality(); n > 0 {
		return v1.Build{}, &api.Error{Code: api.CodeIncomplete, Message: fmt.Sprintf("the new generation lacks %d messages", n),
			Hint: "run closeroll rebuild index again: it goes on where it was"}
	}
	b := d.index.Building()
	held, err := b.Numbers()
	if err != nil {
		return v1.Build{}, err
	}
	if err := b.Swap(); err != nil {
		return v1.Build{}, err
	}
	// It covers every message, so marks are only added: what is captured
	// meanwhile is marked by its own capture.
	numbers := make([]record.MessageNo, 0, held.GetCardinality())
	for it := held.Iterator(); it.HasNext(); {
		numbers = append(numbers, record.MessageNo(it.Next()))
	}
	return v1.Build{Generation: d.index.Generation(), Mapping: index.Mapping}, d.catalog.MarkIndexed(ctx, numbers)
}
