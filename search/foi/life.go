package foi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/strictyaml"
)

// A State is where a request stands.
type State string

// The states of a request.
const (
	Open          State = "open"          // the clock runs
	Clarification State = "clarification" // it stands still until we are told what is wanted
	Fee           State = "fee"           // it stands still until the fee is paid
	Closed        State = "closed"        // answered, or needs no answer
	Review        State = "review"        // an internal review is going on
	ICO           State = "ico"           // the Commissioner has a complaint
	Tribunal      State = "tribunal"      // an appeal is before the tribunal
)

// Event types that do not bear on the clock.
const (
	ReviewDecided    EventType = "review_decided"
	ICOComplaint     EventType = "ico_complaint"
	ICODecision      EventType = "ico_decision"
	TribunalAppeal   EventType = "tribunal_appeal"
	TribunalDecision EventType = "tribunal_decision"
	Reopened         EventType = "reopened" // it was closed by mistake, or more was found
)

// EventTypes lists what can happen to a request.
func EventTypes() []string {
	return append(eventTypes(), string(ReviewDecided), string(ICOComplaint), string(ICODecision), string(TribunalAppeal),
		string(TribunalDecision), string(Reopened))
}

// ReviewOutcomes lists how an internal review can end, and with it a complaint
// or an appeal, in the Ministry of Justice's categories.
func ReviewOutcomes() []string { return []string{"upheld", "upheld_in_part", "overturned"} }

// ReviewFailures lists what a review that was not upheld can find, in the same
// categories.
func ReviewFailures() []string {
	return []string{"searches", "exemption", "excessive_redaction", "other"}
}

// HeldAnswers lists the answers to whether the information is held.
func HeldAnswers() []string { return []string{"held", "part_held", "not_held", "not_confirmed"} }

// Outcomes lists how a request can end: the Ministry of Justice's three, and
// why a request may need no answer on the merits.
func Outcomes() []string {
	return []string{"granted", "refused_in_part", "refused_fully", "not_held", "not_confirmed", "over_cost", "vexatious", "repeated",
		"no_clarification", "invalid", "lapsed", "withdrawn", "transferred"}
}

// answered are the outcomes that say whether the information is held.
func answered(outcome string) bool {
	return slices.Contains([]string{"granted", "refused_in_part", "refused_fully", "not_held", "not_confirmed"}, outcome)
}

// A move is what an event does: the states in which it can happen and the state
// after it; empty is the one that the request was in before a review, complaint
// or appeal.
type move struct {
	from []State
	to   State
}

func moves() map[EventType]move {
	return map[EventType]move{
		ClarificationSought:   {[]State{Open}, Clarification},
		ClarificationReceived: {[]State{Open, Clarification}, Open},
		FeesNotice:            {[]State{Open}, Fee},
		FeePaid:               {[]State{Fee}, Open},
		Extension:             {[]State{Open}, Open},
		TransferredRecord:     {[]State{Open}, Open},
		IdentityConfirmed:     {[]State{Open, Clarification}, Open},
		InternalReview:        {[]State{Closed}, Review},
		ReviewDecided:         {[]State{Review}, ""},
		ICOComplaint:          {[]State{Open, Clarification, Fee, Closed}, ICO},
		ICODecision:           {[]State{ICO}, ""},
		TribunalAppeal:        {[]State{Closed}, Tribunal},
		TribunalDecision:      {[]State{Tribunal}, ""},
		Reopened:              {[]State{Closed}, Open},
	}
}

// stages are the states that another one waits behind.
func (s State) stage() bool { return s == Review || s == ICO || s == Tribunal }

