package connectortest

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// The account that both the in-memory server and Dovecot let in. Dovecot takes
// any user name.
const (
	User     = "official"
	Password = "secret"
	Master   = "archivist" // of Dovecot: may open everybody's mailbox
)

// A Server is an in-memory IMAP server whose folders a test arranges as it
// likes: any UIDs, any UIDVALIDITY, messages that cannot be read. It serves
// readers only, and remembers every attempt to change something.
type Server struct {
	Addr *net.TCPAddr

	mu         sync.Mutex
	folders    map[string]*Folder
	violations []string
	logins     int
	selected   int      // folders opened
	live, most int      // connections that are logged in, now and at most
	opened     []string // whose mailboxes were asked for, a log-in each
	tokens     *TokenServer
	changed    chan struct{} // closed and replaced at every change
	preAuth    bool
}

// A ServerOption changes how a Server is made.
type ServerOption func(*serverConfig)

type serverConfig struct {
	tokens  *TokenServer
	faults  *Faults
	options imapserver.Options
	tls     *tls.Config
	preAuth bool
}

// WithFaults sends every connection through f.
func WithFaults(f *Faults) ServerOption { return func(c *serverConfig) { c.faults = f } }

// WithTokens takes the bearer tokens of this server, and no passwords.
func WithTokens(tokens *TokenServer) ServerOption {
	return func(c *serverConfig) { c.tokens = tokens }
}

// WithTLS speaks TLS from the first octet.
func WithTLS(conf *tls.Config) ServerOption { return func(c *serverConfig) { c.tls = conf } }

// WithStartTLS offers STARTTLS, and no log-in without it.
func WithStartTLS(conf *tls.Config) ServerOption {
	return func(c *serverConfig) { c.options.TLSConfig, c.options.InsecureAuth = conf, false }
}

// WithPreAuth greets every connection as already authenticated.
func WithPreAuth() ServerOption { return func(c *serverConfig) { c.preAuth = true } }

// WithCaps advertises these capabilities instead of IMAP4rev1 and IMAP4rev2.
func WithCaps(caps ...goimap.Cap) ServerOption {
	return func(c *serverConfig) {
		c.options.Caps = make(goimap.CapSet)
		for _, name := range caps {
			c.options.Caps[name] = struct{}{}
		}
	}
}

// StartServer serves on a free loopback port until the test ends.
func StartServer(t testing.TB, opts ...ServerOption) *Server {
	t.Helper()
	s := &Server{folders: make(map[string]*Folder), changed: make(chan struct{})}
	conf := serverConfig{faults: new(Faults)}
	conf.options = imapserver.Options{
		NewSession: func(c *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &session{server: s, conn: c}, &imapserver.GreetingData{PreAuth: s.preAuth}, nil
		},
		Caps:         goimap.CapSet{goimap.CapIMAP4rev1: {}, goimap.CapIMAP4rev2: {}},
		InsecureAuth: true,
		Logger:       log.New(io.Discard, "", 0),
	}
	for _, opt := range opts {
		opt(&conf)
	}
	s.preAuth, s.tokens = conf.preAuth, conf.tokens
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Addr = ln.Addr().(*net.TCPAddr)
	ln = conf.faults.Listen(ln)
	if conf.tls != nil {
		ln = tls.NewListener(ln, conf.tls)
	}
	srv := imapserver.New(&conf.options)
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	t.Cleanup(func() {
		srv.Close()
		conf.faults.release()
		<-done
	})
	s.Folder("INBOX")
	return s
}

// Folder returns the folder of this name, which is made if there is none.
func (s *Server) Folder(name string) *Folder {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.folders[name]
	if f == nil {
		f = &Folder{server: s, name: name, validity: 1_000_000, next: 1}
		s.folders[name] = f
		s.notify()
	}
	return f
}

// Delete removes a folder.
func (s *Server) Delete(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.folders, name)
	s.notify()
}

// Rename gives a folder another name, and changes nothing else of it.
func (s *Server) Rename(from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.folders[from]
	delete(s.folders, from)
	f.name = to
	s.folders[to] = f
	s.notify()
}

// Violations lists what clients did that could have changed something.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}

// Logins is how often somebody logged in.
func (s *Server) Logins() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
}

// Selected is how often a folder was opened.
func (s *Server) Selected() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.selected
}

// MostConnections is how many connections were logged in at once, at most.
func (s *Server) MostConnections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.most
}

// Opened lists whose mailboxes were asked for, a log-in each.
func (s *Server) Opened() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.opened)
}

