package disposal

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
)

// An Entry is an entry of the verified journal.
type Entry struct {
	Index int64
	Type  string
	Time  time.Time
	Actor string
	Body  []byte
}

// A Batch is a list of records on its way out, as the journal has it.
type Batch struct {
	record.DisposalProposed
	Entry int64
	At    time.Time
	By    string // who proposed it

	Successors  map[record.ID]record.ID // of records of which only messages are erased
	Exclusions  []Exclusion
	Approvals   []Approval
	Refusals    map[record.ID]record.DisposalRefusal // by the check, for good
	Packages    []Package                            // of a transfer: those of its latest plan
	Grants      []*Grant
	Gone        map[record.ID]record.Stub // disposed of
	Retired     []record.RetiredHolding
	Abandoned   *record.DisposalAbandoned
	AbandonedBy string
	Certificate []byte // its exact octets; nil before it is issued
	Number      int    // of the certificate
	CertEntry   int64  // index of its entry
	Certified   time.Time
	Finished    time.Time // of the last entry about deletion
}

// An Exclusion is what one person took off the list.
type Exclusion struct {
	record.DisposalExcluded
	At time.Time
	By string
}

// An Approval is one person's signed agreement.
type Approval struct {
	record.DisposalApproved
	At         time.Time
	By         string
	Exclusions int // that had been made before it was given
}

// A Grant is what was freed to be deleted at one moment.
type Grant struct {
	record.DisposalGranted
	Index   int64
	At      time.Time
	By      string
	Settled int64 // index of the disposal's entry; 0: not yet
	Objects []record.DisposedVersion
	Orphans []string // batches that are none of the journal's, free to be deleted
	Swept   bool     // nothing of it is left in the bucket
}

// Fold makes batches of the entries of the journal, which are in its order.
func Fold(entries []Entry) ([]*Batch, error) {
	byName := make(map[string]*Batch)
	var all []*Batch
	for _, e := range entries {
		if e.Type == record.EntryProposal {
			b := &Batch{Entry: e.Index, At: e.Time, By: e.Actor, Refusals: make(map[record.ID]record.DisposalRefusal), Gone: make(map[record.ID]record.Stub)}
			if err := json.Unmarshal(e.Body, &b.DisposalProposed); err != nil {
				return nil, fmt.Errorf("entry %d: %w", e.Index, err)
			}
			if byName[b.Batch] != nil {
				return nil, fmt.Errorf("entry %d proposes batch %s a second time", e.Index, b.Batch)
			}
			byName[b.Batch] = b
			all = append(all, b)
			continue
		}
		var of struct {
			Batch string `json:"batch"`
		}
		if err := json.Unmarshal(e.Body, &of); err != nil {
			return nil, fmt.Errorf("entry %d: %w", e.Index, err)
		}
		b := byName[of.Batch]
		if b == nil {
			return nil, fmt.Errorf("entry %d is about batch %q, which was never proposed", e.Index, of.Batch)
		}
		if err := b.apply(e); err != nil {
			return nil, fmt.Errorf("entry %d (%s): %w", e.Index, e.Type, err)
		}
	}
	return all, nil
}

func (b *Batch) apply(e Entry) error {
	switch e.Type {
	case record.EntryExclusion:
		x := Exclusion{At: e.Time, By: e.Actor}
		b.Exclusions = append(b.Exclusions, x)
		return json.Unmarshal(e.Body, &b.Exclusions[len(b.Exclusions)-1].DisposalExcluded)
	case record.EntryApproval:
		b.Approvals = append(b.Approvals, Approval{At: e.Time, By: e.Actor, Exclusions: len(b.Exclusions)})
		return json.Unmarshal(e.Body, &b.Approvals[len(b.Approvals)-1].DisposalApproved)
	case record.EntryPackage:
		return b.packaged(e)
	case record.EntryConfirmation:
		return b.confirmed(e)
	case record.EntrySuccessor:
		return b.succeeded(e)
	case record.EntryGrant:
		g := &Grant{Index: e.Index, At: e.Time, By: e.Actor}
		b.Grants = append(b.Grants, g)
		return json.Unmarshal(e.Body, &g.DisposalGranted)
	case record.EntryRefusal:
		return b.refused(e)
	case record.EntryWithdrawal:
		return b.withdrawn(e)
	case record.EntryDisposal:
		return b.disposed(e)
	case record.EntryOrphans:
		return b.orphaned(e)
	case record.EntrySwept:
		return b.swept(e)
	case record.EntryAbandoned:
		b.Abandoned, b.AbandonedBy = &record.DisposalAbandoned{}, e.Actor
		return json.Unmarshal(e.Body, b.Abandoned)
	case record.EntryCertificate:
		var c record.DisposalCertified
		err := json.Unmarshal(e.Body, &c)
		b.Certificate, b.Number, b.Certified, b.CertEntry = c.Certificate, c.Number, e.Time, e.Index
		return err
	}
	return nil
}

func (b *Batch) refused(e Entry) error {
	var r record.DisposalRefused
	if err := json.Unmarshal(e.Body, &r); err != nil {
		return err
	}
	for _, it := range r.Items {
		b.Refusals[it.Record] = it
	}
	return nil
}

