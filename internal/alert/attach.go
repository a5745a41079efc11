package alert

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/multipart"
	"net/textproto"
	"strings"
	"time"
)

// An Attachment is a file that goes with a mail.
type Attachment struct {
	Name   string
	Octets []byte
}

// SendFile delivers one mail with a file (RFC 2183). The file is not looked
// into: what may not be read on the way is sealed already.
func (s *SMTP) SendFile(ctx context.Context, subject, body string, file Attachment) error {
	var parts bytes.Buffer
	w := multipart.NewWriter(&parts)
	text, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {"text/plain; charset=utf-8"}, "Content-Transfer-Encoding": {"8bit"}})
	if err != nil {
		return err
	}
	fmt.Fprint(text, strings.ReplaceAll(body, "\n", "\r\n"))
	attached, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {"application/octet-stream"}, "Content-Transfer-Encoding": {"base64"},
		"Content-Disposition": {mime.FormatMediaType("attachment", map[string]string{"filename": file.Name})}})
	if err != nil {
		return err
	}
	// RFC 2045, section 6.8: lines of at most 76 characters.
	for encoded := base64.StdEncoding.EncodeToString(file.Octets); encoded != ""; {
		n := min(76, len(encoded))
		fmt.Fprintf(attached, "%s\r\n", encoded[:n])
		encoded = encoded[n:]
	}
	if err := w.Close(); err != nil {
		return err
	}
	head := s.head(subject) + fmt.Sprintf("Content-Type: multipart/mixed; boundary=%q\r\n\r\n", w.Boundary())
	return s.deliver(ctx, append([]byte(head), parts.Bytes()...))
}

// head is the header fields that every mail of ours has (RFC 5322).
func (s *SMTP) head(subject string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\n", s.From, strings.Join(s.To, ", "),
		mime.QEncoding.Encode("utf-8", strings.ReplaceAll(subject, "\n", " ")), s.Now().Format(time.RFC1123Z))
	// RFC 3834: nobody's out-of-office should answer a daemon.
	b.WriteString("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n")
	return b.String()
}
