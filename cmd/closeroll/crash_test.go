//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/archive/store/s3"
	"github.com/closeroll/closeroll/archive/store/storetest"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// How much the crash test captures, and how often it kills.
const (
	crashMessages = 2000
	crashKills    = 30
)

const crashConfig = `archive:
  name: Department for Crashes
state: state
identity: daemon.key
store:
  s3: {endpoint: %q, bucket: %q, path_style: true, access_key_file: access, secret_key_file: secret}
custodians:
  - {id: minister, name: Minister of State for Crashes, role: minister}
sources:
  - name: office
    custodian: minister
    poll: "@every 1h"
    imap: {host: 127.0.0.1, port: %d, security: plain, username: official, password_file: password}
schedule: schedule.yaml
roles:
  officer: {users: ["%[4]d"]}
  manager: {users: ["%[4]d"]}
  auditor: {users: ["%[4]d"]}
  operator: {users: ["%[4]d"]}
api: {socket: s}
alerts: none
`

// A crash is a daemon process, the real servers on both its sides, and what
// must come out of it.
type crash struct {
	dir    string
	binary string
	mail   *connectortest.Dovecot
	server *storetest.VersityGW
	opts   s3.Options
	want   map[string]bool // octets of every message
	files  []string        // of the messages that were delivered so far
}

// TestKilledAtAnyMoment kills a real daemon with SIGKILL at 30 random moments
// while it pulls 2,000 messages from Dovecot into an S3 server, lets it finish,
// and compares what is archived with the mailbox: nothing is lost, nothing is
// there twice, the accounting balances, the journal verifies.
func TestKilledAtAnyMoment(t *testing.T) {
	c := newCrash(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	during := 0
	for kill := range crashKills {
		c.deliver(t, crashMessages*(kill+10)/(crashKills+9))
		had := c.stored(t)
		daemon := c.start(t)
		c.awaitMoment(t, r, kill, had)
		if err := daemon.Process.Signal(syscall.Signal(0)); err != nil {
			t.Fatalf("the daemon ended by itself before kill %d:\n%s", kill, c.log(t))
		}
		if err := daemon.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		daemon.Wait()
		if now := c.stored(t); now > had {
			during++
		}
	}
	t.Logf("%d of %d kills hit a capture; %d records were stored by then", during, crashKills, c.stored(t))

	daemon := c.start(t)
	c.finish(t)
	if err := daemon.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := daemon.Wait(); err != nil {
		t.Errorf("the last daemon did not stop cleanly: %v\n%s", err, c.log(t))
	}
	c.compare(t)
	for _, file := range c.files {
		if _, err := os.Stat(file); err != nil { // its name has its flags
			t.Errorf("the mailbox was changed: %v", err)
		}
	}
}

func newCrash(t *testing.T) *crash {
	t.Helper()
	dir, err := os.MkdirTemp("", "cr") // a socket's path is short
	fatal(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	c := &crash{dir: dir, binary: filepath.Join(dir, "closeroll"), mail: connectortest.StartDovecot(t), server: storetest.StartVersityGW(t),
		want: make(map[string]bool)}
	c.opts = c.server.BucketOptions(t)
	storetest.OpenBucket(t, c.opts)
	for name, data := range map[string][]byte{
		"closeroll.yaml": fmt.Appendf(nil, crashConfig, c.opts.Endpoint, c.opts.Bucket, c.mail.Port, os.Getuid()),
		"schedule.yaml":  configs.ExampleSchedule(), "password": []byte(connectortest.Password),
		"access": []byte(c.opts.AccessKey), "secret": []byte(c.opts.SecretKey),
	} {
		fatal(t, os.WriteFile(c.path(name), data, 0o600))
	}
	c.command(t, "go", "build", "-o", c.binary, ".")
	c.command(t, c.binary, "init", "--config", c.path("closeroll.yaml"), "--classic", "--generate-reader", c.path("officer.key"), "--generate-reader", c.path("deputy.key"))
	return c
}

// deliver fills the mailbox up to n messages, so that every daemon has work.
func (c *crash) deliver(t *testing.T, n int) {
	t.Helper()
	for i := len(c.files); i < n; i++ {
		octets := connectortest.Mail(i)
		c.files = append(c.files, c.mail.Deliver(t, connectortest.User, []string{"INBOX", "Sent", "Floods"}[i%3], octets, "S"))
		c.want[string(octets)] = true
	}
}

func (c *crash) path(name string) string { return filepath.Join(c.dir, name) }

func (c *crash) command(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, args[0], err, out)
	}
}

// start starts the daemon, and ends it with the test if nothing else does.
func (c *crash) start(t *testing.T) *exec.Cmd {
	t.Helper()
	log, err := os.Create(c.path("log"))
	fatal(t, err)
	defer log.Close()
	cmd := exec.Command(c.binary, "serve", "--config", c.path("closeroll.yaml"))
	cmd.Stdout, cmd.Stderr = log, log
	fatal(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill() })
	return cmd
}

// log is what the newest daemon said.
func (c *crash) log(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile(c.path("log"))
	fatal(t, err)
	return b
}

// stored counts the records in the bucket.
func (c *crash) stored(t *testing.T) int { return c.objects(t, "records", "*", "*", "*") }

