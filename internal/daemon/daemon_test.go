package daemon_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/archivetest"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/daemon"
	"github.com/closeroll/closeroll/internal/demo"
	"github.com/closeroll/closeroll/internal/reader"
)

// sample fills the house with the sample correspondence.
func (h *house) sample(t *testing.T) {
	t.Helper()
	letters, err := demo.Letters()
	must(t, err)
	for _, l := range letters {
		h.server.Folder(l.Folder).Add(l.Octets)
	}
	must(t, demo.WriteExports(h.path("drop")))
}

func TestCaptureSearchShowRead(t *testing.T) {
	h := build(t, true, true, true, true)
	h.sample(t)
	s := h.serve(t)
	s.capture(t)
	st := s.status(t)
	if st.Totals.Emails != 42 || st.Totals.Chats != 2 || st.Totals.Exports != 2 || st.Coverage.Indexed != st.Coverage.Messages || len(st.Troubles) != 0 {
		t.Errorf("status: %+v", st)
	}
	for _, src := range st.Sources {
		if !src.Counts.Balanced() || src.Counts.Seen == 0 || src.LastError != "" {
			t.Errorf("%+v", src)
		}
	}

	a := s.search(t, "sandbags")
	if !a.Coverage.Complete || a.Total == 0 || a.Total != len(a.Hits) {
		t.Fatalf("%d hits of %d, %+v", len(a.Hits), a.Total, a.Coverage)
	}
	for _, hit := range a.Hits {
		texts, err := s.reader().Texts(t.Context(), string(hit.ID), "FOI-1", plainText{})
		must(t, err)
		if !strings.Contains(strings.ToLower(texts[hit.N-1]), "sandbag") {
			t.Errorf("%s does not say sandbags", hit.MessageID())
		}
	}
	id := a.Hits[0].ID
	shown := call[v1.Record](t, s, http.MethodGet, "/v1/records/"+string(id)[:12], nil)
	if shown.ID != id || len(shown.Holdings) == 0 || !shown.Messages[0].Indexed {
		t.Errorf("%+v", shown)
	}
	x := call[v1.Explanation](t, s, http.MethodGet, "/v1/records/"+string(id)+"/explain", nil)
	if len(x.Holdings) == 0 || len(x.Holdings[0].Decision.Reasons) == 0 || !x.Sample {
		t.Errorf("%+v", x)
	}
	due := call[v1.Due](t, s, http.MethodGet, "/v1/retention/due?within=P50Y", nil)
	if due.Total == 0 || len(due.Records) == 0 {
		t.Errorf("%+v", due)
	}
	v := call[v1.Verification](t, s, http.MethodGet, "/v1/journal/verification", nil)
	if v.Entries < 50 || len(v.Problems) != 0 {
		t.Errorf("%+v", v)
	}
	types := s.types(t)
	if types[record.EntrySearch] != 1 || types[record.EntryRead] != len(a.Hits) || types[record.EntrySchedule] != 1 || types[record.EntryDropped] != 2 {
		t.Errorf("the journal: %v", types)
	}
	if _, _, err := reader.New(s.client, archivetest.KeyPair(t).Opener()).Open(t.Context(), string(id), ""); !errors.Is(err, reader.ErrNotAReader) {
		t.Errorf("a stranger's identity: %v", err)
	}
	for query, code := range map[string]api.Code{"((": api.CodeUsage} {
		if _, err := try[v1.Answer](t, s, http.MethodPost, "/v1/search", v1.Search{Query: query}); !api.IsCode(err, code) {
			t.Errorf("%s: %v", query, err)
		}
	}
	if _, err := try[v1.Record](t, s, http.MethodGet, "/v1/records/zzzzzz", nil); !api.IsCode(err, api.CodeNotFound) {
		t.Errorf("no such record: %v", err)
	}
	if err := s.end(t); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

func TestOriginalExports(t *testing.T) {
	h := build(t, true, true, true, true)
	must(t, demo.WriteExports(h.path("drop")))
	want, err := os.ReadFile(h.path("drop/" + demo.UptonWardens))
	must(t, err)
	s := h.serve(t)
	s.capture(t)
	found := false
	for _, c := range call[[]v1.Chat](t, s, http.MethodGet, "/v1/chats", nil) {
		for _, e := range c.Exports {
			var out bytes.Buffer
			_, err := s.reader().Original(t.Context(), string(e.Record), &out)
			must(t, err)
			found = found || bytes.Equal(out.Bytes(), want)
		}
	}
	if !found {
		t.Error("no export was re-assembled to what was dropped")
	}
}

func TestHolds(t *testing.T) {
	h := build(t, true, true, true, true)
	h.sample(t)
	s := h.serve(t)
	s.capture(t)
	place := record.HoldPlaced{Hold: "FOI-2026-1", Type: "foi", Matter: "sandbags", Scope: record.Scope{Query: "sandbags"}}
	placed := call[v1.Hold](t, s, http.MethodPost, "/v1/holds", place)
	if placed.Caught == 0 || placed.Records == 0 {
		t.Errorf("%+v", placed)
	}
	if _, err := try[v1.Hold](t, s, http.MethodPost, "/v1/holds", place); !api.IsCode(err, api.CodeConflict) {
		t.Errorf("the same name again: %v", err)
	}
	h.server.Folder("INBOX").Add([]byte("From: a@env.example\r\nSubject: more sandbags\r\nDate: Fri, 22 May 2026 09:00:00 +0100\r\n\r\nsandbags\r\n"))
	s.capture(t)
	if list := call[[]v1.Hold](t, s, http.MethodGet, "/v1/holds", nil); len(list) != 1 || list[0].Caught != placed.Caught+1 {
		t.Errorf("a later capture was not caught: %+v", list)
	}
	for _, hit := range s.search(t, "sandbags").Hits {
		if !hit.OnHold {
			t.Errorf("%s is not on hold", hit.MessageID())
		}
	}
	_, err := try[struct{}](t, s, http.MethodPost, "/v1/holds/FOI-2026-1/release", v1.Release{Reason: "answered"})
	if !api.IsCode(err, api.CodeDenied) {
		t.Errorf("released by who placed it: %v", err)
	}
}

func TestDeniedCallsAreJournalled(t *testing.T) {
	h := build(t, false, false, true, true)
	h.server.Folder("INBOX").Add(connectortest.Mail(1))
	s := h.serve(t)
	s.capture(t)
	for method, path := range map[string]string{http.MethodPost: "/v1/search", http.MethodGet: "/v1/records/aa/sealed"} {
		if err := s.client.Do(t.Context(), method, path, v1.Search{}, nil); !api.IsCode(err, api.CodeDenied) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if types := s.types(t); types[record.EntryDenial] != 2 || types[record.EntrySearch] != 0 {
		t.Errorf("the journal: %v", types)
	}
}

// Every record is opened and its words posted to a new index while captures go
// on. Afterwards both say the same.
func TestRebuildIndexWhileCapturing(t *testing.T) {
	h := build(t, true, true, true, true)
	for i := range 120 { // more than a caller may ask for in a second
		h.server.Folder("INBOX").Add(connectortest.Mail(i))
	}
	s := h.serve(t)
	s.capture(t)
	before := s.search(t, "sandbags")

	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range 10 {
			h.server.Folder("INBOX").Add(connectortest.Mail(1000 + i))
			s.capture(t)
		}
	})
	b := reader.Rebuild{Reader: s.reader(), Extract: plainText{}, Progress: func(int64, int64) {}}
	err := b.Run(t.Context())
	wg.Wait()
	must(t, err)
	after := s.search(t, "sandbags")
	if !after.Coverage.Complete || after.Coverage.Journaled != 130 || after.Total < before.Total || after.Index == before.Index {
		t.Errorf("before %d in %s, after %d in %s, %+v", before.Total, before.Index, after.Total, after.Index, after.Coverage)
	}
	if st := s.status(t); st.Coverage.Indexed != 130 || st.Coverage.Building {
		t.Errorf("%+v", st.Coverage)
	}
}

