package archive

import (
	"context"
	"errors"
	"slices"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
)

// A Claim is the possession that an item brings of what may have been disposed
// of: whose it is, and its facts.
type Claim struct {
	Holding record.Holding
	Facts   record.Facts
}

// A Keeper says what must be kept whatever became of an earlier copy of it: it
// is under a hold, or asked for. A Keeper fails closed: what it cannot rule out
// is kept.
type Keeper interface {
	Covers(ctx context.Context, id record.ID, c Claim) (bool, error)
}

// IdentifyFor returns the id that a record has in a vault of this archive when
// this custodian brings it. What was disposed of has its old id, under which it
// stays disposed, unless a hold or an open request covers it or it comes from a
// custodian who had not got it: then it is a new record, with an id of its own
// that the number of earlier disposals is part of.
func (a *Archive) IdentifyFor(ctx context.Context, vault string, kind record.Kind, components []record.Component, c Claim) (record.ID, error) {
	if vault == "" {
		vault = a.Parts.Vault
	}
	manifest := record.ManifestDigest(components)
	for disposals := 0; ; disposals++ {
		id := record.NewID(a.NamingKey, vault, kind, manifest, disposals)
		gone, back, err := a.MayReturn(ctx, id, c)
		if err != nil || !gone || !back {
			return id, err
		}
	}
}

// MayReturn reports whether a record was disposed of, and if so whether what it
// was may come back, as a new record, when this custodian brings it.
func (a *Archive) MayReturn(ctx context.Context, id record.ID, c Claim) (gone, back bool, err error) {
	stub, err := a.Catalog.Stub(ctx, id)
	if errors.Is(err, catalog.ErrNotFound) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	if !slices.ContainsFunc(stub.Holdings, func(h record.StubHolding) bool { return h.Custodian == c.Holding.Custodian }) {
		return true, true, nil
	}
	back, err = a.covers(ctx, id, c)
	return true, back, err
}

func (a *Archive) covers(ctx context.Context, id record.ID, c Claim) (bool, error) {
	if a.Keeper == nil {
		return false, nil
	}
	return a.Keeper.Covers(ctx, id, c)
}

// ended reports whether the capture's custodian had this record and their
// possession was disposed of, by which batch; it stays disposed unless a hold
// or an open request covers it.
func (b *batch) ended(ctx context.Context, c *Capture, live []record.Holding) (string, error) {
	if slices.ContainsFunc(live, c.Holding.SameAs) {
		return "", nil
	}
	retired, err := b.archive.Catalog.Retired(ctx, c.Record)
	if err != nil {
		return "", err
	}
	for _, r := range retired {
		if r.Custodian == c.Holding.Custodian {
			back, err := b.archive.covers(ctx, c.Record, Claim{c.Holding, c.Facts})
			if err != nil || back {
				return "", err
			}
			return r.Batch, nil
		}
	}
	return "", nil
}

// stays turns the capture of what was disposed of into an item that was left
// out, and names the batch whose certificate says why.
func (b *batch) stays(c *Capture, by string) error {
	c.Outcome = record.Excluded
	return b.add(record.EntrySighting, record.Sighting{Item: c.Item, Outcome: c.Outcome, Reason: record.ReasonDisposed,
		Detail: "certificate of batch " + by, Record: c.Record}, c.Record)
}
