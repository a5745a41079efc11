package catalog_test

import (
	"path/filepath"
	"testing"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
)

// day adds a captured chat-day of so many messages to the log.
func (l *log) day(n, messages int, ref record.ChatRef) {
	in := record.Ingestion{Record: id(n), Kind: record.ChatDay, First: l.no + 1, Chat: &ref, Item: record.Item{Source: "phone", Key: string(id(n))},
		Holding: record.Holding{Source: "phone", Custodian: "minister"}}
	for i := range messages {
		in.Messages = append(in.Messages, record.Message{Sender: "Ann", Copy: []byte{byte(n), byte(i)}})
		in.Chat.Digests = append(in.Chat.Digests, record.ChatLine{Text: []byte{byte(i)}})
	}
	l.add(record.EntryIngestion, in)
	l.no += record.MessageNo(messages)
}

func TestChatExports(t *testing.T) {
	l := &log{t: t}
	l.day(1, 3, record.ChatRef{Chat: "chat-1", Title: "Pumps", Date: "2026-05-03"})
	l.day(2, 2, record.ChatRef{Chat: "chat-1", Title: "Pumps", Date: "2026-05-03", Relation: "alters", Of: id(1)})
	runs := []record.MessageRun{{Record: id(2), From: 1, To: 2}}
	l.add(record.EntryIngestion, record.Ingestion{Record: id(3), Kind: record.Export, Item: record.Item{Source: "phone", Key: "x"},
		Holding: record.Holding{Source: "phone", Custodian: "minister"},
		Chat:    &record.ChatRef{Chat: "chat-1", Title: "Pumps", Platform: "ios", Export: []byte{1}, Runs: runs, Truncated: true}})
	// A finding may name more than a record has, and records that are not here.
	l.add(record.EntryNotice, record.Notice{Chat: "chat-1", Kind: "vanished", Text: "one", Finding: &record.Finding{Flag: record.FlagVanished,
		Confidence: "strong", Earlier: id(9), Later: id(3), A: []record.MessageRun{{Record: id(1), From: 2, To: 900}, {Record: id(77), From: 1, To: 1}}}})
	l.add(record.EntryNotice, record.Notice{Chat: "chat-1", Kind: "export_grade", Text: "two"})

	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	if err := c.Apply(t.Context(), l.entries); err != nil {
		t.Fatal(err)
	}
	exports, err := c.ChatExports(t.Context(), "chat-1")
	if err != nil || len(exports) != 1 {
		t.Fatal(exports, err)
	}
	if x := exports[0]; x.Record != id(3) || x.Platform != "ios" || !x.Truncated || len(x.Runs) != 1 || x.Runs[0] != runs[0] || x.Custodian != "minister" {
		t.Errorf("%+v", x)
	}
	days, err := c.ChatDays(t.Context(), "chat-1")
	if err != nil || len(days) != 2 || days[1].Relation != "alters" || days[1].Of != id(1) || days[1].First != 4 {
		t.Errorf("%+v, %v", days, err)
	}
	messages, err := c.ChatMessages(t.Context(), "chat-1")
	if err != nil || len(messages[id(1)]) != 3 || len(messages[id(2)]) != 2 || messages[id(2)][1].Copy[1] != 1 {
		t.Errorf("%+v, %v", messages, err)
	}
	vanished, err := c.Match(t.Context(), catalog.PropIs, "vanished")
	if err != nil || vanished.GetCardinality() != 2 || !vanished.Contains(2) || !vanished.Contains(3) {
		t.Errorf("%v, %v", vanished, err)
	}
	notices, err := c.ChatNotices(t.Context(), "chat-1")
	if err != nil || len(notices) != 2 || notices[0].Finding == nil || notices[0].Finding.Later != id(3) || notices[1].Finding != nil {
		t.Errorf("%+v, %v", notices, err)
	}
}
