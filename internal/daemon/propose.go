package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/retention/disposal"
)

// A drafting is a list of what is due, being made.
type drafting struct {
	view    *view
	wanted  v1.Propose
	called  func(retention.Standing) bool // whether the schedule calls for what is proposed
	limit   int
	items   []record.DisposalItem
	rows    []v1.BatchRecord
	totals  record.DisposalTotals
	leftOut map[string]int

	id      record.ID // of the record that is being looked at
	entries []int64
	due     record.Date
	held    bool
	early   bool // a transfer: another possession of the class is not due to be transferred yet
}

// draft lists the holdings of a class that the schedule calls for, record by
// record, as far as nothing stands against it. What is on hold, or on the list
// of another batch, is counted apart.
func (d *Daemon) draft(ctx context.Context, v *view, wanted v1.Propose, called func(retention.Standing) bool) (*drafting, error) {
	unindexed, err := v.catalog.Unindexed(ctx)
	if err != nil {
		return nil, err
	}
	survey, judge := newSurvey(v.force, unindexed), v.schedule.Judge(v.force.holds, v.now)
	l := &drafting{view: v, wanted: wanted, called: called, limit: d.cfg.Disposal.Limit, leftOut: make(map[string]int),
		totals: record.DisposalTotals{Kinds: make(map[record.Kind]int)}}
	err = v.catalog.EachBrief(ctx, asksOf(v.schedule), func(_ int64, h *catalog.Governed) error {
		if h.Record != l.id {
			l.finish()
			l.id, l.entries, l.held, l.early, l.due = h.Record, nil, false, false, record.Date{}
		}
		l.see(h, judge.Judge(survey.candidate(h)))
		return nil
	})
	if err != nil {
		return nil, err
	}
	l.finish()
	return l, l.count(ctx)
}

// see looks at one holding of the record at hand.
func (l *drafting) see(h *catalog.Governed, d retention.Standing) {
	l.held = l.held || d.OnHold
	switch {
	case d.Class != l.wanted.Class:
	case !l.called(d):
		l.early = l.early || d.Action == retention.Transfer
	case l.wanted.Source != "" && h.Source != l.wanted.Source:
	case len(l.wanted.Records) > 0 && !slices.Contains(l.wanted.Records, h.Record):
	default:
		l.entries = append(l.entries, h.Entry)
		if d.Due.After(l.due) {
			l.due = d.Due
		}
	}
}

// finish puts the record at hand on the list, or says why not.
func (l *drafting) finish() {
	switch {
	case len(l.entries) == 0:
		return
	case l.held:
		l.leftOut[disposal.OnHold]++
	case l.early:
		l.leftOut[disposal.NotDue]++
	case l.view.taken[l.id] != "":
		l.leftOut[disposal.Elsewhere]++
	case len(l.items) == l.limit:
		l.leftOut["limit"]++
	default:
		l.items = append(l.items, record.DisposalItem{Record: l.id, Holdings: l.entries})
		l.rows = append(l.rows, v1.BatchRecord{ID: l.id, Holdings: len(l.entries), Due: l.due, State: "listed"})
	}
}

// count adds up what is on the list.
func (l *drafting) count(ctx context.Context) error {
	for i, it := range l.items {
		row, err := l.view.catalog.Record(ctx, it.Record)
		if err != nil {
			return err
		}
		l.rows[i].Display = row.Display
		from, until, err := l.view.catalog.Days(ctx, it.Record)
		if err != nil {
			return err
		}
		addTotals(&l.totals, it, row, days(from, until, l.view.schedule.Location()))
		due := l.rows[i].Due
		if l.totals.DueFrom.IsZero() || due.Before(l.totals.DueFrom) {
			l.totals.DueFrom = due
		}
		if due.After(l.totals.DueUntil) {
			l.totals.DueUntil = due
		}
	}
	return nil
}

func addTotals(t *record.DisposalTotals, it record.DisposalItem, row catalog.Row, d disposal.Days) {
	t.Records++
	t.Holdings += len(it.Holdings)
	t.Messages += row.Count
	t.Octets += row.Size
	t.Kinds[row.Kind]++
	if !d.From.IsZero() && (t.From.IsZero() || d.From.Before(t.From)) {
		t.From = d.From
	}
	if d.Until.After(t.Until) {
		t.Until = d.Until
	}
}

func days(from, until time.Time, zone *time.Location) disposal.Days {
	return disposal.Days{From: record.DateOf(from, zone), Until: record.DateOf(until, zone)}
}

