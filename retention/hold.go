package retention

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A Hold is a hold in force: one that was placed and not released. Whoever
// asks about a hold that has ended leaves it out.
type Hold record.HoldPlaced

// A Candidate is a holding about which the schedule and the holds are asked,
// with all that a hold may look at. What is left unknown never lets a holding
// escape a hold: no Record falls under every hold that lists ids, and a nil
// Caught under every hold with a query.
type Candidate struct {
	Record record.ID
	Facts  record.Facts
	Manual Manual

	// Was lists the classes that the holding has had. A hold on a class goes
	// on covering what was in it, so that reclassifying frees nothing.
	Was []string

	// Review is the last review of the record that was decided; nil: there
	// was none.
	Review *Reviewed

	// Caught reports whether the query of the hold with this name has found a
	// message of the record.
	Caught func(hold string) bool

	// Unsearchable says that some text of the record is not in the index, so
	// that no query can be relied on to find it.
	Unsearchable bool
}

// Covers reports whether the hold suspends disposal of the holding, which is
// in one of these classes, and says why or why not in words.
//
// It fails closed (DESIGN, "Holds"): an undated or date-suspect item never
// escapes by a date range, and within a query hold's other bounds everything
// that the query could have missed is covered too.
func (h Hold) Covers(c *Candidate, classes ...string) (bool, string) {
	covers, why := h.covers(c, classes)
	return covers, h.because(why)
}

// Takes is [Hold.Covers] without the words, for asking about many.
func (h Hold) Takes(c *Candidate, classes ...string) bool {
	covers, _ := h.covers(c, classes)
	return covers
}

// A coverage is why a hold covers a holding, or does not.
type coverage int

const (
	otherRecords coverage = iota
	otherCustodians
	otherSources
	otherClasses
	otherDates
	notFound
	inScope
	inScopeUndated
	notAsked
	found
	unsearchable
	undated
)

// covers decides [Hold.Covers] without wording it.
func (h Hold) covers(c *Candidate, classes []string) (bool, coverage) {
	s := &h.Scope
	switch {
	case len(s.Records) > 0 && c.Record != "" && !slices.Contains(s.Records, c.Record):
		return false, otherRecords
	case !names(s.Custodians, c.Facts.Custodian):
		return false, otherCustodians
	case !names(s.Sources, c.Facts.Source):
		return false, otherSources
	case len(s.Classes) > 0 && !namesAny(s.Classes, append(slices.Clone(classes), c.Was...)):
		return false, otherClasses
	}
	within, dated := h.within(&c.Facts)
	switch {
	case !within:
		return false, otherDates
	case s.Query == "" && !dated:
		return true, inScopeUndated
	case s.Query == "":
		return true, inScope
	case c.Caught == nil:
		return true, notAsked
	case c.Caught(h.Hold):
		return true, found
	case c.Unsearchable:
		return true, unsearchable
	case c.Facts.DateSuspect || c.Facts.MessageTime().IsZero():
		return true, undated
	}
	return false, notFound
}

func (h Hold) because(why coverage) string {
	switch why {
	case otherRecords:
		return "it lists other records"
	case otherCustodians:
		return "it is for other custodians"
	case otherSources:
		return "it is for other sources"
	case otherClasses:
		return "it is for other classes"
	case otherDates:
		return "it is for other dates"
	case inScope:
		return h.scope()
	case inScopeUndated:
		return h.scope() + "; its dates leave out nothing whose own date cannot be trusted"
	case notAsked:
		return "it has not been asked whether its query finds this"
	case found:
		return "its query finds this"
	case unsearchable:
		return "its query cannot search all of this"
	case undated:
		return "its query may have missed this, for its date cannot be trusted"
	}
	return "its query does not find this"
}

// names reports whether the list, if there is one, has the name. A name that
// is not known is on every list.
func names(list []string, name string) bool {
	return len(list) == 0 || name == "" ||
		slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

func namesAny(list, wanted []string) bool {
	return len(list) == 0 || len(wanted) == 0 ||
		slices.ContainsFunc(wanted, func(w string) bool { return names(list, w) })
}

// within reports whether the item is within the hold's dates, and whether its
// own date could be asked.
func (h Hold) within(f *record.Facts) (within, dated bool) {
	from, until := h.Scope.From, h.Scope.Until
	if from.IsZero() && until.IsZero() {
		return true, true
	}
	at := f.MessageTime()
	if f.DateSuspect || at.IsZero() {
		return true, false
	}
	first, last := at, at
	if f.Kind != record.Email {
		// A chat-day's time is one of its messages'; the others are within a day.
		first, last = at.Add(-24*time.Hour), at.Add(24*time.Hour)
	}
	return (from.IsZero() || !last.Before(from)) && (until.IsZero() || first.Before(until)), true
}

// scope says what the hold covers, without its query.
func (h Hold) scope() string {
	s := h.Scope
	var parts []string
	switch n := len(s.Records); n {
	case 0:
	case 1:
		parts = append(parts, "one listed record")
	default:
		parts = append(parts, fmt.Sprintf("%d listed records", n))
	}
	for _, p := range []struct {
		word string
		list []string
	}{{"custodian", s.Custodians}, {"source", s.Sources}, {"class", s.Classes}} {
		if len(p.list) > 0 {
			parts = append(parts, p.word+" "+or(p.list))
		}
	}
	if !s.From.IsZero() {
		parts = append(parts, "from "+s.From.Format("2 January 2006"))
	}
	if !s.Until.IsZero() {
		parts = append(parts, "before "+s.Until.Format("2 January 2006"))
	}
	if parts == nil {
		return "it covers everything"
	}
	return "it covers " + strings.Join(parts, ", ")
}

// String names the hold as a reason does: inquiry-7 (inquiry, Module 2).
func (h Hold) String() string {
	var about []string
	for _, s := range []string{h.Type, h.Matter} {
		if s != "" {
			about = append(about, s)
		}
	}
	if about == nil {
		return h.Hold
	}
	return fmt.Sprintf("%s (%s)", h.Hold, strings.Join(about, ", "))
}
