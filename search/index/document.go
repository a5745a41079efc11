package index

import (
	"encoding/binary"
	"path"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// Mapping is the version of how documents become terms. An index of another
// version is not opened: it is built again.
const Mapping = "closeroll-index/2"

// The vocabulary of what is indexed is the archive's own.
type (
	Document   = record.Document
	Address    = record.Address
	Attachment = record.Attached
)

// Bytes is about how much text a document holds; batches are made by it.
func Bytes(d *Document) int {
	n := 256 + len(d.Subject) + len(d.Chat) + len(d.Body)
	for _, a := range d.Attachments {
		n += len(a.Name) + len(a.Text)
	}
	for _, list := range [][]Address{d.From, d.To, d.Cc, d.Bcc} {
		for _, a := range list {
			n += len(a.Name) + len(a.Addr)
		}
	}
	return n
}

// idLength is the length of a message's part of a Bleve document id.
const idLength = 9

// docID returns the id of one part of a message: its number in nine bytes of
// seven bits, most significant first, then the part's number if it is not the
// first. It sorts as the numbers do.
func docID(no record.MessageNo, part int) string {
	id := make([]byte, idLength, idLength+4)
	for i, n := idLength-1, uint64(no); i >= 0; i, n = i-1, n>>7 {
		id[i] = byte(n & 0x7f)
	}
	if part > 0 {
		id = binary.BigEndian.AppendUint32(id, uint32(part))
	}
	return string(id)
}

// docNo returns the number of the message that an id belongs to.
func docNo(id string) (no record.MessageNo) {
	for i := 0; i < idLength && i < len(id); i++ {
		no = no<<7 | record.MessageNo(id[i]&0x7f)
	}
	return no
}

// propertyTerms returns a document's properties as terms, but for its languages.
func propertyTerms(d *Document) []string {
	terms := []string{property(propKind, string(d.Kind))}
	for _, t := range []struct {
		property byte
		time     time.Time
	}{{propSent, d.Sent}, {propReceived, d.Received}, {propCaptured, d.Captured}} {
		if !t.time.IsZero() {
			terms = append(terms, string([]byte{propWithTime, t.property}))
			terms = append(terms, scaleTerms(t.property, minutes(t.time))...)
		}
	}
	if len(d.From) > 0 {
		terms = append(terms, property(propWithSender, ""))
	}
	if d.Suspect {
		terms = append(terms, property(propSuspect, ""))
	}
	if d.Position > 0 {
		terms = append(terms, scaleTerms(propPosition, d.Position)...)
	}
	if d.Size > 0 {
		terms = append(terms, scaleTerms(propSize, uint64(d.Size))...)
	}
	if d.MessageID != "" {
		terms = append(terms, property(propMessageID, d.MessageID))
	}
	for _, r := range d.References {
		terms = append(terms, property(propReference, r))
	}
	for _, a := range d.Attachments {
		terms = append(terms, attachmentTerms(a)...)
	}
	return terms
}

// attachmentTerms returns what has: finds an attachment by: that there is one,
// its media type's family (image, audio, …), its whole media type, and the
// extension of its name.
func attachmentTerms(a Attachment) []string {
	terms := []string{property(propHas, "attachment")}
	if family, _, ok := strings.Cut(a.MediaType, "/"); ok {
		terms = append(terms, property(propHas, family), property(propMediaType, a.MediaType))
	}
	if ext := strings.TrimPrefix(path.Ext(a.Name), "."); ext != "" {
		terms = append(terms, property(propHas, ext))
	}
	return terms
}

// property returns the term of a property's value, folded and bounded.
func property(p byte, value string) string {
	value = strings.ToLower(strings.Trim(strings.TrimSpace(value), "<>"))
	return string(p) + cutTo(value, maxProperty)
}

// maxProperty bounds a property's value in bytes. RFC 5322 limits a line, and
// so a message id, to 998.
const maxProperty = 998

func cutTo(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
