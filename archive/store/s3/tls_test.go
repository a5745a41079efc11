package s3_test

import (
	"encoding/pem"
	"io"
	"log"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/s3"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

// Over TLS the whole suite holds as well, with the server's own CA, and with no
// other.
func TestOverTLS(t *testing.T) {
	server := storetest.StartVersityGW(t)
	target, err := url.Parse(server.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	silent := log.New(io.Discard, "", 0)
	front := httptest.NewUnstartedServer(&httputil.ReverseProxy{ErrorLog: silent, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
	}})
	front.Config.ErrorLog = silent
	front.StartTLS()
	defer front.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw}
	if err := os.WriteFile(ca, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("suite", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) store.Store {
			opts := server.BucketOptions(t)
			opts.Endpoint, opts.CAFile = front.URL, ca
			return storetest.OpenBucket(t, opts)
		})
	})
	opts := server.BucketOptions(t)
	opts.Endpoint, opts.Attempts = front.URL, 1
	s, err := s3.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	if got := results(t, s, time.Now); len(got) != 1 || got["reach the store"] != store.Failed {
		t.Errorf("a CA that nobody named is trusted: %v", got)
	}
}
