package daemon

import (
	"context"
	"fmt"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/alert"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/retention/disposal"
)

// postSpillage proposes to destroy material that this archive must not hold,
// whatever the schedule says of it. It takes two people and no cooling-off; a
// hold blocks it, and then somebody has to decide between the two, so people
// are told.
func (d *Daemon) postSpillage(ctx context.Context, c api.Caller, req v1.Spillage) (v1.Batch, error) {
	if req.Reason == "" || len(req.Records) == 0 {
		return v1.Batch{}, &api.Error{Code: api.CodeUsage, Message: "a spillage names records and a reason", Hint: "closeroll spillage propose ID --reason …"}
	}
	return d.proposeBy(ctx, c, record.DisposalProposed{Ground: record.GroundSpillage, Reason: req.Reason}, req.Records, req.Confirm)
}

// postErasure proposes to destroy what a person has the right to have erased
// (UK GDPR, Article 17). What is on hold is not erased: a hold comes first.
func (d *Daemon) postErasure(ctx context.Context, c api.Caller, req v1.Erasure) (v1.Batch, error) {
	if req.Request == "" || req.Reason == "" || len(req.Records) == 0 {
		return v1.Batch{}, &api.Error{Code: api.CodeUsage, Message: "an erasure names a request, records and a reason", Hint: "closeroll erasure open REF ID --reason …"}
	}
	records, parts, err := d.asked(ctx, req.Records)
	if err != nil {
		return v1.Batch{}, err
	}
	return d.proposeBy(ctx, c, record.DisposalProposed{Ground: record.GroundErasure, Reason: req.Reason, Request: req.Request, Parts: parts}, records, req.Confirm)
}

// proposeBy lists records on another ground than the schedule's: every
// possession of each ends.
func (d *Daemon) proposeBy(ctx context.Context, c api.Caller, p record.DisposalProposed, prefixes []string, confirm bool) (v1.Batch, error) {
	v, err := d.look(ctx, d.catalog)
	if err != nil {
		return v1.Batch{}, err
	}
	p.Schedule, p.Rules, p.Level = v.schedule.Version, v.rules, string(retention.ApprovalRequired)
	p.Totals.Kinds = make(map[record.Kind]int)
	var rows []v1.BatchRecord
	var held []string
	for _, prefix := range prefixes {
		row, err := d.archive.Find(ctx, prefix)
		if err != nil {
			return v1.Batch{}, err
		}
		s, err := v.standing(ctx, row.ID)
		if err != nil {
			return v1.Batch{}, err
		}
		it := record.DisposalItem{Record: row.ID}
		for _, h := range s.Holdings {
			it.Holdings = append(it.Holdings, h.Entry)
			held = append(held, h.Decision.Holds...)
		}
		switch {
		case s.Gone:
			return v1.Batch{}, &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("record %s was disposed of already", row.ID.Short()), Hint: "closeroll explain says by which certificate"}
		case s.Batch != "":
			return v1.Batch{}, &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("record %s is on the list of batch %s", row.ID.Short(), s.Batch), Hint: "execute or abandon that first"}
		}
		from, until, err := d.catalog.Days(ctx, row.ID)
		if err != nil {
			return v1.Batch{}, err
		}
		addTotals(&p.Totals, it, row, days(from, until, d.zone))
		p.Items = append(p.Items, it)
		rows = append(rows, v1.BatchRecord{ID: row.ID, Holdings: len(it.Holdings), Display: row.Display, State: "listed"})
	}
	if len(held) > 0 {
		return v1.Batch{}, d.blockedByHold(ctx, p.Ground, held)
	}
	p.List = disposal.ListDigest(p.Items)
	b := &disposal.Batch{DisposalProposed: p, At: v.now, By: c.ID}
	if confirm {
		if b, err = d.journalProposal(ctx, c.ID, p); err != nil {
			return v1.Batch{}, err
		}
	}
	out := d.describeBatch(b)
	out.Records = rows
	return out, d.veil(ctx, c, batchLines(rows))
}

// blockedByHold refuses, and tells people of what cannot wait.
func (d *Daemon) blockedByHold(ctx context.Context, ground record.DisposalGround, held []string) error {
	names := strings.Join(unique(held), ", ")
	if ground == record.GroundSpillage {
		d.alerts.Raise(context.WithoutCancel(ctx), alert.Spillage, names, "material that this archive must not hold is on hold under "+names+": its owner and the security officer have to decide")
	}
	return &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("on hold under %s: a hold comes before %s", names, ground),
		Hint: "whoever owns the hold decides; closeroll hold release takes another person than placed it"}
}

func unique(list []string) []string {
	seen := make(map[string]bool)
	var out []string
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
