package daemon_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/user"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/mod/sumdb/note"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/archivetest"
	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/s3"
	"github.com/closeroll/closeroll/archive/store/storetest"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/disposer"
	"github.com/closeroll/closeroll/internal/sshsig"
	"github.com/closeroll/closeroll/retention/disposal"
	"github.com/closeroll/closeroll/search/index"
)

const transitory = `schema: retention-schedule/v1
authority: {name: Department for Floods, dro: "role:dro"}
version: "2026.7"
status: approved
approved_by: someone
approved_on: 2026-01-01
review_by: 2036-01-01
defaults: {unclassified: UNC-00, cooling_off: P7D}
classes:
  - {id: TRN-01, title: Transitory, trigger: captured, period: P1D, action: destroy, approval: auto, authority: [Local policy]}
  - {id: FRM-01, title: Firm, trigger: captured, period: P60D, action: destroy, authority: [Local policy]}
  - {id: UNC-00, title: Unclassified, trigger: captured, period: P1Y, action: review, authority: [Local policy]}
rules:
  - {id: office, match: {source: office}, class: TRN-01}
  - {id: phone, match: {source: phone}, class: FRM-01}
`

// A disposing house keeps its archive in a real S3 bucket with versions and
// object lock, has a clock that can be put forward, and a schedule that a
// manager has signed.
type disposing struct {
	*house
	gateway *storetest.VersityGW
	opts    s3.Options
	bucket  store.Store
	keyring *archive.Keyring
	skip    atomic.Int64 // nanoseconds by which the clock is forward
}

func buildDisposing(t *testing.T) *disposing {
	t.Helper()
	d := &disposing{house: build(t, true, true, true, true)}
	d.now = func() time.Time { return time.Now().Add(time.Duration(d.skip.Load())) }
	gw := storetest.StartVersityGW(t)
	opts := gw.BucketOptions(t)
	d.gateway, d.opts = gw, opts
	d.bucket = storetest.OpenBucket(t, opts)
	identity, err := os.ReadFile(d.path("daemon.key"))
	must(t, err)
	me, err := seal.PublicOf(identity)
	must(t, err)
	people := []archive.Holder{{Name: "officer", Key: d.officer.Recipient()}, {Name: "deputy", Key: archivetest.KeyPair(t).Recipient()}}
	_, err = archive.Found(t.Context(), d.bucket, archive.Founding{Vault: "main", Strength: seal.Classic, Readers: people, Recovery: people,
		Daemon: archive.Holder{Name: archive.DaemonName, Key: me}}, time.Now())
	must(t, err)
	opener, err := seal.LoadOpener([]string{d.path("daemon.key")}, nil)
	must(t, err)
	d.keyring, err = archive.OpenKeyring(t.Context(), d.bucket, opener, archive.DaemonName, "main")
	must(t, err)

	cfg, err := os.ReadFile(d.path("closeroll.yaml"))
	must(t, err)
	for name, data := range map[string]string{
		"access": opts.AccessKey, "secret": opts.SecretKey, "schedule.yaml": transitory,
		"closeroll.yaml": strings.Replace(string(cfg), "dir: {path: bucket}", fmt.Sprintf("s3: {endpoint: %q, bucket: %s, path_style: true, access_key_file: access, secret_key_file: secret}",
			opts.Endpoint, opts.Bucket), 1) + "approvals: {allowed_signers: signers}\ndisposal: {chunk: 2}\n",
	} {
		must(t, os.WriteFile(d.path(name), []byte(data), 0o600))
	}
	return d
}

