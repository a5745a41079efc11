package retention

import (
	"fmt"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/strictyaml"
)

// SchemaV1 is the schema that a schedule file names on its first line.
const SchemaV1 = "retention-schedule/v1"

// A Status says whether a schedule may be acted on.
type Status string

// The statuses. Disposal under a sample is refused.
const (
	Sample   Status = "sample"
	Approved Status = "approved"
)

// An Action is what happens to a holding when its period has run.
type Action string

// The actions. A review's outcome is chosen by a person. RetainUntilEvent keeps
// until a named event and its period, and then asks a person too.
const (
	Destroy          Action = "destroy"
	Review           Action = "review"
	Transfer         Action = "transfer"
	RetainUntilEvent Action = "retain_until_event"
)

// An ApprovalLevel says whether disposal waits for a person.
type ApprovalLevel string

// The approval levels.
const (
	ApprovalRequired ApprovalLevel = "required"
	ApprovalAuto     ApprovalLevel = "auto"
)

// An Approval says who must agree to disposal under a class.
type Approval struct {
	Level     ApprovalLevel `yaml:"level"`
	ExtraRole string        `yaml:"extra_role"` // a second approver's role besides the records manager
	MaxBatch  int           `yaml:"max_batch"`  // auto only: more than this needs a person; 0: no batch is too large
}

// UnmarshalText reads the short form of an approval: its level.
func (a *Approval) UnmarshalText(b []byte) error {
	*a = Approval{Level: ApprovalLevel(b)}
	return nil
}

// A Class is a kind of information that is kept for the same time for the same
// reason.
type Class struct {
	ID          string          `yaml:"id"`
	Title       string          `yaml:"title"`
	Description string          `yaml:"description"`
	Examples    strictyaml.List `yaml:"examples"`
	Owner       string          `yaml:"owner"`
	Sensitivity string          `yaml:"sensitivity"`
	When        *Match          `yaml:"when"` // a rule of the class's own, tried after the schedule's rules
	Trigger     Trigger         `yaml:"trigger"`
	Period      Period          `yaml:"period"`
	Action      Action          `yaml:"action"`
	Approval    Approval        `yaml:"approval"`
	Authority   strictyaml.List `yaml:"authority"`   // by what law or policy
	WarnBefore  Period          `yaml:"warn_before"` // how long before it is due a person should begin
}

// String says the class in plain English: "ADM-01 Routine business
// correspondence: destroy 2 years after sent, rounded to the end of the
// calendar year".
func (c Class) String() string {
	return fmt.Sprintf("%s %s: %s %s after %s", c.ID, c.Title, strings.ReplaceAll(string(c.Action), "_", " "), c.Period.Words(), c.Trigger)
}

// A Rule puts what it matches into a class. The first rule that matches wins.
type Rule struct {
	ID    string `yaml:"id"`
	Match *Match `yaml:"match"`
	Class string `yaml:"class"`
	Note  string `yaml:"note"` // why the rule is there
}

// String says the rule in plain English.
func (r Rule) String() string {
	return fmt.Sprintf("%s: if %s, then class %s", r.ID, r.Match, r.Class)
}

// Defaults are what a schedule says once for all classes, and the classes of
// what no rule matches.
type Defaults struct {
	Approval     ApprovalLevel     `yaml:"approval"`     // of classes that name none; required if empty
	CoolingOff   Period            `yaml:"cooling_off"`  // between approval and execution
	MinimumAge   Period            `yaml:"minimum_age"`  // nothing is due sooner than this after its capture
	Unclassified string            `yaml:"unclassified"` // the class of what nothing else classifies
	Authority    strictyaml.List   `yaml:"authority"`    // of classes that name none
	Roles        map[string]string `yaml:"roles"`        // class by the custodian's role (the Capstone pattern)
	Sources      map[string]string `yaml:"sources"`      // class by source
}

// Authority is whose schedule it is.
type Authority struct {
	Name string `yaml:"name"`
	DRO  string `yaml:"dro"` // the departmental records officer
}

// A Schedule is a department's retention schedule, as loaded by [Load]. It
// never changes and may be used by any number of goroutines.
type Schedule struct {
	Schema     string      `yaml:"schema"`
	Authority  Authority   `yaml:"authority"`
	Version    string      `yaml:"version"`
	Status     Status      `yaml:"status"` // as its file says; whether it was adopted, the archive knows
	ApprovedBy string      `yaml:"approved_by"`
	ApprovedOn record.Date `yaml:"approved_on"`
	ReviewBy   record.Date `yaml:"review_by"`
	Strict     bool        `yaml:"strict"` // past review_by, disposal is refused
	Zone       string      `yaml:"zone"`   // the legal zone; Europe/London if empty
	Defaults   Defaults    `yaml:"defaults"`
	Classes    []Class     `yaml:"classes"`
	Rules      []Rule      `yaml:"rules"`

	notices []string
	zone    *time.Location
	byID    map[string]*Class
	rules   []readyRule // the schedule's, then the classes' own
	roles   map[string]string
	sources map[string]string
}

// A readyRule is a rule or a class's own condition, made ready.
type readyRule struct {
	id    string
	class string
	text  string
	test  test
}

// Class returns the class with this id, or nil.
func (s *Schedule) Class(id string) *Class { return s.byID[id] }

// Location returns the legal zone, by whose days everything is reckoned.
func (s *Schedule) Location() *time.Location { return s.zone }

// Notices returns what a person should know about the schedule and that is no
// fault: that it is a sample, that a class is reached only by hand.
func (s *Schedule) Notices() []string { return s.notices }

// reviewWarning is how long before review_by a schedule begins to say so.
const reviewWarning = 60

// ReviewNotice says that the schedule's own review is near or past, or returns
// "". Overdue reports that it is past and the schedule is strict about it, so
// that disposal is refused.
func (s *Schedule) ReviewNotice(now time.Time) (notice string, overdue bool) {
	today := record.DateOf(now, s.zone)
	switch {
	case today.After(s.ReviewBy):
		return fmt.Sprintf("schedule %s should have been reviewed by %s", s.Version, s.ReviewBy.Long()), s.Strict
	case today.AddDays(reviewWarning).After(s.ReviewBy):
		return fmt.Sprintf("schedule %s is to be reviewed by %s", s.Version, s.ReviewBy.Long()), false
	}
	return "", false
}
