package retention

import (
	"fmt"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A State says where a holding stands under its class. Being on hold is no
// state but lies over it ([Decision.OnHold]).
type State string

// The states.
const (
	Active         State = "active"          // its period is running
	Due            State = "due"             // its period is over: the action is called for
	UnknownTrigger State = "unknown_trigger" // nothing says when its clock started; never due, and listed
)

// A Decision is what the schedule requires of one holding at one time, and why.
type Decision struct {
	Class       string      `json:"class"`
	Title       string      `json:"title"`
	Rule        string      `json:"rule"`
	AssignedBy  Basis       `json:"assigned_by"`
	Trigger     TriggerKind `json:"trigger"`
	Event       string      `json:"event,omitempty"`
	TriggerDate record.Date `json:"trigger_date"` // null: unknown
	Period      Period      `json:"period"`
	Due         record.Date `json:"due"` // null: never, for want of a trigger; the action is called for from the next day on
	Action      Action      `json:"action"`
	State       State       `json:"state"`
	OnHold      bool        `json:"on_hold"`
	Holds       []string    `json:"holds"`                // names of the holds that cover it
	WarnFrom    record.Date `json:"warn_from,omitzero"`   // a person should begin the action's preparation
	Disposable  bool        `json:"disposable"`           // due and not on hold; that and no more: approval is another matter
	Reviews     int         `json:"reviews,omitempty"`    // how many of its record were decided already
	Approval    string      `json:"approval"`             // required or auto
	ExtraRole   string      `json:"extra_role,omitempty"` // who must approve besides
	Schedule    string      `json:"schedule"`             // version
	Sample      bool        `json:"sample,omitempty"`     // the schedule may not be acted on
	Reasons     []string    `json:"reasons"`              // never empty; names every rule and hold that took part, those that lost too
}

// Decide reports what the schedule requires of a holding with these facts at
// now, and why. Pure; Reasons is never empty and names every rule and hold that
// took part, including those that lost.
//
// Facts alone do not know a record's id or what a hold's query found, so every
// hold by id or query covers what its other bounds take in; a caller that does
// know calls [Schedule.DecideCandidate].
func (s *Schedule) Decide(f record.Facts, holds []Hold, now time.Time) Decision {
	return s.DecideCandidate(&Candidate{Facts: f}, holds, now)
}

// DecideCandidate is [Schedule.Decide] for a holding about which more than its
// facts is known.
func (s *Schedule) DecideCandidate(c *Candidate, holds []Hold, now time.Time) Decision {
	a := s.Assign(&c.Facts, c.Manual)
	class := s.byID[a.Class]
	d := s.clock(class, c, record.DateOf(now, s.zone))
	d.Rule, d.AssignedBy = a.Rule, a.Basis
	d.Holds = []string{}
	why := d.Reasons
	d.Reasons = append(make([]string, 0, 4+len(a.lost)+len(holds)), "class "+class.ID+" ("+class.Title+"): chosen by "+a.why)
	d.Reasons = append(d.Reasons, a.lost...)
	d.Reasons = append(d.Reasons, why...)
	classes := append(a.also, a.Class)
	for _, h := range holds {
		covers, because := h.Covers(c, classes...)
		if covers {
			d.OnHold = true
			d.Holds = append(d.Holds, h.Hold)
			d.Reasons = append(d.Reasons, "on hold under "+h.String()+": "+because)
			continue
		}
		d.Reasons = append(d.Reasons, "hold "+h.String()+" does not cover it: "+because)
	}
	d.Disposable = d.State == Due && !d.OnHold
	return d
}

// clock works out when the class's action falls due, and says how.
func (s *Schedule) clock(c *Class, of *Candidate, today record.Date) Decision {
	f := &of.Facts
	d := Decision{
		Class: c.ID, Title: c.Title, Trigger: c.Trigger.Kind, Event: c.Trigger.Event, Period: c.Period,
		Action: c.Action, State: UnknownTrigger, Approval: string(c.Approval.Level), ExtraRole: c.Approval.ExtraRole,
		Schedule: s.Version, Sample: s.Status != Approved,
	}
	var own bool
	if d.TriggerDate, own = c.Trigger.date(f, s.zone); d.TriggerDate.IsZero() {
		d.Reasons = []string{"the clock has not started: no date is known for “" + c.Trigger.what() + "”, so it is never due"}
		return d
	}
	rounded := c.Trigger.Round.apply(d.TriggerDate)
	d.Due = c.Period.After(rounded)
	sum := d.TriggerDate.Long() + ": " + c.Trigger.what()
	if c.Trigger.Round != RoundNone && c.Trigger.Round != "" {
		sum += ", rounded to " + rounded.Long()
	}
	d.Reasons = []string{sum + ", plus " + c.Period.Words() + " = due " + d.Due.Long()}
	if own {
		d.Reasons = append(d.Reasons, "it is younger than that: its own date starts the clock")
	}
	if f.DateSuspect && c.Trigger.Kind == OnSent {
		d.Reasons = append(d.Reasons, "its Date header cannot be trusted: the latest date that can be was used")
	}
	if !d.notBefore(s.Defaults.MinimumAge, record.DateOf(f.Captured, s.zone)) {
		return d
	}
	d.reviewed(of.Review)
	if d.State = Active; today.After(d.Due) {
		d.State = Due
	}
	if !c.WarnBefore.IsZero() {
		d.WarnFrom = c.WarnBefore.Before(d.Due)
	}
	d.Reasons = append(d.Reasons, d.standing(today))
	return d
}

// notBefore puts the due date off until the holding has been in the archive
// for the minimum age. It reports whether there still is one.
func (d *Decision) notBefore(age Period, captured record.Date) bool {
	if age.IsZero() {
		return true
	}
	if captured.IsZero() {
		d.Reasons = append(d.Reasons, "when it was captured is not known, so its minimum age cannot be checked and it is never due")
		d.Due = record.Date{}
		return false
	}
	if earliest := age.After(captured); earliest.After(d.Due) {
		d.Due = earliest
		d.Reasons = append(d.Reasons, fmt.Sprintf("but nothing is due sooner than %s after its capture on %s = due %s",
			age.Words(), captured.Long(), earliest.Long()))
	}
	return true
}

// standing says what the due date means on this day.
func (d *Decision) standing(today record.Date) string {
	action := sentence(d.Action)
	switch {
	case d.State == Due:
		return "today, " + today.Long() + ", is after that: due to " + action
	case !d.WarnFrom.IsZero() && !today.Before(d.WarnFrom):
		return "not yet due on " + today.Long() + ", but near enough to begin: then to " + action
	}
	return "not yet due on " + today.Long() + ": then to " + action
}

// sentence words an action so that it fits after "due to".
func sentence(a Action) string {
	switch a {
	case Review:
		return "be reviewed"
	case Transfer:
		return "be transferred"
	case RetainUntilEvent:
		return "be reviewed, its event having come"
	}
	return "be destroyed"
}