func (r *Request) happen(e Entry, b record.RequestEvent) error {
	m, ok := moves()[EventType(b.Event)]
	if !ok {
		if near := strictyaml.Nearest(b.Event, EventTypes()); near != "" {
			return fmt.Errorf("there is no event %s; did you mean %s?", b.Event, near)
		}
		return fmt.Errorf("there is no event %s; known: %s", b.Event, strings.Join(EventTypes(), ", "))
	}
	if !slices.Contains(m.from, r.State) {
		return fmt.Errorf("%s cannot happen to a request that is %s", b.Event, r.State.Words())
	}
	if err := r.checkEvent(b); err != nil {
		return err
	}
	if m.to.stage() {
		r.base = r.State
	}
	r.State = m.to
	if m.to == "" {
		r.State = r.base
	}
	if b.Event == string(Reopened) {
		r.Closing = nil
	}
	r.Happened = append(r.Happened, Happened{b, e.Index, e.Time, e.Actor})
	return nil
}

func (r *Request) checkEvent(b record.RequestEvent) error {
	decides := EventType(b.Event) == ReviewDecided
	switch {
	case b.On.IsZero():
		return fmt.Errorf("the date of the event is missing")
	case b.On.Before(r.Received):
		return fmt.Errorf("%s on %s is before the request was received on %s", b.Event, b.On, r.Received)
	case EventType(b.Event) == Extension && r.Kind != SAR && b.Estimate.IsZero():
		return fmt.Errorf("the notice of an extension has an estimated date (%s)", map[Kind]string{FOI: "s.17(2)", EIR: "reg 14(3) and (4)"}[r.Kind])
	case !b.Estimate.IsZero() && b.Estimate.Before(b.On):
		return fmt.Errorf("the estimated date %s is before the notice of %s", b.Estimate, b.On)
	case decides && !slices.Contains(ReviewOutcomes(), b.Outcome):
		return fmt.Errorf("%q is no outcome of a review: %s", b.Outcome, strings.Join(ReviewOutcomes(), ", "))
	case decides && b.Outcome != "upheld" && !slices.Contains(ReviewFailures(), b.Failure):
		return fmt.Errorf("a review that was not upheld says what had gone wrong: %s", strings.Join(ReviewFailures(), ", "))
	case EventType(b.Event) == Reopened && b.Note == "":
		return fmt.Errorf("say in a note why it is opened again")
	}
	return nil
}

func (r *Request) close(e Entry, b record.RequestClosed) error {
	switch {
	case r.State != Open && r.State != Clarification && r.State != Fee:
		return fmt.Errorf("it is %s: only an open request is closed", r.State.Words())
	case b.Responded.IsZero() || b.Responded.Before(r.Received):
		return fmt.Errorf("the reply of %s is before the request was received on %s", b.Responded, r.Received)
	case !slices.Contains(Outcomes(), b.Outcome):
		return fmt.Errorf("%q is no outcome: %s", b.Outcome, strings.Join(Outcomes(), ", "))
	case answered(b.Outcome) && !slices.Contains(HeldAnswers(), b.Held):
		return fmt.Errorf("%q does not say whether the information is held: %s", b.Held, strings.Join(HeldAnswers(), ", "))
	case (b.Outcome == "granted" || b.Outcome == "refused_in_part") && (b.Held == "not_held" || b.Held == "not_confirmed"):
		return fmt.Errorf("what is %s cannot be %s", b.Held, b.Outcome)
	}
	r.Closing, r.State = &Closing{b, e.Time, e.Actor}, Closed
	return nil
}

// Words says a state in a sentence: "it is …".
func (s State) Words() string {
	switch s {
	case Clarification:
		return "waiting for clarification"
	case Fee:
		return "waiting for a fee"
	case Review:
		return "under internal review"
	case ICO:
		return "with the Commissioner"
	case Tribunal:
		return "before the tribunal"
	}
	return string(s)
}

// clockEvents returns the events that bear on the clock.
func (r *Request) clockEvents() []Event {
	var events []Event
	for _, h := range r.Happened {
		if slices.Contains(eventTypes(), h.Event) && (EventType(h.Event) != InternalReview || r.State == Review) {
			events = append(events, Event{EventType(h.Event), h.On})
		}
	}
	return events
}
