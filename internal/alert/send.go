package alert

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// A Command delivers by running a program with these arguments: the subject is
// in CLOSEROLL_SUBJECT, the body on its standard input.
type Command []string

// Send implements [Sender]. The program's output is not kept; that it failed is.
func (c Command) Send(ctx context.Context, subject, body string) error {
	cmd := exec.CommandContext(ctx, c[0], c[1:]...)
	cmd.Env = append(cmd.Environ(), "CLOSEROLL_SUBJECT="+subject)
	cmd.Stdin = strings.NewReader(body)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("alert command %s: %w", c[0], err)
	}
	return nil
}

// SMTP delivers by mail (RFC 5321).
type SMTP struct {
	Host     string
	Port     int
	Security string // tls, starttls, or plain, which is for loopback only
	From     string
	To       []string
	Username string // "" for no authentication
	Password func() (string, error)
	TLS      *tls.Config // nil for the system's
	Now      func() time.Time
}

// Send implements [Sender]: plain text in UTF-8.
func (s *SMTP) Send(ctx context.Context, subject, body string) error {
	return s.deliver(ctx, []byte(s.head(subject)+"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"+strings.ReplaceAll(body, "\n", "\r\n")))
}

// deliver hands one mail to the server.
func (s *SMTP) deliver(ctx context.Context, mail []byte) error {
	c, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if s.Username != "" {
		password, err := s.Password()
		if err != nil {
			return err
		}
		if err := c.Auth(smtp.PlainAuth("", s.Username, password, s.Host)); err != nil {
			return err
		}
	}
	if err := c.Mail(s.From); err != nil {
		return err
	}
	for _, to := range s.To {
		if err := c.Rcpt(to); err != nil {
			return err
		}
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(mail); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.Quit()
}

// dial connects, and secures the connection before anything is said on it.
func (s *SMTP) dial(ctx context.Context) (*smtp.Client, error) {
	config := &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12}
	if s.TLS != nil {
		config = s.TLS.Clone()
		config.ServerName = s.Host
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)))
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			conn.Close()
			return nil, err
		}
	}
	if s.Security == "tls" {
		conn = tls.Client(conn, config)
	}
	if s.Security == "plain" && !conn.RemoteAddr().(*net.TCPAddr).IP.IsLoopback() {
		conn.Close()
		return nil, errors.New("mail without TLS is sent to this machine only")
	}
	c, err := smtp.NewClient(conn, s.Host)
	if err != nil {
		conn.Close()
		return nil, err
	}
	if s.Security == "starttls" {
		if err := c.StartTLS(config); err != nil {
			c.Close()
			return nil, err
		}
	}
	return c, nil
}
