package search

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/search/index"
)

// sets is the answer to a part of a query, as four sets of live messages that
// contain one another:
//
//	narrow ⊆ yes ⊆ possible ⊆ wide
//
// yes meets it; possible meets it or hangs on a date or on words that are not
// indexed. narrow and wide are the same with unreadable text taken into
// account: narrow meets it whatever that text says, wide meets it if the text
// says what it must. Sets may be shared, so they are never changed in place.
type sets struct{ narrow, yes, possible, wide *roaring64.Bitmap }

// certain is a condition that is decided for every message.
func certain(set *roaring64.Bitmap) sets { return sets{set, set, set, set} }

// An evaluation is one run of a query.
type evaluation struct {
	ctx          context.Context
	catalog      Catalog
	reader       *index.Reader
	live         *roaring64.Bitmap
	unindexed    *roaring64.Bitmap // live, and nothing of it in the index
	quarantined  *roaring64.Bitmap // live, and not to be in the index
	unsearchable *roaring64.Bitmap // some text unread
	headless     *roaring64.Bitmap // of those: headers unread too
	notices      []Notice
	texts        map[string]sets // what words found, of the first few
}

// maxRemembered bounds the texts of which an evaluation remembers what they
// found, for queries that repeat them and reports that ask for parts again: each
// may take as many bits as there are messages, three times.
const maxRemembered = 64

func (e *Engine) begin(ctx context.Context) (*evaluation, error) {
	ev := &evaluation{ctx: ctx, catalog: e.catalog, texts: make(map[string]sets)}
	var err error
	if ev.live, err = e.catalog.Live(ctx); err != nil {
		return nil, err
	}
	// The index is asked after the catalog: what was indexed in between is not
	// among the live, and nothing that is live counts as unindexed wrongly.
	if ev.reader, err = e.index.Reader(); err != nil {
		return nil, err
	}
	if err := ev.load(); err != nil {
		ev.reader.Close()
		return nil, err
	}
	return ev, nil
}

func (ev *evaluation) load() error {
	indexed, err := ev.reader.Numbers()
	if err != nil {
		return err
	}
	ev.unindexed = roaring64.AndNot(ev.live, indexed)
	if ev.quarantined, err = ev.catalog.Quarantined(ev.ctx); err != nil {
		return err
	}
	unsearchable, err := ev.catalog.Unsearchable(ev.ctx)
	if err != nil {
		return err
	}
	ev.unsearchable = roaring64.And(ev.live, unsearchable)
	ev.headless = roaring64.New()
	if ev.unsearchable.IsEmpty() {
		return nil
	}
	senders, err := ev.reader.Match(ev.ctx, index.WithSender{})
	if err != nil {
		return err
	}
	ev.headless = roaring64.AndNot(ev.unsearchable, senders)
	return nil
}

func (ev *evaluation) coverage() Coverage {
	n := ev.live.GetCardinality() - ev.live.AndCardinality(ev.quarantined)
	missing := ev.unindexed.GetCardinality() - ev.unindexed.AndCardinality(ev.quarantined)
	return Coverage{Indexed: int(n - missing), Journaled: int(n), Complete: missing == 0}
}

// indexed answers a condition of the index, open for messages that are not in
// it. Of messages in unread the condition is open too if they do not meet it.
func (ev *evaluation) indexed(c index.Condition, unread *roaring64.Bitmap) (sets, error) {
	met, err := ev.reader.Match(ev.ctx, c)
	if err != nil {
		return sets{}, err
	}
	met.And(ev.live)
	possible := met
	if !ev.unindexed.IsEmpty() {
		possible = roaring64.Or(met, ev.unindexed)
	}
	wide := possible
	if unread != nil && !unread.IsEmpty() {
		wide = roaring64.Or(possible, unread)
	}
	return sets{met, met, possible, wide}, nil
}

// known answers a condition of the catalog.
func (ev *evaluation) known(set *roaring64.Bitmap, err error) (sets, error) {
	if err != nil {
		return sets{}, err
	}
	return certain(roaring64.And(set, ev.live)), nil
}

