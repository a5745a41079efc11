package disposal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/retention"
)

// Reasons why a record of a batch is not deleted.
const (
	Unknown     = "unknown"         // the archive has no such record
	AlreadyGone = "gone"            // it was disposed of by another batch
	OnHold      = "hold"            // a hold covers it
	UnderReview = "request"         // an open request suspends disposal
	NotDue      = "not_due"         // its trigger, period or class has changed since
	Locked      = "locked"          // the storage itself keeps it
	Lifting     = "lifting"         // the storage has it under legal hold for a hold that has ended; that is about to be lifted
	NoHolding   = "no_holding"      // the possession that was to end is no more
	Elsewhere   = "other_batch"     // another open batch has it
	NotSent     = "not_transferred" // no package that was confirmed has it
)

// A Standing is what the verified journal says of a record now, and the store
// of its object.
type Standing struct {
	Known    bool
	Gone     bool   // disposed of already
	Object   string // key of its object
	Holdings []Possession
	Requests []string // open requests that suspend its disposal
	Lock     Lock
	Batch    string // another batch that is open and has it
}

// A Lock is what the storage itself does so that a record stays.
type Lock struct {
	store.Protection
	Ours bool // the legal hold mirrors one of the archive's; others are nobody's here to lift
}

// A Possession is one holding of a record with what is decided about it.
type Possession struct {
	Entry    int64 // that brought it
	Decision retention.Decision
}

// Judge decides about one record of a batch at the moment before it is freed to
// be deleted: which possessions of it end, and whether its object goes. Pure.
// What is not certain is refused.
//
// A hold on any possession keeps them all: whoever else had the record, what
// is on hold is the record.
func (b *Batch) Judge(item record.DisposalItem, s Standing, now time.Time) (record.DisposalGrant, *record.DisposalRefusal) {
	refuse := func(reason, format string, args ...any) (record.DisposalGrant, *record.DisposalRefusal) {
		return record.DisposalGrant{}, &record.DisposalRefusal{Record: item.Record, Reason: reason, Detail: fmt.Sprintf(format, args...)}
	}
	switch {
	case !s.Known:
		return refuse(Unknown, "the journal has no such record")
	case s.Gone:
		return refuse(AlreadyGone, "it was disposed of before")
	case s.Batch != "" && s.Batch != b.Batch:
		return refuse(Elsewhere, "batch %s has it too", s.Batch)
	case !b.sent(item.Record):
		return refuse(NotSent, "no package of it that the place of deposit has confirmed")
	case len(s.Requests) > 0:
		return refuse(UnderReview, "open: %s", strings.Join(s.Requests, ", "))
	}
	for _, p := range s.Holdings {
		if p.Decision.OnHold {
			return refuse(OnHold, "on hold under %s", strings.Join(p.Decision.Holds, ", "))
		}
	}
	for _, entry := range item.Holdings {
		i := slices.IndexFunc(s.Holdings, func(p Possession) bool { return p.Entry == entry })
		if i < 0 {
			return refuse(NoHolding, "the holding of entry %d has ended", entry)
		}
		if why := b.notDue(s.Holdings[i].Decision); why != "" {
			return refuse(NotDue, "%s", why)
		}
	}
	if len(item.Holdings) == 0 {
		return refuse(NoHolding, "the list names no holding of it")
	}
	grant := record.DisposalGrant{DisposalItem: item}
	for _, p := range s.Holdings {
		if !slices.Contains(item.Holdings, p.Entry) {
			return grant, nil // another possession keeps the object
		}
	}
	switch until := s.Lock.Until.UTC().Format(time.RFC3339); {
	case s.Lock.Legal && s.Lock.Ours:
		return refuse(Lifting, "no hold covers it any more, and its legal hold in the storage is still to be lifted: try again in a minute")
	case s.Lock.Legal:
		return refuse(Locked, "the storage has it under a legal hold that is not this archive's")
	case s.Lock.Until.After(now) && s.Lock.Mode != store.Governance:
		return refuse(Locked, "the storage keeps it until %s, and nobody can lift that", until)
	}
	grant.Object, grant.Governed = s.Object, s.Lock.Mode == store.Governance && s.Lock.Until.After(now)
	return grant, nil
}

