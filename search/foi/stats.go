package foi

import (
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
)

// Stats are the measures of a period, in the categories in which the Cabinet
// Office publishes Freedom of Information statistics, as far as they apply.
type Stats struct {
	Authority string         `json:"authority,omitempty"` // whose they are
	From      record.Date    `json:"from"`
	Until     record.Date    `json:"until"` // its last day
	On        record.Date    `json:"on"`    // when this was reckoned
	Received  map[Kind]int   `json:"received"`
	Closed    int            `json:"closed"`  // answered in the period
	OnTime    int            `json:"on_time"` // of those, within the limit as extended
	Extended  int            `json:"extended"`
	Times     map[Kind]Times `json:"timeliness"`      // of those with a limit
	Share     float64        `json:"on_time_percent"` // of those with a limit
	Backlog   map[string]int `json:"backlog"`         // open on the last day of the period, by band
	Outcomes  map[string]int `json:"outcomes"`
	Grounds   map[string]int `json:"exemptions"` // as they were relied on in replies
	Reviews   map[string]int `json:"reviews"`    // decided in the period
	Failures  map[string]int `json:"review_failures"`
	ICO       int            `json:"ico_complaints"`
	Appeals   int            `json:"appeals"`
	Runs      int            `json:"searches"`             // for the requests closed
	PerReply  float64        `json:"searches_per_request"` // of those
	Hours     map[string]int `json:"hours"`                // logged in the period by activity, in full hours
	Minutes   map[string]int `json:"minutes"`              // the same, exactly
}

// Times counts answers by when they went out.
type Times struct {
	InTime   int `json:"in_time"`      // within the limit, though it may have been extended
	Extended int `json:"in_extension"` // within the limit as extended
	Late     int `json:"late"`
}

// Stats reckons the measures of the days from to until. The backlog is of the
// last day, or of today if the period is not over.
func (b *Book) Stats(all []*Request, from, until, today record.Date) (Stats, error) {
	s := Stats{From: from, Until: until, On: today, Received: map[Kind]int{}, Times: map[Kind]Times{}, Backlog: map[string]int{}, Outcomes: map[string]int{}, Grounds: map[string]int{},
		Reviews: map[string]int{}, Failures: map[string]int{}, Hours: map[string]int{}, Minutes: map[string]int{}}
	in := func(d record.Date) bool { return !d.Before(from) && !d.After(until) }
	last := until
	if today.Before(last) {
		last = today
	}
	limited := 0
	for _, r := range all {
		if in(r.Received) {
			s.Received[r.Kind]++
		}
		if err := b.backlog(&s, r, last); err != nil {
			return s, err
		}
		s.events(r, in)
		if r.Closing == nil || !in(r.Closing.Responded) {
			continue
		}
		standing, err := b.Standing(r, last)
		if err != nil {
			return s, err
		}
		s.Closed++
		s.Runs += r.Runs
		s.Outcomes[r.Closing.Outcome]++
		for _, e := range r.Closing.Exemptions {
			s.Grounds[group(e)]++
		}
		if !standing.Reckoning.NoticeDue.IsZero() {
			s.Extended++
		}
		if standing.Reckoning.Deadline.IsZero() {
			continue // its clock stood still
		}
		limited++
		s.answered(r, standing.Reckoning)
	}
	if limited > 0 {
		s.Share = 100 * float64(s.OnTime) / float64(limited)
	}
	if s.Closed > 0 {
		s.PerReply = float64(s.Runs) / float64(s.Closed)
	}
	for activity, m := range s.Minutes {
		s.Hours[activity] = m / 60
	}
	return s, nil
}

// answered counts a reply that had a limit.
func (s *Stats) answered(r *Request, reckoned Reckoning) {
	t := s.Times[r.Kind]
	switch {
	case r.Closing.Responded.After(reckoned.Deadline):
		t.Late++
	case !reckoned.NoticeDue.IsZero() && r.Closing.Responded.After(reckoned.NoticeDue):
		t.Extended++
		s.OnTime++
	default:
		t.InTime++
		s.OnTime++
	}
	s.Times[r.Kind] = t
}

// group is an exemption without its subdivisions, as the statistics count it:
// s.40(2) is s.40.
func group(exemption string) string {
	head, _, _ := strings.Cut(exemption, "(")
	return head
}

// backlog counts a request that was received and not answered by a day.
func (b *Book) backlog(s *Stats, r *Request, last record.Date) error {
	if r.Received.After(last) || r.Closing != nil && !r.Closing.Responded.After(last) {
		return nil
	}
	then := *r
	if then.Closing != nil { // answered since
		then.Closing, then.State = nil, Open
	}
	then.Happened = slices.DeleteFunc(slices.Clone(r.Happened), func(h Happened) bool { return h.On.After(last) })
	standing, err := b.Standing(&then, last)
	if err == nil {
		s.Backlog[standing.Band]++
	}
	return err
}

func (s *Stats) events(r *Request, in func(record.Date) bool) {
	for _, h := range r.Happened {
		if !in(h.On) {
			continue
		}
		switch EventType(h.Event) {
		case ReviewDecided:
			s.Reviews[h.Outcome]++
			if h.Failure != "" {
				s.Failures[h.Failure]++
			}
		case ICOComplaint:
			s.ICO++
		case TribunalAppeal:
			s.Appeals++
		}
	}
	for _, w := range r.Work {
		if in(w.On) {
			s.Minutes[w.Activity] += int(w.Minutes + 0.5)
		}
	}
}
