package imap

import (
	"errors"
	"fmt"
	"slices"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// A session is one authenticated connection. One goroutine uses it.
//
// The library sends a command at once and delivers the answer later; every
// wait for an answer happens inside do, or between expect and answered, so
// that the guarded connection watches over it. A command whose literal broke
// off is never touched again: the library would read on in two goroutines.
type session struct {
	m        *Mailbox
	conn     *guardedConn
	client   *imapclient.Client
	caps     goimap.CapSet
	selected *goimap.SelectData // of folder; nil if none is open
	folder   string
	release  func() bool   // stops the watch over the context
	news     chan struct{} // the server said that the number of messages changed
}

// do runs f, which waits for the answer to commands that it sends, allowing
// the server n octets.
func (s *session) do(n int64, f func() error) error {
	s.conn.expect(n)
	defer s.conn.answered()
	return f()
}

// abandon ends the connection without a word and waits for the library's
// reader to notice.
func (s *session) abandon() {
	s.release()
	s.conn.Close()
	<-s.client.Closed()
}

// close logs out.
func (s *session) close() {
	s.conn.expect(4 << 10)
	s.client.Logout().Wait() // whatever it answers, the connection ends
	s.abandon()
}

// A folderError is the failure of one folder, not of the connection.
type folderError struct {
	folder string
	err    error
}

func (e *folderError) Error() string { return fmt.Sprintf("folder %q: %v", e.folder, e.err) }
func (e *folderError) Unwrap() error { return e.err }

// isRefusal reports whether err is the server's NO or BAD to one command, after
// which the connection is as good as before.
func isRefusal(err error) bool {
	var refusal *goimap.Error
	return errors.As(err, &refusal)
}

// A listed is a folder as LIST and STATUS describe it.
type listed struct {
	name     string // decoded from modified UTF-7
	delim    rune
	attrs    []goimap.MailboxAttr
	messages uint32
	next     uint32 // UIDNEXT, 0 if unknown
	validity uint32 // UIDVALIDITY, 0 if unknown
	mod      uint64 // HIGHESTMODSEQ, 0 if unknown or not kept (RFC 7162, section 3.1.2)
}

// is takes over what STATUS says of the folder.
func (l *listed) is(st *goimap.StatusData) {
	l.next, l.validity, l.mod = uint32(st.UIDNext), st.UIDValidity, st.HighestModSeq
	if st.NumMessages != nil {
		l.messages = *st.NumMessages
	}
}

func (s *session) statusOptions() *goimap.StatusOptions {
	return &goimap.StatusOptions{NumMessages: true, UIDNext: true, UIDValidity: true, HighestModSeq: s.caps.Has(goimap.CapCondStore)}
}

// list returns the folders that can be opened, the inbox first, with their
// status where the server gives both in one answer (RFC 5819).
func (s *session) list() ([]listed, error) {
	opts := new(goimap.ListOptions)
	if s.caps.Has(goimap.CapListStatus) {
		opts.ReturnStatus = s.statusOptions()
	}
	if s.caps.Has(goimap.CapSpecialUse) && s.caps.Has(goimap.CapListExtended) {
		opts.ReturnSpecialUse = true
	}
	var out []listed
	err := s.do(64<<20, func() error {
		cmd := s.client.List("", "*", opts)
		for d := cmd.Next(); d != nil; d = cmd.Next() {
			if slices.Contains(d.Attrs, goimap.MailboxAttrNoSelect) || slices.Contains(d.Attrs, goimap.MailboxAttrNonExistent) {
				continue
			}
			l := listed{name: d.Mailbox, delim: d.Delim, attrs: d.Attrs}
			if st := d.Status; st != nil {
				l.is(st)
			}
			out = append(out, l)
		}
		return cmd.Close()
	})
	if err != nil {
		return nil, fmt.Errorf("cannot list folders: %w", err)
	}
	slices.SortFunc(out, func(a, b listed) int {
		switch {
		case a.name == b.name:
			return 0
		case a.name == "INBOX", b.name != "INBOX" && a.name < b.name:
			return -1
		}
		return 1
	})
	out = slices.CompactFunc(out, func(a, b listed) bool { return a.name == b.name })
	if opts.ReturnStatus == nil {
		err = s.status(out)
	}
	return out, err
}

// statusAhead is how many STATUS commands are under way at once.
const statusAhead = 32

// status asks for the status of each folder, where LIST did not give it. A
// refusal leaves the folder's unknown: opening it will show more.
func (s *session) status(folders []listed) error {
	for some := range slices.Chunk(folders, statusAhead) {
		err := s.do(int64(len(some))*(8<<10), func() error {
			cmds := make([]*imapclient.StatusCommand, len(some))
			for i := range some {
				cmds[i] = s.client.Status(some[i].name, s.statusOptions())
			}
			for i, cmd := range cmds {
				st, err := cmd.Wait()
				if err != nil && !isRefusal(err) {
					return err
				}
				if err == nil {
					some[i].is(st)
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("cannot ask for the status of folders: %w", err)
		}
	}
	return nil
}

// examine opens a folder for reading only. A refusal is a folderError.
func (s *session) examine(folder string) error {
	if s.selected != nil && s.folder == folder {
		return nil
	}
	s.selected = nil
	return s.do(1<<20, func() error {
		data, err := s.client.Select(folder, &goimap.SelectOptions{ReadOnly: true, CondStore: s.caps.Has(goimap.CapCondStore)}).Wait()
		if isRefusal(err) {
			return &folderError{folder, err}
		}
		if err == nil {
			s.selected, s.folder = data, folder
		}
		return err
	})
}

// maxListed bounds how many UIDs one search may name.
const maxListed = 5_000_000

// search returns the UIDs from the given one up, ascending.
func (s *session) search(from uint32) ([]uint32, error) {
	return s.searchSet(goimap.UIDSet{{Start: goimap.UID(from)}}, int64(s.selected.NumMessages)+1000, func(uid uint32) bool { return uid >= from })
}

// exists reports whether the folder still has the message.
func (s *session) exists(uid uint32) (bool, error) {
	found, err := s.searchSet(goimap.UIDSetNum(goimap.UID(uid)), 1, func(u uint32) bool { return u == uid })
	return len(found) > 0, err
}

func (s *session) searchSet(set goimap.UIDSet, expected int64, wanted func(uint32) bool) ([]uint32, error) {
	var opts *goimap.SearchOptions
	if s.caps.Has(goimap.CapESearch) {
		opts = &goimap.SearchOptions{ReturnAll: true}
	}
	var found goimap.UIDSet
	err := s.do(min(expected, maxListed)*24+1<<20, func() error {
		data, err := s.client.UIDSearch(&goimap.SearchCriteria{UID: []goimap.UIDSet{set}}, opts).Wait()
		if err != nil {
			return err
		}
		found, _ = data.All.(goimap.UIDSet)
		return nil
	})
	if isRefusal(err) {
		return nil, &folderError{s.folder, err}
	} else if err != nil {
		return nil, err
	}
	return expand(found, wanted, s.folder)
}

// expand lists the numbers of a set that a server sent. The set is compact and
// its expansion may be huge, so it is measured first.
func expand(set goimap.UIDSet, wanted func(uint32) bool, folder string) ([]uint32, error) {
	total := int64(0)
	for _, r := range set {
		if total += int64(r.Stop) - int64(r.Start) + 1; r.Stop < r.Start || total > maxListed {
			return nil, &folderError{folder, fmt.Errorf("the server lists more than %d messages", maxListed)}
		}
	}
	out := make([]uint32, 0, total)
	for _, r := range set {
		for n := int64(r.Start); n <= int64(r.Stop); n++ {
			if wanted(uint32(n)) {
				out = append(out, uint32(n))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// A meta is what is known of a message before its octets.
type meta struct {
	uid      uint32
	size     int64 // RFC822.SIZE: what the server expects, not always what it sends
	received time.Time
	flags    []string
}

// metas asks for what is known of these messages. Messages that the server
// does not answer for are missing from the result.
func (s *session) metas(uids []uint32) ([]meta, error) {
	var set goimap.UIDSet
	for _, u := range uids {
		set.AddNum(goimap.UID(u))
	}
	out := make([]meta, 0, len(uids))
	err := s.do(int64(len(uids))*(8<<10), func() error {
		cmd := s.client.Fetch(set, &goimap.FetchOptions{UID: true, Flags: true, InternalDate: true, RFC822Size: true})
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			if len(out) < len(uids) {
				out = append(out, readMeta(msg))
			} else {
				readMeta(msg)
			}
		}
		return cmd.Close()
	})
	slices.SortFunc(out, func(a, b meta) int { return int(int64(a.uid) - int64(b.uid)) })
	return out, err
}

func readMeta(msg *imapclient.FetchMessageData) meta {
	var m meta
	for item := msg.Next(); item != nil; item = msg.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			m.uid = uint32(item.UID)
		case imapclient.FetchItemDataRFC822Size:
			m.size = max(item.Size, 0)
		case imapclient.FetchItemDataInternalDate:
			m.received = item.Time
		case imapclient.FetchItemDataFlags:
			for _, f := range item.Flags {
				m.flags = append(m.flags, string(f))
			}
		}
	}
	return m
}
