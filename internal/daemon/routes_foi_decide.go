package daemon

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search"
	"github.com/closeroll/closeroll/search/foi"
)

func decisionFault(format string, args ...any) error {
	return &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf(format, args...), Hint: "see closeroll foi decide --help"}
}

// postItemDecision decides about items of a request's set, or previews that. What
// the preview showed is what is decided: if somebody has decided about any of
// its items meanwhile, it is refused.
func (d *Daemon) postItemDecision(ctx context.Context, c api.Caller, req v1.DecideItems) (v1.Ruled, error) {
	d.requests.Lock()
	defer d.requests.Unlock()
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return v1.Ruled{}, err
	}
	set, err := d.requestSet(ctx, c, r, 0)
	if err != nil {
		return v1.Ruled{}, err
	}
	targets, err := d.targets(ctx, set, req)
	if err != nil {
		return v1.Ruled{}, err
	}
	decided := record.RequestDecided{Request: r.Ref, Decision: req.Decision, Exemptions: req.Exemptions, Note: req.Note, PublicInterest: req.PublicInterest}
	out := v1.Ruled{Decision: req.Decision, DryRun: req.DryRun, Expect: foi.Fingerprint(targets), Left: set.Undecided, Items: []v1.RuledItem{}}
	if decided.Exemptions, out.Notices, err = d.law.codes[r.Kind].Check(decided, r.Received); err != nil {
		return out, decisionFault("%v", err)
	}
	out.Exemptions = decided.Exemptions
	for _, t := range targets {
		out.Items = append(out.Items, decidedItem(t))
		decided.Items = append(decided.Items, t.ID)
	}
	switch {
	case req.Expect != "" && req.Expect != out.Expect:
		return out, &api.Error{Code: api.CodeConflict, Message: "somebody has decided about some of these items since you looked",
			Hint: "look again: closeroll foi set " + r.Ref}
	case len(targets) == 0:
		return out, &api.Error{Code: api.CodeNotFound, Message: "nothing in the set is meant by this", Hint: "closeroll foi set " + r.Ref + " lists it"}
	case req.DryRun:
		return out, nil
	}
	if r, err = d.amend(ctx, c, req.Changing, record.EntryRequestDecision, decided); err != nil {
		return out, err
	}
	set, err = d.requestSet(ctx, c, r, -1)
	if err != nil {
		return out, err
	}
	out.Left = set.Undecided
	return out, nil
}

func decidedItem(t foi.Target) v1.RuledItem {
	return v1.RuledItem{Item: t.ID, Display: t.Item.Display, Chat: t.Item.Chat, Sender: t.Item.Sender, Sent: t.Item.Sent, Was: t.Ruling()}
}

// targets finds the items of the set that are meant, each once.
func (d *Daemon) targets(ctx context.Context, set *foi.Set, req v1.DecideItems) ([]foi.Target, error) {
	var all []foi.Target
	ways := 0
	for _, way := range []struct {
		given bool
		find  func() ([]foi.Target, error)
	}{
		{len(req.Items) > 0, func() ([]foi.Target, error) { return set.Select(req.Items) }},
		{req.CopyGroup != "", func() ([]foi.Target, error) { return set.Select([]string{req.CopyGroup}) }},
		{req.Thread != "", func() ([]foi.Target, error) { return set.Thread(req.Thread, req.Context) }},
		{req.Query != "", func() ([]foi.Target, error) { return d.foundIn(ctx, set, req) }},
	} {
		if !way.given {
			continue
		}
		ways++
		found, err := way.find()
		if err != nil {
			return nil, errorWithCode(err, api.CodeNotFound, "closeroll foi set lists what is in the set")
		}
		all = append(all, found...)
	}
	if ways != 1 {
		return nil, decisionFault("say what is decided about in one way: items, a query, a thread or a copy group")
	}
	if req.Undecided {
		all = slices.DeleteFunc(all, func(t foi.Target) bool { return t.Known() != 0 })
	}
	slices.SortFunc(all, func(a, b foi.Target) int {
		return cmp.Or(cmp.Compare(a.Item.No, b.Item.No), strings.Compare(a.ID, b.ID))
	})
	return slices.CompactFunc(all, func(a, b foi.Target) bool { return a.ID == b.ID }), nil
}

