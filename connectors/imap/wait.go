package imap

import (
	"context"
	"errors"
	"time"

	goimap "github.com/emersion/go-imap/v2"
)

// watchedFolder is the one that Wait watches. IMAP watches one folder a
// connection; the others are seen at the next poll.
const watchedFolder = "INBOX"

// idleRound is how long one IDLE lasts. Servers may end a connection after 30
// minutes without a command (RFC 2177), and routers forget it long before.
const idleRound = 9 * time.Minute

// Wait implements [connectors.Watcher] with IDLE (RFC 2177), or by asking at
// intervals where the server has none. It returns at once if the inbox has
// changed since the last sequence of items. A connection that fails is made
// anew, with growing pauses, for as long as ctx lasts; only a refused log-in, or
// an inbox that cannot be opened, ends it. Where the budget has no place for
// waiting it asks nothing, and leaves finding what is new to the next sequence.
func (m *Mailbox) Wait(ctx context.Context) error {
	m.mu.Lock()
	known := m.inbox
	m.mu.Unlock()
	leave, ok := m.cfg.Budget.tryWait()
	if !ok {
		<-ctx.Done()
		return ctx.Err()
	}
	defer leave()
	for attempt := 1; ; attempt++ {
		done, err := m.waitOnce(ctx, known, func() { attempt = 1 })
		switch {
		case done:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrRefused), errors.Is(err, ErrNoToken), isRefusal(err):
			return err
		}
		m.lg.Debug("connection lost while waiting, trying again", "attempt", attempt, "err", err)
		if err := m.pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// waitOnce waits on one connection. It calls watching once that is up, and
// reports whether the inbox has changed.
func (m *Mailbox) waitOnce(ctx context.Context, known uint32, watching func()) (bool, error) {
	s, err := m.connect(ctx)
	if err != nil {
		return false, err
	}
	if err = s.examine(watchedFolder); err == nil && known != 0 && uint32(s.selected.UIDNext) == known {
		watching()
		err = m.watch(ctx, s)
	}
	if err != nil {
		s.abandon()
		return false, err
	}
	s.close()
	return true, nil
}

// watch returns nil when the server says that the number of messages changed.
func (m *Mailbox) watch(ctx context.Context, s *session) error {
	ask, every := s.idle, idleRound
	if !s.caps.Has(goimap.CapIdle) {
		ask, every = s.noop, m.cfg.PollEvery
	}
	for {
		changed, err := ask(ctx, every)
		if ctx.Err() != nil {
			return ctx.Err() // what the server said last may be its answer to our leaving
		}
		if changed || err != nil {
			return err
		}
	}
}

// idle lets the server speak for d.
func (s *session) idle(ctx context.Context, d time.Duration) (changed bool, err error) {
	err = s.do(chatter, func() error {
		cmd, err := s.client.Idle()
		if err != nil {
			return err
		}
		s.conn.answered() // from here on silence is no failure
		changed = s.wait(ctx, d)
		s.conn.expect(chatter)
		if err := cmd.Close(); err != nil {
			return err
		}
		return cmd.Wait()
	})
	return changed, err
}

// noop waits d and asks.
func (s *session) noop(ctx context.Context, d time.Duration) (changed bool, err error) {
	if s.wait(ctx, d) {
		return true, nil
	}
	err = s.do(chatter, func() error { return s.client.Noop().Wait() })
	return s.wait(ctx, 0), err
}

// wait reports whether the server announced a change within d.
func (s *session) wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-s.news:
		return true
	case <-s.client.Closed():
	case <-ctx.Done():
	case <-t.C:
		select {
		case <-s.news:
			return true
		default:
		}
	}
	return false
}
