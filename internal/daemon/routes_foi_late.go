package daemon

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention/assurance"
	"github.com/closeroll/closeroll/search"
	"github.com/closeroll/closeroll/search/foi"
)

type lateOf struct {
	Ref   string `path:"ref" json:"-"`
	Query string `json:"query"`
}

// getLate lists what was destroyed since a request came and is or may be within
// it. FOIA s.77 makes it an offence to destroy with the intention of preventing
// disclosure; whether that was so is not for a program to say.
func (d *Daemon) getLate(ctx context.Context, _ api.Caller, req lateOf) (v1.Late, error) {
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return v1.Late{}, err
	}
	if req.Query == "" {
		req.Query = r.Scope
	}
	out := v1.Late{Ref: r.Ref, Received: r.Received, Query: req.Query, Records: []v1.LateRecord{}}
	var root search.Node = search.All{}
	if req.Query != "" {
		q, err := d.parse(req.Query)
		if err != nil {
			return out, err
		}
		root = q.Root
	}
	out.Records, out.Looked, err = d.destroyedSince(ctx, root, r.Received)
	return out, err
}

// destroyedSince lists the stubs of what was destroyed on a day or after it and
// meets a query or cannot be ruled out, the latest first, and how many stubs
// there are in all. The zero day is any.
func (d *Daemon) destroyedSince(ctx context.Context, root search.Node, since record.Date) ([]v1.LateRecord, int, error) {
	batches := make(map[string]v1.Destroyed)
	list, looked := []v1.LateRecord{}, 0
	err := d.catalog.EachStub(ctx, func(s catalog.StubRow) error {
		looked++
		gone, ok := batches[s.Batch]
		if !ok {
			b, err := d.findBatch(ctx, s.Batch)
			if err != nil {
				return err
			}
			gone = v1.Destroyed{Batch: b.Batch, Certificate: b.Number, Ground: b.Ground, Class: b.Class, Schedule: b.Schedule, At: b.Finished, To: b.To}
			batches[s.Batch] = gone
		}
		chance := foi.Would(root, s.Stub)
		// A batch that is not finished is at work now.
		if chance == foi.Ruled || !gone.At.IsZero() && record.DateOf(gone.At, d.zone).Before(since) {
			return nil
		}
		gone.Stub = s.Stub
		list = append(list, v1.LateRecord{Destroyed: gone, Certain: chance == foi.Surely})
		return nil
	})
	slices.SortStableFunc(list, func(a, b v1.LateRecord) int { return cmp.Or(b.At.Compare(a.At), strings.Compare(a.Batch, b.Batch)) })
	return list, looked, err
}

// disposedSince lists what was disposed of since a request came and is or may
// be within its scope.
func (d *Daemon) disposedSince(ctx context.Context, r *foi.Request) ([]v1.Disposed, error) {
	late, err := d.getLate(ctx, api.Caller{}, lateOf{Ref: r.Ref})
	var list []v1.Disposed
	for _, l := range late.Records {
		list = append(list, v1.Disposed{ID: l.Stub.Record, Display: stubWords(l.Stub), Certificate: fmt.Sprintf("%d of %s", l.Certificate, l.Batch)})
	}
	return list, err
}

// stubWords says what is left of a record.
func stubWords(s record.Stub) string {
	words := string(s.Kind)
	if !s.From.IsZero() {
		words += " of " + s.From.Long()
	}
	var who []string
	for _, h := range s.Holdings {
		if !slices.Contains(who, h.Custodian) {
			who = append(who, h.Custodian)
		}
	}
	return words + ", " + strings.Join(who, ", ")
}

// postWhyNot answers “why do you not hold it?”. What it looks for is journalled
// as a search.
func (d *Daemon) postWhyNot(ctx context.Context, c api.Caller, req v1.WhyNot) (v1.WhyNotAnswer, error) {
	q, err := d.parseFor(ctx, c, req.Query)
	if err != nil {
		return v1.WhyNotAnswer{}, err
	}
	a, err := d.postSearch(ctx, c, v1.Search{Query: req.Query, For: req.For, Limit: 1})
	if err != nil {
		return v1.WhyNotAnswer{}, err
	}
	out := v1.WhyNotAnswer{Query: req.Query, Parsed: a.Parsed}
	open := int64(a.DateUndecided + a.NotSearched + a.NotIndexed + a.WithheldOpen)
	if total := int64(a.Total + a.Withheld); total+open > 0 {
		out.Parts = append(out.Parts, v1.Reason{Answer: "held", Count: total, Open: open,
			Text: fmt.Sprintf("%d messages are held; %d more cannot be ruled out, for want of a date or of words that could be read", total, open)})
	}
	gone, err := d.goneReasons(ctx, q.Root)
	if err != nil {
		return out, err
	}
	excluded, err := d.excludedReasons(ctx, q.Root)
	if err != nil {
		return out, err
	}
	out.Parts = slices.Concat(out.Parts, gone, excluded)
	if len(out.Parts) == 0 {
		out.Parts = append(out.Parts, v1.Reason{Answer: "unknown",
			Text: "nothing here says that it was ever captured, excluded or destroyed: what people hold elsewhere has to be asked for"})
	}
	return out, nil
}

