package imap

import (
	"context"
	"errors"
	"io"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/spool"
)

// alone fetches one message by slices and emits what became of it: it was
// captured, it is gone, or it is owed. An error ends the run.
func (w *worker) alone(ctx context.Context, f *folder, m meta) error {
	m, err := w.describeOne(ctx, f, m)
	if err != nil {
		return err
	}
	res := result{folder: f, validity: f.state.Validity, meta: m, fate: captured}
	sp, err := w.run.m.spool.Reserve(ctx, m.size)
	if errors.Is(err, spool.ErrTooLarge) {
		res.fate, res.reason, res.err = failed, record.ReasonBomb, err
		return w.emit(ctx, res)
	} else if err != nil {
		return &localError{err}
	}
	r := &sliceReader{ctx: ctx, w: w, f: f, uid: m.uid, size: w.run.m.cfg.Slice}
	res.content, err = fill(sp, r)
	r.end()
	if err == nil && res.content.Size() == 0 && m.size > 0 {
		res.content.Close()
		res.content, err = nil, errNoBody
	}
	if err == nil {
		w.succeeded()
		return w.emit(ctx, res)
	}
	res.fate, res.reason, res.err = failed, record.ReasonUnreadable, err
	switch {
	case errors.Is(err, spool.ErrTooLarge):
		res.reason = record.ReasonBomb
		return w.emit(ctx, res)
	case isLocal(err), r.fatal:
		return err
	case errors.Is(err, errNoAnswer):
		there, err := w.exists(ctx, f, m.uid)
		if err != nil {
			return err
		}
		if !there {
			res.fate, res.reason, res.err = vanished, ReasonGone, errVanished
		}
	}
	if err := w.emit(ctx, res); err != nil {
		return err
	}
	if res.fate == failed && w.struck() {
		return errBrokenServer
	}
	return nil
}

// describeOne completes what is known of a message. What a server cannot say
// of it stays unknown; that is no reason not to fetch it.
func (w *worker) describeOne(ctx context.Context, f *folder, m meta) (meta, error) {
	if m.size > 0 {
		return m, nil
	}
	s, err := w.reach(ctx, f)
	if err != nil {
		return m, err
	}
	metas, err := s.metas([]uint32{m.uid})
	if err != nil && !isRefusal(err) {
		w.lose()
	}
	if err == nil && len(metas) == 1 && metas[0].uid == m.uid {
		return metas[0], nil
	}
	return m, nil
}

// exists asks whether the folder has the message, over a new connection if
// this one fails. A server that cannot say counts as having it.
func (w *worker) exists(ctx context.Context, f *folder, uid uint32) (bool, error) {
	s, err := w.reach(ctx, f)
	if err != nil {
		return false, err
	}
	there, err := s.exists(uid)
	if err != nil {
		w.lose()
		return true, nil
	}
	return there, nil
}

var (
	errNoAnswer = errors.New("the server does not answer for this message")
	errNoBody   = errors.New("the server has no content for this message")
)

// maxBreaks is how often a connection may break over one message without any
// octet of it arriving in between.
const maxBreaks = 2

// A sliceReader reads one message in slices, each with a command of its own,
// so that a broken connection costs one slice and not the message: it connects
// anew and goes on where it was. A message never changes under its UID
// (RFC 9051, section 2.3.1.1).
type sliceReader struct {
	ctx   context.Context // of the run, whose lifetime this reader is within
	w     *worker
	f     *folder
	uid   uint32
	size  int64 // of a slice
	at    int64 // octets delivered
	fatal bool  // the error is not this message's

	s       *session
	cmd     *imapclient.FetchCommand
	msg     *imapclient.FetchMessageData
	literal io.Reader
	got     int64 // of the current slice
	breaks  int
	done    bool
}

// Read implements [io.Reader].
func (r *sliceReader) Read(p []byte) (int, error) {
	for {
		if r.literal == nil {
			if r.done {
				return 0, io.EOF
			}
			if err := r.next(); err != nil {
				if err = r.broke(err); err != nil {
					return 0, err
				}
				continue
			}
			continue
		}
		n, err := r.literal.Read(p)
		r.at += int64(n)
		r.got += int64(n)
		if n > 0 {
			r.breaks = 0
		}
		switch {
		case err == io.EOF:
			err = r.finishSlice()
		case err != nil:
			r.drop()
		}
		if err != nil {
			if err = r.broke(err); err != nil {
				return n, err
			}
		}
		if n > 0 {
			return n, nil
		}
	}
}

// next asks for the next slice.
func (r *sliceReader) next() error {
	s, err := r.w.reach(r.ctx, r.f)
	if err != nil {
		r.fatal = true
		return err
	}
	s.conn.expect(r.size + perMessage)
	r.s, r.got = s, 0
	r.cmd = s.client.Fetch(goimap.UIDSetNum(goimap.UID(r.uid)), &goimap.FetchOptions{
		UID: true,
		BodySection: []*goimap.FetchItemBodySection{{
			Peek: true, Partial: &goimap.SectionPartial{Offset: r.at, Size: r.size},
		}},
	})
	for r.msg = r.cmd.Next(); r.msg != nil; r.msg = r.cmd.Next() {
		for item := r.msg.Next(); item != nil; item = r.msg.Next() {
			body, ok := item.(imapclient.FetchItemDataBodySection)
			switch {
			case !ok:
			case body.Literal != nil:
				r.literal = io.LimitReader(body.Literal, r.size)
				if body.Literal.Size() <= r.size {
					r.literal = body.Literal
				}
				return nil
			case r.at > 0:
				r.done = true // nothing beyond the end
			default:
				r.endCommand()
				return errNoBody
			}
		}
	}
	if err := r.endCommand(); err != nil || r.done {
		return err
	}
	return errNoAnswer
}

// finishSlice ends the command whose literal was read to its end.
func (r *sliceReader) finishSlice() error {
	r.literal = nil
	r.done = r.got < r.size
	for r.msg.Next() != nil {
	}
	return r.endCommand()
}

func (r *sliceReader) endCommand() error {
	err := r.cmd.Close()
	r.s.conn.answered()
	r.s, r.cmd, r.msg = nil, nil, nil
	return err
}

// drop abandons a slice that broke off, and its connection with it.
func (r *sliceReader) drop() {
	r.s.conn.answered()
	r.s, r.cmd, r.msg, r.literal = nil, nil, nil, nil
	r.w.lose()
}

// broke decides what an error means: nil to try again, else the message's
// failure, or, with fatal set, the run's.
func (r *sliceReader) broke(err error) error {
	switch {
	case r.fatal:
		return err
	case r.ctx.Err() != nil:
		r.fatal = true
		return r.ctx.Err()
	case isRefusal(err), errors.Is(err, errNoAnswer), errors.Is(err, errNoBody):
		return err
	}
	r.w.lose()
	if r.breaks++; r.breaks > maxBreaks {
		return err
	}
	return nil
}

// end lets go of a command that the spool did not read to its end.
func (r *sliceReader) end() {
	if r.cmd != nil {
		r.s.conn.Close()
		if r.literal != nil {
			io.Copy(io.Discard, r.literal)
		}
		r.drop()
	}
}
