package imap_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/connectors/imap"
	"github.com/closeroll/closeroll/internal/bearer"
)

// tokens makes a mailbox use the tokens of a server, by client credentials.
func tokens(t *testing.T, s *connectortest.TokenServer, mechanism imap.Mechanism) func(*imap.Config) {
	t.Helper()
	src, err := bearer.New(bearer.Config{Grant: bearer.ClientCredentials, TokenURL: s.TokenURL(), ClientID: connectortest.ClientID,
		Secret: func() ([]byte, error) { return []byte(connectortest.ClientSecret), nil }}, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return func(c *imap.Config) { c.Password, c.Token, c.Mechanism = nil, src.Token, mechanism }
}

var mechanisms = []imap.Mechanism{imap.XOAuth2, imap.OAuthBearer}

func TestDovecotTakesBearerTokens(t *testing.T) {
	ts := connectortest.StartTokenServer(t, connectortest.User)
	d := connectortest.StartDovecot(t, connectortest.WithIntrospection(ts))
	d.Deliver(t, connectortest.User, "INBOX", connectortest.Mail(1), "")
	for _, mechanism := range mechanisms {
		t.Run(string(mechanism), func(t *testing.T) {
			with := tokens(t, ts, mechanism)
			if got := connectortest.Collect(t, openAt(t, "127.0.0.1", d.Port, with), ""); len(got) != 1 {
				t.Fatalf("%d items", len(got))
			}
			// A token that the server withdrew is replaced, once.
			ts.RevokeAll()
			before := ts.Given()
			if got := connectortest.Collect(t, openAt(t, "127.0.0.1", d.Port, with), ""); len(got) != 1 || ts.Given() != before+1 {
				t.Errorf("after it was withdrawn: %d items, %d tokens", len(got), ts.Given()-before)
			}
			// A token is good for its own user's mailbox.
			other := openAt(t, "127.0.0.1", d.Port, with, func(c *imap.Config) { c.Mailbox = "somebody" })
			if _, err := other.Check(t.Context()); !errors.Is(err, imap.ErrRefused) {
				t.Errorf("another's mailbox: %v", err)
			}
		})
	}
}

func TestTokenExpiresInMidRun(t *testing.T) {
	for _, mechanism := range mechanisms {
		t.Run(string(mechanism), func(t *testing.T) {
			ts, faults := connectortest.StartTokenServer(t, connectortest.User), new(connectortest.Faults)
			s := connectortest.StartServer(t, connectortest.WithTokens(ts), connectortest.WithFaults(faults))
			for i := range 120 {
				s.Folder("INBOX").Add(connectortest.Mail(i))
			}
			faults.Plan(func(n int) connectortest.Fault { return connectortest.Fault{DropAfter: 40_000 * n} })
			m := open(t, s, tokens(t, ts, mechanism), func(c *imap.Config) { c.Window, c.Connections = 20, 1 })
			n := 0
			for item, err := range m.Items(t.Context(), "") {
				if err != nil || item.Err != nil {
					t.Fatal(err, item)
				}
				item.Release()
				if n++; n == 5 {
					ts.RevokeAll()
				}
			}
			if n < 120 || ts.Given() != 2 || faults.Accepted() < 3 {
				t.Errorf("%d items with %d tokens over %d connections", n, ts.Given(), faults.Accepted())
			}
		})
	}
}

func TestRefusedTokensEndTheRun(t *testing.T) {
	ts := connectortest.StartTokenServer(t, connectortest.User)
	s := connectortest.StartServer(t, connectortest.WithTokens(ts))
	for _, mechanism := range mechanisms {
		asked := 0
		bad := func(_ context.Context, refused string) (string, error) {
			if asked++; (asked == 2) != (refused == "bad-1") {
				t.Errorf("asked with %q", refused)
			}
			return fmt.Sprintf("bad-%d", asked), nil
		}
		m := open(t, s, func(c *imap.Config) { c.Password, c.Token, c.Mechanism = nil, bad, mechanism })
		_, err := connectortest.TryCollect(t, m, "")
		if !errors.Is(err, imap.ErrRefused) || asked != 2 || strings.Contains(err.Error(), "bad-") {
			t.Errorf("%s: asked %d times, %v", mechanism, asked, err)
		}
	}
	none := func(context.Context, string) (string, error) {
		return "", fmt.Errorf("%w: nobody has logged in", imap.ErrNoToken)
	}
	m := open(t, s, func(c *imap.Config) { c.Password, c.Token = nil, none })
	if _, err := connectortest.TryCollect(t, m, ""); !errors.Is(err, imap.ErrNoToken) {
		t.Errorf("no token: %v", err)
	}
	asked := 0
	flaky := func(ctx context.Context, refused string) (string, error) {
		if asked++; asked < 3 {
			return "", errors.New("out of order")
		}
		c := new(imap.Config)
		tokens(t, ts, imap.XOAuth2)(c)
		return c.Token(ctx, refused)
	}
	m = open(t, s, func(c *imap.Config) { c.Password, c.Token = nil, flaky })
	if _, err := connectortest.TryCollect(t, m, ""); err != nil || asked < 3 {
		t.Errorf("a token server that comes back: %d, %v", asked, err)
	}
	passwords := connectortest.StartServer(t)
	m = open(t, passwords, tokens(t, ts, imap.XOAuth2))
	if _, err := m.Check(t.Context()); !errors.Is(err, imap.ErrRefused) || !strings.Contains(err.Error(), "AUTH=XOAUTH2") {
		t.Errorf("a server without XOAUTH2: %v", err)
	}
}

func TestAnothersMailbox(t *testing.T) {
	d := connectortest.StartDovecot(t)
	d.Deliver(t, "private-office", "INBOX", connectortest.Mail(1), "")
	d.Maildir(t, connectortest.Master, "INBOX")
	as := func(c *imap.Config) { c.Username, c.Mailbox = connectortest.Master, "private-office" }
	if got := connectortest.Collect(t, openAt(t, "127.0.0.1", d.Port, as), ""); len(got) != 1 {
		t.Errorf("%d items of the mailbox that was asked for", len(got))
	}
	as = func(c *imap.Config) { c.Mailbox = "private-office" }
	if _, err := openAt(t, "127.0.0.1", d.Port, as).Check(t.Context()); !errors.Is(err, imap.ErrRefused) {
		t.Errorf("somebody who is no master: %v", err)
	}
	ts := connectortest.StartTokenServer(t, connectortest.User)
	s := connectortest.StartServer(t, connectortest.WithTokens(ts))
	connectortest.Collect(t, open(t, s, tokens(t, ts, imap.XOAuth2), func(c *imap.Config) { c.Mailbox = "shared@dept.example" }), "")
	if got := s.Opened(); !slices.Contains(got, "shared@dept.example") || slices.Contains(got, connectortest.User) {
		t.Errorf("opened: %q", got)
	}
}
