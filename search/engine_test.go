package search

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/index"
)

// indexOf indexes a corpus in several batches.
func indexOf(t testing.TB, c corpus) *index.Index {
	t.Helper()
	ix, err := index.Open(context.Background(), slog.New(slog.DiscardHandler), filepath.Join(t.TempDir(), "index"), make([]byte, index.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ix.Close(); err != nil {
			t.Error(err)
		}
	})
	var docs []*index.Document
	for _, m := range c {
		if m.indexed {
			docs = append(docs, &m.Document)
		}
	}
	for batch := range slices.Chunk(docs, max(len(docs)/7, 1)) {
		if err := ix.Add(context.Background(), batch); err != nil {
			t.Fatal(err)
		}
	}
	return ix
}

// A verdict is what the reference evaluator says of one message and one
// condition: the four sets of evaluate.go, message by message.
type verdict struct{ narrow, yes, possible, wide bool }

func decided(b bool) verdict { return verdict{b, b, b, b} }

// judge decides a query for one message from its own text, without any index.
func judge(m *message, n Node) verdict {
	switch n := n.(type) {
	case All:
		return decided(true)
	case And:
		v := decided(true)
		for _, c := range n {
			w := judge(m, c)
			v = verdict{v.narrow && w.narrow, v.yes && w.yes, v.possible && w.possible, v.wide && w.wide}
		}
		return v
	case Or:
		v := decided(false)
		for _, c := range n {
			w := judge(m, c)
			v = verdict{v.narrow || w.narrow, v.yes || w.yes, v.possible || w.possible, v.wide || w.wide}
		}
		return v
	case Not:
		v := judge(m, n.Node)
		return verdict{!v.wide, !v.possible, !v.yes, !v.narrow}
	case Property:
		switch n.String() {
		case "is:undated":
			return decided(m.undated())
		case "is:unsearchable":
			return decided(m.unsearchable)
		}
		return decided(m.has(n.Name, n.Value))
	case ID:
		return decided(strings.HasPrefix(m.id, n.Prefix))
	case Copies:
		return decided(m.copyOf(n.Prefix, n.N))
	case Dates:
		if n.Field == "sent" {
			open := m.undated()
			met := !open && inRange(m.Sent, n.From, n.Until)
			return verdict{met, met, met || open, met || open}
		}
		return m.judgeIndexed(inRange(m.Captured, n.From, n.Until), false)
	case Size:
		return m.judgeIndexed(m.Size > 0 && m.Size >= n.Min && (n.Max == 0 || m.Size < n.Max), false)
	case Has:
		return m.judgeIndexed(m.attached(n.What), m.headless())
	case Text:
		unread := m.headless()
		if n.Field == "" || n.Field == "body" || n.Field == "attachment" {
			unread = m.unsearchable
		}
		return m.judgeIndexed(m.contains(n), unread)
	}
	panic("a node of a kind that the reference does not know")
}

func (m *message) headless() bool { return m.unsearchable && (len(m.From) == 0 || !m.indexed) }

func (m *message) judgeIndexed(met, unread bool) verdict {
	met = met && m.indexed
	possible := met || !m.indexed
	return verdict{met, met, possible, possible || unread}
}

func (m *message) attached(what string) bool {
	return slices.ContainsFunc(m.Attachments, func(a index.Attachment) bool {
		return what == "attachment" || strings.HasPrefix(a.MediaType, what+"/") || strings.HasSuffix(a.Name, "."+what)
	})
}

// contains looks for a pattern in the message's texts, word by word.
func (m *message) contains(n Text) bool {
	fields := anyField()
	if f, ok := fieldNamed(n.Field); ok {
		fields = f.in
	}
	return slices.ContainsFunc(fields, func(f index.Field) bool {
		return slices.ContainsFunc(m.words(f), func(t text) bool { return found(f, t, n.Pattern) })
	})
}

