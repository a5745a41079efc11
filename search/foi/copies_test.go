package foi

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
)

// TestCopies attaches and takes away copies of a few items in any order, and
// compares what is in force with a map.
func TestCopies(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		log := []Entry{opened(t, FOI)}
		model := map[string]record.ID{}
		known := map[string]int64{}
		for range rapid.IntRange(1, 12).Draw(rt, "changes") {
			item := rapid.SampledFrom([]string{"a/1", "a/1+1", "b/2"}).Draw(rt, "item")
			id := rapid.SampledFrom([]record.ID{"", "x", "y"}).Draw(rt, "copy")
			stale := rapid.IntRange(0, 5).Draw(rt, "stale") == 0
			body := record.RequestCopied{Request: "R-1", Item: item, Known: known[item], Record: id}
			if stale {
				body.Known += 1000
			}
			e := entry(t, int64(len(log)+1), record.EntryRequestCopy, body)
			_, err := Fold(append(slices.Clone(log), e))
			possible := !stale && (id != "" || model[item] != "")
			if (err == nil) != possible || stale && !errors.Is(err, ErrCopiedMeanwhile) {
				rt.Fatalf("%s of %s, stale %v, with %v in force: %v", id, item, stale, model, err)
			}
			if err != nil {
				continue
			}
			log, model[item], known[item] = append(log, e), id, e.Index
			if id == "" {
				delete(model, item)
				delete(known, item)
			}
		}
		r, err := Fold(log)
		if err != nil {
			rt.Fatal(err)
		}
		in := map[string]record.ID{}
		for item, c := range r.Copies() {
			in[item] = c.Record
		}
		if !maps.Equal(in, model) || len(r.Attached) != len(log)-1 {
			rt.Errorf("in force are %v, and should be %v", in, model)
		}
	})
}

func TestCopiesRefuse(t *testing.T) {
	for name, e := range map[string]Entry{
		"of nothing":                entry(t, 2, record.EntryRequestCopy, record.RequestCopied{Request: "R-1", Record: "x"}),
		"with findings":             entry(t, 2, record.EntryRequestCopy, record.RequestCopied{Request: "R-1", Item: "a/1", Record: "x", Findings: map[string]int{"comments": 1}}),
		"nothing that was handed":   entry(t, 2, record.EntryRequestHandoff, record.RequestHandedOff{Request: "R-1"}),
		"taken away, and not there": entry(t, 2, record.EntryRequestCopy, record.RequestCopied{Request: "R-1", Item: "a/1"}),
	} {
		if _, err := Fold([]Entry{opened(t, FOI), e}); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
	r, err := Fold([]Entry{opened(t, FOI), entry(t, 2, record.EntryRequestHandoff, record.RequestHandedOff{Request: "R-1", Items: []record.HandedOff{{Item: "a/1"}}}),
		entry(t, 3, record.EntryRequestCopy, record.RequestCopied{Request: "R-1", Item: "a/1", Record: "x", Findings: map[string]int{"comments": 1}, Acknowledged: []string{"comments"}})})
	if err != nil || len(r.Handoffs) != 1 || r.Copies()["a/1"].Entry != 3 {
		t.Errorf("%+v, %v", r, err)
	}
}
