package daemon

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention/disposal"
)

// A desk is where batches are executed, one call at a time.
type desk struct {
	mu      sync.Mutex
	witness *witness // nil while nothing is executed
}

// close dismisses the witness.
func (k *desk) close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.witness == nil {
		return nil
	}
	err := k.witness.dismiss()
	k.witness = nil
	return err
}

// attend returns the witness, brought up to the journal, with the desk taken.
// The caller calls leave, with its error: after an error the next call hears a
// new witness.
func (d *Daemon) attend(ctx context.Context) (w *witness, leave func(error), err error) {
	d.desk.mu.Lock()
	leave = func(err error) {
		var said *api.Error
		if err != nil && !errors.As(err, &said) && d.desk.witness != nil {
			if err := d.desk.witness.dismiss(); err != nil {
				d.lg.Warn("what a disposal read of the journal could not be removed", "error", err)
			}
			d.desk.witness = nil
		}
		d.desk.mu.Unlock()
	}
	if d.desk.witness == nil {
		d.desk.witness, err = d.callWitness(ctx)
	} else {
		err = d.desk.witness.follow(ctx)
	}
	if err != nil {
		leave(err)
		return nil, nil, err
	}
	return d.desk.witness, leave, nil
}

// versions lists what the store has of an object. The daemon's credential needs
// to list versions, not to delete them.
func (d *Daemon) versions(ctx context.Context, object string) ([]store.Version, error) {
	lister, ok := d.store.(interface {
		Versions(ctx context.Context, key string) iter.Seq2[store.Version, error]
	})
	if !ok {
		return nil, fmt.Errorf("%w: it cannot list versions, so absence cannot be proved", store.ErrUnsupported)
	}
	var all []store.Version
	for v, err := range lister.Versions(ctx, object) {
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// A look at the store, made before the lock under which it is judged: sealed
// records never change.
type looked map[record.ID][]record.DisposedVersion

func (d *Daemon) lookAt(ctx context.Context, v *view, items []record.DisposalItem) (looked, error) {
	found := make(looked)
	for _, it := range items {
		row, err := v.catalog.Record(ctx, it.Record)
		if errors.Is(err, catalog.ErrNotFound) || err == nil && row.Disposed != "" {
			continue
		}
		if err != nil {
			return nil, err
		}
		object := row.ID.Key(row.Epoch)
		versions, err := d.versions(ctx, object)
		if err != nil {
			return nil, err
		}
		found[it.Record] = []record.DisposedVersion{}
		for _, v := range versions {
			found[it.Record] = append(found[it.Record], record.DisposedVersion{Object: object, Version: v.ID, Marker: v.Marker})
		}
	}
	return found, nil
}

// postNext says what a disposer is to do next. It is the one place where
// records are freed to be deleted.
func (d *Daemon) postNext(ctx context.Context, c api.Caller, req byBatch) (o disposal.Order, err error) {
	w, leave, err := d.attend(ctx)
	if err != nil {
		return o, err
	}
	defer func() { leave(err) }()
	v, err := d.look(ctx, w.catalog)
	if err != nil {
		return o, err
	}
	b := v.batch(req.Batch)
	if b == nil {
		_, err := d.findBatch(ctx, req.Batch)
		return o, err
	}
	switch g := b.Open(); {
	case g != nil && g.Settled == 0:
		return d.resume(ctx, c, w, b, g)
	case g != nil:
		return d.sweeping(ctx, c, b, g)
	}
	if b.Certificate == nil && b.Abandoned == nil && len(b.Remaining()) > 0 {
		return d.grantNext(ctx, c, w, v, b)
	}
	return d.order(b, disposal.Certify, 0, nil), nil
}

func (d *Daemon) order(b *disposal.Batch, task disposal.Task, grant int64, objects []string) disposal.Order {
	left := len(b.Remaining())
	if g := b.Open(); g != nil {
		left += len(g.Items)
	}
	return disposal.Order{Task: task, Grant: grant, Objects: objects, Done: len(b.Items) - left, Total: len(b.Items)}
}

// deleting is the order to delete the objects of a grant.
func (d *Daemon) deleting(ctx context.Context, b *disposal.Batch, g *disposal.Grant) (disposal.Order, error) {
	o := d.order(b, disposal.Delete, g.Index, objectsOf(g))
	p, ok := d.store.(store.Protector)
	for _, object := range o.Objects {
		if !ok {
			break
		}
		protection, err := d.protection(ctx, p, object)
		if err != nil {
			return o, err
		}
		if protection.Mode == store.Governance { // whose clock is behind ours may say that it binds still
			o.Governed = append(o.Governed, object)
		}
	}
	return o, nil
}

// grantNext checks the next records of the batch and frees those that pass,
// under the lock under which that is journalled.
func (d *Daemon) grantNext(ctx context.Context, c api.Caller, w *witness, v *view, b *disposal.Batch) (disposal.Order, error) {
	if why := d.blocked(v, b); why != nil {
		return disposal.Order{}, conflict(why)
	}
	items := b.Remaining()
	items = items[:min(len(items), d.cfg.Disposal.Chunk)]
	found, err := d.lookAt(ctx, v, items)
	if err != nil {
		return disposal.Order{}, err
	}
	locks, err := d.locks(ctx, v.catalog, found)
	if err != nil {
		return disposal.Order{}, err
	}
	var blocked error
	index, err := d.archive.Decide(ctx, func(ctx context.Context) ([]journal.Entry, error) {
		if err := w.follow(ctx); err != nil {
			return nil, err
		}
		v, err := d.look(ctx, w.catalog)
		if err != nil {
			return nil, err
		}
		if b = v.batch(b.Batch); b == nil || b.Open() != nil {
			return nil, errors.New("the batch is not what it was")
		}
		if blocked = d.blocked(v, b); blocked != nil {
			return nil, nil
		}
		granted := record.DisposalGranted{Batch: b.Batch}
		refused := record.DisposalRefused{Batch: b.Batch}
		for _, it := range items {
			s, err := v.standing(ctx, it.Record)
			if err != nil {
				return nil, err
			}
			s.Lock = locks[it.Record]
			grant, refusal := b.Judge(it, s, v.now)
			if refusal != nil && refusal.Reason == disposal.Lifting {
				d.warden.stir()
				blocked = fmt.Errorf("record %s: %s", it.Record.Short(), refusal.Detail)
				return nil, nil
			}
			if refusal != nil {
				refused.Items = append(refused.Items, *refusal)
				continue
			}
			if grant.Object != "" {
				grant.Versions = found[it.Record]
			}
			granted.Items = append(granted.Items, grant)
		}
		return d.granting(b, granted, refused, c.ID)
	})
	if err == nil && blocked != nil {
		err = conflict(blocked)
	}
	if err != nil {
		return disposal.Order{}, err
	}
	return d.granted(ctx, w, b.Batch, index)
}

// blocked says why nothing of the batch may be deleted now.
func (d *Daemon) blocked(v *view, b *disposal.Batch) error {
	if err := b.MayExecute(v.now, d.zone, v.rules); err != nil {
		return err
	}
	if err := d.genuine(b); err != nil {
		return err
	}
	if b.Ground == record.GroundSchedule || b.Transfers() {
		return v.mayAct()
	}
	return nil
}

// genuine verifies every approval once more, as of when it was given: what the
// journal says that somebody signed is not believed for saying so.
func (d *Daemon) genuine(b *disposal.Batch) error {
	for _, a := range b.Approvals {
		if a.Text != b.Statement(d.archiveName(), a.Role, a.Name, a.Exclusions) {
			return fmt.Errorf("the approval of %s is of another list than batch %s", a.Name, b.Batch)
		}
		if err := d.signedThen(a); err != nil {
			return fmt.Errorf("the approval of %s: %w", a.Name, err)
		}
	}
	return nil
}

// granting journals what was decided. Where too much is refused the batch ends
// here instead, and nothing is freed.
func (d *Daemon) granting(b *disposal.Batch, granted record.DisposalGranted, refused record.DisposalRefused, actor string) ([]journal.Entry, error) {
	var entries []journal.Entry
	add := func(kind string, body any) error {
		e, err := journal.NewEntry(kind, actor, body)
		entries = append(entries, e)
		return err
	}
	if len(refused.Items) > 0 {
		if err := add(record.EntryRefusal, refused); err != nil {
			return nil, err
		}
	}
	passed := len(granted.Items)
	for _, g := range b.Grants {
		passed += len(g.Items)
	}
	if why := disposal.Tripped(passed, len(b.Refusals)+len(refused.Items)); why != "" {
		err := add(record.EntryAbandoned, record.DisposalAbandoned{Batch: b.Batch, Reason: "stopped: " + why + "; look why, and propose anew"})
		return entries, err
	}
	if len(granted.Items) > 0 {
		if err := add(record.EntryGrant, granted); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// granted is the order for what was journalled from an index on.
func (d *Daemon) granted(ctx context.Context, w *witness, name string, _ int64) (disposal.Order, error) {
	if err := w.follow(ctx); err != nil {
		return disposal.Order{}, err
	}
	batches, err := batchesOf(ctx, w.catalog)
	if err != nil {
		return disposal.Order{}, err
	}
	i := slices.IndexFunc(batches, func(b *disposal.Batch) bool { return b.Batch == name })
	b := batches[i]
	g := b.Open()
	switch {
	case g != nil:
		return d.deleting(ctx, b, g)
	case b.Abandoned != nil && len(b.Grants) == 0:
		return disposal.Order{}, conflict(fmt.Errorf("batch %s was abandoned: %s", b.Batch, b.Abandoned.Reason))
	case b.Abandoned == nil && len(b.Remaining()) > 0: // a chunk of which nothing passed
		return d.order(b, disposal.Delete, 0, nil), nil
	}
	return d.order(b, disposal.Certify, 0, nil), nil
}

func objectsOf(g *disposal.Grant) []string {
	objects := []string{}
	for _, it := range g.Items {
		if it.Object != "" {
			objects = append(objects, it.Object)
		}
	}
	return objects
}

// resume goes on with a grant that was not finished. Everything in it is
// checked again; what no longer passes and is still whole is taken back.
func (d *Daemon) resume(ctx context.Context, c api.Caller, w *witness, b *disposal.Batch, g *disposal.Grant) (disposal.Order, error) {
	index, grant := g.Index, *g
	left := make(map[record.ID]bool)
	found := make(looked)
	for _, it := range grant.Items {
		left[it.Record] = true
		if it.Object == "" {
			continue // its possession ends when the grant is settled, not before
		}
		versions, err := d.versions(ctx, it.Object)
		if err != nil {
			return disposal.Order{}, err
		}
		left[it.Record] = len(versions) > 0
		for _, v := range versions {
			found[it.Record] = append(found[it.Record], record.DisposedVersion{Object: it.Object, Version: v.ID, Marker: v.Marker})
		}
	}
	locks, err := d.locks(ctx, w.catalog, found)
	if err != nil {
		return disposal.Order{}, err
	}
	_, err = d.archive.Decide(ctx, func(ctx context.Context) ([]journal.Entry, error) {
		if err := w.follow(ctx); err != nil {
			return nil, err
		}
		v, err := d.look(ctx, w.catalog)
		if err != nil {
			return nil, err
		}
		back := record.DisposalRefused{Batch: b.Batch, Grant: index}
		for _, it := range grant.Items {
			s, err := v.standing(ctx, it.Record)
			if err != nil {
				return nil, err
			}
			s.Lock = locks[it.Record]
			_, refusal := b.Judge(it.DisposalItem, s, v.now)
			if refusal != nil && refusal.Reason == disposal.Lifting {
				refusal = nil // it was free to go when it was granted, and is about to be again
			}
			if now := v.batch(b.Batch); refusal == nil && now != nil && now.Abandoned != nil {
				refusal = &record.DisposalRefusal{Record: it.Record, Reason: "abandoned", Detail: now.Abandoned.Reason}
			}
			if refusal != nil && left[it.Record] {
				back.Items = append(back.Items, *refusal)
			}
		}
		if len(back.Items) == 0 {
			return nil, nil
		}
		e, err := journal.NewEntry(record.EntryWithdrawal, c.ID, back)
		return []journal.Entry{e}, err
	})
	if err != nil {
		return disposal.Order{}, err
	}
	return d.granted(ctx, w, b.Batch, index)
}

// sweeping strips the journal's batches of what a settled grant removed, and
// asks for the former versions of those objects to be deleted, and for batches
// that are none of the journal's, in which it may be too.
func (d *Daemon) sweeping(ctx context.Context, c api.Caller, b *disposal.Batch, g *disposal.Grant) (disposal.Order, error) {
	keys, err := d.journal.Strip(ctx, g.Settled)
	if err != nil {
		return disposal.Order{}, err
	}
	o := d.order(b, disposal.Sweep, g.Index, orEmpty(keys))
	if o.Orphans, err = d.orphans(ctx, c, b, g); err != nil {
		return o, err
	}
	o.Governed, err = d.formerLocked(ctx, keys, o.Orphans)
	return o, err
}

// orphans frees the batches to be deleted that the checkpoint proves to be none
// of the journal's, and returns all that were freed for this grant.
func (d *Daemon) orphans(ctx context.Context, c api.Caller, b *disposal.Batch, g *disposal.Grant) ([]string, error) {
	found, err := d.journal.Orphans(ctx)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(key string) bool { return slices.Contains(g.Orphans, key) })
	if len(found) > 0 {
		if err := d.archive.JournalOne(ctx, record.EntryOrphans, c.ID, record.DisposalOrphans{Batch: b.Batch, Grant: g.Index, Objects: found}); err != nil {
			return nil, err
		}
	}
	return append(slices.Clone(g.Orphans), found...), nil
}

// getCheck says what executing the batch now would do. It journals nothing.
func (d *Daemon) getCheck(ctx context.Context, _ api.Caller, req byBatch) (out v1.Check, err error) {
	w, leave, err := d.attend(ctx)
	if err != nil {
		return out, err
	}
	defer func() { leave(err) }()
	v, err := d.look(ctx, w.catalog)
	if err != nil {
		return out, err
	}
	b := v.batch(req.Batch)
	if b == nil {
		_, err := d.findBatch(ctx, req.Batch)
		return out, err
	}
	out = v1.Check{Batch: b.Batch, Refused: make(map[string]int), Records: []v1.BatchRecord{}}
	if why := d.blocked(v, b); why != nil {
		out.Blocked = why.Error()
	}
	items := b.Remaining()
	found, err := d.lookAt(ctx, v, items)
	if err != nil {
		return out, err
	}
	locks, err := d.locks(ctx, v.catalog, found)
	if err != nil {
		return out, err
	}
	for _, it := range items {
		s, err := v.standing(ctx, it.Record)
		if err != nil {
			return out, err
		}
		s.Lock = locks[it.Record]
		grant, refusal := b.Judge(it, s, v.now)
		switch {
		case refusal != nil:
			out.Refused[refusal.Reason]++
			out.Records = append(out.Records, v1.BatchRecord{ID: it.Record, Holdings: len(it.Holdings), State: "refused", Why: refusal.Detail})
		case grant.Object == "":
			out.Retire++
		default:
			out.Destroy++
		}
	}
	return out, nil
}
