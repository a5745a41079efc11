package daemon

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/retention/report"
)

// bounds are the first instant of the head's period and that after its last.
func (r reporter) bounds(head report.Head) (from, until time.Time) {
	return head.Period.First().Start(r.zone), head.Period.Last().AddDays(1).Start(r.zone)
}

func (r reporter) access(ctx context.Context, head report.Head) (report.Report, error) {
	from, until := r.bounds(head)
	people, err := r.catalog.Accesses(ctx, from, until)
	if err != nil {
		return nil, err
	}
	custodians, err := r.catalog.ReadsByCustodian(ctx, from, until)
	if err != nil {
		return nil, err
	}
	out := &report.Access{Head: head, People: []report.AccessLine{}, Custodians: []report.ReadLine{}}
	for _, p := range people {
		out.People = append(out.People, report.AccessLine{Actor: p.Actor, Searches: p.Searches, Reads: p.Reads, Refused: p.Denials, Purposes: p.Purposes, Unsaid: p.Unsaid, Last: p.Last})
	}
	for _, c := range custodians {
		out.Custodians = append(out.Custodians, report.ReadLine{Custodian: c.Custodian, Reads: c.Reads, Readers: c.Readers})
	}
	return out, nil
}

func (r reporter) fixity(ctx context.Context, head report.Head) (report.Report, error) {
	rows, err := r.catalog.FixityChecks(ctx)
	out := &report.Fixity{Head: head, Checks: make([]report.FixityLine, len(rows))}
	for i, f := range rows {
		out.Checks[i] = report.FixityLine{Entry: f.Entry, At: f.At, By: f.Actor, Checked: f.Checked, Octets: f.Octets, Missing: f.Missing, Changed: f.Changed}
	}
	return out, err
}

func (r reporter) keys(ctx context.Context, head report.Head) (report.Report, error) {
	keys, err := r.getKeys(ctx, api.Caller{}, none{})
	if err != nil {
		return nil, err
	}
	out := &report.Keys{Head: head, Vaults: []report.VaultLine{}, Holders: []report.HolderLine{}}
	for _, v := range keys.Vaults {
		out.Vaults = append(out.Vaults, report.VaultLine{Vault: v.Name, Kind: string(v.Kind), Epoch: v.Epoch, Strength: v.Strength, Readers: v.Readers})
	}
	holders := make(map[string][]string)
	for _, h := range keys.Holders {
		holders[h.Key] = append(holders[h.Key], h.Holder)
	}
	for _, key := range slices.Sorted(maps.Keys(holders)) {
		slices.Sort(holders[key])
		out.Holders = append(out.Holders, report.HolderLine{Key: key, Holders: holders[key]})
	}
	return out, nil
}

func (r reporter) disposals(ctx context.Context, head report.Head) (report.Report, error) {
	batches, err := r.getBatches(ctx, api.Caller{}, none{})
	if err != nil {
		return nil, err
	}
	certificates, err := r.getCertificates(ctx, api.Caller{}, none{})
	if err != nil {
		return nil, err
	}
	issued := make(map[string]time.Time)
	for _, c := range certificates {
		issued[c.Batch] = c.Issued
	}
	var lines []report.BatchLine
	for _, b := range batches {
		l := report.BatchLine{Batch: b.Batch, Ground: string(b.Ground), Class: b.Class, State: string(b.State), Proposed: b.Proposed, ProposedBy: b.By, ApprovedAs: []string{},
			Records: int64(b.Totals.Records), Excluded: int64(b.Excluded), Destroyed: int64(b.Destroyed), Retired: int64(b.Retired), Abandoned: b.Abandoned,
			Certificate: int64(b.Certificate), Issued: issued[b.Batch]}
		for _, n := range b.Refused {
			l.Refused += int64(n)
		}
		for _, a := range b.Approvals {
			l.ApprovedAs = append(l.ApprovedAs, a.Role)
		}
		lines = append(lines, l)
	}
	slices.SortStableFunc(lines, func(a, b report.BatchLine) int { return b.Proposed.Compare(a.Proposed) })
	return report.NewDisposals(head, lines), nil
}
