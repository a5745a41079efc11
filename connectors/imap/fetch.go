package imap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/closeroll/closeroll/connectors"
)

// A batch is one command that asks for several small messages, with room
// reserved for each.
type batch struct {
	metas map[uint32]meta
	room  map[uint32]connectors.Spool
	cmd   *imapclient.FetchCommand

	received chan error // from the goroutine that receives the answer
}

func (b *batch) cancel() {
	for _, sp := range b.room {
		sp.Cancel()
	}
	b.room = nil
}

const (
	batchMessages = 100                  // below the library's queue of 128 answers
	batchesAhead  = 2                    // commands under way on one connection
	brieflyWait   = 5 * time.Millisecond // for room, while an answer is waiting to be read
	perMessage    = 64 << 10             // octets allowed beside the content and its misstated size
)

// batches fetches the messages, emits what it gets and returns what it did not
// get. The connection is lost if it failed. An error ends the run.
//
// Room is reserved before the server is asked, and while this connection waits
// for room it holds none that is not being filled: otherwise two connections
// could wait for each other. Each answer is received by a goroutine of its own,
// because a server may answer two commands alternately (RFC 9051, section 5.5;
// Dovecot does when its output is full).
func (w *worker) batches(ctx context.Context, f *folder, todo []meta) (left []meta, err error) {
	s, err := w.reach(ctx, f)
	if err != nil {
		return nil, err
	}
	got := &tally{uids: make(map[uint32]bool, len(todo))}
	var flying []*batch
	for rest := todo; len(rest) > 0 && err == nil; {
		if len(flying) == batchesAhead {
			err, flying = <-flying[0].received, flying[1:]
			continue
		}
		var b *batch
		if b, err = w.reserve(ctx, rest); err != nil {
			break
		}
		rest = rest[len(b.room):]
		s.ask(b)
		go func() { b.received <- w.receive(ctx, f, s, b, got) }()
		flying = append(flying, b)
	}
	if err != nil {
		s.conn.Close()
	}
	for _, b := range flying {
		if more := <-b.received; err == nil {
			err = more
		}
	}
	switch {
	case isLocal(err), ctx.Err() != nil:
		return nil, errors.Join(err, ctx.Err())
	case err != nil:
		w.run.m.lg.Debug("connection lost in a batch", "err", err)
		w.lose()
	}
	return got.missing(todo), nil
}

// A tally notes which messages arrived.
type tally struct {
	mu   sync.Mutex
	uids map[uint32]bool
}

func (t *tally) add(uid uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.uids[uid] = true
}

func (t *tally) missing(of []meta) (left []meta) {
	for _, m := range of {
		if !t.uids[m.uid] {
			left = append(left, m)
		}
	}
	return left
}

// reserve makes a batch of the first of these messages: it waits for room for
// one, and takes those after it for which there is room at once.
func (w *worker) reserve(ctx context.Context, todo []meta) (*batch, error) {
	b := &batch{metas: make(map[uint32]meta), room: make(map[uint32]connectors.Spool), received: make(chan error, 1)}
	if err := b.take(ctx, w.run.m.spool, todo[0]); err != nil {
		return nil, err
	}
	brief, cancel := context.WithTimeout(ctx, brieflyWait)
	defer cancel()
	total := todo[0].size
	for _, m := range todo[1:] {
		if total += m.size; len(b.room) >= batchMessages || total > w.run.m.cfg.BatchBytes {
			break
		}
		if b.take(brief, w.run.m.spool, m) != nil {
			break // what else is wrong shows when it is the first
		}
	}
	return b, nil
}

func (b *batch) take(ctx context.Context, spool connectors.Spooler, m meta) error {
	sp, err := spool.Reserve(ctx, m.size)
	if err != nil {
		return &localError{err}
	}
	b.metas[m.uid], b.room[m.uid] = m, sp
	return nil
}

