package bearer_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/internal/bearer"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func text(s string) func() ([]byte, error) { return func() ([]byte, error) { return []byte(s), nil } }

func keeper(t *testing.T, dir string) *bearer.Keeper {
	t.Helper()
	k, err := bearer.NewKeeper(dir, "2026", map[string][]byte{"2026": bytes.Repeat([]byte{7}, 32)})
	must(t, err)
	return k
}

// source is a source of this server's tokens, with a clock that can be set.
func source(t *testing.T, s *connectortest.TokenServer, k *bearer.Keeper, change func(*bearer.Config)) (*bearer.Source, *time.Time) {
	t.Helper()
	cfg := bearer.Config{Name: "office", Grant: bearer.ClientCredentials, TokenURL: s.TokenURL(), DeviceURL: s.DeviceURL(),
		ClientID: connectortest.ClientID, Secret: text(connectortest.ClientSecret), Scopes: []string{"mail", "offline_access"}}
	change(&cfg)
	now := time.Now()
	src, err := bearer.New(cfg, k, func() time.Time { return now })
	must(t, err)
	return src, &now
}

func token(t *testing.T, s *bearer.Source, refused string) string {
	t.Helper()
	tok, err := s.Token(t.Context(), refused)
	must(t, err)
	return tok
}

func TestClientCredentialsAreKeptUntilTheyExpireOrAreRefused(t *testing.T) {
	s := connectortest.StartTokenServer(t, "official")
	src, now := source(t, s, nil, func(*bearer.Config) {})
	first := token(t, src, "")
	if again := token(t, src, ""); again != first || s.Given() != 1 {
		t.Errorf("a good token was not used again: %d given", s.Given())
	}
	if other := token(t, src, first); other == first || s.Given() != 2 {
		t.Error("a refused token was given again")
	}
	*now = now.Add(58*time.Minute + time.Second) // within two minutes of its end
	if token(t, src, ""); s.Given() != 3 {
		t.Error("a token that is about to expire was used")
	}
	if scopes, _ := s.Asked(); scopes[0] != "mail offline_access" {
		t.Errorf("scopes: %q", scopes)
	}
}

func TestCertificateInsteadOfASecret(t *testing.T) {
	s := connectortest.StartTokenServer(t, "official")
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	certified := func(c *bearer.Config) {
		c.Secret = nil
		c.Certificate = func() (tls.Certificate, error) {
			return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
		}
	}
	src, _ := source(t, s, nil, certified)
	if _, err := src.Token(t.Context(), ""); !errors.Is(err, bearer.ErrDenied) {
		t.Errorf("a server that does not know the certificate: %v", err)
	}
	s.Key = &key.PublicKey
	token(t, src, "")
}

func TestServiceAccountSignsForAUser(t *testing.T) {
	s := connectortest.StartTokenServer(t, "official")
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	s.Key = &key.PublicKey
	file, err := json.Marshal(map[string]string{"type": "service_account", "client_email": "archive@project.example", "private_key_id": "1",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))})
	must(t, err)
	account := func(c *bearer.Config) {
		c.Grant, c.ServiceAccount, c.Subject = bearer.ServiceAccount, text(string(file)), "minister@dept.example"
	}
	src, _ := source(t, s, nil, account)
	token(t, src, "")
	if _, subjects := s.Asked(); len(subjects) != 1 || subjects[0] != "minister@dept.example" {
		t.Errorf("subjects: %q", subjects)
	}
	src, _ = source(t, s, nil, func(c *bearer.Config) { account(c); c.ServiceAccount = text(`{"type":"authorized_user"}`) })
	if _, err := src.Token(t.Context(), ""); !errors.Is(err, bearer.ErrDenied) {
		t.Errorf("a file of another kind: %v", err)
	}
}

