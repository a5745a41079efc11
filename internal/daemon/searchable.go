package daemon

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/search"
)

// A searchable is the catalog as searches ask it: with what is on hold, which
// the rules of retention decide. It implements search.Catalog and search.Holds.
type searchable struct {
	*catalog.Catalog
	governor *governor
}

// OnHold asks the rules about every holding while any hold is in force: what
// covers everything is answered at once, and else it takes as long as a list of
// what is due.
func (s searchable) OnHold(ctx context.Context) (*roaring64.Bitmap, error) {
	on := roaring64.New()
	v, err := s.governor.survey(ctx)
	if err != nil || len(v.force.holds) == 0 {
		return on, err
	}
	err = s.governor.catalog.EachBrief(ctx, catalog.Asks{}, func(_ int64, h *catalog.Governed) error {
		c := v.candidate(h)
		if slices.ContainsFunc(v.force.holds, func(hold retention.Hold) bool { return hold.Takes(c, h.Class) }) {
			on.AddRange(uint64(h.First), uint64(h.First)+uint64(h.Count))
		}
		return nil
	})
	return on, err
}

// parseFor parses a query in which searches stand that its caller has saved, or
// somebody for all.
func (d *Daemon) parseFor(ctx context.Context, c api.Caller, query string) (*search.Query, error) {
	p := search.Parser{Zone: d.zone, Now: d.now()}
	if strings.Contains(query, "saved:") {
		rows, err := d.catalog.SavedSearches(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		p.Saved = func(name string) (string, bool) {
			i := slices.IndexFunc(rows, func(r catalog.SavedRow) bool { return r.Name == name })
			if i < 0 {
				return "", false
			}
			return rows[i].Query, true
		}
	}
	return p.Parse(query)
}

// mayHold refuses a hold's query that says something else tomorrow without the
// archive's having changed: one that asks for what is on hold.
func (d *Daemon) mayHold(query string) error {
	q, err := d.parse(query)
	if err == nil && asksForHolds(q.Root) {
		err = &api.Error{Code: api.CodeUsage, Message: "what is put on hold cannot be asked for by what is on hold", Hint: "leave is:onhold out of the query"}
	}
	return err
}

func asksForHolds(n search.Node) bool {
	switch n := n.(type) {
	case search.And:
		return slices.ContainsFunc(n, asksForHolds)
	case search.Or:
		return slices.ContainsFunc(n, asksForHolds)
	case search.Not:
		return asksForHolds(n.Node)
	case search.Property:
		return n.Name == catalog.PropIs && n.Value == "onhold"
	}
	return false
}

// savedRoutes are the calls about saved searches.
func (d *Daemon) savedRoutes() []api.Route {
	searchers := api.For(api.Officer, api.Manager)
	return []api.Route{
		api.Call(http.MethodGet, "/v1/saved-searches", searchers, d.getSaved),
		api.Call(http.MethodPost, "/v1/saved-searches", searchers, d.postSaved),
		api.Call(http.MethodPost, "/v1/saved-searches/{name}/forget", searchers, d.postForget),
	}
}

func (d *Daemon) getSaved(ctx context.Context, c api.Caller, _ none) ([]v1.SavedSearch, error) {
	rows, err := d.catalog.SavedSearches(ctx, c.ID)
	list := make([]v1.SavedSearch, len(rows))
	for i, r := range rows {
		list[i] = v1.SavedSearch{Name: r.Name, Query: r.Query, Shared: r.Shared, By: r.By, At: r.At}
	}
	return list, err
}

// postSaved keeps a query under a name. One with saved searches in it is kept as
// what it asks for, so that changing them does not change it.
func (d *Daemon) postSaved(ctx context.Context, c api.Caller, req v1.SaveSearch) (v1.SavedSearch, error) {
	q, err := d.parseFor(ctx, c, req.Query)
	if err != nil {
		return v1.SavedSearch{}, err
	}
	if !search.ValidName(req.Name) {
		return v1.SavedSearch{}, &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("%q is no name for a search", req.Name), Hint: "use up to 64 letters, digits and - _ ."}
	}
	if len(q.Saved) > 0 {
		req.Query = q.String()
	}
	d.savedNames.Lock()
	defer d.savedNames.Unlock()
	before, err := d.savedAs(ctx, c, req.Name, req.Shared)
	if err != nil {
		return v1.SavedSearch{}, err
	}
	if before != nil && !req.Replace {
		return v1.SavedSearch{}, &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("a search is saved as %q already: %s", req.Name, before.Query), Hint: "give --replace, or another name"}
	}
	if err := d.archive.JournalOne(ctx, record.EntrySavedSearch, c.ID, record.SavedSearch{Name: req.Name, Query: req.Query, Shared: req.Shared}); err != nil {
		return v1.SavedSearch{}, err
	}
	return v1.SavedSearch{Name: req.Name, Query: req.Query, Shared: req.Shared, By: c.ID, At: d.now().UTC()}, nil
}

// savedAs returns what the caller, or somebody for all, has saved under a name.
func (d *Daemon) savedAs(ctx context.Context, c api.Caller, name string, shared bool) (*catalog.SavedRow, error) {
	rows, err := d.catalog.SavedSearches(ctx, c.ID)
	for i, r := range rows {
		if r.Name == name && r.Shared == shared {
			return &rows[i], err
		}
	}
	return nil, err
}

// postForget forgets a saved search. What was searched with it is in the journal
// all the same.
func (d *Daemon) postForget(ctx context.Context, c api.Caller, req v1.ForgetSearch) (v1.SavedSearch, error) {
	d.savedNames.Lock()
	defer d.savedNames.Unlock()
	row, err := d.savedAs(ctx, c, req.Name, req.Shared)
	switch {
	case err != nil:
		return v1.SavedSearch{}, err
	case row == nil:
		return v1.SavedSearch{}, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("no search was saved as %q", req.Name), Hint: "closeroll search saved lists them"}
	}
	err = d.archive.JournalOne(ctx, record.EntrySavedSearch, c.ID, record.SavedSearch{Name: req.Name, Shared: req.Shared, Forgotten: true})
	return v1.SavedSearch{Name: row.Name, Query: row.Query, Shared: row.Shared, By: row.By, At: row.At}, err
}
