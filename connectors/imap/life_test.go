package imap_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/connectors/imap"
	"github.com/closeroll/closeroll/internal/spool"
)

func kinds(m *imap.Mailbox) (out []string) {
	for _, n := range m.Notices() {
		out = append(out, n.Kind)
	}
	slices.Sort(out)
	return out
}

func keys(entries []connectortest.Entry) (out []string) {
	for _, e := range entries {
		out = append(out, e.Key)
	}
	slices.Sort(out)
	return out
}

func TestUIDValidityChange(t *testing.T) {
	s := connectortest.StartServer(t)
	f := s.Folder("INBOX")
	f.Add(connectortest.Mail(1), connectortest.Mail(2), connectortest.Mail(3))
	f.Poison(2, connectortest.RefuseBody)
	m := open(t, s)
	connectortest.Collect(t, m, "")
	f.Remove(1)
	f.Poison(2, connectortest.Healthy)
	f.Renumber()
	entries := connectortest.Collect(t, m, m.Position())
	want := []string{"INBOX/1000000/2", "INBOX/1000001/1", "INBOX/1000001/2"}
	if got := keys(entries); !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	for _, e := range entries {
		if orphan := e.Key == want[0]; e.Failed != orphan || orphan && e.Reason != imap.ReasonGone {
			t.Errorf("%s: failed %v, %q", e.Key, e.Failed, e.Reason)
		}
	}
	if got := kinds(m); !slices.Equal(got, []string{imap.NoticeRenumbered}) {
		t.Errorf("notices: %q", got)
	}
	if again := connectortest.Collect(t, m, m.Position()); len(again) != 0 {
		t.Errorf("then %q", keys(again))
	}
}

func TestSparseUIDs(t *testing.T) {
	s := connectortest.StartServer(t)
	f := s.Folder("INBOX")
	var want []string
	for i := range 50 {
		uid := uint32(300_000_000 + i*79_000_001)
		f.AddAt(uid, connectortest.Mail(i))
		want = append(want, fmt.Sprintf("INBOX/1000000/%d", uid))
	}
	slices.Sort(want)
	m := open(t, s)
	began := time.Now()
	if got := keys(connectortest.Collect(t, m, "")); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if took := time.Since(began); took > 2*time.Minute {
		t.Errorf("it took %v: UIDs were counted up", took)
	}
	if len(m.Position()) > 100 {
		t.Errorf("the cursor is long: %s", m.Position())
	}
}

func TestCameAndWent(t *testing.T) {
	s := connectortest.StartServer(t)
	f := s.Folder("INBOX")
	f.Skip(1000) // before anyone looked: that is history
	f.Add(connectortest.Mail(1))
	m := open(t, s)
	connectortest.Collect(t, m, "")
	if got := kinds(m); len(got) != 0 {
		t.Errorf("the first reading gives notices %q", got)
	}
	f.Skip(3)
	f.Add(connectortest.Mail(2))
	f.Skip(2)
	connectortest.Collect(t, m, m.Position())
	if n := m.Notices(); len(n) != 1 || n[0].Kind != imap.NoticeCameAndWent || !strings.HasPrefix(n[0].Text, "5 messages") {
		t.Errorf("notices: %+v", n)
	}
	if g := m.Gaps(); len(g) != 1 || g[0].Folder != "INBOX" || g[0].Issued != 6 || g[0].CameAndWent() != 5 {
		t.Errorf("gaps: %+v", g)
	}
	if connectortest.Collect(t, m, m.Position()); len(m.Notices()) != 0 {
		t.Error("counted twice")
	}
}