// errorWithCode gives an error of a pure room its code; one that has a code
// already keeps it.
func errorWithCode(err error, code api.Code, hint string) error {
	if said := explain(err); said != nil {
		return said
	}
	return &api.Error{Code: code, Message: err.Error(), Hint: hint}
}

// foundIn returns the items of the set that a query finds now, in any of their
// copies.
func (d *Daemon) foundIn(ctx context.Context, set *foi.Set, req v1.DecideItems) ([]foi.Target, error) {
	q, err := d.parse(req.Query)
	if err != nil {
		return nil, err
	}
	a, err := d.engine.Search(ctx, q, search.Options{})
	if err != nil {
		return nil, err
	}
	found := make(map[string]bool)
	err = d.catalog.Walk(ctx, roaring64.Or(a.Hits, a.ToBeDated), func(w catalog.Walked) error { found[w.ID.String()] = true; return nil })
	if err != nil {
		return nil, err
	}
	var all []foi.Target
	for i := range set.Items {
		it := &set.Items[i]
		if (req.Context || !it.Context) && slices.ContainsFunc(it.IDs(), func(id string) bool { return found[id] }) {
			all = append(all, foi.Target{Item: it, ID: it.Item})
		}
	}
	return all, nil
}

// postDecisionRows decides about many items, each in its own way: all or none.
// A row that was made knowing an older decision is refused.
func (d *Daemon) postDecisionRows(ctx context.Context, c api.Caller, req v1.DecideRows) (v1.Ruled, error) {
	d.requests.Lock()
	defer d.requests.Unlock()
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return v1.Ruled{}, err
	}
	set, err := d.requestSet(ctx, c, r, maxAround)
	if err != nil {
		return v1.Ruled{}, err
	}
	out := v1.Ruled{DryRun: req.DryRun, Left: set.Undecided, Items: []v1.RuledItem{}}
	bodies, err := d.rows(r, set, req.Rows, &out)
	if err != nil || req.DryRun || len(bodies) == 0 {
		return out, err
	}
	if r, err = d.amendAll(ctx, c, req.Changing, record.EntryRequestDecision, bodies); err != nil {
		return out, err
	}
	set, err = d.requestSet(ctx, c, r, -1)
	if err == nil {
		out.Left = set.Undecided
	}
	return out, err
}

// rows checks every row, and joins those that decide alike.
func (d *Daemon) rows(r *foi.Request, set *foi.Set, rows []v1.DecisionRow, out *v1.Ruled) ([]any, error) {
	var faults, conflicts []string
	var order []string
	alike := make(map[string]*record.RequestDecided)
	for _, row := range rows {
		decided := record.RequestDecided{Request: r.Ref, Decision: row.Decision, Exemptions: row.Exemptions, Note: row.Note, PublicInterest: row.PublicInterest}
		cited, notices, err := d.law.codes[r.Kind].Check(decided, r.Received)
		if err != nil {
			faults = append(faults, fmt.Sprintf("%s: %v", row.Item, err))
			continue
		}
		targets, err := set.Select([]string{row.Item})
		switch {
		case err != nil || len(targets) != 1:
			faults = append(faults, fmt.Sprintf("%s is not one item of the set", row.Item))
			continue
		case targets[0].Known() != row.Known:
			conflicts = append(conflicts, row.Item)
			continue
		}
		for _, n := range notices {
			if !slices.Contains(out.Notices, n) {
				out.Notices = append(out.Notices, n)
			}
		}
		out.Items = append(out.Items, decidedItem(targets[0]))
		decided.Exemptions = cited
		key := fmt.Sprintf("%q", []any{decided.Decision, cited, decided.Note, decided.PublicInterest})
		if alike[key] == nil {
			alike[key] = &decided
			order = append(order, key)
		}
		alike[key].Items = append(alike[key].Items, targets[0].ID)
	}
	switch {
	case faults != nil:
		return nil, decisionFault("%s", strings.Join(faults, "\n"))
	case conflicts != nil:
		return nil, &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("somebody has decided meanwhile about: %s", strings.Join(conflicts, ", ")),
			Hint: "nothing was decided; write the file again with closeroll foi decisions " + r.Ref}
	}
	var bodies []any
	for _, key := range order {
		bodies = append(bodies, *alike[key])
	}
	return bodies, nil
}

