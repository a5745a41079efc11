package retention

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/internal/strictyaml"
)

// maxAutoPeriod is the longest period after which a class may be destroyed
// without a person's approval. Only the transitory is: "obtain and log
// management approval prior to deleting records" (ICO audit toolkit).
func maxAutoPeriod() Period { return Period{Months: 12} }

var actions = []string{string(Destroy), string(Review), string(Transfer), string(RetainUntilEvent)}

// validate adds every fault that decoding could not see.
func (s *Schedule) validate(r *strictyaml.Report) {
	if s.Schema != SchemaV1 && !r.Faulty("schema") {
		r.Add("schema", "is %q; this program reads %s", s.Schema, SchemaV1)
	}
	required(r, "authority.name", s.Authority.Name)
	required(r, "version", s.Version)
	required(r, "review_by", s.ReviewBy.String())
	switch s.Status {
	case Sample:
	case Approved:
		required(r, "approved_by", s.ApprovedBy)
		required(r, "approved_on", s.ApprovedOn.String())
	default:
		r.Add("status", "%q is no status: sample or approved", s.Status)
	}
	if !s.ReviewBy.IsZero() && !s.ApprovedOn.IsZero() && !s.ReviewBy.After(s.ApprovedOn) {
		r.Add("review_by", "is not after approved_on")
	}
	s.validateDefaults(r)
	if len(s.Classes) == 0 && !r.Faulty("classes") {
		r.Add("classes", "is missing: a schedule has at least one class")
	}
	seen := make(map[string]int)
	for i := range s.Classes {
		s.validateClass(r, i, seen)
	}
	s.validateRules(r)
}

// required notes a missing value, unless decoding already found fault with it.
func required(r *strictyaml.Report, path, value string) {
	if value == "" && !r.Faulty(path) {
		r.Add(path, "is missing")
	}
}

func (s *Schedule) validateDefaults(r *strictyaml.Report) {
	d := s.Defaults
	if d.Approval != ApprovalRequired {
		r.Add("defaults.approval", "%q cannot be the default: only a class of its own may say auto", d.Approval)
	}
	required(r, "defaults.unclassified", d.Unclassified)
	if c := s.classAt(r, "defaults.unclassified", d.Unclassified); c != nil && c.Action != Review && c.Action != Transfer && c.Action != RetainUntilEvent {
		r.Add("defaults.unclassified", "class %s destroys: what is unclassified is reviewed, never destroyed", c.ID)
	}
	for _, role := range slices.Sorted(maps.Keys(d.Roles)) {
		s.classAt(r, "defaults.roles."+role, d.Roles[role])
	}
	for _, source := range slices.Sorted(maps.Keys(d.Sources)) {
		s.classAt(r, "defaults.sources."+source, d.Sources[source])
	}
}

// classAt returns the class that the key names, or notes that there is none.
func (s *Schedule) classAt(r *strictyaml.Report, path, id string) *Class {
	c := s.byID[id]
	if c == nil && id != "" {
		hint := ""
		if near := strictyaml.Nearest(id, slices.Sorted(maps.Keys(s.byID))); near != "" {
			hint = "; did you mean " + near + "?"
		}
		r.Add(path, "there is no class %s%s", id, hint)
	}
	return c
}

func (s *Schedule) validateClass(r *strictyaml.Report, i int, seen map[string]int) {
	c, path := &s.Classes[i], fmt.Sprintf("classes[%d]", i)
	if first, ok := seen[c.ID]; ok && c.ID != "" {
		r.Add(path+".id", "%s is already the id of classes[%d]", c.ID, first)
	} else {
		seen[c.ID] = i
	}
	required(r, path+".id", c.ID)
	required(r, path+".title", c.Title)
	if len(c.Authority) == 0 && !r.Faulty(path+".authority") {
		r.Add(path+".authority", "is missing: name the law or policy that the period rests on")
	}
	if !r.Faulty(path + ".trigger") {
		wrong := c.Trigger.faults()
		for _, key := range slices.Sorted(maps.Keys(wrong)) {
			r.Add(path+".trigger"+key, "%s", wrong[key])
		}
	}
	if c.Period.IsZero() && !r.Faulty(path+".period") {
		r.Add(path+".period", "is missing: an ISO 8601 period, as P2Y")
	}
	if c.WarnBefore.Compare(c.Period) > 0 {
		r.Add(path+".warn_before", "is longer than the period itself")
	}
	validateAction(r, path, c)
	validateApproval(r, path+".approval", c)
}

func validateAction(r *strictyaml.Report, path string, c *Class) {
	switch {
	case c.Action == "":
		if !r.Faulty(path + ".action") {
			r.Add(path+".action", "is missing: one of %s", or(actions))
		}
	case !slices.Contains(actions, string(c.Action)):
		r.Add(path+".action", "%q is no action: one of %s", c.Action, or(actions))
	case c.Action == RetainUntilEvent && c.Trigger.Kind != OnEvent:
		r.Add(path+".action", "retain_until_event needs a trigger of kind event")
	}
}

