package foi

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A Found is a message that searches for a request found, or that stands
// around one, as a set is made from it.
type Found struct {
	No       record.MessageNo
	ID       record.MessageID
	Kind     record.Kind
	Sent     time.Time // zero: undated
	Suspect  bool
	Sender   string
	Display  string
	Vault    string
	Captured time.Time
	Copy     string // equal for messages that are the same to a reader; empty: it stands alone
	Thread   int64  // of an e-mail; 0: none
	ChatID   string
	Chat     string // its title
	Runs     []int  // the searches that found it; none: it is context
	Partly   bool   // some of its text nobody could search
	Disposed string // certificate
	Holders  []Holder
}

// A Holder is one possession of a message.
type Holder struct {
	Custodian string `json:"custodian"`
	Source    string `json:"source"`
	Folder    string `json:"folder,omitempty"`
}

// An Item is what is decided about: an e-mail with its attachments, or a chat
// message with its media. Copies of it are one item.
type Item struct {
	No       int         `json:"no"`   // its place in the set, from 1; it changes when the set grows
	Item     string      `json:"item"` // RECORD-ID/N, which does not
	Kind     record.Kind `json:"kind"`
	Sent     time.Time   `json:"sent,omitzero"`
	Dating   bool        `json:"date_undecided,omitempty"` // a person has to say when it was sent
	Late     bool        `json:"late_capture,omitempty"`   // captured after the request came, though sent before
	Sender   string      `json:"sender"`
	Display  string      `json:"display"`
	Chat     string      `json:"chat,omitempty"`
	Vault    string      `json:"vault"`
	Group    string      `json:"group"` // of its thread or chat: items of one follow one another
	Runs     []int       `json:"runs,omitempty"`
	Context  bool        `json:"context,omitempty"` // not found, shown around what was
	Partly   bool        `json:"partly_searched,omitempty"`
	Disposed string      `json:"disposed,omitempty"`
	Holders  []Holder    `json:"holdings"`
	Copies   []string    `json:"copies,omitempty"` // its other messages, by id

	Decision    *Ruling      `json:"decision,omitempty"`
	Parts       []PartRuling `json:"parts,omitempty"`        // decisions about single attachments
	DisclosedIn []string     `json:"disclosed_in,omitempty"` // other requests that released it

	found []Found
}

// A PartRuling is a decision about one attachment of an item.
type PartRuling struct {
	Part   string  `json:"part"` // RECORD-ID/N+K: the Kth attachment
	Ruling *Ruling `json:"decision"`
}

// A Set is everything that the searches for a request found, in the order in
// which it is read: threads and chats by their first message.
type Set struct {
	Items []Item
	Summary
}

// A Summary counts a set.
type Summary struct {
	Runs        int            `json:"runs"`
	Items       int            `json:"items"`        // to decide about, context apart
	Messages    int            `json:"messages"`     // found, copies counted each
	Copies      int            `json:"copies"`       // of those, more of the same
	Context     int            `json:"context"`      // messages of chats shown around what was found
	Around      int            `json:"around"`       // how many before and after
	AfterCutoff int            `json:"after_cutoff"` // found, and sent after the request came: not in the set (FOIA s.1(4))
	Late        int            `json:"late_capture"`
	Dating      int            `json:"date_undecided"`
	Partly      int            `json:"partly_searched"`
	Withheld    int            `json:"withheld"` // messages found in vaults that the reader of the set may not read
	Groups      int            `json:"groups"`
	Decided     map[string]int `json:"decided"`
	Undecided   int            `json:"undecided"`
}

// Cutoff returns the instant from which messages are outside a request: the
// end of the day on which it was received. FOIA s.1(4) asks for what is held
// when the request is received, and reckons by the message's own time, so that
// what was captured later and sent before is within it.
func (r *Request) Cutoff(zone *time.Location) time.Time { return r.Received.AddDays(1).Start(zone) }

// MakeSet makes the set of a request from the messages found, in any order.
// Pure. What was certainly sent from the cut-off on is counted and left out;
// what has no date to rely on stays in, for a person to decide.
func MakeSet(r *Request, found []Found, around int, cutoff time.Time) *Set {
	s := &Set{Summary: Summary{Runs: r.Runs, Around: around, Decided: map[string]int{}}}
	byCopy := make(map[string]int)
	for _, f := range found {
		if !f.Sent.IsZero() && !f.Suspect && !f.Sent.Before(cutoff) {
			if len(f.Runs) > 0 {
				s.AfterCutoff++
			}
			continue
		}
		if f.Copy != "" {
			if i, ok := byCopy[f.Copy]; ok {
				s.Items[i].found = append(s.Items[i].found, f)
				continue
			}
			byCopy[f.Copy] = len(s.Items)
		}
		s.Items = append(s.Items, Item{found: []Found{f}})
	}
	for i := range s.Items {
		s.Items[i].describe(cutoff)
	}
	s.order()
	s.rule(r)
	s.count()
	return s
}

