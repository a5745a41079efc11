package daemon_test

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/closeroll/closeroll/archive/archivetest"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/s3"
	"github.com/closeroll/closeroll/archive/store/storetest"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/daemon"
	"github.com/closeroll/closeroll/internal/disposer"
	"github.com/closeroll/closeroll/retention/disposal"
)

// protection is what the bucket says of a record's object.
func (d *disposing) protection(t *testing.T, id record.ID) store.Protection {
	t.Helper()
	p, err := d.bucket.(store.Protector).Protection(t.Context(), id.Key(d.keyring.Epoch))
	must(t, err)
	return p
}

// until waits for what the daemon does by itself.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 1200 {
		if is() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("it never comes about that %s", what)
}

func (s *served) hold(t *testing.T, name string) v1.Hold {
	t.Helper()
	for _, h := range call[[]v1.Hold](t, s, http.MethodGet, "/v1/holds", nil) {
		if h.Hold == name {
			return h
		}
	}
	t.Fatalf("hold %s is not in force", name)
	return v1.Hold{}
}

// mirrored waits until the storage has all that a hold covers.
func (s *served) mirrored(t *testing.T, name string, records int) {
	t.Helper()
	until(t, "the storage has all of "+name, func() bool {
		m := s.hold(t, name).Storage
		return m != nil && m.Records == records && m.Pending == 0 && len(m.Failed) == 0
	})
}

// configure adds to the configuration.
func (d *disposing) configure(t *testing.T, from, to string) {
	t.Helper()
	cfg, err := os.ReadFile(d.path("closeroll.yaml"))
	must(t, err)
	changed := strings.Replace(string(cfg), from, to, 1)
	if changed == string(cfg) {
		t.Fatalf("%q is not in the configuration", from)
	}
	must(t, os.WriteFile(d.path("closeroll.yaml"), []byte(changed), 0o600))
}

// placedBySomebody journals a hold that somebody else placed, so that this
// process's user can release it. No daemon may run.
func (d *disposing) placedBySomebody(t *testing.T, h record.HoldPlaced) {
	t.Helper()
	e, err := journal.NewEntry(record.EntryHold, "uid:4242", h)
	must(t, err)
	j, err := journal.Open(t.Context(), archivetest.Log(t), d.bucket, d.keyring.Journal(), d.now, e, journal.Options{})
	must(t, err)
	must(t, j.Close(t.Context()))
}

