package connectortest

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Faults is what goes wrong on the way from a server to its clients. The zero
// value does nothing; it may be changed at any time, for connections to come.
type Faults struct {
	mu       sync.Mutex
	plan     func(n int) Fault
	accepted int
	conns    map[net.Conn]struct{}
}

// A Fault is what happens to the octets that a server sends on one connection.
type Fault struct {
	DropAfter  int // end the connection after so many octets; 0 never
	StallAfter int // say nothing any more after so many octets; 0 never, -1 from the start
	Split      int // send no more than so many octets at a time; 0 as they come
}

// Plan sets the fault of each connection to come: the first is 1.
func (f *Faults) Plan(plan func(n int) Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plan, f.accepted = plan, 0
}

// Accepted is how many connections were made since the last Plan.
func (f *Faults) Accepted() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.accepted
}

// Listen returns ln with the faults.
func (f *Faults) Listen(ln net.Listener) net.Listener { return faultyListener{ln, f} }

// Proxy passes connections on to the server at addr, with the faults, until the
// test ends. It returns its own port.
func (f *Faults) Proxy(t testing.TB, addr string) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := ln.Addr().(*net.TCPAddr).Port
	faulty := f.Listen(ln)
	var passing sync.WaitGroup
	passing.Go(func() {
		for {
			down, err := faulty.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp", addr)
			if err != nil {
				down.Close()
				continue
			}
			pass := func(to, from net.Conn) {
				io.Copy(to, from) // either end may go away
				to.Close()
				from.Close()
			}
			passing.Go(func() { pass(down, up) })
			passing.Go(func() { pass(up, down) })
		}
	})
	t.Cleanup(func() {
		ln.Close()
		f.release()
		passing.Wait()
	})
	return port
}

// release ends connections that stall.
func (f *Faults) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.conns {
		c.Close()
	}
}

type faultyListener struct {
	net.Listener
	f *Faults
}

func (l faultyListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	l.f.accepted++
	fc := &faultyConn{Conn: c, closed: make(chan struct{})}
	if l.f.plan != nil {
		fc.fault = l.f.plan(l.f.accepted)
	}
	if l.f.conns == nil {
		l.f.conns = make(map[net.Conn]struct{})
	}
	l.f.conns[fc] = struct{}{}
	return fc, nil
}

type faultyConn struct {
	net.Conn
	fault  Fault
	sent   int
	once   sync.Once
	closed chan struct{}
}

func (c *faultyConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

func (c *faultyConn) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		n := len(p) - done
		if c.fault.Split > 0 {
			n = min(n, c.fault.Split)
		}
		if c.fault.DropAfter > 0 {
			if n = min(n, c.fault.DropAfter-c.sent); n <= 0 {
				c.Close()
				return done, net.ErrClosed
			}
		}
		if c.fault.StallAfter != 0 {
			if n = min(n, max(c.fault.StallAfter, 0)-c.sent); n <= 0 {
				<-c.closed
				return done, net.ErrClosed
			}
		}
		w, err := c.Conn.Write(p[done : done+n])
		c.sent += w
		done += w
		if err != nil {
			return done, err
		}
		if c.fault.Split > 0 && done < len(p) {
			time.Sleep(10 * time.Microsecond) // so that the pieces travel apart
		}
	}
	return done, nil
}