// A lost index is set aside; until a reader has built it again every answer
// says that it is incomplete.
func TestLostIndex(t *testing.T) {
	for name, lose := range map[string]func(h *house) error{
		"gone":    func(h *house) error { return os.RemoveAll(h.path("state/index")) },
		"damaged": func(h *house) error { return damage(h.path("state/index")) },
	} {
		t.Run(name, func(t *testing.T) {
			h := build(t, true, true, true, true)
			h.sample(t)
			s := h.serve(t)
			s.capture(t)
			want := s.search(t, "sandbags")
			must(t, s.end(t))
			must(t, lose(h))

			s = h.serve(t)
			got := s.search(t, "sandbags")
			if got.Coverage.Complete || got.Total != 0 || got.NotIndexed == 0 {
				t.Errorf("without an index: %+v", got.Coverage)
			}
			b := reader.Rebuild{Reader: s.reader(), Extract: plainText{}, Missing: name == "gone", Progress: func(int64, int64) {}}
			must(t, b.Run(t.Context()))
			got = s.search(t, "sandbags")
			if !got.Coverage.Complete || got.Total != want.Total || !slices.Equal(ids(got.Hits), ids(want.Hits)) {
				t.Errorf("rebuilt: %d hits, %+v; before %d", got.Total, got.Coverage, want.Total)
			}
		})
	}
}

