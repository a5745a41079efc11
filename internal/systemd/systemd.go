// Package systemd tells the service manager how the daemon is doing, by the
// sd_notify(3) protocol. Without a service manager every call does nothing.
package systemd

import (
	"context"
	"net"
	"strconv"
	"strings"
	"time"
)

// A Notifier sends states to the socket that the service manager named.
type Notifier struct {
	socket   string
	watchdog time.Duration
}

// New reads NOTIFY_SOCKET and WATCHDOG_USEC as sd_notify(3) and
// sd_watchdog_enabled(3) describe them.
func New(getenv func(string) string) *Notifier {
	n := &Notifier{socket: getenv("NOTIFY_SOCKET")}
	if strings.HasPrefix(n.socket, "@") {
		n.socket = "\x00" + n.socket[1:]
	}
	if usec, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64); err == nil && usec > 0 {
		n.watchdog = time.Duration(usec) * time.Microsecond
	}
	return n
}

// Ready says that start-up is finished.
func (n *Notifier) Ready() error { return n.send("READY=1") }

// Stopping says that shutdown has begun.
func (n *Notifier) Stopping() error { return n.send("STOPPING=1") }

// Status sets the one line that systemctl status shows. It holds no content.
func (n *Notifier) Status(line string) error {
	return n.send("STATUS=" + strings.ReplaceAll(line, "\n", " "))
}

// Watch tells the watchdog that the daemon is alive, twice in each of its
// intervals, for as long as alive returns true and ctx lasts. It returns at
// once where no watchdog is set.
func (n *Notifier) Watch(ctx context.Context, alive func() bool) {
	if n.socket == "" || n.watchdog == 0 {
		return
	}
	t := time.NewTicker(n.watchdog / 2)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			if alive() {
				// A lost beat is what the watchdog is there to notice.
				_ = n.send("WATCHDOG=1")
			}
		case <-ctx.Done():
			return
		}
	}
}

func (n *Notifier) send(state string) error {
	if n.socket == "" {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: n.socket, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Write([]byte(state))
	return err
}
