package foi

import (
	"errors"
	"fmt"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/foi/redaction"
)

// Struck is redactions of items as the journal has them.
type Struck struct {
	record.RequestRedacted
	Entry  int64     `json:"entry"`
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Undone bool      `json:"undone,omitempty"`
}

// A Redacted is what is redacted in one item, and who said so last.
type Redacted struct {
	record.RedactedItem
	Entry int64     `json:"entry"`
	At    time.Time `json:"at,omitzero"`
	By    string    `json:"by,omitempty"`
}

// Redactions returns the redactions in force by item, each the newest that were
// not taken back. An item from which all were removed is there without spans.
func (r *Request) Redactions() map[string]Redacted {
	in := make(map[string]Redacted)
	for _, s := range r.Struck {
		if s.Undone {
			continue
		}
		for _, it := range s.Items {
			in[it.Item] = Redacted{it, s.Entry, s.At, s.By}
		}
	}
	return in
}

// ErrRedactedMeanwhile is returned for redactions that were made without
// knowing of those that are in force.
var ErrRedactedMeanwhile = errors.New("somebody has redacted it meanwhile")

func (r *Request) redact(e Entry, b record.RequestRedacted) error {
	if len(b.Items) == 0 {
		return errors.New("redactions are of something")
	}
	in := r.Redactions()
	seen := make(map[string]bool)
	for _, it := range b.Items {
		if it.Item == "" || seen[it.Item] || it.Octets < 0 {
			return fmt.Errorf("%q is no item, or stands here twice", it.Item)
		}
		seen[it.Item] = true
		if err := redaction.Ordered(it.Spans, it.Octets); err != nil {
			return fmt.Errorf("%s: %w", it.Item, err)
		}
		if in[it.Item].Entry != it.Known {
			return fmt.Errorf("%s: %w", it.Item, ErrRedactedMeanwhile)
		}
	}
	r.Struck = append(r.Struck, Struck{b, e.Index, e.Time, e.Actor, false})
	return nil
}

// restore takes redactions back. Those that later ones were made from stay:
// taking them back would change nothing that is in force.
func (r *Request) restore(entry int64) error {
	in := r.Redactions()
	for i := range r.Struck {
		s := &r.Struck[i]
		if s.Entry != entry {
			continue
		}
		if s.Undone {
			return fmt.Errorf("the redactions of entry %d were taken back already", entry)
		}
		for _, it := range s.Items {
			if in[it.Item].Entry != entry {
				return fmt.Errorf("%s was redacted again in entry %d: take that back first", it.Item, in[it.Item].Entry)
			}
		}
		s.Undone = true
		return nil
	}
	if r.Rulings == nil && r.Struck == nil {
		return nil // of a list, which has neither
	}
	return fmt.Errorf("there is no decision or redaction %d", entry)
}
