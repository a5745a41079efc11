package search

import (
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/language"
	"github.com/closeroll/closeroll/search/index"
)

// The reference evaluator answers a query by reading every message, one after
// the other: no postings, no segments, no sets. It shares with the engine what
// defines the language (how a text is cut into words, what a stem is, how a
// query is parsed) and nothing of how that is answered. Texts are cut once and
// their words numbered, so that it can be asked thousands of times.
type reference struct {
	corpus corpus
	pages  [][][]page        // by message and by the place of the field in anyField
	langs  []index.Languages // by message
	words  []string          // each once
	number map[string]int32
	fits   map[string]set // what was asked of words before
}

// A page is a text of a message, cut into words.
type page struct {
	words []int32
	langs language.Set // that it is read in
	addr  string       // of an address: the whole of it
}

// A set says of every word whether it is meant.
type set []bool

func newReference(c corpus) *reference {
	r := &reference{corpus: c, number: make(map[string]int32), fits: make(map[string]set)}
	detector := language.NewDetector()
	for _, m := range c {
		var pages [][]page
		langs := index.LanguagesOf(detector, &m.Document)
		r.langs = append(r.langs, langs)
		for _, f := range anyField() {
			pages = append(pages, r.cut(m, f, langs))
		}
		r.pages = append(r.pages, pages)
	}
	return r
}

func (r *reference) cut(m *message, f index.Field, langs index.Languages) (all []page) {
	add := func(text, addr string, langs language.Set) {
		p := page{langs: langs, addr: strings.ToLower(addr)}
		for t := range index.Tokens(text) {
			no, ok := r.number[t.Exact]
			if !ok {
				no = int32(len(r.words))
				r.number[t.Exact], r.words = no, append(r.words, t.Exact)
			}
			p.words = append(p.words, no)
		}
		all = append(all, p)
	}
	switch f {
	case index.Subject:
		add(m.Subject, "", langs.Subject)
	case index.Body:
		add(m.Body, "", langs.Body)
	case index.Chat:
		add(m.Chat, "", langs.Chat)
	case index.Attachments:
		for i, a := range m.Attachments {
			add(a.Name, "", langs.Attachments[i])
			add(a.Text, "", langs.Attachments[i])
		}
	}
	for _, a := range map[index.Field][]index.Address{index.From: m.From, index.To: m.To, index.Cc: m.Cc, index.Bcc: m.Bcc}[f] {
		add(a.Name+" "+a.Addr, a.Addr, 0)
	}
	return all
}

// answer judges every message, on all processors.
func (r *reference) answer(q *Query, withheld *roaring64.Bitmap) *Answer {
	judged := make([]verdict, len(r.corpus))
	judge := r.judge(q.Root)
	var wait sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wait.Go(func() {
			for i := len(judged) * w / workers; i < len(judged)*(w+1)/workers; i++ {
				judged[i] = judge(i)
			}
		})
	}
	wait.Wait()
	a := &Answer{Hits: roaring64.New(), ToBeDated: roaring64.New(), Unindexed: roaring64.New(), Unsearched: roaring64.New(),
		Quarantine: roaring64.New(), Hidden: roaring64.New(), ByKind: make(map[record.Kind]int), OfKind: make(map[record.Kind]int)}
	groups := make(map[int]bool)
	for i, v := range judged {
		if m := r.corpus[i]; m.live {
			r.place(a, m, v, withheld, groups)
		}
	}
	return a
}

// place puts a message where its verdict belongs.
func (r *reference) place(a *Answer, m *message, v verdict, withheld *roaring64.Bitmap, groups map[int]bool) {
	no := uint64(m.No)
	var into *roaring64.Bitmap
	switch {
	case v&yes != 0:
		into = a.Hits
	case v&possible != 0 && !m.indexed && m.quarantined:
		into = a.Quarantine
	case v&possible != 0 && !m.indexed:
		into = a.Unindexed
	case v&possible != 0:
		into = a.ToBeDated
	case v&wide != 0:
		into = a.Unsearched
	default:
		return
	}
	if withheld != nil && withheld.Contains(no) {
		a.Hidden.Add(no)
		return
	}
	into.Add(no)
	if into != a.Hits {
		return
	}
	a.Total++
	a.ByKind[m.Kind]++
	group := m.copy
	if group == 0 {
		group = -int(m.No)
	}
	if !groups[group] {
		groups[group] = true
		a.Messages++
		a.OfKind[m.Kind]++
	}
}

