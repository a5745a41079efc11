package ingest

import (
	"context"
	"fmt"
	"slices"
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

// readSelection returns what the selection beside an export leaves out; nil if
// that is nothing. A selection that cannot be followed is a refusal.
func readSelection(text []byte, e *chat.Export, of record.Digest) (*leftOut, error) {
	if text == nil {
		return nil, nil
	}
	s, err := selection.Parse(text)
	if err != nil {
		return nil, &chat.Refusal{Reason: ReasonSelection, Detail: "the selection beside it is not as it should be: " + strings.ReplaceAll(err.Error(), "\n", "; ")}
	}
	l := &leftOut{whole: e, counts: make(map[record.Reason]int)}
	if l.reasons, err = s.Apply(e, of); e.Err() != nil {
		return nil, e.Err()
	} else if err != nil {
		return nil, &chat.Refusal{Reason: ReasonSelection, Detail: err.Error()}
	}
	for _, r := range l.reasons {
		if r == "" {
			l.kept++
		} else {
			l.counts[r]++
		}
	}
	if l.kept == len(l.reasons) {
		return nil, nil
	}
	return l, nil
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

// selected drafts an export but for what the selection beside it leaves out.
func (p *Pipeline) selected(ctx context.Context, src Source, file chatSource, content connectors.Content, parcel *chat.Parcel, text []byte) (made prepared, err error) {
	if parcel.Whole != nil || len(parcel.Exports) != 1 || parcel.Exports[0].Context != nil {
		return made, &chat.Refusal{Reason: ReasonSelection, Detail: "messages can be selected from the export of one WhatsApp chat, and this is another file"}
	}
	e, sum := parcel.Exports[0], content.Digest()
	left, err := readSelection(text, e, sum)
	if err != nil {
		return made, err
	}
	if left != nil {
		hold, err := p.Holds.Forbids(ctx, src.Custodian, src.Name)
		if err != nil {
			return made, err
		}
		if hold == "" {
			made.sightings = left.sightings(src, file.key)
		} else if made.drafts, err = p.setAside(ctx, src, file, content, left, hold); err != nil {
			return made, err
		}
		if left.kept == 0 {
			return made, nil
		}
	}
	kept, err := p.chat(ctx, src, file, content, e, left, p.Archive.KeyedDigest("export", left.digest(sum[:])))
	if err != nil {
		return made, err
	}
	made.drafts, made.chats = append(made.drafts, kept.drafts...), []*chatDrafts{kept}
	return made, nil
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
		if n := len(all); n > 0 && all[n-1].At == at && all[n-1].Reason == l.reasons[i] {
			all[n-1].Messages++
			continue
		}
		all = append(all, Omission{At: at, Messages: 1, Reason: l.reasons[i]})
	}
	return all
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
	return fmt.Sprintf("%d of %d messages were left out by a selection: %s.", total, len(l.reasons), strings.Join(parts, ", "))
}

// sightings account for what is left out: a number and a reason.
func (l *leftOut) sightings(src Source, key string) []record.Sighting {
	var all []record.Sighting
	for _, r := range selection.Reasons() {
		if n := l.counts[r]; n > 0 {
			all = append(all, record.Sighting{Item: record.Item{Source: src.Name, Key: key + "/left-out/" + string(r)}, Outcome: record.Excluded, Reason: r, Items: n})
		}
	}
	return all
}

// setAside drafts what a selection would have left out while a hold forbids it:
// records of the quarantine vault, which take no part in the chat.
func (p *Pipeline) setAside(ctx context.Context, src Source, file chatSource, content connectors.Content, l *leftOut, hold string) ([]*draft, error) {
	vault, err := p.Archive.Quarantine()
	if err != nil {
		return nil, &chat.Refusal{Reason: ReasonSelection,
			Detail: fmt.Sprintf("hold %s forbids to leave anything out, and there is no quarantine vault to put it into", hold)}
	}
	e, err := l.whole.Only(func(i int) bool { return !l.keeps(i) })
	if err != nil {
		return nil, err
	}
	for i := range e.Entries {
		switch role := l.whole.Entries[i].Role; {
		case role == chat.RoleCopy:
			e.Entries[i].Role = role
		case role != chat.RoleMedia && role != chat.RoleTranscript && l.kept > 0:
			e.Entries[i].Role = chat.RoleOmitted // it is with what is kept
		}
	}
	file.key += "/set-aside"
	src.Vault = vault.Name
	sum := content.Digest()
	made, err := p.chat(ctx, src, file, content, e, nil, p.Archive.KeyedDigest("export", append(l.digest(sum[:]), "set aside"...)))
	if err != nil {
		return nil, err
	}
	why := record.Quarantine{Reason: ReasonSelection, Hold: hold}
	if len(l.counts) == 1 {
		for r := range l.counts {
			why.Reason = r
		}
	}
	for _, d := range made.drafts {
		d.Display = "messages of " + or(d.Chat.Date, "an export") + ", which hold " + hold + " forbids to leave out"
		d.Chat, d.Facts.From = nil, nil
		d.Messages = slices.Clone(d.Messages)
		for i := range d.Messages {
			d.Messages[i].Sender = ""
		}
		if err := p.quarantine(d, &why); err != nil {
			return nil, err
		}
	}
	return made.drafts, nil
}
