package index

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// inDictionary reports whether any segment of the live generation still has
// the term, whatever its documents.
func inDictionary(t *testing.T, ix *Index, f Field, term string) bool {
	t.Helper()
	r, err := ix.Reader()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, s := range r.segments {
		dict, err := s.Segment().Dictionary(string(f))
		if err != nil {
			t.Fatal(err)
		}
		if has, err := dict.Contains([]byte(term)); has || err != nil {
			return true
		}
	}
	return false
}

func TestRemove(t *testing.T) {
	for name, batches := range map[string]int{"one segment": 1, "several segments": 8} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ix := openTest(t, filepath.Join(t.TempDir(), "index"))
			for b := range batches {
				var docs []*Document
				for i := range 20 {
					docs = append(docs, &Document{No: record.MessageNo(100*b + i + 1), Body: "ordinary words"})
				}
				docs = append(docs, &Document{No: record.MessageNo(100*b + 99), Body: "canary words"})
				add(t, ix, docs...)
			}
			if !inDictionary(t, ix, Body, "canary") {
				t.Fatal("the canary was not indexed")
			}
			var gone []record.MessageNo
			for b := range batches {
				gone = append(gone, record.MessageNo(100*b+99))
			}
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
			defer cancel()
			if err := ix.Remove(ctx, append(gone, 7777)); err != nil {
				t.Fatal(err)
			}
			if inDictionary(t, ix, Body, "canary") {
				t.Error("a removed message's word is still in a dictionary")
			}
			if got := matches(t, ix, In{[]Field{Body}, Word{Text: "canary"}}); got != nil {
				t.Errorf("removed messages are found: %v", got)
			}
			if got := matches(t, ix, In{[]Field{Body}, Word{Text: "ordinary"}}); len(got) != 20*batches {
				t.Errorf("%d other messages remain, not %d", len(got), 20*batches)
			}
		})
	}
}

func TestRemoveEverything(t *testing.T) {
	ix := openTest(t, filepath.Join(t.TempDir(), "index"))
	add(t, ix, sample()...)
	if err := ix.Remove(context.Background(), []record.MessageNo{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	if n, err := ix.Count(); n != 0 || err != nil || inDictionary(t, ix, Body, "depot") {
		t.Errorf("%d messages remain, %v", n, err)
	}
}