func (All) evaluate(ev *evaluation) (sets, error) { return certain(ev.live), nil }

func (n And) evaluate(ev *evaluation) (sets, error) { return ev.fold(n, roaring64.And) }

func (n Or) evaluate(ev *evaluation) (sets, error) { return ev.fold(n, roaring64.Or) }

func (ev *evaluation) fold(nodes []Node, join func(a, b *roaring64.Bitmap) *roaring64.Bitmap) (sets, error) {
	var all sets
	for i, n := range nodes {
		s, err := n.evaluate(ev)
		if err != nil {
			return sets{}, err
		}
		if i == 0 {
			all = s
			continue
		}
		all = sets{join(all.narrow, s.narrow), join(all.yes, s.yes), join(all.possible, s.possible), join(all.wide, s.wide)}
	}
	return all, nil
}

func (n Not) evaluate(ev *evaluation) (sets, error) {
	s, err := n.Node.evaluate(ev)
	if err != nil {
		return sets{}, err
	}
	without := func(set *roaring64.Bitmap) *roaring64.Bitmap { return roaring64.AndNot(ev.live, set) }
	return sets{without(s.wide), without(s.possible), without(s.yes), without(s.narrow)}, nil
}

func (n Text) evaluate(ev *evaluation) (sets, error) {
	key := n.String()
	if s, ok := ev.texts[key]; ok {
		return s, nil
	}
	s, err := n.find(ev)
	if err == nil && len(ev.texts) < maxRemembered {
		ev.texts[key] = s
	}
	return s, err
}

func (n Text) find(ev *evaluation) (sets, error) {
	fields, unread := anyField(), ev.unsearchable
	if f, ok := fieldNamed(n.Field); ok && n.Field != "" {
		fields = f.in
		if fields[0] != index.Body && fields[0] != index.Attachments {
			unread = ev.headless
		}
	}
	return ev.indexed(condition(fields, n.Pattern), unread)
}

// condition looks for a pattern in fields. A whole address is looked for as
// such in address fields, and as the words it is made of elsewhere.
func condition(fields []index.Field, p index.Pattern) index.Condition {
	phrase, ok := p.(index.Phrase)
	if !ok || !isWholeAddress(phrase.Text) || phrase.Slop > 0 {
		return index.In{Fields: fields, Pattern: p}
	}
	return index.AnyOf{
		index.AtAddress{Fields: fields, Addr: phrase.Text},
		index.In{Fields: withoutAddresses(fields), Pattern: p},
	}
}

func isWholeAddress(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && strings.Contains(domain, ".") && !strings.ContainsAny(s, " \t,;*")
}

func withoutAddresses(fields []index.Field) []index.Field {
	var out []index.Field
	for _, f := range fields {
		if !f.IsAddress() {
			out = append(out, f)
		}
	}
	return out
}

func (n Property) evaluate(ev *evaluation) (sets, error) {
	switch {
	case n.Name == "thread":
		if err := ev.unknownID(n.Value); err != nil {
			return sets{}, err
		}
		return ev.known(ev.catalog.InThread(ev.ctx, n.Value))
	case n.Name == "is" && n.Value == "unsearchable":
		return certain(ev.unsearchable), nil
	case n.Name == "is" && n.Value == "quarantined":
		return ev.known(ev.quarantined, nil)
	case n.Name == "is" && n.Value == "undated":
		return ev.known(ev.catalog.Undated(ev.ctx))
	case n.Name == "is" && n.Value == "suspect":
		return ev.indexed(index.Suspect{}, nil)
	case n.Name == "is" && n.Value == "onhold":
		return ev.onHold()
	case n.Name == "lang":
		return ev.inLanguage(n.Value)
	}
	s, err := ev.known(ev.catalog.Match(ev.ctx, n.Name, n.Value))
	if err == nil && s.yes.IsEmpty() {
		err = ev.unknownValue(n)
	}
	return s, err
}

