package imap_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/connectors/imap"
	"github.com/closeroll/closeroll/internal/spool"
)

// open returns a mailbox on an in-memory server, impatient, as tests are.
func open(t testing.TB, s *connectortest.Server, change ...func(*imap.Config)) *imap.Mailbox {
	t.Helper()
	return openAt(t, s.Addr.IP.String(), s.Addr.Port, change...)
}

func openAt(t testing.TB, host string, port int, change ...func(*imap.Config)) *imap.Mailbox {
	t.Helper()
	cfg := imap.Config{
		Name: "private-office", Host: host, Port: port, Security: imap.Plain,
		Username: connectortest.User,
		Password: func() ([]byte, error) { return []byte(connectortest.Password), nil },
		Backoff:  time.Millisecond, Idle: 5 * time.Second,
	}
	for _, f := range change {
		f(&cfg)
	}
	sp, err := spool.New(t.TempDir(), spool.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if m, d := sp.InFlight(); m != 0 || d != 0 {
			t.Errorf("%d octets in memory and %d on disk were never released", m, d)
		}
	})
	m, err := imap.New(slog.New(slog.NewTextHandler(testLog{t}, nil)), cfg, sp, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

type testLog struct{ t testing.TB }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

func TestConformanceInMemory(t *testing.T) {
	for _, connections := range []int{1, 3} {
		connectortest.Test(t, func(t *testing.T) connectortest.Source {
			s := connectortest.StartServer(t)
			n := 0
			return connectortest.Source{
				Open: func(t testing.TB) connectors.Connector {
					return open(t, s, func(c *imap.Config) {
						c.Connections, c.Window, c.BatchBytes = connections, 5, 8<<10
						if connections > 1 {
							c.Ledger = newAccount() // of an archive that has nothing yet
						}
					})
				},
				Add: func(_ testing.TB, octets []byte) {
					n++
					s.Folder([]string{"INBOX", "Sent", "Fälle/Überflutung"}[n%3]).Add(octets)
				},
				Break: func(testing.TB) {
					f := s.Folder("INBOX")
					f.Poison(f.Add([]byte("Subject: poison\r\n\r\nx\r\n")), connectortest.RefuseBody)
				},
				State: func(testing.TB) string { return s.State() },
			}
		})
	}
}

func TestPoisonNeverBlocks(t *testing.T) {
	for name, poison := range map[string]connectortest.Poison{
		"refused": connectortest.RefuseBody, "silent": connectortest.Silent,
		"breaks off": connectortest.BreakOff, "empty": connectortest.EmptyBody,
	} {
		t.Run(name, func(t *testing.T) {
			s := connectortest.StartServer(t)
			f := s.Folder("INBOX")
			for i := range 30 {
				f.Add(connectortest.Mail(i))
			}
			f.Poison(7, poison)
			f.Poison(8, poison)
			f.Poison(30, poison)
			m := open(t, s)
			entries := connectortest.Collect(t, m, "")
			var good, bad int
			for _, e := range entries {
				if e.Failed {
					bad++
				} else {
					good++
				}
			}
			if good != 27 || bad != 3 {
				t.Fatalf("%d captured and %d failed, want 27 and 3", good, bad)
			}
			f.Poison(7, connectortest.Healthy)
			entries = connectortest.Collect(t, open(t, s), m.Position())
			if len(entries) != 3 {
				t.Fatalf("the next run yields %d items, want the three owed", len(entries))
			}
			for _, e := range entries {
				if healed := strings.HasSuffix(e.Key, "/7"); e.Failed == healed {
					t.Errorf("%s failed: %v", e.Key, e.Failed)
				}
			}
		})
	}
}

func TestServerThatNeverAnswers(t *testing.T) {
	for name, after := range map[string]int{"from the start": -1, "after the greeting": 40, "in the log-in": 500} {
		t.Run(name, func(t *testing.T) {
			faults := new(connectortest.Faults)
			s := connectortest.StartServer(t, connectortest.WithFaults(faults))
			for i := range 20 {
				s.Folder("INBOX").Add(connectortest.Mail(i))
			}
			faults.Plan(func(int) connectortest.Fault { return connectortest.Fault{StallAfter: after} })
			m := open(t, s, func(c *imap.Config) { c.Idle, c.Attempts = 200*time.Millisecond, 2 })
			began := time.Now()
			_, err := connectortest.TryCollect(t, m, "")
			if err == nil {
				t.Error("a server that never answers was read to its end")
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %v to give up", took)
			}
		})
	}
}

func TestCancelWhileServerIsSilent(t *testing.T) {
	faults := new(connectortest.Faults)
	s := connectortest.StartServer(t, connectortest.WithFaults(faults))
	faults.Plan(func(int) connectortest.Fault { return connectortest.Fault{StallAfter: -1} })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	for _, err := range open(t, s, func(c *imap.Config) { c.Idle = time.Hour }).Items(ctx, "") {
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("cancelling took %v", took)
	}
}

func TestDisconnects(t *testing.T) {
	faults := new(connectortest.Faults)
	s := connectortest.StartServer(t, connectortest.WithFaults(faults))
	want := make(map[string]bool)
	for i := range 200 {
		want[string(connectortest.Mail(i)[:60])] = true
		s.Folder("INBOX").Add(connectortest.Mail(i))
	}
	faults.Plan(func(n int) connectortest.Fault {
		return connectortest.Fault{DropAfter: 9_000 + 977*(n%31), Split: 1 + n%700}
	})
	m := open(t, s, func(c *imap.Config) { c.Window, c.Connections = 50, 2 })
	seen := make(map[string]int)
	for item, err := range m.Items(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if item.Err != nil {
			t.Errorf("%s: %v", item.Key, item.Err)
			continue
		}
		seen[item.Key]++
		item.Release()
	}
	if len(seen) != 200 {
		t.Errorf("%d of 200 messages came over %d connections", len(seen), faults.Accepted())
	}
	if v := s.Violations(); len(v) > 0 {
		t.Errorf("violations: %q", v)
	}
}

func TestLargeMessageResumes(t *testing.T) {
	faults := new(connectortest.Faults)
	s := connectortest.StartServer(t, connectortest.WithFaults(faults))
	big := connectortest.Large(3 << 20)
	s.Folder("INBOX").Add(connectortest.Mail(1), big, connectortest.Mail(2))
	faults.Plan(func(n int) connectortest.Fault { return connectortest.Fault{DropAfter: 700_000} })
	m := open(t, s, func(c *imap.Config) { c.Slice, c.Connections = 256<<10, 1 })
	var got []byte
	for item, err := range m.Items(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if item.Content != nil && item.Content.Size() > 1<<20 {
			got, _ = io.ReadAll(io.NewSectionReader(item.Content, 0, item.Content.Size()))
		}
		item.Release()
	}
	if !bytes.Equal(got, big) {
		t.Errorf("got %d octets of %d", len(got), len(big))
	}
	if n := faults.Accepted(); n < 4 {
		t.Errorf("only %d connections: nothing was resumed", n)
	}
}
