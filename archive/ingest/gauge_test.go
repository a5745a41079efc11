package ingest

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/closeroll/closeroll/archive/record"
)

func TestGaugeHoldsBackUntilTheLevelFalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGauge()
		g.add(30)
		var passed atomic.Int64
		for range 3 {
			go func() {
				g.await(t.Context(), 10)
				passed.Add(1)
			}()
		}
		synctest.Wait()
		if passed.Load() != 0 {
			t.Fatal("a worker went on above the limit")
		}
		g.add(-15)
		synctest.Wait()
		if passed.Load() != 0 {
			t.Fatal("a worker went on above the limit, after the level fell")
		}
		g.add(-5)
		synctest.Wait()
		if passed.Load() != 3 {
			t.Fatalf("%d of 3 workers went on", passed.Load())
		}
	})
}

func TestGaugeEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	g := newGauge()
	g.add(1)
	cancel()
	g.await(ctx, 0) // returns
	if g.level != 1 {
		t.Fatal("waiting changed the level")
	}
}

func TestTextIsWhatTheIndexIsGiven(t *testing.T) {
	_, mail := documentsOf(record.Document{Subject: "ab", Body: "cde"}, record.Document{Body: "f"})
	_, files := documentsOf(record.Document{Attachments: []record.Attached{{Name: "x", Text: "ghij"}}})
	p := prepared{drafts: []*draft{{text: mail}, {text: files}}}
	if n := p.text(); n != 10 {
		t.Fatalf("text is %d octets, want 10", n)
	}
}
