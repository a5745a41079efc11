package journal

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/closeroll/closeroll/archive/record"
)

// missingBodies checks, over entries seen in order, that a body is missing
// only where a later disposal names it. Its zero value is ready for use.
type missingBodies struct {
	open  map[int64]bool
	total int64
}

func (m *missingBodies) see(e *Stored) error {
	if e.Stripped() {
		if e.Type == record.EntryDisposal {
			return fmt.Errorf("%w: entry %d is a disposal without its body", ErrCorrupt, e.Index)
		}
		if m.open == nil {
			m.open = make(map[int64]bool)
		}
		m.open[e.Index] = true
		m.total++
		return nil
	}
	if e.Type != record.EntryDisposal {
		return nil
	}
	named, err := e.stripped()
	if err != nil {
		return err
	}
	for _, index := range named {
		delete(m.open, index)
	}
	return nil
}

// check reports the bodies that nothing explains.
func (m *missingBodies) check() error {
	if len(m.open) == 0 {
		return nil
	}
	first := int64(maxSize)
	for index := range m.open {
		first = min(first, index)
	}
	return fmt.Errorf("%w: no disposal names the missing bodies of %d entries, the first of them %d", ErrCorrupt, len(m.open), first)
}

// stripped returns the entries that a disposal names, in order.
func (s *Stored) stripped() ([]int64, error) {
	var body Stripped
	if err := json.Unmarshal(s.Body, &body); err != nil {
		return nil, fmt.Errorf("%w: body of disposal entry %d: %w", ErrCorrupt, s.Index, err)
	}
	slices.Sort(body.Entries)
	for _, index := range body.Entries {
		if index < 0 || index >= s.Index {
			return nil, fmt.Errorf("%w: disposal entry %d names entry %d", ErrCorrupt, s.Index, index)
		}
	}
	return slices.Compact(body.Entries), nil
}
