package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/internal/durable"
)

// knownCheckpoint is a file of the state: the newest checkpoint that this
// daemon has seen. It is signed and not secret. Kept outside of the bucket, it
// shows a bucket that was put back to an earlier state.
const knownCheckpoint = "checkpoint"

// known reads the checkpoint that an earlier run kept, nil if there is none.
func (d *Daemon) known() (*journal.Checkpoint, error) {
	signed, err := os.ReadFile(d.statePath(knownCheckpoint))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	cp, err := journal.ParseCheckpoint(signed, d.keyring.Journal().Verifiers...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.statePath(knownCheckpoint), err)
	}
	return &cp, nil
}

// remember keeps the journal's present checkpoint.
func (d *Daemon) remember() error {
	return durable.WriteFile(d.statePath(knownCheckpoint), d.journal.Checkpoint().Note, 0o600)
}
