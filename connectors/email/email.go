// Package email parses an e-mail message as far as it goes.
//
// Archiving never depends on this package: what is kept is the octets that the
// source gave. What is parsed here is what makes a message findable: who wrote
// to whom and when, its words, its attachments. Real mail is broken in every
// way that software can break it, so [Parse] never fails; it reads on and lists
// what is wrong as [Defect] words.
//
// A message is walked once, forwards, line by line, which finds its parts
// however they are nested; then each part is decoded once. Time is linear in
// the octets and memory does not depend on them: a message of a gigabyte is
// never in memory, its attachments are described by streaming and can be opened
// again from where the message is kept. The limits are the constants and
// [Options] of this package. go-message, which the rest of the field uses, is
// not used to parse: its readers nest, which costs quadratic time on nested
// multiparts, and they cannot give a part a second time.
//
// A message that Outlook saved as .msg is read as well ([MS-OXMSG]): it is
// recognised by its first octets, alone and attached to another.
//
// What is understood: MIME (RFC 2045 to 2049, 2183, 2231), encoded words (RFC
// 2047) and raw octets in headers, the charsets of the WHATWG list, of IANA and
// UTF-7, format=flowed, HTML, uuencoded files in text, winmail.dat, enclosed
// messages, calendar invitations, delivery reports (RFC 3464), journal reports
// of Exchange and Microsoft 365, and S/MIME and OpenPGP as far as saying that a
// text is encrypted.
package email

import (
	"io"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// Limits on structure. Beyond them a message is still described, with defects.
const (
	MaxDepth = 32    // of nested parts and messages
	MaxParts = 1000  // told apart in one message
	MaxFiles = 10000 // attachments described, counting those inside winmail.dat and text
)

// Options bound what Parse keeps in memory. The zero value means the defaults.
type Options struct {
	MaxText   int // octets of text, all parts together; 0 means DefaultMaxText
	MaxNested int // octets of enclosed messages and winmail.dat that must be decoded to be opened; 0 means DefaultMaxNested
}

// The defaults of Options.
const (
	DefaultMaxText   = 8 << 20
	DefaultMaxNested = 16 << 20
)

// A Message is what a message says, decoded. Identifiers are without their
// angle brackets. Strings are UTF-8 on one line, except the texts.
type Message struct {
	MessageID  string
	InReplyTo  []string
	References []string // oldest first (RFC 5322, section 3.6.4)
	Subject    string
	From       []Address
	Sender     []Address
	ReplyTo    []Address
	To         []Address
	Cc         []Address
	Bcc        []Address

	// Date is the sender's claim, in the zone it was written in; zero where it
	// is missing or unreadable, and the defects say which.
	Date time.Time
	// Received is the time in the topmost Received field that has one: the
	// receiving server's word, if the message came from a server at all.
	Received time.Time

	ListID   string // the identifier of a mailing list (RFC 2919)
	List     Header // all List-… fields (RFC 2369), decoded
	Auto     string // Auto-Submitted (RFC 3834) where it is not "no"
	Envelope Envelope

	// Text is what a reader is shown as the message: the plain text, else the
	// HTML as text. Parts one after another are separated by an empty line.
	Text string
	// Other is text that is shown to some readers only: an alternative that
	// says more than Text, a calendar invitation, a delivery report, text
	// before the first part or after the last.
	Other string
	// TextStatus says whether Text, Other and the texts of enclosed messages
	// are all that there is. Attachments have statuses of their own.
	TextStatus record.TextStatus

	Attachments []*Attachment // all, also those inside enclosed messages and winmail.dat
	Messages    []*Message    // the enclosed messages, in order
	Journal     *Journal      // set where this is a journal report
	Report      string        // of a multipart/report: delivery-status, disposition-notification, …
	Outlook     bool          // Outlook saved it as .msg
	Signed      bool          // an S/MIME or OpenPGP signature is there; it is not checked
	Markings    []Marking     // classification markings, of enclosed messages too
	Header      Header        // the header as it stands
	Defects     []Defect      // sorted, each once; of enclosed messages too

	path string
}

// Parse reads the message that lies in the first size octets of r. It never
// fails: what cannot be read is left out and Defects say so. r must stay
// readable for as long as attachments are opened.
func Parse(r io.ReaderAt, size int64, opt Options) *Message {
	if opt.MaxText <= 0 {
		opt.MaxText = DefaultMaxText
	}
	if opt.MaxNested <= 0 {
		opt.MaxNested = DefaultMaxNested
	}
	s := &shared{
		found:      make(defects),
		opt:        opt,
		headerRoom: maxAllHeaders,
		nestedRoom: int64(opt.MaxNested),
		textRoom:   opt.MaxText,
	}
	m := s.parse(r, size)
	m.Defects = s.found.sorted()
	return m
}

// parse walks and builds. A fault of this package must cost a message its
// description, not the daemon its life, so it ends as a defect of its own,
// and the message is listed as unsearchable.
func (s *shared) parse(r io.ReaderAt, size int64) (m *Message) {
	b := &builder{shared: s, msg: &Message{}}
	m = b.msg
	defer func() {
		if recover() != nil {
			s.found.add(DefectParserFailed)
			m.TextStatus = record.TextError
		}
	}()
	head := make([]byte, 8)
	if n, _ := r.ReadAt(head, 0); IsOutlook(head[:n]) { // what cannot be read is found out below
		b.outlook(io.NewSectionReader(r, 0, size))
		return m
	}
	b.message(newWalker(s, r, size).entity("1", 0, nil))
	return m
}

// Searchable calls yield with each text by which the message should be found:
// Text, Other, and for each enclosed message its header line by line and its
// texts. It stops when yield returns false.
func (m *Message) Searchable(yield func(string) bool) {
	m.searchable(yield, false)
}

// SearchableWhole is Searchable for a message that is itself a file somewhere:
// its own header comes first, line by line.
func (m *Message) SearchableWhole(yield func(string) bool) { m.searchable(yield, true) }

func (m *Message) searchable(yield func(string) bool, enclosed bool) bool {
	texts := []string{m.Text, m.Other}
	if enclosed {
		texts = append([]string{m.headline()}, texts...)
	}
	for _, t := range texts {
		if t != "" && !yield(t) {
			return false
		}
	}
	for _, inner := range m.Messages {
		if !inner.searchable(yield, true) {
			return false
		}
	}
	return true
}
