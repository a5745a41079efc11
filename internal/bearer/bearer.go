// Package bearer gets the bearer tokens (RFC 6750) that mailboxes are opened
// with, by the grants that departments are given: client credentials (RFC 6749,
// section 4.4) with a secret or a certificate (RFC 7523, section 2.2), a refresh
// token (section 6), a person who agrees on another device (RFC 8628), and the
// signed assertion of a service account (RFC 7523, section 2.1).
//
// A [Source] keeps an access token in memory until shortly before it expires. A
// refresh token, which opens a mailbox for months, is kept sealed by a [Keeper].
// Errors name the token server's error code and never what it was sent, nor its
// prose, which may hold addresses.
package bearer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

// A Grant is how a source comes by its tokens.
type Grant string

// The grants.
const (
	ClientCredentials Grant = "client_credentials" // the application itself, as Microsoft 365 allows
	RefreshToken      Grant = "refresh_token"      // a token that a person gave once
	DeviceCode        Grant = "device_code"        // a person logs in with a code: closeroll login
	ServiceAccount    Grant = "service_account"    // a key that signs for a user, as Google Workspace allows
)

var (
	// ErrDenied is wrapped by the error of a request that the token server
	// refused; asking again changes nothing.
	ErrDenied = errors.New("the token server refused")

	// ErrNoLogin is wrapped where a person must log in first.
	ErrNoLogin = errors.New("nobody has logged in to this mailbox")
)

// Config says where tokens come from. The functions read files anew each time, so
// that secrets can be renewed while the daemon runs.
type Config struct {
	Name  string // of the source, under which its refresh token is kept
	Grant Grant

	TokenURL  string
	DeviceURL string // of DeviceCode
	ClientID  string
	Scopes    []string

	Secret         func() ([]byte, error)          // of the client; nil for none
	Certificate    func() (tls.Certificate, error) // instead of Secret; nil for none
	First          func() ([]byte, error)          // the first refresh token; nil for none
	ServiceAccount func() ([]byte, error)          // the key file, JSON as Google issues it
	Subject        string                          // of ServiceAccount: whose mailbox it is

	CAs *x509.CertPool // nil for the system's
}

// A Source gets tokens. It may be used from any number of goroutines.
type Source struct {
	cfg    Config
	keeper *Keeper
	now    func() time.Time
	client *http.Client

	mu      sync.Mutex // held while a token is fetched
	token   string
	expires time.Time
}

// answerTime bounds one request to a token server.
const answerTime = 30 * time.Second

// early is how long before its end a token is not used any more.
const early = 2 * time.Minute

// New returns a source. It asks nobody yet. keeper may be nil for grants that
// have no refresh token.
func New(cfg Config, keeper *Keeper, now func() time.Time) (*Source, error) {
	if (cfg.Grant == RefreshToken || cfg.Grant == DeviceCode) && keeper == nil {
		return nil, fmt.Errorf("a %s needs a place where it is kept", cfg.Grant)
	}
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		TLSClientConfig:       &tls.Config{RootCAs: cfg.CAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   answerTime,
		ResponseHeaderTimeout: answerTime,
		MaxIdleConns:          1,
		IdleConnTimeout:       time.Minute,
		ForceAttemptHTTP2:     true,
	}
	return &Source{cfg: cfg, keeper: keeper, now: now, client: &http.Client{
		Transport: limited{transport},
		Timeout:   answerTime,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("a token server that redirects is not followed")
		},
	}}, nil
}

// limited bounds what a token server may answer.
type limited struct{ http.RoundTripper }

const maxAnswer = 1 << 20

// RoundTrip implements [http.RoundTripper].
func (l limited) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(req)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	}
	return resp, err
}

// Token returns an access token that is good for a while, other than the one
// given, which the mail server has just refused.
func (s *Source) Token(ctx context.Context, refused string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token != "" && s.token != refused && s.now().Add(early).Before(s.expires) {
		return s.token, nil
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, s.client)
	t, err := s.fetch(ctx)
	if err != nil {
		return "", plain(err)
	}
	if t.AccessToken == refused {
		return "", fmt.Errorf("%w to give another token than the one that the mail server does not take", ErrDenied)
	}
	if t.RefreshToken != "" && s.keeper != nil {
		if err := s.keeper.Save(s.cfg.Name, t.RefreshToken); err != nil {
			return "", err
		}
	}
	s.token, s.expires = t.AccessToken, t.Expiry
	if t.Expiry.IsZero() {
		s.expires = s.now().Add(10 * time.Minute) // RFC 6749, section 5.1: expires_in is optional
	}
	return s.token, nil
}

// plain is a token server's refusal in words of ours.
func plain(err error) error {
	said := new(oauth2.RetrieveError)
	if !errors.As(err, &said) {
		return err
	}
	status := 0
	if said.Response != nil {
		status = said.Response.StatusCode
	}
	switch {
	case said.ErrorCode == "temporarily_unavailable" || said.ErrorCode == "server_error" || said.ErrorCode == "" && (status >= 500 || status == http.StatusTooManyRequests):
		return fmt.Errorf("the token server is out of order: status %d", status)
	case said.ErrorCode == "invalid_grant":
		return fmt.Errorf("%w: invalid_grant: what was granted has expired or was withdrawn", ErrDenied)
	case said.ErrorCode == "":
		return fmt.Errorf("%w: status %d", ErrDenied, status)
	}
	return fmt.Errorf("%w: %s", ErrDenied, word(said.ErrorCode))
}

// word returns an error code if it is one (RFC 6749, section 5.2), and nothing
// that a hostile server might put in its place.
func word(code string) string {
	if len(code) > 64 {
		return "an unknown error"
	}
	for _, r := range code {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r == '-') {
			return "an unknown error"
		}
	}
	return code
}
