package daemon

import (
	"context"
	"errors"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/internal/sshsig"
	"github.com/closeroll/closeroll/retention/disposal"
)

// locks asks the storage what it keeps of its own accord. A folder keeps
// nothing.
func (d *Daemon) locks(ctx context.Context, found looked) (map[record.ID]lock, error) {
	out := make(map[record.ID]lock)
	p, ok := d.store.(store.Protector)
	if !ok {
		return out, nil
	}
	for id, versions := range found {
		for _, v := range versions {
			if v.Marker {
				continue
			}
			protection, err := p.Protection(ctx, v.Object)
			if err != nil {
				return nil, err
			}
			out[id] = lock{until: protection.Until, legal: protection.Legal}
			break
		}
	}
	return out, nil
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
