package report

import (
	"cmp"
	"maps"
	"slices"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
)

// A Line is one holding as the retention report counts it.
type Line struct {
	Record    int64 // the holdings of one record follow one another
	Source    string
	Custodian string
	Dated     record.Date // of the message; zero if it has no date that can be trusted
	Captured  record.Date
	Standing  retention.Standing
}

// A Counter counts holdings for the retention report, one after another. Use
// [NewCounter].
type Counter struct {
	head     Head
	today    record.Date
	until    [3]record.Date // in 30, 90, 365 days
	schedule *retention.Schedule

	records, holdings, onHold int64
	classes                   map[string]*ClassLine
	sources, custodians       map[string]*ShareLine
	ages                      [len(ageBands)]int64
	undated                   int64
	holds                     map[string]int64
	captured                  map[quarter]int64

	open   bool // a record is being put together
	record int64
	worst  Line
	names  map[string]bool // the holds of the record
}

// quarter is a calendar quarter: four times the year, plus 0 to 3.
type quarter int

func quarterOf(d record.Date) quarter { return quarter(4*d.Year + (int(d.Month)-1)/3) }

// ageBands are the ages in years at which bands begin.
var ageBands = [...]struct {
	from  int
	label string
}{{0, "under 1"}, {1, "1"}, {2, "2"}, {3, "3 to 4"}, {5, "5 to 6"}, {7, "7 to 9"}, {10, "10 to 14"}, {15, "15 to 17"}, {18, "18 to 19"}, {20, "20 or more"}}

// NewCounter returns a counter of the holdings under a schedule as of the
// head's day.
func NewCounter(head Head, s *retention.Schedule) *Counter {
	c := &Counter{head: head, today: head.today(), schedule: s, classes: map[string]*ClassLine{}, sources: map[string]*ShareLine{},
		custodians: map[string]*ShareLine{}, holds: map[string]int64{}, captured: map[quarter]int64{}, names: map[string]bool{}}
	for i, days := range [...]int{30, 90, 365} {
		c.until[i] = c.today.AddDays(days)
	}
	return c
}

// Add counts a holding.
func (c *Counter) Add(l Line) {
	if c.open && l.Record != c.record {
		c.finish()
	}
	c.holdings++
	share(c.sources, l.Source, &l)
	share(c.custodians, l.Custodian, &l)
	if !c.open || l.Standing.Compare(c.worst.Standing) > 0 {
		captured := l.Captured
		if c.open && c.worst.Captured.Before(captured) {
			captured = c.worst.Captured
		}
		c.worst = l
		c.worst.Captured = captured
	}
	for _, h := range l.Standing.Holds {
		c.names[h] = true
	}
	c.open, c.record = true, l.Record
}

func share(all map[string]*ShareLine, name string, l *Line) {
	s := all[name]
	if s == nil {
		s = &ShareLine{Name: name}
		all[name] = s
	}
	s.Holdings++
	switch {
	case l.Standing.OnHold:
		s.OnHold++
	case l.Standing.State == retention.Due:
		s.Overdue++
	case l.Standing.State == retention.UnknownTrigger:
		s.Unknown++
	}
}

// finish counts the record that was put together, by the most protective of
// its holdings.
func (c *Counter) finish() {
	l := &c.worst
	c.records++
	line := c.classes[l.Standing.Class]
	if line == nil {
		line = c.class(l.Standing.Class)
		c.classes[l.Standing.Class] = line
	}
	line.Records++
	if l.Standing.Basis == retention.ByDefault {
		line.Unclassified++
	}
	c.due(line, l.Standing)
	if l.Standing.OnHold {
		c.onHold++
	}
	for h := range c.names {
		c.holds[h]++
	}
	clear(c.names)
	if l.Dated.IsZero() {
		c.undated++
	} else {
		c.ages[band(yearsBetween(l.Dated, c.today))]++
	}
	c.captured[quarterOf(l.Captured)]++
	c.open = false
}

