package imap

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	goimap "github.com/emersion/go-imap/v2"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
)

// survey is told what a folder was found to hold when it was opened, and the
// UIDs above the last one yielded. It makes windows of them.
func (r *run) survey(f *folder, found *goimap.SelectData, uids []uint32) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	f.listed, f.settled, f.surveyed = uids, make([]bool, len(uids)), true
	next := uint32(found.UIDNext)
	f.next, f.mod = next, found.HighestModSeq
	if n := len(uids); n > 0 {
		f.next = max(next, uids[n-1]+1)
	}
	if f.excluded {
		return r.advance(f)
	}
	for w := range slices.Chunk(uids, r.m.cfg.Window) {
		f.windows = append(f.windows, window{uids: w})
	}
	var due []uint32
	for uid, o := range f.state.Owed {
		if uid <= f.state.Last && o.due(r.m.now()) {
			due = append(due, uid)
		}
	}
	if slices.Sort(due); len(due) > 0 {
		f.windows = append(f.windows, window{uids: due, retry: true})
	}
	if len(f.windows) > 0 {
		r.ready = append(r.ready, f)
		r.wake.Broadcast()
	}
	return r.advance(f)
}

// from returns the UID that a survey should list from, having made the
// folder's state fit its UIDVALIDITY and the configuration. What was owed
// under numbers that are no more comes back as results: it is gone.
func (r *run) from(f *folder, validity uint32) (uid uint32, orphans []result, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	st := f.state
	if st.Validity != validity || st.Out != f.excluded {
		if st.Validity != 0 && st.Validity != validity {
			r.m.notice(NoticeRenumbered, fmt.Sprintf(
				"the server numbered folder %q anew (UIDVALIDITY %d, then %d): it is listed again from the beginning", f.name, st.Validity, validity))
			for _, uid := range slices.Sorted(maps.Keys(st.Owed)) {
				orphans = append(orphans, orphan(f, st.root(f.name), st.Validity, uid))
			}
		}
		*st = folderState{Validity: validity, Out: f.excluded, Issued: st.Issued, Gone: st.Gone, Root: st.Root}
		if err := r.pos.changed(f.name); err != nil {
			return 0, nil, err
		}
	}
	return st.Last + 1, orphans, nil
}

// settle accounts for a result and makes an item of it, or returns nil if
// there is none to yield.
func (r *run) settle(res result) *connectors.Item {
	r.mu.Lock()
	defer r.mu.Unlock()
	if res.fate == orphaned {
		return r.item(res)
	}
	f, uid := res.folder, res.meta.uid
	if i, ok := slices.BinarySearch(f.listed, uid); ok {
		f.settled[i] = true
	}
	_, wasOwed := f.state.Owed[uid]
	silent := false
	switch res.fate {
	case captured:
		delete(f.state.Owed, uid)
	case failed:
		if f.state.Owed == nil {
			f.state.Owed = make(map[uint32]owed)
		}
		f.state.Owed[uid] = owed{f.state.Owed[uid][0] + 1, r.m.now().Unix()}
	case vanished:
		delete(f.state.Owed, uid)
		if silent = !wasOwed; silent {
			f.state.Gone++
			if f.state.Next == 0 {
				f.state.Issued++ // the first reading counts what it finds, not what went before
			}
		}
	}
	if err := r.advance(f); err != nil {
		r.cancel(err)
		silent = true
	}
	if silent {
		return nil
	}
	return r.item(res)
}

// advance moves the folder's position over everything that is settled without
// a gap, counting UIDs that were issued since the folder was last read to its
// end and that nobody saw. It needs the mutex.
func (r *run) advance(f *folder) error {
	st := f.state
	known := st.Next > 0 // else this is the first reading, and nothing is known of earlier times
	for ; f.head < len(f.listed) && f.settled[f.head]; f.head++ {
		uid := f.listed[f.head]
		if known && uid >= st.Next {
			st.Issued += int64(uid-st.Next) + 1
			st.Gone += int64(uid - st.Next)
			st.Next = uid + 1
		}
		st.Last = uid
	}
	if f.surveyed && f.head == len(f.listed) && f.next >= st.Next {
		if known {
			st.Issued += int64(f.next - st.Next)
			st.Gone += int64(f.next - st.Next)
		}
		st.Next, st.Mod = f.next, f.mod
	}
	return r.pos.changed(f.name)
}

func (r *run) item(res result) *connectors.Item {
	root := res.root
	if root == "" {
		root = res.folder.state.root(res.folder.name)
	}
	it := &connectors.Item{
		Key:      key(root, res.validity, res.meta.uid),
		Form:     connectors.FormMessage,
		Folder:   res.folder.name,
		Received: res.meta.received,
		Flags:    res.meta.flags,
		Cursor:   r.pos.cursor(),
	}
	switch res.fate {
	case captured:
		it.Content = res.content
	case leftOut:
		it.Excluded = record.ReasonFolder
	default:
		it.Err, it.Reason = res.err, res.reason
	}
	return it
}

// orphan is an item that was owed under a number that means nothing any more.
func orphan(f *folder, root string, validity, uid uint32) result {
	return result{folder: f, root: root, validity: validity, meta: meta{uid: uid}, fate: orphaned, reason: ReasonGone, err: errOrphaned}
}

var (
	errVanished = errors.New("the server has this message no longer")
	errOrphaned = errors.New("the server numbered the folder anew, and lists this message, if it still has it, under another number")
)
