package catalog

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
)

// What comparing the parts of a joined chat has shown is in force while they
// are joined: that messages of two parts are one, and what is found of them.
// The tables keep both for good; what follows of them is made anew, in the same
// transaction, whenever a join is made or taken back, so that taking one back is
// exact.

// propJoined has the marks of messages that findings across a join set.
const propJoined = "joined"

// chatCopies keeps which messages of two chats are the same.
func (f *fold) chatCopies(e Entry, c record.ChatCopies) error {
	f.rejoin = true
	runs, err := jsonText(c.Runs)
	if err != nil {
		return err
	}
	return f.exec(`INSERT INTO chat_copies (entry, chat, other, runs) VALUES (?, ?, ?, ?)`, e.Index, c.Chat, c.With, runs)
}

// joins follows a chat to the one that it is shown with.
type joins map[string]string

func (j joins) root(chat string) string {
	for range len(j) {
		into, joined := j[chat]
		if !joined {
			break
		}
		chat = into
	}
	return chat
}

// rejoined makes anew what follows of the joins in force.
func (f *fold) rejoined() error {
	pairs, err := collect(f.ctx, f.tx, func(s scanner) (p [2]string, err error) { return p, s.Scan(&p[0], &p[1]) }, `SELECT chat, part_of FROM chat_joins`)
	if err != nil {
		return err
	}
	j := make(joins)
	for _, p := range pairs {
		j[p[0]] = p[1]
	}
	if err := f.rejoinCopies(j); err != nil {
		return err
	}
	return f.rejoinFindings(j)
}

// rejoinCopies gives the copy groups that are one under the joins a leader in
// common: the first of their leaders.
func (f *fold) rejoinCopies(j joins) error {
	type kept struct{ chat, other, runs string }
	all, err := collect(f.ctx, f.tx, func(s scanner) (k kept, err error) { return k, s.Scan(&k.chat, &k.other, &k.runs) },
		`SELECT chat, other, runs FROM chat_copies ORDER BY entry`)
	if err != nil {
		return err
	}
	groups := make(merged)
	for _, k := range all {
		if j.root(k.chat) != j.root(k.other) {
			continue
		}
		var runs []record.CopyRun
		if err := json.Unmarshal([]byte(k.runs), &runs); err != nil {
			return err
		}
		for _, r := range runs {
			if err := f.mergeRun(groups, r); err != nil {
				return err
			}
		}
	}
	if err := f.exec(`DELETE FROM joined_leaders`); err != nil {
		return err
	}
	copies := make(map[int64][]byte) // by the lowest leader: of the first that is still there
	for _, leader := range groups.members() {
		first := groups.first(leader)
		if copies[first] == nil {
			var digest []byte
			if _, err := f.one([]any{&digest}, `SELECT copy FROM messages WHERE no = ?`, leader); err != nil {
				return err
			}
			copies[first] = digest
		}
	}
	for _, leader := range groups.members() {
		first := groups.first(leader)
		if err := f.exec(`INSERT INTO joined_leaders (leader, joined, copy) VALUES (?, ?, ?)`, leader, first, copies[first]); err != nil {
			return err
		}
	}
	return nil
}

// mergeRun makes the copy groups of a run's messages one, pair by pair.
func (f *fold) mergeRun(groups merged, r record.CopyRun) error {
	a, err := f.leaders(r.A, r.AFrom, r.Count)
	if err != nil {
		return err
	}
	b, err := f.leaders(r.B, r.BFrom, r.Count)
	if err != nil {
		return err
	}
	for i := range min(len(a), len(b)) {
		groups.merge(a[i], b[i])
	}
	return nil
}

// leaders returns the leaders of the copy groups of a record's messages; of one
// that was disposed of, the messages themselves.
func (f *fold) leaders(id record.ID, from, count int) ([]int64, error) {
	var first int64
	var has int
	found, err := f.one([]any{&first, &has}, `SELECT first, count FROM records WHERE id = ?`, string(id))
	if err != nil || !found || from < 1 || from > has {
		return nil, err
	}
	count = min(count, has-from+1)
	out := make([]int64, max(count, 0))
	for i := range out {
		out[i] = first + int64(from-1+i)
		var leader int64
		if found, err := f.one([]any{&leader}, `SELECT coalesce(leader, no) FROM messages WHERE no = ?`, out[i]); err != nil {
			return nil, err
		} else if found {
			out[i] = leader
		}
	}
	return out, nil
}

