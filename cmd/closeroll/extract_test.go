package main

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/email/outlook/outlooktest"
)

// TestReadMail reads messages as they lie in zip files: as RFC 5322 has them
// and as Outlook saves them.
func TestReadMail(t *testing.T) {
	enclosing := "From: A Field <a.field@floods.example>\r\nTo: b@floods.example\r\nSubject: the weir\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\n\r\nsandbags\r\n--b\r\nContent-Type: text/csv; name=depots.csv\r\nContent-Transfer-Encoding: base64\r\n\r\nVXB0b24=\r\n" +
		"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: the depot\r\n\r\nheron\r\n" +
		"--b\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\r\nx\r\n--b--\r\n"
	saved := outlooktest.Compound(map[string][]byte{
		"__properties_version1.0": outlooktest.Properties(32, nil),
		"__substg1.0_0037001F":    outlooktest.Unicode("numbat"),
		"__substg1.0_1000001F":    outlooktest.Unicode("quokka"),
	})
	for _, c := range []struct {
		octets string
		words  []string
		files  []string // name and content; sealed has none
		status record.TextStatus
	}{
		{enclosing, []string{"a.field@floods.example", "the weir", "sandbags", "the depot", "heron"}, []string{"depots.csv=Upton", "smime.p7m="}, record.TextPartial},
		{string(saved), []string{"numbat", "quokka"}, nil, record.TextOK},
	} {
		m := readMail([]byte(c.octets))
		texts := strings.Join(m.Texts, "\n")
		for _, word := range c.words {
			if !strings.Contains(texts, word) {
				t.Errorf("%q is not in %q", word, texts)
			}
		}
		var files []string
		for _, f := range m.Files {
			content := ""
			if !f.Encrypted {
				octets, err := io.ReadAll(f.Open())
				if err != nil {
					t.Error(err)
				}
				content = string(octets)
			}
			files = append(files, f.Name+"="+content)
		}
		if !slices.Equal(files, c.files) || m.Status != c.status {
			t.Errorf("%s; attachments %q; want %s; %q", m.Status, files, c.status, c.files)
		}
	}
}
