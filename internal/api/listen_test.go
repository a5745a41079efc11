package api_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/internal/api"
)

func shortPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "api")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

func TestListenSocket(t *testing.T) {
	path := shortPath(t)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := api.ListenSocket(path); err == nil || !strings.Contains(err.Error(), "answers") {
		t.Errorf("where a daemon answers: %v", err)
	}
	l.SetUnlinkOnClose(false)
	l.Close() // as if it were killed
	again, err := api.ListenSocket(path)
	if err != nil {
		t.Fatalf("where a killed daemon left its socket: %v", err)
	}
	again.Close()
	if err := os.WriteFile(path, []byte("a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := api.ListenSocket(path); err == nil {
		t.Error("a file was taken for a socket")
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "a file" {
		t.Errorf("the file is now %q, %v", b, err)
	}
}

func client(t *testing.T, a *authority, name pkix.Name, dnsNames ...string) (certFile, keyFile string) {
	_, _, certFile, keyFile = a.issue(&x509.Certificate{Subject: name, DNSNames: dnsNames,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	return certFile, keyFile
}

func TestTLS(t *testing.T) {
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	_, _, certFile, keyFile := ours.issue(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	l, err := api.ListenTLS("127.0.0.1:0", certFile, keyFile, ours.file)
	if err != nil {
		t.Fatal(err)
	}
	var denied ledger
	policy := api.Policy{api.Officer: {Certificates: []string{"A Field", "laptop-7.example.gov.uk"}}}
	serveOn(t, l, policy, denied.deny, api.Options{Version: "1"},
		api.Call("GET", "/v1/who", api.For(api.Officer), func(_ context.Context, c api.Caller, _ struct{}) (api.Caller, error) { return c, nil }))
	remote := api.Remote{URL: "https://" + l.Addr().String(), CAFile: ours.file}

	ask := func(a *authority, name pkix.Name, dnsNames ...string) (who api.Caller, err error) {
		remote := remote
		remote.CertFile, remote.KeyFile = client(t, a, name, dnsNames...)
		c, err := api.NewRemoteClient(remote, "1")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return who, c.Do(t.Context(), "GET", "/v1/who", nil, &who)
	}
	who, err := ask(ours, pkix.Name{CommonName: "A Field"})
	if err != nil || who.Name != "A Field" || !strings.HasPrefix(who.ID, "cert:") || len(who.ID) != 21 {
		t.Errorf("by common name: %+v, %v", who, err)
	}
	again, err := ask(ours, pkix.Name{CommonName: "A Field"})
	if err != nil || again.ID != who.ID {
		t.Errorf("a renewed certificate is %q, before %q: %v", again.ID, who.ID, err)
	}
	if who, err := ask(ours, pkix.Name{}, "laptop-7.example.gov.uk"); err != nil || who.Name != "laptop-7.example.gov.uk" {
		t.Errorf("by alternative name: %+v, %v", who, err)
	}
	_, err = ask(ours, pkix.Name{CommonName: "B Marsh"})
	wantCode(t, "a stranger of ours", err, api.CodeDenied)
	if got := denied.list(); len(got) != 1 || got[0] != "B Marsh: GET /v1/who: officer" {
		t.Errorf("journalled: %q", got)
	}
	if _, err := ask(theirs, pkix.Name{CommonName: "A Field"}); err == nil {
		t.Error("another authority's certificate was accepted")
	}
	refuseTLS(t, l.Addr().String(), ours)
}

// refuseTLS checks that without a certificate, or with an older TLS, nothing is answered.
func refuseTLS(t *testing.T, address string, ca *authority) {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	certFile, keyFile := client(t, ca, pkix.Name{CommonName: "A Field"})
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	for name, config := range map[string]*tls.Config{
		"no certificate": {RootCAs: pool},
		"TLS 1.2":        {RootCAs: pool, Certificates: []tls.Certificate{cert}, MaxVersion: tls.VersionTLS12},
	} {
		c := http.Client{Transport: &http.Transport{TLSClientConfig: config}}
		if resp, err := c.Get("https://" + address + "/v1/who"); err == nil {
			resp.Body.Close()
			t.Errorf("%s: answered with %s", name, resp.Status)
		}
	}
}

// A browser that holds a certificate is no way in for other sites' pages.
func TestCrossOrigin(t *testing.T) {
	socket := serve(t, roles(api.Officer), new(ledger).deny, api.Options{}, api.Call("POST", "/v1/things/{id}", api.For(api.Officer), echo))
	c := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}}}
	defer c.CloseIdleConnections()
	for origin, want := range map[string]int{"": 200, "https://evil.example": 403} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", "http://closeroll/v1/things/1", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		resp, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("origin %q: %s", origin, resp.Status)
		}
	}
}

func TestRemoteAddresses(t *testing.T) {
	for _, url := range []string{"", "http://x", "https://", "https://x/path", "x:1", "%"} {
		if _, err := api.NewRemoteClient(api.Remote{URL: url}, "1"); !api.IsCode(err, api.CodeUsage) {
			t.Errorf("%q: %v", url, err)
		}
	}
}
