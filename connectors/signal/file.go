package signal

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"hash"
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
	text    *text
	entries []chat.Entry
	opt     chat.Options

	people map[id]person
	aci    map[string]id // who has an account's identifier
	self   id
	owner  string
	chats  map[id]*talk
	order  []*talk // by the first message
	media  map[record.Digest]int
	used   map[record.Digest]bool // those that a message mentions
	sent   bool                   // media came with the messages

	stretches []chat.Stretch
	rest      *chat.Pieces
	messages  int
}

// A person is who wrote, or whom a chat is with.
type person struct {
	Name  string `json:"name"`
	Phone string `json:"phone,omitempty"`
}

// A talk is the messages of one chat, of which it has only the places. It
// implements [chat.Messages], and reads its own lines as one text, as an
// [io.ReaderAt].
type talk struct {
	f       *file
	index   int // of the export
	with    id
	timer   time.Duration // set for the chat at the time of the export
	lines   []line
	size    int64
	sum     hash.Hash   // of its lines
	entries map[int]int // index in the file's entries → in the export's
	kept    []int       // the reverse
}

// A line is where a message is: in main.jsonl, and in its chat's lines.
type line struct {
	start, length uint32
	at            int64
}

// What may be described of an account: more is nobody's.
const (
	maxTalks  = 20_000  // chats with a message
	maxPeople = 200_000 // people and chats
)

func newFile(of *text, entries []chat.Entry, opt chat.Options) *file {
	f := &file{text: of, entries: entries, opt: opt, people: make(map[id]person), aci: make(map[string]id),
		chats: make(map[id]*talk), media: make(map[record.Digest]int), used: make(map[record.Digest]bool)}
	f.rest = chat.PiecesOf(of)
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
	sum := sha256.New()
	if err := f.read(sum); err != nil {
		return nil, err
	}
	if len(f.order) == 0 {
		return nil, chat.Refuse(record.ReasonNotAChat, "no line of it is a message of a Signal export")
	}
	p := &chat.Parcel{Whole: &chat.Whole{Rest: f.rest, Stretches: f.stretches}}
	p.Whole.Transcript = chat.File{Name: name, Size: f.text.size, Digest: record.Digest(sum.Sum(nil)), Content: f.text}
	for _, t := range f.order {
		e := t.export(name)
		e.Container = packed
		p.Exports = append(p.Exports, e)
	}
	for i := range f.entries { // the same file under two keys is the same file
		if f.entries[i].Role == chat.RoleOrphan && f.used[f.entries[i].Digest] {
			f.entries[i].Role = chat.RoleMedia
		}
	}
	p.Whole.Entries = f.entries
	return p, f.text.err()
}

