package journal_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

func TestAppendThenRead(t *testing.T) {
	st := newLog(t)
	j := open(t, st)
	first, err := j.Append(t.Context(), numbered(1), numbered(2))
	if err != nil || first != 1 { // entry 0 is the start
		t.Fatalf("Append: first %d, error %v", first, err)
	}
	if n := appendOne(t, j, numbered(3)); n != 3 {
		t.Fatalf("the next entry is %d", n)
	}
	e, err := j.Reader().Entry(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if e.Index != 2 || e.Type != record.EntrySearch || e.Actor != "a1" || !e.Time.Equal(clock()) || !slices.Equal(e.Subjects, []string{"s1"}) {
		t.Errorf("header %+v", e)
	}
	if want := string(numbered(2).Body); string(e.Body) != want {
		t.Errorf("body %s, want %s", e.Body, want)
	}
	if err := j.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := verified(t, st); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("searches %v", got)
	}
	if _, err := j.Append(t.Context(), numbered(4)); !errors.Is(err, journal.ErrClosed) {
		t.Errorf("Append after Close: %v", err)
	}
}

func TestEntriesFromAnywhere(t *testing.T) {
	st := newLog(t)
	j := open(t, st)
	fill(t, j, 0, 1500, 7)
	r := j.Reader()
	for _, from := range []int64{-1, 0, 1, 2, 8, 255, 256, 257, 999, 1000, 1001, 1499, 1500, 1501} {
		next := max(from, 0)
		for e, err := range r.Entries(t.Context(), from) {
			if err != nil {
				t.Fatalf("from %d: %v", from, err)
			}
			if e.Index != next {
				t.Fatalf("from %d: entry %d where %d was due", from, e.Index, next)
			}
			next++
		}
		if next != r.Size() && from < r.Size() {
			t.Errorf("from %d: ended at %d of %d", from, next, r.Size())
		}
	}
}

func TestOpenNeedsAJournal(t *testing.T) {
	st := newStore(t)
	if _, err := tryOpen(t, st); !errors.Is(err, journal.ErrNoJournal) {
		t.Errorf("Open of nothing: %v", err)
	}
	if err := journal.Create(t.Context(), st, testKeys(t)); err != nil {
		t.Fatal(err)
	}
	if err := journal.Create(t.Context(), st, testKeys(t)); !errors.Is(err, journal.ErrExists) {
		t.Errorf("Create again: %v", err)
	}
	open(t, st)
	remove(t, st, "journal/checkpoint")
	if _, err := tryOpen(t, st); !errors.Is(err, journal.ErrNoJournal) {
		t.Errorf("Open without checkpoint: %v", err)
	}
	if err := journal.Create(t.Context(), st, testKeys(t)); !errors.Is(err, journal.ErrExists) {
		t.Errorf("Create over batches: %v", err)
	}
}

func TestSecondWriterTakesThePen(t *testing.T) {
	st := newLog(t)
	a := open(t, st)
	appendOne(t, a, numbered(1))
	b := open(t, st)
	if _, err := a.Append(t.Context(), numbered(2)); !errors.Is(err, journal.ErrPenLost) {
		t.Fatalf("Append by the first: %v", err)
	}
	<-a.Done()
	if _, err := a.Append(t.Context(), numbered(3)); !errors.Is(err, journal.ErrPenLost) {
		t.Fatalf("and again: %v", err)
	}
	if err := a.Close(t.Context()); !errors.Is(err, journal.ErrPenLost) {
		t.Errorf("Close: %v", err)
	}
	appendOne(t, b, numbered(4))
	if got := verified(t, st); !slices.Equal(got, []int{1, 4}) {
		t.Errorf("searches %v", got)
	}
}

// Writers that take the pen from each other over and over leave one log, with
// all that was acknowledged in it, once.
func TestManyWriters(t *testing.T) {
	st := newLog(t)
	var mu sync.Mutex
	var acknowledged []int
	var running sync.WaitGroup
	for w := range 4 {
		running.Go(func() {
			for round := range 5 {
				j, err := tryOpen(t, st)
				if errors.Is(err, journal.ErrPenLost) {
					continue
				}
				if err != nil {
					t.Errorf("Open: %v", err)
					return
				}
				for i := range 10 {
					n := w*1000 + round*100 + i
					if _, err := j.Append(t.Context(), numbered(n)); err != nil {
						if !errors.Is(err, journal.ErrPenLost) {
							t.Errorf("Append: %v", err)
						}
						break
					}
					mu.Lock()
					acknowledged = append(acknowledged, n)
					mu.Unlock()
				}
			}
		})
	}
	running.Wait()
	got := verified(t, st)
	slices.Sort(got)
	slices.Sort(acknowledged)
	if !slices.Equal(got, acknowledged) {
		t.Errorf("in the log %v, acknowledged %v", got, acknowledged)
	}
}

func TestConcurrentAppendsShareBatches(t *testing.T) {
	st := newLog(t)
	j := open(t, st)
	st.Plan(storetest.Always(storetest.OpReplace, "journal/checkpoint", storetest.Slow))
	var running sync.WaitGroup
	for n := range 200 {
		running.Go(func() { appendOne(t, j, numbered(n)) })
	}
	running.Wait()
	st.Heal()
	if n := len(keysOf(t, st, "journal/batch/")); n > 20 {
		t.Errorf("200 concurrent appends made %d batches", n)
	}
	if got := verified(t, st); len(got) != 200 {
		t.Errorf("%d entries", len(got))
	}
}

