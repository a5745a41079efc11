package daemon

import (
	"context"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search"
	"github.com/closeroll/closeroll/search/foi"
	"github.com/closeroll/closeroll/search/foi/certificate"
)

// postReruns runs the searches of a certificate again, and gives every
// difference from what was frozen then a cause. It says ids and numbers, and
// nothing of what a message holds.
func (d *Daemon) postReruns(ctx context.Context, _ api.Caller, req v1.CheckRuns) ([]v1.RerunResult, error) {
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return nil, err
	}
	out := []v1.RerunResult{}
	for _, checked := range req.Runs {
		var frozen *foi.Searched
		for i := range r.Frozen {
			if fmt.Sprintf("S%d", r.Frozen[i].Run) == checked.Name {
				frozen = &r.Frozen[i]
			}
		}
		if frozen == nil || frozen.Total != checked.Total || frozen.Digest != checked.Digest {
			out = append(out, v1.RerunResult{Name: checked.Name, Then: checked.Total, Differences: []certificate.Difference{}})
			continue
		}
		one, err := d.rerun(ctx, frozen)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", checked.Name, err)
		}
		out = append(out, one)
	}
	return out, nil
}

func (d *Daemon) rerun(ctx context.Context, f *foi.Searched) (v1.RerunResult, error) {
	out := v1.RerunResult{Name: fmt.Sprintf("S%d", f.Run), Then: f.Total, Journalled: true}
	q, err := search.Parser{Zone: d.zone, Now: f.At}.Parse(f.Parsed)
	if err != nil {
		return out, err
	}
	a, err := d.engine.Search(ctx, q, search.Options{})
	if err != nil {
		return out, err
	}
	then := bitmapOf(f.Messages)
	out.Now = a.Total
	hangs, err := d.hangs(ctx, q)
	if err != nil {
		return out, err
	}
	look := lookup{Daemon: d, hangs: hangs, open: roaring64.Or(bitmapOf(f.Undated), bitmapOf(f.Unsearchable)), batches: map[string]int{}}
	re := certificate.Rerun{Then: certificate.Run{Position: f.Position, Index: f.Index, Program: f.Language, Parsed: f.Parsed, Withheld: f.Withheld},
		Index: a.Index, Program: "closeroll " + d.env.Version, Parsed: a.Parsed}
	if re.Missing, err = look.messages(ctx, roaring64.AndNot(then, a.Hits)); err != nil {
		return out, err
	}
	if re.Added, err = look.messages(ctx, roaring64.AndNot(a.Hits, then)); err != nil {
		return out, err
	}
	out.Differences = certificate.Compare(re)
	if out.Differences == nil {
		out.Differences = []certificate.Difference{}
	}
	out.Unexplained = certificate.Unexplained(out.Differences)
	return out, nil
}

// hangs returns the messages of which it hangs on what can change about them
// whether they meet a query.
func (d *Daemon) hangs(ctx context.Context, q *search.Query) (*roaring64.Bitmap, error) {
	most, err := d.engine.Search(ctx, &search.Query{Root: certificate.Loosen(q.Root, true)}, search.Options{})
	if err != nil {
		return nil, err
	}
	least, err := d.engine.Search(ctx, &search.Query{Root: certificate.Loosen(q.Root, false)}, search.Options{})
	if err != nil {
		return nil, err
	}
	return roaring64.AndNot(most.Hits, least.Hits), nil
}

// A lookup says of messages what may explain that a search finds them or not.
type lookup struct {
	*Daemon
	hangs, open *roaring64.Bitmap
	batches     map[string]int // certificates by batch
}

func (l *lookup) messages(ctx context.Context, set *roaring64.Bitmap) ([]certificate.Message, error) {
	var all []certificate.Message
	err := l.catalog.Identify(ctx, set, func(m catalog.Identified) error {
		one := certificate.Message{ID: m.ID.String(), Gone: m.Disposed != "", Entry: m.Entry, WasOpen: l.open.Contains(uint64(m.No)),
			Withheld: l.cfg.Vault(m.Vault) != nil, Hangs: l.hangs.Contains(uint64(m.No))}
		if one.Gone {
			stub, err := l.catalog.Stub(ctx, m.ID.Record)
			if err != nil {
				return err
			}
			one.Batch = stub.Batch
			if _, ok := l.batches[stub.Batch]; !ok {
				b, err := l.findBatch(ctx, stub.Batch)
				if err != nil {
					return err
				}
				l.batches[stub.Batch] = b.Number
			}
			one.Certificate = l.batches[stub.Batch]
		}
		all = append(all, one)
		return nil
	})
	return all, err
}
