package daemon

import (
	"context"
	"fmt"
	"net/http"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/foi"
)

// foiRoutes are the calls about requests.
func (d *Daemon) foiRoutes() []api.Route {
	officers := api.For(api.Officer)
	all := api.For(api.Officer, api.Manager, api.Auditor)
	return append(append(d.certificateRoutes(), d.savedRoutes()...), []api.Route{
		api.Call(http.MethodGet, "/v1/requests", all, d.getRequests),
		api.Call(http.MethodPost, "/v1/requests", officers, d.postRequest),
		api.Call(http.MethodGet, "/v1/requests/{ref}", all, d.getRequest),
		api.Call(http.MethodPost, "/v1/requests/{ref}/scope", officers, d.postRequestScope),
		api.Call(http.MethodPost, "/v1/requests/{ref}/events", officers, d.postRequestEvent),
		api.Call(http.MethodPost, "/v1/requests/{ref}/close", officers, d.postRequestClose),
		api.Call(http.MethodPost, "/v1/requests/{ref}/searches", officers, d.postRequestSearch),
		api.Stream(http.MethodGet, "/v1/requests/{ref}/set", api.For(api.Officer, api.Manager), d.getRequestSet),
		api.Call(http.MethodPost, "/v1/requests/{ref}/asks", officers, d.postAsk),
		api.Call(http.MethodPost, "/v1/requests/{ref}/answers", officers, d.postAnswer),
		api.Call(http.MethodPost, "/v1/requests/{ref}/related", officers, d.postRelate),
		api.Call(http.MethodPost, "/v1/requests/{ref}/time", officers, d.postTime),
		api.Call(http.MethodPost, "/v1/requests/{ref}/samples", officers, d.postSample),
		api.Call(http.MethodGet, "/v1/requests/{ref}/estimate", all, d.getEstimate),
		api.Call(http.MethodPost, "/v1/requests/{ref}/decisions", officers, d.postItemDecision),
		api.Call(http.MethodPost, "/v1/requests/{ref}/decisions/rows", officers, d.postDecisionRows),
		api.Call(http.MethodPost, "/v1/requests/{ref}/undo", officers, d.postUndo),
		api.Call(http.MethodGet, "/v1/requests/{ref}/late-destruction", all, d.getLate),
		api.Call(http.MethodGet, "/v1/request-statistics", all, d.getStats),
		api.Call(http.MethodPost, "/v1/explain", api.For(api.Officer, api.Manager), d.postWhyNot),
	}...)
}

type byRef struct {
	Ref string `path:"ref" json:"-"`
}

func (d *Daemon) getRequests(ctx context.Context, _ api.Caller, _ none) ([]v1.Request, error) {
	all, err := d.register(ctx)
	if err != nil {
		return nil, err
	}
	today := record.DateOf(d.now(), d.zone)
	list := make([]v1.Request, len(all))
	for i, r := range all {
		list[i].Request = *r
		if list[i].Standing, err = d.law.Standing(r, today); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (d *Daemon) getRequest(ctx context.Context, c api.Caller, req byRef) (v1.Request, error) {
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return v1.Request{}, err
	}
	out, err := d.describeRequest(ctx, r)
	if err == nil {
		err = d.remaining(ctx, c, r, &out)
	}
	return out, err
}

// postRequest enters a request, with the hold on its scope in the same moment:
// there is none in which it is open and nothing keeps what it asks for.
func (d *Daemon) postRequest(ctx context.Context, c api.Caller, req v1.OpenRequest) (v1.Request, error) {
	d.requests.Lock()
	defer d.requests.Unlock()
	opened := record.RequestOpened{Request: req.Ref, Kind: req.Kind, Received: req.Received, Text: req.Text, Query: req.Query, Hold: req.Ref}
	for _, other := range req.Related {
		r, _, err := d.request(ctx, other)
		if err != nil {
			return v1.Request{}, err
		}
		opened.Related = append(opened.Related, r.Ref)
	}
	e, err := journal.NewEntry(record.EntryRequest, c.ID, opened)
	if err != nil {
		return v1.Request{}, err
	}
	r, err := foi.Fold([]foi.Entry{{Type: e.Type, Time: d.now().UTC(), Actor: c.ID, Body: e.Body}})
	if err == nil {
		_, err = d.law.Standing(r, record.DateOf(d.now(), d.zone))
	}
	if err != nil {
		return v1.Request{}, &api.Error{Code: api.CodeUsage, Message: err.Error(), Hint: "see closeroll foi open --help"}
	}
	if rows, err := d.catalog.RequestEntries(ctx, req.Ref, true); err != nil || len(rows) > 0 {
		return v1.Request{}, errorOr(err, &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("request %s is in the register already", req.Ref),
			Hint: "closeroll foi show " + req.Ref})
	}
	hold, err := d.requestHold(ctx, r.Ref, r.Kind, 0, req.Query)
	if err != nil {
		return v1.Request{}, err
	}
	if err := d.place(ctx, c.ID, hold, e); err != nil {
		return v1.Request{}, err
	}
	return d.getRequest(ctx, c, byRef{Ref: req.Ref})
}