// A verdict is what is said of one message and one condition: whether it is in
// each of the four sets of evaluate.go.
type verdict uint8

const (
	narrow verdict = 1 << iota
	yes
	possible
	wide
	nothing verdict = 0
	all             = narrow | yes | possible | wide
)

func decided(met bool) verdict {
	if met {
		return all
	}
	return nothing
}

// not turns a verdict round: what it certainly is not, and what it may not be.
func (v verdict) not() verdict {
	v = ^v & all
	return v&narrow<<3 | v&yes<<1 | v&possible>>1 | v&wide>>3
}

// ofIndex is the verdict on a condition that only the index can decide; unread
// says that text of the message which nobody could read might meet it.
func ofIndex(m *message, met, unread bool) verdict {
	switch {
	case !m.indexed:
		return possible | wide
	case met:
		return all
	case unread:
		return wide
	}
	return nothing
}

func (m *message) headless() bool { return m.unsearchable && (len(m.From) == 0 || !m.indexed) }

// judge returns what decides a part of a query for the message at a place of
// the corpus.
func (r *reference) judge(n Node) func(i int) verdict {
	switch n := n.(type) {
	case And:
		return r.judgeEach(n, all, func(v, w verdict) verdict { return v & w })
	case Or:
		return r.judgeEach(n, nothing, func(v, w verdict) verdict { return v | w })
	case Not:
		inner := r.judge(n.Node)
		return func(i int) verdict { return inner(i).not() }
	case Text:
		return r.judgeText(n)
	case ID:
		named := r.named(n)
		return func(i int) verdict { return decided(named[i]) }
	case Copies:
		return r.judgeCopies(n)
	case Property:
		switch n.Name {
		case "thread":
			return r.judgeThread(n.Value)
		case "lang":
			return r.judgeLanguage(n.Value)
		}
	}
	return func(i int) verdict { return r.corpus[i].judge(n) }
}

func (r *reference) judgeEach(nodes []Node, start verdict, join func(v, w verdict) verdict) func(int) verdict {
	var parts []func(int) verdict
	for _, n := range nodes {
		parts = append(parts, r.judge(n))
	}
	return func(i int) verdict {
		v := start
		for _, judge := range parts {
			v = join(v, judge(i))
		}
		return v
	}
}

// judge decides what a message says of itself outside its words.
func (m *message) judge(n Node) verdict {
	switch n := n.(type) {
	case All:
		return all
	case Property:
		return m.judgeProperty(n)
	case Dates:
		switch {
		case n.Field == "received":
			return ofIndex(m, !m.Received.IsZero() && inRange(m.Received, n.From, n.Until), false)
		case n.Field == "captured":
			return ofIndex(m, inRange(m.Captured, n.From, n.Until), false)
		case m.undated():
			return possible | wide
		}
		return decided(inRange(m.Sent, n.From, n.Until))
	case Size:
		return ofIndex(m, m.Size > 0 && m.Size >= n.Min && (n.Max == 0 || m.Size < n.Max), false)
	case Has:
		return ofIndex(m, m.attached(n.What), m.headless())
	case MessageID:
		return ofIndex(m, slices.ContainsFunc(append(m.References, m.MessageID), func(id string) bool {
			return strings.EqualFold(strings.Trim(id, "<>"), n.ID)
		}), m.headless())
	}
	panic("a node of a kind that the reference does not know")
}

func inRange(t, from, until time.Time) bool {
	return (from.IsZero() || !t.Before(from)) && (until.IsZero() || t.Before(until))
}

func (m *message) attached(what string) bool {
	return slices.ContainsFunc(m.Attachments, func(a index.Attachment) bool {
		family, _, _ := strings.Cut(a.MediaType, "/")
		return what == "attachment" || what == family || what == a.MediaType || strings.EqualFold("."+what, path.Ext(a.Name))
	})
}

func (m *message) judgeProperty(n Property) verdict {
	if n.Name != "is" {
		stem, prefix := strings.CutSuffix(strings.ToLower(n.Value), "*")
		return decided(slices.ContainsFunc(m.values(n.Name), func(v string) bool {
			v = strings.ToLower(v)
			return v == stem || prefix && strings.HasPrefix(v, stem)
		}))
	}
	switch n.Value {
	case "undated":
		return decided(m.undated())
	case "unsearchable":
		return decided(m.unsearchable)
	case "quarantined":
		return decided(m.quarantined)
	case "onhold":
		return decided(m.onHold)
	case "suspect":
		return ofIndex(m, m.Suspect, false)
	}
	return decided(slices.Contains(m.flags, record.Flag(n.Value)))
}