// goneReasons groups what was destroyed or transferred by batch.
func (d *Daemon) goneReasons(ctx context.Context, root search.Node) ([]v1.Reason, error) {
	records, _, err := d.destroyedSince(ctx, root, record.Date{})
	var all []v1.Reason
	for _, r := range records {
		answer, what := "destroyed", "destroyed"
		if r.Ground == record.GroundConfirmed {
			answer, what = "transferred", "transferred to "+r.To+", which has confirmed to have them, and destroyed here"
		}
		i := slices.IndexFunc(all, func(x v1.Reason) bool { return x.Batch == r.Batch })
		if i < 0 {
			all = append(all, v1.Reason{Answer: answer, Batch: r.Batch, Certificate: r.Certificate, Text: what})
			i = len(all) - 1
		}
		if r.Certain {
			all[i].Count++
		} else {
			all[i].Open++
		}
		all[i].Text = fmt.Sprintf("%d records were %s on %s (ground %s, class %s, schedule %s, certificate %d); %d more of the batch cannot be ruled out",
			all[i].Count, what, record.DateOf(r.At, d.zone).Long(), r.Ground, r.Class, r.Schedule, r.Certificate, all[i].Open)
	}
	return all, err
}

// excludedReasons says, of each source that the query does not rule out, what
// it showed and is not archived, and since when it is read at all.
func (d *Daemon) excludedReasons(ctx context.Context, root search.Node) ([]v1.Reason, error) {
	var all []v1.Reason
	captured := false
	for _, s := range d.sources {
		as := record.Stub{Holdings: []record.StubHolding{{Source: s.Name, Custodian: s.Custodian, Channel: s.Channel}}}
		if foi.Would(onlyPlaces(root), as) == foi.Ruled {
			continue
		}
		captured = true
		counts, err := d.catalog.Counts(ctx, s.Name)
		if err != nil {
			return nil, err
		}
		for reason, n := range counts.Excluded {
			all = append(all, v1.Reason{Answer: "excluded", Open: n, Text: fmt.Sprintf("source %s: %d items were left out on purpose (%s)", s.Name, n, reason)})
		}
		for reason, n := range counts.Failed {
			all = append(all, v1.Reason{Answer: "never_captured", Open: n, Text: fmt.Sprintf("source %s: %d items could not be archived (%s): closeroll failures", s.Name, n, reason)})
		}
	}
	slices.SortFunc(all, func(a, b v1.Reason) int {
		return cmp.Or(strings.Compare(a.Answer, b.Answer), strings.Compare(a.Text, b.Text))
	})
	if !captured {
		all = append(all, v1.Reason{Answer: "never_captured", Text: "no source that the query allows is, or is still, captured into this archive"})
	}
	return all, nil
}

// onlyPlaces is a query with every condition left open that a source cannot
// answer: all but custodian, source and channel.
func onlyPlaces(n search.Node) search.Node {
	switch n := n.(type) {
	case search.And:
		return search.And(onlyPlacesOf(n))
	case search.Or:
		return search.Or(onlyPlacesOf(n))
	case search.Not:
		return search.Not{Node: onlyPlaces(n.Node)}
	case search.Property:
		if n.Name == "custodian" || n.Name == "source" || n.Name == "channel" {
			return n
		}
	}
	return search.Has{} // open for every stub
}

func onlyPlacesOf(nodes []search.Node) []search.Node {
	all := make([]search.Node, len(nodes))
	for i, n := range nodes {
		all[i] = onlyPlaces(n)
	}
	return all
}

type statsOf struct {
	Period assurance.Span `json:"period"`
}

func (d *Daemon) getStats(ctx context.Context, _ api.Caller, req statsOf) (foi.Stats, error) {
	today := record.DateOf(d.now(), d.zone)
	if req.Period.IsZero() {
		req.Period = assurance.SpanOf(today, assurance.Quarterly)
	}
	all, err := d.register(ctx)
	if err != nil {
		return foi.Stats{}, err
	}
	s, err := d.law.Stats(all, req.Period.First(), req.Period.Last(), today)
	s.Authority = d.cfg.Archive.Name
	return s, err
}
