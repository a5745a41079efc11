package imap

import (
	"context"
	"errors"
	"fmt"
	"io"
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
// for room it never holds any that is not being filled: otherwise two
// connections could wait for each other.
func (w *worker) batches(ctx context.Context, f *folder, todo []meta) (left []meta, err error) {
	s, err := w.reach(ctx, f)
	if err != nil {
		return nil, err
	}
	got := make(map[uint32]bool, len(todo))
	var flying []*batch
	defer func() { s.drop(flying) }()
	for rest := todo; len(rest) > 0 || len(flying) > 0; {
		if len(rest) > 0 && len(flying) < batchesAhead {
			b, err := w.reserve(ctx, rest, len(flying) > 0)
			if err != nil {
				return nil, err
			}
			if n := len(b.room); n > 0 {
				s.ask(b)
				flying, rest = append(flying, b), rest[n:]
				continue
			}
		}
		b := flying[0]
		flying = flying[1:]
		err := w.receive(ctx, f, s, b, got)
		b.cancel()
		if isLocal(err) || ctx.Err() != nil {
			return nil, errors.Join(err, ctx.Err())
		}
		if err != nil && !isRefusal(err) {
			w.run.m.lg.Debug("connection lost in a batch", "err", err)
			s.drop(flying)
			flying = nil
			w.lose()
			break
		}
	}
	for _, m := range todo {
		if !got[m.uid] {
			left = append(left, m)
		}
	}
	return left, nil
}

// reserve makes a batch of the first of these messages. If an answer is
// waiting to be read, it takes only the room that is free, perhaps none.
func (w *worker) reserve(ctx context.Context, todo []meta, answerWaits bool) (*batch, error) {
	b := &batch{metas: make(map[uint32]meta), room: make(map[uint32]connectors.Spool)}
	brief, cancel := context.WithTimeout(ctx, brieflyWait)
	defer cancel()
	total := int64(0)
	for _, m := range todo {
		if total += m.size; len(b.room) >= batchMessages || total > w.run.m.cfg.BatchBytes && len(b.room) > 0 {
			break
		}
		wait := brief
		if len(b.room) == 0 && !answerWaits {
			wait = ctx
		}
		sp, err := w.run.m.spool.Reserve(wait, m.size)
		if err != nil {
			if wait == brief && brief.Err() != nil && ctx.Err() == nil {
				break
			}
			b.cancel()
			return nil, &localError{err}
		}
		b.metas[m.uid], b.room[m.uid] = m, sp
	}
	return b, nil
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

// receive takes in the answer to a batch. It notes in got what it emitted.
func (w *worker) receive(ctx context.Context, f *folder, s *session, b *batch, got map[uint32]bool) error {
	defer s.conn.answered()
	for msg := b.cmd.Next(); msg != nil; msg = b.cmd.Next() {
		uid, content, err := b.read(msg)
		if err != nil {
			if isLocal(err) {
				s.conn.Close()
				discard(b.cmd)
			}
			return err
		}
		if content == nil {
			continue
		}
		got[uid] = true
		w.succeeded()
		if err := w.emit(ctx, result{folder: f, validity: f.state.Validity, meta: b.metas[uid], fate: captured, content: content}); err != nil {
			s.conn.Close()
			discard(b.cmd)
			return err
		}
	}
	return b.cmd.Close()
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

// drop gives up commands whose answers will not be received, and the
// connection with them.
func (s *session) drop(flying []*batch) {
	for _, b := range flying {
		s.conn.Close()
		discard(b.cmd)
		s.conn.answered()
		b.cancel()
	}
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
