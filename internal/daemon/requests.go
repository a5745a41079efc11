package daemon

import (
	"context"
	"errors"
	"fmt"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/foi"
)

func requestEntries(rows []catalog.RequestEntry) []foi.Entry {
	entries := make([]foi.Entry, len(rows))
	for i, e := range rows {
		entries[i] = foi.Entry{Index: e.Index, Type: e.Type, Time: e.Time, Actor: e.Actor, Body: e.Body}
	}
	return entries
}

// request returns one request with everything about it.
func (d *Daemon) request(ctx context.Context, ref string) (*foi.Request, []foi.Entry, error) {
	rows, err := d.catalog.RequestEntries(ctx, ref, false)
	if err != nil {
		return nil, nil, err
	}
	if ref == "" || len(rows) == 0 {
		return nil, nil, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("there is no request %q", ref), Hint: "closeroll foi list lists them"}
	}
	entries := requestEntries(rows)
	r, err := foi.Fold(entries)
	return r, entries, err
}

// register returns all requests in the order of their opening, without their
// searches and decisions.
func (d *Daemon) register(ctx context.Context) ([]*foi.Request, error) {
	rows, err := d.catalog.RequestEntries(ctx, "", true)
	if err != nil {
		return nil, err
	}
	byRef := make(map[string][]catalog.RequestEntry)
	var order []string
	for _, e := range rows {
		if byRef[e.Request] == nil {
			order = append(order, e.Request)
		}
		byRef[e.Request] = append(byRef[e.Request], e)
	}
	all := make([]*foi.Request, len(order))
	for i, ref := range order {
		if all[i], err = foi.Fold(requestEntries(byRef[ref])); err != nil {
			return nil, fmt.Errorf("request %s: %w", ref, err)
		}
	}
	return all, nil
}

// amend journals one more entry about a request, and others with it, as
// amendAll does.
func (d *Daemon) amend(ctx context.Context, c api.Caller, ch v1.Changing, kind string, body any, more ...journal.Entry) (*foi.Request, error) {
	return d.amendAll(ctx, c, ch, kind, []any{body}, more...)
}

// amendAll journals entries of one type about a request, and others with them,
// all or none, and returns the request after it. The version is the one that
// the caller knows; zero is any. What contradicts the request as it stands is
// refused, and nothing is journalled. The caller has d.requests.
func (d *Daemon) amendAll(ctx context.Context, c api.Caller, ch v1.Changing, kind string, bodies []any, more ...journal.Entry) (*foi.Request, error) {
	entries, err := d.amendment(ctx, c, ch, kind, bodies, len(more))
	if err != nil {
		return nil, err
	}
	if err := d.archive.Journal(ctx, append(entries, more...)...); err != nil {
		return nil, err
	}
	after, _, err := d.request(ctx, ch.Ref)
	return after, err
}

// amendment makes the entries of amendAll, which go into one batch with so many
// others.
func (d *Daemon) amendment(ctx context.Context, c api.Caller, ch v1.Changing, kind string, bodies []any, others int) ([]journal.Entry, error) {
	before, known, err := d.request(ctx, ch.Ref)
	if err != nil {
		return nil, err
	}
	if ch.Version != 0 && ch.Version != before.Version {
		return nil, changedMeanwhile(before)
	}
	var entries []journal.Entry
	size := 0
	for i, body := range bodies {
		e, err := journal.NewEntry(kind, c.ID, body)
		if err != nil {
			return nil, err
		}
		entries, size = append(entries, e), size+len(e.Body)
		known = append(known, foi.Entry{Index: before.Version + 1 + int64(i), Type: kind, Time: d.now().UTC(), Actor: c.ID, Body: e.Body})
	}
	trial, err := foi.Fold(known)
	if err == nil {
		_, err = d.law.Standing(trial, record.DateOf(d.now(), d.zone))
	}
	if err != nil {
		return nil, &api.Error{Code: api.CodeUsage, Message: ch.Ref + ": " + err.Error(), Hint: "closeroll foi show " + ch.Ref + " says where it stands"}
	}
	if size > journal.MaxBytes/2 || len(entries)+others > journal.MaxEntries {
		return nil, &api.Error{Code: api.CodeTooLarge, Message: "it is more than one batch of the journal can hold", Hint: "do it in parts: narrow the query, or name fewer items"}
	}
	return entries, nil
}

func changedMeanwhile(r *foi.Request) error {
	return &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("request %s has changed since you looked: it is at version %d", r.Ref, r.Version),
		Hint: "closeroll foi show " + r.Ref + ", and decide again"}
}

// describeRequest adds where a request stands today, and what is on hold.
func (d *Daemon) describeRequest(ctx context.Context, r *foi.Request) (v1.Request, error) {
	out := v1.Request{Request: *r}
	for _, run := range r.Frozen {
		out.Searches = append(out.Searches, v1.Frozen(run))
	}
	var err error
	if out.Standing, err = d.law.Standing(r, record.DateOf(d.now(), d.zone)); err != nil {
		return out, err
	}
	counts, err := d.governor.onHold(ctx, nil)
	if err != nil {
		return out, err
	}
	out.OnHold = counts[r.Holds[len(r.Holds)-1]].records
	others, err := d.register(ctx)
	if err != nil {
		return out, err
	}
	out.Alike = d.law.costs.Alike(d.law.Book, r, others)
	out.Disposed, err = d.disposedSince(ctx, r)
	return out, err
}

// requestHold is the hold of a request: its name is the reference, and a number
// from the second on.
func (d *Daemon) requestHold(ctx context.Context, ref string, kind foi.Kind, placed int, query string) (record.HoldPlaced, error) {
	h := record.HoldPlaced{Hold: ref, Type: string(kind), Matter: "request " + ref, Owner: "whoever answers " + ref, Scope: record.Scope{Query: query}}
	if placed > 0 {
		h.Hold = fmt.Sprintf("%s.%d", ref, placed+1)
	}
	err := d.checkHold(ctx, h)
	var said *api.Error
	if errors.As(err, &said) && said.Code == api.CodeConflict {
		said.Hint = "the hold of a request has the request's reference: give the request another one"
	}
	return h, err
}
