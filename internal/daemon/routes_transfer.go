package daemon

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/retention/disposal"
)

// transferRoutes is what the daemon answers about transfer to a place of
// deposit. Packages are made on a reader's side; approving, excluding and
// destroying what was confirmed is that of every disposal.
func (d *Daemon) transferRoutes() []api.Route {
	managers := api.For(api.Manager)
	return []api.Route{
		api.Call(http.MethodPost, "/v1/transfers", managers, d.postTransfer),
		api.Call(http.MethodGet, "/v1/transfers/{batch}", api.For(api.Manager, api.Officer), d.getTransfer),
		api.Call(http.MethodPost, "/v1/transfers/{batch}/packages", api.For(api.Manager, api.Officer), d.postPackage),
		api.Call(http.MethodPost, "/v1/transfers/{batch}/confirmations", managers, d.postConfirmation),
	}
}

// postTransfer freezes a list of what is to be transferred: what is due, and
// what is near enough to it that its class wants it prepared. A record is
// listed when every possession of it in the class is.
func (d *Daemon) postTransfer(ctx context.Context, c api.Caller, req v1.ProposeTransfer) (v1.Batch, error) {
	if strings.TrimSpace(req.To) == "" {
		return v1.Batch{}, &api.Error{Code: api.CodeUsage, Message: "a transfer names the place of deposit", Hint: "give it with --to"}
	}
	v, err := d.look(ctx, d.catalog)
	if err != nil {
		return v1.Batch{}, err
	}
	class := v.schedule.Class(req.Class)
	if class == nil {
		return v1.Batch{}, &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("schedule %s has no class %q", v.schedule.Version, req.Class), Hint: "closeroll retention schedule lists its classes"}
	}
	today := record.DateOf(v.now, d.zone)
	l, err := d.draft(ctx, v, req.Propose, func(x retention.Standing) bool { return disposal.CallsForTransfer(x, today) })
	if err != nil {
		return v1.Batch{}, err
	}
	p := d.proposal(v, class, l)
	p.Ground, p.To, p.Level = record.GroundConfirmed, req.To, string(retention.ApprovalRequired)
	out, err := d.proposed(ctx, v, c.ID, l, p, req.Confirm)
	if err != nil {
		return out, err
	}
	return out, d.veil(ctx, c, batchLines(out.Records))
}

// packagesOf words the packages of a transfer.
func packagesOf(b *disposal.Batch) []v1.Package {
	var list []v1.Package
	for i := range b.Packages {
		p := &b.Packages[i]
		list = append(list, v1.Package{Package: p.Package, Of: p.Of, Series: p.Series, Records: len(p.Records), Files: p.Files, Octets: p.Octets,
			Bag: p.Manifest, Metadata: p.Metadata, Made: p.At, By: p.By, Confirmed: depositOf(p)})
	}
	return list
}

func depositOf(p *disposal.Package) *v1.Deposit {
	if x := p.Confirmation; x != nil {
		return &v1.Deposit{Reference: x.Reference, On: x.On, By: x.By, File: x.File, Recorded: x.At}
	}
	return nil
}

// transferBatch returns a batch of transfer by its name.
func (d *Daemon) transferBatch(ctx context.Context, name string) (*disposal.Batch, error) {
	b, err := d.findBatch(ctx, name)
	if err == nil && !b.Transfers() {
		err = &api.Error{Code: api.CodeUsage, Message: "batch " + name + " is no transfer", Hint: "closeroll transfer list lists the transfers"}
	}
	return b, err
}

// getTransfer gives what packages are made of. What is on hold, or under an
// open request, is said to be.
func (d *Daemon) getTransfer(ctx context.Context, c api.Caller, req byBatch) (v1.Transfer, error) {
	b, err := d.transferBatch(ctx, req.Batch)
	if err != nil {
		return v1.Transfer{}, err
	}
	v, err := d.look(ctx, d.catalog)
	if err != nil {
		return v1.Transfer{}, err
	}
	out := v1.Transfer{Batch: d.describeBatch(b), Authority: d.cfg.Archive.Name, Today: record.DateOf(v.now, d.zone), Items: []v1.TransferItem{}}
	var lines []line
	for _, it := range b.Remaining() {
		item, err := d.transferItem(ctx, v, it.Record)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, item)
	}
	for i := range out.Items {
		lines = append(lines, line{out.Items[i].ID, &out.Items[i].Display})
	}
	return out, d.veil(ctx, c, lines)
}

