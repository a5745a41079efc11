package signal

import (
	"bytes"
	"encoding/json"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
)

// A file is main.jsonl taken apart.
type file struct {
	text    string
	entries []chat.Entry
	opt     chat.Options

	people map[id]person
	aci    map[string]id // who has an account's identifier
	self   id
	owner  string
	chats  map[id]*talk
	order  []*talk // by the first message
	media  map[record.Digest]int
	sent   bool // media came with the messages

	stretches []chat.Stretch
	rest      *chat.Pieces
	messages  int
}

// A person is who wrote, or whom a chat is with.
type person struct {
	Name  string `json:"name"`
	Phone string `json:"phone,omitempty"`
}

// A talk is the messages of one chat. It implements [chat.Messages].
type talk struct {
	f       *file
	index   int // of the export
	with    id
	timer   time.Duration // set for the chat at the time of the export
	lines   []line
	size    int64
	pieces  *chat.Pieces
	entries map[int]int // index in the file's entries → in the export's
	kept    []int       // the reverse
}

// A line is where a message is: in main.jsonl, and in its chat's lines.
type line struct {
	start, length uint32
	at            int64
}

func newFile(text string, entries []chat.Entry, opt chat.Options) *file {
	f := &file{text: text, entries: entries, opt: opt, people: make(map[id]person), aci: make(map[string]id),
		chats: make(map[id]*talk), media: make(map[record.Digest]int)}
	f.rest = chat.PiecesOf(strings.NewReader(text))
	for i := range entries {
		if entries[i].Role != chat.RoleOrphan {
			continue
		}
		f.sent = true
		if _, twice := f.media[entries[i].Digest]; !twice {
			f.media[entries[i].Digest] = i
		}
	}
	return f
}

// parcel makes an export of every chat.
func (f *file) parcel(name string, packed chat.File) (*chat.Parcel, error) {
	if err := f.read(); err != nil {
		return nil, err
	}
	if len(f.order) == 0 {
		return nil, chat.Refuse(record.ReasonNotAChat, "no line of it is a message of a Signal export")
	}
	p := &chat.Parcel{Whole: &chat.Whole{Rest: f.rest, Stretches: f.stretches}}
	source := strings.NewReader(f.text)
	digest, size, err := record.SumReader(strings.NewReader(f.text))
	if err != nil {
		return nil, err
	}
	p.Whole.Transcript = chat.File{Name: name, Size: size, Digest: digest, Content: source}
	for _, t := range f.order {
		e, err := t.export(name)
		if err != nil {
			return nil, err
		}
		e.Container = packed
		p.Exports = append(p.Exports, e)
	}
	p.Whole.Entries = f.entries
	return p, nil
}

// read goes through the lines once.
func (f *file) read() error {
	at := 0
	for text := range strings.Lines(f.text) {
		var fr frame
		if json.Unmarshal([]byte(text), &fr) != nil || fr.ChatItem == nil || fr.ChatItem.Chat == "" {
			f.about(&fr)
			f.rest.Add(chat.Span{Offset: int64(at), Length: int64(len(text))})
			f.stretch(-1, len(text))
		} else {
			if f.messages++; f.messages > f.opt.Limits.Messages {
				return chat.Refuse(record.ReasonBomb, "the export has more than the limit of %d messages", f.opt.Limits.Messages)
			}
			f.talkOf(fr.ChatItem.Chat).add(fr.ChatItem, at, len(text))
		}
		at += len(text)
	}
	return nil
}

// about takes in a frame that is no message.
func (f *file) about(fr *frame) {
	switch {
	case fr.Account != nil:
		f.owner = joinName(fr.Account.GivenName, fr.Account.FamilyName)
		if f.owner == "" {
			f.owner = fr.Account.Username
		}
	case fr.Recipient != nil:
		f.recipient(fr.Recipient)
	case fr.Chat != nil:
		t := f.chats[fr.Chat.ID]
		if t == nil {
			t = &talk{f: f, index: -1}
			f.chats[fr.Chat.ID] = t
		}
		t.with, t.timer = fr.Chat.Recipient, milliseconds(fr.Chat.Timer)
	}
}

func (f *file) recipient(r *recipient) {
	switch {
	case r.Contact != nil:
		c := r.Contact
		p := person{Name: firstOf(joinName(c.Nickname.Given, c.Nickname.Family), joinName(c.SystemGivenName, c.SystemFamilyName),
			c.SystemNickname, joinName(c.ProfileGivenName, c.ProfileFamily))}
		if c.E164 != "" && c.E164 != "0" {
			p.Phone = "+" + strings.TrimPrefix(string(c.E164), "+")
		}
		p.Name = firstOf(p.Name, p.Phone, c.Username)
		f.people[r.ID] = p
		if c.ACI != "" {
			f.aci[c.ACI] = r.ID
		}
	case r.Group != nil:
		f.people[r.ID] = person{Name: r.Group.Snapshot.Title.Title}
	case r.Self != nil:
		f.self = r.ID
	case r.ReleaseNotes != nil:
		f.people[r.ID] = person{Name: "Signal"}
	}
}

func joinName(given, family string) string { return strings.TrimSpace(given + " " + family) }

func firstOf(names ...string) string {
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}

