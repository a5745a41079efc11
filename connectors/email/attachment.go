package email

import (
	"bytes"
	"io"
	"net/http"
	"path"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
)

// An Attachment is a file inside a message: a part that is not its text, a
// uuencoded file in its text, a file inside a winmail.dat, or an enclosed
// message.
type Attachment struct {
	Name      string        `json:"name"`     // as the sender gave it, "" if it has none; never a path to write to
	Type      string        `json:"type"`     // media type by its first octets and name, lower case
	Declared  string        `json:"declared"` // media type as the message says, lower case
	Size      int64         `json:"size"`     // octets, decoded
	Digest    record.Digest `json:"sha256"`   // of the decoded octets
	Inline    bool          `json:"inline,omitempty"`
	Encrypted bool          `json:"encrypted,omitempty"` // S/MIME or OpenPGP: nobody here can read it
	Signature bool          `json:"signature,omitempty"` // a detached signature
	ContentID string        `json:"content_id,omitempty"`
	Path      string        `json:"path"`  // where it stands: "1.2" is the second part of the message, ".m" goes into an enclosed message
	Depth     int           `json:"depth"` // enclosed messages around it
	Message   *Message      `json:"-"`     // what it holds, where it is an enclosed message that was opened

	open func() io.Reader
}

// Open returns a reader of the decoded octets, reading them from where the
// message is kept. Each call starts anew.
func (a *Attachment) Open() io.Reader { return a.open() }

// sniffLen is how many octets tell a type.
const sniffLen = 512

// sniff returns the media type that octets and a name speak for, falling back
// on what was declared.
func sniff(head []byte, name, declared string) string {
	for _, s := range []struct{ magic, kind string }{
		{"%PDF-", "application/pdf"},
		{"{\\rtf", "application/rtf"},
		{"\x78\x9f\x3e\x22", "application/ms-tnef"},
		{"BEGIN:VCALENDAR", "text/calendar"},
		{"BEGIN:VCARD", "text/vcard"},
		{"-----BEGIN PGP MESSAGE", "application/pgp-encrypted"},
	} {
		if bytes.HasPrefix(head, []byte(s.magic)) {
			return s.kind
		}
	}
	byName := typeByName(name)
	if bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) { // a compound file: old Office, Outlook
		return orElse(strings.HasPrefix(byName, "application/vnd.ms-") || byName == "application/msword", byName, "application/x-ole-storage")
	}
	found, _, _ := strings.Cut(http.DetectContentType(head), ";")
	switch found {
	case "application/zip":
		return orElse(strings.HasPrefix(byName, "application/vnd."), byName, found)
	case "application/octet-stream", "text/plain", "text/xml":
		if byName != "" && strings.HasPrefix(byName, "text/") == strings.HasPrefix(found, "text/") {
			return byName
		}
		if found == "text/plain" && strings.HasPrefix(declared, "image/") || declared == "" {
			return found
		}
		return declared
	}
	return found
}

func orElse(cond bool, a, b string) string {
	if cond {
		return a
	}
	return b
}

func typeByName(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".docx":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case ".pptx":
		return "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	case ".odt":
		return "application/vnd.oasis.opendocument.text"
	case ".ods":
		return "application/vnd.oasis.opendocument.spreadsheet"
	case ".odp":
		return "application/vnd.oasis.opendocument.presentation"
	case ".doc":
		return "application/msword"
	case ".xls":
		return "application/vnd.ms-excel"
	case ".ppt":
		return "application/vnd.ms-powerpoint"
	case ".msg":
		return "application/vnd.ms-outlook"
	case ".csv":
		return "text/csv"
	case ".txt":
		return "text/plain"
	case ".htm", ".html":
		return "text/html"
	case ".ics":
		return "text/calendar"
	case ".vcf":
		return "text/vcard"
	case ".eml":
		return "message/rfc822"
	}
	return ""
}