// inLanguage answers what is in a language. Text that could not be read may be in
// it; and it may show another, where the words that could be read show none.
func (ev *evaluation) inLanguage(code string) (sets, error) {
	s, err := ev.indexed(index.InLanguage{Language: code}, ev.unsearchable)
	if err != nil || ev.unsearchable.IsEmpty() {
		return s, err
	}
	wordless, err := ev.reader.Match(ev.ctx, index.Wordless{})
	if err != nil {
		return sets{}, err
	}
	s.narrow = roaring64.AndNot(s.narrow, roaring64.And(wordless, ev.unsearchable))
	return s, nil
}

// onHold answers what is on hold. A catalog that cannot say so cannot be asked.
func (ev *evaluation) onHold() (sets, error) {
	holds, ok := ev.catalog.(Holds)
	if !ok {
		return sets{}, errors.New("nothing here knows what is on hold")
	}
	return ev.known(holds.OnHold(ev.ctx))
}

// unknownValue notices a value that no message has, and what it may be a slip
// for.
func (ev *evaluation) unknownValue(n Property) error {
	if f, _ := fieldNamed(n.Name); f.values != nil {
		return nil
	}
	values, err := ev.catalog.Values(ev.ctx, n.Name)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("no message has %s", n)
	if near := nearest(n.Value, values); len(near) > 0 {
		text += "; there is " + strings.Join(near, ", ")
	}
	ev.notice(text)
	return nil
}

// notice says once what a person should know.
func (ev *evaluation) notice(text string) {
	if n := (Notice{Text: text}); !slices.Contains(ev.notices, n) {
		ev.notices = append(ev.notices, n)
	}
}

// evaluate decides dates. A message's own date is open where there is none to
// rely on. The dates of receipt and capture are facts of ours: a message
// without one was not received by a server we know of, and does not meet it.
func (n Dates) evaluate(ev *evaluation) (sets, error) {
	if n.Field != "sent" {
		return ev.indexed(index.Between{Clock: index.Clock(n.Field), From: n.From, Until: n.Until}, nil)
	}
	met, err := ev.known(ev.catalog.Sent(ev.ctx, n.From, n.Until))
	if err != nil {
		return sets{}, err
	}
	undated, err := ev.catalog.Undated(ev.ctx)
	if err != nil {
		return sets{}, err
	}
	undated = roaring64.And(undated, ev.live)
	yes := roaring64.AndNot(met.yes, undated)
	possible := roaring64.Or(yes, undated)
	return sets{yes, yes, possible, possible}, nil
}

func (n Size) evaluate(ev *evaluation) (sets, error) {
	return ev.indexed(index.Sized{Min: n.Min, Max: n.Max}, nil)
}

func (n Has) evaluate(ev *evaluation) (sets, error) {
	s, err := ev.indexed(index.Has{What: n.What}, ev.headless)
	if err == nil && s.yes.IsEmpty() {
		ev.notice("nothing of the sort “" + n.What + "” is attached to any message")
	}
	return s, err
}

// unknownID notices an id that no record has which is kept.
func (ev *evaluation) unknownID(prefix string) error {
	set, err := ev.catalog.WithID(ev.ctx, prefix)
	if err == nil && set.IsEmpty() {
		ev.notice("no record that is kept has messages and an id that begins " + prefix + "; closeroll explain " + prefix + " may say why")
	}
	return err
}

func (n ID) evaluate(ev *evaluation) (sets, error) {
	if err := ev.unknownID(n.Prefix); err != nil {
		return sets{}, err
	}
	s, err := ev.known(ev.catalog.WithID(ev.ctx, n.Prefix))
	if err != nil || n.N == 0 {
		return s, err
	}
	one := roaring64.New()
	if no, err := s.yes.Select(uint64(n.N - 1)); err == nil {
		one.Add(no)
	}
	return certain(one), nil
}

func (n Copies) evaluate(ev *evaluation) (sets, error) {
	if err := ev.unknownID(n.Prefix); err != nil {
		return sets{}, err
	}
	return ev.known(ev.catalog.CopiesOf(ev.ctx, n.Prefix, n.N))
}

func (n MessageID) evaluate(ev *evaluation) (sets, error) {
	return ev.indexed(index.WithMessageID{ID: n.ID, Referring: true}, ev.headless)
}
