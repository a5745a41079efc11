package daemon_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/storetest"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/disposer"
	"github.com/closeroll/closeroll/retention/disposal"
)

func (d *disposing) batchKeys(t *testing.T) map[string]bool {
	t.Helper()
	keys := make(map[string]bool)
	for info, err := range d.bucket.List(t.Context(), "journal/batch/") {
		must(t, err)
		keys[info.Key] = true
	}
	return keys
}

// TestOrphanedBatchesGoWithADisposal breaks a daemon off between a batch of
// captures and the checkpoint that would have made it the journal's. What it held is
// captured again, and disposed of: nothing of it stays in the orphan either,
// whenever the disposer dies, and the journal is whole.
func TestOrphanedBatchesGoWithADisposal(t *testing.T) {
	d := buildDisposing(t)
	proxy := storetest.NewProxy(t, d.gateway)
	d.configure(t, d.gateway.Endpoint, proxy.Endpoint)
	s := d.serve(t)
	proxy.Plan(func(r *http.Request) storetest.HTTPFault {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "journal/checkpoint") {
			return storetest.Deny
		}
		return storetest.Forward
	})
	before := d.batchKeys(t) // whatever comes after these gets no checkpoint
	d.server.Folder("INBOX").Add(letter(1, "xylophone"))
	for i := 0; len(d.batchKeys(t)) == len(before); i++ {
		if i > 100 {
			t.Fatal("no batch is left without its checkpoint")
		}
		try[[]v1.Run](t, s, http.MethodPost, "/v1/capture", v1.Capture{})
	}
	orphans := d.batchKeys(t)
	for key := range before {
		delete(orphans, key)
	}
	proxy.Plan(nil)
	s.end(t)
	s = d.serve(t)
	s.capture(t)
	if s.search(t, "xylophone").Total != 1 {
		t.Fatal("it is not captured again")
	}
	d.days(3)
	b := call[v1.Batch](t, s, http.MethodPost, "/v1/disposals", v1.Propose{Class: "TRN-01", Confirm: true})
	d.days(8)
	deleter := d.bucket.(store.Bypasser)
	for at := 1; ; at++ {
		k := &killed{Authority: disposer.New(s.client), Bypasser: deleter, at: 1 + (at-1)/2, after: at%2 == 0}
		_, err := disposal.Execute(t.Context(), k, k, b.Batch, func(int, int) {})
		if err == nil {
			break
		}
		if !errors.Is(err, errKilled) || at > 100 {
			t.Fatal(err)
		}
	}
	if got := call[v1.Batch](t, s, http.MethodGet, disposer.Path(b.Batch, ""), nil); got.State != disposal.Certified || got.Destroyed != 1 {
		t.Fatalf("%+v", got)
	}
	if s.types(t)["disposal orphans"] == 0 {
		t.Error("orphans were deleted without an entry that frees them")
	}
	must(t, s.end(t))
	for key := range orphans {
		for v, err := range deleter.Versions(t.Context(), key) {
			t.Errorf("of the orphan %s a version is left: %+v, %v", key, v, err)
		}
	}
	r, err := journal.OpenReader(t.Context(), d.bucket, d.keyring.Journal(), nil)
	must(t, err)
	if _, err := r.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
