package catalog_test

import (
	"flag"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
)

// A joinModel says what joins of chats mean: what comparing two of them has
// shown holds exactly while they are joined.
type joinModel struct {
	log    *log
	groups []byte // of each message, by number
	places map[record.ID]int
	into   map[string]string
	copies []record.ChatCopies
	told   []record.Notice
}

func (m *joinModel) root(chat string) string {
	for m.into[chat] != "" {
		chat = m.into[chat]
	}
	return chat
}

// counted is how many messages a reader counts.
func (m *joinModel) counted() int {
	parent := map[byte]byte{}
	var find func(g byte) byte
	find = func(g byte) byte {
		if p, ok := parent[g]; ok && p != g {
			return find(p)
		}
		return g
	}
	for _, c := range m.copies {
		if m.root(c.Chat) != m.root(c.With) {
			continue
		}
		for _, r := range c.Runs {
			for i := range r.Count {
				parent[find(m.groups[m.places[r.A]+r.AFrom+i-1])] = find(m.groups[m.places[r.B]+r.BFrom+i-1])
			}
		}
	}
	all := map[byte]bool{}
	for _, g := range m.groups[1:] {
		all[find(g)] = true
	}
	return len(all)
}

// marked is the messages that findings in force have marked.
func (m *joinModel) marked() []uint64 {
	all := map[uint64]bool{}
	for _, n := range m.told {
		if n.Joined != "" && m.root(n.Chat) != m.root(n.Joined) {
			continue
		}
		for _, r := range n.Finding.A {
			for i := r.From; i <= r.To; i++ {
				all[uint64(m.places[r.Record]+i-1)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func (m *joinModel) step(t *rapid.T) {
	chats := []string{"a", "b", "c"}
	pair := rapid.Permutation(chats).Draw(t, "chats")
	n := len(m.places) + 1
	run := func(label string) (record.ID, int) {
		id := rapid.SampledFrom(slices.SortedFunc(maps.Keys(m.places), func(a, b record.ID) int { return m.places[a] - m.places[b] })).Draw(t, label)
		return id, rapid.IntRange(1, 3).Draw(t, label+" from")
	}
	switch kind := rapid.IntRange(0, 4).Draw(t, "step"); {
	case kind == 0 || n == 1:
		m.places[id(n)] = int(m.log.no) + 1
		var of []sentMessage
		for range 4 {
			of = append(of, sentMessage{group: byte(rapid.IntRange(1, 12).Draw(t, "group")), custodian: "a"})
			m.groups = append(m.groups, of[len(of)-1].group)
		}
		m.log.copies(n, of...)
	case kind == 1:
		body := record.ChatCopies{Chat: pair[0], With: pair[1], Runs: []record.CopyRun{{Count: rapid.IntRange(1, 2).Draw(t, "count")}}}
		body.Runs[0].A, body.Runs[0].AFrom = run("a")
		body.Runs[0].B, body.Runs[0].BFrom = run("b")
		m.copies = append(m.copies, body)
		m.log.add(record.EntryChatCopies, body)
	case kind == 2:
		if m.into[pair[0]] == "" && m.root(pair[1]) != pair[0] {
			m.into[pair[0]] = pair[1]
			m.log.add(record.EntryChatJoined, record.ChatJoined{Chat: pair[0], Into: pair[1], Reason: "so"})
		}
	case kind == 3:
		delete(m.into, pair[0])
		m.log.add(record.EntryChatParted, record.ChatParted{Chat: pair[0], Reason: "not so"})
	default:
		notice := record.Notice{Chat: pair[0], Kind: "vanished", Finding: &record.Finding{Flag: record.FlagVanished}}
		if rapid.Bool().Draw(t, "across") {
			notice.Joined = pair[1]
		}
		where, from := run("marked")
		notice.Finding.A = []record.MessageRun{{Record: where, From: from, To: from + 1}}
		m.told = append(m.told, notice)
		m.log.add(record.EntryNotice, notice)
	}
}

// TestJoinsAreExact takes chats through joins, partings and comparisons in any
// order, and applies what the journal says of it in any pieces.
func TestJoinsAreExact(t *testing.T) {
	fewer(t, "25")
	dir, run := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		m := &joinModel{log: &log{t: t}, groups: []byte{0}, places: map[record.ID]int{}, into: map[string]string{}}
		run++
		c := open(t, filepath.Join(dir, fmt.Sprint(run)))
		defer c.Close()
		for range rapid.IntRange(1, 16).Draw(rt, "steps") {
			m.step(rt)
			if rapid.IntRange(0, 5).Draw(rt, "apply") == 0 {
				apply(t, c, m.log.entries)
				m.check(rt, c)
			}
		}
		apply(t, c, m.log.entries)
		m.check(rt, c)
		if rapid.IntRange(0, 3).Draw(rt, "again") > 0 {
			return
		}
		again := open(t, filepath.Join(dir, fmt.Sprint(run, "again")))
		defer again.Close()
		apply(t, again, m.log.entries)
		if diff := cmp.Diff(dump(t, c), dump(t, again)); diff != "" {
			rt.Fatalf("made anew it differs:\n%s", diff)
		}
	})
}

// fewer makes rapid try a test less often than it does unless told: a catalog is
// a sealed database, and making one takes its time.
func fewer(t *testing.T, checks string) {
	f := flag.Lookup("rapid.checks")
	if was := f.Value.String(); was == f.DefValue {
		must(t, f.Value.Set(checks))
		t.Cleanup(func() { must(t, f.Value.Set(was)) })
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func dump(t *testing.T, c *catalog.Catalog) map[string][]string {
	d, err := c.Dump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (m *joinModel) check(t *rapid.T, c *catalog.Catalog) {
	ctx := m.log.t.Context()
	live, err := c.Live(ctx)
	if err != nil {
		t.Fatal(err)
	}
	groups, err := c.Group(ctx, live)
	if err != nil || int(groups.GetCardinality()) != m.counted() {
		t.Fatalf("%d messages, want %d: %v", groups.GetCardinality(), m.counted(), err)
	}
	for it := groups.Iterator(); it.HasNext(); { // each is among its own copies, and alone of its kind there
		no := it.Next()
		message, err := c.Message(ctx, record.MessageNo(no))
		if err != nil {
			t.Fatal(err)
		}
		copies, err := c.CopiesOf(ctx, string(message.ID.Record), message.ID.N)
		if err != nil || !copies.Contains(no) || copies.AndCardinality(groups) != 1 {
			t.Fatalf("message %d has the copies %v: %v", no, copies.ToArray(), err)
		}
	}
	marked, err := c.Match(ctx, catalog.PropIs, "vanished")
	if err != nil || !slices.Equal(marked.ToArray(), m.marked()) {
		t.Fatalf("marked are %v, want %v: %v", marked.ToArray(), m.marked(), err)
	}
}
