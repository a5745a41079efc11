package daemon

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention"
)

func (d *Daemon) governRoutes() []api.Route {
	readers := api.For(api.Officer, api.Manager, api.Auditor)
	return []api.Route{
		api.Call(http.MethodPost, "/v1/retention/classification", api.For(api.Manager), d.postClassification),
		api.Call(http.MethodPost, "/v1/retention/simulation", api.For(api.Manager, api.Auditor), d.postSimulation),
		api.Call(http.MethodGet, "/v1/retention/events", readers, d.getEvents),
		api.Call(http.MethodPost, "/v1/retention/events", api.For(api.Manager), d.postEvent),
		api.Call(http.MethodGet, "/v1/retention/reviews", readers, d.getReviews),
		api.Call(http.MethodPost, "/v1/retention/reviews", api.For(api.Manager), d.postReview),
	}
}

// postClassification gives records another class, or significance, by hand.
// What would bring disposal forward is done only where that was asked for: it
// must not come about unnoticed.
func (d *Daemon) postClassification(ctx context.Context, c api.Caller, req v1.Reclassification) (v1.Effect, error) {
	if err := d.checkClassification(req); err != nil {
		return v1.Effect{}, err
	}
	s, err := d.selected(ctx, c, req.Selection, "classification")
	if err != nil {
		return v1.Effect{}, err
	}
	effect, ids, err := d.effect(ctx, s, req)
	if err == nil {
		err = d.veil(ctx, c, affectedLines(effect.Listed))
	}
	switch {
	case err != nil || !req.Act:
		return effect, err
	case len(ids) == 0:
		return effect, &api.Error{Code: api.CodeNotFound, Message: "no record is selected", Hint: "try the query with closeroll search"}
	case effect.Earlier > 0 && !req.AllowEarlier:
		return effect, &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("of %d records this would bring disposal forward for %d", effect.Records, effect.Earlier),
			Hint: "look at them with --query and without --yes; if that is meant, say so with --earlier"}
	}
	var entries []journal.Entry
	for part := range slices.Chunk(ids, recordsAnEntry) {
		var e journal.Entry
		if req.Significance == "" {
			e, err = journal.NewEntry(record.EntryClassification, c.ID, record.Classified{Records: part, Custodian: req.Custodian,
				Class: req.Class, Reason: req.Reason, Query: req.Query, Earlier: effect.Earlier})
		} else {
			e, err = journal.NewEntry(record.EntryAssessment, c.ID, record.Assessed{Records: part, Significance: req.Significance, Reason: req.Reason})
		}
		if err != nil {
			return effect, err
		}
		entries = append(entries, e)
	}
	if err := d.archive.Journal(ctx, entries...); err != nil {
		return effect, err
	}
	d.warden.stir()
	effect.Acted = true
	return effect, nil
}

// recordsAnEntry is how many records one journal entry names.
const recordsAnEntry = 5000

func (d *Daemon) checkClassification(req v1.Reclassification) error {
	bad := func(format string, args ...any) error {
		return &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf(format, args...), Hint: "closeroll retention schedule lists the classes"}
	}
	schedule := d.governor.schedule()
	switch {
	case given(req) != 1:
		return bad("either a class or a significance is given, or the class is left to the rules")
	case req.Significance != "" && !slices.Contains(significances(), req.Significance):
		return bad("%q is no significance: there are %s", req.Significance, strings.Join(significances(), " and "))
	case req.Class != "" && schedule.Class(req.Class) == nil:
		return bad("the schedule in force has no class %q", req.Class)
	case strings.TrimSpace(req.Reason) == "":
		return bad("a reason is missing")
	}
	return nil
}

// given counts what a reclassification says, of which it says one.
func given(req v1.Reclassification) (n int) {
	for _, is := range []bool{req.Class != "", req.Significance != "", req.ByRules} {
		if is {
			n++
		}
	}
	return n
}

// significances are how much a record can matter.
func significances() []string { return []string{"significant", "logistical"} }

