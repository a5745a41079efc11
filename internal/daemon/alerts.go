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
	s := &alert.SMTP{Host: cfg.SMTP.Host, Port: cfg.SMTP.Port, Security: cfg.SMTP.Security, From: cfg.SMTP.From, To: cfg.SMTP.To,
		Username: cfg.SMTP.Username, Now: now}
	s.Password = func() (string, error) {
		b, err := cfg.SMTP.PasswordFile.Secret()
		return string(b), err
	}
	if cfg.SMTP.CAFile != "" {
		pem, err := os.ReadFile(string(cfg.SMTP.CAFile))
		if err != nil {
			return nil, err
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no PEM certificate", cfg.SMTP.CAFile)
		}
		s.TLS = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return s, nil
}
