package journal_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

var steps = []struct {
	op     storetest.Op
	prefix string
}{
	{storetest.OpPut, "journal/batch/"},
	{storetest.OpReplace, "journal/checkpoint"},
	{storetest.OpPut, "journal/tile/"},
}

// Each step of an append fails in each way, and the log goes on by itself.
func TestFaultsOfAppend(t *testing.T) {
	for _, step := range steps {
		for _, fault := range []storetest.Fault{storetest.NotDone, storetest.DoneButLost, storetest.Full, storetest.Slow, storetest.Denied} {
			t.Run(fmt.Sprintf("%s/%d", step.prefix, fault), func(t *testing.T) {
				st := newLog(t)
				j := open(t, st)
				fill(t, j, 0, 250, 50)
				st.Plan(storetest.Nth(1, step.op, step.prefix, fault))
				_, err := j.Append(t.Context(), numbers(250, 260)...) // completes a tile
				want := numberRange(0, 260)
				if fault == storetest.Denied && step.op == storetest.OpReplace || fault == storetest.Denied && step.prefix == "journal/batch/" {
					if !errors.Is(err, store.ErrDenied) {
						t.Fatalf("Append that is denied: %v", err)
					}
					want = numberRange(0, 250)
				} else if err != nil {
					t.Fatalf("Append: %v", err)
				}
				appendOne(t, j, numbered(900))
				if err := j.Close(t.Context()); err != nil {
					t.Fatalf("Close: %v", err)
				}
				if got := verified(t, st); !slices.Equal(got, append(want, 900)) {
					t.Errorf("searches %v", got)
				}
				if report, err := openReader(t, st).Verify(t.Context()); err != nil || len(report.Missing) > 0 {
					t.Errorf("%+v, %v", report, err)
				}
			})
		}
	}
}

// When the checkpoint's fate cannot be read back, Append waits until it can.
func TestFateOfCheckpointUnknown(t *testing.T) {
	for _, fault := range []storetest.Fault{storetest.NotDone, storetest.DoneButLost} {
		st := newLog(t)
		j := open(t, st)
		gets, replaces := 0, 0
		st.Plan(func(op storetest.Op, key string) storetest.Fault {
			switch {
			case op == storetest.OpReplace && replaces == 0:
				replaces++
				return fault
			case op == storetest.OpGet && replaces > 0 && gets < 3:
				gets++
				return storetest.Denied
			}
			return storetest.None
		})
		appendOne(t, j, numbered(1))
		st.Heal()
		if got := verified(t, st); !slices.Equal(got, []int{1}) {
			t.Errorf("fault %v: searches %v", fault, got)
		}
	}
}

// The process dies at its nth operation on the store, before or after that took
// effect. What was acknowledged is there, nothing is there twice, and the
// next process goes on.
func TestKilledAtEachOperation(t *testing.T) {
	for _, fault := range []storetest.Fault{storetest.NotDone, storetest.DoneButLost} {
		for n := 1; ; n++ {
			died := killedAt(t, n, fault)
			if !died {
				if n < 20 {
					t.Fatalf("only %d operations were tried", n)
				}
				break
			}
		}
	}
}

func killedAt(t *testing.T, nth int, fault storetest.Fault) (died bool) {
	st := newLogIn(t, newMemory())
	j := open(t, st)
	fill(t, j, 0, 240, 60)
	closeNow(j)

	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	count := 0
	st.Plan(func(storetest.Op, string) storetest.Fault {
		switch count++; {
		case count < nth:
			return storetest.None
		case count == nth:
			died = true
			kill()
			return fault
		}
		return storetest.NotDone
	})
	acknowledged := numberRange(0, 240)
	j, err := journal.Open(ctx, logger(t), st, testKeys(t), clock, numbered(800), journal.Options{})
	if err == nil {
		acknowledged = append(acknowledged, 800)
		for n := 240; n < 264; n += 4 {
			if _, err := j.Append(ctx, numbers(n, n+4)...); err != nil {
				break
			}
			acknowledged = append(acknowledged, numberRange(n, n+4)...)
		}
		closeNow(j)
	}
	st.Heal()

	checkKilled(t, nth, verified(t, st), acknowledged)
	j = open(t, st)
	fill(t, j, 264, 600, 100)
	got := verified(t, st)
	if !slices.Equal(got[len(got)-336:], numberRange(264, 600)) {
		t.Errorf("killed at operation %d: afterwards %v", nth, got)
	}
	if report, err := j.Verify(t.Context()); err != nil || len(report.Missing) > 0 {
		t.Errorf("killed at operation %d: %+v, %v", nth, report, err)
	}
	return died
}

// checkKilled checks that the log has what was acknowledged, and after that at
// most the one append that was under way, whole.
func checkKilled(t *testing.T, nth int, got, acknowledged []int) {
	t.Helper()
	if len(got) < len(acknowledged) || !slices.Equal(got[:len(acknowledged)], acknowledged) {
		t.Fatalf("killed at operation %d: in the log %v, acknowledged %v", nth, got, acknowledged)
	}
	if more := got[len(acknowledged):]; len(more) != 0 && len(more) != 4 && !slices.Equal(more, []int{800}) {
		t.Fatalf("killed at operation %d: an append is there in part: %v", nth, more)
	}
}

func numberRange(begin, end int) []int {
	var n []int
	for i := begin; i < end; i++ {
		n = append(n, i)
	}
	return n
}

func numbers(begin, end int) []journal.Entry {
	var entries []journal.Entry
	for i := begin; i < end; i++ {
		entries = append(entries, numbered(i))
	}
	return entries
}