// adopt makes this process's user sign the schedule.
func (d *disposing) serve(t *testing.T) *served {
	t.Helper()
	if _, err := os.Stat(d.path("signers")); err == nil {
		return d.house.serve(t)
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	signer, err := ssh.NewSignerFromKey(key)
	must(t, err)
	me := fmt.Sprint(os.Getuid())
	if u, err := user.Current(); err == nil {
		me = u.Username
	}
	must(t, os.WriteFile(d.path("signers"), fmt.Appendf(nil, "%s %s", me, ssh.MarshalAuthorizedKey(signer.PublicKey())), 0o600))
	s := d.house.serve(t)
	signature, err := sshsig.Sign(strings.NewReader(transitory), signer, sshsig.Schedule)
	must(t, err)
	call[v1.ScheduleInForce](t, s, http.MethodPost, "/v1/retention/schedule", v1.Adoption{Text: transitory, Signature: string(signature)})
	return s
}

func (d *disposing) days(n int) { d.skip.Add(int64(n) * int64(24*time.Hour)) }

func letter(n int, word string) []byte {
	return fmt.Appendf(nil, "Received: from relay.example by mx.example; Mon, 05 Jan 2026 08:%02d:00 +0000\r\nDate: Mon, 05 Jan 2026 08:%02d:00 +0000\r\n"+
		"From: Zebedee Quill <zebedee.%s@quill.example>\r\nTo: private.office@env.example\r\nSubject: About the %s\r\nMessage-ID: <%s@quill.example>\r\n\r\nThe %s is in the cellar.\r\n",
		n, n, word, word, word, word)
}

// A killed disposer dies at one step: before or after it had its effect.
type killed struct {
	disposal.Authority
	store.Bypasser
	steps, at int
	after     bool
}

var errKilled = errors.New("killed")

func (k *killed) step(do func() error) error {
	k.steps++
	if k.steps != k.at {
		return do()
	}
	if k.after {
		if err := do(); err != nil {
			return err
		}
	}
	return errKilled
}

func (k *killed) Next(ctx context.Context, batch string) (o disposal.Order, err error) {
	err = k.step(func() (err error) { o, err = k.Authority.Next(ctx, batch); return err })
	return o, err
}

func (k *killed) Settle(ctx context.Context, batch string, grant int64) error {
	return k.step(func() error { return k.Authority.Settle(ctx, batch, grant) })
}

func (k *killed) Sweep(ctx context.Context, batch string, grant int64) error {
	return k.step(func() error { return k.Authority.Sweep(ctx, batch, grant) })
}

func (k *killed) Certify(ctx context.Context, batch string) (n int, err error) {
	err = k.step(func() (err error) { n, err = k.Authority.Certify(ctx, batch); return err })
	return n, err
}

func (k *killed) DeleteVersion(ctx context.Context, key, id string) error {
	return k.step(func() error { return k.Bypasser.DeleteVersion(ctx, key, id) })
}

func (k *killed) DeleteGoverned(ctx context.Context, key, id string) error {
	return k.step(func() error { return k.Bypasser.DeleteGoverned(ctx, key, id) })
}

// Two of the letters stay: one is on hold, one the storage keeps.
const kept, locked = "zeppelin", "balderdash"

// TestDisposalSurvivesEveryDeath executes a batch whose disposer dies at every
// step, before it and after it, and whose daemon is restarted on the way; and
// then looks for what was destroyed everywhere that it could be.
func TestDisposalSurvivesEveryDeath(t *testing.T) {
	d := buildDisposing(t)
	s := d.serve(t)
	words := []string{"xylophone", "quagmire", kept, "marmalade", locked}
	for i, w := range words {
		d.server.Folder("INBOX").Add(letter(i, w))
	}
	s.capture(t)
	held := s.search(t, kept)
	if held.Total != 1 {
		t.Fatalf("%d hits", held.Total)
	}
	if _, err := try[v1.Batch](t, s, http.MethodPost, "/v1/disposals", v1.Propose{Class: "TRN-01", Confirm: true}); err == nil {
		t.Error("a list of what is not due was journalled")
	}
	d.days(3)
	b := call[v1.Batch](t, s, http.MethodPost, "/v1/disposals", v1.Propose{Class: "TRN-01", Confirm: true})
	if b.Totals.Records != 5 || b.State != disposal.Cooling || len(b.Needs) != 0 {
		t.Fatalf("%+v", b)
	}
	desk := func() disposal.Authority { return disposer.New(s.client) }
	deleter := d.bucket.(store.Bypasser)
	none := func(int, int) {}
	if _, err := disposal.Execute(t.Context(), desk(), deleter, b.Batch, none); err == nil || !strings.Contains(err.Error(), "cools off until") {
		t.Fatalf("executed before its time: %v", err)
	}
	d.days(7)
	call[v1.Hold](t, s, http.MethodPost, "/v1/holds", record.HoldPlaced{Hold: "inquiry", Type: "inquiry", Matter: "m", Scope: record.Scope{Records: []record.ID{held.Hits[0].ID}}})

	// What the storage itself keeps is refused, not tried and failed at.
	object := s.search(t, locked).Hits[0].ID.Key(d.keyring.Epoch)
	must(t, d.bucket.(store.Protector).Extend(t.Context(), object, store.Compliance, d.now().AddDate(1, 0, 0)))

	deaths := 0
	for at := 1; ; at++ {
		k := &killed{Authority: desk(), Bypasser: deleter, at: 1 + (at-1)/2%5, after: at%2 == 0}
		_, err := disposal.Execute(t.Context(), k, k, b.Batch, none)
		if err == nil {
			break
		}
		if !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		if deaths++; deaths == 3 || deaths == 9 {
			must(t, s.end(t))
			s = d.serve(t)
		}
		if got := call[v1.Batch](t, s, http.MethodGet, disposer.Path(b.Batch, ""), nil); got.State == disposal.Certified || got.Certificate != 0 {
			t.Fatalf("after %d deaths it is reported done: %+v", deaths, got)
		}
		if deaths > 200 {
			t.Fatal("it never comes to its end")
		}
	}
	t.Logf("%d deaths", deaths)
	got := call[v1.Batch](t, s, http.MethodGet, disposer.Path(b.Batch, ""), nil)
	if got.State != disposal.Certified || got.Destroyed != 3 || got.Refused[disposal.OnHold] != 1 || got.Refused[disposal.Locked] != 1 {
		t.Fatalf("%+v", got)
	}
	if s.search(t, kept).Total != 1 || s.search(t, locked).Total != 1 {
		t.Error("what is on hold, or kept by the storage, is gone")
	}
	if a := s.search(t, "anything"); len(a.Destroyed) != 1 || a.Destroyed[0].Records != 3 || a.Destroyed[0].Class != "TRN-01" {
		t.Errorf("a search says of what was destroyed: %+v", a.Destroyed)
	}
	if a := s.search(t, "anything custodian:somebody-else"); len(a.Destroyed) != 0 {
		t.Errorf("a search of another custodian's says of what was destroyed: %+v", a.Destroyed)
	}
	if _, err := s.reader().Texts(t.Context(), string(held.Hits[0].ID), "FOI-1", plainText{}); err != nil {
		t.Errorf("what is on hold cannot be read: %v", err)
	}
	d.verified(t, s, got)
	d.staysGone(t, s, words)
	d.nowhere(t, s, words, got)
}

// verified exports the certificate and verifies it as a stranger would.
func (d *disposing) verified(t *testing.T, s *served, b v1.Batch) {
	t.Helper()
	bundle := call[disposal.Bundle](t, s, http.MethodGet, fmt.Sprintf("/v1/certificates/%d", b.Certificate), nil)
	key, err := note.NewVerifier(d.keyring.Key)
	must(t, err)
	c, err := bundle.Verify(key)
	must(t, err)
	if c.Records != 3 || c.Absence.Absent != 3 || c.Deleted < 3 || len(c.Exceptions) != 2 || c.Exceptions[0] != (disposal.Exception{Reason: disposal.OnHold, Records: 1}) {
		t.Errorf("%+v", c)
	}
	for name, spoil := range map[string]func(*disposal.Bundle){
		"certificate": func(b *disposal.Bundle) {
			b.Certificate = bytes.Replace(b.Certificate, []byte(`"records":3`), []byte(`"records":2`), 1)
		},
		"manifest":   func(b *disposal.Bundle) { b.Manifest = strings.Replace(b.Manifest, "destroyed", "kept_here", 1) },
		"checkpoint": func(b *disposal.Bundle) { b.Checkpoint = strings.Replace(b.Checkpoint, "\n\n", "\n\n ", 1) },
		"proof":      func(b *disposal.Bundle) { b.Entry.Body = append([]byte(" "), b.Entry.Body...) },
		"signature":  func(b *disposal.Bundle) { b.Note = strings.Replace(b.Note, "number 1", "number 2", 1) },
	} {
		spoilt := bundle
		spoil(&spoilt)
		if _, err := spoilt.Verify(key); !errors.Is(err, disposal.ErrInvalid) {
			t.Errorf("a certificate with another %s verifies: %v", name, err)
		}
	}
}

// staysGone shows the source's items again in every way there is.
func (d *disposing) staysGone(t *testing.T, s *served, words []string) {
	t.Helper()
	inbox := d.server.Folder("INBOX")
	inbox.Renumber() // a UIDVALIDITY reset
	again := s.capture(t)
	if again.Captured != 0 {
		t.Errorf("after a UIDVALIDITY reset %d records came back", again.Captured)
	}
	for i, w := range words {
		inbox.Add(letter(i, w))
	}
	if again = s.capture(t); again.Captured != 0 {
		t.Errorf("delivered again, %d records came back", again.Captured)
	}
	// From a custodian who had not got it, it is a new record.
	must(t, os.WriteFile(d.path("drop/"+words[0]+".eml"), letter(0, words[0]), 0o600))
	if again = s.capture(t); again.Captured != 0 {
		t.Errorf("the same custodian's other source brought %d back", again.Captured)
	}
}

// nowhere looks for the destroyed records' words, addresses and octets in all
// that the daemon can open: the journal, the catalog, the index and its log,
// and in every version of every object.
func (d *disposing) nowhere(t *testing.T, s *served, words []string, b v1.Batch) {
	t.Helper()
	must(t, s.end(t))
	gone := func(where string, data []byte) {
		t.Helper()
		for _, w := range words {
			if w != kept && w != locked && bytes.Contains(bytes.ToLower(data), []byte(w)) {
				t.Errorf("%q is still in %s", w, where)
			}
		}
	}
	gone("the log", d.log.bytes())
	r, err := journal.OpenReader(t.Context(), d.bucket, d.keyring.Journal(), nil)
	must(t, err)
	report, err := r.Verify(t.Context())
	must(t, err)
	if report.Stripped < 3 {
		t.Errorf("%d bodies were removed", report.Stripped)
	}
	for e, err := range r.Entries(t.Context(), 0) {
		must(t, err)
		gone(fmt.Sprintf("journal entry %d (%s)", e.Index, e.Type), e.Body)
	}
	live, err := catalog.Open(t.Context(), d.path("state/catalog.db"), d.keyring.Catalog(), d.keyring.Format.Archive)
	must(t, err)
	before, err := live.Dump(t.Context())
	must(t, err)
	must(t, live.Close())
	for table, rows := range before {
		gone("catalog table "+table, []byte(strings.Join(rows, "\n")))
	}
	d.rebuilt(t, before)
	ix, err := index.Open(t.Context(), archivetest.Log(t), d.path("state/index"), d.keyring.State.Subkey(seal.Index))
	must(t, err)
	defer ix.Close()
	for _, rec := range b.Records {
		if rec.State != "destroyed" {
			continue
		}
		for _, prefix := range []string{"records/"} {
			for info, err := range d.bucket.List(t.Context(), prefix) {
				must(t, err)
				if strings.HasSuffix(info.Key, string(rec.ID)) {
					t.Errorf("%s is still in the bucket", info.Key)
				}
			}
		}
		for v, err := range d.bucket.(store.Deleter).Versions(t.Context(), rec.ID.Key(d.keyring.Epoch)) {
			t.Errorf("a version of it is left: %+v, %v", v, err)
		}
	}
	if n, err := ix.Count(); err != nil || n != 2 {
		t.Errorf("the index holds %d messages, %v", n, err)
	}
	for v := range d.formerBatches(t) {
		t.Errorf("a former version of a journal batch is left: %s", v)
	}
}

// rebuilt makes the catalog anew from the stripped journal: it has to come out
// the same.
func (d *disposing) rebuilt(t *testing.T, want map[string][]string) {
	t.Helper()
	must(t, catalog.Remove(d.path("state/anew.db")))
	c, err := catalog.Open(t.Context(), d.path("state/anew.db"), d.keyring.Catalog(), d.keyring.Format.Archive)
	must(t, err)
	defer c.Close()
	r, err := journal.OpenReader(t.Context(), d.bucket, d.keyring.Journal(), nil)
	must(t, err)
	var all []catalog.Entry
	for e, err := range r.Entries(t.Context(), 0) {
		must(t, err)
		all = append(all, catalog.Entry{Index: e.Index, Type: e.Type, Time: e.Time, Actor: e.Actor, Body: e.Body})
	}
	must(t, c.Apply(t.Context(), all))
	got, err := c.Dump(t.Context())
	must(t, err)
	for table := range want {
		if table == "meta" || table == "activity" { // what was captured by the hour is only known while it is there
			continue
		}
		if a, b := strings.Join(want[table], "\n"), strings.Join(got[table], "\n"); a != b {
			t.Errorf("table %s, live:\n%s\nmade anew:\n%s", table, a, b)
		}
	}
}

func (d *disposing) formerBatches(t *testing.T) map[string]bool {
	t.Helper()
	former := make(map[string]bool)
	for info, err := range d.bucket.List(t.Context(), "journal/batch/") {
		must(t, err)
		for v, err := range d.bucket.(store.Deleter).Versions(t.Context(), info.Key) {
			must(t, err)
			if !v.Latest {
				former[info.Key] = true
			}
		}
	}
	return former
}