func (c *Counter) class(id string) *ClassLine {
	line := &ClassLine{Class: id}
	if class := c.schedule.Class(id); class != nil {
		line.Title, line.Action, line.Trigger, line.Period = class.Title, class.Action, class.Trigger.String(), class.Period
	}
	return line
}

// due counts a record under one of: on hold, unknown, overdue, due within, or
// later.
func (c *Counter) due(line *ClassLine, s retention.Standing) {
	switch {
	case s.OnHold:
		line.OnHold++
	case s.State == retention.UnknownTrigger:
		line.Unknown++
	case s.State == retention.Due:
		line.Overdue++
		if line.OldestDue.IsZero() || s.Due.Before(line.OldestDue) {
			line.OldestDue = s.Due
		}
	case !s.Due.After(c.until[0]):
		line.Within30++
	case !s.Due.After(c.until[1]):
		line.Within90++
	case !s.Due.After(c.until[2]):
		line.Within365++
	default:
		line.Later++
	}
}

func yearsBetween(from, to record.Date) int {
	years := to.Year - from.Year
	if to.Month < from.Month || to.Month == from.Month && to.Day < from.Day {
		years--
	}
	return max(years, 0)
}

func band(years int) int {
	for i := len(ageBands) - 1; i > 0; i-- {
		if years >= ageBands[i].from {
			return i
		}
	}
	return 0
}

// Report finishes the count. Holds are the holds in force, for their matters.
func (c *Counter) Report(holds []retention.Hold) *Retention {
	if c.open {
		c.finish()
	}
	r := &Retention{Head: c.head, Records: c.records, Holdings: c.holdings, OnHold: c.onHold, Undated: c.undated}
	for _, id := range slices.Sorted(maps.Keys(c.classes)) {
		r.Classes = append(r.Classes, *c.classes[id])
	}
	r.Sources, r.Custodians = sorted(c.sources), sorted(c.custodians)
	for i, b := range ageBands {
		r.Ages = append(r.Ages, AgeLine{Years: b.label, Records: c.ages[i]})
	}
	for _, h := range holds {
		if n := c.holds[h.Hold]; n > 0 {
			r.Holds = append(r.Holds, HoldShare{Hold: h.Hold, Type: h.Type, Matter: h.Matter, Records: n})
		}
	}
	slices.SortFunc(r.Holds, func(a, b HoldShare) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Hold, b.Hold))
	})
	r.Growth, r.Forecast = growth(c.captured, quarterOf(c.today))
	return r
}

// Merge adds what another counter of the same schedule and day has counted, of
// other records. That one is used up.
func (c *Counter) Merge(o *Counter) {
	if o.open {
		o.finish()
	}
	if c.open {
		c.finish()
	}
	c.records, c.holdings, c.onHold, c.undated = c.records+o.records, c.holdings+o.holdings, c.onHold+o.onHold, c.undated+o.undated
	for id, l := range o.classes {
		if mine := c.classes[id]; mine != nil {
			mine.add(l)
		} else {
			c.classes[id] = l
		}
	}
	for _, m := range []struct{ to, from map[string]*ShareLine }{{c.sources, o.sources}, {c.custodians, o.custodians}} {
		for name, l := range m.from {
			mine := m.to[name]
			if mine == nil {
				m.to[name] = l
				continue
			}
			mine.Holdings, mine.OnHold, mine.Overdue, mine.Unknown = mine.Holdings+l.Holdings, mine.OnHold+l.OnHold, mine.Overdue+l.Overdue, mine.Unknown+l.Unknown
		}
	}
	for i, n := range o.ages {
		c.ages[i] += n
	}
	for h, n := range o.holds {
		c.holds[h] += n
	}
	for q, n := range o.captured {
		c.captured[q] += n
	}
}

func sorted(all map[string]*ShareLine) []ShareLine {
	list := make([]ShareLine, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, *all[name])
	}
	return list
}
