package journal_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

// A disposalBody is as disposal will write it, with what it says besides.
type disposalBody struct {
	Certificate string `json:"certificate"`
	journal.Stripped
}

func disposal(entries ...int64) journal.Entry {
	return entry(record.EntryDisposal, disposalBody{"C-1", journal.Stripped{Entries: entries}})
}

func TestStrip(t *testing.T) {
	st := newLog(t)
	j := open(t, st)
	fill(t, j, 0, 30, 10) // entries 1 to 30 in three batches
	before := j.Checkpoint()
	d := appendOne(t, j, disposal(25, 3, 4, 3, 12))
	keys, err := j.Strip(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) != 3 {
		t.Errorf("rewritten: %v", keys)
	}
	again, err := j.Strip(t.Context(), d)
	if err != nil || !slices.Equal(again, keys) {
		t.Errorf("again: %v, %v", again, err)
	}

	r := openReader(t, st)
	report, err := r.Verify(t.Context())
	if err != nil || report.Stripped != 4 {
		t.Errorf("Verify: %+v, %v", report, err)
	}
	for e, err := range r.Entries(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if want := slices.Contains([]int64{3, 4, 12, 25}, e.Index); e.Stripped() != want {
			t.Errorf("entry %d stripped: %v", e.Index, e.Stripped())
		}
		if e.Type == "" || e.Actor == "" {
			t.Errorf("entry %d lost its header", e.Index)
		}
	}
	proof, err := r.ProveExtension(t.Context(), before)
	if err != nil {
		t.Fatal(err)
	}
	if err := proof.Verify(before, r.Checkpoint()); err != nil {
		t.Errorf("the stripped log does not continue the earlier one: %v", err)
	}
	for _, key := range keys {
		if b := storetest.Get(t, st.Store, key); bytes.Contains(b, []byte("query")) {
			t.Errorf("%s holds plaintext", key)
		}
	}
	appendOne(t, j, numbered(99)) // and the log goes on
	verified(t, st)
}

func TestStripOnlyWhatADisposalNames(t *testing.T) {
	j := open(t, newLog(t))
	fill(t, j, 0, 3, 1)
	if _, err := j.Strip(t.Context(), 1); err == nil {
		t.Error("stripped for an entry that is no disposal")
	}
	if _, err := j.Strip(t.Context(), 99); err == nil {
		t.Error("stripped for an entry that does not exist")
	}
	for name, e := range map[string]journal.Entry{
		"itself":         disposal(4),
		"a later entry":  disposal(1 << 40),
		"no entry":       disposal(-1),
		"what is no int": entry(record.EntryDisposal, map[string]any{"stripped_entries": "all"}),
	} {
		j := open(t, newLog(t))
		fill(t, j, 0, 3, 1)
		if _, err := j.Strip(t.Context(), appendOne(t, j, e)); !errors.Is(err, journal.ErrCorrupt) {
			t.Errorf("a disposal that names %s: %v", name, err)
		}
	}
	d := appendOne(t, j, disposal(1))
	if _, err := j.Strip(t.Context(), appendOne(t, j, disposal(2, d))); err == nil {
		t.Error("a disposal's own body was stripped")
	}
	if _, err := j.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// A body that is gone without a disposal that says so is refused: here a
// batch that was stripped under one log's disposal replaces the same batch of
// a log that has no such entry.
func TestBodyMissingWithoutDisposal(t *testing.T) {
	st := newLog(t)
	j := open(t, st)
	fill(t, j, 0, 10, 5)
	checkpoint := storetest.Get(t, st.Store, "journal/checkpoint")
	keys, err := j.Strip(t.Context(), appendOne(t, j, disposal(7)))
	if err != nil {
		t.Fatal(err)
	}
	verified(t, st)
	overwrite(t, st, "journal/checkpoint", checkpoint) // the disposal was never signed
	r := openReader(t, st)
	if _, err := r.Verify(t.Context()); !errors.Is(err, journal.ErrCorrupt) {
		t.Errorf("Verify after %v was stripped: %v", keys, err)
	}
	var last error
	for _, err := range r.Entries(t.Context(), 0) {
		last = err
	}
	if !errors.Is(last, journal.ErrCorrupt) {
		t.Errorf("Entries: %v", last)
	}
	if _, err := r.VerifyTree(t.Context()); err != nil {
		t.Errorf("the tree itself: %v", err)
	}
}

func TestStripUnderFaults(t *testing.T) {
	for _, fault := range []storetest.Fault{storetest.NotDone, storetest.DoneButLost, storetest.Full} {
		st := newLog(t)
		j := open(t, st)
		fill(t, j, 0, 20, 5)
		d := appendOne(t, j, disposal(2, 8, 9, 18))
		st.Plan(storetest.Nth(2, storetest.OpReplace, "journal/batch/", fault))
		if _, err := j.Strip(t.Context(), d); err != nil {
			t.Errorf("fault %v: %v", fault, err)
		}
		st.Heal()
		if report, err := openReader(t, st).Verify(t.Context()); err != nil || report.Stripped != 4 {
			t.Errorf("fault %v: %+v, %v", fault, report, err)
		}
	}
	st := newLog(t)
	j := open(t, st)
	fill(t, j, 0, 20, 5)
	d := appendOne(t, j, disposal(2, 8, 9, 18))
	st.Plan(storetest.Nth(2, storetest.OpReplace, "journal/batch/", storetest.Denied))
	if keys, err := j.Strip(t.Context(), d); err == nil || len(keys) != 1 {
		t.Errorf("denied: %v, %v", keys, err)
	}
	verified(t, st)
	st.Heal()
	if keys, err := j.Strip(t.Context(), d); err != nil || len(keys) != 3 {
		t.Errorf("going on: %v, %v", keys, err)
	}
}
