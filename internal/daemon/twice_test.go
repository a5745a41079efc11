package daemon_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// Of two holds of one name that are placed at the same moment, one is placed;
// the journal and the catalog never disagree about which.
func TestOneNameTwice(t *testing.T) {
	s := build(t, true, true, true, true).serve(t)
	const callers = 8
	failed := make([]error, callers)
	var all sync.WaitGroup
	for i := range failed {
		all.Go(func() {
			hold := record.HoldPlaced{Hold: "inquiry", Type: "inquiry", Matter: "the flood"}
			failed[i] = s.client.Do(t.Context(), http.MethodPost, "/v1/holds", hold, nil)
		})
	}
	all.Wait()
	placed := 0
	for _, err := range failed {
		switch {
		case err == nil:
			placed++
		case !api.IsCode(err, api.CodeConflict):
			t.Error(err)
		}
	}
	if n := len(call[[]v1.Hold](t, s, http.MethodGet, "/v1/holds", nil)); placed != 1 || n != 1 {
		t.Errorf("%d were placed, and %d are listed", placed, n)
	}
}
