package index

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
)

// An index whose segments were merged is opened again and again without
// anything being written, as by a daemon to which nothing comes in.
func TestRestartsWithoutWork(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	docs := 0
	for round := range 8 {
		ix, err := Open(t.Context(), slog.New(slog.DiscardHandler), dir, testKey())
		if err != nil {
			t.Fatalf("start %d: %v", round, err)
		}
		if got := len(matches(t, ix, In{body, Word{Text: "durable"}})); got != docs {
			t.Errorf("start %d: %d messages of %d", round, got, docs)
		}
		if round%4 == 0 {
			for range 60 {
				docs++
				err := ix.Add(t.Context(), []*Document{{No: record.MessageNo(docs), Body: fmt.Sprintf("durable message number %d", docs)}})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := ix.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
