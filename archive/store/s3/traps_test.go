package s3_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/s3"
	"github.com/closeroll/closeroll/archive/store/storetest"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Traps that other programs fell into with object lock, each with the report of
// whoever found it.

func putLocked(t *testing.T, s store.Store, key string, size int, opts store.PutOptions) {
	t.Helper()
	data := bytes.Repeat([]byte("sealed octets of "+key+"\n"), 1+size/20)
	if err := s.Put(t.Context(), key, bytes.NewReader(data), int64(len(data)), record.Sum(data), opts); err != nil {
		t.Fatal(err)
	}
}

// remove deletes every version of an object by one of the ways to delete.
func remove(t *testing.T, s *s3.Store, key string, governed bool) (err error) {
	t.Helper()
	del := s.DeleteVersion
	if governed {
		del = s.DeleteGoverned
	}
	for v, failed := range s.Versions(t.Context(), key) {
		if failed != nil {
			t.Fatal(failed)
		}
		err = errors.Join(err, del(t.Context(), key, v.ID))
	}
	return err
}

// kopia's pull request 5509: a bucket's default retention also locks what a
// program believes it can delete. The check of the store must stay possible,
// again and again, and the lock must be seen though nobody asked for it.
func TestBucketWithDefaultRetention(t *testing.T) {
	server := storetest.StartVersityGW(t)
	opts := server.BucketOptions(t)
	s := storetest.OpenBucket(t, opts)
	client, err := minio.New(server.Endpoint[len("http://"):], &minio.Options{Creds: credentials.NewStaticV4(opts.AccessKey, opts.SecretKey, "")})
	if err != nil {
		t.Fatal(err)
	}
	if l, err := s.BucketLock(t.Context()); err != nil || !l.Enabled || l.Mode != "" {
		t.Fatalf("%+v, %v", l, err)
	}
	mode, days, unit := minio.Governance, uint(2), minio.Days
	if err := client.SetObjectLockConfig(t.Context(), opts.Bucket, &mode, &days, &unit); err != nil {
		t.Fatal(err)
	}
	if l, err := s.BucketLock(t.Context()); err != nil || l != (store.BucketLock{Enabled: true, Mode: store.Governance, For: 48 * time.Hour}) {
		t.Fatalf("%+v, %v", l, err)
	}
	for range 2 { // “refuse damaged octets” needs a free key, which an undeletable probe takes
		got := results(t, s, time.Now)
		for check, result := range got {
			if result == store.Failed {
				t.Errorf("%s: %s", check, result)
			}
		}
		if got["delete an object"] != store.Unchecked {
			t.Errorf("deleting: %s", got["delete an object"])
		}
	}
	putLocked(t, s, "records/x", 1, store.PutOptions{})
	p, err := s.Protection(t.Context(), "records/x")
	if err != nil || p.Mode != store.Governance || p.Until.Before(time.Now().Add(47*time.Hour)) || p.Until.After(time.Now().Add(49*time.Hour)) {
		t.Errorf("%+v, %v", p, err)
	}
	if err := remove(t, s, "records/x", false); !errors.Is(err, store.ErrDenied) {
		t.Errorf("deleting what the bucket keeps: %v", err)
	}
	if err := remove(t, s, "records/x", true); err != nil {
		t.Errorf("bypassing governance: %v", err)
	}
}

// kopia's issue 5590: OVH denies the extension of a retention in the first
// second after the object was stored.
func TestExtensionDeniedRightAfterPut(t *testing.T) {
	server := storetest.StartVersityGW(t)
	proxy := storetest.NewProxy(t, server)
	opts := server.BucketOptions(t)
	opts.Endpoint = proxy.Endpoint
	s := storetest.OpenBucket(t, opts)
	putLocked(t, s, "records/x", 1, store.PutOptions{})
	denied := 0
	proxy.Plan(func(r *http.Request) storetest.HTTPFault {
		if r.Method == http.MethodPut && (r.URL.Query().Has("retention") || r.URL.Query().Has("legal-hold")) && denied < 1 {
			denied++
			return storetest.Deny
		}
		return storetest.Forward
	})
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	if err := s.Extend(t.Context(), "records/x", store.Governance, until); err != nil {
		t.Fatal(err)
	}
	denied = 0
	if err := s.LegalHold(t.Context(), "records/x", true); err != nil {
		t.Fatal(err)
	}
	if p, err := s.Protection(t.Context(), "records/x"); err != nil || denied != 1 || p != (store.Protection{Mode: store.Governance, Until: until, Legal: true}) {
		t.Errorf("%+v, %v after %d denials", p, err, denied)
	}
	proxy.Plan(func(r *http.Request) storetest.HTTPFault {
		if r.URL.Query().Has("retention") && r.Method == http.MethodPut {
			return storetest.Deny
		}
		return storetest.Forward
	})
	if err := s.Extend(t.Context(), "records/x", store.Governance, until.Add(time.Hour)); !errors.Is(err, store.ErrDenied) {
		t.Errorf("what is denied for good: %v", err)
	}
}

