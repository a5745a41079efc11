package search

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
)

// A kept is the archive's own catalog, and what is on hold, which the rules of
// retention decide in a daemon.
type kept struct {
	*catalog.Catalog
	onHold *roaring64.Bitmap
}

func (k kept) OnHold(context.Context) (*roaring64.Bitmap, error) { return k.onHold, nil }

// engineOf is an engine over a corpus: its words in a sealed index, and
// everything else in a catalog that was made of a journal's entries.
func engineOf(t testing.TB, c corpus) *Engine {
	t.Helper()
	return New(catalogOf(t, c), indexOf(t, c))
}

func catalogOf(t testing.TB, c corpus) Catalog {
	t.Helper()
	cat, err := catalog.Open(context.Background(), filepath.Join(t.TempDir(), "catalog.db"), [32]byte{1, 2, 3}, "archive-1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cat.Close(); err != nil {
			t.Error(err)
		}
	})
	k := kept{cat, roaring64.New()}
	for _, m := range c {
		if m.onHold {
			k.onHold.Add(uint64(m.No))
		}
	}
	if err := cat.Apply(context.Background(), (&history{t: t}).of(c)); err != nil {
		t.Fatal(err)
	}
	return k
}

// A history is what a journal says of how a corpus came.
type history struct {
	t       testing.TB
	entries []catalog.Entry
}

func (h *history) add(typ string, m *message, body any) {
	h.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		h.t.Fatal(err)
	}
	h.entries = append(h.entries, catalog.Entry{Index: int64(len(h.entries)), Type: typ, Time: m.Captured, Actor: "daemon", Body: b})
}

func (h *history) of(c corpus) []catalog.Entry {
	gone := record.Disposed{Batch: "D-1", Grant: 1}
	for first := 0; first < len(c); {
		end := first + 1
		for end < len(c) && c[end].record == c[first].record {
			end++
		}
		messages := c[first:end]
		h.captured(messages)
		if m := messages[0]; !m.live {
			gone.Records = append(gone.Records, record.Stub{Record: m.record, Kind: m.Kind, Vault: m.vault, Entry: int64(len(h.entries) - len(m.holdings)),
				Captured: m.Captured, First: m.No, Count: len(messages)})
		}
		first = end
	}
	if gone.Records != nil {
		h.add(record.EntryDisposal, c[len(c)-1], gone)
	}
	return h.entries
}

// captured journals a record and its further holdings.
func (h *history) captured(messages corpus) {
	m := messages[0]
	in := record.Ingestion{Record: m.record, Kind: m.Kind, Vault: m.vault, Epoch: m.vault + "-2026", First: m.No,
		Components: []record.Component{{Path: "data/message", Size: 50}}, TextStatus: record.TextOK, Holding: m.holdings[0],
		Facts: factsOf(m, m.holdings[0]), Item: record.Item{Source: m.holdings[0].Source, Key: string(m.record)}}
	for _, m := range messages {
		one := record.Message{Sent: m.Sent, Suspect: m.Suspect, Sender: "a sender", Flags: m.flags}
		if m.copy > 0 {
			one.Copy = fmt.Append(nil, m.copy)
		}
		in.Messages = append(in.Messages, one)
	}
	if m.unsearchable {
		in.TextStatus = record.TextEncrypted
	}
	if m.marking != "" {
		in.Markings = []string{m.marking}
	}
	if m.quarantined {
		in.Quarantine = &record.Quarantine{Reason: record.ReasonMarking}
	}
	if m.thread > 0 {
		in.Thread = &record.ThreadRef{MessageID: []byte(m.MessageID), References: [][]byte{fmt.Append(nil, "root", m.thread)}}
	}
	if m.Chat != "" {
		in.Chat = &record.ChatRef{Chat: m.Chat, Title: m.Chat, Platform: "ios", Date: string(m.record)}
	}
	h.add(record.EntryIngestion, m, in)
	for i, further := range m.holdings[1:] {
		facts := factsOf(m, further)
		h.add(record.EntrySighting, m, record.Sighting{Item: record.Item{Source: further.Source, Key: fmt.Sprint(m.record, i)},
			Outcome: record.AlreadyArchived, Record: m.record, Holding: &further, Facts: &facts})
	}
}

func factsOf(m *message, h record.Holding) record.Facts {
	facts := record.Facts{Kind: m.Kind, Source: h.Source, Custodian: h.Custodian, Sent: m.Sent}
	for _, a := range m.From {
		facts.From = append(facts.From, record.FoldAddress(a.Addr))
	}
	for _, a := range slices.Concat(m.To, m.Cc, m.Bcc) {
		facts.To = append(facts.To, record.FoldAddress(a.Addr))
	}
	return facts
}
