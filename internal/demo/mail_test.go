package demo

import (
	"bytes"
	"context"
	"net"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

func TestMailServesEveryLetter(t *testing.T) {
	m, err := StartMail(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	c, err := imapclient.DialInsecure(m.Addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(m.User, m.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	want := map[string][]Letter{}
	for _, l := range letters(t) {
		want[l.Folder] = append(want[l.Folder], l)
	}
	listed, err := c.List("", "*", nil).Collect()
	if err != nil {
		t.Fatal(err)
	}
	if len(listed) != len(want) {
		t.Errorf("the server lists %d folders, want %d", len(listed), len(want))
	}
	for _, folder := range listed {
		checkFolder(t, c, folder.Mailbox, want[folder.Mailbox])
	}
}

func checkFolder(t *testing.T, c *imapclient.Client, name string, want []Letter) {
	t.Helper()
	selected, err := c.Select(name, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		t.Fatal(err)
	}
	if int(selected.NumMessages) != len(want) {
		t.Fatalf("%s holds %d messages, want %d", name, selected.NumMessages, len(want))
	}
	var all imap.UIDSet
	all.AddRange(1, 0)
	section := &imap.FetchItemBodySection{Peek: true}
	got, err := c.Fetch(all, &imap.FetchOptions{InternalDate: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	for i, message := range got {
		if !bytes.Equal(message.FindBodySection(section), want[i].Octets) {
			t.Errorf("%s: the server changed the octets of %s", name, want[i].Name)
		}
		if !message.InternalDate.Equal(want[i].Received) {
			t.Errorf("%s: received %v, want %v", want[i].Name, message.InternalDate, want[i].Received)
		}
	}
}

func TestMailRefusesAnotherPassword(t *testing.T) {
	m, err := StartMail(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	c, err := imapclient.DialInsecure(m.Addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(m.User, m.Password+"x").Wait(); err == nil {
		t.Error("a wrong password was let in")
	}
}

func TestMailEnds(t *testing.T) {
	tests := map[string]func(*Mail, context.CancelFunc){
		"when it is closed, twice":     func(m *Mail, _ context.CancelFunc) { m.Close(); m.Close() },
		"when the context is done":     func(m *Mail, cancel context.CancelFunc) { cancel(); <-m.done },
		"when it is closed after that": func(m *Mail, cancel context.CancelFunc) { cancel(); m.Close() },
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			m, err := StartMail(ctx)
			if err != nil {
				t.Fatal(err)
			}
			end(m, cancel)
			if conn, err := net.Dial("tcp", m.Addr); err == nil {
				conn.Close()
				t.Error("the server still answers")
			}
		})
	}
}