// TestRecordsAreStoredUnderLock: records are put with the lock that their class
// asks for, until they are due; a longer one is made up for when the class
// changes; what is due is disposed of under governance, which the disposer's
// credential lifts, and refused under compliance.
func TestRecordsAreStoredUnderLock(t *testing.T) {
	d := buildDisposing(t)
	d.configure(t, "disposal: {chunk: 2}", "disposal: {chunk: 2}\nlock: {mode: governance, floor: P30D, classes: [{class: FRM-01, mode: compliance}]}")
	s := d.serve(t)
	for i, w := range []string{"xylophone", "quagmire", "balderdash"} {
		d.server.Folder("INBOX").Add(letter(i, w))
	}
	must(t, os.WriteFile(d.path("drop/firm.eml"), letter(9, "zeppelin"), 0o600))
	until(t, "the dropped file is taken", func() bool {
		s.capture(t)
		return s.search(t, "zeppelin").Total == 1
	})
	id := func(word string) record.ID { return s.search(t, word).Hits[0].ID }
	now := d.now()
	kept := call[v1.SealedReport](t, s, http.MethodPost, "/v1/sealed-reports", v1.KeepReport{Report: "retention"})
	if p, err := d.bucket.(store.Protector).Protection(t.Context(), kept.Key()); err != nil || p.Mode != store.Governance || p.Until.Before(now.AddDate(0, 0, 29)) || kept.Lock == nil {
		t.Errorf("a report is kept as %+v, %v", p, err)
	}
	is := func(word string, mode store.LockMode, days int) bool {
		p := d.protection(t, id(word))
		return p.Mode == mode && !p.Legal && p.Until.After(now.AddDate(0, 0, days-1)) && p.Until.Before(now.AddDate(0, 0, days+2))
	}
	if !is("xylophone", store.Governance, 1) || !is("quagmire", store.Governance, 1) || !is("zeppelin", store.Compliance, 60) {
		t.Fatalf("stored under %+v and %+v", d.protection(t, id("xylophone")), d.protection(t, id("zeppelin")))
	}
	classify := func(word, class string) {
		t.Helper()
		call[v1.Effect](t, s, http.MethodPost, "/v1/retention/classification", v1.Reclassification{
			Selection: v1.Selection{IDs: []string{string(id(word))}}, Class: class, Reason: "a better one", Act: true, AllowEarlier: true})
	}
	for _, word := range []string{"quagmire", "balderdash"} {
		classify(word, "UNC-00")
		until(t, "its lock follows its class", func() bool { return is(word, store.Governance, 365) })
	}
	// What binds as governance does not become compliance: that takes a permission
	// that the daemon must not have. It lasts as long; and a class that is shorter
	// leaves the lock as it is.
	classify("balderdash", "FRM-01")
	classify("quagmire", "TRN-01")
	classify("zeppelin", "TRN-01")
	if h := call[[]v1.Hold](t, s, http.MethodGet, "/v1/holds", nil); len(h) != 0 {
		t.Errorf("%+v", h)
	}

	// The bucket's clock is the real one: every lock binds when the batch is executed.
	d.days(3)
	b := call[v1.Batch](t, s, http.MethodPost, "/v1/disposals", v1.Propose{Class: "TRN-01", Confirm: true})
	d.days(8)
	if c := call[v1.Check](t, s, http.MethodGet, disposer.Path(b.Batch, "/check"), nil); c.Destroy != 2 || c.Refused[disposal.Locked] != 1 {
		t.Errorf("%+v", c)
	}
	_, err := disposal.Execute(t.Context(), disposer.New(s.client), d.bucket.(store.Deleter), b.Batch, func(int, int) {})
	must(t, err)
	got := call[v1.Batch](t, s, http.MethodGet, disposer.Path(b.Batch, ""), nil)
	if got.State != disposal.Certified || got.Destroyed != 2 || got.Refused[disposal.Locked] != 1 {
		t.Fatalf("%+v", got)
	}
	if !is("zeppelin", store.Compliance, 60) || !is("balderdash", store.Governance, 365) {
		t.Errorf("%+v, %+v", d.protection(t, id("zeppelin")), d.protection(t, id("balderdash")))
	}
	for _, r := range got.Records {
		if r.ID == id("zeppelin") && !strings.Contains(r.Why, "nobody can lift") {
			t.Errorf("it is refused for %q", r.Why)
		}
	}
}