// effect works out what a reclassification does, and to which records.
func (d *Daemon) effect(ctx context.Context, s *selection, req v1.Reclassification) (v1.Effect, []record.ID, error) {
	out := v1.Effect{Unclear: s.unclear, Moves: []v1.Move{}, Listed: []v1.AffectedRecord{}}
	schedule, now := d.governor.schedule(), d.now()
	moves := make(map[[2]string]*v1.Move)
	var ids []record.ID
	err := d.each(ctx, s, func(k *kept, _ inForce) error {
		if !slices.ContainsFunc(k.candidates, func(c *retention.Candidate) bool { return concerns(req, c) }) {
			return nil
		}
		out.Records++
		ids = append(ids, k.id)
		before := k.fate(schedule, now)
		after := k.changed(req).fate(schedule, now)
		m := moves[[2]string{before.Class, after.Class}]
		if m == nil {
			m = &v1.Move{From: before.Class, To: after.Class}
			moves[[2]string{before.Class, after.Class}] = m
		}
		m.Records++
		earlier := false
		switch order := before.compare(after); {
		case order > 0:
			earlier = true
			out.Earlier++
			m.Earlier++
		case order < 0:
			out.Later++
			m.Later++
		default:
			out.Unchanged++
		}
		if after.OnHold {
			out.OnHold++
		}
		if len(out.Listed) >= req.List {
			return nil
		}
		display, err := d.catalog.Display(ctx, k.row)
		out.Listed = append(out.Listed, v1.AffectedRecord{ID: k.id, Kind: k.kind, Display: display, Before: before.Fate, After: after.Fate, Earlier: earlier})
		return err
	})
	for _, key := range slices.SortedFunc(maps.Keys(moves), func(a, b [2]string) int { return strings.Compare(a[0]+"\x00"+a[1], b[0]+"\x00"+b[1]) }) {
		out.Moves = append(out.Moves, *moves[key])
	}
	if err == nil && req.ByRules && out.Records == 0 {
		err = &api.Error{Code: api.CodeNotFound, Message: "none of these records has a class that was given by hand", Hint: "closeroll explain says what chose a record's class"}
	}
	if err == nil && req.Custodian != "" && out.Records == 0 {
		err = &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("none of these records is %s's", req.Custodian), Hint: "closeroll show names who holds a record"}
	}
	return out, ids, err
}

// A fate is what becomes of a record, with what it takes to compare two.
type fate struct {
	v1.Fate
	standings []retention.Standing
	decisive  int
}

func (k *kept) fate(s *retention.Schedule, at time.Time) fate {
	all := k.standings(s, at)
	decisive := retention.Decisive(all)
	d := all[decisive]
	f := v1.Fate{Class: d.Class, Action: d.Action, State: d.State, Due: d.Due}
	for _, d := range all {
		f.OnHold = f.OnHold || d.OnHold
	}
	return fate{f, all, decisive}
}

// compare is +1 if f protects the record more than o does, -1 if less. Holds
// are left out of it: they end, and what they cover is then what it is.
func (f fate) compare(o fate) int { return unheld(f).Compare(unheld(o)) }

// unheld is the decisive standing as it would be without holds.
func unheld(f fate) retention.Standing {
	free := make([]retention.Standing, len(f.standings))
	for i, d := range f.standings {
		d.OnHold = false
		free[i] = d
	}
	return free[retention.Decisive(free)]
}

// concerns reports whether a reclassification is about a holding.
func concerns(req v1.Reclassification, c *retention.Candidate) bool {
	return (req.Custodian == "" || c.Facts.Custodian == req.Custodian) && (!req.ByRules || c.Manual.Class != "")
}

// changed returns the record as a reclassification would leave it.
func (k *kept) changed(req v1.Reclassification) *kept {
	after := *k
	after.candidates = nil
	for _, c := range k.candidates {
		changed := *c
		switch {
		case req.Significance != "":
			changed.Facts.Significance = req.Significance
		case !concerns(req, c):
		case req.ByRules:
			changed.Manual = retention.Manual{}
		default:
			changed.Manual = retention.Manual{Class: req.Class, Reason: req.Reason}
		}
		after.candidates = append(after.candidates, &changed)
	}
	return &after
}
