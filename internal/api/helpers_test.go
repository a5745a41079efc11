package api_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/closeroll/closeroll/internal/api"
)

// A ledger stands where the journal does: it keeps denials.
type ledger struct {
	mu      sync.Mutex
	denials []string
	err     error
}

func (l *ledger) deny(_ context.Context, c api.Caller, call, need string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.denials = append(l.denials, c.Name+": "+call+": "+need)
	return l.err
}

func (l *ledger) list() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.denials...)
}

func logger(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// roles gives the user who runs the test these roles on the socket.
func roles(list ...api.Role) api.Policy {
	p := make(api.Policy)
	for _, r := range list {
		p[r] = api.Members{Users: []string{strconv.Itoa(os.Getuid())}}
	}
	return p
}

// serve runs a server on a socket until the test ends, and returns its path.
func serve(t testing.TB, policy api.Policy, deny api.Deny, opts api.Options, routes ...api.Route) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "api") // t.TempDir may be too long a name for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	l, err := api.ListenSocket(path)
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, l, policy, deny, opts, routes...)
	return path
}

func serveOn(t testing.TB, l net.Listener, policy api.Policy, deny api.Deny, opts api.Options, routes ...api.Route) (stop func()) {
	t.Helper()
	s, err := api.New(logger(t), routes, policy, deny, opts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// wantCode fails the test unless err is an *api.Error with this code.
func wantCode(t testing.TB, what string, err error, code api.Code) *api.Error {
	t.Helper()
	var e *api.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: %v, want an error with code %s", what, err, code)
		return &api.Error{}
	}
	if e.Code != code || e.Message == "" {
		t.Errorf("%s: code %s, %q; want code %s", what, e.Code, e.Message, code)
	}
	return e
}

// An authority signs certificates for tests.
type authority struct {
	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t testing.TB, name string) *authority {
	a := &authority{t: t}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign}
	a.cert, a.key, a.file, _ = a.issue(template)
	return a
}

// issue signs a certificate and writes it and its key in PEM. The authority's
// first is its own.
func (a *authority) issue(template *x509.Certificate) (cert *x509.Certificate, key *ecdsa.PrivateKey, certFile, keyFile string) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	if cert, err = x509.ParseCertificate(der); err != nil {
		a.t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	dir := a.t.TempDir()
	return cert, key, writePEM(a.t, dir, "cert.pem", "CERTIFICATE", der), writePEM(a.t, dir, "key.pem", "PRIVATE KEY", keyDER)
}

func writePEM(t testing.TB, dir, name, kind string, der []byte) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
