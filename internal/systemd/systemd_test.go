package systemd_test

import (
	"context"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/closeroll/closeroll/internal/systemd"
)

func TestStatesReachTheSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	n := systemd.New(func(name string) string {
		return map[string]string{"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "20000"}[name]
	})
	receive := func() string {
		t.Helper()
		b := make([]byte, 100)
		conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		size, err := conn.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:size])
	}
	if err := n.Ready(); err != nil || receive() != "READY=1" {
		t.Errorf("ready: %v", err)
	}
	if err := n.Status("2 sources\nidle"); err != nil || receive() != "STATUS=2 sources idle" {
		t.Errorf("status: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); n.Watch(ctx, func() bool { return true }) }()
	if got := receive(); got != "WATCHDOG=1" {
		t.Errorf("watchdog: %q", got)
	}
	cancel()
	<-done
}

func TestWithoutAServiceManagerNothingHappens(t *testing.T) {
	n := systemd.New(func(string) string { return "" })
	if err := n.Ready(); err != nil {
		t.Error(err)
	}
	n.Watch(t.Context(), func() bool { t.Error("asked"); return true }) // returns at once
}
