package foi

import (
	"fmt"
	"slices"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/strictyaml"
)

// A Kind is the law under which a request is made.
type Kind string

// The kinds of request.
const (
	FOI Kind = "foi" // Freedom of Information Act 2000
	EIR Kind = "eir" // Environmental Information Regulations 2004
	SAR Kind = "sar" // subject access, UK GDPR
)

// ParseKind reads foi, eir or sar.
func ParseKind(s string) (Kind, error) {
	if k := Kind(s); k == FOI || k == EIR || k == SAR {
		return k, nil
	}
	return "", fmt.Errorf("%q is no kind of request: foi, eir or sar", s)
}

// SchemaV1 is the schema that a file of rules names on its first line.
const SchemaV1 = "deadline-rules/v1"

// A Rule is one number that law or policy sets, from a date on.
type Rule struct {
	ID             string      `yaml:"id"`
	WorkingDays    int         `yaml:"working_days"`
	Months         int         `yaml:"months"`
	NextWorkingDay bool        `yaml:"next_working_day"` // a limit in months that ends on a day off moves on
	Restart        bool        `yaml:"restart"`          // the event's day is the new day of receipt
	EffectiveFrom  record.Date `yaml:"effective_from"`
	Source         string      `yaml:"source"`
	Text           string      `yaml:"text"`
}

// Rules are the deadlines of one kind of request.
type Rules struct {
	Schema   string         `yaml:"schema"`
	Kind     Kind           `yaml:"kind"`
	Law      string         `yaml:"law"`
	Holidays []Jurisdiction `yaml:"holidays"` // whose bank holidays are no working days
	Rules    []Rule         `yaml:"rules"`
}

// The ids of rules.
const (
	ruleResponse      = "response"
	ruleClarification = "clarification"
	ruleFees          = "fees"
	ruleExtension     = "extension"
	ruleTransferred   = "transferred_record"
	ruleReview        = "internal_review"
	ruleIdentity      = "identity"
	ruleReviewRequest = "review_request" // how long the requester has to ask for a review
	ruleHoldAfter     = "hold_after"     // how long what was asked for is kept after the last decision
)

// Faults is everything wrong with a file of rules, one line each.
type Faults = strictyaml.Faults

// ParseRules reads a file of rules. One with any fault is refused with
// [Faults].
func ParseRules(data []byte) (*Rules, error) {
	rules := new(Rules)
	r := strictyaml.Decode(data, rules)
	if !r.Unread() {
		rules.validate(r)
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return rules, nil
}

func (rules *Rules) validate(r *strictyaml.Report) {
	if rules.Schema != SchemaV1 {
		r.Add("schema", "is %q; this program reads %s", rules.Schema, SchemaV1)
	}
	if _, err := ParseKind(string(rules.Kind)); err != nil {
		r.Add("kind", "%v", err)
	}
	if rules.Law == "" {
		r.Add("law", "is missing")
	}
	if len(rules.Holidays) == 0 {
		r.Add("holidays", "is missing: whose bank holidays are no working days")
	}
	for i, j := range rules.Holidays {
		if j != EnglandAndWales && j != Scotland && j != NorthernIreland {
			r.Add(fmt.Sprintf("holidays[%d]", i), "%q is none of england-and-wales, scotland, northern-ireland", j)
		}
	}
	for i, rule := range rules.Rules {
		rule.validate(r, fmt.Sprintf("rules[%d]", i))
	}
	if !slices.ContainsFunc(rules.Rules, func(rule Rule) bool { return rule.ID == ruleResponse }) {
		r.Add("rules", "has no rule %s: nothing sets a deadline", ruleResponse)
	}
}

// maxLimit bounds the numbers of a rule.
const maxLimit = 1000

func (rule Rule) validate(r *strictyaml.Report, path string) {
	ids := []string{ruleResponse, ruleClarification, ruleFees, ruleExtension, ruleTransferred, ruleReview, ruleIdentity, ruleReviewRequest, ruleHoldAfter}
	if !slices.Contains(ids, rule.ID) {
		r.Add(path+".id", "%q is no rule that this program knows: %v", rule.ID, ids)
	}
	if rule.EffectiveFrom.IsZero() && !r.Faulty(path+".effective_from") {
		r.Add(path+".effective_from", "is missing: from when the number applies")
	}
	if rule.Source == "" {
		r.Add(path+".source", "is missing: where the number stands")
	}
	if rule.Text == "" {
		r.Add(path+".text", "is missing: what the rule says, for the explanation")
	}
	if min(rule.WorkingDays, rule.Months) < 0 || max(rule.WorkingDays, rule.Months) > maxLimit {
		r.Add(path, "has a number outside 0 to %d", maxLimit)
	}
	numbers := (rule.WorkingDays > 0) != (rule.Months > 0)
	moves := rule.ID == ruleClarification || rule.ID == ruleIdentity
	switch {
	case moves && (rule.WorkingDays > 0 || rule.Months > 0):
		r.Add(path, "needs no number")
	case !moves && !numbers:
		r.Add(path, "needs either working_days or months")
	case rule.ID == ruleTransferred && rule.WorkingDays == 0:
		r.Add(path+".working_days", "is missing: this rule adds working days")
	}
}

// at returns the rule with this id that is in force on the day, or nil.
func (rules *Rules) at(id string, day record.Date) *Rule {
	var found *Rule
	for i := range rules.Rules {
		rule := &rules.Rules[i]
		if rule.ID == id && !rule.EffectiveFrom.After(day) && (found == nil || !rule.EffectiveFrom.Before(found.EffectiveFrom)) {
			found = rule
		}
	}
	return found
}

// A Book is all rules of deadlines with the calendar that they count by.
type Book struct {
	rules    map[Kind]*Rules
	calendar *Calendar
}

// ReadBook reads bank holidays and files of rules, as they are embedded or as a
// department replaces them, and joins them with [NewBook].
func ReadBook(holidays []byte, files ...[]byte) (*Book, error) {
	calendar, err := ParseCalendar(holidays)
	if err != nil {
		return nil, err
	}
	var rules []*Rules
	for _, file := range files {
		r, err := ParseRules(file)
		if err != nil {
			return nil, fmt.Errorf("rules of deadlines: %w", err)
		}
		rules = append(rules, r)
	}
	return NewBook(calendar, rules...)
}

// NewBook joins the rules, one for each kind of request that is to be answered,
// with the bank holidays.
func NewBook(calendar *Calendar, rules ...*Rules) (*Book, error) {
	b := &Book{rules: make(map[Kind]*Rules), calendar: calendar}
	for _, r := range rules {
		if b.rules[r.Kind] != nil {
			return nil, fmt.Errorf("there are two files of rules for %s", r.Kind)
		}
		b.rules[r.Kind] = r
	}
	return b, nil
}