func (m *message) texts(f index.Field) []string {
	var all []string
	switch f {
	case index.Subject:
		return []string{m.Subject}
	case index.Body:
		return []string{m.Body}
	case index.Attachments:
		for _, a := range m.Attachments {
			all = append(all, a.Name, a.Text)
		}
	case index.From, index.To:
		for _, a := range map[index.Field][]index.Address{index.From: m.From, index.To: m.To}[f] {
			all = append(all, a.Name+" "+a.Addr)
		}
	}
	return all
}

// A text is a text of a message, cut into words.
type text struct {
	written string
	words   []index.Token
}

// words returns the texts of a field, which are cut once.
func (m *message) words(f index.Field) []text {
	if m.cut == nil {
		m.cut = make(map[index.Field][]text)
	}
	all, ok := m.cut[f]
	if !ok {
		for _, s := range m.texts(f) {
			all = append(all, text{s, slices.Collect(index.Tokens(s))})
		}
		m.cut[f] = all
	}
	return all
}

func found(f index.Field, t text, p index.Pattern) bool {
	if f.IsAddress() {
		if phrase, ok := p.(index.Phrase); ok && isWholeAddress(phrase.Text) {
			return strings.HasSuffix(t.written, " "+phrase.Text)
		}
		p = exactly(p)
	}
	return len(index.Find(p, t.words)) > 0
}

// exactly is the pattern with every word in its exact form, as address fields
// take it.
func exactly(p index.Pattern) index.Pattern {
	switch p := p.(type) {
	case index.Word:
		return index.Word{Text: p.Text, Exact: true}
	case index.Any:
		var all index.Any
		for _, a := range p {
			all = append(all, exactly(a))
		}
		return all
	case index.Near:
		return index.Near{A: exactly(p.A), B: exactly(p.B), Distance: p.Distance, Ordered: p.Ordered}
	}
	return p
}