func ids(hits []v1.Hit) []string {
	all := make([]string, len(hits))
	for i, h := range hits {
		all[i] = h.MessageID().String()
	}
	return all
}

// damage overwrites the middle of every file in a folder.
func damage(dir string) error {
	return walk(dir, func(path string, b []byte) error {
		for i := len(b) / 4; i < len(b)*3/4; i++ {
			b[i] ^= 0xa5
		}
		return os.WriteFile(path, b, 0o600)
	})
}

func TestRebuildCatalog(t *testing.T) {
	h := build(t, true, true, true, true)
	h.sample(t)
	s := h.serve(t)
	s.capture(t)
	want := s.status(t)
	must(t, s.end(t))
	n, err := daemon.RebuildCatalog(t.Context(), h.config(t), h.environment())
	must(t, err)
	if n <= want.Checkpoint.Entries {
		t.Errorf("%d entries, before %d", n, want.Checkpoint.Entries)
	}
	s = h.serve(t)
	got := s.status(t)
	if got.Totals != want.Totals || fmt.Sprint(got.Sources[0].Counts, got.Sources[1].Counts) != fmt.Sprint(want.Sources[0].Counts, want.Sources[1].Counts) || got.Coverage != want.Coverage {
		t.Errorf("rebuilt: %+v\nbefore: %+v", got, want)
	}
	if again := s.capture(t); again.Captured != 0 {
		t.Errorf("captured again: %+v", again)
	}
}

func TestTwoDaemonsOneBucket(t *testing.T) {
	h := build(t, true, true, true, true)
	first := h.serve(t)
	h.server.Folder("INBOX").Add(connectortest.Mail(1))
	first.capture(t)

	// Another daemon has its own state and socket, and the same bucket.
	second := *h
	b, err := os.ReadFile(h.path("closeroll.yaml"))
	must(t, err)
	b = bytes.Replace(b, []byte("state: state"), []byte("state: other"), 1)
	b = bytes.Replace(b, []byte("socket: s"), []byte("socket: s2"), 1)
	must(t, os.WriteFile(h.path("closeroll.yaml"), b, 0o600))
	other := second.serve(t)
	h.server.Folder("INBOX").Add(connectortest.Mail(2))
	if _, err := try[[]v1.Run](t, first, http.MethodPost, "/v1/capture", v1.Capture{}); err == nil {
		t.Log("the first daemon answered before it noticed")
	}
	select {
	case <-first.done:
	case <-time.After(20 * time.Second):
		t.Fatal("the first daemon goes on without the pen")
	}
	if !errors.Is(first.err, journal.ErrPenLost) {
		t.Errorf("the first daemon ended with %v", first.err)
	}
	other.capture(t)
	if st := other.status(t); st.Totals.Emails != 2 {
		t.Errorf("the second daemon has %d e-mails", st.Totals.Emails)
	}
	call[v1.Verification](t, other, http.MethodGet, "/v1/journal/verification", nil)
}

// Without a vault nothing starts.
func TestNoVaultNoStart(t *testing.T) {
	h := build(t, true, true, true, true)
	must(t, os.RemoveAll(h.path("bucket/keys/vault")))
	if _, err := daemon.New(t.Context(), h.config(t), h.environment()); !errors.Is(err, archive.ErrNoArchive) {
		t.Errorf("it says: %v", err)
	}
}

var _ io.Writer = (*logged)(nil)
