package imap

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// place is a digest of where the mailbox is, for the cursor.
func (m *Mailbox) place() string {
	account := m.cfg.Mailbox
	if account == "" {
		account = m.cfg.Username
	}
	sum := sha256.Sum256([]byte(strings.ToLower(m.cfg.Host) + "\x00" + account))
	return hex.EncodeToString(sum[:8])
}

// recognise makes the position fit the folders that the server lists now, as
// far as the ledger can prove what they are: it finds renamed folders, and those
// whose numbers mean other messages than they did. What was owed under such
// numbers comes back as results. An error is of the connection.
//
// It needs the UIDVALIDITY from LIST or STATUS; a folder whose is unknown is
// dealt with when it is opened.
func (m *Mailbox) recognise(ctx context.Context, s *session, pos *position, folders []listed) (orphans []result, err error) {
	if m.cfg.Ledger == nil {
		return nil, nil
	}
	k := &recogniser{m: m, ctx: ctx, s: s, pos: pos, folders: folders}
	k.moved = pos.server != "" && pos.server != m.place()
	if k.moved {
		m.notice(NoticeMoved, "the mailbox is on another server, or another account, than before: each folder is compared with what was captured")
	}
	pos.server = m.place()
	if err := k.renamed(); err != nil {
		return nil, err
	}
	for _, l := range folders {
		if l.validity == 0 {
			continue
		}
		if err := k.known(l); err != nil {
			return nil, err
		}
	}
	return k.orphans, nil
}

// A recogniser is one call of recognise.
type recogniser struct {
	m       *Mailbox
	ctx     context.Context // of that call
	s       *session
	pos     *position
	folders []listed
	moved   bool
	orphans []result
}

// renamed finds folders that are listed under another name than the one they
// were read under, and lets them keep their state.
func (k *recogniser) renamed() error {
	validity := make(map[string]uint32, len(k.folders))
	for _, l := range k.folders {
		validity[l.name] = l.validity
	}
	lost := make(map[string]*folderState) // folders that are not there under their names
	for _, name := range k.pos.order {
		st := k.pos.folders[name]
		if now, ok := validity[name]; st.Validity != 0 && (!ok || now != 0 && now != st.Validity) {
			lost[name] = st
		}
	}
	found := make(map[string]string) // new name → old name
	for _, l := range k.folders {
		if st := k.pos.folders[l.name]; l.validity == 0 || st != nil && st.Validity == l.validity {
			continue
		}
		for _, old := range slices.Sorted(maps.Keys(lost)) {
			st := lost[old]
			if st.Validity != l.validity || l.next != 0 && l.next < st.Next {
				continue
			}
			same, err := k.same(l, st.root(old), st.Validity)
			if err != nil {
				return err
			}
			if same {
				found[l.name] = old
				delete(lost, old)
				break
			}
		}
	}
	return k.rename(found)
}

// rename gives states their new names, all at once: names may have been swapped.
func (k *recogniser) rename(found map[string]string) error {
	states := make(map[string]*folderState, len(found))
	for name, old := range found {
		st := *k.pos.folders[old]
		st.Root = st.root(old)
		states[name] = &st
	}
	for _, old := range found {
		k.pos.drop(old)
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		k.m.notice(NoticeRenamed, fmt.Sprintf("folder %q is now called %q; it is read on where it was", found[name], name))
		if st := k.pos.folders[name]; st != nil {
			k.orphan(name, st)
		}
		if err := k.pos.take(name, states[name]); err != nil {
			return err
		}
	}
	return nil
}

// known makes sure that a folder's state is of the messages that its numbers
// mean now, and gives one to a folder that has none.
func (k *recogniser) known(l listed) error {
	st := k.pos.folders[l.name]
	switch {
	case st == nil:
		return k.begin(l, folderState{})
	case st.Validity != l.validity:
		if st.Validity != 0 {
			k.m.notice(NoticeRenumbered, fmt.Sprintf(
				"the server numbered folder %q anew (UIDVALIDITY %d, then %d): it is listed again from the beginning", l.name, st.Validity, l.validity))
		}
	case l.next != 0 && l.next < st.Next:
		rewound, err := k.rewound(l, st)
		if err != nil || !rewound {
			return err
		}
		k.m.notice(NoticeRewound, fmt.Sprintf("folder %q gives out numbers again that it has given out before, as after a restored backup "+
			"(UIDNEXT %d, then %d): it is listed again from the beginning", l.name, st.Next, l.next))
	case k.moved:
		same, err := k.same(l, st.root(l.name), st.Validity)
		if err != nil || same {
			return err
		}
	default:
		return nil
	}
	k.orphan(l.name, st)
	return k.begin(l, folderState{Issued: st.Issued, Gone: st.Gone})
}

