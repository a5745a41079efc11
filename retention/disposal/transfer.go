package disposal

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
)

// A Package is one package of a transfer.
type Package struct {
	record.TransferPackaged
	At           time.Time
	By           string
	Confirmation *Confirmation // nil: the place of deposit has not confirmed it
}

// A Confirmation is the place of deposit's word that it has a package.
type Confirmation struct {
	record.TransferConfirmed
	At    time.Time // of its entry in the journal
	Actor string    // who recorded it
	Entry int64
}

// Transfers reports whether the batch is one of transfer to a place of deposit,
// of which nothing is destroyed before that has confirmed to have it.
func (b *Batch) Transfers() bool { return b.Ground == record.GroundConfirmed }

// packaged takes in a package. One of another plan takes the place of those
// that were made before, unless one of them was confirmed.
func (b *Batch) packaged(e Entry) error {
	p := Package{At: e.Time, By: e.Actor}
	if err := json.Unmarshal(e.Body, &p.TransferPackaged); err != nil {
		return err
	}
	if err := b.MayPackage(p.TransferPackaged); err != nil {
		return err
	}
	if len(b.Packages) > 0 && b.Packages[0].Plan != p.Plan {
		b.Packages = nil
	}
	b.Packages = slices.DeleteFunc(b.Packages, func(x Package) bool { return x.Package == p.Package })
	b.Packages = append(b.Packages, p)
	return nil
}

func (b *Batch) confirmed(e Entry) error {
	c := &Confirmation{At: e.Time, Actor: e.Actor, Entry: e.Index}
	if err := json.Unmarshal(e.Body, &c.TransferConfirmed); err != nil {
		return err
	}
	if err := b.MayConfirm(c.Package); err != nil {
		return err
	}
	b.pack(c.Package).Confirmation = c
	return nil
}

func (b *Batch) pack(number int) *Package {
	for i := range b.Packages {
		if b.Packages[i].Package == number {
			return &b.Packages[i]
		}
	}
	return nil
}

// MayPackage says why a package of the batch cannot be made, or nil: packages
// are made of what is approved, of records that are still on the list, and not
// again when the place of deposit has one of them.
func (b *Batch) MayPackage(p record.TransferPackaged) error {
	switch {
	case !b.Transfers():
		return fmt.Errorf("batch %s is no transfer", b.Batch)
	case b.Abandoned != nil:
		return fmt.Errorf("batch %s was abandoned", b.Batch)
	case len(b.Grants) > 0 || b.Certificate != nil:
		return fmt.Errorf("batch %s is being executed already", b.Batch)
	case len(b.Missing()) > 0:
		return fmt.Errorf("batch %s is not approved yet", b.Batch)
	case p.Package < 1 || p.Of < p.Package || len(p.Records) == 0:
		return fmt.Errorf("package %d of %d with %d records is none", p.Package, p.Of, len(p.Records))
	}
	for _, x := range b.Packages {
		if x.Confirmation != nil && (x.Plan != p.Plan || x.Package == p.Package) {
			return fmt.Errorf("package %d of batch %s was confirmed already", x.Package, b.Batch)
		}
	}
	left := make(map[record.ID]bool)
	for _, it := range b.Remaining() {
		left[it.Record] = true
	}
	for _, id := range p.Records {
		if !left[id] {
			return fmt.Errorf("record %s is not, or not any more, on the list of batch %s", id.Short(), b.Batch)
		}
	}
	return nil
}

// MayConfirm says why a package cannot be confirmed, or nil.
func (b *Batch) MayConfirm(number int) error {
	p := b.pack(number)
	switch {
	case !b.Transfers():
		return fmt.Errorf("batch %s is no transfer", b.Batch)
	case b.Abandoned != nil:
		return fmt.Errorf("batch %s was abandoned", b.Batch)
	case p == nil:
		return fmt.Errorf("batch %s has no package %d", b.Batch, number)
	case p.Confirmation != nil:
		return fmt.Errorf("package %d of batch %s was confirmed already, as %s", number, b.Batch, p.Confirmation.Reference)
	case !b.Packaged():
		return fmt.Errorf("batch %s has %d of %d packages: make the others first", b.Batch, len(b.Packages), p.Of)
	}
	return nil
}

// Packaged reports whether nothing is left to be packaged: every package of the
// plan was made. It is true of a batch that is no transfer.
func (b *Batch) Packaged() bool {
	return !b.Transfers() || len(b.Packages) > 0 && len(b.Packages) == b.Packages[0].Of
}

// Confirmed reports whether the place of deposit has every package. It is true
// of a batch that is no transfer.
func (b *Batch) Confirmed() bool {
	return !slices.ContainsFunc(b.Packages, func(p Package) bool { return p.Confirmation == nil })
}

// PackageOf is the package that has a record, nil if none has.
func (b *Batch) PackageOf(id record.ID) *Package {
	for i := range b.Packages {
		if slices.Contains(b.Packages[i].Records, id) {
			return &b.Packages[i]
		}
	}
	return nil
}

// sent reports whether the record may go as far as its transfer is concerned.
func (b *Batch) sent(id record.ID) bool {
	if !b.Transfers() {
		return true
	}
	p := b.PackageOf(id)
	return p != nil && p.Confirmation != nil
}

// CallsForTransfer reports whether a holding is to be transferred: its period
// is over, or near enough to it that its class wants the transfer prepared.
func CallsForTransfer(d retention.Standing, today record.Date) bool {
	begun := d.State == retention.Due || d.State == retention.Active && !d.WarnFrom.IsZero() && !today.Before(d.WarnFrom)
	return d.Action == retention.Transfer && begun
}

// notForTransfer says why a holding that was transferred and confirmed is not
// to be destroyed here, or "". The schedule may have another version since it
// was proposed, for confirming takes its time; what it says must be the same.
func notForTransfer(d retention.Decision) string {
	switch {
	case d.Sample:
		return "schedule " + d.Schedule + " is a sample: nothing is disposed of under it"
	case d.Action != retention.Transfer:
		return "class " + d.Class + " does not call for transfer: " + d.Words()
	case d.State == retention.UnknownTrigger:
		return d.Words()
	}
	return ""
}
