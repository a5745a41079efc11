package s3_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/s3"
	"github.com/closeroll/closeroll/archive/store/storetest"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// results probes a store, by check.
func results(t *testing.T, s store.Store, now func() time.Time) map[string]store.Result {
	t.Helper()
	all := make(map[string]store.Result)
	for _, f := range store.Probe(t.Context(), s, now) {
		all[f.Check] = f.Result
		if f.Result == store.Failed && f.Detail == "" {
			t.Errorf("%s failed without a reason", f.Check)
		}
	}
	return all
}

// want compares what was found with what ought to be, the rest having passed.
func want(t *testing.T, got map[string]store.Result, except map[string]store.Result) {
	t.Helper()
	if len(got) < 11 {
		t.Errorf("only %d checks: %v", len(got), got)
	}
	for check, result := range got {
		expected, ok := except[check]
		if !ok {
			expected = store.Passed
		}
		if result != expected {
			t.Errorf("%s: %s, want %s", check, result, expected)
		}
	}
}

const lifecycleCheck = "no lifecycle rule expires or moves objects"

func TestProbeOfAGoodBucket(t *testing.T) {
	s := storetest.StartVersityGW(t).Bucket(t)
	for range 2 { // the second finds what the first had to leave
		want(t, results(t, s, time.Now), map[string]store.Result{lifecycleCheck: store.Unchecked})
	}
}

func TestProbeOfAPoorBucket(t *testing.T) {
	server := storetest.StartVersityGW(t)
	opts := server.BucketOptions(t)
	s, err := s3.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.CreateBucket(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	client, err := minio.New(server.Endpoint[len("http://"):], &minio.Options{Creds: credentials.NewStaticV4(opts.AccessKey, opts.SecretKey, "")})
	if err != nil {
		t.Fatal(err)
	}
	policy := `{"Version":"2012-10-17","Statement":[{"Sid":"open","Effect":"Allow","Principal":"*","Action":["s3:ListBucket","s3:GetObject"],
		"Resource":["arn:aws:s3:::` + opts.Bucket + `","arn:aws:s3:::` + opts.Bucket + `/*"]}]}`
	if err := client.SetBucketPolicy(t.Context(), opts.Bucket, policy); err != nil {
		t.Fatal(err)
	}
	late := func() time.Time { return time.Now().Add(5 * time.Minute) }
	want(t, results(t, s, late), map[string]store.Result{
		lifecycleCheck:                        store.Unchecked,
		"keep old versions":                   store.Failed,
		"refuse to delete what is locked":     store.Failed,
		"no policy lets everyone in":          store.Failed,
		"refuse everyone without credentials": store.Failed,
		"agree on the time":                   store.Failed,
	})
}

func TestProbeOfAnUnreachableServer(t *testing.T) {
	s, err := s3.New(s3.Options{Endpoint: "http://127.0.0.1:1", Bucket: "bucket", AccessKey: "a", SecretKey: "b", Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got := results(t, s, time.Now); len(got) != 1 || got["reach the store"] != store.Failed {
		t.Errorf("%v", got)
	}
	if _, err := s.Stat(t.Context(), "k"); !store.Temporary(err) {
		t.Errorf("Stat: %v", err)
	}
}

// What a bucket that is missing answers is no proof that an object is missing.
func TestMissingBucketIsNotAMissingObject(t *testing.T) {
	server := storetest.StartVersityGW(t)
	opts := server.BucketOptions(t)
	opts.Attempts = 1
	s, err := s3.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Stat(t.Context(), "k")
	if !store.Temporary(err) {
		t.Errorf("Stat: %v", err)
	}
	if _, _, err = s.Get(t.Context(), "k"); !store.Temporary(err) {
		t.Errorf("Get: %v", err)
	}
	if err := s.Put(t.Context(), "k", bytes.NewReader(nil), 0, [32]byte{}, store.PutOptions{}); err == nil {
		t.Error("put into no bucket")
	}
}
