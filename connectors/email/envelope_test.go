package email

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/archive/record"
)

const journalled = "From: journal@dept.example\nTo: archive@dept.example\nSubject: flood plan\nX-MS-Journal-Report:\n" +
	"Content-Type: multipart/mixed; boundary=J\n\n--J\nContent-Type: text/plain\n\n" +
	"Sender: a.field@upton.example\nSubject: flood plan\nMessage-Id: <m@upton.example>\n" +
	"To: office@dept.example\nCc: copy@dept.example\nBcc: hidden@dept.example\n" +
	"To: member@dept.example, Expanded: group@dept.example\nRecipient: new@dept.example, Forwarded: old@dept.example\n\n" +
	"--J\nContent-Type: message/rfc822\n\n"

const original = "Message-ID: <m@upton.example>\nFrom: A Field <a.field@upton.example>\nTo: office@dept.example\nSubject: flood plan\n\nsandbags\n"

func TestJournalReport(t *testing.T) {
	m := parse(journalled + original + "\n--J--\n")
	if m.Journal == nil || m.Journal.Original == nil {
		t.Fatal("no journal report recognised")
	}
	want := []Recipient{
		{Address{"", "office@dept.example"}, "to", "", ""}, {Address{"", "copy@dept.example"}, "cc", "", ""},
		{Address{"", "hidden@dept.example"}, "bcc", "", ""}, {Address{"", "member@dept.example"}, "to", "group@dept.example", ""},
		{Address{"", "new@dept.example"}, "recipient", "", "old@dept.example"},
	}
	if d := cmp.Diff(want, m.Journal.Recipients); d != "" {
		t.Error(d)
	}
	octets, err := io.ReadAll(m.Journal.Original.Open())
	if crlf := strings.ReplaceAll(original, "\n", "\r\n"); err != nil || string(octets) != crlf {
		t.Errorf("the original opens as %q, %v; want its octets as they were, %q", octets, err, crlf)
	}
	if inner := m.Journal.Original.Message; inner == nil || inner.MessageID != "m@upton.example" || inner.Text != "sandbags" {
		t.Errorf("the original is not parsed: %+v", inner)
	}
}

func TestNotAJournalReport(t *testing.T) {
	for name, mail := range map[string]string{
		"a forward": "Content-Type: multipart/mixed; boundary=J\n\n--J\n\nTo: see below\nSubject: as we said\n--J\nContent-Type: message/rfc822\n\n" + original + "\n--J--\n",
		"plain":     "X-MS-Journal-Report:\n\nSender: a@x\n",
	} {
		if m := parse(mail); m.Journal != nil {
			t.Errorf("%s was taken for a journal report", name)
		}
	}
}

func TestEnvelope(t *testing.T) {
	m := parse("Return-Path: <bounce@x.example>\nX-Envelope-From: <BOUNCE@x.example>\nDelivered-To: a@x.example\nDelivered-To: A@x.example\n" +
		"X-Original-To: group@x.example\nX-Gm-Original-To: g@x.example\n\n")
	want := Envelope{From: []Address{{"", "bounce@x.example"}}, Recipients: []Address{{"", "group@x.example"}, {"", "g@x.example"}, {"", "a@x.example"}}}
	if d := cmp.Diff(want, m.Envelope); d != "" {
		t.Error(d)
	}
}

func TestMailingList(t *testing.T) {
	m := parse("List-Id: Flood officials <flood.lists.example>\nList-Post: <mailto:flood@lists.example>\nAuto-Submitted: auto-replied\n\n")
	if m.ListID != "flood.lists.example" || len(m.List) != 2 || m.Auto != "auto-replied" {
		t.Errorf("list %q, %v, auto %q", m.ListID, m.List, m.Auto)
	}
}

func TestSealedAndSigned(t *testing.T) {
	pkcs7 := "Content-Type: application/pkcs7-mime; smime-type=%s; name=smime.p7m\nContent-Transfer-Encoding: base64\n\nMIAG\n"
	for _, c := range []struct {
		name, mail        string
		status            record.TextStatus
		signed, encrypted bool
	}{
		{"S/MIME sealed", strings.Replace(pkcs7, "%s", "enveloped-data", 1), record.TextEncrypted, false, true},
		{"S/MIME signed, detached", "Content-Type: multipart/signed; boundary=s; protocol=\"application/pkcs7-signature\"\n\n--s\n\ntext\n--s\nContent-Type: application/pkcs7-signature; name=smime.p7s\n\nx\n--s--\n", record.TextOK, true, false},
		{"OpenPGP sealed", "Content-Type: multipart/encrypted; boundary=s\n\n--s\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--s\nContent-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n\nx\n--s--\n", record.TextEncrypted, false, true},
		{"OpenPGP in text", "\nhello\n-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----\n", record.TextPartial, false, false},
	} {
		m := parse(c.mail)
		encrypted := false
		for _, a := range m.Attachments {
			encrypted = encrypted || a.Encrypted
		}
		if m.TextStatus != c.status || m.Signed != c.signed || encrypted != c.encrypted {
			t.Errorf("%s: status %s, signed %v, encrypted %v", c.name, m.TextStatus, m.Signed, encrypted)
		}
	}
}

// TestSignedMessageIsRead opens a message inside its own signature, as Outlook
// sends it, in BER of definite and of indefinite lengths.
func TestSignedMessageIsRead(t *testing.T) {
	inner := "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsandbags\r\n--b\r\nContent-Type: image/png; name=a.png\r\n\r\nx\r\n--b--\r\n"
	tlv := func(tag byte, body string) string {
		return string([]byte{tag, 0x82, byte(len(body) >> 8), byte(len(body))}) + body
	}
	open := func(tag byte, body string) string { return string([]byte{tag, 0x80}) + body + "\x00\x00" }
	for name, cms := range map[string]string{
		"definite": tlv(0x30, tlv(6, oidSigned)+tlv(0xa0, tlv(0x30, tlv(2, "\x01")+tlv(0x31, "")+tlv(0x30, tlv(6, oidData)+tlv(0xa0, tlv(4, inner)))))),
		"indefinite": open(0x30, tlv(6, oidSigned)+open(0xa0, open(0x30, tlv(2, "\x01")+open(0x31, "")+
			open(0x30, tlv(6, oidData)+open(0xa0, open(0x24, tlv(4, inner[:50])+tlv(4, inner[50:]))))))),
	} {
		m := parse("Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n" + encode64(cms))
		if m.Text != "sandbags" || !m.Signed || len(m.Attachments) != 2 || m.Attachments[0].Encrypted || m.TextStatus != record.TextOK {
			t.Errorf("%s: text %q, signed %v, %d attachments, status %s", name, m.Text, m.Signed, len(m.Attachments), m.TextStatus)
		}
		for n := range cms { // no way to break off makes it fail
			signedContent([]byte(cms[:n]))
		}
	}
}

func TestNoFileAmongTheAttachmentsIsFoundTwice(t *testing.T) {
	m := parse("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nSubject: one\nContent-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: image/png; name=a.png\n\nx\n--c\nContent-Type: message/rfc822\n\nSubject: two\n\ndeep heron\n--c--\n--b--\n")
	var paths []string
	for _, a := range m.Attachments {
		paths = append(paths, a.Path)
	}
	if d := cmp.Diff([]string{"1.1", "1.1.m.1", "1.1.m.2"}, paths); d != "" {
		t.Error(d)
	}
	var all string
	m.Searchable(func(s string) bool { all += s; return true })
	if !strings.Contains(all, "deep heron") || !strings.Contains(all, "Subject: two") {
		t.Errorf("an enclosed message's words are not searched: %q", all)
	}
}
