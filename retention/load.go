package retention

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // every host must agree on which day it is

	"github.com/closeroll/closeroll/internal/strictyaml"
)

// Faults is everything wrong with a schedule, one line each. [Load] returns it.
type Faults = strictyaml.Faults

// DefaultZone is the legal zone of a schedule that names none.
const DefaultZone = "Europe/London"

// DefaultCoolingOff is the time between approval and execution where the
// schedule names none.
func DefaultCoolingOff() Period { return Period{Days: 7} }

// Load reads a schedule file. A file with any fault is refused, and the error
// is then [Faults] with all of them.
func Load(data []byte) (*Schedule, error) {
	s := &Schedule{Status: Sample, Zone: DefaultZone}
	s.Defaults.CoolingOff = DefaultCoolingOff()
	r := strictyaml.Decode(data, s)
	if r.Unread() {
		return nil, r.Err()
	}
	s.fillIn()
	s.prepare(r)
	s.validate(r)
	if err := r.Err(); err != nil {
		return nil, err
	}
	s.notices = s.observe(r)
	return s, nil
}

// fillIn gives each class what it leaves to the defaults.
func (s *Schedule) fillIn() {
	if s.Defaults.Approval == "" {
		s.Defaults.Approval = ApprovalRequired
	}
	for i := range s.Classes {
		c := &s.Classes[i]
		if c.Approval.Level == "" {
			c.Approval.Level = ApprovalRequired // the only default that is valid
		}
		if len(c.Authority) == 0 {
			c.Authority = s.Defaults.Authority
		}
		if len(c.Authority) == 0 && c.ID != "" && c.ID == s.Defaults.Unclassified {
			c.Authority = strictyaml.List{"fail-safe: nothing is destroyed without a class"}
		}
	}
}

// prepare makes the schedule ready to decide.
func (s *Schedule) prepare(r *strictyaml.Report) {
	var err error
	if s.zone, err = time.LoadLocation(s.Zone); err != nil || s.Zone == "Local" {
		r.Add("zone", "%q is no time zone: write it as Europe/London", s.Zone)
		s.zone = time.UTC
	}
	s.byID = make(map[string]*Class, len(s.Classes))
	for i := range s.Classes {
		s.byID[s.Classes[i].ID] = &s.Classes[i]
	}
	for _, rule := range s.Rules {
		if rule.Match != nil {
			s.rules = append(s.rules, readyRule{rule.ID, rule.Class, rule.Match.String(), rule.Match.compile()})
		}
	}
	for _, c := range s.Classes {
		if c.When != nil {
			s.rules = append(s.rules, readyRule{c.ID + ".when", c.ID, c.When.String(), c.When.compile()})
		}
	}
	s.roles, s.sources = folded(s.Defaults.Roles), folded(s.Defaults.Sources)
}

func folded(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[strings.ToLower(k)] = v
	}
	return out
}

// observe returns the schedule's notices.
func (s *Schedule) observe(r *strictyaml.Report) []string {
	var notices []string
	switch {
	case !r.Has("status"):
		notices = append(notices, "the schedule names no status and counts as a sample: nothing may be disposed of under it")
	case s.Status == Sample:
		notices = append(notices, "the schedule is a sample: nothing may be disposed of under it")
	}
	reached := s.reached()
	for _, c := range s.Classes {
		if !reached[c.ID] {
			notices = append(notices, fmt.Sprintf("class %s is given by hand only: no rule or default leads to it", c.ID))
		}
	}
	return notices
}

// reached returns the classes that a rule or default leads to.
func (s *Schedule) reached() map[string]bool {
	reached := map[string]bool{s.Defaults.Unclassified: true}
	for _, rule := range s.rules {
		reached[rule.class] = true
	}
	for _, m := range []map[string]string{s.roles, s.sources} {
		for _, class := range m {
			reached[class] = true
		}
	}
	return reached
}