func TestLimits(t *testing.T) {
	st := newLogIn(t, newMemory())
	j := open(t, st)
	if _, err := j.Append(t.Context(), entry("search", strings.Repeat("x", journal.MaxBytes))); !errors.Is(err, journal.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	if _, err := j.Append(t.Context(), entry("search", strings.Repeat("x", journal.MaxBytes-1000))); err != nil {
		t.Errorf("just as large as allowed: %v", err)
	}
	for name, e := range map[string]journal.Entry{
		"without a type": {Body: []byte("{}")},
		"without a body": {Header: journal.Header{Type: "search"}},
		"not JSON":       {Header: journal.Header{Type: "search"}, Body: []byte("{")},
	} {
		if _, err := j.Append(t.Context(), e); err == nil {
			t.Errorf("an entry %s was accepted", name)
		}
	}
	if _, err := j.Append(t.Context()); err == nil {
		t.Error("nothing was accepted")
	}
	if _, err := j.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// A long Append is written in several batches, next to each other and in order,
// whatever else is appended meanwhile.
func TestLongAppend(t *testing.T) {
	st := newLogIn(t, newMemory())
	j := open(t, st)
	var running sync.WaitGroup
	for n := range 20 {
		running.Go(func() { appendOne(t, j, numbered(100_000+n)) })
	}
	first, err := j.Append(t.Context(), numbers(0, 3*journal.MaxEntries+5)...)
	if err != nil {
		t.Fatal(err)
	}
	running.Wait()
	for e, err := range j.Entries(t.Context(), first) {
		if err != nil {
			t.Fatal(err)
		}
		n := int(e.Index - first)
		if n == 3*journal.MaxEntries+5 {
			break
		}
		if string(e.Body) != string(numbered(n).Body) {
			t.Fatalf("entry %d is %s", e.Index, e.Body)
		}
	}
	if got := verified(t, st); len(got) != 3*journal.MaxEntries+5+20 {
		t.Errorf("%d entries", len(got))
	}

	// When it fails in its middle, its beginning is there and nothing after.
	st.Plan(storetest.Nth(2, storetest.OpPut, "journal/batch/", storetest.Denied))
	if _, err := j.Append(t.Context(), numbers(0, 3*journal.MaxEntries)...); err == nil {
		t.Error("no error")
	}
	if got := verified(t, st); len(got) != 4*journal.MaxEntries+5+20 {
		t.Errorf("%d entries", len(got))
	}
}

// After Settle the fate of an Append whose context ended is known.
func TestSettle(t *testing.T) {
	for _, fault := range []storetest.Fault{storetest.None, storetest.Denied} {
		st := newLog(t)
		j := open(t, st)
		begun, release := make(chan bool), make(chan bool)
		st.Plan(func(op storetest.Op, key string) storetest.Fault {
			if op == storetest.OpPut && strings.HasPrefix(key, "journal/batch/") {
				close(begun)
				<-release
				return fault
			}
			return storetest.None
		})
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-begun; cancel() }()
		if _, err := j.Append(ctx, numbered(1)); !errors.Is(err, context.Canceled) {
			t.Fatalf("Append: %v", err)
		}
		if err := j.Settle(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Settle: %v", err)
		}
		go close(release)
		if err := j.Settle(t.Context()); err != nil {
			t.Error(err)
		}
		want := int64(1)
		if fault == storetest.None {
			want++
		}
		if got := j.Checkpoint().Size; got != want {
			t.Errorf("fault %v: %d entries", fault, got)
		}
		if err := j.Settle(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestAppendLeavesWhenItsContextEnds(t *testing.T) {
	st := newLog(t)
	j := open(t, st)
	st.Plan(storetest.Outage)
	ctx, cancel := context.WithCancel(t.Context())
	answers := make(chan error)
	for n := range 3 {
		go func() {
			_, err := j.Append(ctx, numbered(n))
			answers <- err
		}()
	}
	cancel()
	for range 3 {
		if err := <-answers; !errors.Is(err, context.Canceled) {
			t.Errorf("Append: %v", err)
		}
	}
	st.Heal()
	// Nobody's impatience harms the log.
	appendOne(t, j, numbered(9))
	got := verified(t, st)
	if got[len(got)-1] != 9 {
		t.Errorf("searches %v", got)
	}
}

func TestKnownCheckpoint(t *testing.T) {
	st := newLog(t)
	j := open(t, st)
	fill(t, j, 0, 300, 50)
	known := j.Checkpoint()
	old := storetest.Get(t, st.Store, "journal/checkpoint")
	fill(t, j, 300, 600, 50)
	newest := j.Checkpoint()
	if _, err := journal.OpenReader(t.Context(), st, testKeys(t), &known); err != nil {
		t.Errorf("a log that grew: %v", err)
	}
	overwrite(t, st, "journal/checkpoint", old)
	if _, err := journal.OpenReader(t.Context(), st, testKeys(t), &known); err != nil {
		t.Errorf("the same log: %v", err)
	}
	if _, err := journal.OpenReader(t.Context(), st, testKeys(t), &newest); !errors.Is(err, journal.ErrRolledBack) {
		t.Errorf("a log that shrank: %v", err)
	}
	j2 := open(t, st) // grows another way
	fill(t, j2, 1000, 1500, 50)
	if _, err := journal.OpenReader(t.Context(), st, testKeys(t), &known); err != nil {
		t.Errorf("a log that grew another way from there: %v", err)
	}
	if _, err := journal.OpenReader(t.Context(), st, testKeys(t), &newest); !errors.Is(err, journal.ErrRolledBack) {
		t.Errorf("a log that grew another way: %v", err)
	}
}