func validateApproval(r *strictyaml.Report, path string, c *Class) {
	a := c.Approval
	switch {
	case a.Level != ApprovalAuto && a.Level != ApprovalRequired:
		r.Add(path, "%q is no approval: required or auto", a.Level)
	case a.Level == ApprovalRequired && a.MaxBatch != 0:
		r.Add(path+".max_batch", "is for auto approval only")
	case a.Level == ApprovalAuto && c.Action != Destroy:
		r.Add(path, "auto is for destroy only: a person decides every %s", c.Action)
	case a.Level == ApprovalAuto && c.Period.Compare(maxAutoPeriod()) > 0:
		r.Add(path, "auto is for periods of up to a year, and this one is %s", c.Period.Words())
	case a.Level == ApprovalAuto && a.ExtraRole != "":
		r.Add(path+".extra_role", "is given, but auto asks nobody")
	case a.MaxBatch < 0:
		r.Add(path+".max_batch", "is negative")
	}
}

// Limits on the rules, so that comparing each with each stays quick.
const (
	maxRules      = 1000
	maxMatchDepth = 6 // levels of any, all and not
)

func (s *Schedule) validateRules(r *strictyaml.Report) {
	if len(s.Rules)+len(s.Classes) > maxRules {
		r.Add("rules", "there are more than %d rules and classes", maxRules)
		return
	}
	ids := make(map[string]int)
	alive := make(map[string]bool)
	var dead []string // classes of rules that cannot match, with their paths
	var earlier []readyRule
	for i, rule := range s.Rules {
		path := fmt.Sprintf("rules[%d]", i)
		if first, ok := ids[rule.ID]; ok && rule.ID != "" {
			r.Add(path+".id", "%s is already the id of rules[%d]", rule.ID, first)
		} else {
			ids[rule.ID] = i
		}
		required(r, path+".id", rule.ID)
		required(r, path+".class", rule.Class)
		s.classAt(r, path+".class", rule.Class)
		if rule.Match == nil {
			required(r, path+".match", "")
			continue
		}
		if !validMatch(r, path+".match", rule.Match) {
			alive[rule.Class] = true
			continue
		}
		ready := readyRule{id: rule.ID, test: rule.Match.compile()}
		if why := cannotMatch(ready, earlier); why != "" {
			r.Add(path+".match", "%s", why)
			dead = append(dead, rule.Class)
		} else {
			alive[rule.Class] = true
		}
		earlier = append(earlier, ready)
	}
	s.validateWhens(r, earlier, alive)
	s.validateReach(r, dead, alive)
}

// validateWhens looks for classes' own conditions that the rules leave nothing.
func (s *Schedule) validateWhens(r *strictyaml.Report, earlier []readyRule, alive map[string]bool) {
	for i, c := range s.Classes {
		path := fmt.Sprintf("classes[%d].when", i)
		if c.When == nil || !validMatch(r, path, c.When) {
			alive[c.ID] = alive[c.ID] || c.When != nil
			continue
		}
		ready := readyRule{id: c.ID + ".when", test: c.When.compile()}
		if why := cannotMatch(ready, earlier); why != "" {
			r.Add(path, "%s", why)
		} else {
			alive[c.ID] = true
		}
		earlier = append(earlier, ready)
	}
}

// validateReach looks for classes that only rules that cannot match lead to.
func (s *Schedule) validateReach(r *strictyaml.Report, dead []string, alive map[string]bool) {
	alive[s.Defaults.Unclassified] = true
	for _, m := range []map[string]string{s.roles, s.sources} {
		for _, class := range m {
			alive[class] = true
		}
	}
	for i, c := range s.Classes {
		if slices.Contains(dead, c.ID) && !alive[c.ID] {
			r.Add(fmt.Sprintf("classes[%d]", i), "%s is led to only by rules that cannot match", c.ID)
		}
	}
}

// cannotMatch says why nothing will ever reach and satisfy the rule, or "".
func cannotMatch(rule readyRule, earlier []readyRule) string {
	if rule.test.impossible() {
		return "contradicts itself and matches nothing"
	}
	for _, e := range earlier {
		if e.test.covers(rule.test) {
			return "matches nothing that rule " + e.id + " has not matched already"
		}
	}
	return ""
}

// validMatch reports whether the match is fit to be compared with others, and
// notes what is wrong with it.
func validMatch(r *strictyaml.Report, path string, m *Match) bool {
	validateMatch(r, path, m, 0)
	return !r.Faulty(path)
}

// validateMatch looks for values that are empty or outside their vocabulary.
func validateMatch(r *strictyaml.Report, path string, m *Match, depth int) {
	if depth > maxMatchDepth {
		r.Add(path, "is nested too deeply: %d levels at most", maxMatchDepth)
		return
	}
	for _, f := range fieldTable() {
		for i, v := range f.in(m) {
			at := path + "." + f.key
			if len(f.in(m)) > 1 {
				at += fmt.Sprintf("[%d]", i)
			}
			switch {
			case v == "" || (f.key == "subject" && len(words(v)) == 0):
				r.Add(at, "is empty and matches nothing")
			case f.key == "subject" && slices.ContainsFunc(words(v), starred):
				r.Add(at, "%q matches nothing: a * stands at the end of a word, as in complain*", v)
			case f.values != nil && !slices.Contains(f.values, strings.ToLower(v)):
				r.Add(at, "%q matches nothing: one of %s", v, or(f.values))
			}
		}
	}
	for i := range m.All {
		validateMatch(r, fmt.Sprintf("%s.all[%d]", path, i), &m.All[i], depth+1)
	}
	for i := range m.Any {
		validateMatch(r, fmt.Sprintf("%s.any[%d]", path, i), &m.Any[i], depth+1)
	}
	if m.Not != nil {
		validateMatch(r, path+".not", m.Not, depth+1)
	}
}
