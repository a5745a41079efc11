package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/internal/sshsig"
	"github.com/closeroll/closeroll/retention/disposal"
)

// locks asks the storage what it keeps of its own accord. A folder keeps
// nothing.
func (d *Daemon) locks(ctx context.Context, c *catalog.Catalog, found looked) (map[record.ID]disposal.Lock, error) {
	out := make(map[record.ID]disposal.Lock)
	p, ok := d.store.(store.Protector)
	if !ok {
		return out, nil
	}
	for id, versions := range found {
		for _, v := range versions {
			if v.Marker {
				continue
			}
			protection, err := d.protection(ctx, p, v.Object)
			if err != nil {
				return nil, err
			}
			told, err := c.Lock(ctx, id)
			if err != nil {
				return nil, err
			}
			out[id] = disposal.Lock{Protection: protection, Ours: told.Legal || !told.Settled}
			break
		}
	}
	return out, nil
}

// protection is what protects an object. One that a deletion marker hides has
// no headers to be read: whatever protects it, deleting it will show.
func (d *Daemon) protection(ctx context.Context, p store.Protector, object string) (store.Protection, error) {
	protection, err := p.Protection(ctx, object)
	if errors.Is(err, store.ErrNotExist) {
		return store.Protection{}, nil
	}
	return protection, err
}

// formerLocked says which of the journal's batches have former versions, and which
// orphans there are, that governance keeps, by the bucket's default retention: nobody asked for it. What
// compliance keeps is waited for.
func (d *Daemon) formerLocked(ctx context.Context, keys, orphans []string) ([]string, error) {
	keys = slices.Concat(keys, orphans)
	p, ok := d.store.(store.Protector)
	if !ok || len(keys) == 0 {
		return nil, nil
	}
	l, err := p.BucketLock(ctx)
	if err != nil || l.Mode == "" {
		return nil, err
	}
	if l.Mode == store.Governance {
		return keys, nil
	}
	var until time.Time
	for _, key := range keys {
		versions, err := d.versions(ctx, key)
		if err != nil {
			return nil, err
		}
		for _, v := range versions {
			if end := v.Modified.Add(l.For); (!v.Latest || slices.Contains(orphans, key)) && end.After(until) {
				until = end
			}
		}
	}
	if until.After(d.now()) {
		return nil, conflict(fmt.Errorf("the bucket's default retention (compliance) keeps former versions of the journal's batches until %s, and nobody can lift it: run it again then", until.In(d.zone).Format("2 January 2006 15:04")))
	}
	return nil, nil
}

// signedThen verifies an approval's signature as of when it was given, by the
// keys that are allowed now: whoever was taken out of the file signs no more.
func (d *Daemon) signedThen(a disposal.Approval) error {
	if d.signers == nil {
		return errors.New("nobody's key is known here: the configuration names no allowed signers")
	}
	_, err := d.signers.Verify(a.Name, sshsig.Disposal, []byte(a.Text), []byte(a.Signature), a.At)
	return err
}
