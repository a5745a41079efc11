package imap

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
)

// ErrRefused is wrapped by the error of a log-in that the server refused. It
// is not tried again within a run, lest the account be locked.
var ErrRefused = errors.New("the server refused the log-in")

// ErrNoToken is wrapped where no bearer token is to be had, and asking again
// changes nothing. It is for [Config.Token] to return.
var ErrNoToken = errors.New("no token to log in with")

const dialTimeout = 30 * time.Second

// connect opens and authenticates a session, with backoff between attempts. A
// token that is refused is replaced once.
func (m *Mailbox) connect(ctx context.Context) (*session, error) {
	refused := ""
	for attempt := 1; ; attempt++ {
		s, err := m.connectOnce(ctx, refused)
		bad := new(tokenError)
		switch {
		case err == nil:
			return s, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.As(err, &bad) && refused == "":
			refused = bad.token
			continue
		case errors.Is(err, ErrRefused), errors.Is(err, ErrNoToken), attempt >= m.cfg.Attempts:
			return nil, fmt.Errorf("cannot use %s: %w", m.address(), err)
		}
		m.lg.Debug("connection failed, trying again", "attempt", attempt, "err", err)
		if err := m.pause(ctx, attempt); err != nil {
			return nil, err
		}
	}
}

// pause waits before the next attempt: the backoff, doubled each time, at most
// five minutes, of which a random half keeps mailboxes from marching in step.
func (m *Mailbox) pause(ctx context.Context, attempt int) error {
	d := min(m.cfg.Backoff<<min(attempt-1, 16), 5*time.Minute)
	d = d/2 + rand.N(d/2+1)
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *Mailbox) address() string { return net.JoinHostPort(m.cfg.Host, strconv.Itoa(m.cfg.Port)) }

func (m *Mailbox) connectOnce(ctx context.Context, refused string) (*session, error) {
	if err := m.cfg.Budget.logIn(ctx); err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: dialTimeout}
	raw, err := d.DialContext(ctx, "tcp", m.address())
	if err != nil {
		return nil, err
	}
	s, err := m.open(ctx, raw, refused)
	if err != nil {
		raw.Close()
		return nil, err
	}
	return s, nil
}

// open makes a session of a fresh connection. From here on the end of ctx
// closes the connection itself, which is the only thing that ends every wait
// of the IMAP library.
func (m *Mailbox) open(ctx context.Context, raw net.Conn, refused string) (*session, error) {
	release := context.AfterFunc(ctx, func() { raw.Close() })
	conn, err := m.secure(raw)
	if err != nil {
		release()
		return nil, err
	}
	m.cfg.Budget.slow(ctx, conn)
	s := &session{m: m, conn: conn, release: release, news: make(chan struct{}, 1)}
	s.client = imapclient.New(conn, &imapclient.Options{
		WordDecoder: new(mime.WordDecoder),
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{
			Mailbox: func(d *imapclient.UnilateralDataMailbox) {
				if d.NumMessages != nil {
					select {
					case s.news <- struct{}{}:
					default:
					}
				}
			},
		},
	})
	if err := s.logIn(ctx, refused); err != nil {
		s.abandon()
		return nil, err
	}
	return s, nil
}

// secure returns the guarded connection to speak IMAP on, its greeting unread.
func (m *Mailbox) secure(raw net.Conn) (*guardedConn, error) {
	conf := &tls.Config{ServerName: m.cfg.Host, RootCAs: m.cfg.CAs, MinVersion: tls.VersionTLS12, NextProtos: []string{"imap"}}
	switch m.cfg.Security {
	case Plain:
		if a, ok := raw.RemoteAddr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
			return nil, fmt.Errorf("%w: %v is no loopback address, and the connection has no TLS", ErrRefused, raw.RemoteAddr())
		}
		return guard(raw, m.cfg.Idle), nil
	case StartTLS:
		if err := startTLS(raw, m.cfg.Idle); err != nil {
			return nil, err
		}
	}
	c := tls.Client(raw, conf)
	raw.SetDeadline(time.Now().Add(m.cfg.Idle))
	if err := c.Handshake(); err != nil {
		return nil, fmt.Errorf("TLS: %w", err)
	}
	raw.SetDeadline(time.Time{})
	g := guard(c, m.cfg.Idle)
	if m.cfg.Security == StartTLS {
		// No second greeting comes after STARTTLS (RFC 9051, section 6.2.1),
		// and the library waits for one.
		g.buffered = bufio.NewReaderSize(io.MultiReader(strings.NewReader("* OK secured\r\n"), timedReader{g}), readBuffer)
	}
	return g, nil
}

// startTLS speaks the exchange that leads to the TLS handshake. Whatever the
// server says before is unprotected: nothing of it is believed, PREAUTH is
// refused, and so is anything sent together with the consent (RFC 9051,
// sections 7.1.4 and 11.1).
func startTLS(raw net.Conn, idle time.Duration) error {
	raw.SetDeadline(time.Now().Add(idle))
	defer raw.SetDeadline(time.Time{})
	r := bufio.NewReaderSize(io.LimitReader(raw, 64<<10), 4<<10)
	greeting, err := r.ReadString('\n')
	if err != nil {
		return fmt.Errorf("no greeting: %w", err)
	}
	if !strings.HasPrefix(strings.ToUpper(greeting), "* OK") {
		return fmt.Errorf("%w: it does not greet as a server that can be asked for TLS", ErrRefused)
	}
	if _, err := io.WriteString(raw, "S1 STARTTLS\r\n"); err != nil {
		return err
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return fmt.Errorf("no answer to STARTTLS: %w", err)
		}
		if line = strings.ToUpper(line); !strings.HasPrefix(line, "S1 ") {
			continue
		}
		if !strings.HasPrefix(line, "S1 OK") {
			return fmt.Errorf("%w: it does not offer STARTTLS", ErrRefused)
		}
		if r.Buffered() > 0 {
			return fmt.Errorf("%w: it sent plaintext after agreeing to TLS", ErrRefused)
		}
		return nil
	}
}