// rewound looks at a folder whose UIDNEXT is lower than it was. STATUS may be
// answered from a stale cache; opening the folder is not.
func (k *recogniser) rewound(l listed, st *folderState) (bool, error) {
	k.s.selected = nil
	err := k.s.examine(l.name)
	if bad := new(folderError); errors.As(err, &bad) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	next := uint32(k.s.selected.UIDNext)
	return k.s.selected.UIDValidity == st.Validity && next != 0 && next < st.Next, nil
}

// orphan gives up what was owed under a state.
func (k *recogniser) orphan(name string, st *folderState) {
	f := &folder{name: name, state: st}
	for _, uid := range slices.Sorted(maps.Keys(st.Owed)) {
		k.orphans = append(k.orphans, orphan(f, st.root(name), st.Validity, uid))
	}
}

// begin gives a folder a new state, under a root that no other item's key has:
// the folder's name, unless items of another folder, server or time were
// accounted for under that name and this UIDVALIDITY.
func (k *recogniser) begin(l listed, st folderState) error {
	root := l.name
	for n := 2; ; n++ {
		used, err := k.used(l.name, root, l.validity)
		if err != nil {
			return err
		}
		if !used {
			break
		}
		root = l.name + "~" + strconv.Itoa(n)
	}
	st.Validity, st.Out = l.validity, !k.m.cfg.includes(l)
	if root != l.name {
		st.Root = root
	}
	return k.pos.take(l.name, &st)
}

func (k *recogniser) used(name, root string, validity uint32) (bool, error) {
	for other, st := range k.pos.folders {
		if other != name && st.root(other) == root && st.Validity == validity {
			return true, nil
		}
	}
	for _, err := range k.m.cfg.Ledger.Accounted(k.ctx, prefix(root, validity)) {
		return true, err
	}
	return false, nil
}

// How much is read to prove that a folder's numbers mean what they did.
const (
	proofCandidates = 64      // messages whose sizes are asked for
	proofMessages   = 5       // of them: the smallest, that are read
	proofOctets     = 8 << 20 // a larger one proves nothing
)

// same reports whether the folder has the messages that were captured under
// this root: of a few that it has and that were captured, each has the octets
// that were captured. A folder in which there is nothing to compare is not the
// same.
func (k *recogniser) same(l listed, root string, validity uint32) (bool, error) {
	k.s.selected = nil
	err := k.s.examine(l.name)
	var uids []uint32
	if err == nil && k.s.selected.UIDValidity == validity {
		uids, err = k.s.search(1)
	}
	if bad := new(folderError); errors.As(err, &bad) || err == nil && len(uids) == 0 {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	metas, err := k.s.metas(spread(uids, proofCandidates))
	if err != nil {
		return false, err
	}
	slices.SortStableFunc(metas, func(a, b meta) int { return int(a.size - b.size) })
	proofs := 0
	for _, m := range metas {
		if proofs == proofMessages || m.size > proofOctets {
			break
		}
		item, ok, err := k.m.cfg.Ledger.Item(k.ctx, key(root, validity, m.uid))
		if err != nil {
			return false, err
		}
		if !ok || !item.Archived() {
			continue
		}
		sum, err := k.s.digest(m)
		if isRefusal(err) || errors.Is(err, errNoAnswer) {
			continue
		}
		if err != nil {
			return false, err
		}
		if sum != item.Digest {
			return false, nil
		}
		proofs++
	}
	return proofs > 0, nil
}

// spread returns at most n of the numbers, evenly, the first and last included.
func spread(uids []uint32, n int) []uint32 {
	if len(uids) <= n {
		return uids
	}
	out := make([]uint32, n)
	for i := range out {
		out[i] = uids[i*(len(uids)-1)/(n-1)]
	}
	return out
}
