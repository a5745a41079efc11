package search

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/index"
)

// TestAgainstReference compares totals and members of random queries with an
// evaluator that reads every message. CLOSEROLL_REFERENCE=20000,5000 does so at
// full size, with so many messages and queries, in minutes rather than seconds;
// a third number is the seed of another corpus and other queries.
func TestAgainstReference(t *testing.T) {
	messages, queries, seed := 200, 100, uint64(11)
	if size := os.Getenv("CLOSEROLL_REFERENCE"); size != "" {
		if n, err := fmt.Sscanf(size, "%d,%d,%d", &messages, &queries, &seed); n < 2 {
			t.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(2026, seed))
	c := generate(r, messages)
	p := proof{engine: engineOf(t, c), reference: newReference(c), parser: testParser(t)}
	w := writer{r, c}
	hits := 0
	for range queries {
		written := w.query(w.IntN(5))
		var o Options
		if r.IntN(10) == 0 {
			o.Withheld = roaring64.New()
			o.Withheld.AddRange(uint64(r.IntN(messages)), uint64(messages))
		}
		n, err := p.compare(written, o)
		if err != nil {
			t.Fatalf("seed %d: %s:\n%v", seed, written, err)
		}
		if n > 0 {
			hits++
		}
	}
	if hits < queries/3 {
		t.Errorf("only %d of %d queries found anything", hits, queries)
	}
	t.Logf("%d queries over %d messages: %d found something", queries, len(c), hits)
}

// What the proof has found, which a random query meets seldom.
func TestFoundByProof(t *testing.T) {
	say := func(no int, body string) *message {
		return &message{Document: index.Document{No: record.MessageNo(no), Kind: record.Note, Body: body, From: []index.Address{{Name: "A"}}},
			record: record.ID(fmt.Sprint("abc", no)), holdings: []record.Holding{{Source: "office"}}, indexed: true, live: true}
	}
	c := corpus{
		say(1, "flood plan one two plan water"), // the second plan is the one that is near
		say(2, "a note without a copy"), say(3, "another note without a copy"),
		say(4, strings.Repeat("n/a 0 ", 20_000)), // a sheet's empty cells
	}
	p := proof{engine: engineOf(t, c), reference: newReference(c), parser: testParser(t)}
	for query, want := range map[string]int{
		`"flood plan"~9 NEAR/0 water`:                 1,
		`water NEAR/0 ("flood plan"~9 OR none)`:       1,
		`("flood plan"~9 NEAR/9 two) NEAR/0 water`:    0,
		`"flood two"~9 NEAR/0 plan`:                   1,
		`subject:="flood plan" OR body:=“flood plan”`: 1,
		"note NEAR/5 copy":                            2,
		"n/a NEAR/100 0":                              1,
	} {
		if n, err := p.compare(query, Options{}); err != nil || n != want {
			t.Errorf("%s: %d, not %d: %v", query, n, want, err)
		}
	}
}

// What only searching shows to be at fault with a query is said in its words;
// what is not its fault is not laid to it.
func TestRefused(t *testing.T) {
	q := &Query{Source: "a*b"}
	for err, laid := range map[error]bool{&index.PatternError{Err: errors.New("10000 states")}: true, index.ErrTooDense: true, context.Canceled: false} {
		var syntax *SyntaxError
		got := q.refused(fmt.Errorf("searching: %w", err))
		if errors.As(got, &syntax) != laid || laid && syntax.Hint == "" || !laid && !errors.Is(got, err) {
			t.Errorf("%v becomes %v", err, got)
		}
	}
}

// A proof holds an engine to the reference.
type proof struct {
	engine    *Engine
	reference *reference
	parser    Parser
}

// compare returns the total on which both agree.
func (p proof) compare(written string, o Options) (int, error) {
	q, err := p.parser.Parse(written)
	if err != nil {
		return 0, err
	}
	got, err := p.engine.Search(context.Background(), q, o)
	if err != nil {
		return 0, err
	}
	want := p.reference.answer(q, o.Withheld)
	for _, set := range []struct {
		name      string
		want, got *roaring64.Bitmap
	}{
		{"hits", want.Hits, got.Hits}, {"to be dated", want.ToBeDated, got.ToBeDated}, {"unindexed", want.Unindexed, got.Unindexed},
		{"unsearched", want.Unsearched, got.Unsearched}, {"in quarantine", want.Quarantine, got.Quarantine}, {"hidden", want.Hidden, got.Hidden},
	} {
		if !set.want.Equals(set.got) {
			return 0, fmt.Errorf("%s\n%s: misses %v, has too many %v", q, set.name, few(roaring64.AndNot(set.want, set.got)), few(roaring64.AndNot(set.got, set.want)))
		}
	}
	if got.Total != want.Total || got.Messages != want.Messages || got.Groups.AndCardinality(got.Hits) != uint64(want.Messages) {
		return 0, fmt.Errorf("%s\n%d copies of %d messages, not %d of %d", q, got.Total, got.Messages, want.Total, want.Messages)
	}
	if !reflect.DeepEqual(got.ByKind, want.ByKind) || !reflect.DeepEqual(got.OfKind, want.OfKind) {
		return 0, fmt.Errorf("%s\nby kind %v and %v, not %v and %v", q, got.ByKind, got.OfKind, want.ByKind, want.OfKind)
	}
	return got.Total, nil
}

// few is the first of a set.
func few(set *roaring64.Bitmap) []uint64 {
	all := set.ToArray()
	return all[:min(len(all), 10)]
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
	at := func(no int, custodian string, m message) *message {
		m.No, m.Kind, m.live = record.MessageNo(no), record.Email, true
		m.record, m.holdings = record.ID(fmt.Sprint("abc", no)), []record.Holding{{Source: "office", Custodian: custodian}}
		return &m
	}
	dated := index.Document{Body: "flood", From: []index.Address{{Name: "A"}}, Sent: parseTime(t, "2026-05-14")}
	undated := dated
	undated.Sent = undated.Sent.AddDate(10, 0, 0)
	undated.Suspect = true
	c := corpus{
		at(1, "minister", message{Document: dated, indexed: true}),
		at(2, "minister", message{Document: undated, indexed: true}),
		at(3, "minister", message{Document: dated}),
		at(4, "minister", message{Document: index.Document{Body: "see attached", From: dated.From, Sent: dated.Sent}, indexed: true, unsearchable: true}),
		at(5, "adviser", message{Document: dated, indexed: true}),
	}
	e := engineOf(t, c)
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
