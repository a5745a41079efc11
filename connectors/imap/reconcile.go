package imap

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
)

// Reconcile implements [connectors.Reconciler]. It lists every folder's UIDs and
// compares them with the ledger; of samples messages that were archived it
// reads the octets anew. It uses one connection. Folders that it cannot open
// are named and do not stop it.
func (m *Mailbox) Reconcile(ctx context.Context, after connectors.Cursor, samples int) (record.Reconciliation, connectors.Cursor, error) {
	rep := record.Reconciliation{Source: m.cfg.Name, Began: m.now().UTC()}
	if m.cfg.Ledger == nil {
		return rep, after, errors.New("a mailbox without a ledger has nothing to compare with")
	}
	pos, err := parsePosition(after)
	if err != nil {
		return rep, after, err
	}
	leave, err := m.cfg.Budget.enter(ctx)
	if err != nil {
		return rep, after, err
	}
	defer leave()
	s, folders, err := m.openListed(ctx, m.connect)
	if err != nil {
		return rep, after, err
	}
	c := &comparer{m: m, ctx: ctx, s: s, pos: pos, rep: &rep, samples: samples}
	if err := c.run(folders); err != nil {
		s.abandon()
		return rep, after, err
	}
	s.close()
	return rep, pos.cursor(), nil
}

// A comparer is one call of Reconcile.
type comparer struct {
	m       *Mailbox
	ctx     context.Context // of that call
	s       *session
	pos     *position
	rep     *record.Reconciliation
	samples int // messages to read in all; negative: every one
}

func (c *comparer) run(folders []listed) error {
	left := c.samples
	for i, l := range folders {
		st := c.pos.folders[l.name]
		if st == nil || st.Validity == 0 {
			continue // never read yet
		}
		share := left // of the samples that are left, each folder takes its part
		if left > 0 {
			share = (left + len(folders) - i - 1) / (len(folders) - i)
		}
		done, err := c.folder(l, st, share)
		if bad := new(folderError); errors.As(err, &bad) {
			c.rep.Refused = append(c.rep.Refused, l.name)
			continue
		}
		if err != nil {
			return err
		}
		if left > 0 {
			left -= done
		}
		if err := c.pos.changed(l.name); err != nil {
			return err
		}
	}
	return nil
}

// folder compares one folder and returns how many messages it read.
func (c *comparer) folder(l listed, st *folderState, samples int) (int, error) {
	c.s.selected = nil
	if err := c.s.examine(l.name); err != nil {
		return 0, err
	}
	if c.s.selected.UIDValidity != st.Validity {
		return 0, &folderError{l.name, errOrphaned} // the next run recognises it
	}
	uids, err := c.s.search(1)
	if err != nil {
		return 0, err
	}
	c.rep.Folders++
	c.rep.Listed += int64(len(uids))
	root := st.root(l.name)
	checks, err := c.account(st, root, uids, samples)
	if err != nil {
		return 0, err
	}
	return c.read(st, root, checks)
}

// A check is an archived message whose octets are to be compared.
type check struct {
	uid uint32
	sum record.Digest
}

// account sets the UIDs of a folder against the ledger, and chooses which
// messages to read: all of them, or so many by chance.
func (c *comparer) account(st *folderState, root string, uids []uint32, samples int) ([]check, error) {
	known := make([]bool, len(uids))
	var checks []check
	archived := 0
	start := prefix(root, st.Validity) + "/"
	for item, err := range c.m.cfg.Ledger.Accounted(c.ctx, prefix(root, st.Validity)) {
		if err != nil {
			return nil, err
		}
		n, err := strconv.ParseUint(strings.TrimPrefix(item.Key, start), 10, 32)
		if err != nil {
			continue // not a message: a chat that was attached to one
		}
		i, there := slices.BinarySearch(uids, uint32(n))
		if !there {
			if item.Archived() {
				c.rep.Gone++
			}
			continue
		}
		known[i] = true
		c.rep.Matched++
		if item.Outcome == record.Failed {
			c.rep.Owed++
		}
		if !item.Archived() || samples == 0 {
			continue
		}
		archived++
		switch chk := (check{uids[i], item.Digest}); {
		case samples < 0 || len(checks) < samples:
			checks = append(checks, chk)
		default: // reservoir sampling: each is chosen with the same chance
			if j := rand.IntN(archived); j < samples {
				checks[j] = chk
			}
		}
	}
	for i, uid := range uids {
		switch {
		case known[i]:
		case uid > st.Last:
			c.rep.Unread++
		default:
			c.rep.Differ(record.DifferenceMissing, key(root, st.Validity, uid))
			st.owe(uid)
		}
	}
	return checks, nil
}

// read compares octets. It returns how many messages it read.
func (c *comparer) read(st *folderState, root string, checks []check) (int, error) {
	slices.SortFunc(checks, func(a, b check) int { return int(int64(a.uid) - int64(b.uid)) })
	for some := range slices.Chunk(checks, c.m.cfg.Window) {
		uids := make([]uint32, len(some))
		sums := make(map[uint32]record.Digest, len(some))
		for i, chk := range some {
			uids[i], sums[chk.uid] = chk.uid, chk.sum
		}
		metas, err := c.s.metas(uids)
		if err != nil {
			return 0, err
		}
		for _, m := range metas {
			if err := c.ctx.Err(); err != nil {
				return 0, err
			}
			sum, err := c.s.digest(m)
			if isRefusal(err) || errors.Is(err, errNoAnswer) {
				continue // it was expunged since it was listed, or cannot be read now
			}
			if err != nil {
				return 0, fmt.Errorf("cannot read a message again: %w", err)
			}
			c.rep.Checked++
			if sum != sums[m.uid] {
				c.rep.Differ(record.DifferenceOctets, key(root, st.Validity, m.uid))
				st.owe(m.uid)
			}
		}
	}
	return len(checks), nil
}

// owe makes a message owed that was never tried, or whose octets are others now.
func (st *folderState) owe(uid uint32) {
	if st.Owed == nil {
		st.Owed = make(map[uint32]owed)
	}
	if _, already := st.Owed[uid]; !already {
		st.Owed[uid] = owed{}
	}
}
