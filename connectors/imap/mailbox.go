// Package imap captures mailboxes over IMAP (RFC 9051, RFC 3501) without
// changing them: folders are opened with EXAMINE and messages are fetched with
// BODY.PEEK, so that no flag moves and nothing is marked as read.
//
// A [Mailbox] keeps, for each folder and UIDVALIDITY, the highest UID that was
// yielded and the UIDs that are still owed. New messages are found with UID
// SEARCH, never by counting numbers up. One bad message never blocks a folder:
// it is tried alone, then owed, and the next is fetched. A folder that the
// server numbered anew is read again from the beginning; the octets show
// downstream what is already archived. UIDs that the server issued and that
// were gone before anybody looked are counted as having come and gone.
//
// A folder that is listed under another name with the UIDVALIDITY that it had,
// and whose messages have the octets that were captured, was renamed: it is read
// on where it was. The same proof is asked of a mailbox on another server. What
// cannot be proved is read again. [Mailbox.Reconcile] sets the server's whole
// list against what was accounted for.
//
// What it cannot promise: to see a message that arrived and left between two
// polls, or one that the server hides from IMAP.
package imap

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
)

// Security says how a connection is protected.
type Security string

// The ways of protecting a connection.
const (
	TLS      Security = "tls"      // from the first octet (RFC 8314, section 3.2)
	StartTLS Security = "starttls" // upgraded before anything is said (RFC 9051, section 6.2.1)
	Plain    Security = "plain"    // not at all; to a loopback address only
)

// Reasons why a message failed, beside [record.ReasonUnreadable].
const (
	// ReasonGone: it was owed, and the server has it no longer, or numbered
	// its folder anew, after which it is listed again under another key.
	ReasonGone record.Reason = "gone"
)

// Config describes one mailbox. Zero values take the defaults named.
type Config struct {
	Name     string   // the source's name
	Host     string   // a name or address
	Port     int      // default 993, or 143 without TLS from the first octet
	Security Security // default TLS
	Username string
	Password func() ([]byte, error) // read anew for each connection, so that it can be renewed

	// Mailbox is the account to open, where it is not that of Username: a
	// shared mailbox, or one that Username administers.
	Mailbox string

	// Token returns a bearer token instead of a password, to be presented by
	// Mechanism. It must not return the one given, which the server has just
	// refused. It is asked for every connection. An error is tried again as any
	// failed connection is, unless it wraps ErrNoToken.
	Token     func(ctx context.Context, refused string) (string, error)
	Mechanism Mechanism // default XOAuth2 where there is a Token, else Passwords

	Budget *Budget        // shared with the other mailboxes on this server; nil for none
	CAs    *x509.CertPool // default: the system's

	// Include and Exclude choose folders by name: * stands for any
	// characters, ? for one, / for the server's hierarchy separator, and a
	// pattern like \Drafts for the folders that the server marks so (RFC
	// 6154). No Include means every folder. Exclude prevails. The messages of
	// folders left out are yielded as excluded, by UID and without content.
	Include []string
	Exclude []string

	// Ledger knows what became of this mailbox's items. With it, folders are
	// recognised under other names and on other servers; without, they are
	// read again, and the octets show downstream what is archived already.
	Ledger connectors.Ledger

	Connections int           // at once, 1 to 10; default 2
	Window      int           // UIDs worked on at a time by one connection; default 500
	BatchBytes  int64         // octets of small messages asked for in one command; default 1 MiB
	Slice       int64         // octets of a large message asked for in one command; default 8 MiB
	Idle        time.Duration // longest silence of a server that owes an answer; default 60 s
	Attempts    int           // connections tried in a row before giving up; default 5
	Backoff     time.Duration // before the second attempt, then doubling; default 1 s
	PollEvery   time.Duration // between questions where the server has no IDLE; default 1 min
}

func (c Config) withDefaults() Config {
	set := func(n *int, d int) {
		if *n <= 0 {
			*n = d
		}
	}
	if c.Security == "" {
		c.Security = TLS
	}
	if c.Mechanism == "" {
		c.Mechanism = Passwords
		if c.Token != nil {
			c.Mechanism = XOAuth2
		}
	}
	port := 993
	if c.Security != TLS {
		port = 143
	}
	set(&c.Port, port)
	set(&c.Connections, 2)
	c.Connections = min(c.Connections, 10)
	set(&c.Window, 500)
	set(&c.Attempts, 5)
	if c.BatchBytes <= 0 {
		c.BatchBytes = 1 << 20
	}
	if c.Slice <= 0 {
		c.Slice = 8 << 20
	}
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{{&c.Idle, time.Minute}, {&c.Backoff, time.Second}, {&c.PollEvery, time.Minute}} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	return c
}

