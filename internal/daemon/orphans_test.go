package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/storetest"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/daemon"
	"github.com/closeroll/closeroll/internal/disposer"
	"github.com/closeroll/closeroll/internal/systemd"
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
// captured again, and disposed of.
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
	d.orphansGo(t, orphans, "xylophone")
}

// orphansGo captures again what batches without a checkpoint hold, and disposes of
// it: nothing of it stays in them, whenever the disposer dies, and the journal is
// whole.
func (d *disposing) orphansGo(t *testing.T, orphans map[string]bool, word string) {
	t.Helper()
	s := d.serve(t)
	s.capture(t)
	if s.search(t, word).Total != 1 {
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

// serveHere names the folder of a house in which TestMain is to be its daemon.
const serveHere = "CLOSEROLL_TEST_SERVE_HERE"

// TestMain is the tests, or a daemon process that a test means to kill.
func TestMain(m *testing.M) {
	dir := os.Getenv(serveHere)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := serveUntilKilled(&house{dir: dir, log: &logged{}, now: time.Now}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serveUntilKilled(h *house) error {
	cfg, err := configs.Load(h.path("closeroll.yaml"))
	if err != nil {
		return err
	}
	d, err := daemon.New(context.Background(), cfg, h.environment())
	if err != nil {
		return err
	}
	return d.Run(context.Background(), systemd.New(func(string) string { return "" }), func() {})
}

// process starts the house's daemon as a process of its own.
func (d *disposing) process(t *testing.T) (*os.Process, *api.Client) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveHere+"="+d.dir)
	cmd.Stderr = os.Stderr
	must(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	client := api.NewClient(d.path("s"), "1.0.0")
	until(t, "the process answers", func() bool { return client.Do(t.Context(), http.MethodGet, "/v1/status", nil, new(v1.Status)) == nil })
	return cmd.Process, client
}

// TestKilledBetweenABatchAndItsCheckpoint kills a daemon process with SIGKILL when
// it has put a batch of captures and is about to replace the checkpoint. What
// the batch holds is captured again by the next daemon, and disposed of.
func TestKilledBetweenABatchAndItsCheckpoint(t *testing.T) {
	d := buildDisposing(t)
	must(t, d.serve(t).end(t)) // adopts the schedule
	proxy := storetest.NewProxy(t, d.gateway)
	d.configure(t, d.gateway.Endpoint, proxy.Endpoint)
	process, client := d.process(t)
	killed := make(chan struct{})
	var once sync.Once
	put := false // the record; what is journalled next is its capture
	proxy.Plan(func(r *http.Request) storetest.HTTPFault {
		put = put || r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/records/")
		if r.Method != http.MethodPut || !put || !strings.HasSuffix(r.URL.Path, "journal/checkpoint") {
			return storetest.Forward
		}
		once.Do(func() {
			if err := process.Kill(); err != nil {
				t.Error(err)
			}
			close(killed)
		})
		return storetest.Deny
	})
	d.server.Folder("INBOX").Add(letter(1, "xylophone"))
	for i, at := 0, time.NewTicker(50*time.Millisecond); ; i++ {
		// The call breaks off with the process.
		_ = client.Do(t.Context(), http.MethodPost, "/v1/capture", v1.Capture{}, nil)
		select {
		case <-killed:
			at.Stop()
		case <-at.C:
			if i < 200 {
				continue
			}
			t.Fatal("it never came to a checkpoint")
		}
		break
	}
	client.Close()
	orphans := d.batchKeys(t)
	r, err := journal.OpenReader(t.Context(), d.bucket, d.keyring.Journal(), nil)
	must(t, err)
	for key := range orphans {
		if first, _, _ := strings.Cut(strings.TrimPrefix(key, "journal/batch/"), "-"); first < fmt.Sprintf("%019d", r.Size()) {
			delete(orphans, key) // the checkpoint covers it
		}
	}
	stored := storetest.Keys(t, d.bucket, "records/")
	if len(orphans) != 1 || len(stored) != 1 {
		t.Fatalf("killed with %d batches and %d records that no checkpoint covers", len(orphans), len(stored))
	}
	proxy.Plan(nil)
	d.orphansGo(t, orphans, "xylophone")
	for _, key := range stored {
		for v, err := range d.bucket.(store.Bypasser).Versions(t.Context(), key) {
			t.Errorf("of the record's object a version is left: %+v, %v", v, err)
		}
	}
}
