package imap

import (
	"context"
	"errors"
	"fmt"
	"math"

	goimap "github.com/emersion/go-imap/v2"

	"github.com/closeroll/closeroll/connectors"
)

// A worker is one connection's goroutine. An error that one of its methods
// returns ends the run, unless it is a folderError or the method's comment
// says otherwise.
type worker struct {
	run     *run
	session *session // nil until needed and after a failure
}

// maxFailsInRow is how many messages may fail one after another, over the
// whole run, before the server rather than the messages is taken to be broken.
// Those that failed are owed, so that the next run begins behind them.
const maxFailsInRow = 25

var errBrokenServer = errors.New("the server fails one message after another")

func (w *worker) work(ctx context.Context) error {
	defer func() {
		switch {
		case w.session == nil:
		case ctx.Err() != nil:
			w.session.abandon()
		default:
			w.session.close()
		}
	}()
	open := ""
	for {
		f, win := w.run.take(ctx, open)
		if f == nil {
			return nil
		}
		open = f.name
		var err error
		if win == nil {
			err = w.survey(ctx, f)
		} else {
			err = w.window(ctx, f, win)
		}
		if bad := new(folderError); errors.As(err, &bad) {
			w.run.drop(f, err)
			err = nil
		}
		w.run.ended()
		if err != nil {
			return err
		}
	}
}

// lose gives up a connection that failed.
func (w *worker) lose() {
	if w.session != nil {
		w.session.abandon()
		w.session = nil
	}
}

// reach returns a session that has the folder open, connecting anew if it
// must. It insists on the UIDVALIDITY that the survey found.
func (w *worker) reach(ctx context.Context, f *folder) (*session, error) {
	for attempt := 1; ; attempt++ {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if w.session == nil {
			s, err := w.run.m.connect(ctx)
			if err != nil {
				return nil, err
			}
			w.session = s
		}
		err := w.session.examine(f.name)
		if bad := new(folderError); errors.As(err, &bad) {
			return nil, err
		}
		if err == nil {
			if f.surveyed && w.session.selected.UIDValidity != f.state.Validity {
				w.session.selected = nil
				return nil, &folderError{f.name, errOrphaned}
			}
			return w.session, nil
		}
		w.lose()
		if attempt >= w.run.m.cfg.Attempts {
			return nil, fmt.Errorf("cannot open folder %q: %w", f.name, err)
		}
		if err := w.run.m.pause(ctx, attempt); err != nil {
			return nil, err
		}
	}
}

// survey finds out what is new in a folder.
func (w *worker) survey(ctx context.Context, f *folder) error {
	for attempt := 1; ; attempt++ {
		s, err := w.reach(ctx, f)
		if err != nil {
			return err
		}
		s.selected = nil // look at the folder as it is now
		if s, err = w.reach(ctx, f); err != nil {
			return err
		}
		found := s.selected
		from, orphans, err := w.run.from(f, found.UIDValidity)
		if err != nil {
			return err
		}
		for _, res := range orphans {
			if err := w.emit(ctx, res); err != nil {
				return err
			}
		}
		var uids []uint32
		if from != 0 { // else the last possible UID was read
			uids, err = s.search(from)
		}
		if err == nil {
			w.run.m.clearNotice(NoticeFolder, f.name)
			return w.surveyed(ctx, f, found, uids)
		}
		if bad := new(folderError); errors.As(err, &bad) {
			return err
		}
		w.lose()
		if attempt >= w.run.m.cfg.Attempts {
			return fmt.Errorf("cannot list folder %q: %w", f.name, err)
		}
		if err := w.run.m.pause(ctx, attempt); err != nil {
			return err
		}
	}
}

func (w *worker) surveyed(ctx context.Context, f *folder, found *goimap.SelectData, uids []uint32) error {
	if len(uids) > 0 && uids[len(uids)-1] == math.MaxUint32 {
		return &folderError{f.name, errors.New("the server numbers messages up to the last possible UID")}
	}
	if err := w.run.survey(f, found, uids); err != nil {
		return err
	}
	if !f.excluded {
		return nil
	}
	for _, uid := range uids {
		if err := w.emit(ctx, result{folder: f, validity: found.UIDValidity, meta: meta{uid: uid}, fate: leftOut}); err != nil {
			return err
		}
	}
	return nil
}

// emit hands a result to the consumer.
func (w *worker) emit(ctx context.Context, res result) error {
	select {
	case w.run.results <- res:
		return nil
	case <-ctx.Done():
		if res.content != nil {
			res.content.Close()
		}
		return ctx.Err()
	}
}

// window sees a number of messages through: small ones many at a time, the
// large, the owed and the difficult ones alone. When it returns nil, each has
// a result.
func (w *worker) window(ctx context.Context, f *folder, win *window) error {
	if win.retry {
		for _, uid := range win.uids {
			if err := w.alone(ctx, f, meta{uid: uid}); err != nil {
				return err
			}
		}
		return nil
	}
	small, rest, err := w.describe(ctx, f, win.uids)
	if err != nil {
		return err
	}
	for len(small) > 0 {
		left, err := w.batches(ctx, f, small)
		if err != nil {
			return err
		}
		if len(left) > 0 && (len(left) == len(small) || w.session != nil) {
			// Nothing came, or the server answered and left these out.
			if err := w.alone(ctx, f, left[0]); err != nil {
				return err
			}
			left = left[1:]
		}
		small = left
	}
	for _, m := range rest {
		if err := w.alone(ctx, f, m); err != nil {
			return err
		}
	}
	return nil
}

// describe asks for the sizes of the messages and divides them into small
// ones and those to be fetched alone: large ones, and any that the server
// cannot describe together with the others.
func (w *worker) describe(ctx context.Context, f *folder, uids []uint32) (small, rest []meta, err error) {
	var metas []meta
	for range 2 {
		s, err := w.reach(ctx, f)
		if err != nil {
			return nil, nil, err
		}
		if metas, err = s.metas(uids); err == nil {
			break
		} else if !isRefusal(err) {
			w.lose()
		}
	}
	described := make(map[uint32]bool, len(metas))
	for _, m := range metas {
		if described[m.uid] {
			continue
		}
		described[m.uid] = true
		if m.size <= w.run.m.cfg.Slice && m.size <= w.run.m.cfg.BatchBytes {
			small = append(small, m)
		} else {
			rest = append(rest, m)
		}
	}
	for _, uid := range uids {
		if !described[uid] {
			rest = append(rest, meta{uid: uid})
		}
	}
	return small, rest, nil
}

var _ interface {
	connectors.Connector
	connectors.Noticer
	connectors.Positioner
	connectors.Watcher
} = (*Mailbox)(nil)
