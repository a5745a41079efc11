package foi

import (
	"fmt"
	"slices"

	"github.com/closeroll/closeroll/archive/record"
)

// A Step is one step of the reckoning: a day and what it means.
type Step struct {
	On   record.Date `json:"on"`
	Text string      `json:"text"`
}

// A Reckoning is a deadline with the way to it. A request is overdue after the
// end of the deadline's day.
type Reckoning struct {
	Kind      Kind        `json:"kind"`
	Received  record.Date `json:"received"`
	Deadline  record.Date `json:"deadline"`              // null: the clock stands still, or the request has lapsed
	NoticeDue record.Date `json:"notice_due,omitzero"`   // by when the notice of an extension must be given
	LapsesOn  record.Date `json:"lapses_after,omitzero"` // a fee not paid by then ends the request
	Steps     []Step      `json:"steps"`                 // never empty
	Notices   []string    `json:"notices,omitempty"`     // what a person should check
}

// maxMonths is how long after its receipt something may still happen to a
// request, so that a mistyped year is noticed rather than counted through.
const maxMonths = 120

// Deadline reckons the deadline of a request received on a day, after what has
// happened to it since. Pure. Day 0 is the day of receipt, working day or not;
// the days after it are counted one at a time (FOIA s.10(1) and (6)).
//
// Events are taken in the order of their days. One that the rules of this kind
// do not know, or that precedes the receipt, is an error.
func (b *Book) Deadline(kind Kind, received record.Date, events []Event) (Reckoning, error) {
	rules := b.rules[kind]
	if rules == nil {
		return Reckoning{}, fmt.Errorf("there are no rules for %s", kind)
	}
	response := rules.at(ruleResponse, received)
	if response == nil {
		return Reckoning{}, fmt.Errorf("%s had no deadlines yet on %s", rules.Law, received)
	}
	sorted := slices.Clone(events)
	slices.SortStableFunc(sorted, func(x, y Event) int { return x.On.Compare(y.On) })
	for _, e := range sorted {
		if rules.at(e.Type.needs(), received) == nil {
			return Reckoning{}, fmt.Errorf("event %s has no effect on a request of kind %s", e.Type, kind)
		}
		if e.On.Before(received) {
			return Reckoning{}, fmt.Errorf("event %s on %s is before the request was received on %s", e.Type, e.On, received)
		}
		if e.On.After(received.AddMonths(maxMonths)) {
			return Reckoning{}, fmt.Errorf("event %s on %s is more than ten years after the request was received on %s", e.Type, e.On, received)
		}
	}
	c := &clock{book: b, rules: rules, response: response, start: received}
	c.out = Reckoning{Kind: kind, Received: received}
	c.begin(received)
	for _, e := range sorted {
		c.take(e)
	}
	c.finish()
	return c.out, nil
}

// A clock goes through a request's events.
type clock struct {
	book     *Book
	rules    *Rules
	response *Rule
	out      Reckoning

	start    record.Date // day 0
	off      []span      // days that do not count, for a fee
	paused   int         // days for which a clock in months stood still
	sought   record.Date // clarification asked for and not yet given
	noticed  record.Date // fees notice not yet paid
	extended record.Date // day of the extension; zero: none
	extra    *Rule       // working days added
	review   record.Date // a review was asked for
}

// A span is a run of days, both ends included.
type span struct{ from, to record.Date }

func (c *clock) say(on record.Date, format string, args ...any) {
	c.out.Steps = append(c.out.Steps, Step{on, fmt.Sprintf(format, args...)})
}

func (c *clock) notice(format string, args ...any) {
	c.out.Notices = append(c.out.Notices, fmt.Sprintf(format, args...))
}

func (c *clock) begin(received record.Date) {
	note := ""
	if why := c.book.calendar.dayOff(received, c.rules.Holidays); why != "" {
		note = ", no working day (" + why + "), and the day of receipt all the same"
	}
	c.say(received, "received: day 0%s", note)
}

// take applies one event.
func (c *clock) take(e Event) {
	rule := c.rules.at(e.Type.needs(), c.out.Received)
	switch e.Type {
	case ClarificationSought:
		if c.sought.IsZero() {
			c.sought = e.On
		}
		c.say(e.On, "clarification asked for: the clock stands still until it arrives (%s)", rule.Source)
	case ClarificationReceived:
		c.clarified(e.On, rule)
	case IdentityConfirmed:
		c.restart(e.On, "identity confirmed", rule)
	case FeesNotice:
		if c.noticed.IsZero() {
			c.noticed = e.On
		}
		c.say(e.On, "fees notice given: from this day on working days are disregarded (%s)", rule.Source)
	case FeePaid:
		c.paid(e.On, rule)
	case Extension:
		c.extended = e.On
		c.say(e.On, "extension: %s (%s)", rule.Text, rule.Source)
	case TransferredRecord:
		c.extra = rule
		c.say(e.On, "transferred public record: %s (%s)", rule.Text, rule.Source)
	case InternalReview:
		c.review = e.On
		c.say(e.On, "internal review asked for: day 0 of the review")
	}
}

// restart makes the event's day the day of receipt.
func (c *clock) restart(on record.Date, what string, rule *Rule) {
	c.start, c.off, c.paused = on, nil, 0
	c.say(on, "%s: this is the new day 0 (%s)", what, rule.Source)
}

func (c *clock) clarified(on record.Date, rule *Rule) {
	sought := c.sought
	c.sought = record.Date{}
	switch {
	case rule.Restart:
		c.restart(on, "clarification received", rule)
	case sought.IsZero():
		c.notice("clarification was received on %s, but when it was asked for is not given: no time is taken off", on.Long())
	default:
		days := daysBetween(sought, on)
		c.paused += days
		c.say(on, "clarification received: the clock stood still for %s (%s)", count(days, "day"), rule.Source)
	}
}

func (c *clock) paid(on record.Date, rule *Rule) {
	if c.noticed.IsZero() {
		c.notice("a fee was paid on %s, but there is no fees notice before it: no time is taken off", on.Long())
		return
	}
	if lapse := c.lapse(c.noticed, rule); on.After(lapse) {
		c.notice("the fee was paid on %s, after %s, by which the request may have lapsed (%s)", on.Long(), lapse.Long(), rule.Source)
	}
	c.off = append(c.off, span{c.noticed, on})
	c.say(on, "fee paid: the working days from %s to this day are disregarded (%s)", c.noticed.Long(), rule.Source)
	c.noticed = record.Date{}
}

// lapse returns the last day for paying a fee that was asked for on a day.
func (c *clock) lapse(noticed record.Date, rule *Rule) record.Date {
	if rule.Months > 0 {
		return noticed.AddMonths(rule.Months)
	}
	return c.count(noticed, rule.WorkingDays, nil, false)
}

func daysBetween(from, to record.Date) int {
	n := 0
	for d := from; d.Before(to); d = d.AddDays(1) {
		n++
	}
	return n
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
