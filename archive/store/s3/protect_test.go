package s3_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/s3"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

// TestProtection is of a bucket with object lock: retention is only ever made
// longer, a legal hold binds until it is taken away, and neither can be got
// round by deleting a version.
func TestProtection(t *testing.T) {
	server := storetest.StartVersityGW(t)
	s := server.Bucket(t)
	ctx := t.Context()
	put := func(key string, opts store.PutOptions) {
		t.Helper()
		data := []byte("sealed octets of " + key)
		if err := s.Put(ctx, key, bytes.NewReader(data), int64(len(data)), record.Sum(data), opts); err != nil {
			t.Fatal(err)
		}
	}
	is := func(key string) store.Protection {
		t.Helper()
		p, err := s.Protection(ctx, key)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	remove := func(key string) (err error) {
		t.Helper()
		for v, failed := range s.Versions(ctx, key) {
			if failed != nil {
				t.Fatal(failed)
			}
			err = errors.Join(err, s.DeleteVersion(ctx, key, v.ID))
		}
		return err
	}
	now := time.Now().UTC().Truncate(time.Second)

	put("records/free", store.PutOptions{})
	if p := is("records/free"); p.Binds(now) || p.Mode != "" {
		t.Errorf("an object without protection: %+v", p)
	}
	if err := s.LegalHold(ctx, "records/free", true); err != nil {
		t.Fatal(err)
	}
	if !is("records/free").Legal {
		t.Error("a legal hold is not seen")
	}
	if err := remove("records/free"); !errors.Is(err, store.ErrDenied) {
		t.Errorf("deleting what is under legal hold: %v", err)
	}
	if err := s.LegalHold(ctx, "records/free", false); err != nil {
		t.Fatal(err)
	}
	if err := remove("records/free"); err != nil {
		t.Error(err)
	}

	put("records/kept", store.PutOptions{Mode: store.Governance, RetainUntil: now.Add(time.Hour)})
	for _, until := range []time.Time{now.Add(time.Minute), now.Add(2 * time.Hour)} {
		if err := s.Extend(ctx, "records/kept", store.Governance, until); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Extend(ctx, "records/kept", store.Governance, now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if p := is("records/kept"); !p.Until.Equal(now.Add(2*time.Hour)) || p.Mode != store.Governance || !p.Binds(now.Add(time.Hour)) || p.Binds(now.Add(3*time.Hour)) {
		t.Errorf("its retention is %+v, and it was extended to %s", p, now.Add(2*time.Hour))
	}
	if err := remove("records/kept"); !errors.Is(err, store.ErrDenied) {
		t.Errorf("deleting what is retained: %v", err)
	}

	// A deletion marker hides a retained object and frees nothing.
	if p, err := s.Protection(ctx, "records/none"); err == nil {
		t.Errorf("the protection of nothing: %+v", p)
	}
	opts := server.BucketOptions(t)
	opts.Bucket += "-u"
	unlocked, err := s3.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := unlocked.CreateBucket(ctx, false); err != nil {
		t.Fatal(err)
	}
	data := []byte("x")
	if err := unlocked.Put(ctx, "records/x", bytes.NewReader(data), 1, record.Sum(data), store.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	if p, err := unlocked.Protection(ctx, "records/x"); err != nil || p.Binds(now) {
		t.Errorf("in a bucket without object lock: %+v, %v", p, err)
	}
	if err := unlocked.LegalHold(ctx, "records/x", true); !errors.Is(err, store.ErrUnsupported) {
		t.Errorf("a legal hold in a bucket without object lock: %v", err)
	}
}
