package imap

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
)

// Items implements [connectors.Connector]. It lists the folders once; several
// connections survey them and fetch windows of messages, and the items come
// out in whatever order they arrive. Each carries a cursor that claims no more
// than the messages that were yielded in unbroken order.
func (m *Mailbox) Items(ctx context.Context, after connectors.Cursor) iter.Seq2[*connectors.Item, error] {
	return func(yield func(*connectors.Item, error) bool) {
		m.Gaps() // what nobody asked for was not journalled, and is in the cursor still
		pos, err := parsePosition(after)
		if err != nil {
			yield(nil, err)
			return
		}
		leave, err := m.cfg.Budget.enter(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		defer leave()
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		first, folders, err := m.openListed(ctx, m.connect)
		if err != nil {
			yield(nil, err)
			return
		}
		orphans, err := m.recognise(ctx, first, pos, folders)
		if err != nil {
			first.abandon()
			yield(nil, err)
			return
		}
		if now := pos.cursor(); m.cfg.Ledger != nil && now != after && !yield(&connectors.Item{Form: connectors.FormPosition, Cursor: now}, nil) {
			first.abandon()
			return
		}
		r := m.newRun(pos, folders, cancel)
		defer r.finish()
		for _, res := range orphans {
			if !yield(r.item(res), nil) {
				first.abandon()
				return
			}
		}
		stop := r.start(ctx, first)
		defer stop()
		for res := range r.results {
			if item := r.settle(res); item != nil && !yield(item, nil) {
				return
			}
		}
		if err := context.Cause(ctx); err != nil {
			yield(nil, err)
		}
	}
}

// A run is one call of Items. Its mutex guards everything below it: workers
// take tasks and report surveys, the consumer settles results.
type run struct {
	m       *Mailbox
	results chan result
	cancel  context.CancelCauseFunc
	fails   int // messages that failed in a row, across folders

	mu      sync.Mutex
	wake    *sync.Cond
	pos     *position
	surveys []*folder // not begun
	ready   []*folder // with windows to fetch
	busy    int       // tasks begun and not ended
}

// A folder is one folder during a run.
type folder struct {
	name     string
	excluded bool
	state    *folderState
	listed   []uint32 // UIDs found by the survey, ascending
	settled  []bool   // which of them were yielded
	head     int      // listed[:head] are all settled
	next     uint32   // UIDNEXT, once all are settled
	mod      uint64   // HIGHESTMODSEQ, likewise
	surveyed bool
	windows  []window
}

// A window is a number of messages that one worker sees through.
type window struct {
	uids  []uint32
	retry bool // owed from earlier runs: each is tried alone
}

// What became of a message.
type fate int

const (
	captured fate = iota // its content is here
	leftOut              // by the configuration
	failed               // it exists and cannot be read: owed
	vanished             // it was listed, and is not there any more
	orphaned             // it was owed under a UIDVALIDITY that is no more
)

type result struct {
	folder   *folder
	root     string // of its key, where that is not the folder's
	validity uint32
	meta     meta
	fate     fate
	content  connectors.Content
	reason   record.Reason
	err      error
}

func (m *Mailbox) newRun(pos *position, folders []listed, cancel context.CancelCauseFunc) *run {
	r := &run{m: m, results: make(chan result, 64), cancel: cancel, pos: pos}
	r.wake = sync.NewCond(&r.mu)
	seen := make(map[string]bool, len(folders))
	for _, l := range folders {
		seen[l.name] = true
		m.clearNotice(NoticeFolderGone, l.name)
		f := &folder{name: l.name, excluded: !m.cfg.includes(l)}
		if st := pos.folders[l.name]; st != nil {
			if st.unchanged(l, f.excluded, m.now()) {
				continue
			}
		}
		f.state = pos.state(l.name)
		r.surveys = append(r.surveys, f)
	}
	for name, st := range pos.folders {
		if !seen[name] && !st.Out && st.Validity != 0 {
			m.noticeOnce(NoticeFolderGone, name, fmt.Sprintf("folder %q is no longer listed by the server; what was captured from it stays", name))
		}
	}
	return r
}

// unchanged reports whether the folder needs no visit: it gave out no UID since
// it was read to its end, or nothing at all was done to it (RFC 7162, section
// 3.1.2.1), and nothing is owed that is due.
func (st *folderState) unchanged(l listed, excluded bool, now time.Time) bool {
	if l.validity == 0 || l.validity != st.Validity || st.Next == 0 || excluded != st.Out {
		return false
	}
	if same := l.next != 0 && l.next == st.Next || l.next == 0 && l.mod != 0 && l.mod == st.Mod; !same {
		return false
	}
	for _, o := range st.Owed {
		if o.due(now) {
			return false
		}
	}
	return true
}

// start sets the workers to work and returns what stops and awaits them. The
// results channel is closed when they have ended of themselves.
func (r *run) start(ctx context.Context, first *session) (stop func()) {
	var workers sync.WaitGroup
	for i := range r.m.cfg.Connections {
		w, leave := &worker{run: r}, func() {}
		if i == 0 {
			w.session = first
		} else {
			var ok bool
			if leave, ok = r.m.cfg.Budget.tryEnter(); !ok {
				break // the first does the work alone
			}
		}
		workers.Go(func() {
			defer leave()
			if err := w.work(ctx); err != nil {
				r.cancel(err)
			}
		})
	}
	wakeAll := context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.wake.Broadcast()
	})
	done := make(chan struct{})
	go func() {
		workers.Wait()
		wakeAll()
		close(done)
		close(r.results)
	}()
	return sync.OnceFunc(func() {
		r.cancel(errStopped) // has no effect on what came before it
		for res := range r.results {
			if res.content != nil {
				res.content.Close()
			}
		}
		<-done
	})
}

