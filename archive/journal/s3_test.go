package journal_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

// Two daemons on one bucket of a real S3 server: the second takes the pen, the
// first fails closed, and the log has what either was told is in it.
func TestTwoDaemonsOneBucket(t *testing.T) {
	st := storetest.StartVersityGW(t).Bucket(t)
	if err := journal.Create(t.Context(), st, testKeys(t)); err != nil {
		t.Fatal(err)
	}
	if err := journal.Create(t.Context(), st, testKeys(t)); !errors.Is(err, journal.ErrExists) {
		t.Errorf("Create again: %v", err)
	}
	a := open(t, st)
	fill(t, a, 0, 300, 30)
	b := open(t, st)
	if _, err := a.Append(t.Context(), numbered(1000)); !errors.Is(err, journal.ErrPenLost) {
		t.Fatalf("Append by the first: %v", err)
	}
	fill(t, b, 300, 400, 30)
	if _, err := b.Strip(t.Context(), appendOne(t, b, disposal(1))); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := verified(t, st); !slices.Equal(got, numberRange(1, 400)) {
		t.Errorf("searches %v", got)
	}
}
