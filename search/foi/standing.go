package foi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
)

// A Standing is where a request stands on a day: what is due, and the steps
// that are still open, in words.
type Standing struct {
	On          record.Date `json:"on"`
	Due         record.Date `json:"due"` // null: nothing runs
	Left        int         `json:"days_left"`
	Overdue     bool        `json:"overdue,omitempty"`
	Age         int         `json:"working_days"` // since the receipt, until the reply
	Band        string      `json:"band"`
	Promised    record.Date `json:"promised,omitzero"`     // the date that the notice of an extension gave
	ReviewUntil record.Date `json:"review_until,omitzero"` // by when a review can be asked for
	HoldEnds    record.Date `json:"hold_ends,omitzero"`    // when what is on hold may be released
	Steps       []string    `json:"steps"`
	Notices     []string    `json:"notices,omitempty"`
	Late        bool        `json:"late,omitempty"` // it was answered after its deadline

	// Reckoning is how Due comes about; of a closed request, how the deadline
	// of its reply did.
	Reckoning Reckoning `json:"reckoning"`
}

// The bands that open requests are listed by.
const (
	BandTime    = "in time"
	BandWaiting = "waiting"
	BandLate    = "overdue 1–20 days"
	BandLater   = "overdue 21–40 days"
	BandLatest  = "overdue over 40 days"
	BandClosed  = "closed"
)

// Bands lists the bands in order.
func Bands() []string {
	return []string{BandTime, BandWaiting, BandLate, BandLater, BandLatest, BandClosed}
}

// Standing reports where r stands on a day. Pure. Overdue is counted in
// working days, as the limit is.
func (b *Book) Standing(r *Request, on record.Date) (Standing, error) {
	s := Standing{On: on}
	var err error
	if s.Reckoning, err = b.Deadline(r.Kind, r.Received, r.clockEvents()); err != nil {
		return s, err
	}
	s.Notices = s.Reckoning.Notices
	until := on
	if r.Closing != nil {
		until = r.Closing.Responded
	}
	s.Age = b.WorkingDays(r.Kind, r.Received, until)
	for _, h := range r.Happened {
		if h.Event == string(Extension) {
			s.Promised = h.Estimate
		}
	}
	if r.Closing != nil && r.State != Review {
		s.Late = !s.Reckoning.Deadline.IsZero() && r.Closing.Responded.After(s.Reckoning.Deadline)
	}
	if r.State == Open || r.State == Review {
		s.Due = s.Reckoning.Deadline
	}
	s.Left = b.WorkingDays(r.Kind, on, s.Due) - b.WorkingDays(r.Kind, s.Due, on)
	s.Overdue = !s.Due.IsZero() && on.After(s.Due)
	s.Band = s.band(r)
	b.ends(r, &s)
	s.Steps = b.steps(r, &s)
	return s, nil
}

func (s *Standing) band(r *Request) string {
	switch {
	case r.State == Closed:
		return BandClosed
	case s.Due.IsZero():
		return BandWaiting
	case !s.Overdue:
		return BandTime
	case s.Left >= -20:
		return BandLate
	case s.Left >= -40:
		return BandLater
	}
	return BandLatest
}

// WorkingDays counts the working days after from, up to and with to; none if
// to is not later. It counts ten years at most.
func (b *Book) WorkingDays(kind Kind, from, to record.Date) int {
	if from.IsZero() || to.IsZero() {
		return 0
	}
	n := 0
	for day, i := from.AddDays(1), 0; !day.After(to) && i < 3660; day, i = day.AddDays(1), i+1 {
		if b.calendar.dayOff(day, b.rules[kind].Holidays) == "" {
			n++
		}
	}
	return n
}

// ends reckons what follows the reply: how long a review can be asked for, and
// how long what was asked for stays on hold. Each later decision begins the
// time anew.
func (b *Book) ends(r *Request, s *Standing) {
	if r.State != Closed || r.Closing == nil {
		return
	}
	rules := b.rules[r.Kind]
	c := &clock{book: b, rules: rules}
	if rule := rules.at(ruleReviewRequest, r.Received); rule != nil {
		s.ReviewUntil = c.limit(r.Closing.Responded, rule, 0, nil)
	}
	last := r.Closing.Responded
	for _, h := range r.Happened {
		if slices.Contains([]EventType{ReviewDecided, ICODecision, TribunalDecision}, EventType(h.Event)) && h.On.After(last) {
			last = h.On
		}
	}
	if rule := rules.at(ruleHoldAfter, r.Received); rule != nil {
		s.HoldEnds = c.limit(last, rule, 0, nil)
	} else {
		s.Notices = append(s.Notices, "the rules do not say how long what was asked for is kept: a person decides when the hold ends")
	}
}

