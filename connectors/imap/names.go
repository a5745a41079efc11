package imap

import (
	"context"
	"fmt"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// speakUTF8 enables UTF-8 where the server has it (RFC 6855, RFC 9051): folder
// names then come as they are, not in modified UTF-7, and messages with
// internationalized headers (RFC 6532) come as they were received. To a client
// that did not ask, a server may give a downgraded surrogate of such a message,
// or refuse it (RFC 6858), and neither is the record.
//
// The library writes names in UTF-8 to whatever server offers IMAP4rev2; a
// server expects that only after it was enabled.
func (s *session) speakUTF8() error {
	want := goimap.CapUTF8Accept // UTF8=ONLY counts as this too
	switch {
	case s.m.modifiedUTF7.Load() && !s.caps.Has(goimap.CapUTF8Only):
		return nil
	case s.caps.Has(goimap.CapUTF8Accept):
	case s.caps.Has(goimap.CapIMAP4rev2):
		want = goimap.CapIMAP4rev2
	default:
		return nil
	}
	err := s.do(4<<10, func() error {
		_, err := s.client.Enable(want).Wait()
		return err
	})
	if err != nil && !isRefusal(err) {
		return fmt.Errorf("cannot enable %s: %w", want, err)
	}
	return nil // a server that refuses goes on in modified UTF-7
}

// openListed connects, and lists the folders. In UTF-8 the ampersand of "R&D" is
// an ampersand; the library takes it for the beginning of modified UTF-7 even
// then, and gives the connection up. Such a mailbox is read the old way, where
// every name can be written.
func (m *Mailbox) openListed(ctx context.Context, connect func(context.Context) (*session, error)) (*session, []listed, error) {
	for {
		s, err := connect(ctx)
		if err != nil {
			return nil, nil, err
		}
		folders, err := s.list()
		if err == nil {
			return s, folders, nil
		}
		s.abandon()
		if !strings.Contains(err.Error(), "utf7") || m.modifiedUTF7.Swap(true) {
			return nil, nil, err
		}
		m.lg.Debug("a folder's name cannot be read in UTF-8; going on in modified UTF-7")
	}
}
