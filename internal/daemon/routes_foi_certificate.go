package daemon

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"golang.org/x/mod/sumdb/note"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/foi"
	"github.com/closeroll/closeroll/search/foi/certificate"
)

// certificateRoutes are the calls about what a search could not read, and about
// its certificates.
func (d *Daemon) certificateRoutes() []api.Route {
	officers, all := api.For(api.Officer), api.For(api.Officer, api.Manager, api.Auditor)
	return []api.Route{
		api.Call(http.MethodGet, "/v1/requests/{ref}/unsearched", officers, d.getUnsearched),
		api.Call(http.MethodPost, "/v1/requests/{ref}/unsearched", officers, d.postLook),
		api.Call(http.MethodPost, "/v1/requests/{ref}/certificates", officers, d.postSearchCertificate),
		api.Call(http.MethodGet, "/v1/requests/{ref}/certificates/{number}", all, d.getSearchCertificate),
		api.Call(http.MethodPost, "/v1/requests/{ref}/reruns", all, d.postReruns),
	}
}

// unsearched lists what the runs of a request could not search, that the caller
// may see: not what another run found, nor what was certainly sent after the
// request came.
func (d *Daemon) unsearched(ctx context.Context, c api.Caller, r *foi.Request) (v1.Unsearched, error) {
	out := v1.Unsearched{Ref: r.Ref, Items: []v1.UnsearchedItem{}}
	found, all := roaring64.New(), roaring64.New()
	runs := make([]*roaring64.Bitmap, len(r.Frozen))
	for i, run := range r.Frozen {
		found.Or(roaring64.Or(bitmapOf(run.Messages), bitmapOf(run.Undated)))
		runs[i] = bitmapOf(run.Unsearchable)
		all.Or(runs[i])
	}
	all.AndNot(found)
	withheld, err := d.withheld(ctx, c)
	if err != nil {
		return out, err
	}
	all.AndNot(withheld)
	unindexed, err := d.catalog.Unindexed(ctx)
	if err != nil {
		return out, err
	}
	looked, cutoff := r.LookedAt(), r.Cutoff(d.zone)
	err = d.catalog.Walk(ctx, all, func(w catalog.Walked) error {
		if w.Disposed != "" || !w.Sent.IsZero() && !w.Suspect && !w.Sent.Before(cutoff) {
			return nil
		}
		it := v1.UnsearchedItem{Item: w.ID.String(), Kind: w.Kind, Sent: w.Sent, Sender: w.Sender, Display: w.Display, Chat: w.Chat,
			Reason: string(w.TextStatus), Looked: looked[w.ID.String()]}
		if unindexed.Contains(uint64(w.No)) || it.Reason == "" {
			it.Reason = "not_indexed"
		}
		for i, run := range runs {
			if run.Contains(uint64(w.No)) {
				it.Runs = append(it.Runs, i+1)
			}
		}
		if it.Looked == nil {
			out.Open++
		}
		out.Items = append(out.Items, it)
		return nil
	})
	return out, err
}

func (d *Daemon) getUnsearched(ctx context.Context, c api.Caller, req byRef) (v1.Unsearched, error) {
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return v1.Unsearched{}, err
	}
	return d.unsearched(ctx, c, r)
}

// postLook notes what somebody found who looked at what could not be searched.
func (d *Daemon) postLook(ctx context.Context, c api.Caller, req v1.Look) (v1.Unsearched, error) {
	d.requests.Lock()
	defer d.requests.Unlock()
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return v1.Unsearched{}, err
	}
	list, err := d.unsearched(ctx, c, r)
	if err != nil {
		return list, err
	}
	body := record.RequestLooked{Request: r.Ref, Result: req.Result, Note: req.Note}
	for _, it := range list.Items {
		named := slices.ContainsFunc(req.Items, func(id string) bool { return id != "" && strings.HasPrefix(it.Item, strings.ToLower(id)) })
		if named || req.All && it.Looked == nil {
			body.Items = append(body.Items, it.Item)
		}
	}
	for _, id := range req.Items {
		if !slices.ContainsFunc(body.Items, func(item string) bool { return id != "" && strings.HasPrefix(item, strings.ToLower(id)) }) {
			return list, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("%s is not among what could not be searched", id), Hint: "closeroll foi unsearched " + r.Ref + " lists it"}
		}
	}
	if r, err = d.amend(ctx, c, req.Changing, record.EntryRequestLooked, body); err != nil {
		return list, err
	}
	return d.unsearched(ctx, c, r)
}

// foundWithin returns the messages that no search could read and that a person
// found to be within the request.
func (d *Daemon) foundWithin(ctx context.Context, r *foi.Request) (*roaring64.Bitmap, error) {
	within, all := roaring64.New(), roaring64.New()
	looked := r.LookedAt()
	if len(looked) == 0 {
		return within, nil
	}
	for _, run := range r.Frozen {
		all.Or(bitmapOf(run.Unsearchable))
	}
	err := d.catalog.Identify(ctx, all, func(m catalog.Identified) error {
		if l := looked[m.ID.String()]; l != nil && l.Result == foi.Within {
			within.Add(uint64(m.No))
		}
		return nil
	})
	return within, err
}

