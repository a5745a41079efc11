package daemon_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/demo"
)

// A postbox is a mail server that takes mail (RFC 5321), or refuses it.
type postbox struct {
	port   int
	refuse atomic.Bool
	mail   chan mailed
}

type mailed struct{ to, text string }

func openPostbox(t *testing.T) *postbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	p := &postbox{port: l.Addr().(*net.TCPAddr).Port, mail: make(chan mailed, 64)}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(conn)
		}
	}()
	return p
}

func (p *postbox) serve(conn net.Conn) {
	defer conn.Close()
	in := textproto.NewReader(bufio.NewReader(conn))
	reply := func(s string) { fmt.Fprintf(conn, "%s\r\n", s) }
	reply("220 test")
	var got mailed
	for {
		line, err := in.ReadLine()
		if err != nil {
			return
		}
		switch verb, rest, _ := strings.Cut(line, ":"); {
		case strings.HasPrefix(verb, "RCPT"):
			if p.refuse.Load() {
				reply("451 not now")
				continue
			}
			got.to = rest
			reply("250 ok")
		case line == "DATA":
			reply("354 go on")
			text, err := in.ReadDotBytes()
			if err != nil {
				return
			}
			got.text = string(text)
			p.mail <- got
			reply("250 ok")
		case line == "QUIT":
			reply("221 bye")
			return
		default:
			reply("250 ok")
		}
	}
}

// next waits for the next letter whose subject has these words.
func (p *postbox) next(t *testing.T, subject string) mailed {
	t.Helper()
	for {
		select {
		case l := <-p.mail:
			if header, _, _ := strings.Cut(l.text, "\n\n"); strings.Contains(header, subject) {
				return l
			}
		case <-t.Context().Done():
			t.Fatal("no letter came")
		}
	}
}

