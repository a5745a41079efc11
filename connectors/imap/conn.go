package imap

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

var errGreedy = errors.New("the server sent far more than it was asked for")

// A guardedConn is a connection that cannot hang and cannot flood. The IMAP
// library sets read deadlines of its own, which wait for ever between answers
// and which count our slowness within one; they are ignored here. Instead,
// while at least one command is unanswered, every single read must bring
// something within the idle limit, reads must on the whole keep up a least
// speed, and no more octets come in than the commands called for.
//
// The end of the stream is reported as [io.ErrUnexpectedEOF], because the
// library would take io.EOF in a literal for the literal's end.
//
// Deadlines are the operating system's, so this is the one place that reads
// its clock.
type guardedConn struct {
	net.Conn
	buffered *bufio.Reader // reads through timed
	idle     time.Duration

	mu       sync.Mutex
	waiting  int           // commands unanswered
	since    time.Time     // when waiting last rose from none
	allowed  int64         // octets that may still come
	patience time.Duration // time that may still be spent waiting for them
}

const (
	readBuffer = 64 << 10 // between the socket and the library, which reads 4 KiB at a time
	chatter    = 1 << 20  // octets that a server may send unasked
	leastSpeed = 2 << 10  // octets a second, below which a server is held to have stalled
)

func guard(c net.Conn, idle time.Duration) *guardedConn {
	g := &guardedConn{Conn: c, idle: idle, allowed: chatter}
	g.buffered = bufio.NewReaderSize(timedReader{g}, readBuffer)
	return g
}

// slow puts another reader before the one that reads from the server. It is
// called before anything is read.
func (g *guardedConn) slow(by func(io.Reader) io.Reader) {
	g.buffered = bufio.NewReaderSize(by(g.buffered), readBuffer)
}

// expect says that a command was sent whose answer takes at most n octets.
// Each expect is followed by one answered.
func (g *guardedConn) expect(n int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting == 0 {
		g.since, g.allowed, g.patience = time.Now(), chatter, 0
	}
	g.waiting++
	g.allowed += n
	g.patience += g.idle + time.Duration(n/leastSpeed)*time.Second
	g.setDeadline()
}

// answered says that the answer to one command is complete.
func (g *guardedConn) answered() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting--
	g.setDeadline()
}

func (g *guardedConn) setDeadline() {
	var t time.Time
	if g.waiting > 0 {
		t = time.Now().Add(max(min(g.idle, g.patience), 0))
	}
	g.Conn.SetReadDeadline(t) // fails only on a closed connection, which the read will find
}

// Read implements [net.Conn].
func (g *guardedConn) Read(p []byte) (int, error) { return g.buffered.Read(p) }

// SetReadDeadline does nothing: see guardedConn.
func (g *guardedConn) SetReadDeadline(time.Time) error { return nil }

// SetDeadline does nothing to reads: see guardedConn.
func (g *guardedConn) SetDeadline(t time.Time) error { return g.SetWriteDeadline(t) }

// A timedReader is the connection beneath the buffer.
type timedReader struct{ g *guardedConn }

// Read implements [io.Reader].
func (r timedReader) Read(p []byte) (int, error) {
	g := r.g
	g.mu.Lock()
	g.setDeadline()
	g.mu.Unlock()
	began := time.Now()
	n, err := g.Conn.Read(p)
	g.mu.Lock()
	defer g.mu.Unlock()
	if began.Before(g.since) {
		began = g.since
	}
	g.patience -= time.Since(began)
	if g.allowed -= int64(n); g.allowed < 0 {
		return 0, errGreedy
	}
	var timeout net.Error
	switch {
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	case errors.As(err, &timeout) && timeout.Timeout():
		err = fmt.Errorf("the server did not answer within %v: %w", g.idle, err)
	}
	return n, err
}