func (d *Daemon) transferItem(ctx context.Context, v *view, id record.ID) (v1.TransferItem, error) {
	row, err := d.catalog.Record(ctx, id)
	if err != nil {
		return v1.TransferItem{}, err
	}
	from, until, err := d.catalog.Days(ctx, id)
	if err != nil {
		return v1.TransferItem{}, err
	}
	s, err := v.standing(ctx, id)
	if err != nil {
		return v1.TransferItem{}, err
	}
	on := days(from, until, d.zone)
	item := v1.TransferItem{ID: id, Kind: row.Kind, Display: row.Display, From: on.From, Until: on.Until, Captured: record.DateOf(row.Captured, d.zone),
		TextStatus: row.TextStatus, Components: row.Components, Holds: slices.Clone(s.Requests)}
	for _, h := range s.Holdings {
		item.Holds = append(item.Holds, h.Decision.Holds...)
	}
	item.Holds = unique(item.Holds)
	return item, nil
}

type packaged struct {
	Batch string `path:"batch" json:"-"`
	v1.Packaged
}

// postPackage journals that a package was made.
func (d *Daemon) postPackage(ctx context.Context, c api.Caller, req packaged) (v1.Batch, error) {
	if _, err := d.transferBatch(ctx, req.Batch); err != nil {
		return v1.Batch{}, err
	}
	body := record.TransferPackaged{Batch: req.Batch, Package: req.Package, Of: req.Of, Plan: req.Plan, Manifest: req.Bag, Metadata: req.Metadata,
		Series: req.Series, Records: req.Records, Files: req.Files, Octets: req.Octets}
	return d.transferEntry(ctx, c, req.Batch, record.EntryPackage, body, subjects(req.Records), func(b *disposal.Batch) error { return b.MayPackage(body) })
}

type confirmed struct {
	Batch string `path:"batch" json:"-"`
	v1.Confirm
}

// postConfirmation journals that the place of deposit has a package. From the
// last one on the batch cools off; then its records can be destroyed here.
func (d *Daemon) postConfirmation(ctx context.Context, c api.Caller, req confirmed) (v1.Batch, error) {
	b, err := d.transferBatch(ctx, req.Batch)
	if err != nil {
		return v1.Batch{}, err
	}
	today := record.DateOf(d.now(), d.zone)
	switch {
	case strings.TrimSpace(req.Reference) == "" || strings.TrimSpace(req.By) == "" || req.On.IsZero() || req.File.IsZero() || req.Size < 1:
		return v1.Batch{}, &api.Error{Code: api.CodeUsage, Message: "a confirmation has a reference, a day, who gave it and the file that it is", Hint: "see closeroll transfer confirm --help"}
	case req.On.After(today):
		return v1.Batch{}, &api.Error{Code: api.CodeUsage, Message: "the confirmation is of " + req.On.Long() + ", which is to come", Hint: "give the day that it bears"}
	}
	for _, p := range b.Packages {
		if p.Package == req.Package && req.On.Before(record.DateOf(p.At, d.zone)) {
			return v1.Batch{}, &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("the confirmation is of %s, before package %d was made", req.On.Long(), p.Package),
				Hint: "it may be of another package; give the day that it bears"}
		}
	}
	body := record.TransferConfirmed{Batch: b.Batch, Package: req.Package, Reference: req.Reference, On: req.On, By: req.By, File: req.File, Size: req.Size}
	return d.transferEntry(ctx, c, b.Batch, record.EntryConfirmation, body, nil, func(b *disposal.Batch) error { return b.MayConfirm(req.Package) })
}

// transferEntry journals an entry about a batch, if the batch as it is then
// allows it.
func (d *Daemon) transferEntry(ctx context.Context, c api.Caller, name, kind string, body any, about []string, may func(*disposal.Batch) error) (v1.Batch, error) {
	_, err := d.archive.Decide(ctx, func(ctx context.Context) ([]journal.Entry, error) {
		b, err := d.findBatch(ctx, name)
		if err != nil {
			return nil, err
		}
		if err := may(b); err != nil {
			return nil, conflict(err)
		}
		e, err := journal.NewEntry(kind, c.ID, body, about...)
		return []journal.Entry{e}, err
	})
	if err != nil {
		return v1.Batch{}, err
	}
	return d.getBatch(ctx, c, byBatch{name})
}

// listOf says on the list of which open batch a record is, nil if on none.
func (d *Daemon) listOf(ctx context.Context, id record.ID) (*v1.OnList, error) {
	batches, err := batchesOf(ctx, d.catalog)
	if err != nil {
		return nil, err
	}
	for _, b := range batches {
		if !slices.ContainsFunc(openItems(b), func(it record.DisposalItem) bool { return it.Record == id }) {
			continue
		}
		on := &v1.OnList{Batch: b.Batch, Ground: b.Ground, State: b.State(d.now(), d.zone), To: b.To}
		if p := b.PackageOf(id); p != nil {
			on.Package, on.Deposit = p.Package, depositOf(p)
		}
		return on, nil
	}
	return nil, nil
}