// TestHoldsAreMirrored places, overlaps and releases holds while the way to the
// storage fails and the daemon is killed at every request by which the storage
// is told of them.
func TestHoldsAreMirrored(t *testing.T) {
	d := buildDisposing(t)
	proxy := storetest.NewProxy(t, d.gateway)
	d.configure(t, d.gateway.Endpoint, proxy.Endpoint)
	d.configure(t, "approvals: {", "approvals: {release_after: P1D, ")
	s := d.serve(t)
	for i, w := range []string{"xylophone", "quagmire", "marmalade"} {
		d.server.Folder("INBOX").Add(letter(i, w))
	}
	s.capture(t)
	one := s.search(t, "xylophone").Hits[0].ID
	if p := d.protection(t, one); p.Legal || p.Mode != "" {
		t.Fatalf("%+v", p)
	}

	// A storage that refuses does not keep a hold from being placed, and is told
	// again until it does as it is told.
	var fault atomic.Int64
	fault.Store(int64(storetest.Deny))
	legal := func(r *http.Request) bool { return r.Method == http.MethodPut && r.URL.Query().Has("legal-hold") }
	proxy.Plan(func(r *http.Request) storetest.HTTPFault {
		if legal(r) {
			return storetest.HTTPFault(fault.Load())
		}
		return storetest.Forward
	})
	place := func(name string, scope record.Scope) {
		t.Helper()
		call[v1.Hold](t, s, http.MethodPost, "/v1/holds", record.HoldPlaced{Hold: name, Type: "inquiry", Matter: "m", Scope: scope})
	}
	must(t, s.end(t))
	d.placedBySomebody(t, record.HoldPlaced{Hold: "all", Type: "inquiry", Matter: "m", Scope: record.Scope{Custodians: []string{"minister"}}})
	s = d.serve(t)
	until(t, "the refusals are listed", func() bool {
		m := s.hold(t, "all").Storage
		return m.Records == 0 && m.Pending == 3 && len(m.Failed) == 3 && strings.Contains(m.Failed[0].Error, "denies access")
	})

	// Each kill comes at another of the requests, before or after it had its effect.
	for n := int64(1); n <= 2; n++ {
		var asked atomic.Int64
		killed := make(chan struct{}, 100)
		proxy.Plan(func(r *http.Request) storetest.HTTPFault {
			if !legal(r) || asked.Add(1) < n {
				return storetest.Forward
			}
			killed <- struct{}{}
			if n%2 == 0 {
				return storetest.DoneThenHangup
			}
			return storetest.Hangup
		})
		must(t, s.end(t))
		s = d.serve(t)
		select {
		case <-killed:
		case <-time.After(30 * time.Second):
			t.Fatal("the storage is not told again")
		}
	}
	must(t, s.end(t))
	proxy.Plan(nil)
	s = d.serve(t)
	s.mirrored(t, "all", 3)

	// What is captured later is covered too, at once, and by a query hold once it is indexed.
	place("query", record.Scope{Query: "zeppelin"})
	d.server.Folder("INBOX").Add(letter(7, "zeppelin"))
	s.capture(t)
	s.mirrored(t, "all", 4)
	s.mirrored(t, "query", 1)
	caught := s.search(t, "zeppelin").Hits[0].ID

	// Only what no other hold covers is let go, and only when the cooling-off is over.
	call[v1.Agreement](t, s, http.MethodPost, "/v1/holds/all/release", v1.Release{Reason: "it has reported"})
	if p := d.protection(t, one); !p.Legal {
		t.Error("let go before the cooling-off was over")
	}
	must(t, s.end(t))
	d.days(3)
	s = d.serve(t)
	until(t, "the legal hold is lifted", func() bool { return !d.protection(t, one).Legal })
	if !d.protection(t, caught).Legal {
		t.Error("what another hold covers was let go")
	}
	if s.types(t)["storage legal hold"] < 4 {
		t.Errorf("the journal says of it: %v", s.types(t))
	}

	// Somebody else's legal hold is not the archive's to lift, and refuses disposal.
	must(t, d.bucket.(store.Protector).LegalHold(t.Context(), one.Key(d.keyring.Epoch), true))
	b := call[v1.Batch](t, s, http.MethodPost, "/v1/disposals", v1.Propose{Class: "TRN-01", Confirm: true})
	d.days(8)
	_, err := disposal.Execute(t.Context(), disposer.New(s.client), d.bucket.(store.Deleter), b.Batch, func(int, int) {})
	must(t, err)
	got := call[v1.Batch](t, s, http.MethodGet, disposer.Path(b.Batch, ""), nil)
	if got.Destroyed != 2 || got.Refused[disposal.Locked] != 1 || !d.protection(t, caught).Legal {
		t.Errorf("%+v", got)
	}
}