// postProposal freezes a list of what is due. Unless it is confirmed, nothing
// is journalled.
func (d *Daemon) postProposal(ctx context.Context, c api.Caller, req v1.Propose) (v1.Batch, error) {
	out, err := d.propose(ctx, c.ID, req)
	return out, errors.Join(err, d.veil(ctx, c, batchLines(out.Records)))
}

func (d *Daemon) propose(ctx context.Context, actor string, req v1.Propose) (v1.Batch, error) {
	v, err := d.look(ctx, d.catalog)
	if err != nil {
		return v1.Batch{}, err
	}
	class := v.schedule.Class(req.Class)
	if class == nil {
		return v1.Batch{}, &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("schedule %s has no class %q", v.schedule.Version, req.Class), Hint: "closeroll retention due lists what is due, by class"}
	}
	if class.Action == retention.Transfer {
		return v1.Batch{}, &api.Error{Code: api.CodeUsage, Message: "class " + class.String() + ": that is not for destruction", Hint: "closeroll transfer propose lists what is to be transferred"}
	}
	l, err := d.draft(ctx, v, req, func(d retention.Standing) bool { return d.Action == retention.Destroy && d.State == retention.Due })
	if err != nil {
		return v1.Batch{}, err
	}
	p := d.proposal(v, class, l)
	if most := class.Approval.MaxBatch; class.Approval.Level == retention.ApprovalAuto && most > 0 && len(l.items) > most {
		p.Level = string(retention.ApprovalRequired)
	}
	return d.proposed(ctx, v, actor, l, p, req.Confirm)
}

// proposal is what is journalled of a list.
func (d *Daemon) proposal(v *view, class *retention.Class, l *drafting) record.DisposalProposed {
	return record.DisposalProposed{Ground: record.GroundSchedule, Class: class.ID, Source: l.wanted.Source, Schedule: v.schedule.Version, Rules: v.rules,
		Level: string(class.Approval.Level), Extra: class.Approval.ExtraRole, Unusual: disposal.Unusual(len(l.items), v.batches, d.cfg.Disposal.Floor, d.cfg.Disposal.Times),
		Waits: v.schedule.Defaults.CoolingOff.String(), Items: l.items, List: disposal.ListDigest(l.items), Totals: l.totals}
}

// proposed journals a list if that is confirmed, and says what is on it.
func (d *Daemon) proposed(ctx context.Context, v *view, actor string, l *drafting, p record.DisposalProposed, confirm bool) (v1.Batch, error) {
	if !confirm {
		out := d.describeBatch(&disposal.Batch{DisposalProposed: p, At: v.now, By: actor})
		out.Records, out.Left = l.rows, l.leftOut
		return out, nil
	}
	if err := v.mayAct(); err != nil {
		return v1.Batch{}, &api.Error{Code: api.CodeConflict, Message: err.Error(), Hint: "a records officer approves a schedule; see closeroll retention --help"}
	}
	if len(l.items) == 0 {
		return v1.Batch{}, &api.Error{Code: api.CodeNotFound, Message: "nothing of class " + p.Class + " is due and free to be disposed of", Hint: "closeroll explain ID says why a record is kept"}
	}
	b, err := d.journalProposal(ctx, actor, p)
	if err != nil {
		return v1.Batch{}, err
	}
	out := d.describeBatch(b)
	out.Records, out.Left = l.rows, l.leftOut
	return out, nil
}

// journalProposal gives a list its name and journals it. Of two lists made at
// once, with a record in common, the second is refused.
func (d *Daemon) journalProposal(ctx context.Context, actor string, p record.DisposalProposed) (*disposal.Batch, error) {
	year, letter := record.DateOf(d.now(), d.zone).Year, "D"
	if p.Ground == record.GroundConfirmed {
		letter = "T"
	}
	_, err := d.archive.Decide(ctx, func(ctx context.Context) ([]journal.Entry, error) {
		batches, err := batchesOf(ctx, d.catalog)
		if err != nil {
			return nil, err
		}
		n := 1
		taken := make(map[record.ID]bool)
		for _, b := range batches {
			if b.At.In(d.zone).Year() == year && strings.HasPrefix(b.Batch, letter) {
				n++
			}
			for _, it := range openItems(b) {
				taken[it.Record] = true
			}
		}
		for _, it := range p.Items {
			if taken[it.Record] {
				return nil, &api.Error{Code: api.CodeConflict, Message: "another list was made meanwhile that has some of these records", Hint: "propose it again"}
			}
		}
		p.Batch = fmt.Sprintf("%s-%d-%03d", letter, year, n)
		e, err := journal.NewEntry(record.EntryProposal, actor, p)
		return []journal.Entry{e}, err
	})
	if err != nil {
		return nil, err
	}
	return d.findBatch(ctx, p.Batch)
}

