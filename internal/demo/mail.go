package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"net"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// User is the login of the sample mailbox.
const User = "private.office@rivers.example"

// Mail is a mail server that holds the sample mailbox. It speaks IMAP (RFC
// 9051 and 3501) in plain text on a loopback port that the system chose, and
// keeps everything in memory.
type Mail struct {
	Addr     string // host:port
	User     string
	Password string // made anew by every StartMail

	server *imapserver.Server
	done   chan struct{} // closed when Serve has returned
	close  sync.Once
}

// StartMail starts a mail server that holds the sample mailbox and runs until
// it is closed, or ctx is done.
func StartMail(ctx context.Context) (*Mail, error) {
	m := &Mail{User: User, Password: rand.Text(), done: make(chan struct{})}
	mailbox, err := fill(m.User, m.Password)
	if err != nil {
		return nil, fmt.Errorf("sample mailbox: %w", err)
	}
	accounts := imapmemserver.New()
	accounts.AddUser(mailbox)
	m.server = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return accounts.NewSession(), nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}},
		InsecureAuth: true, // on loopback, to a password that lives as long as the process
		Logger:       log.New(io.Discard, "", 0),
	})
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("sample mail server: %w", err)
	}
	m.Addr = listener.Addr().String()
	stop := context.AfterFunc(ctx, m.shut)
	go func() {
		defer close(m.done)
		defer stop()
		defer listener.Close() // which Serve leaves open if it was closed before it began
		// Serve only ever returns because the server was closed.
		_ = m.server.Serve(listener)
	}()
	return m, nil
}

// Close ends the server and its connections, and waits until it has ended. It
// may be called more than once.
func (m *Mail) Close() {
	m.shut()
	<-m.done
}

func (m *Mail) shut() { m.close.Do(func() { m.server.Close() }) }

// fill makes a mailbox of the letters.
func fill(user, password string) (*imapmemserver.User, error) {
	letters, err := Letters()
	if err != nil {
		return nil, err
	}
	mailbox := imapmemserver.NewUser(user, password)
	for _, folder := range folders {
		if err := mailbox.Create(folder.name, nil); err != nil {
			return nil, err
		}
	}
	for _, letter := range letters {
		options := &imap.AppendOptions{Time: letter.Received}
		if letter.Folder == Drafts {
			options.Flags = []imap.Flag{imap.FlagDraft}
		}
		if _, err := mailbox.Append(letter.Folder, literal{bytes.NewReader(letter.Octets)}, options); err != nil {
			return nil, fmt.Errorf("%s: %w", letter.Name, err)
		}
	}
	return mailbox, nil
}

// A literal is octets as the server takes them in.
type literal struct{ *bytes.Reader }

// Size implements [imap.LiteralReader].
func (l literal) Size() int64 { return l.Reader.Size() }