// kopia's issue 3253: objects of some kinds were left without retention. One
// that is uploaded in parts has it from the beginning, as one that is not.
func TestEveryUploadIsLocked(t *testing.T) {
	server := storetest.StartVersityGW(t)
	opts := server.BucketOptions(t)
	opts.PartSize = 5 << 20
	s := storetest.OpenBucket(t, opts)
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	for key, size := range map[string]int{"records/small": 1, "records/parts": 6 << 20} {
		putLocked(t, s, key, size, store.PutOptions{Mode: store.Compliance, RetainUntil: until, LegalHold: true})
		if p, err := s.Protection(t.Context(), key); err != nil || p != (store.Protection{Mode: store.Compliance, Until: until, Legal: true}) {
			t.Errorf("%s: %+v, %v", key, p, err)
		}
		if err := s.LegalHold(t.Context(), key, false); err != nil {
			t.Error(err)
		}
		for _, governed := range []bool{false, true} {
			if err := remove(t, s, key, governed); !errors.Is(err, store.ErrDenied) {
				t.Errorf("%s is deleted, bypassing governance (%t): %v", key, governed, err)
			}
		}
	}
}

// A legal hold binds those too who may bypass governance.
func TestLegalHoldBindsBypassers(t *testing.T) {
	s := storetest.StartVersityGW(t).Bucket(t)
	putLocked(t, s, "records/x", 1, store.PutOptions{Mode: store.Governance, RetainUntil: time.Now().Add(time.Hour), LegalHold: true})
	if err := remove(t, s, "records/x", true); !errors.Is(err, store.ErrDenied) {
		t.Errorf("deleted under legal hold: %v", err)
	}
	if err := s.LegalHold(t.Context(), "records/x", false); err != nil {
		t.Fatal(err)
	}
	if err := remove(t, s, "records/x", true); err != nil {
		t.Error(err)
	}
}

// restic's issue 2202: S3 wants a checksum with every request that locks, and
// clients that send none are refused.
func TestEveryLockingRequestHasAChecksum(t *testing.T) {
	server := storetest.StartVersityGW(t)
	proxy := storetest.NewProxy(t, server)
	opts := server.BucketOptions(t)
	opts.Endpoint = proxy.Endpoint
	s := storetest.OpenBucket(t, opts)
	var mu sync.Mutex
	seen := 0
	proxy.Plan(func(r *http.Request) storetest.HTTPFault {
		mu.Lock()
		defer mu.Unlock()
		locking := r.URL.Query().Has("retention") || r.URL.Query().Has("legal-hold")
		summed := r.Header.Get("Content-Md5") != ""
		for name := range r.Header {
			locking = locking || strings.HasPrefix(name, "X-Amz-Object-Lock-")
			summed = summed || strings.HasPrefix(name, "X-Amz-Checksum-")
		}
		if r.Method == http.MethodPut && locking {
			seen++
			if !summed {
				t.Errorf("%s has no checksum", r.URL.RawQuery)
			}
		}
		return storetest.Forward
	})
	putLocked(t, s, "records/x", 1, store.PutOptions{Mode: store.Governance, RetainUntil: time.Now().Add(time.Hour), LegalHold: true})
	if err := errors.Join(s.Extend(t.Context(), "records/x", store.Governance, time.Now().Add(2*time.Hour)), s.LegalHold(t.Context(), "records/x", false)); err != nil || seen != 3 {
		t.Errorf("%d requests that lock: %v", seen, err)
	}
}

// A lifecycle rule that expires objects is found, whoever made it, and one that
// only moves them destroys nothing.
func TestExpiringRules(t *testing.T) {
	server := storetest.StartVersityGW(t)
	proxy := storetest.NewProxy(t, server)
	opts := server.BucketOptions(t)
	opts.Endpoint = proxy.Endpoint
	s := storetest.OpenBucket(t, opts)
	if err := s.Expiring(t.Context()); !errors.Is(err, store.ErrUnsupported) {
		t.Errorf("a server without rules: %v", err)
	}
	rule := func(what string) string {
		return "<LifecycleConfiguration><Rule><ID>tidy</ID><Status>Enabled</Status>" + what + "</Rule></LifecycleConfiguration>"
	}
	proxy.SetLifecycle(rule("<Expiration><Days>30</Days></Expiration>"))
	if err := s.Expiring(t.Context()); !errors.Is(err, store.ErrExpires) || !strings.Contains(err.Error(), `"tidy"`) {
		t.Errorf("a rule that expires: %v", err)
	}
	proxy.SetLifecycle(rule("<Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition>"))
	if err := s.Expiring(t.Context()); err != nil {
		t.Errorf("a rule that moves: %v", err)
	}
}
