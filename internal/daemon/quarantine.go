package daemon

import (
	"context"
	"fmt"
	"slices"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/alert"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// What is in quarantine is for the readers of its vault alone: they alone see
// that list, and they alone decide.

type listQuarantine struct {
	All bool `json:"all"`
}

// getQuarantine lists what awaits a decision, or all that was ever quarantined.
func (d *Daemon) getQuarantine(ctx context.Context, c api.Caller, req listQuarantine) ([]v1.Quarantined, error) {
	rows, err := d.catalog.Quarantine(ctx, req.All)
	if err != nil {
		return nil, err
	}
	list := []v1.Quarantined{}
	for _, q := range rows {
		row, err := d.catalog.Record(ctx, q.Record)
		if err != nil {
			return nil, err
		}
		if err := d.guard(ctx, c, row); err != nil {
			return nil, err
		}
		one, err := d.quarantined(ctx, row, q)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

func (d *Daemon) quarantined(ctx context.Context, row catalog.Row, q catalog.QuarantineRow) (v1.Quarantined, error) {
	out := v1.Quarantined{Quarantine: q.Quarantine, ID: row.ID, Kind: row.Kind, Display: row.Display, Captured: row.Captured, Source: q.Source,
		Vault: row.Vault, Messages: row.Count, Octets: row.Size, Decision: q.Decision, Decided: q.Decided, Decider: q.Decider, Why: q.Why}
	holdings, err := d.catalog.Holdings(ctx, row.ID)
	if err != nil {
		return out, err
	}
	if len(holdings) > 0 {
		out.Custodian = holdings[0].Custodian
	}
	out.Searchable, err = d.catalog.IsIndexed(ctx, row.First, row.Count)
	return out, err
}

// inQuarantine finds a record that is in quarantine, or was.
func (d *Daemon) inQuarantine(ctx context.Context, c api.Caller, id string) (catalog.Row, catalog.QuarantineRow, error) {
	row, err := d.find(ctx, c, id)
	if err != nil {
		return row, catalog.QuarantineRow{}, err
	}
	all, err := d.catalog.Quarantine(ctx, true)
	if err != nil {
		return row, catalog.QuarantineRow{}, err
	}
	i := slices.IndexFunc(all, func(q catalog.QuarantineRow) bool { return q.Record == row.ID })
	if i < 0 {
		return row, catalog.QuarantineRow{}, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("record %s was never in quarantine", row.ID.Short()),
			Hint: "closeroll quarantine list lists what is"}
	}
	return row, all[i], nil
}

func (d *Daemon) getQuarantined(ctx context.Context, c api.Caller, req byID) (v1.Quarantined, error) {
	row, q, err := d.inQuarantine(ctx, c, req.ID)
	if err != nil {
		return v1.Quarantined{}, err
	}
	return d.quarantined(ctx, row, q)
}

type byID struct {
	ID string `path:"id" json:"-"`
}

type decide struct {
	byID
	v1.Decide
}

// postDecision journals what a person decided about a record in quarantine.
func (d *Daemon) postDecision(ctx context.Context, c api.Caller, req decide) (v1.Quarantined, error) {
	row, q, err := d.inQuarantine(ctx, c, req.ID)
	switch {
	case err != nil:
		return v1.Quarantined{}, err
	case req.Decision != record.Released && req.Decision != record.Kept:
		return v1.Quarantined{}, &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("%q is no decision: there are released and kept", req.Decision)}
	case req.Reason == "":
		return v1.Quarantined{}, &api.Error{Code: api.CodeUsage, Message: "a decision needs a reason", Hint: "give it with --reason"}
	case q.Decision == record.Released:
		return v1.Quarantined{}, &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("record %s is released already", row.ID.Short()),
			Hint: "what was released cannot be called back: tell the departmental security officer"}
	}
	decided := record.QuarantineDecided{Record: row.ID, Decision: req.Decision, Reason: req.Reason}
	if err := d.archive.JournalOne(ctx, record.EntryQuarantine, c.ID, decided, row.ID); err != nil {
		return v1.Quarantined{}, err
	}
	d.checkQuarantine(ctx)
	return d.getQuarantined(ctx, c, req.byID)
}

// waiting counts what is in quarantine.
func (d *Daemon) waiting(ctx context.Context) (v1.Waiting, error) {
	rows, err := d.catalog.Quarantine(ctx, true)
	var w v1.Waiting
	for _, q := range rows {
		if q.Decision != record.Released {
			w.Records++
		}
		if q.Decision == "" {
			w.Deciding++
		}
	}
	return w, err
}

// checkQuarantine calls a person while something in quarantine awaits one. It
// says how much and where from, and nothing of what it is.
func (d *Daemon) checkQuarantine(ctx context.Context) {
	rows, err := d.catalog.Quarantine(ctx, false)
	if err != nil {
		if ctx.Err() == nil {
			d.lg.Warn("the quarantine cannot be read", "error", err)
		}
		return
	}
	waiting := make(map[string]int)
	for _, q := range rows {
		waiting[q.Source]++
	}
	for source, n := range waiting {
		d.alerts.Raise(ctx, alert.InQuarantine, source, fmt.Sprintf("records of this source that await a decision: %d; closeroll quarantine list", n))
	}
	for _, s := range d.sources {
		if waiting[s.Name] == 0 {
			d.alerts.Clear(ctx, alert.InQuarantine, s.Name)
		}
	}
}

// tellRefused tells a person of marked mail that was not captured.
func (d *Daemon) tellRefused(ctx context.Context, source string, counts record.Counts) {
	if n := counts.Excluded[record.ReasonMarking]; n > 0 {
		d.alerts.Tell(ctx, alert.MarkedRefused, source, fmt.Sprintf("messages marked SECRET or above that were not captured: %d; they are where they came from, or in refused/", n))
	}
}