// ask sends the batch's command.
func (s *session) ask(b *batch) {
	var set goimap.UIDSet
	allowed := int64(0)
	for uid, m := range b.metas {
		set.AddNum(goimap.UID(uid))
		allowed += m.size + m.size/4 + perMessage
	}
	s.conn.expect(allowed)
	b.cmd = s.client.Fetch(set, &goimap.FetchOptions{UID: true, BodySection: []*goimap.FetchItemBodySection{{Peek: true}}})
}

// receive takes in the answer to a batch and notes what it emitted. A refusal
// by the server is no error: what it covers has not arrived. After an error
// the connection is closed.
func (w *worker) receive(ctx context.Context, f *folder, s *session, b *batch, got *tally) error {
	defer s.conn.answered()
	defer b.cancel()
	for msg := b.cmd.Next(); msg != nil; msg = b.cmd.Next() {
		uid, content, err := b.read(msg)
		if err != nil {
			s.conn.Close()
			if isLocal(err) {
				discard(b.cmd) // else it broke off, and is not touched again: see session
			}
			return err
		}
		if content == nil {
			continue
		}
		got.add(uid)
		w.succeeded()
		if err := w.emit(ctx, result{folder: f, validity: f.state.Validity, meta: b.metas[uid], fate: captured, content: content}); err != nil {
			s.conn.Close()
			discard(b.cmd)
			return err
		}
	}
	if err := b.cmd.Close(); !isRefusal(err) {
		return err
	}
	return nil
}

// read takes one message off the connection into the room reserved for it. It
// returns nil for what was not asked for, or is much larger than announced:
// such a message is fetched alone.
func (b *batch) read(msg *imapclient.FetchMessageData) (uid uint32, content connectors.Content, err error) {
	for item := msg.Next(); item != nil; item = msg.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			uid = uint32(item.UID)
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil {
				continue
			}
			sp := b.room[uid]
			if sp == nil || content != nil || item.Literal.Size() > b.metas[uid].size+perMessage || suspiciouslyEmpty(item, b.metas[uid]) {
				if _, err := io.Copy(io.Discard, item.Literal); err != nil {
					return uid, nil, err
				}
				continue
			}
			delete(b.room, uid)
			if content, err = fill(sp, item.Literal); err != nil {
				if isLocal(err) {
					io.Copy(io.Discard, item.Literal)
				}
				return uid, nil, err
			}
		}
	}
	return uid, content, nil
}

// suspiciouslyEmpty: some servers answer with nothing where they cannot read.
func suspiciouslyEmpty(item imapclient.FetchItemDataBodySection, m meta) bool {
	return item.Literal.Size() == 0 && m.size > 0
}

// discard drains a command so that the library's reader can end.
func discard(cmd *imapclient.FetchCommand) {
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		for item := msg.Next(); item != nil; item = msg.Next() {
			if body, ok := item.(imapclient.FetchItemDataBodySection); ok && body.Literal != nil {
				if _, err := io.Copy(io.Discard, body.Literal); err != nil {
					return
				}
			}
		}
	}
}

// A localError is a failure on this side: no message is to blame.
type localError struct{ err error }

func (e *localError) Error() string { return fmt.Sprintf("cannot spool: %v", e.err) }
func (e *localError) Unwrap() error { return e.err }

func isLocal(err error) bool {
	var local *localError
	return errors.As(err, &local)
}

// fill spools r. An error is a localError unless it came from r.
func fill(sp connectors.Spool, r io.Reader) (connectors.Content, error) {
	src := &source{r: r}
	c, err := sp.Fill(src)
	switch {
	case err == nil:
		return c, nil
	case src.err != nil:
		sp.Cancel()
		return nil, src.err
	default:
		sp.Cancel()
		return nil, &localError{err}
	}
}

// A source remembers the error of what it reads.
type source struct {
	r   io.Reader
	err error
}

// Read implements [io.Reader].
func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

func (w *worker) succeeded() { w.run.setFails(0) }

// struck notes that a message failed, and reports whether that is too many.
func (w *worker) struck() bool { return w.run.setFails(1) >= maxFailsInRow }

// setFails adds to the failures in a row, or clears them if n is 0.
func (r *run) setFails(n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fails += n; n == 0 {
		r.fails = 0
	}
	return r.fails
}
