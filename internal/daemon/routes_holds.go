package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

type allHolds struct {
	All bool `json:"all"`
}

func (d *Daemon) getHolds(ctx context.Context, _ api.Caller, req allHolds) ([]v1.Hold, error) {
	rows, err := d.catalog.Holds(ctx, req.All)
	if err != nil {
		return nil, err
	}
	counts, err := d.governor.onHold(ctx, d.warden)
	if err != nil {
		return nil, err
	}
	list := []v1.Hold{}
	for _, h := range rows {
		out := v1.Hold{Agreed: agreement(h), HoldPlaced: h.HoldPlaced, At: h.At, Actor: h.Actor, Released: h.Released, Releaser: h.Releaser, Reason: h.Reason}
		out.Records, out.Storage = counts[h.Hold].records, counts[h.Hold].storage
		caught, err := d.catalog.Caught(ctx, h.Hold)
		if err != nil {
			return nil, err
		}
		out.Caught = int(caught.GetCardinality())
		list = append(list, out)
	}
	return list, nil
}

// postHold places a hold. A query hold is journalled together with what its
// query finds now, so that there is no moment in which it catches nothing.
func (d *Daemon) postHold(ctx context.Context, c api.Caller, req record.HoldPlaced) (v1.Hold, error) {
	if err := d.checkHold(ctx, req); err != nil {
		return v1.Hold{}, err
	}
	if err := d.place(ctx, c.ID, req); err != nil {
		return v1.Hold{}, err
	}
	list, err := d.getHolds(ctx, c, allHolds{})
	for _, h := range list {
		if h.Hold == req.Hold {
			return h, nil
		}
	}
	return v1.Hold{}, errors.Join(err, errors.New("the hold was placed and is not listed"))
}

// place journals a hold that was checked, after the entries that it comes of.
// Of two of one name at the same moment, one is refused.
func (d *Daemon) place(ctx context.Context, actor string, h record.HoldPlaced, before ...journal.Entry) error {
	_, err := d.archive.Decide(ctx, func(ctx context.Context) ([]journal.Entry, error) {
		if err := d.unusedHold(ctx, h.Hold); err != nil {
			return nil, err
		}
		entries, err := d.placing(ctx, actor, h)
		return append(before, entries...), err
	})
	if err != nil {
		return err
	}
	defer d.warden.stir()
	return d.catchAgain(ctx, actor, h)
}

// unusedHold refuses a name that a hold has, or has had.
func (d *Daemon) unusedHold(ctx context.Context, name string) error {
	rows, err := d.catalog.Holds(ctx, true)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(rows, func(r catalog.HoldRow) bool { return r.Hold == name }) {
		return &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("there has been a hold %q", name), Hint: "give this one another name"}
	}
	return nil
}

// placing returns the entries that place a hold, with what its query finds now.
func (d *Daemon) placing(ctx context.Context, actor string, h record.HoldPlaced) ([]journal.Entry, error) {
	placed, err := journal.NewEntry(record.EntryHold, actor, h)
	if err != nil || h.Scope.Query == "" {
		return []journal.Entry{placed}, err
	}
	found, err := d.found(ctx, h)
	if err != nil {
		return nil, err
	}
	caught, err := caughtEntry(actor, h.Hold, found)
	return []journal.Entry{placed, caught}, err
}

// catchAgain journals what was captured between the search and the journal, and
// so is in neither: it looks again, now that the hold is live.
func (d *Daemon) catchAgain(ctx context.Context, actor string, h record.HoldPlaced) error {
	if h.Scope.Query == "" {
		return nil
	}
	found, err := d.found(ctx, h)
	if err != nil {
		return err
	}
	known, err := d.catalog.Caught(ctx, h.Hold)
	if err != nil {
		return err
	}
	if found.AndNot(known); found.IsEmpty() {
		return nil
	}
	e, err := caughtEntry(actor, h.Hold, found)
	if err != nil {
		return err
	}
	return d.archive.Journal(ctx, e)
}

