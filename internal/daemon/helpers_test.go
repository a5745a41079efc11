package daemon_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/archivetest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/archive/store/dir"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/daemon"
	"github.com/closeroll/closeroll/internal/reader"
	"github.com/closeroll/closeroll/internal/systemd"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const config = `archive:
  name: Department for Floods
state: state
identity: daemon.key
store:
  dir: {path: bucket}
custodians:
  - {id: minister, name: Minister of State for Floods, role: minister}
sources:
  - name: office
    custodian: minister
    poll: "@every 1h"
    imap: {host: 127.0.0.1, port: %d, security: plain, username: %s, password_file: password, exclude: [Drafts]}
  - name: phone
    custodian: minister
    poll: "@every 1h"
    dropfolder: {path: drop, stable_for: 1ms}
schedule: schedule.yaml
roles:
  officer: {users: [%q]}
  manager: {users: [%q]}
  auditor: {users: [%q]}
  operator: {users: [%q]}
api: {socket: s}
alerts: none
limits: {requests_per_second: 1000} # a test asks faster than people do
`

// A house is everything that a daemon needs: an archive that was founded, a
// mail server, a drop folder, and a configuration that names them.
type house struct {
	dir     string
	server  *connectortest.Server
	officer *seal.KeyPair
	log     *logged
	now     func() time.Time
}

// build founds the archive. roles other than those of this process's user are
// given to nobody.
func build(t *testing.T, officer, manager, auditor, operator bool) *house {
	t.Helper()
	dirName, err := os.MkdirTemp("", "cr") // a socket's path is short
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dirName) })
	h := &house{dir: dirName, server: connectortest.StartServer(t), officer: archivetest.KeyPair(t), log: &logged{}, now: time.Now}
	self := fmt.Sprint(os.Getuid())
	user := func(is bool) string {
		if is {
			return self
		}
		return "nobody-has-this-name"
	}
	me := archivetest.KeyPair(t)
	for name, data := range map[string][]byte{
		"closeroll.yaml": fmt.Appendf(nil, config, h.server.Addr.Port, connectortest.User, user(officer), user(manager), user(auditor), user(operator)),
		"schedule.yaml":  configs.ExampleSchedule(), "password": []byte(connectortest.Password), "daemon.key": me.IdentityFile(),
	} {
		must(t, os.WriteFile(h.path(name), data, 0o600))
	}
	must(t, os.Mkdir(h.path("drop"), 0o700))
	bucket, err := dir.Create(h.path("bucket"))
	must(t, err)
	defer bucket.Close()
	people := []archive.Holder{{Name: "officer", Key: h.officer.Recipient()}, {Name: "deputy", Key: archivetest.KeyPair(t).Recipient()}}
	_, err = archive.Found(t.Context(), bucket, archive.Founding{Vault: "main", Strength: seal.Classic, Readers: people, Recovery: people,
		Daemon: archive.Holder{Name: archive.DaemonName, Key: me.Recipient()}}, time.Now())
	must(t, err)
	return h
}

func (h *house) path(name string) string { return filepath.Join(h.dir, name) }

// A served is a daemon at work in this process.
type served struct {
	*house
	client *api.Client
	stop   context.CancelFunc
	done   chan struct{}
	err    error // of Run, once done is closed
}

// serve starts a daemon and waits until it answers. It is stopped when the test
// ends, if not before.
func (h *house) serve(t *testing.T) *served {
	t.Helper()
	cfg := h.config(t)
	ctx, stop := context.WithCancel(t.Context())
	d, err := daemon.New(ctx, cfg, h.environment())
	must(t, err)
	s := &served{house: h, stop: stop, done: make(chan struct{}), client: api.NewClient(string(cfg.API.Socket), "1.0.0")}
	ready := make(chan struct{})
	go func() {
		defer close(s.done)
		s.err = d.Run(ctx, systemd.New(func(string) string { return "" }), func() { close(ready) })
		if err := d.Close(context.WithoutCancel(ctx)); s.err == nil {
			s.err = err
		}
	}()
	t.Cleanup(func() { s.end(t) })
	select {
	case <-ready:
	case <-s.done:
		t.Fatal(s.err)
	}
	return s
}

func (h *house) config(t *testing.T) *configs.Config {
	t.Helper()
	cfg, err := configs.Load(h.path("closeroll.yaml"))
	must(t, err)
	return cfg
}

func (h *house) environment() daemon.Environment {
	return daemon.Environment{Log: slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: h.now,
		Getenv: func(string) string { return "" }, Version: "1.0.0", Extract: plainText{}}
}

// end stops the daemon and returns what Run returned.
func (s *served) end(t *testing.T) error {
	t.Helper()
	s.stop()
	select {
	case <-s.done:
	case <-time.After(30 * time.Second):
		t.Error("the daemon does not stop")
	}
	s.client.Close()
	return s.err
}

// try makes a call.
func try[T any](t *testing.T, s *served, method, path string, req any) (out T, err error) {
	t.Helper()
	err = s.client.Do(t.Context(), method, path, req, &out)
	return out, err
}

// call makes a call that must not fail.
func call[T any](t *testing.T, s *served, method, path string, req any) T {
	t.Helper()
	out, err := try[T](t, s, method, path, req)
	must(t, err)
	return out
}

func (s *served) status(t *testing.T) v1.Status {
	t.Helper()
	return call[v1.Status](t, s, http.MethodGet, "/v1/status", nil)
}

// capture reads all sources and adds up what the runs saw.
func (s *served) capture(t *testing.T) record.Counts {
	t.Helper()
	var all record.Counts
	for _, run := range call[[]v1.Run](t, s, http.MethodPost, "/v1/capture", v1.Capture{}) {
		if run.Error != "" || !run.Counts.Balanced() {
			t.Errorf("%s: %+v", run.Source, run)
		}
		all.Seen += run.Counts.Seen
		all.Captured += run.Counts.Captured
		all.AlreadyArchived += run.Counts.AlreadyArchived
	}
	return all
}

func (s *served) search(t *testing.T, query string) v1.Answer {
	t.Helper()
	return call[v1.Answer](t, s, http.MethodPost, "/v1/search", v1.Search{Query: query, Limit: 1000, For: "FOI-1"})
}

// reader is the officer's side.
func (s *served) reader() *reader.Reader { return reader.New(s.client, s.officer.Opener()) }

// types lists the types of the journal's entries.
func (s *served) types(t *testing.T) map[string]int {
	t.Helper()
	d, err := s.client.Stream(t.Context(), http.MethodGet, "/v1/journal", nil)
	must(t, err)
	defer d.Close()
	types := map[string]int{}
	for e, err := range api.Lines[v1.Entry](d) {
		must(t, err)
		types[e.Type]++
	}
	return types
}

// logged is a log that is kept.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.buf.Bytes())
}

type plainText struct{}

// Text implements ingest.Extractor.
func (plainText) Text(_ context.Context, _, mediaType string, content io.Reader, _ int64) (string, record.TextStatus) {
	if !strings.HasPrefix(mediaType, "text/") {
		return "", record.TextNone
	}
	b, err := io.ReadAll(content)
	if err != nil {
		return string(b), record.TextPartial
	}
	return string(b), record.TextOK
}