func milliseconds(n number) time.Duration { return time.Duration(n) * time.Millisecond }

// person is who has a number in the export. Who is not described there is
// called by the number, which is all that is known of them.
func (f *file) person(of id) person {
	if of == f.self && of != "" {
		return person{Name: firstOf(f.owner, "the owner of the account")}
	}
	if p := f.people[of]; p.Name != "" {
		return p
	}
	return person{Name: "Signal user " + string(of)}
}

// talkOf is the chat with a number, which need not have been described.
func (f *file) talkOf(of id) *talk {
	t := f.chats[of]
	if t == nil {
		t = &talk{f: f, index: -1}
		f.chats[of] = t
	}
	if t.index < 0 {
		t.index, t.entries = len(f.order), make(map[int]int)
		t.pieces = chat.PiecesOf(strings.NewReader(f.text))
		f.order = append(f.order, t)
	}
	return t
}

// stretch notes whose the next octets of the file are.
func (f *file) stretch(export, length int) {
	if n := len(f.stretches); n > 0 && f.stretches[n-1].Export == export {
		f.stretches[n-1].Length += int64(length)
		return
	}
	f.stretches = append(f.stretches, chat.Stretch{Export: export, Length: int64(length)})
}

func (t *talk) add(it *item, at, length int) {
	t.lines = append(t.lines, line{uint32(at), uint32(length), t.size})
	t.size += int64(length)
	t.pieces.Add(chat.Span{Offset: int64(at), Length: int64(length)})
	t.f.stretch(t.index, length)
	for _, p := range it.pointers() {
		d, ok := p.digest()
		if !ok {
			continue
		}
		if n, ok := t.f.media[d]; ok {
			if _, known := t.entries[n]; !known {
				t.entries[n] = len(t.kept)
				t.kept = append(t.kept, n)
			}
		}
	}
}

// export describes the chat.
func (t *talk) export(name string) (*chat.Export, error) {
	f := t.f
	e := &chat.Export{App: App, Platform: Platform, Grade: chat.GradeFull, Zone: f.opt.Zone, Messages: t, Timer: t.timer,
		DateOrder: chat.DateOrder{Order: "YMD", Used: "YMD", Proof: "absolute_time"}}
	if t.with != "" {
		e.Title, e.TitleFrom = f.person(t.with).Name, "recipient"
		if t.with == f.self {
			e.Title = "Note to Self"
		}
	}
	digest, size, err := record.SumReader(io.NewSectionReader(t.pieces, 0, t.pieces.Size()))
	if err != nil {
		return nil, err
	}
	e.Transcript = chat.File{Name: name, Size: size, Digest: digest, Content: t.pieces}
	for _, n := range t.kept {
		entry := f.entries[n]
		entry.Role = chat.RoleMedia
		e.Entries = append(e.Entries, entry)
		for i := range f.entries { // the same file under two keys is the same file
			if f.entries[i].Role == chat.RoleOrphan && f.entries[i].Digest == entry.Digest {
				f.entries[i].Role = chat.RoleMedia
			}
		}
	}
	t.survey(e)
	e.Context = t.about
	return e, nil
}

// survey counts what came and what did not.
func (t *talk) survey(e *chat.Export) {
	for _, m := range t.Range(0, len(t.lines)) {
		for _, a := range m.Attachments {
			switch {
			case a.Omit:
			case a.Entry > 0:
				e.Linked++
			case t.f.sent && !slices.Contains(e.Missing, a.Name):
				e.Missing = append(e.Missing, a.Name)
			}
		}
		if m.Event != nil && m.Event.Name == chat.UnknownEvent {
			e.Unclassified++
		}
	}
}

// Len implements [chat.Messages].
func (t *talk) Len() int { return len(t.lines) }

// Err implements [chat.Messages]: its file is in memory.
func (t *talk) Err() error { return nil }

// Range implements [chat.Messages].
func (t *talk) Range(from, to int) iter.Seq2[int, *chat.Message] {
	return func(yield func(int, *chat.Message) bool) {
		var m chat.Message
		for i := from; i < to; i++ {
			l := t.lines[i]
			m = chat.Message{Offset: l.at, Length: int64(l.length), Precision: chat.Second}
			var fr frame
			if err := json.Unmarshal([]byte(t.f.text[l.start:l.start+l.length]), &fr); err == nil && fr.ChatItem != nil {
				t.message(&m, fr.ChatItem)
			}
			if !yield(i, &m) {
				return
			}
		}
	}
}

// about says who the numbers of a day's messages are, which is all that its
// octets do not: with it the day can be read alone.
func (t *talk) about(d *chat.Day) ([]byte, error) {
	c := dayContext{People: make(map[id]person)}
	text := make([]byte, d.Size())
	if _, err := d.ReadAt(text, 0); err != nil && err != io.EOF {
		return nil, err
	}
	for line := range bytes.Lines(text) { // and not by number: it may be a day of which some is left out
		var fr frame
		if json.Unmarshal(line, &fr) == nil && fr.ChatItem != nil {
			c.People[fr.ChatItem.Author] = t.f.person(fr.ChatItem.Author)
		}
	}
	return json.Marshal(c)
}

// A dayContext is what [chat.Export.Context] gives of a day.
type dayContext struct {
	People map[id]person `json:"people"`
}