// postSearchCertificate certifies the search for a request, or says what stands
// in the way of that. If nothing was journalled about the request since its
// newest certificate, that is the one.
func (d *Daemon) postSearchCertificate(ctx context.Context, c api.Caller, req v1.Certify) (v1.CertifiedSearch, error) {
	d.requests.Lock()
	defer d.requests.Unlock()
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return v1.CertifiedSearch{}, err
	}
	made, err := d.gatherEvidence(ctx, c, r, req)
	if err != nil {
		return v1.CertifiedSearch{}, err
	}
	out := v1.CertifiedSearch{Ref: r.Ref, Obstacles: made.closed.Obstacles(d.zone), Concealed: made.concealed, Queries: []string{}}
	for _, run := range made.open.Runs {
		out.Queries = append(out.Queries, run.Name+": "+run.Parsed)
	}
	if newest, current := r.NewestCertificate(); current && !req.Again {
		out.Number = newest
		return out, nil
	}
	if req.Check || len(out.Obstacles) > 0 {
		return out, nil
	}
	openForm, err := made.open.Canonical()
	if err != nil {
		return out, err
	}
	made.closed.OpenForm = record.Sum(openForm)
	closedForm, err := made.closed.Canonical()
	if err != nil {
		return out, err
	}
	number := made.closed.Number
	_, err = d.amendAll(ctx, c, req.Changing, record.EntryRequestCertified, []any{
		record.RequestCertified{Request: r.Ref, Number: number, Form: certificate.Open, Certificate: openForm},
		record.RequestCertified{Request: r.Ref, Number: number, Form: certificate.Closed, Certificate: closedForm}})
	out.Number, out.Made = number, true
	return out, err
}

type searchCertificate struct {
	Ref    string `path:"ref" json:"-"`
	Number string `path:"number" json:"-"` // or newest
	Form   string `json:"form"`            // open or closed
}

// getSearchCertificate gives a certificate in one of its forms, with all that
// proves it.
func (d *Daemon) getSearchCertificate(ctx context.Context, _ api.Caller, req searchCertificate) (certificate.Bundle, error) {
	b := certificate.Bundle{Format: certificate.BundleFormat}
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return b, err
	}
	i := len(r.Issued) - 1
	for ; i >= 0; i-- {
		if is := r.Issued[i]; is.Form == req.Form && (req.Number == "newest" || fmt.Sprint(is.Number) == req.Number) {
			break
		}
	}
	if i < 0 {
		return b, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("request %s has no such certificate", r.Ref), Hint: "closeroll foi certificate " + r.Ref + " makes one"}
	}
	return d.searchBundle(ctx, r, r.Issued[i])
}

func (d *Daemon) searchBundle(ctx context.Context, r *foi.Request, is foi.Issued) (certificate.Bundle, error) {
	b := certificate.Bundle{Format: certificate.BundleFormat, Certificate: is.Certificate}
	c, err := certificateOf(is.Certificate)
	if err != nil {
		return b, err
	}
	signed, err := note.Sign(&note.Note{Text: certificate.SignedText(c, is.Certificate)}, d.keyring.Signer)
	if err != nil {
		return b, err
	}
	if is.Form == certificate.Closed {
		if b.Manifest, err = d.listed(ctx, asOf(r, is.Entry)); err != nil {
			return b, err
		}
	}
	reader := d.journal.Reader()
	b.Note, b.Checkpoint = string(signed), string(reader.Checkpoint().Note)
	b.Entry, err = reader.ProveEntry(ctx, is.Entry, true)
	return b, err
}

// asOf is the request as it was before an entry: with the runs and the looks
// that a certificate counts.
func asOf(r *foi.Request, entry int64) *foi.Request {
	then := *r
	then.Frozen = slices.Clone(r.Frozen)
	then.Frozen = slices.DeleteFunc(then.Frozen, func(s foi.Searched) bool { return s.Entry > entry })
	then.Looked = slices.DeleteFunc(slices.Clone(r.Looked), func(l foi.Looked) bool { return l.Entry > entry })
	return &then
}

// listed is the manifest of a certificate: what each run found and left open.
// It is the same whenever it is asked for, of records that are no more too.
func (d *Daemon) listed(ctx context.Context, r *foi.Request) (string, error) {
	var out strings.Builder
	looked := r.LookedAt()
	list := func(run int, name string, numbers record.Numbers) error {
		return d.catalog.Identify(ctx, bitmapOf(numbers), func(m catalog.Identified) error {
			id := m.ID.String()
			if name != certificate.ListUnread {
				out.WriteString(certificate.Line(run, name, id))
				return nil
			}
			result := "-"
			if l := looked[id]; l != nil {
				result = l.Result
			}
			out.WriteString(certificate.Line(run, name, id, result))
			return nil
		})
	}
	for _, f := range r.Frozen {
		for _, l := range []struct {
			name    string
			numbers record.Numbers
		}{{certificate.ListFound, f.Messages}, {certificate.ListDating, f.Undated}, {certificate.ListUnread, f.Unsearchable}} {
			if err := list(f.Run, l.name, l.numbers); err != nil {
				return "", err
			}
		}
	}
	return out.String(), nil
}

// since is when a hold was placed.
func since(rows []catalog.HoldRow, name string) (time.Time, string) {
	for _, h := range rows {
		if h.Hold == name {
			return h.At, h.Scope.Query
		}
	}
	return time.Time{}, ""
}
