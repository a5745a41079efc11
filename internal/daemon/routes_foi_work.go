package daemon

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/foi"
)

func (d *Daemon) postAsk(ctx context.Context, c api.Caller, req v1.AskRequest) (v1.Request, error) {
	d.requests.Lock()
	defer d.requests.Unlock()
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return v1.Request{}, err
	}
	ask := record.RequestAsked{Request: r.Ref, Ask: len(r.Asks) + 1, Of: req.Of, On: req.On, What: req.What}
	if r, err = d.amend(ctx, c, req.Changing, record.EntryRequestAsk, ask); err != nil {
		return v1.Request{}, err
	}
	return d.describeRequest(ctx, r)
}

func (d *Daemon) postAnswer(ctx context.Context, c api.Caller, req v1.AnswerRequest) (v1.Request, error) {
	return d.note(ctx, c, req.Changing, record.EntryRequestAsk,
		record.RequestAsked{Request: req.Ref, Ask: req.Ask, On: req.On, Answered: true, Result: req.Result, Note: req.Note})
}

// postRelate notes that requests are of the same person or campaign.
func (d *Daemon) postRelate(ctx context.Context, c api.Caller, req v1.RelateRequest) (v1.Request, error) {
	body := record.RequestRelated{Request: req.Ref, Removed: req.Removed}
	for _, ref := range req.Related {
		other, _, err := d.request(ctx, ref)
		if err != nil {
			return v1.Request{}, err
		}
		body.Related = append(body.Related, other.Ref)
	}
	return d.note(ctx, c, req.Changing, record.EntryRequestRelated, body)
}

// postTime logs work, all of it or none.
func (d *Daemon) postTime(ctx context.Context, c api.Caller, req v1.LogTime) (foi.Estimate, error) {
	d.requests.Lock()
	defer d.requests.Unlock()
	if len(req.Times) == 0 {
		return foi.Estimate{}, &api.Error{Code: api.CodeUsage, Message: "no time was given", Hint: "see closeroll foi time --help"}
	}
	var bodies []any
	for _, t := range req.Times {
		t.Request = req.Ref
		bodies = append(bodies, t)
	}
	r, err := d.amendAll(ctx, c, req.Changing, record.EntryRequestTime, bodies)
	if err != nil {
		return foi.Estimate{}, err
	}
	return d.estimate(ctx, c, r)
}

// postSample draws a sample of the set at random, and journals the seed.
func (d *Daemon) postSample(ctx context.Context, c api.Caller, req v1.DrawSample) (foi.Sample, error) {
	d.requests.Lock()
	defer d.requests.Unlock()
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return foi.Sample{}, err
	}
	set, err := d.requestSet(ctx, c, r, -1)
	if err != nil {
		return foi.Sample{}, err
	}
	var items []string
	for _, it := range set.Items {
		items = append(items, it.Item)
	}
	if req.Size < 1 || len(items) == 0 {
		return foi.Sample{}, &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("a sample of %d cannot be drawn from a set of %d items", req.Size, len(items)),
			Hint: "search first: closeroll foi search " + r.Ref + " QUERY"}
	}
	if req.Seed == 0 {
		var b [8]byte
		rand.Read(b[:]) // never fails
		req.Seed = binary.BigEndian.Uint64(b[:]) >> 11
	}
	sampled := record.RequestSampled{Request: r.Ref, Sample: len(r.Samples) + 1, Seed: req.Seed, Population: len(items), Items: foi.Draw(items, req.Size, req.Seed)}
	if r, err = d.amend(ctx, c, req.Changing, record.EntryRequestSample, sampled); err != nil {
		return foi.Sample{}, err
	}
	return r.Samples[len(r.Samples)-1], nil
}

func (d *Daemon) getEstimate(ctx context.Context, c api.Caller, req byRef) (foi.Estimate, error) {
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return foi.Estimate{}, err
	}
	return d.estimate(ctx, c, r)
}

func (d *Daemon) estimate(ctx context.Context, c api.Caller, r *foi.Request) (foi.Estimate, error) {
	set, err := d.requestSet(ctx, c, r, -1)
	if err != nil {
		return foi.Estimate{}, err
	}
	authority := foi.Authority(d.cfg.Requests.Authority)
	e := d.law.costs.Estimate(r, set.Summary.Items, authority)
	all, err := d.register(ctx)
	if err != nil {
		return e, err
	}
	var others []*foi.Request
	hours := make(map[string]float64)
	for _, o := range all {
		if o.Ref == r.Ref || !slices.Contains(r.Related, o.Ref) && !slices.Contains(o.Related, r.Ref) {
			continue
		}
		full, _, err := d.request(ctx, o.Ref)
		if err != nil {
			return e, err
		}
		set, err := d.requestSet(ctx, c, full, -1)
		if err != nil {
			return e, err
		}
		others = append(others, o)
		hours[o.Ref] = d.law.costs.Estimate(full, set.Summary.Items, authority).Countable.Best
	}
	if others != nil {
		e.Aggregate(d.law.Book, d.law.costs, r, others, hours)
	}
	return e, nil
}
