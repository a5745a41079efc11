package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/foi"
)

// productionRoutes are the calls about what is disclosed.
func (d *Daemon) productionRoutes() []api.Route {
	return []api.Route{
		api.Call(http.MethodGet, "/v1/requests/{ref}/production", api.For(api.Officer, api.Manager), d.getProductionBasis),
		api.Call(http.MethodPost, "/v1/requests/{ref}/productions", api.For(api.Officer), d.postProduction),
	}
}

func (d *Daemon) getProductionBasis(ctx context.Context, _ api.Caller, req byRef) (v1.ProductionBasis, error) {
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return v1.ProductionBasis{}, err
	}
	return v1.ProductionBasis{Kind: r.Kind, Law: d.law.codes[r.Kind].Law, Authority: d.cfg.Archive.Name, Version: r.Version, Next: len(r.Productions) + 1}, nil
}

// postProduction journals a production before it has its name on the officer's
// disk. The daemon knows it by its digest; what is in it, it cannot read.
func (d *Daemon) postProduction(ctx context.Context, c api.Caller, req v1.Produce) (v1.Request, error) {
	d.requests.Lock()
	defer d.requests.Unlock()
	made := req.RequestProduced
	made.Request = req.Ref
	r, err := d.amend(ctx, c, req.Changing, record.EntryRequestProduction, made)
	if err != nil {
		before, _, found := d.request(ctx, req.Ref)
		if found == nil && (made.Known != before.Version || made.Production != len(before.Productions)+1) {
			return v1.Request{}, &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("%s: %v", req.Ref, foi.ErrChangedMeanwhile),
				Hint: "nothing was produced; look at what changed with closeroll foi set " + req.Ref + ", and export again"}
		}
		return v1.Request{}, errors.Join(err, found)
	}
	return d.describeRequest(ctx, r)
}
