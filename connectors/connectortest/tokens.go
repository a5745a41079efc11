package connectortest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// What a TokenServer knows its one client by.
const (
	ClientID     = "closeroll-test"
	ClientSecret = "hunter2"
)

// A TokenServer is an OAuth 2.0 authorisation server (RFC 6749) with the grants
// of RFC 7523 and RFC 8628 and introspection (RFC 7662), on loopback. It gives
// tokens for one user, and remembers which are good.
type TokenServer struct {
	*httptest.Server
	Key *rsa.PublicKey // that assertions are verified with; nil: none are taken

	mu       sync.Mutex
	user     string
	life     time.Duration
	tokens   map[string]bool // access tokens, and whether they are good
	refresh  string          // the one refresh token that is good
	agreed   bool            // the person has agreed
	scopes   []string
	subjects []string
	outages  int
}

// StartTokenServer serves until the test ends. Its tokens are for user.
func StartTokenServer(t testing.TB, user string) *TokenServer {
	t.Helper()
	s := &TokenServer{user: user, life: time.Hour, tokens: make(map[string]bool)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", s.serveToken)
	mux.HandleFunc("POST /device", s.serveDevice)
	mux.HandleFunc("GET /introspect", s.serveIntrospection)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// TokenURL is where tokens are asked for.
func (s *TokenServer) TokenURL() string { return s.URL + "/token" }

// DeviceURL is where logging in on another device begins.
func (s *TokenServer) DeviceURL() string { return s.URL + "/device" }

// IntrospectionURL is where a mail server asks about a token, which it appends.
func (s *TokenServer) IntrospectionURL() string { return s.URL + "/introspect?token=" }

// Live makes tokens that are given from now on last so long.
func (s *TokenServer) Live(d time.Duration) { s.set(func() { s.life = d }) }

// RevokeAll makes every access token given so far bad.
func (s *TokenServer) RevokeAll() {
	s.set(func() {
		for t := range s.tokens {
			s.tokens[t] = false
		}
	})
}

// Agree is what the person does who was shown a code.
func (s *TokenServer) Agree() { s.set(func() { s.agreed = true }) }

// GiveRefreshToken returns a refresh token, as a person's consent in a browser
// does. It is good until it is used or another is given.
func (s *TokenServer) GiveRefreshToken() (token string) {
	s.set(func() { token = s.rotate() })
	return token
}

// Fail makes the next n requests for a token fail as those of an overloaded
// server do.
func (s *TokenServer) Fail(n int) { s.set(func() { s.outages = n }) }

// Given is how many access tokens were given.
func (s *TokenServer) Given() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tokens)
}

// Asked lists the scopes and subjects that tokens were asked for.
func (s *TokenServer) Asked() (scopes, subjects []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.scopes, s.subjects
}

// Good reports whether a token is good, and whose it is.
func (s *TokenServer) Good(token string) (user string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.user, s.tokens[token]
}

func (s *TokenServer) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *TokenServer) rotate() string {
	s.refresh = "refresh-" + rand.Text()
	return s.refresh
}

func (s *TokenServer) serveToken(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.ParseForm(); err != nil || s.outages > 0 {
		s.outages--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	f := r.PostForm
	answer := map[string]any{"token_type": "Bearer", "expires_in": int(s.life.Seconds())}
	s.scopes = append(s.scopes, f.Get("scope"))
	switch grant := f.Get("grant_type"); {
	case grant == "client_credentials" && s.isClient(f):
	case grant == "refresh_token" && f.Get("refresh_token") == s.refresh:
		answer["refresh_token"] = s.rotate()
	case grant == "refresh_token":
		refuse400(w, "invalid_grant")
		return
	case grant == "urn:ietf:params:oauth:grant-type:device_code" && f.Get("device_code") == "device" && s.agreed:
		answer["refresh_token"] = s.rotate()
	case grant == "urn:ietf:params:oauth:grant-type:device_code":
		refuse400(w, "authorization_pending")
		return
	case grant == "urn:ietf:params:oauth:grant-type:jwt-bearer" && s.verified(f.Get("assertion")) != nil:
		sub, _ := s.verified(f.Get("assertion"))["sub"].(string)
		s.subjects = append(s.subjects, sub)
	default:
		refuse400(w, "invalid_client")
		return
	}
	token := "access-" + rand.Text()
	s.tokens[token] = true
	answer["access_token"] = token
	reply(w, answer)
}

func (s *TokenServer) isClient(f url.Values) bool {
	if f.Get("client_secret") == ClientSecret && f.Get("client_id") == ClientID {
		return true
	}
	return s.verified(f.Get("client_assertion"))["iss"] == ClientID
}

// verified returns the claims of an assertion that the key signed, with PS256
// or RS256, or nil.
func (s *TokenServer) verified(jwt string) map[string]any {
	parts := strings.Split(jwt, ".")
	if s.Key == nil || len(parts) != 3 {
		return nil
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || rsa.VerifyPSS(s.Key, crypto.SHA256, sum[:], signature, nil) != nil && rsa.VerifyPKCS1v15(s.Key, crypto.SHA256, sum[:], signature) != nil {
		return nil
	}
	b, err := base64.RawURLEncoding.DecodeString(parts[1])
	claims := make(map[string]any)
	if err != nil || json.Unmarshal(b, &claims) != nil || claims["aud"] != s.TokenURL() {
		return nil
	}
	return claims
}

func (s *TokenServer) serveDevice(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("client_id") != ClientID {
		refuse400(w, "invalid_client")
		return
	}
	reply(w, map[string]any{"device_code": "device", "user_code": "WDJB-MJHT", "verification_uri": s.URL + "/agree", "expires_in": 600, "interval": 1})
}

func (s *TokenServer) serveIntrospection(w http.ResponseWriter, r *http.Request) {
	user, good := s.Good(r.FormValue("token"))
	reply(w, map[string]any{"active": good, "user": user})
}

func refuse400(w http.ResponseWriter, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(w, `{"error":%q,"error_description":"a.person@dept.example may not"}`, code)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}
