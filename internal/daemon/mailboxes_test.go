package daemon_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// alter changes the house's configuration.
func (h *house) alter(t *testing.T, old, by string) {
	t.Helper()
	b, err := os.ReadFile(h.path("closeroll.yaml"))
	must(t, err)
	if !strings.Contains(string(b), old) {
		t.Fatalf("the configuration does not say %q", old)
	}
	must(t, os.WriteFile(h.path("closeroll.yaml"), []byte(strings.Replace(string(b), old, by, 1)), 0o600))
}

func (s *served) source(t *testing.T, name string) v1.Source {
	t.Helper()
	for _, src := range s.status(t).Sources {
		if src.Name == name {
			return src
		}
	}
	t.Fatalf("no source %s", name)
	return v1.Source{}
}

func TestASourceRemembersItsLastSuccess(t *testing.T) {
	h := build(t, true, true, true, true)
	h.server.Folder("INBOX").Add(connectortest.Mail(1), connectortest.Mail(2))
	h.server.Folder("INBOX").Poison(2, connectortest.RefuseBody)
	s := h.serve(t)
	s.capture(t)
	before := s.source(t, "office")
	if before.LastSuccess.IsZero() || before.LastNew.IsZero() || before.Owed != 1 {
		t.Errorf("%+v", before)
	}
	must(t, s.end(t))
	h.alter(t, "security: plain", "security: starttls") // so that it cannot be read again
	again := h.serve(t).source(t, "office")
	if again.LastSuccess.IsZero() || before.LastSuccess.Sub(again.LastSuccess).Abs() > time.Minute || again.LastNew.IsZero() {
		t.Errorf("after a restart: last success %v, last new %v", again.LastSuccess, again.LastNew)
	}
}

func TestManyMailboxesAreSourcesWithinBounds(t *testing.T) {
	h := build(t, true, true, true, true)
	h.server.Folder("INBOX").Add(connectortest.Mail(1))
	var list strings.Builder
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		list.WriteString(name + "@dept.example\n")
	}
	must(t, os.WriteFile(h.path("boxes"), []byte(list.String()), 0o600))
	h.alter(t, "username: "+connectortest.User, "mailboxes_file: boxes, username: "+connectortest.User)
	h.alter(t, "alerts: none", "alerts: none\nmail_servers: [{host: 127.0.0.1, connections: 3}]")
	h.alter(t, "limits: {", "limits: {sources: 2, ")
	s := h.serve(t)
	counts := s.capture(t)
	st := s.status(t)
	if len(st.Sources) != 7 || st.Totals.Emails != 1 {
		t.Fatalf("%d sources, %d e-mails, %+v", len(st.Sources), st.Totals.Emails, counts)
	}
	for _, src := range st.Sources[:6] {
		if src.Counts.Seen != 1 || !src.Counts.Balanced() || !strings.HasPrefix(src.Name, "office-") || src.LastError != "" {
			t.Errorf("%+v", src)
		}
	}
	opened := strings.Join(h.server.Opened(), " ")
	if !strings.Contains(opened, "a@dept.example") || !strings.Contains(opened, "f@dept.example") {
		t.Errorf("opened: %s", opened)
	}
	r := call[[]v1.Reconciled](t, s, http.MethodPost, "/v1/reconcile", v1.Reconcile{Samples: -1})
	if len(r) != 6 || !r[0].Clean() || r[0].Checked != 1 || s.types(t)[record.EntryReconciliation] != 6 {
		t.Errorf("%+v", r)
	}
}