func errorOr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// postRequestScope gives a request a scope: a hold on it, and the end of the
// one on everything, if that is what it had. An earlier narrower hold stays
// until a manager releases it.
func (d *Daemon) postRequestScope(ctx context.Context, c api.Caller, req v1.ScopeRequest) (v1.Request, error) {
	d.requests.Lock()
	defer d.requests.Unlock()
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return v1.Request{}, err
	}
	hold, err := d.requestHold(ctx, r.Ref, r.Kind, len(r.Holds), req.Query)
	if err != nil {
		return v1.Request{}, err
	}
	more, err := d.placing(ctx, c.ID, hold)
	if err != nil {
		return v1.Request{}, err
	}
	if r.Scope == "" {
		more, err = d.releasing(ctx, c.ID, r.Holds[len(r.Holds)-1], more)
		if err != nil {
			return v1.Request{}, err
		}
	}
	scoped := record.RequestScoped{Request: r.Ref, Query: req.Query, Hold: hold.Hold, Note: req.Note}
	if r, err = d.amend(ctx, c, req.Changing, record.EntryRequestScope, scoped, more...); err != nil {
		return v1.Request{}, err
	}
	if err := d.catchAgain(ctx, c.ID, hold); err != nil {
		return v1.Request{}, err
	}
	return d.describeRequest(ctx, r)
}

// releasing adds the release of a hold, if it is still in force. That an
// officer releases their own here is no way round the second person: it is on
// everything, and what takes its place is journalled with it.
func (d *Daemon) releasing(ctx context.Context, actor, name string, entries []journal.Entry) ([]journal.Entry, error) {
	rows, err := d.catalog.Holds(ctx, false)
	for _, h := range rows {
		if h.Hold == name {
			e, err := journal.NewEntry(record.EntryRelease, actor, record.HoldReleased{Hold: name, Reason: "narrowed to the request's scope"})
			return append(entries, e), err
		}
	}
	return entries, err
}

func (d *Daemon) postRequestEvent(ctx context.Context, c api.Caller, req v1.NoteEvent) (v1.Request, error) {
	if tomorrow := record.DateOf(d.now(), d.zone).AddDays(1); !req.On.Before(tomorrow) {
		return v1.Request{}, &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("%s has not happened yet: %s is still to come", req.Event, req.On.Long()),
			Hint: "note an event when it has happened"}
	}
	return d.note(ctx, c, req.Changing, record.EntryRequestEvent, record.RequestEvent{Request: req.Ref, Event: req.Event, On: req.On, Estimate: req.Estimate,
		Outcome: req.Outcome, Failure: req.Failure, Note: req.Note})
}

func (d *Daemon) postRequestClose(ctx context.Context, c api.Caller, req v1.CloseRequest) (v1.Request, error) {
	if tomorrow := record.DateOf(d.now(), d.zone).AddDays(1); !req.Responded.Before(tomorrow) {
		return v1.Request{}, &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("the reply is of %s, which is still to come", req.Responded.Long()),
			Hint: "close the request when the reply has gone"}
	}
	exemptions, err := d.exemptionsOf(ctx, req.Ref, req.Exemptions)
	if err != nil {
		return v1.Request{}, err
	}
	return d.note(ctx, c, req.Changing, record.EntryRequestClosed, record.RequestClosed{Request: req.Ref, Responded: req.Responded, Held: req.Held,
		Outcome: req.Outcome, Exemptions: exemptions, Note: req.Note})
}

// note journals one entry about a request and describes the request after it.
func (d *Daemon) note(ctx context.Context, c api.Caller, ch v1.Changing, kind string, body any) (v1.Request, error) {
	d.requests.Lock()
	defer d.requests.Unlock()
	r, err := d.amend(ctx, c, ch, kind, body)
	if err != nil {
		return v1.Request{}, err
	}
	return d.describeRequest(ctx, r)
}
