package ingest

import (
	"context"
	"fmt"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/selection"
)

// ReasonSelection is why an export failed whose selection cannot be followed:
// what somebody meant to leave out is not archived by mistake.
const ReasonSelection record.Reason = "selection"

// An Omission says that messages were left out of an export, where and why, and
// nothing else of them.
type Omission struct {
	At       int64         `json:"at"` // offset in the transcript that is kept
	Messages int           `json:"messages"`
	Reason   record.Reason `json:"reason"`
}

// leftOut is what a selection leaves out of an export.
type leftOut struct {
	whole   *chat.Export
	reasons []record.Reason // by message; "" is kept
	counts  map[record.Reason]int
	kept    int
}

func (l *leftOut) keeps(i int) bool { return l.reasons[i] == "" }

// readSelection returns what the selection beside a file leaves out of each of its
// exports, nil for one of which that is nothing; and nothing if that is all of
// them. A selection that cannot be followed is a refusal.
func readSelection(text []byte, exports []*chat.Export, of record.Digest) ([]*leftOut, error) {
	s, err := selection.Parse(text)
	if err != nil {
		return nil, &chat.Refusal{Reason: ReasonSelection, Detail: "the selection beside it is not as it should be: " + strings.ReplaceAll(err.Error(), "\n", "; ")}
	}
	reasons, err := s.Apply(exports, of)
	if err != nil {
		return nil, &chat.Refusal{Reason: ReasonSelection, Detail: err.Error()}
	}
	all, some := make([]*leftOut, len(exports)), false
	for i, e := range exports {
		l := &leftOut{whole: e, reasons: reasons[i], counts: make(map[record.Reason]int)}
		for _, r := range l.reasons {
			if r == "" {
				l.kept++
			} else {
				l.counts[r]++
			}
		}
		if l.kept < len(l.reasons) {
			all[i], some = l, true
		}
	}
	if !some {
		return nil, nil
	}
	return all, nil
}

// leave takes what a selection leaves out from the export.
func (c *chatDrafts) leave(left *leftOut) (err error) {
	var transient []bool
	for i, t := range c.transient {
		if left.keeps(i) {
			transient = append(transient, t)
		}
	}
	c.transient, c.omitted = transient, chat.Omitted(len(left.reasons), left.keeps)
	c.excluded, c.before = left.daily()
	c.export, err = left.whole.Only(left.keeps)
	return err
}

// selected drafts what a file brought but for what the selection beside it leaves
// out; made is set, and no error returned, only if that is anything.
func (p *Pipeline) selected(ctx context.Context, src Source, file chatSource, content connectors.Content, parcel *chat.Parcel, text []byte) (made prepared, some bool, err error) {
	all, err := readSelection(text, parcel.Exports, content.Digest())
	if err != nil || all == nil {
		return made, false, err
	}
	file.partly = true
	hold, err := p.Holds.Forbids(ctx, src.Custodian, src.Name)
	if err != nil {
		return made, true, err
	}
	if hold == "" {
		made.sightings = sightings(all, src, file.key)
	} else if made.drafts, err = p.setAside(ctx, src, file, content, parcel, all, hold); err != nil {
		return made, true, err
	}
	if parcel.Whole != nil {
		err = p.selectedWhole(ctx, src, file, content, parcel, all, &made)
		return made, true, err
	}
	err = p.selectedChats(ctx, src, file, content, parcel, all, &made)
	return made, true, err
}

// selectedChats drafts what is kept of each chat of a file.
func (p *Pipeline) selectedChats(ctx context.Context, src Source, file chatSource, content connectors.Content, parcel *chat.Parcel, all []*leftOut, made *prepared) error {
	for i, e := range parcel.Exports {
		if all[i] != nil && all[i].kept == 0 {
			continue
		}
		of, identity := file.nth(parcel, i, content.Digest())
		drafts, err := p.chat(ctx, src, of, content, e, all[i], p.Archive.KeyedDigest("export", all[i].digest(identity)))
		if err != nil {
			return err
		}
		made.add(drafts)
	}
	return nil
}

