package ingest

import (
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/email"
)

// A Person is a custodian who sends in exports by e-mail.
type Person struct {
	Custodian string
	Role      string
	Grade     string
}

// exportsOf returns the source as it is for chat exports attached to a message:
// of a channel that is not the department's own, whatever the mailbox is, and
// where the configuration says so of the custodian who sent it. A message has
// one author or, for this purpose, none. The notice is of a sender whom no
// custodian lists; nil if there is nothing to say.
func (s Source) exportsOf(m *email.Message) (Source, *record.Notice) {
	s.Channel = record.NonCorporate
	if s.Senders == nil {
		return s, nil
	}
	if m.Journal != nil && m.Journal.Original != nil && m.Journal.Original.Message != nil {
		m = m.Journal.Original.Message
	}
	if len(m.From) == 1 {
		if p, ok := s.Senders[record.FoldAddress(m.From[0].Addr)]; ok {
			s.Custodian, s.Role, s.Grade = p.Custodian, p.Role, p.Grade
			return s, nil
		}
	}
	return s, &record.Notice{Kind: "sender_unlisted",
		Text: "It came by e-mail from an address that no custodian lists: it is kept as that of the mailbox's custodian, " + s.Custodian + "."}
}
