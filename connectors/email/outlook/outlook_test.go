package outlook_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/connectors/email/outlook"
	"github.com/closeroll/closeroll/connectors/email/outlook/outlooktest"
)

const (
	props  = "__properties_version1.0"
	substg = "__substg1.0_"
)

var sent = time.Date(2026, 5, 14, 8, 12, 0, 0, time.UTC)

// letter is a message with two recipients, a file, and a message in it.
func letter() map[string][]byte {
	inner := "__attach_version1.0_#00000001/" + substg + "3701000D/"
	return map[string][]byte{
		props:                                   outlooktest.Properties(32, map[uint16]any{0x0039: sent, 0x0e06: sent.Add(time.Minute), 0x3fde: 65001}),
		substg + "0037001F":                     outlooktest.Unicode("Re: sandbags – Upton"),
		substg + "1000001F":                     outlooktest.Unicode("we have 4,000 sandbags"),
		substg + "1035001F":                     outlooktest.Unicode("<a1@floods.example>"),
		substg + "0042001F":                     outlooktest.Unicode("A Field"),
		substg + "0065001F":                     outlooktest.Unicode("/O=EXCHANGE/OU=FIRST/CN=FIELD"),
		substg + "5D01001F":                     outlooktest.Unicode("a.field@floods.example"),
		"__recip_version1.0_#00000000/" + props: outlooktest.Properties(8, map[uint16]any{0x0c15: 1}),
		"__recip_version1.0_#00000000/" + substg + "3001001E":  []byte("Ren\xe9e"),
		"__recip_version1.0_#00000000/" + substg + "39FE001F":  outlooktest.Unicode("renee@floods.example"),
		"__recip_version1.0_#00000001/" + props:                outlooktest.Properties(8, map[uint16]any{0x0c15: 3}),
		"__recip_version1.0_#00000001/" + substg + "3003001F":  outlooktest.Unicode("hidden@floods.example"),
		"__attach_version1.0_#00000000/" + props:               outlooktest.Properties(8, nil),
		"__attach_version1.0_#00000000/" + substg + "3707001F": outlooktest.Unicode("count.csv"),
		"__attach_version1.0_#00000000/" + substg + "370E001F": outlooktest.Unicode("text/csv"),
		"__attach_version1.0_#00000000/" + substg + "37010102": bytes.Repeat([]byte("depot,4000\n"), 1000),
		"__attach_version1.0_#00000001/" + props:               outlooktest.Properties(8, nil),
		"__attach_version1.0_#00000001/" + substg + "3001001F": outlooktest.Unicode("forwarded"),
		inner + props:               outlooktest.Properties(24, map[uint16]any{0x0039: sent.Add(-time.Hour)}),
		inner + substg + "0037001F": outlooktest.Unicode("the first letter"),
		inner + substg + "1000001F": outlooktest.Unicode("quokka"),
	}
}

func TestParse(t *testing.T) {
	m, err := outlook.Parse(bytes.NewReader(outlooktest.Compound(letter())))
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != "Re: sandbags – Upton" || m.Text != "we have 4,000 sandbags" || m.MessageID != "<a1@floods.example>" ||
		m.From.Name != "A Field" || m.From.Addr != "a.field@floods.example" || !m.Sent.Equal(sent) || !m.Received.Equal(sent.Add(time.Minute)) || m.Codepage != 65001 {
		t.Errorf("%+v", m)
	}
	if len(m.Recipients) != 2 || m.Recipients[0] != (outlook.Person{Kind: outlook.To, Name: "Renée", Addr: "renee@floods.example"}) ||
		m.Recipients[1] != (outlook.Person{Kind: outlook.Bcc, Addr: "hidden@floods.example"}) {
		t.Errorf("recipients %+v", m.Recipients)
	}
	if len(m.Attachments) != 2 {
		t.Fatalf("%d attachments", len(m.Attachments))
	}
	for range 2 { // it can be opened again
		octets, err := io.ReadAll(m.Attachments[0].Open())
		if a := m.Attachments[0]; err != nil || a.Name != "count.csv" || a.Type != "text/csv" || len(octets) != 11000 || !strings.HasPrefix(string(octets), "depot,") {
			t.Errorf("%+v: %d octets, %v", a, len(octets), err)
		}
	}
	if in := m.Attachments[1].Message; in == nil || in.Subject != "the first letter" || in.Text != "quokka" || !in.Sent.Equal(sent.Add(-time.Hour)) {
		t.Errorf("the message inside: %+v", in)
	}
}

func TestOtherCompoundFilesAreNoMessages(t *testing.T) {
	for name, octets := range map[string][]byte{
		"a workbook": outlooktest.Compound(map[string][]byte{"Workbook": []byte("x")}),
		"nothing":    nil,
		"a header":   outlooktest.Compound(letter())[:512],
	} {
		if m, err := outlook.Parse(bytes.NewReader(octets)); !errors.Is(err, outlook.ErrBroken) || m == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	whole := outlooktest.Compound(letter())
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Fuzz(func(t *testing.T, octets []byte) {
		m, _ := outlook.Parse(bytes.NewReader(octets)) // it must return, whatever it is given
		for i := range m.Attachments {
			io.Copy(io.Discard, m.Attachments[i].Open())
		}
	})
}