// selectedWhole drafts what is kept of a file of several chats: the records of
// each chat of which anything is, and the record that makes them a file again.
func (p *Pipeline) selectedWhole(ctx context.Context, src Source, file chatSource, content connectors.Content, parcel *chat.Parcel, all []*leftOut, made *prepared) error {
	aside := len(made.drafts)
	if err := p.selectedChats(ctx, src, file, content, parcel, all, made); err != nil || len(made.chats) == 0 {
		return err
	}
	var omitted []Omission
	reduced, err := parcel.Only(func(export, m int) bool { return all[export] == nil || all[export].keeps(m) }, false, func(export, m int, at int64) {
		omitted = omit(omitted, at, all[export].reasons[m])
	})
	if err != nil {
		return err
	}
	whole, err := p.whole(src, file, reduced, made.chats, nil, omitted)
	if err != nil {
		return err
	}
	id := p.Archive.Identify(src.Vault, record.Export, whole.rec.Components)
	for _, d := range made.drafts[aside:] {
		d.Covering = id
	}
	made.drafts = append(made.drafts, whole)
	return nil
}

// digest tells this selection of an export from any other: the same export with
// more or less left out is another export.
func (l *leftOut) digest(sum []byte) []byte {
	if l == nil {
		return sum
	}
	for i, r := range l.reasons {
		if r != "" {
			sum = fmt.Appendf(sum, " %d:%s", i, r)
		}
	}
	return sum
}

// omissions says where in the kept transcript messages were left out.
func (l *leftOut) omissions() []Omission {
	if l == nil {
		return nil
	}
	var all []Omission
	at := l.whole.Preamble.Length
	for i, m := range l.whole.All() {
		if l.keeps(i) {
			at += m.Length
			continue
		}
		all = omit(all, at, l.reasons[i])
	}
	return all
}

// omit adds a message that was left out.
func omit(all []Omission, at int64, reason record.Reason) []Omission {
	if n := len(all); n > 0 && all[n-1].At == at && all[n-1].Reason == reason {
		all[n-1].Messages++
		return all
	}
	return append(all, Omission{At: at, Messages: 1, Reason: reason})
}

// daily says of each printed day how many of its messages were left out for what
// reason, and before which of its kept ones.
func (l *leftOut) daily() (counts map[string]map[record.Reason]int, before map[string][]int) {
	counts, before = make(map[string]map[record.Reason]int), make(map[string][]int)
	kept := make(map[string]int)
	if l == nil {
		return counts, before
	}
	for i, m := range l.whole.All() {
		day := m.Date()
		if l.keeps(i) {
			kept[day]++
			continue
		}
		if counts[day] == nil {
			counts[day] = make(map[record.Reason]int)
		}
		counts[day][l.reasons[i]]++
		if n := len(before[day]); n == 0 || before[day][n-1] != kept[day] {
			before[day] = append(before[day], kept[day])
		}
	}
	return counts, before
}

// words says in a few words what was left out.
func (l *leftOut) words() string {
	var parts []string
	total := 0
	for _, r := range selection.Reasons() {
		if n := l.counts[r]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(r), "_", " ")))
			total += n
		}
	}
	verb := "were"
	if total == 1 {
		verb = "was"
	}
	return fmt.Sprintf("%d of %d messages %s left out by a selection: %s.", total, len(l.reasons), verb, strings.Join(parts, ", "))
}

// sightings account for what is left out of a file: a number and a reason.
func sightings(chats []*leftOut, src Source, key string) []record.Sighting {
	counts := make(map[record.Reason]int)
	for _, l := range chats {
		if l != nil {
			for r, n := range l.counts {
				counts[r] += n
			}
		}
	}
	var all []record.Sighting
	for _, r := range selection.Reasons() {
		if n := counts[r]; n > 0 {
			all = append(all, record.Sighting{Item: record.Item{Source: src.Name, Key: key + "/left-out/" + string(r)}, Outcome: record.Excluded, Reason: r, Items: n})
		}
	}
	return all
}
