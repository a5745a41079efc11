package disclosure

import (
	"encoding/base64"
	"os"
	"strings"
	"testing"
)

func TestMail(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString(workbook([]string{`name="S"`, `name="T" state="hidden"`}, "", entry{"xl/worksheets/sheet1.xml", plainSheet}))
	message := strings.ReplaceAll(`Received: from a by b
Received: from c by a
From: a@example.test
To: b@example.test
Bcc: secret@example.test
Subject: x
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=o

before
--o
Content-Type: multipart/alternative; boundary=i

--i
Content-Type: text/plain

one
--i
Content-Type: text/html

<p>two<span style="display: none">three</span>
--i--
--o
Content-Type: application/octet-stream; name="figures.xlsx"
Content-Transfer-Encoding: base64

`+encoded+`
--o
Content-Type: message/rfc822

From: c@example.test
Message-ID: <1@example.test>
Bcc: other@example.test

enclosed
--o
Content-Type: application/pkcs7-mime
Content-Transfer-Encoding: uuencode

x
--o--
`, "\n", "\r\n")
	expect(t, "message.eml", []byte(message),
		found{CannotBeChecked, "a part of the message", 0},
		found{HiddenSheet, "figures.xlsx > sheet T", 0}, found{EmbeddedObject, "a message that is attached", 0},
		found{BlindCopies, "header Bcc", 1}, found{BlindCopies, "attached message > header Bcc", 1},
		found{MailRoute, "header", 2},
		found{HiddenParts, "", 0}, found{HiddenParts, "", 2})
	expect(t, "plain.eml", []byte("From: a@example.test\r\nMessage-ID: <1@x>\r\n\r\nhello\r\n"))
}

// TestOutlookMessage reads a message that connectors/email/outlook/outlooktest
// made: a blind copy, headers of the transport, a text in two forms, and a
// page that nobody here reads.
func TestOutlookMessage(t *testing.T) {
	octets, err := os.ReadFile("testdata/message.msg")
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "message.msg", octets,
		found{CannotBeChecked, "page.html", 0}, found{EmbeddedObject, "a message that is attached", 0},
		found{BlindCopies, "recipients", 1}, found{BlindCopies, "header Bcc", 1}, found{MailRoute, "header", 0}, found{HiddenParts, "", 2})
	expect(t, "old.doc", append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 600)...), found{CannotBeChecked, "", 0})
}
