package daemon

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/retention/assurance"
	"github.com/closeroll/closeroll/retention/report"
)

func (d *Daemon) reportRoutes() []api.Route {
	return []api.Route{
		api.Call(http.MethodGet, "/v1/reports/{report}", api.For(api.Manager, api.Auditor), d.getReport),
	}
}

type byReport struct {
	Report string         `path:"report" json:"-"`
	Period assurance.Span `json:"period"`
}

// getReport gathers a report. A report about a period is by default of the
// quarter that ended last.
func (d *Daemon) getReport(ctx context.Context, _ api.Caller, req byReport) (report.Report, error) {
	k, ok := report.Find(req.Report)
	if !ok {
		return nil, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("there is no report %q", req.Report), Hint: "closeroll report list lists them"}
	}
	if !req.Period.IsZero() && req.Period.First().After(record.DateOf(d.now(), d.zone)) {
		return nil, &api.Error{Code: api.CodeUsage, Message: req.Period.String() + " has not begun", Hint: "name a period that is over, or is running"}
	}
	switch {
	case k.When == report.Over && req.Period.IsZero():
		req.Period = lastQuarter(d.now(), d.zone)
	case k.When == report.Now && !req.Period.IsZero():
		return nil, &api.Error{Code: api.CodeUsage, Message: "report " + k.Name + " says how things stand now, and is of no period", Hint: "ask for it without a period"}
	}
	return reporter{d}.gather(ctx, k, req.Period)
}

// lastQuarter is the quarter that ended last.
func lastQuarter(now time.Time, zone *time.Location) assurance.Span {
	today := record.DateOf(now, zone)
	return assurance.SpanOf(assurance.SpanOf(today, assurance.Quarterly).First().AddDays(-1), assurance.Quarterly)
}