// steps says what is still to do, in the order of urgency.
func (b *Book) steps(r *Request, s *Standing) []string {
	var steps []string
	add := func(format string, args ...any) { steps = append(steps, fmt.Sprintf(format, args...)) }
	switch r.State {
	case Open:
		steps = b.reply(r, s)
	case Clarification:
		add("wait for the clarification, and note its arrival: closeroll foi event %s clarification_received", r.Ref)
	case Fee:
		add("wait for the fee, and note its payment: closeroll foi event %s fee_paid; unpaid after %s, close it as lapsed", r.Ref, s.Reckoning.LapsesOn.Long())
	case Review:
		add("decide the internal review by %s, and note it: closeroll foi event %s review_decided", s.Due.Long(), r.Ref)
	case ICO:
		add("answer the Commissioner, and note the decision: closeroll foi event %s ico_decision", r.Ref)
	case Tribunal:
		add("note the tribunal's decision: closeroll foi event %s tribunal_decision", r.Ref)
	case Closed:
		steps = closedSteps(r, s)
	}
	if r.Scope == "" && r.State != Closed {
		add("say what it covers: closeroll foi scope %s QUERY; until then nothing in the archive is disposed of", r.Ref)
	}
	if r.State == Open && r.Runs == 0 {
		add("search: closeroll foi search %s QUERY", r.Ref)
	}
	for _, a := range r.Asks {
		if a.Open() && r.State != Closed {
			add("A%d, put to %s on %s, has no reply yet", a.Ask, a.Of, a.On.Long())
		}
	}
	return steps
}

func closedSteps(r *Request, s *Standing) []string {
	var steps []string
	if !s.ReviewUntil.IsZero() && !s.On.After(s.ReviewUntil) {
		steps = append(steps, fmt.Sprintf("the requester may ask for a review until %s", s.ReviewUntil.Long()))
	}
	holds := strings.Join(r.Holds, ", ")
	switch {
	case s.HoldEnds.IsZero():
		return append(steps, "a manager releases "+holds+" when nothing more is to come")
	case s.On.After(s.HoldEnds):
		return append(steps, fmt.Sprintf("since %s a manager may release what is on hold: closeroll hold release %s", s.HoldEnds.Long(), holds))
	}
	return append(steps, fmt.Sprintf("keep what was asked for on hold until %s (%s)", s.HoldEnds.Long(), holds))
}

// reply says what answers a request whose clock runs, and what else the law
// allows by then.
func (b *Book) reply(r *Request, s *Standing) []string {
	if s.Overdue {
		late := fmt.Sprintf("reply now: the deadline was %s; the requester may complain to the Commissioner", s.Due.Long())
		return []string{late, "say sorry and why in the reply, and tell the head of your team"}
	}
	extended := slices.ContainsFunc(r.Happened, func(h Happened) bool { return h.Event == string(Extension) })
	steps := []string{fmt.Sprintf("reply by %s", s.Due.Long())}
	if !s.Promised.IsZero() {
		steps = append(steps, fmt.Sprintf("you told the requester to expect the reply on %s", s.Promised.Long()))
	}
	for _, alternative := range alternatives(r.Kind, extended) {
		steps = append(steps, fmt.Sprintf("or by then %s", alternative))
	}
	if s.Age < b.early(r) {
		steps = append(steps, "or ask now for clarification if you cannot tell what is wanted: the clock stands still meanwhile")
	}
	return steps
}

// early is the working day up to which asking for clarification is offered:
// asking on the last day is no prompt help (s.16).
func (b *Book) early(r *Request) int {
	if rule := b.rules[r.Kind].at(ruleResponse, r.Received); rule != nil && rule.WorkingDays > 0 {
		return rule.WorkingDays / 2
	}
	return 10
}

func alternatives(k Kind, extended bool) []string {
	var out []string
	switch k {
	case FOI:
		if !extended {
			out = append(out, "give an s.17(2) notice with an estimated date, if the public interest must be weighed for longer (event extension)")
		}
		return append(out, "refuse under s.12 with its estimate (closeroll foi estimate), after advice on what could be met")
	case EIR:
		if !extended {
			out = append(out, "extend to forty working days under reg 7(1), if it is complex and voluminous (event extension)")
		}
		return append(out, "refuse as manifestly unreasonable under reg 12(4)(b), with the public interest weighed and advice on what could be met")
	}
	if !extended {
		out = append(out, "tell the person of an extension by two months under Article 12(3), if it is complex (event extension)")
	}
	return out
}
