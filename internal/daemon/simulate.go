package daemon

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention"
)

// tallyHorizon is how far ahead a simulation's tallies look.
func tallyHorizon() retention.Period { return retention.Period{Months: 12} }

// postSimulation says what another schedule, or another day, would make of the
// archive's own records. Nothing changes, and nothing is journalled.
func (d *Daemon) postSimulation(ctx context.Context, caller api.Caller, req v1.Simulation) (v1.Simulated, error) {
	before, err := d.scheduleOr(req.Old)
	if err != nil {
		return v1.Simulated{}, err
	}
	after, err := d.scheduleOr(req.New)
	if err != nil {
		return v1.Simulated{}, err
	}
	today := record.DateOf(d.now(), after.Location())
	if req.From.IsZero() {
		req.From = today
	}
	if req.At.IsZero() {
		req.At = today
	}
	// Midday, so that it is that day in either schedule's zone.
	from, at := noon(req.From), noon(req.At)
	out := v1.Simulated{Old: before.Version, New: after.Version, From: req.From, At: req.At, Moves: []v1.FateMove{}, Listed: []v1.AffectedRecord{}, Notices: after.Notices()}
	c := comparison{out: &out, moves: make(map[[2]string]*v1.FateMove), list: req.List, display: func(row int64) (string, error) { return d.catalog.Display(ctx, row) }}
	tally := retention.NewTallies(after, at, tallyHorizon())
	err = d.governor.eachRecord(ctx, asksOf(before, after), func(k *kept, _ inForce) error {
		x, y := k.fate(before, from), k.fate(after, at)
		for _, s := range y.standings {
			tally.Add(s)
		}
		return c.add(k, x.Fate, y.Fate, x.compare(y) > 0)
	})
	c.finish()
	if err != nil {
		return out, err
	}
	out.Tallies = tally.List()
	return out, d.veil(ctx, caller, affectedLines(out.Listed))
}

// A comparison counts how the fates of records differ.
type comparison struct {
	out   *v1.Simulated
	moves map[[2]string]*v1.FateMove
	list  int

	display func(row int64) (string, error)
}

func (c *comparison) add(k *kept, before, after v1.Fate, less bool) error {
	c.out.Records++
	if before.State == retention.Due {
		c.out.DueBefore++
	}
	if after.State == retention.Due {
		c.out.DueAfter++
	}
	if before == after {
		return nil
	}
	c.out.Changed++
	key := [2]string{fateWords(before), fateWords(after)}
	m := c.moves[key]
	if m == nil {
		m = &v1.FateMove{From: key[0], To: key[1]}
		c.moves[key] = m
	}
	m.Records++
	if less {
		m.Less++
		c.out.Less++
	}
	if len(c.out.Listed) >= c.list {
		return nil
	}
	display, err := c.display(k.row)
	c.out.Listed = append(c.out.Listed, v1.AffectedRecord{ID: k.id, Kind: k.kind, Display: display, Before: before, After: after, Earlier: less})
	return err
}

// finish puts the moves in order, the greatest first.
func (c *comparison) finish() {
	for _, m := range c.moves {
		c.out.Moves = append(c.out.Moves, *m)
	}
	slices.SortFunc(c.out.Moves, func(a, b v1.FateMove) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
}

// fateWords says a fate without its date: "ADM-01 destroy, due now".
func fateWords(f v1.Fate) string {
	words := f.Class + " " + strings.ReplaceAll(string(f.Action), "_", " ")
	switch f.State {
	case retention.Due:
		words += ", due now"
	case retention.UnknownTrigger:
		words += ", trigger unknown"
	default:
		words += ", later"
	}
	if f.OnHold {
		words += ", on hold"
	}
	return words
}

func noon(day record.Date) time.Time { return day.Start(time.UTC).Add(12 * time.Hour) }

// scheduleOr loads a schedule; no text is the one in force.
func (d *Daemon) scheduleOr(text string) (*retention.Schedule, error) {
	if text == "" {
		return d.governor.schedule(), nil
	}
	s, err := retention.Load([]byte(text))
	if err != nil {
		return nil, &api.Error{Code: api.CodeUsage, Message: "the schedule has faults:\n" + err.Error(), Hint: "mend them and try again"}
	}
	return s, nil
}
