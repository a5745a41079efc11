package daemon_test

import (
	"net/http"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// TestRecordsReadTogether: records come in the order in which they were asked
// for, each reading journalled; one that is not there is said to be, after those
// before it.
func TestRecordsReadTogether(t *testing.T) {
	h := build(t, true, true, true, true)
	h.sample(t)
	s := h.serve(t)
	s.capture(t)
	var ids []record.ID
	for _, hit := range s.search(t, "sandbags").Hits {
		ids = append(ids, hit.ID)
	}
	before := s.types(t)[record.EntryRead]
	n := 0
	for sealed, err := range s.reader().FetchEach(t.Context(), ids, "FOI-1") {
		must(t, err)
		rec, opened, docs, err := s.reader().ReadSealed(t.Context(), sealed, plainText{})
		must(t, err)
		must(t, sealed.Close())
		if rec.ID != ids[n] || len(opened) == 0 || len(docs) == 0 {
			t.Errorf("%s came instead of %s, with %d files", rec.ID, ids[n], len(opened))
		}
		n++
	}
	if got := s.types(t)[record.EntryRead] - before; n != len(ids) || got != n {
		t.Errorf("%d of %d records came, and %d readings were journalled", n, len(ids), got)
	}
	n = 0
	var failed error
	for sealed, err := range s.reader().FetchEach(t.Context(), []record.ID{ids[0], "zzzzzz", ids[1]}, "FOI-1") {
		if failed = err; err == nil {
			must(t, sealed.Close())
			n++
		}
	}
	if n != 1 || !api.IsCode(failed, api.CodeNotFound) {
		t.Errorf("%d came, and then %v", n, failed)
	}
	for _, many := range []int{0, v1.MostTogether + 1} {
		_, err := s.client.Stream(t.Context(), http.MethodPost, "/v1/records/sealed", v1.ReadTogether{Records: make([]record.ID, many)})
		if !api.IsCode(err, api.CodeUsage) {
			t.Errorf("%d at once: %v", many, err)
		}
	}
}