// findBatch returns a batch by its name, as the catalog has it.
func (d *Daemon) findBatch(ctx context.Context, name string) (*disposal.Batch, error) {
	batches, err := batchesOf(ctx, d.catalog)
	if err != nil {
		return nil, err
	}
	for _, b := range batches {
		if b.Batch == name {
			return b, nil
		}
	}
	return nil, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("there is no batch %q", name), Hint: "closeroll dispose list lists them"}
}

// describeBatch words a batch for the verbs.
func (d *Daemon) describeBatch(b *disposal.Batch) v1.Batch {
	out := v1.Batch{Batch: b.Batch, State: b.State(d.now(), d.zone), Ground: b.Ground, Class: b.Class, Source: b.Source, Reason: b.Reason,
		To: b.To, Packages: packagesOf(b), Schedule: b.Schedule, Proposed: b.At, By: b.By, List: b.List, Totals: b.Totals, Unusual: b.Unusual, Needs: orEmpty(b.Needs()),
		Missing: orEmpty(b.Missing()), Approvals: []v1.Approved{}, Refused: make(map[string]int), Destroyed: len(b.Gone),
		Retired: len(b.Retired), Remaining: len(b.Remaining()), Certificate: b.Number, Parts: b.Parts}
	if b.Certificate == nil && b.Abandoned == nil {
		out.Wanting = b.Wanting()
	}
	for _, a := range b.Approvals {
		out.Approvals = append(out.Approvals, v1.Approved{By: a.By, Name: a.Name, Role: a.Role, Key: a.Key, At: a.At, Text: a.Text, Signature: a.Signature})
	}
	if at, err := b.ReadyAt(d.zone); err == nil {
		out.Ready = at
	}
	for _, r := range b.Refusals {
		out.Refused[r.Reason]++
	}
	for _, x := range b.Exclusions {
		out.Excluded += len(x.Records)
	}
	if b.Abandoned != nil {
		out.Abandoned = b.Abandoned.Reason
	}
	return out
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// explainDestroyed cites the certificate of a record that is no more.
func (d *Daemon) explainDestroyed(ctx context.Context, row catalog.Row) (v1.Explanation, error) {
	stub, err := d.catalog.Stub(ctx, row.ID)
	if err != nil {
		return v1.Explanation{}, err
	}
	b, err := d.findBatch(ctx, stub.Batch)
	if err != nil {
		return v1.Explanation{}, err
	}
	gone := &v1.Destroyed{Batch: b.Batch, Certificate: b.Number, Ground: b.Ground, Class: b.Class, Schedule: b.Schedule, At: b.Finished, To: b.To, Stub: stub.Stub}
	if b.Certificate != nil {
		gone.SHA256 = record.Sum(b.Certificate)
	}
	if part, ok := b.Part(row.ID); ok {
		gone.Successor, gone.Erased = b.Successors[row.ID], len(part.Messages)
	}
	for _, a := range b.Approvals {
		gone.Approved = append(gone.Approved, a.Role)
	}
	if p := b.PackageOf(row.ID); p != nil {
		gone.Deposit = depositOf(p)
	}
	return v1.Explanation{ID: row.ID, Kind: row.Kind, Schedule: b.Schedule, Holdings: []v1.Decided{}, Destroyed: gone}, nil
}

// proposeDue proposes lists of what is due by the configured cron expression.
func (d *Daemon) proposeDue(ctx context.Context) {
	for ctx.Err() == nil {
		next := d.cfg.Disposal.Propose.Next(d.now())
		if next.IsZero() {
			return
		}
		if pause(ctx, next.Sub(d.now())); ctx.Err() != nil {
			return
		}
		if err := d.proposeAll(ctx); err != nil && ctx.Err() == nil {
			d.lg.Error("what is due could not be proposed for disposal", "error", err)
		}
	}
}

// proposeAll makes a list for each class of which something is due to be
// destroyed and free to be. Under a sample it proposes nothing.
func (d *Daemon) proposeAll(ctx context.Context) error {
	v, err := d.look(ctx, d.catalog)
	if err != nil || v.mayAct() != nil {
		return err
	}
	for _, class := range v.schedule.Classes {
		if class.Action == retention.Transfer {
			continue
		}
		b, err := d.propose(ctx, daemonActor, v1.Propose{Class: class.ID})
		if err != nil {
			return err
		}
		if b.Totals.Records == 0 {
			continue
		}
		if b, err = d.propose(ctx, daemonActor, v1.Propose{Class: class.ID, Confirm: true}); err != nil {
			return err
		}
		d.lg.Info("disposal proposed", "batch", b.Batch, "class", class.ID, "records", b.Totals.Records)
	}
	return nil
}
