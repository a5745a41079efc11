package daemon

import (
	"context"
	"slices"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/retention/assurance"
	"github.com/closeroll/closeroll/retention/report"
)

func (r reporter) lag(ctx context.Context, head report.Head) (report.Report, error) {
	lags, err := r.lags(ctx, head.Period)
	if err != nil {
		return nil, err
	}
	out := &report.Lag{Head: head, Lines: []report.LagLine{}}
	for custodian, list := range lags {
		for _, l := range list {
			out.Lines = append(out.Lines, report.LagLine{Custodian: custodian, Channel: l.Channel, Lag: l.Lag})
		}
	}
	slices.SortStableFunc(out.Lines, report.LagLine.Compare)
	return out, nil
}

func (r reporter) attestations(ctx context.Context, head report.Head) (report.Report, error) {
	var tasks []assurance.Task
	attested := []report.AttestedLine{}
	expects, trains := []string{}, []string{}
	for _, cfg := range r.cfg.Custodians {
		c, err := r.custodian(ctx, cfg)
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, c.Tasks...)
		for _, a := range c.Attestations {
			attested = append(attested, report.AttestedLine{Custodian: c.ID, Attestation: a})
		}
		if c.Attests != "" {
			expects = append(expects, c.ID)
		}
		if !c.Trained.IsZero() {
			trains = append(trains, c.ID)
		}
	}
	return report.NewAttestations(head, tasks, attested, expects, trains), nil
}

// assurance gathers every report that the pack rests on.
func (r reporter) assurance(ctx context.Context, head report.Head) (report.Report, error) {
	var e report.Evidence
	for _, k := range report.Kinds() {
		if !k.Annexed {
			continue
		}
		period := head.Period
		if k.When == report.Now {
			period = assurance.Span{}
		}
		x, err := r.gather(ctx, k, period)
		if err != nil {
			return nil, err
		}
		e.Add(x)
	}
	var err error
	if e.Requests, err = r.requests(ctx, head); err != nil {
		return nil, err
	}
	if e.Quarantine, err = r.quarantine(ctx); err != nil {
		return nil, err
	}
	e.DPIA = report.DPIA(r.cfg.Reports.DPIA)
	return report.NewPack(head, e), nil
}

// requests counts the requests that are open, or were answered in the period.
func (r reporter) requests(ctx context.Context, head report.Head) (out report.Requests, err error) {
	all, err := r.getRequests(ctx, api.Caller{}, none{})
	if err != nil {
		return out, err
	}
	holds, err := r.catalog.Holds(ctx, false)
	if err != nil {
		return out, err
	}
	live := make(map[string]bool)
	for _, h := range holds {
		live[h.Hold] = true
	}
	for _, q := range all {
		switch {
		case q.Closing == nil:
			out.Open++
			if q.Standing.Overdue {
				out.Overdue++
			}
			if slices.ContainsFunc(q.Holds, func(h string) bool { return live[h] }) {
				out.OnHold++
			}
		case head.Period.Has(q.Closing.Responded):
			out.Closed++
			if q.Standing.Late {
				out.Late++
			}
		default:
			continue
		}
		if q.Runs > 0 {
			out.Searched++
		}
		if len(q.Asks) > 0 {
			out.Asked++
		}
	}
	return out, nil
}

// quarantine counts what is kept apart.
func (r reporter) quarantine(ctx context.Context) (out report.Quarantine, err error) {
	for _, v := range r.archive.Vaults() {
		out.Kept = out.Kept || v.Kind == record.VaultQuarantine
	}
	w, err := r.waiting(ctx)
	out.Records, out.Waiting = int64(w.Records), int64(w.Deciding)
	return out, err
}

// processing states what the configuration says of the processing.
func (r reporter) processing(ctx context.Context, head report.Head) (report.Report, error) {
	p := r.cfg.Reports.Processing
	out := report.Processing{Head: head, Controller: r.cfg.Archive.Name, Contact: p.Contact, Purposes: p.Purposes, Basis: p.Basis, Subjects: p.Subjects,
		Categories: p.Categories, Recipients: p.Recipients, Transfers: p.Transfers, DPIA: report.DPIA(r.cfg.Reports.DPIA), Sources: []report.SourceLine{}}
	for _, s := range r.sources {
		out.Sources = append(out.Sources, report.SourceLine{Source: s.Name, Kind: s.kind, Custodian: s.Custodian, Channel: s.Channel, Configured: true})
	}
	var roles []report.Fact
	for _, m := range []struct {
		name, does string
		of         configs.Members
	}{{"officer", "searches, reads, answers requests", r.cfg.Roles.Officer}, {"manager", "retention, holds, disposal", r.cfg.Roles.Manager},
		{"auditor", "reads the journal and reports, not records", r.cfg.Roles.Auditor}, {"operator", "runs the daemon", r.cfg.Roles.Operator}} {
		if len(m.of.Users)+len(m.of.Groups)+len(m.of.Certificates) > 0 {
			roles = append(roles, report.Fact{What: m.name, Is: m.does})
		}
	}
	return report.NewProcessing(out, r.governor.schedule(), roles), nil
}
