package daemon

import (
	"context"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// latestStatements is how many daily statements are listed.
const latestStatements = 31

// statements journals, each night, what every source has shown and what became
// of it. A daemon that was not there at midnight makes up for the day before
// when it starts.
func (d *Daemon) statements(ctx context.Context) {
	for ctx.Err() == nil {
		today := record.DateOf(d.now(), d.zone)
		for _, s := range d.sources {
			if err := d.closeDay(ctx, s, today.AddDays(-1)); err != nil && ctx.Err() == nil {
				d.lg.Error("a statement of completeness could not be journalled", "source", s.Name, "error", err)
			}
		}
		pause(ctx, today.AddDays(1).Start(d.zone).Sub(d.now())+time.Second)
	}
}

// closeDay journals the statement of a source for a day, once. A source that has
// shown nothing yet has nothing to state.
func (d *Daemon) closeDay(ctx context.Context, s *source, day record.Date) error {
	made, err := d.catalog.Statements(ctx, s.Name, 1)
	if err != nil || len(made) > 0 && made[0].Day >= day.String() {
		return err
	}
	statement, err := d.statement(ctx, s, day)
	if err != nil || statement.Counts.Seen == 0 {
		return err
	}
	return d.archive.JournalOne(ctx, record.EntryStatement, daemonActor, statement)
}

// statement is how a source stands now, with the lag of one day's captures.
func (d *Daemon) statement(ctx context.Context, s *source, day record.Date) (st record.Statement, err error) {
	s.mu.Lock()
	st = record.Statement{Source: s.Name, Day: day.String(), At: d.now().UTC(), LastSuccess: s.lastSuccess}
	s.mu.Unlock()
	if st.Counts, err = d.catalog.Counts(ctx, s.Name); err != nil {
		return st, err
	}
	st.Owed = st.Counts.FailedTotal()
	if st.CameAndWent, err = d.catalog.CameAndWent(ctx, s.Name); err != nil {
		return st, err
	}
	if st.Lag, err = d.catalog.Lag(ctx, s.Name, day.Start(d.zone), day.AddDays(1).Start(d.zone)); err != nil {
		return st, err
	}
	compared, ok, err := d.catalog.Reconciliation(ctx, s.Name)
	if ok {
		st.Reconciled, st.Agrees = compared.Began, compared.Clean()
	}
	return st, err
}

// getCompleteness returns how a source stands today, and its statements.
func (d *Daemon) getCompleteness(ctx context.Context, _ api.Caller, req toSource) (v1.Completeness, error) {
	s := d.source(req.Source)
	if s == nil {
		return v1.Completeness{}, noSource(req.Source)
	}
	now, err := d.statement(ctx, s, record.DateOf(d.now(), d.zone))
	if err != nil {
		return v1.Completeness{}, err
	}
	out := v1.Completeness{Now: now, Daily: []v1.Stated{}}
	daily, err := d.catalog.Statements(ctx, s.Name, latestStatements)
	for _, row := range daily {
		out.Daily = append(out.Daily, v1.Stated(row))
	}
	return out, err
}