// TestAgainstReference compares totals and members of random queries with an
// evaluator that reads every message. CLOSEROLL_REFERENCE=20000,5000 does so at
// full size, with so many messages and queries, in minutes rather than seconds.
func TestAgainstReference(t *testing.T) {
	messages, queries := 300, 800
	if size := os.Getenv("CLOSEROLL_REFERENCE"); size != "" {
		if _, err := fmt.Sscanf(size, "%d,%d", &messages, &queries); err != nil {
			t.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(2026, 11))
	c := generate(r, messages)
	engine := New(c, indexOf(t, c))
	hits := 0
	for i := range queries {
		written := query(r, r.IntN(4))
		q, err := testParser(t).Parse(written)
		if err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		a, err := engine.Search(context.Background(), q, Options{})
		if err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		want := reference(c, q)
		for name, pair := range map[string][2]*roaring64.Bitmap{
			"hits": {want.Hits, a.Hits}, "to be dated": {want.ToBeDated, a.ToBeDated},
			"unindexed": {want.Unindexed, a.Unindexed}, "unsearched": {want.Unsearched, a.Unsearched},
		} {
			if !pair[0].Equals(pair[1]) {
				missed, extra := roaring64.AndNot(pair[0], pair[1]), roaring64.AndNot(pair[1], pair[0])
				t.Fatalf("query %d, %s:\n%s: misses %v, has too many %v", i, q, name, missed, extra)
			}
		}
		if a.Total != int(want.Hits.GetCardinality()) {
			t.Fatalf("%s: total %d, %d hits", q, a.Total, want.Hits.GetCardinality())
		}
		checkGroups(t, c, a)
		if a.Total > 0 {
			hits++
		}
	}
	if hits < queries/3 {
		t.Errorf("only %d of %d queries found anything", hits, queries)
	}
}

// checkGroups holds the number of messages to what it says: the copy groups
// that the hits are of.
func checkGroups(t *testing.T, c corpus, a *Answer) {
	t.Helper()
	groups := map[int]bool{}
	for _, m := range c {
		if a.Hits.Contains(uint64(m.No)) {
			groups[m.group()] = true
		}
	}
	if a.Messages != len(groups) || a.Groups.AndCardinality(a.Hits) != a.Groups.GetCardinality() {
		t.Fatalf("%s: %d messages, %d groups, of %d hits", a.Parsed, a.Messages, len(groups), a.Total)
	}
}

func reference(c corpus, q *Query) *Answer {
	a := &Answer{Hits: roaring64.New(), ToBeDated: roaring64.New(), Unindexed: roaring64.New(), Unsearched: roaring64.New()}
	for _, m := range c {
		if !m.live {
			continue
		}
		switch v := judge(m, q.Root); {
		case v.yes:
			a.Hits.Add(uint64(m.No))
		case v.possible && !m.indexed:
			a.Unindexed.Add(uint64(m.No))
		case v.possible:
			a.ToBeDated.Add(uint64(m.No))
		case v.wide:
			a.Unsearched.Add(uint64(m.No))
		}
	}
	return a
}

func parseTime(t *testing.T, day string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02", day)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func search(t *testing.T, e *Engine, written string, o Options) *Answer {
	t.Helper()
	q, err := testParser(t).Parse(written)
	if err != nil {
		t.Fatal(err)
	}
	a, err := e.Search(context.Background(), q, o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAnswer(t *testing.T) {
	at := func(no int, m message) *message {
		m.No, m.Kind, m.live = record.MessageNo(no), record.Email, true
		return &m
	}
	dated := index.Document{Body: "flood", From: []index.Address{{Name: "A"}}, Sent: parseTime(t, "2026-05-14")}
	undated := dated
	undated.Sent = undated.Sent.AddDate(10, 0, 0)
	undated.Suspect = true
	c := corpus{
		at(1, message{Document: dated, indexed: true, custodian: "minister"}),
		at(2, message{Document: undated, indexed: true, custodian: "minister"}),
		at(3, message{Document: dated, custodian: "minister"}),
		at(4, message{Document: index.Document{Body: "see attached", From: dated.From, Sent: dated.Sent}, indexed: true, unsearchable: true, custodian: "minister"}),
		at(5, message{Document: dated, indexed: true, custodian: "adviser"}),
	}
	e := New(c, indexOf(t, c))
	for _, tt := range []struct {
		query                                  string
		total, undecided, searched, notIndexed int
	}{
		{"flood sent:2026-05 custodian:minister", 1, 1, 1, 1},
		{"flood sent:2026-06", 0, 1, 0, 0},
		{"flood NOT sent:2026-06", 2, 1, 1, 1},
		{"NOT flood", 1, 0, 0, 1}, // what was indexed of message 4 does not say flood
		{"sent:2026-05", 4, 1, 0, 0},
		{"custodian:adviser", 1, 0, 0, 0},
		{"*", 5, 0, 0, 0},
	} {
		a := search(t, e, tt.query, Options{})
		got := [4]int{a.Total, a.DateUndecided, a.NotSearched, a.NotIndexed}
		if want := [4]int{tt.total, tt.undecided, tt.searched, tt.notIndexed}; got != want {
			t.Errorf("%s: total, undecided, not searched, not indexed: %v, not %v", tt.query, got, want)
		}
	}
	a := search(t, e, "flood", Options{Withheld: roaring64.BitmapOf(1, 3)})
	if a.Total != 2 || a.Withheld != 1 || a.WithheldOpen != 1 || a.Hits.Contains(1) || a.NotIndexed != 0 {
		t.Errorf("with withheld messages: %+v", a)
	}
	if a.Coverage.Complete || a.Coverage.String() != "INCOMPLETE: 4 of 5 messages indexed" {
		t.Errorf("coverage: %v", a.Coverage)
	}
	if a := search(t, e, "custodian:minster", Options{}); a.Total != 0 || len(a.Notices) != 1 || !strings.Contains(a.Notices[0].Text, "there is minister") {
		t.Errorf("a slip in a value: %v", a.Notices)
	}
}