// TestBucketDefaultRetention is kopia's pull request 5509 for the whole of the
// program: a bucket locks what nobody asked it to lock, and capturing, disposal
// and its clean-up of the journal's former versions go on.
func TestBucketDefaultRetention(t *testing.T) {
	d := buildDisposing(t)
	client, err := minio.New(strings.TrimPrefix(d.gateway.Endpoint, "http://"), &minio.Options{Creds: credentials.NewStaticV4(d.gateway.AccessKey, d.gateway.SecretKey, "")})
	must(t, err)
	mode, days, unit := minio.Governance, uint(400), minio.Days
	must(t, client.SetObjectLockConfig(t.Context(), d.opts.Bucket, &mode, &days, &unit))
	warned := 0
	for _, f := range daemon.Check(t.Context(), d.config(t), d.environment()) {
		if f.What == "lock" && f.Result == store.Failed && (strings.Contains(f.Detail, "400 days") || strings.Contains(f.Detail, "TRN-01")) {
			warned++
		}
	}
	if warned != 2 {
		t.Errorf("check warns of it %d times", warned)
	}
	s := d.serve(t)
	d.server.Folder("INBOX").Add(letter(1, "xylophone"))
	if s.capture(t).Captured != 1 {
		t.Fatal("nothing is captured")
	}
	d.days(3)
	b := call[v1.Batch](t, s, http.MethodPost, "/v1/disposals", v1.Propose{Class: "TRN-01", Confirm: true})
	d.days(8)
	_, err = disposal.Execute(t.Context(), disposer.New(s.client), d.bucket.(store.Deleter), b.Batch, func(int, int) {})
	must(t, err)
	if got := call[v1.Batch](t, s, http.MethodGet, disposer.Path(b.Batch, ""), nil); got.State != disposal.Certified || got.Destroyed != 1 {
		t.Fatalf("%+v", got)
	}
	if former := d.formerBatches(t); len(former) > 0 {
		t.Errorf("former versions are left: %v", former)
	}
}

// TestUnfitBucketsAreRefused: one that destroys records by a rule of its own, and
// one that cannot lock where records are to be locked.
func TestUnfitBucketsAreRefused(t *testing.T) {
	d := buildDisposing(t)
	proxy := storetest.NewProxy(t, d.gateway)
	d.configure(t, d.gateway.Endpoint, proxy.Endpoint)
	proxy.SetLifecycle("<LifecycleConfiguration><Rule><ID>tidy</ID><Status>Enabled</Status><Expiration><Days>30</Days></Expiration></Rule></LifecycleConfiguration>")
	if _, err := daemon.New(t.Context(), d.config(t), d.environment()); !errors.Is(err, store.ErrExpires) || !strings.Contains(err.Error(), `"tidy"`) {
		t.Errorf("a bucket that expires records: %v", err)
	}
	found := false
	for _, f := range daemon.Check(t.Context(), d.config(t), d.environment()) {
		found = found || f.Must && f.Result == store.Failed && strings.Contains(f.Detail, `"tidy"`)
	}
	if !found {
		t.Error("check does not tell of it")
	}

	opts := d.opts
	opts.Bucket += "-plain"
	plain, err := s3.New(opts)
	must(t, err)
	must(t, plain.CreateBucket(t.Context(), false))
	d.configure(t, proxy.Endpoint, d.gateway.Endpoint)
	d.configure(t, "bucket: "+d.opts.Bucket, "bucket: "+opts.Bucket)
	d.configure(t, "disposal: {chunk: 2}", "disposal: {chunk: 2}\nlock: {mode: compliance}")
	if _, err := daemon.New(t.Context(), d.config(t), d.environment()); err == nil || !strings.Contains(err.Error(), "no object lock") {
		t.Errorf("a bucket without object lock: %v", err)
	}
	checks := map[string]bool{}
	for _, f := range daemon.Check(t.Context(), d.config(t), d.environment()) {
		if f.What == "lock" && f.Result == store.Failed {
			checks[f.Check] = f.Must
		}
	}
	if must, found := checks["the bucket has what lock asks for"]; !found || !must {
		t.Errorf("check finds %v", checks)
	}
	if _, found := checks["lawful erasure stays possible"]; !found {
		t.Errorf("check does not warn of compliance: %v", checks)
	}
	if _, found := checks["no class is shorter than its lock's floor"]; !found {
		t.Errorf("check does not warn of the floor: %v", checks)
	}
}
