package catalog_test

import (
	"path/filepath"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
)

func TestJoinsAreKeptAndTakenBack(t *testing.T) {
	l := &log{t: t}
	l.add(record.EntryChatJoined, record.ChatJoined{Chat: "chat-b", Into: "chat-a", Reason: "renamed"})
	l.add(record.EntryChatJoined, record.ChatJoined{Chat: "chat-c", Into: "chat-b", Reason: "renamed again"})
	l.add(record.EntryChatParted, record.ChatParted{Chat: "chat-c", Reason: "another group"})
	l.add(record.EntryChatParted, record.ChatParted{Chat: "chat-z", Reason: "never was"})
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	apply(t, c, l.entries)
	joins, err := c.ChatJoins(t.Context())
	if err != nil || len(joins) != 1 || joins[0].Chat != "chat-b" || joins[0].Into != "chat-a" || joins[0].Reason != "renamed" || joins[0].Actor != "daemon" {
		t.Errorf("%+v, %v", joins, err)
	}
}
