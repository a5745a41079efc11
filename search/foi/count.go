package foi

import (
	"fmt"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// finish counts to the deadline from where the events have left the clock.
func (c *clock) finish() {
	switch {
	case !c.review.IsZero():
		rule := c.rules.at(ruleReview, c.out.Received)
		c.out.Deadline = c.limit(c.review, rule, 0, nil)
		c.say(c.out.Deadline, "deadline of the internal review: %s (%s)", rule.Text, rule.Source)
	case !c.sought.IsZero():
		c.notice("no deadline runs until the clarification asked for on %s arrives", c.sought.Long())
		return
	case !c.noticed.IsZero():
		rule := c.rules.at(ruleFees, c.out.Received)
		c.out.LapsesOn = c.lapse(c.noticed, rule)
		c.say(c.out.LapsesOn, "last day for the fee: unpaid, the request lapses after it (%s)", rule.Source)
		c.notice("no deadline runs until the fee asked for on %s is paid", c.noticed.Long())
		return
	default:
		c.respond()
	}
	if last := c.book.calendar.last; c.out.Deadline.After(last) {
		c.notice("the table of bank holidays ends on %s: check %s against gov.uk/bank-holidays", last.Long(), c.out.Deadline.Long())
	}
	if first := c.book.calendar.first; c.out.Received.Before(first) {
		c.notice("the table of bank holidays begins on %s: earlier ones, other than Christmas Day and Good Friday, are not known", first.Long())
	}
}

// respond counts to the day by which the request itself is to be answered.
func (c *clock) respond() {
	more := 0
	if c.extra != nil {
		more = c.extra.WorkingDays
	}
	first := c.limit(c.start, c.response, more, c.off)
	if c.extended.IsZero() {
		c.out.Deadline = first
		c.say(first, "deadline: %s (%s)", c.response.Text, c.response.Source)
		return
	}
	rule := c.rules.at(ruleExtension, c.out.Received)
	c.out.NoticeDue = first
	c.say(first, "last day for the notice of the extension (%s)", rule.Source)
	if c.extended.After(first) {
		c.notice("the extension was given on %s, after %s, when the first limit ended", c.extended.Long(), first.Long())
	}
	c.out.Deadline = c.limit(c.start, rule, more, c.off)
	c.say(c.out.Deadline, "deadline: extended to %s in all (%s)", rule.length(more), rule.Source)
}

func (rule *Rule) length(more int) string {
	if rule.Months > 0 {
		return count(rule.Months, "month")
	}
	return count(rule.WorkingDays+more, "working day")
}

// limit returns the last day of a rule's limit that runs from start, with so
// many working days more. It says which days were passed over.
func (c *clock) limit(start record.Date, rule *Rule, more int, off []span) record.Date {
	if rule.Months == 0 {
		return c.count(start, rule.WorkingDays+more, off, true)
	}
	end := start.AddMonths(rule.Months)
	text := "the corresponding day"
	if end.Day != start.Day {
		text = "the last day of the month, which has no " + ordinal(start.Day)
	}
	c.say(end, "%s after %s: %s", count(rule.Months, "month"), start.Long(), text)
	if c.paused > 0 {
		end = end.AddDays(c.paused)
		c.say(end, "and %s for the time that the clock stood still", count(c.paused, "day"))
	}
	for rule.NextWorkingDay || rule.ID == ruleExtension && c.response.NextWorkingDay {
		why := c.book.calendar.dayOff(end, c.rules.Holidays)
		if why == "" {
			break
		}
		c.say(end, "no working day (%s): the next one counts", why)
		end = end.AddDays(1)
	}
	return end
}

// count returns the nth working day after start.
func (c *clock) count(start record.Date, n int, off []span, aloud bool) record.Date {
	day := start
	var disregarded int
	for counted := 0; counted < n; {
		day = day.AddDays(1)
		why := c.book.calendar.dayOff(day, c.rules.Holidays)
		switch {
		case why != "":
			if wd := day.Weekday(); aloud && wd != time.Saturday && wd != time.Sunday {
				c.sayOnce(day, "no working day: "+why)
			}
		case slices.ContainsFunc(off, func(s span) bool { return !day.Before(s.from) && !day.After(s.to) }):
			disregarded++
		default:
			counted++
		}
	}
	if aloud {
		if disregarded > 0 {
			c.sayOnce(day, fmt.Sprintf("%s disregarded for fees", count(disregarded, "working day")))
		}
		c.sayOnce(day, fmt.Sprintf("%s working day after %s", ordinal(n), start.Long()))
	}
	return day
}

// sayOnce says what counting twice, to the first limit and to the extended
// one, would say twice.
func (c *clock) sayOnce(on record.Date, text string) {
	if !slices.Contains(c.out.Steps, Step{on, text}) {
		c.out.Steps = append(c.out.Steps, Step{on, text})
	}
}

func ordinal(n int) string {
	suffix := "th"
	switch {
	case n%100 >= 11 && n%100 <= 13:
	case n%10 == 1:
		suffix = "st"
	case n%10 == 2:
		suffix = "nd"
	case n%10 == 3:
		suffix = "rd"
	}
	return fmt.Sprintf("%d%s", n, suffix)
}

// Lines returns the reckoning in plain English, a step a line, with its
// notices at the end.
func (r Reckoning) Lines() []string {
	var lines []string
	for _, s := range r.Steps {
		lines = append(lines, fmt.Sprintf("%s %s: %s", s.On.Weekday().String()[:3], s.On.Long(), s.Text))
	}
	for _, n := range r.Notices {
		lines = append(lines, "notice: "+n)
	}
	return lines
}