// values are the values that a message has of a property.
func (m *message) values(property string) (all []string) {
	switch property {
	case "kind":
		return []string{string(m.Kind)}
	case "vault":
		return []string{m.vault}
	case "marking":
		return []string{strings.ReplaceAll(strings.ToLower(m.marking), " ", "-")}
	case "in":
		all = append(all, m.Chat)
	}
	for _, h := range m.holdings {
		all = append(all, map[string]string{"custodian": h.Custodian, "class": h.Class, "in": h.Folder, "source": h.Source, "channel": string(h.Channel)}[property])
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(v string) bool { return v == "" })
}

// named says which messages an id names.
func (r *reference) named(id ID) []bool {
	named, at := make([]bool, len(r.corpus)), 0
	for i, m := range r.corpus {
		if m.live && strings.HasPrefix(string(m.record), id.Prefix) {
			at++
			named[i] = id.N == 0 || id.N == at
		}
	}
	return named
}

func (r *reference) judgeCopies(n Copies) func(int) verdict {
	named, copies := r.named(n.ID), make(map[int]bool)
	for i, m := range r.corpus {
		if named[i] && m.copy > 0 {
			copies[m.copy] = true
		}
	}
	return func(i int) verdict { return decided(named[i] || copies[r.corpus[i].copy]) }
}

func (r *reference) judgeThread(id string) func(int) verdict {
	thread := 0
	for _, m := range r.corpus {
		if strings.HasPrefix(string(m.record), id) {
			thread = m.thread
		}
	}
	return func(i int) verdict { return decided(thread > 0 && r.corpus[i].thread == thread) }
}

// judgeLanguage leaves it open where unread text may show another language.
func (r *reference) judgeLanguage(code string) func(int) verdict {
	return func(i int) verdict {
		m, langs := r.corpus[i], r.langs[i]
		v := ofIndex(m, langs.Of.Has(code) || langs.Of.String() == code, m.unsearchable)
		if v == all && m.unsearchable && !langs.Shown {
			v &^= narrow
		}
		return v
	}
}

// judgeText looks into the texts of the fields, one after the other.
func (r *reference) judgeText(n Text) func(int) verdict {
	fields := anyField()
	if f, ok := fieldNamed(n.Field); ok {
		fields = f.in
	}
	headers := n.Field != "" && n.Field != "body" && n.Field != "attachment"
	words, names := r.matcher(n.Pattern, false), r.matcher(n.Pattern, true)
	addr := ""
	if phrase, ok := n.Pattern.(index.Phrase); ok && phrase.Slop == 0 && isWholeAddress(phrase.Text) {
		addr = strings.ToLower(phrase.Text)
	}
	var at []int
	for _, f := range fields {
		at = append(at, slices.Index(anyField(), f))
	}
	met := func(i int) bool {
		for k, f := range fields {
			for _, p := range r.pages[i][at[k]] {
				switch {
				case !f.IsAddress():
					if words.stands(&p) {
						return true
					}
				case addr != "":
					if p.addr == addr {
						return true
					}
				case names.stands(&p):
					return true
				}
			}
		}
		return false
	}
	return func(i int) verdict {
		m := r.corpus[i]
		unread := m.unsearchable
		if headers {
			unread = m.headless()
		}
		return ofIndex(m, m.indexed && met(i), unread)
	}
}

// The evaluator is right where it can be checked by eye.
func TestReferenceByEye(t *testing.T) {
	c := corpus{{Document: index.Document{No: 1, Body: "the flood, then the minister; no flood plan", Subject: "Sandbags"}, indexed: true, live: true}}
	r := newReference(c)
	for query, want := range map[string]bool{
		"flooding": true, "=flooding": false, "sandbag": true, `"flood plan"`: true, `"the plan"`: false, `"flood minister"~2`: true,
		`"flood minister"~1`: false, "minister ONEAR/1 flood": true, "flood ONEAR/0 minister": false, "minister NEAR/0 the": true,
		"min*": true, "m?n*r": true, "fl?d": false, "flodo~1": true, "flxxd~1": false, "flxxd~2": true, "subject:flood": false,
		"flood NOT plan": false, "plan OR none": true, `("flood plan"~9) NEAR/0 none`: false,
	} {
		q, err := testParser(t).Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.answer(q, nil).Total == 1; got != want {
			t.Errorf("%s: %v", query, got)
		}
	}
}
