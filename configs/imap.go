package configs

import (
	"fmt"
	"net/url"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/strictyaml"
)

// IMAP is a mailbox on a mail server, or many with one template. They are opened
// read-only.
type IMAP struct {
	Host          string          `yaml:"host" doc:"name or address of the server"`
	Port          int             `yaml:"port" doc:"(993; 143 unless security is tls)"`
	Security      string          `yaml:"security" doc:"tls, starttls, or plain, which is for loopback only (tls)"`
	Username      string          `yaml:"username" doc:"login; {address} stands for each mailbox's address ({address} where there are mailboxes)"`
	Mailbox       string          `yaml:"mailbox" doc:"the account to open, where it is another than the login's: a shared or delegated mailbox (the login's own)"`
	Mailboxes     []Mailbox       `yaml:"mailboxes" doc:"many mailboxes with everything else in common: each becomes a source of its own"`
	MailboxesFile Path            `yaml:"mailboxes_file" doc:"the same as a file: a line each, with the address, and after it, where needed, the custodian and the source's name"`
	PasswordFile  Path            `yaml:"password_file" doc:"file with the password, read anew for each connection; {address} as in username"`
	Auth          *Auth           `yaml:"auth" doc:"bearer tokens instead of a password"`
	CAFile        Path            `yaml:"ca_file" doc:"PEM certificates to trust instead of the system's"`
	Include       strictyaml.List `yaml:"include" doc:"folders to capture: * and ? match, / separates, \\Drafts is what the server marks so (all)"`
	Exclude       strictyaml.List `yaml:"exclude" doc:"folders to leave out all the same; their messages are counted"`
	Connections   int             `yaml:"connections" doc:"at once, 1 to 10 (2)"`
	SecretExpires record.Date     `yaml:"secret_expires" doc:"day on which the password, client secret or certificate expires: status, metrics and alerts warn 30 days before"`

	// SenderIsCustodian says whose a chat export is that came by e-mail.
	SenderIsCustodian bool `yaml:"sender_is_custodian" doc:"a chat export attached to a message is the custodian's who lists the sender among its addresses; for a mailbox that takes mail from inside only, because a sender is easily forged (false)"`
}

// A Mailbox is one of many with a template in common.
type Mailbox struct {
	Address   string `yaml:"address" doc:"the mailbox's address"`
	Custodian string `yaml:"custodian" doc:"id of the custodian (the one who lists the address, else the source's)"`
	Name      string `yaml:"name" doc:"the source's name (the template's, a hyphen, and what stands before the @)"`
}

// Auth says where bearer tokens come from.
type Auth struct {
	Mechanism          string          `yaml:"mechanism" doc:"xoauth2 or oauthbearer (xoauth2)"`
	Grant              string          `yaml:"grant" doc:"client_credentials, device_code, refresh_token or service_account"`
	Provider           string          `yaml:"provider" doc:"microsoft or google: gives the URLs and scopes (none)"`
	Tenant             string          `yaml:"tenant" doc:"microsoft: the directory's id or domain"`
	TokenURL           string          `yaml:"token_url" doc:"where tokens are asked for (the provider's)"`
	DeviceURL          string          `yaml:"device_url" doc:"device_code: where a log-in begins (the provider's)"`
	ClientID           string          `yaml:"client_id" doc:"the application's id"`
	ClientSecretFile   Path            `yaml:"client_secret_file" doc:"file with its secret"`
	CertificateFile    Path            `yaml:"certificate_file" doc:"client_credentials: its certificate instead of a secret, PEM; with key_file"`
	KeyFile            Path            `yaml:"key_file" doc:"the certificate's private key, RSA, PEM"`
	RefreshTokenFile   Path            `yaml:"refresh_token_file" doc:"refresh_token: file with the first one; those that follow are kept sealed in the state folder"`
	ServiceAccountFile Path            `yaml:"service_account_file" doc:"service_account: its key file, JSON; it signs for the mailbox's user"`
	Scopes             strictyaml.List `yaml:"scopes" doc:"what is asked for (the provider's)"`
	CAFile             Path            `yaml:"ca_file" doc:"PEM certificates to trust for the token server instead of the system's"`
}

// A MailServer bounds what all mailboxes on one server ask of it together.
type MailServer struct {
	Host            string `yaml:"host" doc:"as the sources name it"`
	Connections     int    `yaml:"connections" doc:"open at once (20; unbounded on a loopback address)"`
	LoginsPerMinute int    `yaml:"logins_per_minute" doc:"(60; unbounded on a loopback address)"`
	BytesPerSecond  Size   `yaml:"bytes_per_second" doc:"received (unbounded)"`
}

// Reconcile says when a mailbox's own list is compared with what was accounted
// for, and how much of it is read again.
type Reconcile struct {
	When    Cron `yaml:"when" doc:"cron expression, in UTC (0 2 * * 0)"`
	Samples int  `yaml:"samples" doc:"messages whose octets are read again each time; -1 for all (100)"`
}

// Budget returns the bounds for a server's mailboxes.
func (c *Config) Budget(host string) MailServer {
	b := MailServer{Host: host}
	for _, s := range c.MailServers {
		if s.Host == host {
			b = s
		}
	}
	if !loopback(host) {
		set(&b.Connections, 20)
		set(&b.LoginsPerMinute, 60)
	}
	return b
}

