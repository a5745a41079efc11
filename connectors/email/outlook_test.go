package email_test

import (
	"bytes"
	"encoding/base64"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/email"
	"github.com/closeroll/closeroll/connectors/email/outlook/outlooktest"
)

func savedMessage(header string) []byte {
	const substg = "__substg1.0_"
	streams := map[string][]byte{
		"__properties_version1.0": outlooktest.Properties(32, map[uint16]any{0x0039: time.Date(2026, 5, 14, 8, 12, 0, 0, time.UTC)}),
		substg + "0037001F":       outlooktest.Unicode("OFFICIAL-SENSITIVE sandbags"),
		substg + "1000001F":       outlooktest.Unicode("the numbat is here"),
		substg + "0042001F":       outlooktest.Unicode("A Field"),
		substg + "5D01001F":       outlooktest.Unicode("A.Field@floods.example"),
		"__recip_version1.0_#00000000/__properties_version1.0":  outlooktest.Properties(8, map[uint16]any{0x0c15: 2}),
		"__recip_version1.0_#00000000/" + substg + "39FE001F":   outlooktest.Unicode("b@floods.example"),
		"__attach_version1.0_#00000000/__properties_version1.0": outlooktest.Properties(8, nil),
		"__attach_version1.0_#00000000/" + substg + "3707001F":  outlooktest.Unicode("note.txt"),
		"__attach_version1.0_#00000000/" + substg + "37010102":  []byte("attached words"),
	}
	if header != "" {
		streams[substg+"007D001F"] = outlooktest.Unicode(header)
	}
	return outlooktest.Compound(streams)
}

func TestSavedMessage(t *testing.T) {
	octets := savedMessage("")
	m := email.Parse(bytes.NewReader(octets), int64(len(octets)), email.Options{})
	if !m.Outlook || m.Subject != "OFFICIAL-SENSITIVE sandbags" || m.Text != "the numbat is here" || m.From[0].Addr != "a.field@floods.example" ||
		len(m.To) != 0 || m.Cc[0].Addr != "b@floods.example" || m.Date.Hour() != 8 || len(m.Defects) != 0 || m.TextStatus != record.TextOK || len(m.Markings) == 0 {
		t.Errorf("%+v", m.Describe())
	}
	if len(m.Attachments) != 1 || m.Attachments[0].Name != "note.txt" || m.Attachments[0].Digest != record.Sum([]byte("attached words")) {
		t.Errorf("attachments: %+v", m.Attachments)
	}
}

func TestSavedMessageWithItsHeader(t *testing.T) {
	octets := savedMessage("Received: by mx.example; Thu, 14 May 2026 08:13:00 +0000\r\nMessage-ID: <x@y>\r\nFrom: Other <other@floods.example>\r\nDate: Thu, 14 May 2026 08:11:00 +0000\r\n")
	m := email.Parse(bytes.NewReader(octets), int64(len(octets)), email.Options{})
	if m.MessageID != "x@y" || m.From[0].Addr != "other@floods.example" || m.Date.Minute() != 11 || m.Received.Minute() != 13 || m.Cc[0].Addr != "b@floods.example" {
		t.Errorf("%+v", m.Describe())
	}
}

func TestSavedMessageInAMessage(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString(savedMessage(""))
	octets := []byte("From: c@floods.example\r\nDate: Thu, 14 May 2026 08:11:00 +0000\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee this\r\n" +
		"--b\r\nContent-Type: application/octet-stream; name=\"old.msg\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded + "\r\n--b--\r\n")
	m := email.Parse(bytes.NewReader(octets), int64(len(octets)), email.Options{})
	if len(m.Messages) != 1 || m.Messages[0].Text != "the numbat is here" || m.Text != "see this" {
		t.Errorf("%+v", m.Describe())
	}
	broken := savedMessage("")[:600]
	if m := email.Parse(bytes.NewReader(broken), 600, email.Options{}); m.TextStatus == record.TextOK || m.Defects[0] != email.DefectBadOutlook {
		t.Errorf("a broken file: %v %v", m.TextStatus, m.Defects)
	}
}
