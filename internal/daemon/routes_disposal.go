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
	"github.com/closeroll/closeroll/internal/sshsig"
	"github.com/closeroll/closeroll/retention/disposal"
)

// disposalRoutes is what the daemon answers about disposal. No route deletes
// anything: the disposer's own credential does.
func (d *Daemon) disposalRoutes() []api.Route {
	managers, lookers := api.For(api.Manager), api.For(api.Manager, api.Auditor, api.Officer)
	return []api.Route{
		api.Call(http.MethodGet, "/v1/disposals", lookers, d.getBatches),
		api.Call(http.MethodPost, "/v1/disposals", managers, d.postProposal),
		api.Call(http.MethodGet, "/v1/disposals/{batch}", lookers, d.getBatch),
		api.Call(http.MethodPost, "/v1/disposals/{batch}/exclusions", managers, d.postExclusion),
		api.Call(http.MethodGet, "/v1/disposals/{batch}/statement", api.Everyone(), d.getStatement),
		api.Call(http.MethodPost, "/v1/disposals/{batch}/approvals", api.Everyone(), d.postApproval),
		api.Call(http.MethodPost, "/v1/disposals/{batch}/abandonment", managers, d.postAbandonment),
		api.Call(http.MethodGet, "/v1/disposals/{batch}/check", managers, d.getCheck),
		api.Call(http.MethodPost, "/v1/disposals/{batch}/next", managers, d.postNext),
		api.Call(http.MethodPost, "/v1/disposals/{batch}/settlement", managers, d.postSettlement),
		api.Call(http.MethodPost, "/v1/disposals/{batch}/sweep", managers, d.postSweep),
		api.Call(http.MethodPost, "/v1/disposals/{batch}/certificate", managers, d.postCertificate),
		api.Call(http.MethodPost, "/v1/erasures", managers, d.postErasure),
		api.Call(http.MethodPost, "/v1/spillages", managers, d.postSpillage),
		api.Call(http.MethodGet, "/v1/certificates", lookers, d.getCertificates),
		api.Call(http.MethodGet, "/v1/certificates/{number}", lookers, d.getCertificate),
	}
}

type byBatch struct {
	Batch string `path:"batch" json:"-"`
}

func (d *Daemon) getBatches(ctx context.Context, _ api.Caller, _ none) ([]v1.Batch, error) {
	batches, err := batchesOf(ctx, d.catalog)
	list := make([]v1.Batch, len(batches))
	for i, b := range batches {
		list[i] = d.describeBatch(b)
	}
	return list, err
}

func (d *Daemon) getBatch(ctx context.Context, c api.Caller, req byBatch) (v1.Batch, error) {
	b, err := d.findBatch(ctx, req.Batch)
	if err != nil {
		return v1.Batch{}, err
	}
	out := d.describeBatch(b)
	granted := make(map[record.ID]bool)
	if g := b.Open(); g != nil && g.Settled == 0 {
		for _, it := range g.Items {
			granted[it.Record] = true
		}
	}
	for _, it := range b.Items {
		row := v1.BatchRecord{ID: it.Record, Holdings: len(it.Holdings), State: "listed"}
		x, excluded := b.Excluded(it.Record)
		refusal, refused := b.Refusals[it.Record]
		_, gone := b.Gone[it.Record]
		switch {
		case gone:
			row.State = "destroyed"
		case slices.ContainsFunc(b.Retired, func(r record.RetiredHolding) bool { return r.Record == it.Record }):
			row.State = "possession_ended"
		case refused:
			row.State, row.Why = "refused", refusal.Detail
		case excluded:
			row.State, row.Why = "excluded", x.Reason
		case granted[it.Record]:
			row.State = "granted"
		}
		// What a record is about is for those who may see records.
		if r, err := d.catalog.Record(ctx, it.Record); err == nil && c.Is(api.For(api.Manager, api.Officer)) {
			row.Display = r.Display
		}
		out.Records = append(out.Records, row)
	}
	return out, d.veil(ctx, c, batchLines(out.Records))
}

// batchLines are the lines about records that still have one.
func batchLines(list []v1.BatchRecord) (lines []line) {
	for i := range list {
		if list[i].Display != "" {
			lines = append(lines, line{list[i].ID, &list[i].Display})
		}
	}
	return lines
}

type exclude struct {
	Batch string `path:"batch" json:"-"`
	v1.Exclude
}

// postExclusion takes records off a list: anyone who manages records may keep
// one from being destroyed.
func (d *Daemon) postExclusion(ctx context.Context, c api.Caller, req exclude) (v1.Batch, error) {
	if req.Reason == "" || len(req.Records) == 0 {
		return v1.Batch{}, &api.Error{Code: api.CodeUsage, Message: "an exclusion names records and a reason", Hint: "closeroll dispose exclude BATCH ID --reason …"}
	}
	_, err := d.archive.Decide(ctx, func(ctx context.Context) ([]journal.Entry, error) {
		b, err := d.findBatch(ctx, req.Batch)
		if err != nil {
			return nil, err
		}
		body := record.DisposalExcluded{Batch: b.Batch, Reason: req.Reason}
		for _, prefix := range req.Records {
			id, err := onList(b, prefix)
			if err != nil {
				return nil, err
			}
			body.Records = append(body.Records, id)
		}
		e, err := journal.NewEntry(record.EntryExclusion, c.ID, body, subjects(body.Records)...)
		return []journal.Entry{e}, err
	})
	if err != nil {
		return v1.Batch{}, err
	}
	return d.getBatch(ctx, c, byBatch{req.Batch})
}

