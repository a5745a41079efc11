package imap

import (
	"crypto/sha256"
	"io"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/closeroll/closeroll/archive/record"
)

// digest reads a message of the open folder and returns the digest of its
// octets, keeping none of them. It returns errNoAnswer for one that the server
// leaves out, and a refusal as it is; after any other error the connection is
// not to be used again.
func (s *session) digest(m meta) (sum record.Digest, err error) {
	s.conn.expect(m.size + m.size/4 + perMessage)
	defer s.conn.answered()
	cmd := s.client.Fetch(goimap.UIDSetNum(goimap.UID(m.uid)), &goimap.FetchOptions{
		UID: true, BodySection: []*goimap.FetchItemBodySection{{Peek: true}},
	})
	found := false
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		var uid uint32
		for item := msg.Next(); item != nil; item = msg.Next() {
			switch item := item.(type) {
			case imapclient.FetchItemDataUID:
				uid = uint32(item.UID)
			case imapclient.FetchItemDataBodySection:
				if item.Literal == nil {
					continue
				}
				h := sha256.New()
				if _, err := io.Copy(h, item.Literal); err != nil {
					return sum, err // broke off; see session for why the command is left alone
				}
				if uid == m.uid {
					sum, found = record.Digest(h.Sum(nil)), true
				}
			}
		}
	}
	if err := cmd.Close(); err != nil {
		return sum, err
	}
	if !found {
		return sum, errNoAnswer
	}
	return sum, nil
}