var errStopped = errors.New("the consumer stopped")

// take returns the next task for a worker that has this folder open: a window
// of that folder, else of another, else a survey. It waits while other workers
// may still find something, and returns nil at the end.
func (r *run) take(ctx context.Context, open string) (*folder, *window) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ctx.Err() == nil {
		if len(r.ready) > 0 {
			i := max(slices.IndexFunc(r.ready, func(f *folder) bool { return f.name == open }), 0)
			f := r.ready[i]
			w := f.windows[0]
			if f.windows = f.windows[1:]; len(f.windows) == 0 {
				r.ready = slices.Delete(r.ready, i, i+1)
			}
			r.busy++
			return f, &w
		}
		if len(r.surveys) > 0 {
			f := r.surveys[0]
			r.surveys = r.surveys[1:]
			r.busy++
			return f, nil
		}
		if r.busy == 0 {
			break
		}
		r.wake.Wait()
	}
	return nil, nil
}

// ended says that a task was seen through or given up.
func (r *run) ended() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy--
	r.wake.Broadcast()
}

// drop gives up what is left of a folder. Its position stays where it is.
func (r *run) drop(f *folder, err error) {
	r.mu.Lock()
	f.windows = nil
	r.ready = slices.DeleteFunc(r.ready, func(g *folder) bool { return g == f })
	r.mu.Unlock()
	r.m.lg.Warn("folder given up for this run", "err", err)
	r.m.noticeOnce(NoticeFolder, f.name, fmt.Sprintf("folder %q is listed and cannot be read: the server refuses to open it, or changed it during the run", f.name))
}

// finish leaves behind what outlives the run.
func (r *run) finish() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range r.pos.order {
		st := r.pos.folders[name]
		if st.Issued > 0 || st.Gone > 0 {
			r.m.gap(record.Gap{Folder: name, Issued: st.Issued, Seen: st.Issued - st.Gone})
		}
		if st.Gone > 0 {
			r.m.notice(NoticeCameAndWent, fmt.Sprintf("%d messages came to folder %q and were gone before they could be read", st.Gone, name))
		}
		st.Issued, st.Gone = 0, 0
		if err := r.pos.changed(name); err != nil {
			r.m.lg.Error("a folder's position cannot be written", "err", err)
		}
	}
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	r.m.position = r.pos.cursor()
	r.m.inbox = 0
	if st := r.pos.folders[watchedFolder]; st != nil {
		r.m.inbox = st.Next
	}
}
