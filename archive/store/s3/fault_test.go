package s3_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/s3"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

// behindProxy returns a store whose requests go through the proxy, and the
// same bucket reached directly.
func behindProxy(t *testing.T, server *storetest.VersityGW, proxy *storetest.Proxy) (through, direct *s3.Store) {
	t.Helper()
	opts := server.BucketOptions(t)
	opts.PartSize = 5 << 20
	direct = storetest.OpenBucket(t, opts)
	opts.Endpoint, opts.Attempts = proxy.Endpoint, 2
	through, err := s3.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return through, direct
}

func put(ctx context.Context, s store.Store, key string, body io.ReadSeeker) error {
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return err
	}
	sum, size, err := record.SumReader(body)
	if err != nil {
		return err
	}
	return s.Put(ctx, key, body, size, sum, store.PutOptions{})
}

var faults = map[string]storetest.HTTPFault{
	"500": storetest.Refuse500, "503": storetest.Refuse503, "hangup": storetest.Hangup,
	"done-then-500": storetest.DoneThen500, "done-then-hangup": storetest.DoneThenHangup,
}

// Each request of each write fails once, in each way; the write succeeds all
// the same, once, and what is there is what was written.
func TestOneFaultIsHealed(t *testing.T) {
	server := storetest.StartVersityGW(t)
	proxy := storetest.NewProxy(t, server)
	through, direct := behindProxy(t, server, proxy)
	small, large := bytes.NewReader([]byte("small")), storetest.Body(6<<20)
	writes := map[string]func(key string) error{
		"whole": func(key string) error { return put(t.Context(), through, key, small) },
		"parts": func(key string) error { return put(t.Context(), through, key, large) },
		"create": func(key string) error {
			_, err := through.Replace(t.Context(), key, []byte("created"), "")
			return err
		},
		"replace": func(key string) error {
			tag, err := direct.Replace(t.Context(), key, []byte("before"), "")
			if err == nil {
				_, err = through.Replace(t.Context(), key, []byte("after"), tag)
			}
			return err
		},
	}
	for name, write := range writes {
		proxy.Plan(nil)
		reference := name + "/reference"
		if err := write(reference); err != nil {
			t.Fatal(err)
		}
		want := record.Sum(storetest.Get(t, direct, reference))
		for n := range proxy.Requests() {
			for fault, kind := range faults {
				key := fmt.Sprintf("%s/%d-%s", name, n+1, fault)
				proxy.NthRequest(n+1, kind)
				if err := write(key); err != nil {
					t.Errorf("%s: %v", key, err)
				} else if got := record.Sum(storetest.Get(t, direct, key)); got != want {
					t.Errorf("%s: other octets are there", key)
				}
			}
		}
	}
}

// A server that fails for longer than a call waits is unavailable; what it was
// told last either is there or is not, and putting it again settles that.
func TestLastingFaultIsUnavailable(t *testing.T) {
	server := storetest.StartVersityGW(t)
	proxy := storetest.NewProxy(t, server)
	through, direct := behindProxy(t, server, proxy)
	for fault, kind := range faults {
		proxy.Plan(func(r *http.Request) storetest.HTTPFault { return kind })
		key := "k/" + fault
		if err := put(t.Context(), through, key, bytes.NewReader([]byte("x"))); !store.Temporary(err) {
			t.Errorf("%s: Put: %v", fault, err)
		}
		if _, err := through.Stat(t.Context(), key); !store.Temporary(err) {
			t.Errorf("%s: Stat: %v", fault, err)
		}
		for _, err := range through.List(t.Context(), "") {
			if !store.Temporary(err) {
				t.Errorf("%s: List: %v", fault, err)
			}
		}
		proxy.Plan(nil)
		for range 2 {
			if err := put(t.Context(), through, key, bytes.NewReader([]byte("x"))); err != nil {
				t.Errorf("%s: Put again: %v", fault, err)
			}
		}
		if got := storetest.Get(t, direct, key); string(got) != "x" {
			t.Errorf("%s: %q is there", fault, got)
		}
	}
}

// A listing goes on where it was interrupted.
func TestListOutlivesAFault(t *testing.T) {
	server := storetest.StartVersityGW(t)
	proxy := storetest.NewProxy(t, server)
	through, direct := behindProxy(t, server, proxy)
	storetest.Put(t, direct, "a", nil)
	storetest.Put(t, direct, "b", nil)
	for fault, kind := range faults {
		proxy.NthRequest(1, kind)
		if keys := storetest.Keys(t, through, ""); len(keys) != 2 {
			t.Errorf("%s: %v", fault, keys)
		}
	}
}

func TestBrokenAnswerIsNoEnd(t *testing.T) {
	server := storetest.StartVersityGW(t)
	proxy := storetest.NewProxy(t, server)
	through, direct := behindProxy(t, server, proxy)
	storetest.Put(t, direct, "k", bytes.Repeat([]byte("x"), 1<<20))
	proxy.NthRequest(1, storetest.CutBody)
	r, _, err := through.Get(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if n, err := io.Copy(io.Discard, r); !store.Temporary(err) {
		t.Errorf("read %d octets, %v", n, err)
	}
}

func TestContextEndsASlowCall(t *testing.T) {
	server := storetest.StartVersityGW(t)
	proxy := storetest.NewProxy(t, server)
	through, _ := behindProxy(t, server, proxy)
	proxy.Plan(func(*http.Request) storetest.HTTPFault { return storetest.Delay })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	if err := put(ctx, through, "k", bytes.NewReader([]byte("x"))); err == nil || store.Temporary(err) {
		t.Errorf("Put: %v", err)
	}
	if took := time.Since(start); took > 900*time.Millisecond {
		t.Errorf("it took %s", took)
	}
}

func TestServerComesBack(t *testing.T) {
	server := storetest.StartVersityGW(t)
	s := server.Bucket(t)
	storetest.Put(t, s, "before", []byte("x"))
	server.Stop()
	if err := put(t.Context(), s, "during", bytes.NewReader([]byte("y"))); !store.Temporary(err) {
		t.Errorf("Put without a server: %v", err)
	}
	server.Start(t)
	storetest.Put(t, s, "after", []byte("z"))
	if got := storetest.Get(t, s, "before"); string(got) != "x" {
		t.Errorf("before: %q", got)
	}
}

func TestWrongCredentialsAreDenied(t *testing.T) {
	server := storetest.StartVersityGW(t)
	opts := server.BucketOptions(t)
	storetest.OpenBucket(t, opts)
	opts.SecretKey = "wrong"
	s, err := s3.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), s, "k", bytes.NewReader(nil)); err == nil || store.Temporary(err) {
		t.Errorf("Put: %v", err)
	}
}
