package ingest_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/connectortest"
)

// mailed is an e-mail with attachments, given as name and text, inside a forward
// if so asked.
func mailed(forwarded bool, files ...[2]string) []byte {
	var b strings.Builder
	b.WriteString("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nIm Anhang der Chat.\r\n")
	for _, f := range files {
		b.WriteString("--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"" + f[0] +
			"\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(f[1])) + "\r\n")
	}
	b.WriteString("--b--\r\n")
	const head = "From: Tom <tom@env.example>\r\nTo: office@env.example\r\nDate: Tue, 14 Jul 2026 09:00:00 +0100\r\nSubject: WhatsApp-Chat mit Wehr\r\nMIME-Version: 1.0\r\n"
	if !forwarded {
		return []byte(head + b.String())
	}
	return []byte(head + "Content-Type: multipart/mixed; boundary=f\r\n\r\n--f\r\nContent-Type: text/plain\r\n\r\nFYI\r\n--f\r\nContent-Type: message/rfc822\r\n\r\n" +
		head + b.String() + "\r\n--f--\r\n")
}

// Older phones mail a chat's text and its media as attachments of their own. The
// media that the text names are the chat's; a logo in the same e-mail is not; and
// of a text that came alone nothing is missing.
func TestLooseTranscriptWithMedia(t *testing.T) {
	const text = "13/07/2026, 14:05 - Ana Field: The weir is open\n13/07/2026, 14:06 - Tom Okafor: IMG-20260713-WA0001.jpg (file attached)\n" +
		"13/07/2026, 14:07 - Tom Okafor: IMG-20260713-WA0002.jpg (file attached)\n"
	chat, photo, logo := [2]string{"WhatsApp-Chat mit Wehr.txt", text}, [2]string{"IMG-20260713-WA0001.jpg", "a weir"}, [2]string{"logo.png", "a logo"}
	cases := []struct {
		name      string
		forwarded bool
		files     [][2]string
		media     []string
		missing   bool
	}{
		{"with a photo and a logo", false, [][2]string{logo, chat, photo}, []string{"IMG-20260713-WA0001.jpg"}, true},
		{"nested in a forward", true, [][2]string{chat, photo, logo}, []string{"IMG-20260713-WA0001.jpg"}, true},
		{"with a logo only", false, [][2]string{chat, logo}, nil, false},
		{"alone", true, [][2]string{chat}, nil, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			s := connectortest.StartServer(t)
			s.Folder("INBOX").Add(mailed(c.forwarded, c.files...))
			if counts := b.run(t, b.mailbox(t, s)); counts.Captured != 3 {
				t.Errorf("%+v", counts)
			}
			chats, err := b.Catalog.Chats(t.Context(), "Wehr")
			must(t, err)
			if len(chats) != 1 {
				t.Fatalf("%d chats", len(chats))
			}
			days, err := b.Catalog.ChatDays(t.Context(), chats[0].ID)
			must(t, err)
			rec, _, _ := b.opened(t, days[0].Record)
			var media []string
			for _, component := range rec.Components {
				if component.Path != "data/chat.txt" {
					media = append(media, component.Name)
				}
			}
			row, err := b.Find(t.Context(), string(days[0].Record))
			must(t, err)
			if covering, err := b.Find(t.Context(), string(row.Covering)); err != nil || covering.Kind != record.Email || !slices.Equal(media, c.media) {
				t.Errorf("media %q, covered by %+v, %v", media, covering.Kind, err)
			}
			notices, err := b.Catalog.ChatNotices(t.Context(), chats[0].ID)
			must(t, err)
			missing := false
			for _, n := range notices {
				missing = missing || n.Kind == "media_missing"
				if n.Kind == "media_orphaned" {
					t.Errorf("noticed: %s", n.Text)
				}
			}
			if missing != c.missing {
				t.Errorf("missing media noticed: %t", missing)
			}
		})
	}
}
