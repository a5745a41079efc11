package imap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"
)

// A Mechanism says how a mailbox authenticates.
type Mechanism string

// The mechanisms.
const (
	Passwords   Mechanism = "password"    // AUTH=PLAIN (RFC 4616), or LOGIN where the server has no PLAIN
	XOAuth2     Mechanism = "xoauth2"     // a bearer token, as Google and Microsoft take it
	OAuthBearer Mechanism = "oauthbearer" // a bearer token (RFC 7628)
)

// A tokenError is the refusal of a bearer token: another one may be better.
type tokenError struct {
	token  string // that was refused; never shown
	status string
}

func (e *tokenError) Error() string { return "the server refused the token: status " + e.status }

// Is makes every refusal of a token one of a log-in.
func (e *tokenError) Is(target error) bool { return target == ErrRefused }

// logIn authenticates. refused is a token that the server would not take a
// moment ago, or "".
func (s *session) logIn(ctx context.Context, refused string) error {
	var password []byte
	var token string
	var err error
	if s.m.cfg.Token != nil {
		if token, err = s.m.cfg.Token(ctx, refused); err != nil {
			return err
		}
	} else if password, err = s.m.cfg.Password(); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	err = s.do(64<<10, func() error {
		if err := s.client.WaitGreeting(); err != nil {
			return err
		}
		if s.client.State() == goimap.ConnStateAuthenticated {
			return fmt.Errorf("%w: it takes the connection for another user's (PREAUTH)", ErrRefused)
		}
		caps := s.client.Caps()
		if caps == nil {
			return errors.New("the server does not say what it can do")
		}
		if token != "" {
			return s.bear(caps, token)
		}
		return s.sayPassword(caps, string(password))
	})
	if refusal := new(goimap.Error); errors.As(err, &refusal) && refusal.Code != goimap.ResponseCodeUnavailable {
		if token != "" {
			return &tokenError{token, string(refusal.Type)}
		}
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if err != nil {
		return err
	}
	err = s.do(4<<10, func() error {
		if s.caps = s.client.Caps(); s.caps == nil {
			return errors.New("the server does not say what it can do")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.speakUTF8()
}

// sayPassword uses the strongest means that takes a password.
func (s *session) sayPassword(caps goimap.CapSet, password string) error {
	user, other := s.m.cfg.Username, s.m.cfg.Mailbox
	switch {
	case caps.Has(goimap.AuthCap("PLAIN")):
		return s.client.Authenticate(sasl.NewPlainClient(other, user, password))
	case other != "":
		return fmt.Errorf("%w: it has no AUTH=PLAIN, without which nobody can open another's mailbox", ErrRefused)
	case caps.Has(goimap.CapLoginDisabled):
		return fmt.Errorf("%w: it takes no password on this connection", ErrRefused)
	}
	return s.client.Login(user, password).Wait()
}

// bear presents a bearer token, for the mailbox that is to be opened.
func (s *session) bear(caps goimap.CapSet, token string) error {
	mailbox := s.m.cfg.Mailbox
	if mailbox == "" {
		mailbox = s.m.cfg.Username
	}
	var client sasl.Client = &xoauth2{user: mailbox, token: token}
	mechanism := "XOAUTH2"
	if s.m.cfg.Mechanism == OAuthBearer {
		mechanism = sasl.OAuthBearer
		client = sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: mailbox, Token: token, Host: s.m.cfg.Host, Port: s.m.cfg.Port})
	}
	if !caps.Has(goimap.AuthCap(mechanism)) {
		return fmt.Errorf("%w: it does not offer AUTH=%s", ErrRefused, mechanism)
	}
	err := s.client.Authenticate(client)
	if bad := new(sasl.OAuthBearerError); errors.As(err, &bad) {
		return &tokenError{token, bad.Status}
	}
	return err
}

// An xoauth2 is the client side of XOAUTH2, which no RFC describes: Google's and
// Microsoft's documentation do.
type xoauth2 struct{ user, token string }

// Start implements [sasl.Client].
func (x *xoauth2) Start() (string, []byte, error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next implements [sasl.Client]. The only challenge is a refusal. It should be
// answered by an empty response, which the library cannot send: the connection
// is given up instead.
func (x *xoauth2) Next(challenge []byte) ([]byte, error) {
	var said struct {
		Status string `json:"status"`
	}
	if err := json.Unmarshal(challenge, &said); err != nil {
		said.Status = "unknown"
	}
	return nil, &tokenError{x.token, said.Status}
}
