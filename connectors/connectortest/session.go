package connectortest

import (
	"cmp"
	"io"
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-sasl"
)

// A session implements [imapserver.Session] for one connection to a Server.
type session struct {
	server *Server
	conn   *imapserver.Conn
	folder *Folder

	admitted bool // somebody logged in
}

var errReadOnly = &goimap.Error{Type: goimap.StatusResponseTypeNo, Code: goimap.ResponseCodeNoPerm, Text: "readers only"}

func refuse(code goimap.ResponseCode, text string) error {
	return &goimap.Error{Type: goimap.StatusResponseTypeNo, Code: code, Text: text}
}

func (s *session) Close() error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.admitted {
		s.server.live--
	}
	return nil
}

func (s *session) Login(user, password string) error {
	if user != User || password != Password {
		return imapserver.ErrAuthFailed
	}
	s.admit(user)
	return nil
}

// admit remembers whose mailbox was opened.
func (s *session) admit(mailbox string) {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.admitted = true
	s.server.live++
	s.server.most = max(s.server.most, s.server.live)
	s.server.logins++
	s.server.opened = append(s.server.opened, mailbox)
}

// AuthenticateMechanisms implements [imapserver.SessionSASL].
func (s *session) AuthenticateMechanisms() []string {
	if s.server.tokens == nil {
		return []string{sasl.Plain}
	}
	return []string{"XOAUTH2", sasl.OAuthBearer}
}

// Authenticate implements [imapserver.SessionSASL].
func (s *session) Authenticate(mechanism string) (sasl.Server, error) {
	switch {
	case mechanism == sasl.Plain:
		return sasl.NewPlainServer(func(other, user, password string) error {
			if user != User || password != Password {
				return imapserver.ErrAuthFailed
			}
			s.admit(cmp.Or(other, user))
			return nil
		}), nil
	case s.server.tokens == nil:
		return nil, imapserver.ErrAuthFailed
	case mechanism == sasl.OAuthBearer:
		return sasl.NewOAuthBearerServer(func(opts sasl.OAuthBearerOptions) *sasl.OAuthBearerError {
			if !s.bears(opts.Username, opts.Token) {
				return &sasl.OAuthBearerError{Status: "invalid_token", Schemes: "bearer"}
			}
			return nil
		}), nil
	}
	return &xoauth2{bears: s.bears}, nil
}

func (s *session) bears(mailbox, token string) bool {
	_, good := s.server.tokens.Good(token)
	if good {
		s.admit(mailbox)
	}
	return good
}

// An xoauth2 is the server's side of XOAUTH2, as Google documents it: a token
// that is not good is answered by a challenge, and refused after the client's
// empty response.
type xoauth2 struct {
	bears   func(mailbox, token string) bool
	refused bool
}

// Next implements [sasl.Server].
func (x *xoauth2) Next(response []byte) (challenge []byte, done bool, err error) {
	if response == nil {
		return []byte{}, false, nil
	}
	user, rest, _ := strings.Cut(strings.TrimPrefix(string(response), "user="), "\x01")
	token := strings.TrimSuffix(strings.TrimPrefix(rest, "auth=Bearer "), "\x01\x01")
	switch {
	case x.refused:
		return nil, true, imapserver.ErrAuthFailed
	case x.bears(user, token):
		return nil, true, nil
	}
	x.refused = true
	return []byte(`{"status":"401","schemes":"bearer","scope":"mail"}`), false, nil
}

