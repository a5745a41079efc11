package foi

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A Copied is a redacted copy that is released in place of an item.
type Copied struct {
	record.RequestCopied
	Entry int64     `json:"entry"`
	At    time.Time `json:"at"`
	By    string    `json:"by"`
}

// A Handoff is originals that somebody took out to redact them elsewhere.
type Handoff struct {
	record.RequestHandedOff
	Entry int64     `json:"entry"`
	At    time.Time `json:"at"`
	By    string    `json:"by"`
}

// Copies returns the redacted copies in force by item: of each item the newest,
// unless it was taken away again.
func (r *Request) Copies() map[string]Copied {
	in := make(map[string]Copied)
	for _, c := range r.Attached {
		if c.Record == "" {
			delete(in, c.Item)
			continue
		}
		in[c.Item] = c
	}
	return in
}

// Copied returns the redacted copy that is released in place of an item, or of
// its Nth attachment where n is not 0, and whether there is one. A copy may have
// been attached to any message that is the same to a reader: of several the
// newest is released, as of several decisions the newest holds.
func (it *Item) Copied(in map[string]Copied, n int) (newest Copied, ok bool) {
	for _, id := range it.IDs() {
		if n > 0 {
			id = fmt.Sprintf("%s+%d", id, n)
		}
		if c, attached := in[id]; attached && c.Entry > newest.Entry {
			newest, ok = c, true
		}
	}
	return newest, ok
}

// ErrCopiedMeanwhile is returned for a copy that was attached without knowing
// of the one that is in force.
var ErrCopiedMeanwhile = errors.New("somebody has attached another copy meanwhile")

func (r *Request) copied(e Entry, b record.RequestCopied) error {
	known := r.Copies()[b.Item].Entry
	switch {
	case b.Item == "":
		return errors.New("a copy is of something")
	case b.Known != known:
		return fmt.Errorf("%s: %w", b.Item, ErrCopiedMeanwhile)
	case b.Record == "" && known == 0:
		return fmt.Errorf("there is no copy of %s", b.Item)
	}
	for code := range b.Findings {
		if !slices.Contains(b.Acknowledged, code) {
			return fmt.Errorf("the copy of %s has findings that nobody acknowledged: %s", b.Item, code)
		}
	}
	r.Attached = append(r.Attached, Copied{b, e.Index, e.Time, e.Actor})
	return nil
}

func (r *Request) handOff(e Entry, b record.RequestHandedOff) error {
	if len(b.Items) == 0 {
		return errors.New("nothing was handed off")
	}
	r.Handoffs = append(r.Handoffs, Handoff{b, e.Index, e.Time, e.Actor})
	return nil
}