// postUndo takes a decision or redactions back: the caller's newest, or those
// of the entry that is named.
func (d *Daemon) postUndo(ctx context.Context, c api.Caller, req v1.Undo) (v1.Undone, error) {
	d.requests.Lock()
	defer d.requests.Unlock()
	r, _, err := d.request(ctx, req.Ref)
	if err != nil {
		return v1.Undone{}, err
	}
	out := v1.Undone{Entry: req.Entry, DryRun: req.DryRun, Items: []v1.RuledItem{}}
	if out.Entry == 0 {
		out.Entry = newestBy(r, c.ID)
	}
	before, struck := r.Rule(), r.Redactions()
	if !undo(r, out.Entry) {
		return v1.Undone{}, &api.Error{Code: api.CodeNotFound, Message: "there is no such decision to take back",
			Hint: "closeroll foi set " + r.Ref + " --json has the entry of each decision, closeroll foi redactions " + r.Ref + " --json of each redaction"}
	}
	after, left := r.Rule(), r.Redactions()
	for item, was := range before {
		if now := after[item]; was.Entry == out.Entry {
			out.Items = append(out.Items, v1.RuledItem{Item: item, Was: was.Brief(), Now: now.Brief()})
		}
	}
	for item, was := range struck {
		if was.Entry == out.Entry {
			out.Restored = append(out.Restored, v1.RestoredItem{Item: item, Was: len(was.Spans), Now: len(left[item].Spans)})
		}
	}
	slices.SortFunc(out.Items, func(a, b v1.RuledItem) int { return strings.Compare(a.Item, b.Item) })
	slices.SortFunc(out.Restored, func(a, b v1.RestoredItem) int { return strings.Compare(a.Item, b.Item) })
	if req.DryRun {
		return out, nil
	}
	_, err = d.amend(ctx, c, req.Changing, record.EntryRequestUndo, record.RequestUndone{Request: r.Ref, Entry: out.Entry})
	return out, err
}

// newestBy is the newest decision or redactions of somebody that stand.
func newestBy(r *foi.Request, who string) int64 {
	var newest int64
	for _, ruling := range r.Rulings {
		if !ruling.Undone && ruling.By == who {
			newest = ruling.Entry
		}
	}
	for _, s := range r.Struck {
		if !s.Undone && s.By == who {
			newest = max(newest, s.Entry)
		}
	}
	return newest
}

// undo marks a decision or redactions as taken back, and reports whether there
// were any that stood.
func undo(r *foi.Request, entry int64) bool {
	for i := range r.Rulings {
		if one := &r.Rulings[i]; one.Entry == entry && !one.Undone {
			one.Undone = true
			return true
		}
	}
	for i := range r.Struck {
		if one := &r.Struck[i]; one.Entry == entry && !one.Undone {
			one.Undone = true
			return true
		}
	}
	return false
}

// exemptionsOf checks the exemptions that a reply relies on: those given, or
// else those of the decisions in force.
func (d *Daemon) exemptionsOf(ctx context.Context, ref string, given []string) ([]string, error) {
	r, _, err := d.request(ctx, ref)
	if err != nil {
		return nil, err
	}
	if len(given) == 0 {
		for _, ruling := range r.Rule() {
			given = append(given, ruling.Exemptions...)
		}
		slices.Sort(given)
	}
	cited, _, err := d.law.codes[r.Kind].CheckAll(given, r.Received)
	if err != nil {
		return nil, &api.Error{Code: api.CodeUsage, Message: err.Error(), Hint: "name an exemption as s.40(2), reg 12(4)(b) or Sch 2 para 16"}
	}
	return cited, nil
}