func (s *session) Select(name string, opts *goimap.SelectOptions) (*goimap.SelectData, error) {
	if !opts.ReadOnly {
		s.server.violation("SELECT %s", name)
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	f := s.server.folders[name]
	if f == nil || f.refused {
		return nil, refuse(goimap.ResponseCodeNonExistent, "no such folder")
	}
	s.folder = f
	s.server.selected++
	return &goimap.SelectData{NumMessages: uint32(len(f.messages)), UIDNext: goimap.UID(f.next), UIDValidity: f.validity}, nil
}

func (s *session) Unselect() error {
	s.folder = nil
	return nil
}

func (s *session) List(w *imapserver.ListWriter, ref string, patterns []string, opts *goimap.ListOptions) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	for name, f := range s.server.folders {
		if !slices.ContainsFunc(patterns, func(p string) bool { return imapserver.MatchList(name, '/', ref, p) }) {
			continue
		}
		data := &goimap.ListData{Mailbox: name, Delim: '/', Attrs: f.attrs}
		if opts.ReturnStatus != nil {
			data.Status = f.status(opts.ReturnStatus)
		}
		if err := w.WriteList(data); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) Status(name string, opts *goimap.StatusOptions) (*goimap.StatusData, error) {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if f := s.server.folders[name]; f != nil {
		return f.status(opts), nil
	}
	return nil, refuse(goimap.ResponseCodeNonExistent, "no such folder")
}

func (f *Folder) status(opts *goimap.StatusOptions) *goimap.StatusData {
	data := &goimap.StatusData{Mailbox: f.name}
	if opts.NumMessages {
		n := uint32(len(f.messages))
		data.NumMessages = &n
	}
	if opts.UIDNext {
		data.UIDNext = goimap.UID(f.next)
	}
	if opts.UIDValidity {
		data.UIDValidity = f.validity
	}
	return data
}

func (s *session) Search(kind imapserver.NumKind, criteria *goimap.SearchCriteria, _ *goimap.SearchOptions) (*goimap.SearchData, error) {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	var found goimap.UIDSet
	for _, m := range s.folder.messages {
		wanted := m.poison != NotListed
		for _, set := range criteria.UID {
			wanted = wanted && set.Contains(goimap.UID(m.uid))
		}
		if wanted {
			found.AddNum(goimap.UID(m.uid))
		}
	}
	// "n:*" takes in the last message whatever n is (RFC 9051, section 9).
	if l := len(s.folder.messages); l > 0 && len(criteria.UID) > 0 && criteria.UID[0].Dynamic() {
		if last := s.folder.messages[l-1]; last.poison != NotListed {
			found.AddNum(goimap.UID(last.uid))
		}
	}
	return &goimap.SearchData{All: found}, nil
}

func (s *session) Fetch(w *imapserver.FetchWriter, set goimap.NumSet, opts *goimap.FetchOptions) error {
	uids, ok := set.(goimap.UIDSet)
	if !ok {
		return refuse(goimap.ResponseCodeCannot, "by UID only")
	}
	seqs, messages := s.folder.within(uids)
	for i, m := range messages {
		s.server.mu.Lock()
		poison := m.poison
		if poison == ThenHealthy && len(opts.BodySection) > 0 {
			m.poison, poison = Healthy, BreakOff
		}
		s.server.mu.Unlock()
		if err := s.fetchOne(w.CreateMessage, seqs[i], m, poison, opts); err != nil {
			return err
		}
	}
	return nil
}

// within returns the messages that a set of UIDs names, with their sequence
// numbers.
func (f *Folder) within(uids goimap.UIDSet) (seqs []uint32, messages []*message) {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	for _, r := range uids {
		i, _ := slices.BinarySearchFunc(f.messages, uint32(r.Start), func(m *message, uid uint32) int { return cmp.Compare(m.uid, uid) })
		for ; i < len(f.messages) && (r.Stop == 0 || f.messages[i].uid <= uint32(r.Stop)); i++ {
			seqs, messages = append(seqs, uint32(i+1)), append(messages, f.messages[i])
		}
	}
	return seqs, messages
}

func (s *session) fetchOne(create func(uint32) *imapserver.FetchResponseWriter, seq uint32, m *message, poison Poison, opts *goimap.FetchOptions) error {
	if poison == NotListed {
		return nil
	}
	if len(opts.BodySection) > 0 {
		switch poison {
		case RefuseBody:
			return refuse(goimap.ResponseCodeServerBug, "cannot read it")
		case Silent:
			return nil
		}
	}
	w := create(seq)
	w.WriteUID(goimap.UID(m.uid))
	if opts.Flags {
		w.WriteFlags(m.flags)
	}
	if opts.InternalDate {
		w.WriteInternalDate(m.date)
	}
	if opts.RFC822Size {
		w.WriteRFC822Size(int64(len(m.octets)))
	}
	for _, sec := range opts.BodySection {
		if !sec.Peek {
			s.server.violation("FETCH BODY[] of %d without PEEK", m.uid)
		}
		octets := part(m.octets, sec.Partial)
		if poison == EmptyBody {
			octets = nil
		}
		lit := w.WriteBodySection(sec, int64(len(octets)))
		if poison == BreakOff {
			lit.Write(octets[:len(octets)/2])
			s.conn.NetConn().Close()
			return io.ErrClosedPipe
		}
		if _, err := lit.Write(octets); err != nil {
			return err
		}
		if err := lit.Close(); err != nil {
			return err
		}
	}
	return w.Close()
}

func part(b []byte, p *goimap.SectionPartial) []byte {
	if p == nil {
		return b
	}
	b = b[min(p.Offset, int64(len(b))):]
	return b[:min(p.Size, int64(len(b)))]
}

func (s *session) Poll(w *imapserver.UpdateWriter, _ bool) error {
	if s.folder == nil {
		return nil
	}
	s.server.mu.Lock()
	n := uint32(len(s.folder.messages))
	s.server.mu.Unlock()
	return w.WriteNumMessages(n)
}

func (s *session) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	for {
		s.server.mu.Lock()
		changed := s.server.changed
		s.server.mu.Unlock()
		select {
		case <-stop:
			return nil
		case <-changed:
			if err := s.Poll(w, false); err != nil {
				return err
			}
		}
	}
}

func (s *session) refuseChange(what string) error {
	s.server.violation("%s", what)
	return errReadOnly
}

func (s *session) Create(name string, _ *goimap.CreateOptions) error {
	return s.refuseChange("CREATE " + name)
}
func (s *session) Delete(name string) error { return s.refuseChange("DELETE " + name) }
func (s *session) Rename(name, _ string, _ *goimap.RenameOptions) error {
	return s.refuseChange("RENAME " + name)
}
func (s *session) Subscribe(name string) error   { return s.refuseChange("SUBSCRIBE " + name) }
func (s *session) Unsubscribe(name string) error { return s.refuseChange("UNSUBSCRIBE " + name) }
func (s *session) Append(name string, _ goimap.LiteralReader, _ *goimap.AppendOptions) (*goimap.AppendData, error) {
	return nil, s.refuseChange("APPEND " + name)
}
func (s *session) Expunge(*imapserver.ExpungeWriter, *goimap.UIDSet) error {
	return s.refuseChange("EXPUNGE")
}
func (s *session) Store(*imapserver.FetchWriter, goimap.NumSet, *goimap.StoreFlags, *goimap.StoreOptions) error {
	return s.refuseChange("STORE")
}
func (s *session) Copy(goimap.NumSet, string) (*goimap.CopyData, error) {
	return nil, s.refuseChange("COPY")
}
func (s *session) Move(*imapserver.MoveWriter, goimap.NumSet, string) error {
	return s.refuseChange("MOVE")
}
func (s *session) Namespace() (*goimap.NamespaceData, error) {
	return &goimap.NamespaceData{Personal: []goimap.NamespaceDescriptor{{Delim: '/'}}}, nil
}

var (
	_ imapserver.SessionIMAP4rev2 = (*session)(nil)
	_ imapserver.SessionSASL      = (*session)(nil)
)
