package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention"
)

// asksReview reports whether the action is for a person to decide.
func asksReview(a retention.Action) bool {
	return a == retention.Review || a == retention.RetainUntilEvent
}

// getReviews lists the reviews that are due or will be within the period, and
// the records that come near twenty years.
func (d *Daemon) getReviews(ctx context.Context, c api.Caller, req within) (v1.Reviews, error) {
	s, now := d.governor.schedule(), d.now()
	today := record.DateOf(now, s.Location())
	out := v1.Reviews{Schedule: s.Version, Sample: s.Status != retention.Approved, Until: req.Within.After(today),
		Items: []v1.ReviewItem{}, Eighteen: []v1.TwentyYears{}}
	err := d.governor.eachRecord(ctx, asksOf(s), func(k *kept, _ inForce) error {
		f := k.fate(s, now)
		if k.holdings[0].Review != nil {
			out.Decided++
		}
		twenty, eighteen := k.twentyYears(s, today)
		due := asksReview(f.Action) && f.State != retention.UnknownTrigger && !f.Due.After(out.Until)
		if !eighteen && !due {
			return nil
		}
		display, err := d.catalog.Display(ctx, k.row)
		if eighteen {
			t := v1.TwentyYears{ID: k.id, Kind: k.kind, Display: display, Twenty: twenty, Over: today.After(twenty), Class: f.Class, Action: f.Action}
			if r := k.holdings[0].Review; r != nil {
				t.Instrument, t.Expires = r.Instrument, r.Expires
			}
			out.Eighteen = append(out.Eighteen, t)
		}
		if !due {
			return err
		}
		if f.State == retention.Due {
			out.Due++
		}
		out.Items = append(out.Items, v1.ReviewItem{ID: k.id, Kind: k.kind, Display: display, Class: f.Class, Due: f.Due,
			Number: k.holdings[0].Reviews + 1, OnHold: f.OnHold, Twenty: twenty})
		return err
	})
	if err != nil {
		return out, err
	}
	slices.SortStableFunc(out.Items, func(a, b v1.ReviewItem) int { return a.Due.Compare(b.Due) })
	slices.SortStableFunc(out.Eighteen, func(a, b v1.TwentyYears) int { return a.Twenty.Compare(b.Twenty) })
	var lines []line
	for i := range out.Items {
		lines = append(lines, line{out.Items[i].ID, &out.Items[i].Display})
	}
	for i := range out.Eighteen {
		lines = append(lines, line{out.Eighteen[i].ID, &out.Eighteen[i].Display})
	}
	return out, d.veil(ctx, c, lines)
}

// twentyYears is when the record is twenty years old, by the earliest date
// that any of its holdings shows, and whether it is eighteen.
func (k *kept) twentyYears(s *retention.Schedule, today record.Date) (twenty record.Date, eighteen bool) {
	for _, c := range k.candidates {
		t, is := s.TwentyYears(c.Facts, today)
		eighteen = eighteen || is
		if twenty.IsZero() || !t.IsZero() && t.Before(twenty) {
			twenty = t
		}
	}
	return twenty, eighteen
}

// postReview decides due reviews.
func (d *Daemon) postReview(ctx context.Context, c api.Caller, req v1.ReviewDecision) (v1.ReviewDecided, error) {
	if err := d.checkReview(req); err != nil {
		return v1.ReviewDecided{}, err
	}
	s, err := d.selected(ctx, c, req.Selection, "review")
	if err != nil {
		return v1.ReviewDecided{}, err
	}
	r := &reviewing{req: req, schedule: d.governor.schedule(), now: d.now()}
	r.today = record.DateOf(r.now, r.schedule.Location())
	r.out = v1.ReviewDecided{Records: []record.ID{}, Unclear: s.unclear}
	if req.Outcome == retention.ReviewKeep {
		r.out.Until = req.For.After(r.today)
	}
	if err := d.each(ctx, s, r.look); err != nil {
		return r.out, err
	}
	if err := r.checkTwenty(); err != nil || !req.Act {
		return r.out, err
	}
	if len(r.records) == 0 {
		return r.out, &api.Error{Code: api.CodeNotFound, Message: "none of these records is due for review", Hint: "closeroll review list shows those that are"}
	}
	entries, err := r.entries(c)
	if err != nil {
		return r.out, err
	}
	if err := d.archive.Journal(ctx, entries...); err != nil {
		return r.out, err
	}
	d.warden.stir()
	r.out.Acted = true
	return r.out, nil
}

func badReview(format string, args ...any) error {
	return &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf(format, args...), Hint: "see closeroll review decide --help"}
}