// read goes through the lines once, and adds them to the digest of the whole.
func (f *file) read(sum hash.Hash) error {
	return f.text.lines(f.opt.Limits.Message, func(at int64, text []byte) error {
		sum.Write(text)
		var fr frame
		if json.Unmarshal(text, &fr) != nil || fr.ChatItem == nil || fr.ChatItem.Chat == "" {
			f.about(&fr)
			f.rest.Add(chat.Span{Offset: at, Length: int64(len(text))})
			f.stretch(-1, len(text))
		} else {
			f.messages++
			f.talkOf(fr.ChatItem.Chat).add(fr.ChatItem, at, text)
		}
		switch {
		case f.messages > f.opt.Limits.Messages:
			return chat.Refuse(record.ReasonBomb, "the export has more than the limit of %d messages", f.opt.Limits.Messages)
		case len(f.order) > maxTalks || len(f.people)+len(f.aci)+len(f.chats) > maxPeople:
			return chat.Refuse(record.ReasonBomb, "the export has more chats or people than any account")
		}
		return nil
	})
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
		t.sum = sha256.New()
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

func (t *talk) add(it *item, at int64, text []byte) {
	t.lines = append(t.lines, line{uint32(at), uint32(len(text)), t.size})
	t.size += int64(len(text))
	t.sum.Write(text)
	t.f.stretch(t.index, len(text))
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
func (t *talk) export(name string) *chat.Export {
	f := t.f
	e := &chat.Export{App: App, Platform: Platform, Grade: chat.GradeFull, Zone: f.opt.Zone, Messages: t, Timer: t.timer,
		DateOrder: chat.DateOrder{Order: "YMD", Used: "YMD", Proof: "absolute_time"}}
	if t.with != "" {
		e.Title, e.TitleFrom = f.person(t.with).Name, "recipient"
		if t.with == f.self {
			e.Title = "Note to Self"
		}
	}
	e.Transcript = chat.File{Name: name, Size: t.size, Digest: record.Digest(t.sum.Sum(nil)), Content: t}
	for _, n := range t.kept {
		entry := f.entries[n]
		entry.Role = chat.RoleMedia
		e.Entries = append(e.Entries, entry)
		f.used[entry.Digest] = true
	}
	t.survey(e)
	e.Context = t.about
	return e
}

// survey counts what came and what did not.
func (t *talk) survey(e *chat.Export) {
	missing := make(map[string]bool)
	for _, m := range t.Range(0, len(t.lines)) {
		for _, a := range m.Attachments {
			switch {
			case a.Omit:
			case a.Entry > 0:
				e.Linked++
			case t.f.sent && !missing[a.Name]:
				missing[a.Name] = true
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

// Err implements [chat.Messages].
func (t *talk) Err() error { return t.f.text.err() }

// Range implements [chat.Messages].
func (t *talk) Range(from, to int) iter.Seq2[int, *chat.Message] {
	return func(yield func(int, *chat.Message) bool) {
		var m chat.Message
		w := &window{of: t.f.text}
		for i := from; i < to; i++ {
			l := t.lines[i]
			m = chat.Message{Offset: l.at, Length: int64(l.length), Precision: chat.Second}
			text := w.line(l)
			if text == nil {
				return // it cannot be read: Err says so
			}
			var fr frame
			if err := json.Unmarshal(text, &fr); err == nil && fr.ChatItem != nil {
				t.message(&m, fr.ChatItem)
			}
			if !yield(i, &m) {
				return
			}
		}
	}
}

// ReadAt implements [io.ReaderAt].
func (t *talk) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("a negative offset")
	}
	k, found := slices.BinarySearchFunc(t.lines, off, func(l line, off int64) int { return cmp.Compare(l.at, off) })
	if !found {
		k--
	}
	for k = max(k, 0); n < len(p) && k < len(t.lines); k++ {
		within := off + int64(n) - t.lines[k].at
		from, length := int64(t.lines[k].start)+within, int64(t.lines[k].length)-within
		for length < int64(len(p)-n) && k+1 < len(t.lines) && int64(t.lines[k+1].start) == from+length { // they stand together
			k++
			length += int64(t.lines[k].length)
		}
		if length <= 0 {
			continue
		}
		want := min(int64(len(p)-n), length)
		got, err := t.f.text.ReadAt(p[n:n+int(want)], from)
		n += got
		if int64(got) < want {
			return n, cmp.Or(err, io.ErrUnexpectedEOF)
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// about says who the numbers of a day's messages are, which is all that its
// octets do not: with it the day can be read alone.
func (t *talk) about(d *chat.Day) ([]byte, error) {
	c := dayContext{People: make(map[id]person)}
	lines := &text{ReaderAt: d, size: d.Size()}
	err := lines.lines(t.f.opt.Limits.Message, func(_ int64, line []byte) error { // and not by number: it may be a day of which some is left out
		var fr frame
		if json.Unmarshal(line, &fr) == nil && fr.ChatItem != nil {
			c.People[fr.ChatItem.Author] = t.f.person(fr.ChatItem.Author)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return json.Marshal(c)
}

// A dayContext is what [chat.Export.Context] gives of a day.
type dayContext struct {
	People map[id]person `json:"people"`
}