// describe fills an item in from its copies: the oldest stands for all.
func (it *Item) describe(cutoff time.Time) {
	slices.SortFunc(it.found, func(a, b Found) int { return cmp.Compare(a.No, b.No) })
	first := it.found[0]
	it.Item, it.Kind, it.Sent, it.Sender, it.Display = first.ID.String(), first.Kind, first.Sent, first.Sender, first.Display
	it.Chat, it.Vault, it.Disposed = first.Chat, first.Vault, first.Disposed
	it.Dating = first.Sent.IsZero() || first.Suspect
	it.Late = true
	switch {
	case first.ChatID != "":
		it.Group = "chat " + first.ChatID
	case first.Thread != 0:
		it.Group = fmt.Sprintf("thread %d", first.Thread)
	default:
		it.Group = first.ID.String()
	}
	for i, f := range it.found {
		it.Late = it.Late && !f.Captured.Before(cutoff)
		it.Partly = it.Partly || f.Partly
		for _, run := range f.Runs {
			if !slices.Contains(it.Runs, run) {
				it.Runs = append(it.Runs, run)
			}
		}
		for _, h := range f.Holders {
			if !slices.Contains(it.Holders, h) {
				it.Holders = append(it.Holders, h)
			}
		}
		if i > 0 {
			it.Copies = append(it.Copies, f.ID.String())
		}
	}
	slices.Sort(it.Runs)
	it.Context = len(it.Runs) == 0
}

// order puts groups by their first message and items by theirs; what is
// undated comes after what is not.
func (s *Set) order() {
	first := make(map[string]*Item)
	for i := range s.Items {
		it := &s.Items[i]
		if f := first[it.Group]; f == nil || it.compare(f) < 0 {
			first[it.Group] = it
		}
	}
	heads := make(map[string]Item, len(first))
	for g, it := range first {
		heads[g] = *it
	}
	slices.SortStableFunc(s.Items, func(a, b Item) int {
		if a.Group == b.Group {
			return a.compare(&b)
		}
		x, y := heads[a.Group], heads[b.Group]
		return cmp.Or(x.compare(&y), strings.Compare(a.Group, b.Group))
	})
	for i := range s.Items {
		s.Items[i].No = i + 1
	}
}

func (it *Item) compare(o *Item) int {
	if it.Sent.IsZero() != o.Sent.IsZero() {
		if it.Sent.IsZero() {
			return 1
		}
		return -1
	}
	return cmp.Or(it.Sent.Compare(o.Sent), cmp.Compare(it.found[0].No, o.found[0].No))
}

// rule gives items their decisions: of all copies the newest. A decision about
// ten thousand items at once does not come with ten thousand ids for each.
func (s *Set) rule(r *Request) {
	in := r.Rule()
	short := make(map[int64]*Ruling)
	for id, ruling := range in {
		if short[ruling.Entry] == nil {
			short[ruling.Entry] = ruling.Brief()
		}
		in[id] = short[ruling.Entry]
	}
	parts := make(map[string][]PartRuling)
	for id, ruling := range in {
		if whole, _, ok := strings.Cut(id, "+"); ok {
			parts[whole] = append(parts[whole], PartRuling{id, ruling})
		}
	}
	for i := range s.Items {
		it := &s.Items[i]
		for _, id := range it.IDs() {
			it.Parts = append(it.Parts, parts[id]...)
			if d := in[id]; d != nil && (it.Decision == nil || d.Entry > it.Decision.Entry) {
				it.Decision = d
			}
		}
		slices.SortFunc(it.Parts, func(a, b PartRuling) int { return strings.Compare(a.Part, b.Part) })
	}
}

// Record returns the id of the record that an item is in.
func (it *Item) Record() string {
	id, _, _ := strings.Cut(it.Item, "/")
	return id
}

// IDs returns the ids of an item and of its copies.
func (it *Item) IDs() []string { return append([]string{it.Item}, it.Copies...) }

func (s *Set) count() {
	groups := make(map[string]bool)
	for _, it := range s.Items {
		if it.Context {
			s.Context++
		} else {
			groups[it.Group] = true
			s.Summary.Items++
			s.Messages += len(it.found)
			s.Copies += len(it.Copies)
		}
		for _, c := range []struct {
			is bool
			n  *int
		}{{it.Late, &s.Late}, {it.Dating, &s.Dating}, {it.Partly, &s.Partly}} {
			if c.is && !it.Context {
				*c.n++
			}
		}
		switch {
		case it.Decision != nil:
			s.Decided[it.Decision.Decision]++
		case !it.Context:
			s.Undecided++
		}
	}
	s.Groups = len(groups)
}

// Digest returns the digest of message ids: of the lines RECORD-ID/N, sorted.
func Digest(ids []string) record.Digest {
	sorted := slices.Clone(ids)
	slices.Sort(sorted)
	return record.Sum([]byte(strings.Join(append(sorted, ""), "\n")))
}

// CopyGroup returns what messages that are the same to a reader share; empty
// where the item stands alone.
func (it *Item) CopyGroup() string { return it.found[0].Copy }

// Disclosed notes the requests that released any of these messages.
func (it *Item) Disclosed(ids []string, released map[string][]string) {
	for _, id := range ids {
		for _, ref := range released[id] {
			if !slices.Contains(it.DisclosedIn, ref) {
				it.DisclosedIn = append(it.DisclosedIn, ref)
			}
		}
	}
	slices.Sort(it.DisclosedIn)
}