// checkReview wants what the outcome needs, and nothing that it does not.
func (d *Daemon) checkReview(req v1.ReviewDecision) error {
	switch {
	case !slices.Contains(retention.ReviewOutcomes(), req.Outcome):
		return badReview("%q is no outcome of a review: destroy, keep, transfer or reclassify", req.Outcome)
	case strings.TrimSpace(req.Reason) == "":
		return badReview("a reason is missing")
	case (req.Outcome == retention.ReviewKeep) == req.For.IsZero():
		return badReview("how long to keep it is said for keep, and for keep only")
	case (req.Outcome == retention.ReviewReclassify) == (req.Class == ""):
		return badReview("the new class is said for reclassify, and for reclassify only")
	case req.Class != "" && d.governor.schedule().Class(req.Class) == nil:
		return badReview("the schedule in force has no class %q", req.Class)
	case (req.Instrument == "") != req.Expires.IsZero():
		return badReview("an instrument is given with its reference and the day on which it expires")
	}
	return nil
}

// A reviewing is a decision about reviews under way.
type reviewing struct {
	req      v1.ReviewDecision
	schedule *retention.Schedule
	now      time.Time
	today    record.Date
	out      v1.ReviewDecided
	records  []record.ReviewedRecord
}

// look takes in one selected record. One that was named and is not due for
// review is an error; one that a query found is passed over.
func (r *reviewing) look(k *kept, force inForce) error {
	f := k.fate(r.schedule, r.now)
	due := slices.ContainsFunc(f.standings, func(d retention.Standing) bool { return asksReview(d.Action) && d.State == retention.Due })
	if !due {
		r.out.NotDue++
		if r.req.Query != "" {
			return nil
		}
		decisions, outcome := k.decide(r.schedule, force, r.now)
		return &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("record %s is not due for review: %s", k.id.Short(), decisions[outcome.Decisive].Words()),
			Hint: "closeroll review list shows what is due"}
	}
	reviewed := record.ReviewedRecord{Record: k.id}
	for _, d := range f.standings {
		if !slices.Contains(reviewed.Classes, d.Class) {
			reviewed.Classes = append(reviewed.Classes, d.Class)
		}
	}
	r.records = append(r.records, reviewed)
	r.out.Records = append(r.out.Records, k.id)
	if f.OnHold {
		r.out.OnHold++
	}
	if k.holdings[0].Reviews == 0 {
		r.out.First++
	} else {
		r.out.Later++
	}
	if twenty, _ := k.twentyYears(r.schedule, r.today); r.out.Until.After(twenty) {
		r.out.Beyond20++
	}
	return nil
}

// checkTwenty wants an instrument where a public record is kept beyond twenty
// years, and not for longer than the instrument lasts (Public Records Act
// 1958, section 3(4)).
func (r *reviewing) checkTwenty() error {
	switch {
	case r.out.Beyond20 == 0 || r.req.Outcome != retention.ReviewKeep:
		return nil
	case r.req.Instrument == "":
		return &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("this would keep %d public records beyond twenty years without an instrument", r.out.Beyond20),
			Hint: "give the retention instrument's reference and last day with --instrument and --expires, or transfer them (Public Records Act 1958, section 3(4))"}
	case r.out.Until.After(r.req.Expires):
		return &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("this would keep records until %s, and the instrument expires on %s", r.out.Until.Long(), r.req.Expires.Long()),
			Hint: "keep them no longer than the instrument lasts"}
	}
	return nil
}

// entries are what is journalled: the review, and with reclassify the class.
func (r *reviewing) entries(c api.Caller) ([]journal.Entry, error) {
	var entries []journal.Entry
	add := func(kind string, body any) error {
		e, err := journal.NewEntry(kind, c.ID, body)
		entries = append(entries, e)
		return err
	}
	for part := range slices.Chunk(r.records, recordsAnEntry) {
		if err := add(record.EntryReview, record.Reviewed{Records: part, Outcome: string(r.req.Outcome), Until: r.out.Until, Reason: r.req.Reason,
			Instrument: r.req.Instrument, Expires: r.req.Expires}); err != nil {
			return nil, err
		}
		if r.req.Outcome != retention.ReviewReclassify {
			continue
		}
		var ids []record.ID
		for _, reviewed := range part {
			ids = append(ids, reviewed.Record)
		}
		if err := add(record.EntryClassification, record.Classified{Records: ids, Class: r.req.Class, Reason: r.req.Reason, Query: r.req.Query}); err != nil {
			return nil, err
		}
	}
	return entries, nil
}