// merged is a forest of leaders; the root of each tree is its lowest number.
type merged map[int64]int64

func (m merged) first(n int64) int64 {
	for {
		up, ok := m[n]
		if !ok || up == n {
			return n
		}
		if next, ok := m[up]; ok {
			m[n] = next
		}
		n = up
	}
}

func (m merged) merge(a, b int64) {
	a, b = m.first(a), m.first(b)
	if a == b {
		return
	}
	m[max(a, b)], m[min(a, b)] = min(a, b), min(a, b)
}

func (m merged) members() []int64 {
	all := make([]int64, 0, len(m))
	for n := range m {
		all = append(all, n)
	}
	slices.Sort(all)
	return all
}

// rejoinFindings puts the findings across joins into force or out of it, and
// sets their marks.
func (f *fold) rejoinFindings(j joins) error {
	type kept struct {
		entry                 int64
		chat, joined, finding string
	}
	all, err := collect(f.ctx, f.tx, func(s scanner) (k kept, err error) { return k, s.Scan(&k.entry, &k.chat, &k.joined, &k.finding) },
		`SELECT entry, chat, joined, finding FROM notices WHERE joined != '' ORDER BY entry`)
	if err != nil {
		return err
	}
	for _, flag := range record.FindingFlags() {
		f.bits.removeRange(propJoined, string(flag), 1, int(f.lastNo))
	}
	for _, k := range all {
		live := j.root(k.chat) == j.root(k.joined)
		if err := f.exec(`UPDATE notices SET live = ? WHERE entry = ?`, live, k.entry); err != nil {
			return err
		}
		var finding *record.Finding
		if err := json.Unmarshal([]byte(k.finding), &finding); err != nil {
			return err
		}
		if live && finding != nil {
			if err := f.markFinding(propJoined, finding); err != nil {
				return err
			}
		}
	}
	return nil
}

// markFinding sets a finding's flag on its messages.
func (f *fold) markFinding(property string, finding *record.Finding) error {
	if finding.Flag == "" {
		return nil
	}
	for _, run := range append(slices.Clone(finding.A), finding.B...) {
		if err := f.mark(property, finding.Flag, run); err != nil {
			return err
		}
	}
	return nil
}

// A joinedGroup is where a copy group belongs under the joins in force.
type joinedGroup struct {
	leader uint64
	copy   []byte // the digest of the whole
}

func (c *Catalog) joinedGroups(ctx context.Context) (map[uint64]joinedGroup, error) {
	type kept struct {
		leader int64
		group  joinedGroup
	}
	all, err := collect(ctx, c.read, func(s scanner) (k kept, err error) {
		var joined int64
		err = s.Scan(&k.leader, &joined, &k.group.copy)
		k.group.leader = uint64(joined)
		return k, err
	}, `SELECT leader, joined, copy FROM joined_leaders`)
	groups := make(map[uint64]joinedGroup, len(all))
	for _, k := range all {
		groups[uint64(k.leader)] = k.group
	}
	return groups, err
}

// group returns the digest by which a message's copies are known under the joins
// in force; raw is its own.
func (k known) groupOf(no uint64, raw []byte) []byte {
	if g, ok := k.joined[k.base(no)]; ok && g.copy != nil {
		return g.copy
	}
	return raw
}

// withJoined adds to messages those that are copies of them under the joins in
// force, and are kept. It reads what is in memory, and nothing if there is no join.
func (c *Catalog) withJoined(ctx context.Context, set *roaring64.Bitmap) error {
	k, err := c.known(ctx)
	if err != nil || len(k.joined) == 0 {
		return err
	}
	wanted := make(map[uint64]bool)
	for it := set.Iterator(); it.HasNext(); {
		if no := it.Next(); k.joined[k.base(no)].leader != 0 {
			wanted[k.leader(no)] = true
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	live, err := c.Live(ctx)
	if err != nil {
		return err
	}
	for it := live.Iterator(); it.HasNext(); {
		if no := it.Next(); wanted[k.leader(no)] {
			set.Add(no)
		}
	}
	return nil
}
