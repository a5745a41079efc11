package storetest

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/dir"
)

func faulty(t *testing.T) *Faulty {
	t.Helper()
	s, err := dir.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return NewFaulty(s)
}

func TestFaultyWithoutAPlanIsAStore(t *testing.T) {
	f := faulty(t)
	Put(t, f, "k", []byte("x"))
	expect(t, f, "k", "x")
	if keys := Keys(t, f, ""); !slices.Equal(keys, []string{"k"}) {
		t.Errorf("keys %v", keys)
	}
	if log := f.Log(); !slices.Equal(log, []string{"put k", "get k", "stat k", "list "}) {
		t.Errorf("log %q", log)
	}
}

func TestFaultyStoresWhatItSaysItDoes(t *testing.T) {
	for _, c := range []struct {
		fault  Fault
		err    error
		stored bool
	}{
		{NotDone, store.ErrUnavailable, false},
		{DoneButLost, store.ErrUnavailable, true},
		{Full, store.ErrFull, false},
		{Denied, store.ErrDenied, false},
		{Slow, nil, true},
	} {
		f := faulty(t)
		f.Plan(Nth(2, OpPut, "r/", c.fault))
		Put(t, f, "other", nil)
		Put(t, f, "r/1", nil)
		wantError(t, "Put", put(t.Context(), f, "r/2", nil), c.err)
		if stored := slices.Contains(Keys(t, f, ""), "r/2"); stored != c.stored {
			t.Errorf("fault %v: stored is %v", c.fault, stored)
		}
		f.Plan(Always(OpReplace, "head", c.fault))
		_, err := f.Replace(t.Context(), "head", []byte("x"), "")
		wantError(t, "Replace", err, c.err)
		f.Heal()
		if _, err := f.Stat(t.Context(), "head"); (err == nil) != c.stored {
			t.Errorf("fault %v: head: %v", c.fault, err)
		}
	}
}

func TestFaultyReads(t *testing.T) {
	f := faulty(t)
	Put(t, f, "k", []byte("0123456789"))
	f.Plan(Outage)
	_, _, err := f.Get(t.Context(), "k")
	wantError(t, "Get", err, store.ErrUnavailable)
	_, err = f.Stat(t.Context(), "k")
	wantError(t, "Stat", err, store.ErrUnavailable)
	for _, err := range f.List(t.Context(), "") {
		wantError(t, "List", err, store.ErrUnavailable)
	}
	f.Plan(Always(OpGet, "", Broken))
	r, _, err := f.Get(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	wantError(t, "reading", err, store.ErrUnavailable)
	if string(got) != "01234" {
		t.Errorf("read %q", got)
	}
}

func TestSlowEndsWithItsContext(t *testing.T) {
	f := faulty(t)
	f.Delay = time.Hour
	f.Plan(Always(OpStat, "", Slow))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := f.Stat(ctx, "k"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Stat: %v", err)
	}
}