func TestOwedMessageThatGoesAway(t *testing.T) {
	s := connectortest.StartServer(t)
	f := s.Folder("INBOX")
	f.Add(connectortest.Mail(1), connectortest.Mail(2))
	f.Poison(1, connectortest.BreakOff)
	m := open(t, s)
	connectortest.Collect(t, m, "")
	f.Remove(1)
	entries := connectortest.Collect(t, m, m.Position())
	if len(entries) != 1 || entries[0].Reason != imap.ReasonGone {
		t.Errorf("got %+v", entries)
	}
	if again := connectortest.Collect(t, m, m.Position()); len(again) != 0 {
		t.Errorf("then %q", keys(again))
	}
}

func TestExpungedBetweenSearchAndFetch(t *testing.T) {
	s := connectortest.StartServer(t)
	f := s.Folder("INBOX")
	for i := range 40 {
		f.Add(connectortest.Mail(i))
	}
	m := open(t, s, func(c *imap.Config) { c.Window, c.Connections = 10, 1 })
	n := 0
	for item, err := range m.Items(t.Context(), "") {
		if err != nil || item.Err != nil {
			t.Fatal(err, item)
		}
		if item.Release(); n == 0 {
			f.Remove(39)
			f.Remove(40)
		}
		n++
	}
	if n != 38 || !slices.Equal(kinds(m), []string{imap.NoticeCameAndWent}) {
		t.Errorf("%d items", n)
	}
}

func TestFoldersLeftOut(t *testing.T) {
	s := connectortest.StartServer(t)
	for _, name := range []string{"INBOX", "Entwürfe", "Archive/2025", "Archive/2025/May"} {
		s.Folder(name).Add(connectortest.Mail(len(name)), connectortest.Mail(100+len(name)))
	}
	s.Folder("Entwürfe").Mark(goimap.MailboxAttrDrafts)
	m := open(t, s, func(c *imap.Config) { c.Exclude = []string{`\Drafts`, "Archive/*/May"} })
	entries := connectortest.Collect(t, m, "")
	for _, e := range entries {
		out := e.Folder == "Entwürfe" || e.Folder == "Archive/2025/May"
		if (e.Excluded == record.ReasonFolder) != out {
			t.Errorf("%s: excluded %q", e.Key, e.Excluded)
		}
	}
	if len(entries) != 8 {
		t.Errorf("%q, want 8 items", keys(entries))
	}
	// Taken in again, the folder is read from its beginning.
	wider := open(t, s, func(c *imap.Config) { c.Exclude = []string{`\Drafts`} })
	again := connectortest.Collect(t, wider, m.Position())
	if len(again) != 2 || again[0].Excluded != "" || again[0].Folder != "Archive/2025/May" {
		t.Errorf("after the change: %+v", again)
	}
}

func TestFolderThatVanishesOrRefuses(t *testing.T) {
	s := connectortest.StartServer(t)
	for i := range 30 {
		s.Folder("A").Add(connectortest.Mail(i))
		s.Folder("B").Add(connectortest.Mail(100 + i))
	}
	s.Folder("C").Add(connectortest.Mail(999))
	s.Folder("C").Refuse(true)
	m := open(t, s, func(c *imap.Config) { c.Window, c.Connections, c.BatchBytes = 4, 1, 1000 })
	fromB := 0
	for item, err := range m.Items(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if item.Folder == "A" {
			s.Delete("A")
		} else {
			fromB++
		}
		item.Release()
	}
	if fromB != 30 {
		t.Errorf("%d of 30 messages of the other folder", fromB)
	}
	if got := kinds(m); !slices.Contains(got, imap.NoticeFolder) {
		t.Errorf("notices: %q", got)
	}
	connectortest.Collect(t, m, m.Position())
	connectortest.Collect(t, m, m.Position())
	if got := kinds(m); !slices.Equal(got, []string{imap.NoticeFolderGone}) {
		t.Errorf("notices of what lasts: %q", got)
	}
	s.Folder("C").Refuse(false)
	if got := connectortest.Collect(t, m, m.Position()); len(got) != 1 {
		t.Errorf("once it opens: %q", keys(got))
	}
}

