package daemon

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/imap"
	"github.com/closeroll/closeroll/internal/bearer"
)

// Mailboxes that one template names share what belongs to them together: the
// budget of their server, and the tokens of an application that opens them all.
type shared struct {
	budgets map[string]*imap.Budget
	tokens  map[string]*bearer.Source
}

func newShared() *shared {
	return &shared{budgets: make(map[string]*imap.Budget), tokens: make(map[string]*bearer.Source)}
}

// mailbox makes the connector of a mailbox. It connects to nothing.
func (d *Daemon) mailbox(cfg configs.Source, ledger connectors.Ledger) (*imap.Mailbox, error) {
	in := cfg.IMAP
	c := imap.Config{Name: cfg.Name, Host: in.Host, Port: in.Port, Security: imap.Security(in.Security), Username: in.Username, Mailbox: in.Mailbox,
		Include: in.Include, Exclude: in.Exclude, Connections: in.Connections, Ledger: ledger, Budget: d.budget(in.Host)}
	var err error
	if c.CAs, err = certificates(in.CAFile); err != nil {
		return nil, err
	}
	if in.Auth == nil {
		c.Password = in.PasswordFile.Secret
		return imap.New(d.lg, c, d.spool, d.now)
	}
	tokens, err := d.tokens(cfg)
	if err != nil {
		return nil, err
	}
	c.Mechanism = imap.Mechanism(in.Auth.Mechanism)
	c.Token = func(ctx context.Context, refused string) (string, error) {
		token, err := tokens.Token(ctx, refused)
		if errors.Is(err, bearer.ErrDenied) || errors.Is(err, bearer.ErrNoLogin) {
			return "", fmt.Errorf("%w: %w", imap.ErrNoToken, err)
		}
		return token, err
	}
	return imap.New(d.lg, c, d.spool, d.now)
}

func (d *Daemon) budget(host string) *imap.Budget {
	b := d.shared.budgets[host]
	if b == nil {
		bounds := d.cfg.Budget(host)
		b = imap.NewBudget(bounds.Connections, bounds.LoginsPerMinute, int64(bounds.BytesPerSecond))
		d.shared.budgets[host] = b
	}
	return b
}

// tokens returns where a mailbox's bearer tokens come from.
func (d *Daemon) tokens(cfg configs.Source) (*bearer.Source, error) {
	a := cfg.IMAP.Auth
	name := cfg.Name
	if a.Grant == string(bearer.ClientCredentials) {
		name = cfg.Template // an application opens all its mailboxes with one token
	}
	if s := d.shared.tokens[name]; s != nil {
		return s, nil
	}
	c := bearer.Config{Name: name, Grant: bearer.Grant(a.Grant), TokenURL: a.TokenURL, DeviceURL: a.DeviceURL, ClientID: a.ClientID,
		Scopes: a.Scopes, Subject: cfg.IMAP.Username}
	if cfg.IMAP.Mailbox != "" {
		c.Subject = cfg.IMAP.Mailbox
	}
	if a.ClientSecretFile != "" {
		c.Secret = a.ClientSecretFile.Secret
	}
	if a.CertificateFile != "" {
		c.Certificate = func() (tls.Certificate, error) {
			return tls.LoadX509KeyPair(string(a.CertificateFile), string(a.KeyFile))
		}
	}
	if a.RefreshTokenFile != "" {
		c.First = a.RefreshTokenFile.Secret
	}
	if a.ServiceAccountFile != "" {
		c.ServiceAccount = a.ServiceAccountFile.Secret
	}
	var err error
	if c.CAs, err = certificates(a.CAFile); err != nil {
		return nil, err
	}
	keeper, err := d.keeper()
	if err != nil {
		return nil, err
	}
	s, err := bearer.New(c, keeper, d.now)
	d.shared.tokens[name] = s
	return s, err
}

// keeper keeps refresh tokens in the state folder.
func (d *Daemon) keeper() (*bearer.Keeper, error) {
	if d.keyring == nil {
		return nil, errors.New("the state keys could not be opened")
	}
	return bearer.NewKeeper(d.statePath("tokens"), d.keyring.State.Epoch(), d.keyring.State.Subkeys(seal.Tokens))
}

// certificates reads the authorities to trust; nil stands for the system's.
func certificates(file configs.Path) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(string(file))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no PEM certificate", file)
	}
	return pool, nil
}

// account is what a source's mailbox is known by to the retention rules.
func account(in *configs.IMAP) string {
	if in.Mailbox != "" {
		return in.Mailbox
	}
	return strings.TrimSpace(in.Username)
}
