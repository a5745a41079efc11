package disposal

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
)

// Part returns what of a record is to be erased while the rest of it goes on.
func (b *Batch) Part(id record.ID) (record.ErasedPart, bool) {
	i := slices.IndexFunc(b.Parts, func(p record.ErasedPart) bool { return p.Record == id })
	if i < 0 {
		return record.ErasedPart{}, false
	}
	return b.Parts[i], true
}

// PartsDigest is the SHA-256 of what of a list is erased in part: for each
// record, in the order of their ids, a line of its id, a space and the numbers of
// the messages, joined by commas.
func PartsDigest(parts []record.ErasedPart) record.Digest {
	sorted := slices.SortedFunc(slices.Values(parts), func(a, b record.ErasedPart) int { return strings.Compare(string(a.Record), string(b.Record)) })
	h := sha256.New()
	for _, p := range sorted {
		numbers := make([]string, len(p.Messages))
		for i, n := range p.Messages {
			numbers[i] = strconv.Itoa(n)
		}
		fmt.Fprintf(h, "%s %s\n", p.Record, strings.Join(numbers, ","))
	}
	return record.Digest(h.Sum(nil))
}

// ErasedMessages is how many messages are erased of records of which the rest
// goes on.
func (b *Batch) ErasedMessages() (n int) {
	for _, p := range b.Parts {
		n += len(p.Messages)
	}
	return n
}

// Wanting returns the parts whose records are still on the list and have no
// successor yet.
func (b *Batch) Wanting() (parts []record.ErasedPart) {
	if len(b.Parts) == 0 {
		return nil
	}
	for _, it := range b.Remaining() {
		part, ok := b.Part(it.Record)
		if _, made := b.Successors[it.Record]; ok && !made {
			parts = append(parts, part)
		}
	}
	return parts
}

// succeeded notes a record's successor.
func (b *Batch) succeeded(e Entry) error {
	var s record.Succeeded
	if err := json.Unmarshal(e.Body, &s); err != nil {
		return err
	}
	part, ok := b.Part(s.Record)
	if !ok || !slices.Equal(part.Messages, s.Messages) || b.Successors[s.Record] != "" {
		return fmt.Errorf("a successor of record %s, which the batch does not ask for", s.Record)
	}
	if b.Successors == nil {
		b.Successors = make(map[record.ID]record.ID)
	}
	b.Successors[s.Record] = s.Successor
	return nil
}