// onList finds the one record of a batch whose id begins so and that can still
// be kept.
func onList(b *disposal.Batch, prefix string) (record.ID, error) {
	var found []record.ID
	for _, it := range b.Remaining() {
		if strings.HasPrefix(string(it.Record), strings.ToLower(prefix)) {
			found = append(found, it.Record)
		}
	}
	switch len(found) {
	case 0:
		return "", &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("batch %s has no record %q that could still be taken off", b.Batch, prefix), Hint: "closeroll dispose show lists its records"}
	case 1:
		return found[0], nil
	}
	return "", &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("%q begins several ids of batch %s", prefix, b.Batch), Hint: "give more letters of the id"}
}

func subjects(ids []record.ID) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = string(id)
	}
	return all
}

type inRole struct {
	Batch string `path:"batch" json:"-"`
	Role  string `json:"role"`
}

// mayApproveAs wants the caller to have the role in which they approve.
func (d *Daemon) mayApproveAs(c api.Caller, role string) error {
	if role == disposal.Manager && c.Is(api.For(api.Manager)) || role != disposal.Manager && d.cfg.Disposal.MayBe(role, c.Name) {
		return nil
	}
	return &api.Error{Code: api.CodeDenied, Message: fmt.Sprintf("you may not approve as %s", role), Hint: "the configuration says who may, under roles and disposal.roles"}
}

func (d *Daemon) archiveName() disposal.Archive {
	return disposal.Archive{ID: d.keyring.Format.Archive, Authority: d.cfg.Archive.Name}
}

func (d *Daemon) getStatement(ctx context.Context, c api.Caller, req inRole) (v1.Statement, error) {
	b, err := d.findBatch(ctx, req.Batch)
	if err != nil {
		return v1.Statement{}, err
	}
	if err := d.mayApproveAs(c, req.Role); err != nil {
		return v1.Statement{}, err
	}
	if err := b.MayApprove(c.ID, c.Name, "", req.Role); err != nil {
		return v1.Statement{}, conflict(err)
	}
	return v1.Statement{Text: b.Statement(d.archiveName(), req.Role, c.Name, len(b.Exclusions)), Name: c.Name}, nil
}

func conflict(err error) error {
	return &api.Error{Code: api.CodeConflict, Message: err.Error(), Hint: "closeroll dispose show says where a batch stands"}
}

type approve struct {
	Batch string `path:"batch" json:"-"`
	v1.Approve
}

// postApproval takes a signed approval. What is signed must be the statement as
// the batch is now, by the caller, with a key that the allowed-signers file
// gives them.
func (d *Daemon) postApproval(ctx context.Context, c api.Caller, req approve) (v1.Batch, error) {
	if err := d.mayApproveAs(c, req.Role); err != nil {
		return v1.Batch{}, err
	}
	signer, err := d.signed(c, sshsig.Disposal, []byte(req.Text), req.Signature)
	if err != nil {
		return v1.Batch{}, err
	}
	_, err = d.archive.Decide(ctx, func(ctx context.Context) ([]journal.Entry, error) {
		b, err := d.findBatch(ctx, req.Batch)
		if err != nil {
			return nil, err
		}
		if err := b.MayApprove(c.ID, c.Name, signer.Fingerprint, req.Role); err != nil {
			return nil, conflict(err)
		}
		if req.Text != b.Statement(d.archiveName(), req.Role, c.Name, len(b.Exclusions)) {
			return nil, &api.Error{Code: api.CodeConflict, Message: "what was signed is not what the batch is now", Hint: "look at it again and sign again"}
		}
		e, err := journal.NewEntry(record.EntryApproval, c.ID, record.DisposalApproved{Batch: b.Batch, Role: req.Role, Name: c.Name,
			Key: signer.Fingerprint, Text: req.Text, Signature: req.Signature})
		return []journal.Entry{e}, err
	})
	if err != nil {
		return v1.Batch{}, err
	}
	return d.getBatch(ctx, c, byBatch{req.Batch})
}

type abandon struct {
	Batch string `path:"batch" json:"-"`
	v1.Abandon
}

// postAbandonment ends a batch: nothing more of it is freed to be deleted.
func (d *Daemon) postAbandonment(ctx context.Context, c api.Caller, req abandon) (v1.Batch, error) {
	if req.Reason == "" {
		return v1.Batch{}, &api.Error{Code: api.CodeUsage, Message: "abandoning a batch needs a reason", Hint: "give it with --reason"}
	}
	_, err := d.archive.Decide(ctx, func(ctx context.Context) ([]journal.Entry, error) {
		b, err := d.findBatch(ctx, req.Batch)
		switch {
		case err != nil:
			return nil, err
		case b.Abandoned != nil || b.Certificate != nil:
			return nil, conflict(fmt.Errorf("batch %s is at its end already", b.Batch))
		}
		e, err := journal.NewEntry(record.EntryAbandoned, c.ID, record.DisposalAbandoned{Batch: b.Batch, Reason: req.Reason})
		return []journal.Entry{e}, err
	})
	if err != nil {
		return v1.Batch{}, err
	}
	return d.getBatch(ctx, c, byBatch{req.Batch})
}