// checkHold refuses a hold that is not complete, or that names what is not
// there: a misspelt custodian would leave disposal free to go on.
func (d *Daemon) checkHold(ctx context.Context, h record.HoldPlaced) error {
	bad := func(format string, args ...any) error {
		return &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf(format, args...), Hint: "see closeroll hold place --help"}
	}
	if err := d.unusedHold(ctx, h.Hold); err != nil {
		return err
	}
	switch {
	case h.Hold == "":
		return bad("a hold needs a name")
	case !slices.Contains(holdTypes, h.Type):
		return bad("%q is no type of hold: there are %s", h.Type, strings.Join(holdTypes, ", "))
	case h.Matter == "":
		return bad("a hold needs its matter: what it is for")
	case !h.Scope.From.IsZero() && !h.Scope.Until.IsZero() && !h.Scope.From.Before(h.Scope.Until):
		return bad("the hold's dates end before they begin")
	}
	if err := d.checkScope(ctx, h.Scope); err != nil {
		return bad("%v", err)
	}
	for _, id := range h.Scope.Records {
		if _, err := d.catalog.Record(ctx, id); err != nil {
			return fmt.Errorf("record %s: %w", id, err)
		}
	}
	if h.Scope.Query != "" {
		return d.mayHold(h.Scope.Query)
	}
	return nil
}

// holdTypes are why disposal may be suspended.
var holdTypes = []string{"foi", "eir", "sar", "litigation", "inquiry", "moratorium", "police", "audit", "nao", "restriction"}

// checkScope wants the sources and classes of a hold to be known here, or to
// have been: a source that is configured no more has records still.
func (d *Daemon) checkScope(ctx context.Context, s record.Scope) error {
	for _, name := range s.Sources {
		counts, err := d.catalog.Counts(ctx, name)
		if err != nil {
			return err
		}
		if d.source(name) == nil && counts.Seen == 0 {
			return fmt.Errorf("there is no source %q", name)
		}
	}
	for _, id := range s.Classes {
		if d.governor.schedule().Class(id) == nil {
			return fmt.Errorf("the schedule in force has no class %q", id)
		}
	}
	return nil
}

// A tally is how many records a hold covers, and how many of them the storage
// has under legal hold too.
type tally struct {
	records int
	storage *v1.Mirrored // nil: the storage has no legal holds
}

// listedRefusals is how many records that the storage refused are named.
const listedRefusals = 20

// add counts a record.
func (t *tally) add(id record.ID, l catalog.Locked, w *warden) {
	t.records++
	if w == nil {
		return
	}
	if t.storage == nil {
		t.storage = &v1.Mirrored{Failed: []v1.MirrorFailed{}}
	}
	if l.Legal && l.Settled {
		t.storage.Records++
		return
	}
	t.storage.Pending++
	if why := w.refused(id); why != "" && len(t.storage.Failed) < listedRefusals {
		t.storage.Failed = append(t.storage.Failed, v1.MirrorFailed{Record: id, Error: why})
	}
}

// onHold counts the records on hold under each hold in force, and how far the
// storage knows, if there is a warden.
func (g *governor) onHold(ctx context.Context, w *warden) (map[string]tally, error) {
	v, err := g.survey(ctx)
	if err != nil || len(v.force.holds) == 0 {
		return nil, err
	}
	counts := make(map[string]tally)
	var last record.ID
	counted := make(map[string]bool) // for the record of last
	err = g.catalog.EachBrief(ctx, catalog.Asks{Storage: w != nil}, func(_ int64, h *catalog.Governed) error {
		if h.Record != last {
			last = h.Record
			clear(counted)
		}
		c := v.candidate(h)
		for _, hold := range v.force.holds {
			if !counted[hold.Hold] && hold.Takes(c, h.Class) {
				counted[hold.Hold] = true
				t := counts[hold.Hold]
				t.add(h.Record, h.Lock, w)
				counts[hold.Hold] = t
			}
		}
		return nil
	})
	return counts, err
}