func TestServerThatFailsEverything(t *testing.T) {
	s := connectortest.StartServer(t)
	f := s.Folder("INBOX")
	for i := range 60 {
		f.Poison(f.Add(connectortest.Mail(i)), connectortest.RefuseBody)
	}
	m := open(t, s, func(c *imap.Config) { c.Connections = 1 })
	entries, err := connectortest.TryCollect(t, m, "")
	if err == nil || len(entries) == 0 || len(entries) > 30 {
		t.Fatalf("%d items, then %v", len(entries), err)
	}
	for uid := range uint32(60) {
		f.Poison(uid+1, connectortest.Healthy)
	}
	healed := connectortest.Collect(t, m, m.Position())
	if len(healed) != 60 {
		t.Errorf("%d of 60 once it is well", len(healed))
	}
}

func TestTightSpoolDoesNotStandStill(t *testing.T) {
	s := connectortest.StartServer(t)
	for i := range 300 {
		s.Folder([]string{"INBOX", "A", "B"}[i%3]).Add(connectortest.Mail(i))
	}
	s.Folder("A").Add(connectortest.Large(400 << 10))
	m := open(t, s, func(c *imap.Config) { c.Connections, c.Window, c.Slice = 3, 20, 64<<10 })
	sp, err := spool.New(t.TempDir(), spool.Limits{Small: 64 << 10, Memory: 96 << 10, Disk: 100 << 10})
	if err != nil {
		t.Fatal(err)
	}
	imap.SetSpool(m, sp)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	n := 0
	var waiting *connectors.Item // the consumer is always one behind
	for item, err := range m.Items(ctx, "") {
		if err != nil {
			t.Fatal(err)
		}
		if n++; waiting != nil {
			waiting.Release()
		}
		waiting = item
	}
	waiting.Release()
	if n != 301 {
		t.Errorf("%d of 301", n)
	}
}