// A Mailbox is one account on an IMAP server. It implements
// [connectors.Connector], [connectors.Watcher], [connectors.Noticer],
// [connectors.Positioner], [connectors.Gauger] and, with a ledger,
// [connectors.Reconciler].
type Mailbox struct {
	lg    *slog.Logger
	cfg   Config
	spool connectors.Spooler
	now   func() time.Time

	modifiedUTF7 atomic.Bool // folder names cannot all be read in UTF-8

	mu       sync.Mutex
	position connectors.Cursor // after the last sequence
	inbox    uint32            // UIDNEXT of the watched folder, as last seen
	notices  []record.Notice
	gaps     []record.Gap
	noticed  map[string]bool // notices of states that last, so that each is given once
}

// New returns the mailbox that cfg describes, connecting to nothing. It
// refuses a plaintext connection to any host but this one.
func New(lg *slog.Logger, cfg Config, spool connectors.Spooler, now func() time.Time) (*Mailbox, error) {
	cfg = cfg.withDefaults()
	switch {
	case cfg.Host == "" || cfg.Username == "" || cfg.Password == nil && cfg.Token == nil:
		return nil, errors.New("a mailbox needs a host, a user name, and a password or token")
	case cfg.Mechanism != Passwords && cfg.Token == nil || cfg.Mechanism == Passwords && cfg.Token != nil:
		return nil, fmt.Errorf("mechanism %q does not go with what is given", cfg.Mechanism)
	case cfg.Security != TLS && cfg.Security != StartTLS && cfg.Security != Plain:
		return nil, fmt.Errorf("security %q is not one of tls, starttls, plain", cfg.Security)
	case cfg.Security == Plain && !namesLoopback(cfg.Host):
		return nil, fmt.Errorf("a connection to %s without TLS is refused: plain is for loopback addresses only", cfg.Host)
	}
	return &Mailbox{
		lg: lg.With("source", cfg.Name), cfg: cfg, spool: spool, now: now,
		noticed: make(map[string]bool),
	}, nil
}

func namesLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// Acknowledge has nothing to do: a mailbox is never changed.
func (m *Mailbox) Acknowledge(context.Context, connectors.Cursor) error { return nil }

// Position implements [connectors.Positioner].
func (m *Mailbox) Position() connectors.Cursor {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.position
}

// Notices implements [connectors.Noticer].
func (m *Mailbox) Notices() []record.Notice {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.notices
	m.notices = nil
	return n
}

// The kinds of notice that a mailbox gives.
const (
	NoticeCameAndWent = "came_and_went"     // UIDs were issued, and gone before a poll saw them
	NoticeRenumbered  = "uidvalidity"       // a folder's UIDVALIDITY changed: it is listed again
	NoticeRewound     = "uids_reused"       // a folder's UIDNEXT went back: it is listed again
	NoticeRenamed     = "folder_renamed"    // a folder has another name, and is read on where it was
	NoticeMoved       = "mailbox_moved"     // the mailbox is on another server or account than before
	NoticeFolderGone  = "folder_gone"       // a folder that was captured from is not listed any more
	NoticeFolder      = "folder_unreadable" // a folder that is listed cannot be opened
)

// Gaps implements [connectors.Gauger].
func (m *Mailbox) Gaps() []record.Gap {
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.gaps
	m.gaps = nil
	return g
}

func (m *Mailbox) gap(g record.Gap) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g.Source, g.At = m.cfg.Name, m.now().UTC()
	m.gaps = append(m.gaps, g)
}

func (m *Mailbox) notice(kind, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.notices = append(m.notices, record.Notice{Source: m.cfg.Name, Kind: kind, Text: text, At: m.now()})
}

// noticeOnce is notice for a state that lasts; clear it when it ends.
func (m *Mailbox) noticeOnce(kind, folder, text string) {
	m.mu.Lock()
	known := m.noticed[kind+"/"+folder]
	m.noticed[kind+"/"+folder] = true
	m.mu.Unlock()
	if !known {
		m.notice(kind, text)
	}
}

func (m *Mailbox) clearNotice(kind, folder string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.noticed, kind+"/"+folder)
}
