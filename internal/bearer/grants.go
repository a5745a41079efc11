package bearer

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/oauth2/jwt"
)

func (s *Source) fetch(ctx context.Context) (*oauth2.Token, error) {
	switch s.cfg.Grant {
	case ClientCredentials:
		return s.clientCredentials(ctx)
	case RefreshToken, DeviceCode:
		return s.refresh(ctx)
	case ServiceAccount:
		return s.serviceAccount(ctx)
	}
	return nil, fmt.Errorf("there is no grant %q", s.cfg.Grant)
}

// clientCredentials is the application's own token (RFC 6749, section 4.4).
func (s *Source) clientCredentials(ctx context.Context) (*oauth2.Token, error) {
	secret, err := s.secret()
	if err != nil {
		return nil, err
	}
	extra, err := s.assertion()
	if err != nil {
		return nil, err
	}
	c := clientcredentials.Config{ClientID: s.cfg.ClientID, ClientSecret: secret, TokenURL: s.cfg.TokenURL, Scopes: s.cfg.Scopes,
		EndpointParams: extra, AuthStyle: oauth2.AuthStyleInParams}
	return c.Token(ctx)
}

func (s *Source) secret() (string, error) {
	if s.cfg.Secret == nil {
		return "", nil
	}
	b, err := s.cfg.Secret()
	return string(b), err
}

// assertion is what identifies the client by its certificate.
func (s *Source) assertion() (url.Values, error) {
	if s.cfg.Certificate == nil {
		return nil, nil
	}
	cert, err := s.cfg.Certificate()
	if err != nil {
		return nil, err
	}
	signed, err := clientAssertion(cert, s.cfg.ClientID, s.cfg.TokenURL, s.now())
	if err != nil {
		return nil, err
	}
	return url.Values{"client_assertion_type": {assertionType}, "client_assertion": {signed}}, nil
}

func (s *Source) oauth() (*oauth2.Config, error) {
	secret, err := s.secret()
	return &oauth2.Config{ClientID: s.cfg.ClientID, ClientSecret: secret, Scopes: s.cfg.Scopes, Endpoint: oauth2.Endpoint{
		TokenURL: s.cfg.TokenURL, DeviceAuthURL: s.cfg.DeviceURL, AuthStyle: oauth2.AuthStyleInParams}}, err
}

// refresh uses the refresh token that is kept, else the first one. A kept one
// that is refused gives way to a first one that a person has since replaced.
func (s *Source) refresh(ctx context.Context) (*oauth2.Token, error) {
	c, err := s.oauth()
	if err != nil {
		return nil, err
	}
	kept, err := s.keeper.Load(s.cfg.Name)
	if err != nil {
		return nil, err
	}
	var tokens []string
	if kept != "" {
		tokens = append(tokens, kept)
	}
	if s.cfg.First != nil {
		first, err := s.cfg.First()
		if err != nil && kept == "" {
			return nil, err
		}
		if err == nil && string(first) != kept {
			tokens = append(tokens, string(first))
		}
	}
	if len(tokens) == 0 {
		return nil, fmt.Errorf("%w: closeroll login %s asks for it", ErrNoLogin, s.cfg.Name)
	}
	var refused error
	for _, refresh := range tokens {
		t, err := c.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh, Expiry: time.Unix(1, 0)}).Token()
		if err == nil {
			return t, nil
		}
		refused = err
	}
	return nil, refused
}

// serviceAccount signs for the user whose mailbox it is (RFC 7523, section 2.1;
// Google calls it domain-wide delegation).
func (s *Source) serviceAccount(ctx context.Context) (*oauth2.Token, error) {
	b, err := s.cfg.ServiceAccount()
	if err != nil {
		return nil, err
	}
	var file struct {
		Type  string `json:"type"`
		Email string `json:"client_email"`
		Key   string `json:"private_key"`
		KeyID string `json:"private_key_id"`
	}
	if json.Unmarshal(b, &file) != nil || file.Type != "service_account" || file.Email == "" || file.Key == "" {
		return nil, fmt.Errorf("%w to be asked: the file is no service account's key", ErrDenied)
	}
	c := jwt.Config{Email: file.Email, PrivateKey: []byte(file.Key), PrivateKeyID: file.KeyID, Subject: s.cfg.Subject,
		Scopes: s.cfg.Scopes, TokenURL: s.cfg.TokenURL}
	return c.TokenSource(ctx).Token()
}

// A Prompt is what a person needs to log in on another device.
type Prompt struct {
	Code    string    `json:"code"`
	URL     string    `json:"url"`
	Expires time.Time `json:"expires,omitzero"`
}

// Login asks a person to log in (RFC 8628): show is called with the code, and
// Login waits until that person has agreed, refused, or let the code expire. The
// refresh token is then kept.
func (s *Source) Login(ctx context.Context, show func(Prompt) error) error {
	if s.cfg.Grant != DeviceCode {
		return fmt.Errorf("%w: this mailbox does not log in with a code, but by %s", ErrDenied, s.cfg.Grant)
	}
	c, err := s.oauth()
	if err != nil {
		return err
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, s.client)
	begun, err := c.DeviceAuth(ctx)
	if err != nil {
		return plain(err)
	}
	if err := show(Prompt{begun.UserCode, begun.VerificationURI, begun.Expiry}); err != nil {
		return err
	}
	t, err := c.DeviceAccessToken(ctx, begun)
	if err != nil {
		return plain(err)
	}
	if t.RefreshToken == "" {
		return fmt.Errorf("%w a refresh token: the scopes must include offline access", ErrDenied)
	}
	if err := s.keeper.Save(s.cfg.Name, t.RefreshToken); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = "" // of the old log-in
	return nil
}