func TestRefreshTokensRotateAndAreKeptSealed(t *testing.T) {
	s, dir := connectortest.StartTokenServer(t, "official"), t.TempDir()
	given := s.GiveRefreshToken()
	granted := func(c *bearer.Config) { c.Grant, c.First = bearer.RefreshToken, text(given) }
	src, _ := source(t, s, keeper(t, dir), granted)
	token(t, src, token(t, src, "")) // the second time with the rotated one
	// Another process goes on with the one that was kept: the first is spent.
	src, _ = source(t, s, keeper(t, dir), granted)
	token(t, src, "")

	kept, err := keeper(t, dir).Load("office")
	must(t, err)
	files, err := os.ReadDir(dir)
	must(t, err)
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		must(t, err)
		if info, _ := f.Info(); info.Mode().Perm() != 0o600 || bytes.Contains(b, []byte(kept)) || strings.Contains(f.Name(), "office") {
			t.Errorf("%s shows what it keeps", f.Name())
		}
		must(t, os.WriteFile(filepath.Join(dir, f.Name()), b[:len(b)-1], 0o600))
	}
	if len(files) != 1 {
		t.Errorf("%d files", len(files))
	}
	if _, err := keeper(t, dir).Load("office"); err == nil {
		t.Error("a damaged token was opened")
	}
	// The person withdraws the grant, and gives another.
	s.GiveRefreshToken()
	must(t, keeper(t, dir).Save("office", "withdrawn"))
	src, _ = source(t, s, keeper(t, dir), granted)
	if _, err := src.Token(t.Context(), ""); !errors.Is(err, bearer.ErrDenied) || strings.Contains(err.Error(), "@") {
		t.Errorf("a withdrawn grant: %v", err)
	}
	given = s.GiveRefreshToken()
	src, _ = source(t, s, keeper(t, dir), func(c *bearer.Config) { c.Grant, c.First = bearer.RefreshToken, text(given) })
	token(t, src, "")
}

func TestKeeperKnowsOlderEpochs(t *testing.T) {
	dir := t.TempDir()
	must(t, keeper(t, dir).Save("office", "old"))
	rotated, err := bearer.NewKeeper(dir, "2027", map[string][]byte{"2026": bytes.Repeat([]byte{7}, 32), "2027": bytes.Repeat([]byte{8}, 32)})
	must(t, err)
	if got, err := rotated.Load("office"); got != "old" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	must(t, rotated.Save("office", "new"))
	if got, err := keeper(t, dir).Load("office"); got != "" || err != nil {
		t.Errorf("the old epoch still keeps %q, %v", got, err)
	}
	if !rotated.Kept("office") || rotated.Kept("elsewhere") {
		t.Error("what is kept is not said")
	}
	if _, err := bearer.NewKeeper(dir, "2027", map[string][]byte{"2027": {1}}); err == nil {
		t.Error("a short key was taken")
	}
}

func TestLoginWithACode(t *testing.T) {
	s, k := connectortest.StartTokenServer(t, "official"), keeper(t, t.TempDir())
	src, _ := source(t, s, k, func(c *bearer.Config) { c.Grant = bearer.DeviceCode })
	if _, err := src.Token(t.Context(), ""); !errors.Is(err, bearer.ErrNoLogin) || !strings.Contains(err.Error(), "closeroll login office") {
		t.Errorf("before anyone logged in: %v", err)
	}
	must(t, src.Login(t.Context(), func(p bearer.Prompt) error {
		if p.Code != "WDJB-MJHT" || p.URL != s.URL+"/agree" || p.Expires.IsZero() {
			t.Errorf("%+v", p)
		}
		s.Agree()
		return nil
	}))
	token(t, src, "")
	ctx, cancel := context.WithCancel(t.Context())
	if err := src.Login(ctx, func(bearer.Prompt) error { cancel(); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	app, _ := source(t, s, nil, func(*bearer.Config) {})
	if err := app.Login(t.Context(), nil); !errors.Is(err, bearer.ErrDenied) {
		t.Errorf("an application logs in with a code: %v", err)
	}
}

func TestTokenServerThatFails(t *testing.T) {
	s := connectortest.StartTokenServer(t, "official")
	src, _ := source(t, s, nil, func(*bearer.Config) {})
	s.Fail(1)
	if _, err := src.Token(t.Context(), ""); err == nil || errors.Is(err, bearer.ErrDenied) {
		t.Errorf("an overloaded server: %v", err)
	}
	token(t, src, "")
	src, _ = source(t, s, nil, func(c *bearer.Config) { c.Secret = text("guess") })
	if _, err := src.Token(t.Context(), ""); !errors.Is(err, bearer.ErrDenied) || strings.Contains(err.Error(), "guess") || strings.Contains(err.Error(), "@") {
		t.Errorf("a wrong secret: %v", err)
	}
	src, _ = source(t, s, nil, func(c *bearer.Config) { c.TokenURL = s.URL + "/nowhere" })
	if _, err := src.Token(t.Context(), ""); !errors.Is(err, bearer.ErrDenied) {
		t.Errorf("a wrong address: %v", err)
	}
	if _, err := bearer.New(bearer.Config{Grant: bearer.RefreshToken}, nil, time.Now); err == nil {
		t.Error("a refresh token with nowhere to keep it")
	}
}