// State describes everything in the server, for comparing before with after.
func (s *Server) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	for name, f := range s.folders {
		lines = append(lines, fmt.Sprintf("%s %d %d", name, f.validity, f.next))
		for _, m := range f.messages {
			lines = append(lines, fmt.Sprintf("%s/%d %d %v", name, m.uid, len(m.octets), m.flags))
		}
	}
	slices.Sort(lines)
	return fmt.Sprintln(lines, s.violations)
}

func (s *Server) violation(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.violations = append(s.violations, fmt.Sprintf(format, args...))
}

// notify needs the mutex.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// A Folder is one folder of a Server.
type Folder struct {
	server   *Server
	name     string
	validity uint32
	next     uint32
	attrs    []goimap.MailboxAttr
	messages []*message // by UID
	refused  bool
}

type message struct {
	uid    uint32
	octets []byte
	flags  []goimap.Flag
	date   time.Time
	poison Poison
}

// A Poison is what the server does when asked for a message's content.
type Poison int

// The poisons.
const (
	Healthy     Poison = iota
	RefuseBody         // answers NO
	Silent             // leaves the message out and says OK
	BreakOff           // ends the connection in the middle of the literal
	EmptyBody          // sends a literal of no octets
	NotListed          // is not found by SEARCH, and not fetched either
	ThenHealthy        // as BreakOff the first time, healthy after
)

// Add appends messages as the server would deliver them and returns the last UID.
func (f *Folder) Add(octets ...[]byte) uint32 {
	f.server.mu.Lock()
	next := f.next
	f.server.mu.Unlock()
	for _, o := range octets {
		f.AddAt(next, o)
		next++
	}
	return next - 1
}

// AddAt delivers a message under this UID, which is higher than any before.
func (f *Folder) AddAt(uid uint32, octets []byte, flags ...goimap.Flag) {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	f.messages = append(f.messages, &message{
		uid: uid, octets: octets, flags: flags,
		date: time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(uid) * time.Second),
	})
	f.next = max(f.next, uid+1)
	f.server.notify()
}

// Mark gives the folder special-use attributes (RFC 6154).
func (f *Folder) Mark(attrs ...goimap.MailboxAttr) { f.set(func() { f.attrs = attrs }) }

// Refuse makes the folder listed and impossible to open, or not any more.
func (f *Folder) Refuse(yes bool) { f.set(func() { f.refused = yes }) }

// Renumber gives the folder another UIDVALIDITY and its messages new UIDs.
func (f *Folder) Renumber() {
	f.set(func() {
		f.validity++
		for i, m := range f.messages {
			m.uid = uint32(i + 1)
		}
		f.next = uint32(len(f.messages) + 1)
	})
}

// Number gives an empty folder this UIDVALIDITY.
func (f *Folder) Number(validity uint32) { f.set(func() { f.validity = validity }) }

// Restore puts the folder back to when it had given out n UIDs, as restoring a
// careless backup does: those after it are given out again.
func (f *Folder) Restore(n uint32) {
	f.set(func() {
		f.messages = slices.DeleteFunc(f.messages, func(m *message) bool { return m.uid > n })
		f.next = n + 1
	})
}

// Rewrite changes a message's octets under its UID, which no server may do.
func (f *Folder) Rewrite(uid uint32, octets []byte) {
	f.set(func() {
		for _, m := range f.messages {
			if m.uid == uid {
				m.octets = octets
			}
		}
	})
}

// Fill delivers n messages of the same octets, with UIDs from first on and step
// apart.
func (f *Folder) Fill(n int, first, step uint32, octets []byte) {
	f.set(func() {
		date := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
		for i := range n {
			f.messages = append(f.messages, &message{uid: first + uint32(i)*step, octets: octets, date: date})
		}
		f.next = first + uint32(n)*step
	})
}

// Skip uses up UIDs, as messages do that come and go.
func (f *Folder) Skip(n uint32) { f.set(func() { f.next += n }) }

// Remove expunges a message.
func (f *Folder) Remove(uid uint32) {
	f.set(func() {
		f.messages = slices.DeleteFunc(f.messages, func(m *message) bool { return m.uid == uid })
	})
}

// Poison makes a message difficult to read.
func (f *Folder) Poison(uid uint32, p Poison) {
	f.set(func() {
		for _, m := range f.messages {
			if m.uid == uid {
				m.poison = p
			}
		}
	})
}

func (f *Folder) set(change func()) {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	change()
	f.server.notify()
}
