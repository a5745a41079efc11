package imap_test

import (
	"bufio"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	goimap "github.com/emersion/go-imap/v2"

	"github.com/closeroll/closeroll/connectors/connectortest"
)

// strictUTF8 stands before a server and takes RFC 6855 at its word: once UTF-8
// is enabled, an ampersand in a folder's name is an ampersand. (The server
// behind it goes on escaping them.) It reports whether anyone enabled UTF-8.
func strictUTF8(t *testing.T, s *connectortest.Server) (port int, enabled *atomic.Bool) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	enabled = new(atomic.Bool)
	go func() {
		for {
			down, err := ln.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp", s.Addr.String())
			if err != nil {
				down.Close()
				return
			}
			var utf8 atomic.Bool // on this connection
			go lines(up, down, func(line string) string {
				if strings.Contains(line, " ENABLE UTF8=ACCEPT") {
					utf8.Store(true)
					enabled.Store(true)
				} else if utf8.Load() {
					return strings.ReplaceAll(line, "&-", "&--")
				}
				return line
			})
			go lines(down, up, func(line string) string {
				if utf8.Load() && (strings.HasPrefix(line, "* LIST") || strings.HasPrefix(line, "* STATUS")) {
					return strings.ReplaceAll(line, "&-", "&")
				}
				return line
			})
		}
	}()
	return ln.Addr().(*net.TCPAddr).Port, enabled
}

// lines passes on what comes, line by line, until either end goes away.
func lines(to, from net.Conn, change func(string) string) {
	defer to.Close()
	defer from.Close()
	r := bufio.NewReader(from)
	for {
		line, err := r.ReadString('\n')
		if _, failed := io.WriteString(to, change(line)); err != nil || failed != nil {
			return
		}
	}
}

func TestFolderNames(t *testing.T) {
	for _, names := range [][]string{
		{"INBOX", "Köln", "대책"},
		{"INBOX", "Köln", "R&D", "Q&A/대책", "&"},
	} {
		s := connectortest.StartServer(t, connectortest.WithCaps(goimap.CapIMAP4rev1))
		for i, name := range names {
			s.Folder(name).Add(connectortest.Mail(i))
		}
		port, enabled := strictUTF8(t, s)
		m := openAt(t, "127.0.0.1", port)
		for round := range 2 { // the second knows what the server is like
			var got []string
			for _, e := range connectortest.Collect(t, m, "") {
				if e.Failed {
					t.Errorf("round %d: %s failed", round, e.Key)
				}
				got = append(got, e.Folder)
			}
			slices.Sort(got)
			slices.Sort(names)
			if !slices.Equal(got, names) {
				t.Errorf("round %d: mail came from %q, want %q", round, got, names)
			}
		}
		if !enabled.Load() {
			t.Error("UTF-8 was not enabled, though the server has it")
		}
		if opened, err := m.Check(t.Context()); err != nil || len(opened.Folders) != len(names) {
			t.Errorf("check: %v, %v", opened, err)
		}
	}
}
