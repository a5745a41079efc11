package archive_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/archivetest"
	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

// slowCheckpoint lets the journal's checkpoint be replaced late, and calls
// begun when that starts.
func slowCheckpoint(begun func()) func(storetest.Op, string) storetest.Fault {
	return func(op storetest.Op, key string) storetest.Fault {
		if op == storetest.OpReplace && strings.HasSuffix(key, "checkpoint") {
			begun()
			return storetest.Slow
		}
		return storetest.None
	}
}

// TestFaultsOfACapture fails each durable step of a capture in each way, as
// often as the step is tried, for the time of one capture. Whether the capture
// fails or comes good, a crash follows; then everything is opened again, with
// the catalog that is there and with a new one, the source shows the item
// again, and every invariant must hold.
func TestFaultsOfACapture(t *testing.T) {
	steps := map[string]struct {
		op     storetest.Op
		prefix string
	}{
		"put the record":         {storetest.OpPut, "records/"},
		"put the journal batch":  {storetest.OpPut, "journal/batch/"},
		"replace the checkpoint": {storetest.OpReplace, "journal/checkpoint"},
		"write tiles":            {storetest.OpReplace, "journal/tile/"},
	}
	faults := map[string]storetest.Fault{
		"not done": storetest.NotDone, "done but lost": storetest.DoneButLost, "full": storetest.Full, "denied": storetest.Denied}
	for step, s := range steps {
		for name, fault := range faults {
			for _, often := range []string{"once", "always"} {
				t.Run(fmt.Sprintf("%s, %s, %s", step, name, often), func(t *testing.T) {
					t.Parallel()
					plan := storetest.Always(s.op, s.prefix, fault)
					if often == "once" {
						plan = storetest.Nth(1, s.op, s.prefix, fault)
					}
					captureUnder(t, plan)
				})
			}
		}
	}
}

func captureUnder(t *testing.T, plan func(storetest.Op, string) storetest.Fault) {
	p := archivetest.Found(t)
	a := p.Open(t)
	a.Capture(t, "office", "before", []byte("Subject: before\r\n\r\n"))
	p.Store.Plan(plan)
	faulty(t, a)
	p.Store.Heal()
	a.Close(t)

	for _, fresh := range []bool{false, true} {
		if fresh {
			must(t, catalog.Remove(p.CatalogFile()))
		}
		a = p.Open(t)
		c := a.Capture(t, "office", "faulty", []byte("Subject: faulty\r\n\r\n"))
		if fresh && c.Outcome != record.AlreadyArchived {
			t.Errorf("shown once more it is %s", c.Outcome)
		}
		if all := a.Check(t); len(all) != 2 {
			t.Errorf("%d records", len(all))
		}
		counts, err := a.Catalog.Counts(t.Context(), "office")
		must(t, err)
		if counts.Seen != 2 || counts.Captured != 2 {
			t.Errorf("counts: %+v", counts)
		}
		a.Close(t)
	}
}

// patience is how long a fault that never ends is waited for.
const patience = 200 * time.Millisecond

// faulty tries a capture whose outcome is open.
func faulty(t *testing.T, a *archivetest.Archive) {
	c, err := a.TryPut(t, "office", "faulty", []byte("Subject: faulty\r\n\r\n"))
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := a.Commit(ctx, "daemon", []*archive.Capture{c}, nil); err != nil {
		t.Logf("the capture failed: %v", err)
	}
}
