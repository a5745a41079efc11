package foi

import (
	"fmt"
	"slices"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/strictyaml"
)

// CostsV1 is the schema that the file of cost rules names.
const CostsV1 = "cost-rules/v1"

// A CostRule is one number of the appropriate limit.
type CostRule struct {
	ID            string      `yaml:"id"`
	Pounds        int         `yaml:"pounds"`
	WorkingDays   int         `yaml:"working_days"`
	EffectiveFrom record.Date `yaml:"effective_from"`
	Source        string      `yaml:"source"`
	Text          string      `yaml:"text"`
}

// Costs are the rules of the appropriate limit (FOIA s.12; SI 2004/3244).
type Costs struct {
	Schema string     `yaml:"schema"`
	Law    string     `yaml:"law"`
	Rules  []CostRule `yaml:"rules"`
}

// The ids of cost rules.
const (
	costCentral     = "limit_central"
	costOther       = "limit_other"
	costRate        = "rate"
	costAggregation = "aggregation"
)

// ParseCosts reads the file of cost rules. One with any fault is refused with
// [Faults].
func ParseCosts(data []byte) (*Costs, error) {
	c := new(Costs)
	r := strictyaml.Decode(data, c)
	if !r.Unread() {
		c.validate(r)
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Costs) validate(r *strictyaml.Report) {
	if c.Schema != CostsV1 {
		r.Add("schema", "is %q; this program reads %s", c.Schema, CostsV1)
	}
	ids := []string{costCentral, costOther, costRate, costAggregation}
	for i, rule := range c.Rules {
		path := fmt.Sprintf("rules[%d]", i)
		switch {
		case !slices.Contains(ids, rule.ID):
			r.Add(path+".id", "%q is no rule that this program knows: %v", rule.ID, ids)
		case rule.ID == costAggregation && (rule.WorkingDays < 1 || rule.WorkingDays > maxLimit):
			r.Add(path+".working_days", "is not between 1 and %d", maxLimit)
		case rule.ID != costAggregation && (rule.Pounds < 1 || rule.Pounds > 1_000_000):
			r.Add(path+".pounds", "is not between 1 and a million")
		}
		if rule.Source == "" || rule.Text == "" || rule.EffectiveFrom.IsZero() && !r.Faulty(path+".effective_from") {
			r.Add(path, "needs source, text and effective_from")
		}
	}
	for _, id := range ids {
		if !slices.ContainsFunc(c.Rules, func(rule CostRule) bool { return rule.ID == id }) {
			r.Add("rules", "has no rule %s", id)
		}
	}
}

// at returns the rule in force on the day, the zero rule if there was none yet.
func (c *Costs) at(id string, day record.Date) CostRule {
	var found CostRule
	for _, rule := range c.Rules {
		if rule.ID == id && !rule.EffectiveFrom.After(day) && !rule.EffectiveFrom.Before(found.EffectiveFrom) {
			found = rule
		}
	}
	return found
}

// An Authority is what kind of authority answers, which sets its limit.
type Authority string

// The kinds of authority.
const (
	Central Authority = "central" // a department, legislature or the armed forces
	Other   Authority = "other"
)

// Limit returns the appropriate limit in pounds and in hours of work, for a
// request received on the day.
func (c *Costs) Limit(a Authority, day record.Date) (pounds int, hours float64) {
	id := costCentral
	if a == Other {
		id = costOther
	}
	limit, rate := c.at(id, day), c.at(costRate, day)
	if rate.Pounds == 0 {
		return limit.Pounds, 0
	}
	return limit.Pounds, float64(limit.Pounds) / float64(rate.Pounds)
}