func (m *IMAP) setDefaults() {
	set(&m.Security, "tls")
	set(&m.Port, map[string]int{"starttls": 143, "plain": 143}[m.Security])
	set(&m.Port, 993)
	set(&m.Connections, 2)
	if m.many() {
		set(&m.Username, placeholder)
	}
	if m.Auth != nil {
		m.Auth.setDefaults()
	}
}

// microsoftScopes is what Microsoft 365 must be asked for, by grant.
func microsoftScopes(grant string) []string {
	if grant == "client_credentials" {
		return []string{"https://outlook.office365.com/.default"}
	}
	return []string{"https://outlook.office.com/IMAP.AccessAsUser.All", "offline_access"}
}

func (a *Auth) setDefaults() {
	set(&a.Mechanism, "xoauth2")
	var scopes []string
	switch a.Provider {
	case "microsoft":
		at := "https://login.microsoftonline.com/" + url.PathEscape(a.Tenant) + "/oauth2/v2.0/"
		set(&a.TokenURL, at+"token")
		set(&a.DeviceURL, at+"devicecode")
		scopes = microsoftScopes(a.Grant)
	case "google":
		set(&a.TokenURL, "https://oauth2.googleapis.com/token")
		set(&a.DeviceURL, "https://oauth2.googleapis.com/device/code")
		scopes = []string{"https://mail.google.com/"}
	}
	if a.Scopes == nil {
		a.Scopes = scopes
	}
}

func (v check) imap(path string, m *IMAP) {
	v.need(path+".host", m.Host)
	v.within(path+".port", m.Port, 1, 65535)
	v.security(path, m.Security, m.Host)
	v.need(path+".username", m.Username)
	switch {
	case m.Auth == nil:
		v.need(path+".password_file", string(m.PasswordFile))
	case m.PasswordFile != "":
		v.add(path+".password_file", "is given, and so is auth: a mailbox is opened with one of them")
	}
	if m.Auth != nil {
		v.auth(path+".auth", m.Auth)
	}
	v.within(path+".connections", m.Connections, 1, 10)
	if m.many() {
		v.mailboxes(path, m)
	}
}

func (v check) auth(path string, a *Auth) {
	v.oneOf(path+".mechanism", a.Mechanism, "xoauth2", "oauthbearer")
	v.oneOf(path+".grant", a.Grant, "client_credentials", "device_code", "refresh_token", "service_account")
	if a.Provider != "" {
		v.oneOf(path+".provider", a.Provider, "microsoft", "google")
	}
	if a.Provider == "microsoft" {
		v.need(path+".tenant", a.Tenant)
	} else if a.Tenant != "" {
		v.add(path+".tenant", "is given, but the provider is not microsoft")
	}
	v.tokenURL(path+".token_url", a.TokenURL)
	if a.Grant == "device_code" {
		v.tokenURL(path+".device_url", a.DeviceURL)
	}
	v.pair(path, a.CertificateFile, a.KeyFile, "certificate_file", "key_file")
	if a.ClientSecretFile != "" && a.CertificateFile != "" {
		v.add(path+".certificate_file", "is given, and so is client_secret_file: an application has one of them")
	}
	if a.Grant != "service_account" {
		v.need(path+".client_id", a.ClientID)
	}
	if a.Grant == "client_credentials" && a.ClientSecretFile == "" && a.CertificateFile == "" {
		v.add(path+".client_secret_file", "is missing: client_credentials needs it, or certificate_file")
	}
	for _, k := range []struct {
		grant, key string
		file       Path
	}{{"refresh_token", "refresh_token_file", a.RefreshTokenFile}, {"service_account", "service_account_file", a.ServiceAccountFile}} {
		if a.Grant == k.grant {
			v.need(path+"."+k.key, string(k.file))
		} else if k.file != "" {
			v.add(path+"."+k.key, "is for %s, and the grant is %s", k.grant, a.Grant)
		}
	}
}

// tokenURL wants TLS, because secrets are sent there.
func (v check) tokenURL(path, s string) {
	u, err := url.Parse(s)
	switch {
	case s == "":
		v.add(path, "is missing: give it, or a provider")
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http":
		v.add(path, "is no URL: write it as https://login.example.org/token")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		v.add(path, "http is for a loopback address only, and %s is none", u.Hostname())
	}
}

func (v check) mailServers(list []MailServer) {
	known := make(map[string]bool)
	for i, s := range list {
		path := fmt.Sprintf("mail_servers[%d]", i)
		v.need(path+".host", s.Host)
		if known[s.Host] && s.Host != "" {
			v.add(path+".host", "%s is given twice", s.Host)
		}
		known[s.Host] = true
		if s.Connections < 0 {
			v.add(path+".connections", "is negative")
		}
		if s.LoginsPerMinute < 0 {
			v.add(path+".logins_per_minute", "is negative")
		}
	}
}

// ExpiryWarning is how long before its day a secret's expiry is warned of.
const ExpiryWarning = 30 * 24 * time.Hour

func (v check) lifeOf(path string, s *Source) {
	if s.IMAP == nil && !s.AutoDelete.IsZero() {
		v.add(path+".auto_delete", "is for mailboxes: a drop folder deletes nothing by itself")
	}
	if s.Significance != "" {
		v.oneOf(path+".significance", s.Significance, "significant", "logistical")
	}
}
