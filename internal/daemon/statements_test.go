package daemon_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// A day is closed by one statement a source, also where the daemon was not
// there at midnight; a source that has shown nothing states nothing.
func TestDailyStatements(t *testing.T) {
	h := build(t, true, true, true, true)
	for n := range 3 {
		h.server.Folder("INBOX").Add(connectortest.Mail(n))
	}
	s := h.serve(t)
	s.capture(t)
	now := call[v1.Completeness](t, s, http.MethodGet, "/v1/sources/office/statement", nil)
	if now.Now.Counts.Captured != 3 || now.Now.LastSuccess.IsZero() || now.Now.Lag.Messages != 3 || len(now.Daily) != 0 {
		t.Errorf("%+v", now)
	}
	s.end(t)

	zone, err := time.LoadLocation("Europe/London") // the archive's, by default
	must(t, err)
	h.now = func() time.Time { return time.Now().Add(24 * time.Hour) }
	for range 2 { // a second start adds nothing
		s = h.serve(t)
		c := stated(t, s)
		want := record.DateOf(h.now(), zone).AddDays(-1).String()
		if len(c.Daily) != 1 || c.Daily[0].Counts.Captured != 3 || c.Daily[0].Lag.Messages != 3 || c.Daily[0].Day != want {
			t.Errorf("%+v, want one of %s", c.Daily, want)
		}
		if n := s.types(t)[record.EntryStatement]; n != 1 {
			t.Errorf("%d statements in the journal", n)
		}
		s.end(t)
	}
}

// stated waits until the source has a daily statement.
func stated(t *testing.T, s *served) (c v1.Completeness) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for len(c.Daily) == 0 && ctx.Err() == nil {
		c = call[v1.Completeness](t, s, http.MethodGet, "/v1/sources/office/statement", nil)
		time.Sleep(10 * time.Millisecond)
	}
	return c
}