// objects counts the objects whose keys match, as the server's own files.
func (c *crash) objects(t *testing.T, pattern ...string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(c.server.Data, c.opts.Bucket, filepath.Join(pattern...)))
	fatal(t, err)
	return len(files)
}

// awaitMoment waits for the moment to kill: one in three at any time after the
// start; one when some more records have been stored, which are mostly not
// journalled yet; one when some batches have been journalled: the start's, then
// one of captures, whose words are on their way to the index, then the cursor's.
func (c *crash) awaitMoment(t *testing.T, r *rand.Rand, kill, had int) {
	t.Helper()
	count, target := c.stored, had+1+r.IntN(50)
	switch kill % 3 {
	case 0:
		time.Sleep(time.Duration(r.IntN(1200)) * time.Millisecond)
		return
	case 1:
		count = func(t *testing.T) int { return c.objects(t, "journal", "batch", "*") }
		target = count(t) + 2 + r.IntN(2)
	}
	for end := time.Now().Add(4 * time.Second); time.Now().Before(end) && count(t) < target; {
		time.Sleep(5 * time.Millisecond)
	}
	time.Sleep(time.Duration(r.IntN(100)) * time.Millisecond)
}

// finish waits until the daemon has read the mailbox to its end, and checks
// the accounting.
func (c *crash) finish(t *testing.T) {
	t.Helper()
	client := api.NewClient(c.path("s"), version)
	defer client.Close()
	var runs []v1.Run
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		err := client.Do(t.Context(), http.MethodPost, "/v1/capture", v1.Capture{}, &runs)
		if err == nil && len(runs) == 1 && runs[0].Error == "" {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("it does not finish: %v, %+v\n%s", err, runs, c.log(t))
		}
	}
	var s v1.Status
	fatal(t, client.Do(t.Context(), http.MethodGet, "/v1/status", nil, &s))
	if counts := s.Sources[0].Counts; counts.Seen != crashMessages || counts.Captured != crashMessages || !counts.Balanced() {
		t.Errorf("the accounting: %+v", counts)
	}
	if s.Totals.Emails != crashMessages || s.Coverage.Messages != crashMessages || s.Coverage.Indexed != crashMessages {
		t.Errorf("totals %+v, coverage %+v", s.Totals, s.Coverage)
	}
}

// compare verifies the journal, and opens every record that it names.
func (c *crash) compare(t *testing.T) {
	t.Helper()
	st, err := s3.New(c.opts)
	fatal(t, err)
	identity, err := seal.LoadOpener([]string{c.path("daemon.key")}, nil)
	fatal(t, err)
	keyring, err := archive.OpenKeyring(t.Context(), st, identity, archive.DaemonName, "main")
	fatal(t, err)
	log, err := journal.OpenReader(t.Context(), st, keyring.Journal(), nil)
	fatal(t, err)
	_, err = log.Verify(t.Context())
	fatal(t, err)
	officer, err := seal.LoadOpener([]string{c.path("officer.key")}, nil)
	fatal(t, err)
	vault := c.vault(t, st, officer, keyring.Epoch)

	left := make(map[string]bool, len(c.want))
	for octets := range c.want {
		left[octets] = true
	}
	adopted, starts := 0, 0
	for e, err := range log.Entries(t.Context(), 0) {
		fatal(t, err)
		switch e.Type {
		case record.EntryStart:
			starts++
		case record.EntryIngestion:
			in := ingestion(t, e.Body)
			octets := c.open(t, st, vault, in)
			if !left[octets] {
				t.Errorf("record %s is not in the mailbox, or there twice", in.Record)
			}
			delete(left, octets)
			if in.Adopted {
				adopted++
			}
		}
	}
	if len(left) > 0 {
		t.Errorf("%d messages were lost", len(left))
	}
	t.Logf("%d messages, each once; %d starts, %d records adopted, %d entries", len(c.want)-len(left), starts, adopted, log.Size())
}

func (c *crash) vault(t *testing.T, st *s3.Store, officer *seal.Opener, epoch string) *seal.Opener {
	t.Helper()
	keys, err := archive.VaultKeys(t.Context(), st, epoch)
	fatal(t, err)
	for _, wrapped := range keys {
		if o, err := officer.UnwrapOpener(wrapped); err == nil {
			return o
		}
	}
	t.Fatal("the officer is no reader of the vault")
	return nil
}

// open returns the message of a record, whose object must be what the journal
// says.
func (c *crash) open(t *testing.T, st *s3.Store, vault *seal.Opener, in record.Ingestion) string {
	t.Helper()
	r, _, err := st.Get(t.Context(), in.Record.Key(in.Epoch))
	fatal(t, err)
	defer r.Close()
	sealed, err := io.ReadAll(r)
	fatal(t, err)
	b, plain, err := archive.Unseal(bytes.NewReader(sealed), in.Sealed, vault)
	fatal(t, err)
	defer plain.Close()
	var octets strings.Builder
	for f, err := range b.Components() {
		fatal(t, err)
		_, err = io.Copy(&octets, f)
		fatal(t, err)
	}
	return octets.String()
}

func ingestion(t *testing.T, body []byte) (in record.Ingestion) {
	t.Helper()
	fatal(t, json.Unmarshal(body, &in))
	return in
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
