// Package lock decides how firmly the storage itself is to keep a record: by S3
// Object Lock, where the bucket has it.
//
// A lock protects a record from whoever has the storage's credentials, the
// daemon's included; it is never what decides about disposal. So it lasts until
// the record is due, if that is known, and else for a floor after its capture;
// it is made longer when class or date change, and never shorter or weaker. Compliance cannot be lifted by anybody, and so binds lawful erasure
// too: it is only ever asked for by configuration, class by class.
//
// A hold has no end that could be known beforehand: where one covers a record,
// the storage has it under legal hold.
package lock

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/retention"
)

// A Rule says how the records of a class are locked.
type Rule struct {
	Mode  store.LockMode   // empty: not at all
	Floor retention.Period // after capture, where it is not known when a record is due
}

// A Policy is the rule of every class.
type Policy struct {
	Default Rule
	Classes map[string]Rule // by id, for those that differ
}

// Asks reports whether any class is locked.
func (p Policy) Asks() bool {
	if p.Default.Mode != "" {
		return true
	}
	for _, r := range p.Classes {
		if r.Mode != "" {
			return true
		}
	}
	return false
}

// Of returns the rule of a class.
func (p Policy) Of(class string) Rule {
	if r, ok := p.Classes[class]; ok {
		return r
	}
	return p.Default
}

// longest is how many years after capture a lock may last: AWS takes no more.
const longest = 100

// Want returns the lock of a record, of whose holdings these are the decisions.
// The firmest mode that one of them asks for wins, for as long as the holdings
// of that mode ask: a lock that nobody can lift lasts no longer than a class
// asks for that. What is due already, or nearly, is not locked.
func (p Policy) Want(standings []retention.Standing, captured, now time.Time, zone *time.Location) record.StorageLock {
	var l record.StorageLock
	for _, d := range standings {
		l.Legal = l.Legal || d.OnHold
		r := p.Of(d.Class)
		if r.Mode == "" || firmer(store.LockMode(l.Mode), r.Mode) {
			continue
		}
		if firmer(r.Mode, store.LockMode(l.Mode)) {
			l.Mode, l.Until = string(r.Mode), time.Time{}
		}
		if until := r.until(d, captured, zone); until.After(l.Until) {
			l.Until = until
		}
	}
	if most := captured.AddDate(longest, 0, -1); l.Until.After(most) {
		l.Until = most
	}
	l.Until = l.Until.UTC().Truncate(time.Second)
	if !l.Until.After(now.Add(time.Hour)) {
		l.Mode, l.Until = "", time.Time{}
	}
	return l
}

// until is when a record that is decided about so may be disposed of: from the
// day after it is due.
func (r Rule) until(d retention.Standing, captured time.Time, zone *time.Location) time.Time {
	if d.Due.IsZero() {
		if r.Floor.IsZero() {
			return time.Time{}
		}
		return r.Floor.After(record.DateOf(captured, zone)).AddDays(1).Start(zone)
	}
	return d.Due.AddDays(1).Start(zone)
}

func firmer(a, b store.LockMode) bool {
	rank := map[store.LockMode]int{store.Governance: 1, store.Compliance: 2}
	return rank[a] > rank[b]
}

// Extend returns what the storage is to be told, given what it was told before,
// and whether that is anything new. While a retention binds its mode stays what
// it is: to change that takes the permission to bypass governance, which a daemon
// must not have. So governance is made longer where compliance is wanted, until
// it has passed, and compliance is never made longer for a class that wants less.
func Extend(want, have record.StorageLock, now time.Time) (record.StorageLock, bool) {
	next := record.StorageLock{Mode: want.Mode, Until: want.Until}
	switch {
	case want.Mode == "":
		return next, false
	case have.Mode == "" || !have.Until.After(now):
		return next, true
	case firmer(store.LockMode(have.Mode), store.LockMode(want.Mode)):
		return next, false
	}
	next.Mode = have.Mode
	return next, want.Until.After(have.Until)
}
