package retention

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A TriggerKind says what starts the clock.
type TriggerKind string

// The trigger kinds.
const (
	OnSent         TriggerKind = "sent"               // the message's date: the latest trustworthy one
	OnCaptured     TriggerKind = "captured"           // when it came into the archive
	OnModified     TriggerKind = "last_modified"      // when it was last changed
	OnLastActivity TriggerKind = "last_activity"      // the newest item of its thread, folder or chat
	OnClosed       TriggerKind = "aggregation_closed" // when its thread, folder or chat was closed
	OnEvent        TriggerKind = "event"              // a named event: case_closed, tenure_end, …
)

var triggerKinds = []string{string(OnSent), string(OnCaptured), string(OnModified), string(OnLastActivity), string(OnClosed), string(OnEvent)}

// A Rounding moves a trigger date to the end of the year that it is in.
type Rounding string

// The roundings. The financial year of UK government ends on 31 March.
const (
	RoundNone          Rounding = "none"
	RoundCalendarYear  Rounding = "calendar_year_end"  // 31 December
	RoundFinancialYear Rounding = "financial_year_end" // 31 March
)

// A Trigger is what starts the clock of a class.
type Trigger struct {
	Kind  TriggerKind `yaml:"kind"`
	Event string      `yaml:"event"` // which, where Kind is event
	Round Rounding    `yaml:"round"` // none if empty
}

// UnmarshalText reads the short form of a trigger without rounding: its kind.
func (t *Trigger) UnmarshalText(b []byte) error {
	*t = Trigger{Kind: TriggerKind(b)}
	return nil
}

// date returns the day that started the clock, in the zone; zero if the facts
// do not know it. An import date never stands in for a date that is missing.
//
// What happened to the holding's case, thread or custodian starts no clock
// before the holding itself was there: of something younger its own date does,
// and own is set.
func (t Trigger) date(f *record.Facts, zone *time.Location) (d record.Date, own bool) {
	var at time.Time
	switch t.Kind {
	case OnSent:
		return record.DateOf(f.ClockTime(), zone), false
	case OnCaptured:
		return record.DateOf(f.Captured, zone), false
	case OnModified:
		at = f.LastModified
	case OnLastActivity:
		at = f.LastActivity
	case OnClosed:
		at = f.Closed
	case OnEvent:
		at = f.Events[t.Event]
	}
	d = record.DateOf(at, zone)
	if younger := record.DateOf(f.ClockTime(), zone); !d.IsZero() && younger.After(d) {
		return younger, true
	}
	return d, false
}

// apply rounds d.
func (r Rounding) apply(d record.Date) record.Date {
	switch r {
	case RoundCalendarYear:
		return record.Date{Year: d.Year, Month: time.December, Day: 31}
	case RoundFinancialYear:
		if d.Month > time.March {
			d.Year++
		}
		return record.Date{Year: d.Year, Month: time.March, Day: 31}
	}
	return d
}

// what names the trigger in a sentence.
func (t Trigger) what() string {
	switch t.Kind {
	case OnSent:
		return "sent"
	case OnCaptured:
		return "captured"
	case OnModified:
		return "last modified"
	case OnLastActivity:
		return "last activity in its thread, folder or chat"
	case OnClosed:
		return "its thread, folder or chat closed"
	}
	return "event " + t.Event
}

// String says the trigger in plain English: "sent, rounded to the end of the
// calendar year".
func (t Trigger) String() string {
	switch t.Round {
	case RoundCalendarYear:
		return t.what() + ", rounded to the end of the calendar year"
	case RoundFinancialYear:
		return t.what() + ", rounded to the end of the financial year"
	}
	return t.what()
}

// faults returns what is wrong with the trigger, by sub-key.
func (t Trigger) faults() map[string]string {
	wrong := make(map[string]string)
	switch {
	case t.Kind == "":
		wrong[".kind"] = "is missing: one of " + or(triggerKinds)
	case !slices.Contains(triggerKinds, string(t.Kind)):
		wrong[".kind"] = fmt.Sprintf("%q is no trigger: one of %s", t.Kind, or(triggerKinds))
	case t.Kind == OnEvent && t.Event == "":
		wrong[".event"] = "is missing: name the event that starts the clock, as case_closed"
	case t.Kind != OnEvent && t.Event != "":
		wrong[".event"] = fmt.Sprintf("is given, but the trigger is %s", t.Kind)
	case t.Event != "" && strings.Trim(t.Event, "abcdefghijklmnopqrstuvwxyz0123456789_") != "":
		wrong[".event"] = fmt.Sprintf("%q is no event name: use a–z, 0–9 and _", t.Event)
	}
	if t.Round != "" && t.Round != RoundNone && t.Round != RoundCalendarYear && t.Round != RoundFinancialYear {
		wrong[".round"] = fmt.Sprintf("%q is no rounding: one of none, calendar_year_end or financial_year_end", t.Round)
	}
	return wrong
}
