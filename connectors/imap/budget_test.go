package imap_test

import (
	"context"
	"sync"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/connectors/imap"
)

// Ten mailboxes of several connections each share a budget of three: none
// waits for another for ever, and the server never sees more.
func TestBudgetIsSharedWithoutStandingStill(t *testing.T) {
	s := connectortest.StartServer(t)
	for i := range 60 {
		s.Folder([]string{"INBOX", "A", "B"}[i%3]).Add(connectortest.Mail(i))
	}
	budget := imap.NewBudget(3, 0, 0)
	var wg sync.WaitGroup
	for range 10 {
		m := open(t, s, func(c *imap.Config) { c.Budget, c.Connections, c.Window = budget, 4, 5 })
		wg.Go(func() {
			if got := connectortest.Collect(t, m, ""); len(got) != 60 {
				t.Errorf("%d of 60", len(got))
			}
		})
	}
	wg.Wait()
	if n := s.MostConnections(); n > 3 {
		t.Errorf("%d connections at once", n)
	}
}

func TestWaitingLeavesRoomForReading(t *testing.T) {
	s := connectortest.StartServer(t)
	s.Folder("INBOX").Add(connectortest.Mail(1))
	budget := imap.NewBudget(2, 0, 0)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 3 {
		m := open(t, s, func(c *imap.Config) { c.Budget = budget })
		connectortest.Collect(t, m, "")
		wg.Go(func() {
			if err := m.Wait(ctx); err != context.Canceled {
				t.Errorf("nothing is new, and Wait returns %v", err)
			}
		})
	}
	if got := connectortest.Collect(t, open(t, s, func(c *imap.Config) { c.Budget = budget }), ""); len(got) != 1 {
		t.Errorf("%d items while others wait", len(got))
	}
	cancel()
	wg.Wait()
}

func TestOctetsASecondAreBounded(t *testing.T) {
	s := connectortest.StartServer(t)
	s.Folder("INBOX").Add(connectortest.Large(256 << 10))
	began := time.Now()
	m := open(t, s, func(c *imap.Config) { c.Budget = imap.NewBudget(0, 0, 128<<10) })
	if got := connectortest.Collect(t, m, ""); len(got) != 1 {
		t.Fatalf("%d items", len(got))
	}
	if took := time.Since(began); took < 500*time.Millisecond {
		t.Errorf("256 KiB at 128 KiB a second came in %v", took)
	}
}

// A server without LIST-STATUS is asked for each folder's status, and visited
// only where something is new.
func TestFoldersWithoutNewsAreNotVisited(t *testing.T) {
	s := connectortest.StartServer(t, connectortest.WithCaps(goimap.CapIMAP4rev1))
	for _, name := range []string{"INBOX", "A", "B"} {
		s.Folder(name).Add(connectortest.Mail(len(name)))
	}
	m := open(t, s)
	connectortest.Collect(t, m, "")
	before := s.Selected()
	if got := connectortest.Collect(t, m, m.Position()); len(got) != 0 || s.Selected() != before {
		t.Errorf("%d items, %d folders opened", len(got), s.Selected()-before)
	}
	s.Folder("A").Add(connectortest.Mail(50))
	if got := connectortest.Collect(t, m, m.Position()); len(got) != 1 || s.Selected() > before+2 {
		t.Errorf("%d items, %d times a folder was opened", len(got), s.Selected()-before)
	}
}