// sends is a message with an export attached.
func sends(t *testing.T, from, name string) []byte {
	t.Helper()
	dir := t.TempDir()
	must(t, demo.WriteExports(dir))
	octets, err := os.ReadFile(filepath.Join(dir, name))
	must(t, err)
	return []byte("From: " + from + "\r\nTo: exports@env.example\r\nDate: Thu, 21 May 2026 09:00:00 +0100\r\nSubject: export\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/octet-stream; name=\"" + name + "\"\r\n" +
		"Content-Disposition: attachment; filename=\"" + name + "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(octets) + "\r\n--b--\r\n")
}

// senderHouse is a house whose mailbox takes exports for two custodians.
func senderHouse(t *testing.T, p *postbox) *house {
	h := build(t, true, true, true, true)
	b, err := os.ReadFile(h.path("closeroll.yaml"))
	must(t, err)
	text := string(b)
	for old, now := range map[string]string{
		"role: minister}":                       "role: minister, addresses: [Floods.Minister@env.example], exports_every: P30D}\n  - {id: team, name: Exports Team, trained: 2020-01-01}",
		"name: office\n    custodian: minister": "name: office\n    custodian: team",
		"exclude: [Drafts]}":                    "exclude: [Drafts], sender_is_custodian: true}",
		"alerts: none":                          fmt.Sprintf("receipts: smtp\nalerts: {digest: \"@every 1s\", smtp: {host: 127.0.0.1, port: %d, security: plain, from: closeroll@env.example, to: [records@env.example]}}", p.port),
	} {
		if !strings.Contains(text, old) {
			t.Fatalf("the configuration does not say %q", old)
		}
		text = strings.Replace(text, old, now, 1)
	}
	must(t, os.WriteFile(h.path("closeroll.yaml"), []byte(text), 0o600))
	return h
}

func exportsOf(t *testing.T, s *served, title string) []v1.Export {
	t.Helper()
	for _, c := range call[[]v1.Chat](t, s, http.MethodGet, "/v1/chats", nil) {
		if c.Title == title {
			return c.Exports
		}
	}
	t.Fatalf("there is no chat %s", title)
	return nil
}

func TestReceiptsGoToTheCustodianWhoSentTheExport(t *testing.T) {
	p := openPostbox(t)
	p.refuse.Store(true)
	h := senderHouse(t, p)
	h.server.Folder("INBOX").Add(sends(t, "The Minister <floods.minister@ENV.example>", demo.FloodResponse),
		sends(t, "Eve <eve@elsewhere.example>", demo.UptonWardens))
	s := h.serve(t)
	s.capture(t)
	const flood, upton = "Flood response", "Upton wardens"
	for exportsOf(t, s, flood)[0].Receipt != record.ReceiptFailed { // the mail server refuses it
		if t.Context().Err() != nil {
			t.Fatal("no receipt was tried")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if troubles := s.status(t).Troubles; len(troubles) == 0 || !strings.Contains(strings.Join(troubles, "\n"), "receipt unsent minister") {
		t.Errorf("troubles: %q", troubles)
	}
	if x := exportsOf(t, s, upton)[0]; x.Custodian != "team" || x.Receipt != "" {
		t.Errorf("a stranger's export: %+v", x)
	}
	must(t, s.end(t))

	// Hours later the mail server is well.
	p.refuse.Store(false)
	h.now = func() time.Time { return time.Now().Add(2 * time.Hour) }
	s = h.serve(t)
	got := p.next(t, "Receipt for a chat export")
	if got.to != "<Floods.Minister@env.example>" {
		t.Errorf("it went to %s", got.to)
	}
	x := exportsOf(t, s, flood)[0]
	r := call[v1.Receipt](t, s, http.MethodGet, "/v1/exports/"+string(x.Record)+"/receipt", nil)
	if x.Custodian != "minister" || r.State != record.ReceiptSent || r.Messages == 0 || r.New != r.Messages || r.Days != 8 || r.Media == 0 || r.NextDue.IsZero() || r.Covering == "" {
		t.Errorf("%+v", r)
	}
	if body := strings.Join(strings.Fields(got.text), " "); !strings.Contains(body, strings.Join(strings.Fields(r.Text), " ")) {
		t.Errorf("what was sent is not what is shown:\n%s", got.text)
	}
	for _, never := range []string{flood, "Tom", "sandbag", "Priya"} {
		if strings.Contains(strings.ToLower(got.text), strings.ToLower(never)) {
			t.Errorf("the receipt says %q:\n%s", never, got.text)
		}
	}
	found := call[v1.Record](t, s, http.MethodGet, "/v1/records/"+string(x.Record), nil)
	if found.Holdings[0].Channel != record.NonCorporate {
		t.Errorf("an export that came by mail is %+v", found.Holdings[0])
	}

	// The digest counts what is owed, and the stranger is a notice.
	if d := p.next(t, "to look at"); !strings.Contains(d.text, "custodian team: overdue training 1; the oldest since 2021-01-01") || d.to != "<records@env.example>" {
		t.Errorf("the digest to %s:\n%s", d.to, d.text)
	}
	kinds := fmt.Sprint(call[[]v1.Chat](t, s, http.MethodGet, "/v1/chats?chat=Upton+wardens", nil)[0].Notices)
	if !strings.Contains(kinds, "sender_unlisted") || strings.Contains(kinds, "eve@") {
		t.Errorf("notices: %s", kinds)
	}
	if n := s.types(t)[record.EntryReceipt]; n != 3 { // tried, failed, sent
		t.Errorf("%d entries about receipts", n)
	}
	must(t, s.end(t))
	h.now = func() time.Time { return time.Now().Add(4 * time.Hour) }
	s = h.serve(t)
	p.next(t, "daily digest")
	must(t, s.end(t))
	for len(p.mail) > 0 {
		if l := <-p.mail; strings.Contains(l.text, "Receipt for a chat export") {
			t.Error("a second receipt went out")
		}
	}
}

func TestReceiptsForExportsThatAreDropped(t *testing.T) {
	p := openPostbox(t)
	h := senderHouse(t, p)
	b, err := os.ReadFile(h.path("closeroll.yaml"))
	must(t, err)
	text := strings.Replace(string(b), "    dropfolder:", "    receipts: smtp\n    dropfolder:", 1)
	must(t, os.WriteFile(h.path("closeroll.yaml"), []byte(text), 0o600))
	must(t, demo.WriteExports(h.path("drop")))
	s := h.serve(t)
	s.capture(t)
	s.capture(t) // the first only sees that the files are there
	for range 2 {
		got := p.next(t, "Receipt for a chat export")
		if got.to != "<Floods.Minister@env.example>" || strings.Contains(got.text, "by e-mail") || !strings.Contains(got.text, "A chat export of custodian minister was captured") {
			t.Errorf("to %s:\n%s", got.to, got.text)
		}
	}
	for exportsOf(t, s, "Flood response")[0].Receipt != record.ReceiptSent {
		if t.Context().Err() != nil {
			t.Fatal("the receipt is not known to be sent")
		}
		time.Sleep(10 * time.Millisecond)
	}
	must(t, s.end(t))
}
