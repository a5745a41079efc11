package archive

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/closeroll/closeroll/archive/store"
)

// A BrokenOffError is returned by Found where an earlier founding was broken
// off: it left keys, and no archive. Nothing was ever sealed to them, since no
// daemon opens what has no closeroll.json.
type BrokenOffError struct {
	Left []string // names of the objects
}

func (e *BrokenOffError) Error() string {
	return fmt.Sprintf("an earlier founding was broken off here: it left no archive but %s (1 of %d)", e.Left[0], len(e.Left))
}

// leftovers lists the objects of an archive that is none.
func leftovers(ctx context.Context, st store.Store) ([]string, error) {
	var left []string
	for _, prefix := range []string{"keys/", "journal/", "records/"} {
		for info, err := range st.List(ctx, prefix) {
			if err != nil {
				return nil, err
			}
			left = append(left, info.Key)
		}
	}
	return left, nil
}

// ErrNotBrokenOff is returned by BeginAgain for what may be an archive.
var ErrNotBrokenOff = errors.New("this is more than a founding that was broken off")

// BeginAgain removes what a founding left that was broken off, so that Found
// can begin again. It removes keys and an empty journal and nothing else: where
// there is an archive, a record, or a journal with so much as one batch of
// entries, it returns ErrNotBrokenOff and removes nothing. No founding may be
// under way.
func BeginAgain(ctx context.Context, st store.Store) error {
	if _, err := st.Stat(ctx, formatKey); err == nil {
		return ErrFounded
	} else if !errors.Is(err, store.ErrNotExist) {
		return err
	}
	left, err := leftovers(ctx, st)
	if err != nil {
		return err
	}
	for _, key := range left {
		if !strings.HasPrefix(key, "keys/") && key != "journal/checkpoint" {
			return fmt.Errorf("%w: %s is there, and %s is missing", ErrNotBrokenOff, key, formatKey)
		}
	}
	d, ok := st.(store.Deleter)
	if !ok {
		return errors.New("this store cannot delete: remove its objects by its own means, or use another prefix")
	}
	for _, key := range left {
		for version, err := range d.Versions(ctx, key) {
			if err != nil {
				return err
			}
			if err := d.DeleteVersion(ctx, key, version.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
