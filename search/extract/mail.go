package extract

import (
	"bytes"
	"io"

	"github.com/closeroll/closeroll/archive/record"
)

// A MailReader reads a message that lies in an archive file, as RFC 5322 has it
// or as Outlook saves it. What it is given is hostile. It never fails: what it
// cannot read is left out, and the status says so.
type MailReader func(octets []byte) Mail

// Mail is what a [MailReader] read.
type Mail struct {
	Texts  []string          // its header, line by line, its text, and those of messages enclosed in it
	Status record.TextStatus // of the texts
	Files  []MailFile        // its attachments, and those of messages enclosed in it
}

// A MailFile is an attachment.
type MailFile struct {
	Name, MediaType string
	Encrypted       bool
	Open            func() io.Reader
}

// mail reads a message and its attachments.
func (x *extraction) mail(d document) error {
	m := x.readMail(d.octets)
	for _, text := range m.Texts {
		if err := x.out.line(text); err != nil {
			return err
		}
	}
	if m.Status != record.TextOK {
		x.note(m.Status)
	}
	for _, f := range m.Files {
		if err := x.out.line(f.Name); err != nil {
			return err
		}
		if f.Encrypted {
			x.document(document{name: f.Name, kind: sealed})
			continue
		}
		if err := x.entry(f.Name, f.MediaType, f.Open(), d.depth); err != nil {
			return err
		}
	}
	return nil
}

// savedByOutlook reports whether a compound file is a message, which has a
// stream of properties that no document of Office has ([MS-OXMSG], section 2.4).
func savedByOutlook(octets []byte) bool {
	return bytes.Contains(octets, utf16Octets("__properties_version1.0"))
}
