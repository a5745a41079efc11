package daemon

import (
	"context"
	"io"
	"net/http"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention/assurance"
)

func (d *Daemon) sealedReportRoutes() []api.Route {
	readers := api.For(api.Manager, api.Auditor)
	return []api.Route{
		api.Call(http.MethodGet, "/v1/sealed-reports", readers, d.getSealedReports),
		api.Call(http.MethodPost, "/v1/sealed-reports", api.For(api.Manager), d.postSealedReport),
		api.Stream(http.MethodGet, "/v1/sealed-reports/{entry}/sealed", readers, d.getSealedReport),
	}
}

func (d *Daemon) getSealedReports(ctx context.Context, _ api.Caller, _ none) ([]v1.SealedReport, error) {
	rows, err := d.catalog.SealedReports(ctx)
	out := make([]v1.SealedReport, len(rows))
	for i, r := range rows {
		out[i] = shownSealed(r)
	}
	return out, err
}

func shownSealed(r catalog.SealedReport) v1.SealedReport {
	return v1.SealedReport{Entry: r.Entry, At: r.At, By: r.Actor, ReportSealed: r.ReportSealed}
}

// postSealedReport makes a report, seals it and keeps it in the bucket.
func (d *Daemon) postSealedReport(ctx context.Context, c api.Caller, req v1.KeepReport) (v1.SealedReport, error) {
	of := byReport{Report: req.Report}
	if req.Period != "" {
		var err error
		if of.Period, err = assurance.ParseSpan(req.Period); err != nil {
			return v1.SealedReport{}, &api.Error{Code: api.CodeUsage, Message: err.Error()}
		}
	}
	r, err := d.getReport(ctx, c, of)
	if err != nil {
		return v1.SealedReport{}, err
	}
	b, err := d.sealReport(r)
	if err != nil {
		return v1.SealedReport{}, err
	}
	b.Bucket = true
	if err := d.keepBundle(ctx, c.ID, b); err != nil {
		return v1.SealedReport{}, err
	}
	rows, err := d.catalog.SealedReports(ctx)
	if err != nil {
		return v1.SealedReport{}, err
	}
	for _, row := range rows {
		if row.Sealed == b.Sealed {
			return shownSealed(row), nil
		}
	}
	return v1.SealedReport{}, archive.ErrNotFound
}

type byEntry struct {
	Entry int64 `path:"entry" json:"-"`
}

// getSealedReport streams a report as it is in the bucket. The reader compares
// it with the journal's digest before opening it.
func (d *Daemon) getSealedReport(ctx context.Context, _ api.Caller, req byEntry, reply *api.Reply) error {
	rows, err := d.catalog.SealedReports(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Entry != req.Entry || !row.Bucket {
			continue
		}
		r, _, err := d.store.Get(ctx, row.Key())
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.Copy(reply.Octets(row.Size), r)
		return err
	}
	return &api.Error{Code: api.CodeNotFound, Message: "no such report is kept in the bucket", Hint: "closeroll report kept lists them"}
}
