package daemon_test

import (
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/archive/store/dir"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// placedByAnother journals a hold that somebody else placed.
func (h *house) placedByAnother(t *testing.T, hold string) {
	t.Helper()
	bucket, err := dir.Open(h.path("bucket"))
	must(t, err)
	defer bucket.Close()
	opener, err := seal.LoadOpener([]string{h.path("daemon.key")}, nil)
	must(t, err)
	k, err := archive.OpenKeyring(t.Context(), bucket, opener, archive.DaemonName, "main")
	must(t, err)
	e, err := journal.NewEntry(record.EntryHold, "uid:4242", record.HoldPlaced{Hold: hold, Type: "inquiry", Matter: "m"})
	must(t, err)
	j, err := journal.Open(t.Context(), slog.New(slog.NewTextHandler(h.log, nil)), bucket, k.Journal(), h.now, e, journal.Options{})
	must(t, err)
	must(t, j.Close(t.Context()))
	must(t, os.RemoveAll(h.path("state"))) // the daemon's own checkpoint is behind
}

// TestReleaseCoolsOff: an agreed release ends a hold when its time is over, and
// not a day before; taken back, it does not; and the journal alone says so.
func TestReleaseCoolsOff(t *testing.T) {
	h := build(t, true, true, true, true)
	var days atomic.Int64
	h.now = func() time.Time { return time.Now().AddDate(0, 0, int(days.Load())) }
	h.placedByAnother(t, "inquiry-7")
	inForce := func(s *served) []v1.Hold { return call[[]v1.Hold](t, s, http.MethodGet, "/v1/holds", nil) }
	s := h.serve(t)
	agree := func() v1.Agreement {
		return call[v1.Agreement](t, s, http.MethodPost, "/v1/holds/inquiry-7/release", v1.Release{Reason: "it has reported"})
	}
	if a := agree(); a.After != record.DateOf(h.now(), time.UTC).AddDays(7) && a.After != record.DateOf(h.now(), time.Local).AddDays(7) {
		t.Errorf("it cools off until %s", a.After)
	}
	call[struct{}](t, s, http.MethodPost, "/v1/holds/inquiry-7/withdrawal", v1.Release{Reason: "not yet"})
	must(t, s.end(t))
	days.Store(30)
	s = h.serve(t)
	if list := inForce(s); len(list) != 1 || list[0].Agreed != nil {
		t.Fatalf("after a withdrawal: %+v", list)
	}
	agree()
	must(t, s.end(t))
	days.Store(36)
	s = h.serve(t)
	if list := inForce(s); len(list) != 1 || list[0].Agreed == nil {
		t.Fatalf("six days after: %+v", list)
	}
	must(t, s.end(t))
	days.Store(39)
	s = h.serve(t)
	// Housekeeping looks when the daemon starts; wait for it, however long it takes.
	for len(inForce(s)) > 0 {
		time.Sleep(10 * time.Millisecond)
	}
	all := call[[]v1.Hold](t, s, http.MethodGet, "/v1/holds?all=true", nil)
	if len(all) != 1 || all[0].Releaser == "daemon" || all[0].Releaser == "" || all[0].Reason != "it has reported" {
		t.Errorf("released: %+v", all)
	}
}