// notDue says why the schedule does not call for the destruction of a holding
// of this batch, or "".
func (b *Batch) notDue(d retention.Decision) string {
	if b.Ground == record.GroundConfirmed {
		return notForTransfer(d)
	}
	if b.Ground != record.GroundSchedule {
		return "" // it is not for the schedule to say
	}
	switch {
	case d.Sample:
		return "schedule " + d.Schedule + " is a sample: nothing is disposed of under it"
	case d.Schedule != b.Schedule:
		return "schedule " + d.Schedule + " is in force, and the list was made under " + b.Schedule
	case d.Class != b.Class:
		return "it is in class " + d.Class + " now"
	case d.Action != retention.Destroy:
		return "class " + d.Class + " does not call for destruction: " + d.Words()
	case !d.Disposable || d.State != retention.Due:
		return d.Words()
	}
	return ""
}

// MayExecute says why nothing of the batch can be deleted now, or nil. rules is
// the digest of the schedule in force.
func (b *Batch) MayExecute(now time.Time, zone *time.Location, rules record.Digest) error {
	if err := b.MayProceed(now, zone, rules); err != nil {
		return err
	}
	if n := len(b.Wanting()); n > 0 {
		return fmt.Errorf("%d records of batch %s have no successor yet, which keeps what is not erased of them: closeroll erasure execute makes it", n, b.Batch)
	}
	return nil
}

// MayProceed is MayExecute, but for the successors that are still to be made.
func (b *Batch) MayProceed(now time.Time, zone *time.Location, rules record.Digest) error {
	switch {
	case b.Certificate != nil:
		return fmt.Errorf("batch %s is certified: nothing of it is left to be done", b.Batch)
	case b.Abandoned != nil:
		return fmt.Errorf("batch %s was abandoned: %s", b.Batch, b.Abandoned.Reason)
	case ListDigest(b.Items) != b.List:
		return fmt.Errorf("the list of batch %s is not the one that its digest names", b.Batch)
	}
	if missing := b.Missing(); len(missing) > 0 {
		return fmt.Errorf("batch %s waits for the approval of a %s", b.Batch, strings.Join(missing, " and of a "))
	}
	if !b.Packaged() || !b.Confirmed() {
		return fmt.Errorf("batch %s is not confirmed: %s has not said of every package that it has it", b.Batch, b.To)
	}
	if b.Rules != rules && b.Ground == record.GroundSchedule {
		return fmt.Errorf("another schedule is in force than when batch %s was proposed: propose it again", b.Batch)
	}
	at, err := b.ReadyAt(zone)
	if err != nil {
		return err
	}
	if now.Before(at) {
		return fmt.Errorf("batch %s cools off until %s", b.Batch, at.In(zone).Format("2 January 2006 15:04"))
	}
	return nil
}

// Tripped says why a batch that is being executed is to stop, or "": more than
// a quarter of what was checked, and more than three, did not pass. Something
// has changed since the list was made, and a person should look.
func Tripped(granted, refused int) string {
	const least = 3
	if refused <= least || 3*refused <= granted {
		return ""
	}
	return fmt.Sprintf("%d of %d records did not pass the check", refused, granted+refused)
}

// Unusual says why a batch of so many records is to be approved by a second
// person, or "": it is several times as large as the largest of the batches
// executed before it. The first batches of an archive have no history to be
// measured by, and count as unusual from floor records on.
func Unusual(records int, before []*Batch, floor, times int) string {
	largest, n := 0, 0
	for _, b := range before {
		if len(b.Gone)+len(b.Retired) > 0 {
			n++
			largest = max(largest, len(b.Gone)+len(b.Retired))
		}
	}
	switch {
	case records <= floor:
		return ""
	case n == 0:
		return fmt.Sprintf("%d records, and no batch was executed before it", records)
	case records > times*largest:
		return fmt.Sprintf("%d records, where the largest of %d batches before it had %d", records, n, largest)
	}
	return ""
}