// withdrawn takes records out of a grant again.
func (b *Batch) withdrawn(e Entry) error {
	var r record.DisposalRefused
	if err := json.Unmarshal(e.Body, &r); err != nil {
		return err
	}
	g := b.grant(r.Grant)
	if g == nil || g.Settled != 0 {
		return fmt.Errorf("grant %d is not open", r.Grant)
	}
	for _, it := range r.Items {
		b.Refusals[it.Record] = it
		g.Items = slices.DeleteFunc(g.Items, func(i record.DisposalGrant) bool { return i.Record == it.Record })
	}
	if len(g.Items) == 0 {
		g.Settled, g.Swept = e.Index, true
	}
	return nil
}

func (b *Batch) disposed(e Entry) error {
	var d record.Disposed
	if err := json.Unmarshal(e.Body, &d); err != nil {
		return err
	}
	g := b.grant(d.Grant)
	if g == nil || g.Settled != 0 {
		return fmt.Errorf("grant %d is not open", d.Grant)
	}
	g.Settled, g.Objects, b.Finished = e.Index, d.Objects, e.Time
	for _, s := range d.Records {
		b.Gone[s.Record] = s
	}
	b.Retired = append(b.Retired, d.Retired...)
	return nil
}

func (b *Batch) orphaned(e Entry) error {
	var o record.DisposalOrphans
	if err := json.Unmarshal(e.Body, &o); err != nil {
		return err
	}
	g := b.grant(o.Grant)
	if g == nil || g.Settled == 0 || g.Swept {
		return fmt.Errorf("grant %d is not settled, or swept already", o.Grant)
	}
	g.Orphans = append(g.Orphans, o.Objects...)
	return nil
}

func (b *Batch) swept(e Entry) error {
	var s record.DisposalSwept
	if err := json.Unmarshal(e.Body, &s); err != nil {
		return err
	}
	g := b.grant(s.Grant)
	if g == nil || g.Settled == 0 {
		return fmt.Errorf("grant %d is not settled", s.Grant)
	}
	g.Swept, b.Finished = true, e.Time
	return nil
}

func (b *Batch) grant(index int64) *Grant {
	for _, g := range b.Grants {
		if g.Index == index {
			return g
		}
	}
	return nil
}

// Open is the grant that was not finished, nil if there is none. There is one
// at most at a time.
func (b *Batch) Open() *Grant {
	for _, g := range b.Grants {
		if !g.Swept {
			return g
		}
	}
	return nil
}

// Excluded reports whether a person took the record off the list, by what was
// excluded first.
func (b *Batch) Excluded(id record.ID) (Exclusion, bool) {
	for _, x := range b.Exclusions {
		if slices.Contains(x.Records, id) {
			return x, true
		}
	}
	return Exclusion{}, false
}

// Remaining is what is still to be checked: neither excluded nor refused, nor
// granted already.
func (b *Batch) Remaining() []record.DisposalItem {
	done := make(map[record.ID]bool)
	for _, x := range b.Exclusions {
		for _, id := range x.Records {
			done[id] = true
		}
	}
	for id := range b.Refusals {
		done[id] = true
	}
	for _, g := range b.Grants {
		for _, it := range g.Items {
			done[it.Record] = true
		}
	}
	var left []record.DisposalItem
	for _, it := range b.Items {
		if !done[it.Record] {
			left = append(left, it)
		}
	}
	return left
}

// A State says where a batch stands.
type State string

// The states, in the order of a batch's life.
const (
	Proposed  State = "proposed"            // it waits for approval
	Packaging State = "packaging"           // a transfer: approved, and to be packaged
	Pending   State = "transferred_pending" // a transfer: packaged, and not confirmed by the place of deposit
	Cooling   State = "cooling"             // approved, and to be left alone for a time
	Ready     State = "ready"               // to be executed
	Executing State = "executing"           // begun and not finished
	Executed  State = "executed"            // nothing is left to be deleted; the certificate is to be issued
	Certified State = "certified"
	Abandoned State = "abandoned" // nothing more is deleted
)

// State returns where the batch stands at a time, in the legal zone.
func (b *Batch) State(now time.Time, zone *time.Location) State {
	switch {
	case b.Certificate != nil:
		return Certified
	case b.Abandoned != nil && b.Open() == nil && len(b.Grants) == 0:
		return Abandoned
	case b.Open() != nil:
		return Executing
	case b.Abandoned != nil || len(b.Grants) > 0 && len(b.Remaining()) == 0:
		return Executed
	case len(b.Missing()) > 0:
		return Proposed
	case !b.Packaged():
		return Packaging
	case !b.Confirmed():
		return Pending
	}
	at, err := b.ReadyAt(zone)
	switch {
	case err != nil || now.Before(at):
		return Cooling
	case len(b.Remaining()) == 0:
		return Executed
	case len(b.Grants) > 0:
		return Executing
	}
	return Ready
}

// ReadyAt is when the batch's cooling-off is over: that long after the last
// approval that it needed, and of a transfer after its last confirmation. A batch that nobody has to approve cools off from
// its proposal on. It is an error while approvals are missing.
func (b *Batch) ReadyAt(zone *time.Location) (time.Time, error) {
	if len(b.Missing()) > 0 {
		return time.Time{}, errors.New("it is not approved")
	}
	from := b.At
	for _, a := range b.Approvals {
		if a.At.After(from) {
			from = a.At
		}
	}
	for _, p := range b.Packages {
		if p.Confirmation != nil && p.Confirmation.At.After(from) {
			from = p.Confirmation.At
		}
	}
	if b.Waits == "" {
		return from, nil
	}
	wait, err := retention.ParsePeriod(b.Waits)
	if err != nil {
		return time.Time{}, err
	}
	return from.In(zone).AddDate(0, wait.Months, wait.Days).UTC(), nil
}
