package journal_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

// TestOrphans: wherever writers die between the batch and the checkpoint, with
// the journal opened again after it or not, the orphans are the batches that
// they left, and the log verifies when those are gone.
func TestOrphans(t *testing.T) {
	for deaths := range 1 << 4 { // which of four appends
		for _, reopened := range []bool{false, true} {
			orphansOf(t, fmt.Sprintf("%04b, reopened %t", deaths, reopened), deaths, reopened)
		}
	}
}

func orphansOf(t *testing.T, name string, deaths int, reopened bool) {
	st := newLog(t)
	j := open(t, st)
	lost := 0
	for step := range 4 {
		dies := deaths>>step&1 == 1
		if dies {
			st.Plan(storetest.Always(storetest.OpReplace, "journal/checkpoint", storetest.Denied))
		}
		_, err := j.Append(t.Context(), numbered(step), numbered(10+step))
		st.Heal()
		if dies != (err != nil) {
			t.Fatalf("%s: %v", name, err)
		}
		if !dies {
			continue
		}
		lost++
		// It may yet be what is being written: nothing is proved of it.
		if found, err := j.Orphans(t.Context()); err != nil || len(found) >= lost {
			t.Fatalf("%s: %d orphans of %d, %v", name, len(found), lost, err)
		}
		if reopened {
			if err := j.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			j = open(t, st)
		}
	}
	appendOne(t, j, numbered(99))
	found, err := j.Orphans(t.Context())
	if err != nil || len(found) != lost {
		t.Fatalf("%s: %d orphans of %d, %v", name, len(found), lost, err)
	}
	deleter := st.Store.(interface {
		DeleteVersion(ctx context.Context, key, id string) error
	})
	for _, key := range found {
		if err := deleter.DeleteVersion(t.Context(), key, ""); err != nil {
			t.Fatal(err)
		}
	}
	verified(t, st)
	if again, err := j.Orphans(t.Context()); err != nil || len(again) > 0 {
		t.Fatalf("%s: left are %v, %v", name, again, err)
	}
	if err := j.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A batch that was damaged, and one that somebody put there, are rivals of one
// of the log's: what is no batch is left alone, and the log's own is never named.
func TestOrphansAreProved(t *testing.T) {
	st := newLog(t)
	j := open(t, st)
	fill(t, j, 0, 6, 3)
	real := map[string]bool{}
	var some []byte
	var key string
	for info, err := range st.List(t.Context(), "journal/batch/") {
		if err != nil {
			t.Fatal(err)
		}
		real[info.Key] = true
		key, some = info.Key, storetest.Get(t, st.Store, info.Key)
	}
	rival := func(last string) string { return key[:len(key)-1] + last }
	names := []string{"0", "1", "2"}
	for i, object := range [][]byte{[]byte("no batch"), some, some[:len(some)-1]} { // the log's own octets under another name prove nothing
		if name := rival(names[i]); !real[name] {
			if err := st.Put(t.Context(), name, bytes.NewReader(object), int64(len(object)), record.Sum(object), store.PutOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	found, err := j.Orphans(t.Context())
	if err != nil || len(found) > 0 {
		t.Errorf("named are %v, %v", found, err)
	}
}
