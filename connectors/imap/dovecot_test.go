package imap_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/connectors/imap"
)

func TestConformanceDovecot(t *testing.T) {
	d := connectortest.StartDovecot(t)
	users := 0
	connectortest.Test(t, func(t *testing.T) connectortest.Source {
		users++
		user, n := fmt.Sprintf("user%d", users), 0
		d.Maildir(t, user, "INBOX")
		return connectortest.Source{
			Open: func(t testing.TB) connectors.Connector {
				return openAt(t, "127.0.0.1", d.Port, func(c *imap.Config) { c.Username, c.Window = user, 7 })
			},
			Add: func(t testing.TB, octets []byte) {
				n++
				d.Deliver(t, user, []string{"INBOX", "Sent", "F&AOQ-lle.&ANw-berflutung"}[n%3], octets, []string{"", "S", "FRS"}[n%3])
			},
			Break: func(t testing.TB) {
				if err := os.Chmod(d.Deliver(t, user, "INBOX", connectortest.Mail(99), "S"), 0); err != nil {
					t.Fatal(err)
				}
			},
			State: func(t testing.TB) string { return d.State(t, user) },
		}
	})
}

func TestDovecotOverTLS(t *testing.T) {
	d := connectortest.StartDovecot(t)
	d.Deliver(t, connectortest.User, "INBOX", connectortest.Mail(1), "")
	for security, port := range map[imap.Security]int{imap.TLS: d.TLSPort, imap.StartTLS: d.Port} {
		trusting := func(c *imap.Config) { c.Security, c.CAs = security, d.CAs }
		if got := connectortest.Collect(t, openAt(t, "localhost", port, trusting), ""); len(got) != 1 {
			t.Errorf("%s: %d items, want 1", security, len(got))
		}
		wary := openAt(t, "localhost", port, func(c *imap.Config) { c.Security, c.Attempts = security, 1 })
		if _, err := connectortest.TryCollect(t, wary, ""); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: an unknown certificate gives %v", security, err)
		}
	}
}

func TestDovecotRenumbers(t *testing.T) {
	d := connectortest.StartDovecot(t)
	for i := range 5 {
		d.Deliver(t, connectortest.User, "INBOX", connectortest.Mail(i), "")
	}
	m := openAt(t, "127.0.0.1", d.Port)
	before := connectortest.Collect(t, m, "")
	d.Renumber(t, connectortest.User, "INBOX")
	d.Deliver(t, connectortest.User, "INBOX", connectortest.Mail(5), "")
	after := connectortest.Collect(t, m, m.Position())
	if len(before) != 5 || len(after) != 6 {
		t.Fatalf("%d items, then %d; want 5, then all 6 again", len(before), len(after))
	}
	keys := make(map[string]bool)
	for _, e := range append(before, after...) {
		keys[e.Key] = true
	}
	if len(keys) != 11 {
		t.Errorf("%d distinct keys, want 11", len(keys))
	}
	if n := m.Notices(); len(n) != 1 || n[0].Kind != imap.NoticeRenumbered {
		t.Errorf("notices: %v", n)
	}
}

func TestDovecotHugeMessageInLittleMemory(t *testing.T) {
	d := connectortest.StartDovecot(t)
	const size = 150 << 20
	d.Deliver(t, connectortest.User, "INBOX", connectortest.Large(size), "")
	d.Deliver(t, connectortest.User, "INBOX", connectortest.Mail(1), "")
	m := openAt(t, "127.0.0.1", d.Port)
	runtime.GC()
	var peak, start runtime.MemStats
	runtime.ReadMemStats(&start)
	done, sampled := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(sampled)
		for {
			var now runtime.MemStats
			if runtime.ReadMemStats(&now); now.HeapAlloc > peak.HeapAlloc {
				peak = now
			}
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	entries := connectortest.Collect(t, m, "")
	close(done)
	<-sampled
	if len(entries) != 2 || entries[0].Failed || entries[1].Failed {
		t.Errorf("items: %+v", entries)
	}
	if grown := int64(peak.HeapAlloc) - int64(start.HeapAlloc); grown > 32<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}

func BenchmarkDovecot(b *testing.B) {
	const n = 20_000
	d := connectortest.StartDovecot(b)
	total := int64(0)
	for i := range n {
		m := connectortest.Mail(i)
		total += int64(len(m))
		d.Deliver(b, connectortest.User, "INBOX", m, "")
	}
	for _, connections := range []int{1, 2, 3} {
		b.Run(fmt.Sprintf("connections=%d", connections), func(b *testing.B) {
			b.SetBytes(total)
			for b.Loop() {
				m := openAt(b, "127.0.0.1", d.Port, func(c *imap.Config) { c.Connections = connections })
				got := 0
				for item, err := range m.Items(b.Context(), "") {
					if err != nil {
						b.Fatal(err)
					}
					got++
					item.Release()
				}
				if got != n {
					b.Fatalf("%d of %d", got, n)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
