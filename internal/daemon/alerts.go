package daemon

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/alert"
)

// alertSender is how the configuration wants people to be told; nil where it
// says none.
func alertSender(cfg configs.Alerts, now func() time.Time) (alert.Sender, error) {
	switch {
	case len(cfg.Command) > 0:
		return alert.Command(cfg.Command), nil
	case cfg.SMTP == nil:
		return nil, nil
	}
	return smtpSender(cfg.SMTP, now)
}

// smtpSender sends to the people whom the configuration names for alerts.
func smtpSender(cfg *configs.SMTP, now func() time.Time) (*alert.SMTP, error) {
	s := &alert.SMTP{Host: cfg.Host, Port: cfg.Port, Security: cfg.Security, From: cfg.From, To: cfg.To, Username: cfg.Username, Now: now}
	s.Password = func() (string, error) {
		b, err := cfg.PasswordFile.Secret()
		return string(b), err
	}
	if cfg.CAFile != "" {
		pem, err := os.ReadFile(string(cfg.CAFile))
		if err != nil {
			return nil, err
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no PEM certificate", cfg.CAFile)
		}
		s.TLS = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return s, nil
}