func TestWait(t *testing.T) {
	for name, caps := range map[string][]goimap.Cap{
		"idle": {goimap.CapIMAP4rev1, goimap.CapIMAP4rev2}, "noop": {goimap.CapIMAP4rev1},
	} {
		t.Run(name, func(t *testing.T) {
			faults := new(connectortest.Faults)
			s := connectortest.StartServer(t, connectortest.WithCaps(caps...), connectortest.WithFaults(faults))
			s.Folder("INBOX").Add(connectortest.Mail(1))
			m := open(t, s, func(c *imap.Config) { c.PollEvery = 10 * time.Millisecond })
			if err := m.Wait(t.Context()); err != nil {
				t.Fatalf("nothing was read yet: %v", err)
			}
			connectortest.Collect(t, m, "")
			brief, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
			defer cancel()
			if name == "idle" {
				if err := m.Wait(brief); err != context.DeadlineExceeded {
					t.Errorf("nothing is new, and Wait returns %v", err)
				}
			}
			faults.Plan(func(n int) connectortest.Fault { // the first connection is lost
				if n == 1 {
					return connectortest.Fault{DropAfter: 900}
				}
				return connectortest.Fault{}
			})
			done := make(chan error, 1)
			go func() { done <- m.Wait(t.Context()) }()
			time.Sleep(50 * time.Millisecond)
			s.Folder("INBOX").Add(connectortest.Mail(2))
			select {
			case err := <-done:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(10 * time.Second):
				t.Error("the new message went unnoticed")
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	conf, pool := connectortest.ServerTLS(t)
	for name, tc := range map[string]struct {
		server []connectortest.ServerOption
		client func(*imap.Config)
	}{
		"PREAUTH":                    {[]connectortest.ServerOption{connectortest.WithPreAuth()}, func(*imap.Config) {}},
		"PREAUTH before STARTTLS":    {[]connectortest.ServerOption{connectortest.WithPreAuth()}, func(c *imap.Config) { c.Security, c.CAs = imap.StartTLS, pool }},
		"no STARTTLS":                {nil, func(c *imap.Config) { c.Security, c.CAs = imap.StartTLS, pool }},
		"wrong password":             {nil, func(c *imap.Config) { c.Password = func() ([]byte, error) { return []byte("guess"), nil } }},
		"password only over TLS":     {[]connectortest.ServerOption{connectortest.WithStartTLS(conf)}, func(*imap.Config) {}},
		"plaintext where TLS is due": {nil, func(c *imap.Config) { c.Security, c.Idle = imap.TLS, time.Second }},
	} {
		t.Run(name, func(t *testing.T) {
			s := connectortest.StartServer(t, tc.server...)
			m := open(t, s, tc.client, func(c *imap.Config) { c.Attempts = 2 })
			if _, err := m.Check(t.Context()); err == nil {
				t.Error("accepted")
			}
			if got, err := connectortest.TryCollect(t, m, ""); err == nil || len(got) > 0 {
				t.Errorf("%d items, %v", len(got), err)
			}
			if s.Logins() != 0 {
				t.Error("the password was given away")
			}
		})
	}
}

func TestPlaintextIsForLoopbackOnly(t *testing.T) {
	for _, host := range []string{"mail.env.example", "192.0.2.1", "::ffff:192.0.2.1", "127.0.0.1.env.example"} {
		_, err := imap.New(nil, imap.Config{Host: host, Username: "u", Security: imap.Plain, Password: func() ([]byte, error) { return nil, nil }}, nil, nil)
		if err == nil {
			t.Errorf("%s: a password would travel in the clear", host)
		}
	}
}

func TestCheck(t *testing.T) {
	s := connectortest.StartServer(t)
	s.Folder("INBOX").Add(connectortest.Mail(1))
	s.Folder("Trash").Add(connectortest.Mail(2), connectortest.Mail(3))
	s.Folder("Locked").Refuse(true)
	rep, err := open(t, s, func(c *imap.Config) { c.Exclude = []string{"Trash"} }).Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range rep.Folders {
		got = append(got, fmt.Sprintf("%s %d %v %v", f.Name, f.Messages, f.Included, f.Err != nil))
	}
	if want := []string{"INBOX 1 true false", "Locked 0 true true", "Trash 2 false false"}; !slices.Equal(got, want) || !rep.Idle {
		t.Errorf("got %q, idle %v", got, rep.Idle)
	}
}

// serve answers every connection with one fixed text and then listens.
func serve(t *testing.T, text func(net.Conn)) *net.TCPAddr {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				text(c)
			}()
		}
	}()
	return ln.Addr().(*net.TCPAddr)
}

func TestFloodIsCutOff(t *testing.T) {
	sent := make(chan int, 100)
	addr := serve(t, func(c net.Conn) {
		c.Write([]byte("* OK [CAPABILITY IMAP4rev1"))
		n := 0
		for chunk := []byte(strings.Repeat(" X", 32<<10)); n < 1<<30; n += len(chunk) {
			if _, err := c.Write(chunk); err != nil {
				break
			}
		}
		sent <- n
	})
	m := openAt(t, addr.IP.String(), addr.Port, func(c *imap.Config) { c.Attempts = 1 })
	if _, err := connectortest.TryCollect(t, m, ""); err == nil {
		t.Fatal("an endless line was read to its end")
	}
	if n := <-sent; n > 32<<20 {
		t.Errorf("%d MiB were taken in", n>>20)
	}
}

func TestStartTLSInjection(t *testing.T) {
	addr := serve(t, func(c net.Conn) {
		c.Write([]byte("* OK ready\r\n"))
		buf := make([]byte, 100)
		c.Read(buf)
		c.Write([]byte("S1 OK go ahead\r\n* OK injected\r\n"))
		c.Read(buf)
	})
	m := openAt(t, addr.IP.String(), addr.Port, func(c *imap.Config) { c.Security, c.Attempts = imap.StartTLS, 1 })
	if _, err := m.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "plaintext after") {
		t.Errorf("got %v", err)
	}
}
