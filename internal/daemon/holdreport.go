package daemon

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention"
)

type noticeAsked struct {
	Hold string `path:"hold" json:"-"`
	v1.NoticeAsked
}

// postNotice journals that custodians are told of a hold, and returns what they
// are told.
func (d *Daemon) postNotice(ctx context.Context, c api.Caller, req noticeAsked) (v1.HoldNotice, error) {
	h, err := d.liveHold(ctx, req.Hold)
	if err != nil {
		return v1.HoldNotice{}, err
	}
	ids := req.Custodians
	if len(ids) == 0 {
		ids = h.Scope.Custodians
	}
	if len(ids) == 0 {
		for _, known := range d.cfg.Custodians {
			ids = append(ids, known.ID)
		}
	}
	out := v1.HoldNotice{HoldPlaced: h.HoldPlaced, Authority: d.cfg.Archive.Name, Marking: d.cfg.Reports.Marking, Placed: h.At}
	for _, id := range ids {
		name, ok := d.custodianName(id)
		if !ok {
			return out, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("there is no custodian %q", id), Hint: "closeroll custodian list names them"}
		}
		out.Custodians = append(out.Custodians, v1.Person{ID: id, Name: name})
	}
	return out, d.archive.JournalOne(ctx, record.EntryHoldNotice, c.ID, record.HoldNotice{Hold: req.Hold, Custodians: ids})
}

// custodianName is the name of a configured custodian.
func (d *Daemon) custodianName(id string) (string, bool) {
	for _, c := range d.cfg.Custodians {
		if c.ID == id {
			return cmp.Or(c.Name, c.ID), true
		}
	}
	return id, false
}

type acknowledgement struct {
	Hold string `path:"hold" json:"-"`
	v1.Acknowledgement
}

// postAcknowledgement journals that a custodian has read a notice.
func (d *Daemon) postAcknowledgement(ctx context.Context, c api.Caller, req acknowledgement) (none, error) {
	today := record.DateOf(d.now(), d.zone)
	if req.On.IsZero() {
		req.On = today
	}
	if req.On.After(today) {
		return none{}, &api.Error{Code: api.CodeUsage, Message: req.On.Long() + " is not yet", Hint: "give the day on which it was read"}
	}
	_, err := d.archive.Decide(ctx, func(ctx context.Context) ([]journal.Entry, error) {
		given, err := d.catalog.HoldNotices(ctx, req.Hold)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(given, func(n catalog.NoticeGiven) bool { return n.Custodian == req.Custodian }) {
			return nil, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("%q was given no notice of hold %q", req.Custodian, req.Hold), Hint: "closeroll hold notice gives it"}
		}
		e, err := journal.NewEntry(record.EntryAcknowledged, c.ID, record.Acknowledged{Hold: req.Hold, Custodian: req.Custodian, On: req.On, Note: req.Note})
		return []journal.Entry{e}, err
	})
	return none{}, err
}

type holdReport struct {
	Hold      string `json:"hold"`
	Custodian string `json:"custodian"`
}

// getHoldReport says what is on hold under one hold, or of one custodian under
// any, by custodian.
func (d *Daemon) getHoldReport(ctx context.Context, c api.Caller, req holdReport) (v1.HoldReport, error) {
	out := v1.HoldReport{Authority: d.cfg.Archive.Name, Marking: d.cfg.Reports.Marking, At: d.now().UTC(), Holds: []v1.Hold{}, Custodians: []v1.CustodianHold{}}
	all, err := d.getHolds(ctx, c, allHolds{})
	if err != nil {
		return out, err
	}
	for _, h := range all {
		if req.Hold == "" || h.Hold == req.Hold {
			out.Holds = append(out.Holds, h)
		}
	}
	if req.Hold != "" && len(out.Holds) == 0 {
		_, err := d.liveHold(ctx, req.Hold)
		return out, err
	}
	t := holdTally{of: req, by: make(map[string]*v1.CustodianHold), out: &out, zone: d.governor.schedule()}
	if err := d.governor.eachRecord(ctx, catalog.Asks{}, t.add); err != nil {
		return out, err
	}
	if err := d.addNotices(ctx, &t); err != nil {
		return out, err
	}
	for _, id := range slices.Sorted(maps.Keys(t.by)) {
		out.Custodians = append(out.Custodians, *t.by[id])
	}
	return out, nil
}

// addNotices says who was told of the holds of a report; of those too of whom
// nothing is on hold yet.
func (d *Daemon) addNotices(ctx context.Context, t *holdTally) error {
	for _, h := range t.out.Holds {
		given, err := d.catalog.HoldNotices(ctx, h.Hold)
		if err != nil {
			return err
		}
		for _, n := range given {
			if t.of.Custodian != "" && n.Custodian != t.of.Custodian {
				continue
			}
			c := t.custodian(n.Custodian)
			c.Notices = append(c.Notices, v1.NoticeGiven{Hold: h.Hold, At: n.At, Acknowledged: n.Acknowledged, Note: n.Note})
		}
	}
	for id, c := range t.by {
		c.Name, _ = d.custodianName(id)
	}
	return nil
}

// A holdTally counts what is on hold by custodian.
type holdTally struct {
	of   holdReport
	by   map[string]*v1.CustodianHold
	out  *v1.HoldReport
	zone *retention.Schedule // whose days dates are reckoned by
}

func (t *holdTally) custodian(id string) *v1.CustodianHold {
	c := t.by[id]
	if c == nil {
		c = &v1.CustodianHold{Person: v1.Person{ID: id}, ByKind: map[string]int{}, BySource: map[string]int{}, ByClass: map[string]int{},
			ByChannel: map[string]int{}, Notices: []v1.NoticeGiven{}}
		t.by[id] = c
	}
	return c
}

// add counts a record, once for each custodian with a holding that is on hold.
func (t *holdTally) add(k *kept, force inForce) error {
	counted := make(map[string]bool)
	for i, candidate := range k.candidates {
		h := k.holdings[i]
		if t.of.Custodian != "" && h.Custodian != t.of.Custodian || counted[h.Custodian] || !t.covered(candidate, h, force) {
			continue
		}
		counted[h.Custodian] = true
		c := t.custodian(h.Custodian)
		c.Records++
		c.Messages += k.count
		c.ByKind[string(k.kind)]++
		c.BySource[h.Source]++
		c.ByClass[h.Class]++
		c.ByChannel[string(h.Channel)]++
		day := record.DateOf(candidate.Facts.MessageTime(), t.zone.Location())
		if day.IsZero() || candidate.Facts.DateSuspect {
			c.Undated++
			continue
		}
		if c.From.IsZero() || day.Before(c.From) {
			c.From = day
		}
		if day.After(c.Until) {
			c.Until = day
		}
	}
	if len(counted) == 0 {
		return nil
	}
	t.out.Records++
	t.out.Messages += k.count
	if k.candidates[0].Unsearchable {
		t.out.Unsearched++
	}
	return nil
}

// covered reports whether a hold that the report is about covers the holding.
func (t *holdTally) covered(c *retention.Candidate, h catalog.HeldBy, force inForce) bool {
	for _, hold := range force.holds {
		if t.of.Hold != "" && hold.Hold != t.of.Hold {
			continue
		}
		if hold.Takes(c, h.Class) {
			return true
		}
	}
	return false
}
