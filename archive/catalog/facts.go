package catalog

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// What a holding's row keeps of its facts is packed: flags, then the kind, the
// texts that the row's own columns do not say, the words, and the times, to the
// nanosecond, in UTC. What changes after capture is not in it.

// The flags of packed facts.
const (
	ownSource = 1 << iota // another than the column's follows
	ownCustodian
	ownChannel
	ownFolder
	suspectDate
	hasSent
	hasReceived
	hasCaptured
	hasModified
	knownFacts // flags that are not below it are of no version of this
)

var errPacked = errors.New("packed facts are damaged")

// packFacts packs the facts of the holding h.
func packFacts(f *record.Facts, h *record.Holding) []byte {
	var flags uint64
	for _, is := range []struct {
		flag uint64
		so   bool
	}{{ownSource, f.Source != h.Source}, {ownCustodian, f.Custodian != h.Custodian}, {ownChannel, f.Channel != h.Channel}, {ownFolder, f.Folder != h.Folder},
		{suspectDate, f.DateSuspect}, {hasSent, !f.Sent.IsZero()}, {hasReceived, !f.Received.IsZero()}, {hasCaptured, !f.Captured.IsZero()}, {hasModified, !f.LastModified.IsZero()}} {
		if is.so {
			flags |= is.flag
		}
	}
	p := packer{binary.AppendUvarint(nil, flags)}
	for _, own := range []struct {
		flag uint64
		text string
	}{{ownSource, f.Source}, {ownCustodian, f.Custodian}, {ownChannel, string(f.Channel)}, {ownFolder, f.Folder}} {
		if flags&own.flag != 0 {
			p.text(own.text)
		}
	}
	for _, s := range []string{string(f.Kind), f.Role, f.Grade, f.Mailbox, f.Significance} {
		p.text(s)
	}
	p.words(f)
	for _, at := range []time.Time{f.Sent, f.Received, f.Captured, f.LastModified} {
		if !at.IsZero() {
			p.signed(at.Unix())
			p.number(uint64(at.Nanosecond()))
		}
	}
	return p.b
}

// unpackFacts is the reverse of packFacts.
func unpackFacts(b []byte, h *record.Holding) (record.Facts, error) {
	u := unpacker{b: b}
	flags := u.number()
	f := record.Facts{Source: h.Source, Custodian: h.Custodian, Channel: h.Channel, Folder: h.Folder, DateSuspect: flags&suspectDate != 0}
	if flags&ownSource != 0 {
		f.Source = u.text()
	}
	if flags&ownCustodian != 0 {
		f.Custodian = u.text()
	}
	if flags&ownChannel != 0 {
		f.Channel = record.Channel(u.text())
	}
	if flags&ownFolder != 0 {
		f.Folder = u.text()
	}
	f.Kind, f.Role, f.Grade, f.Mailbox, f.Significance = record.Kind(u.text()), u.text(), u.text(), u.text(), u.text()
	u.words(&f)
	for _, at := range []struct {
		flag uint64
		to   *time.Time
	}{{hasSent, &f.Sent}, {hasReceived, &f.Received}, {hasCaptured, &f.Captured}, {hasModified, &f.LastModified}} {
		if flags&at.flag != 0 {
			seconds := u.signed()
			*at.to = time.Unix(seconds, int64(u.number())).UTC()
		}
	}
	if u.damaged || len(u.b) > 0 || flags >= knownFacts {
		return record.Facts{}, errPacked
	}
	return f, nil
}

// A packer appends numbers and texts.
type packer struct{ b []byte }

func (p *packer) number(n uint64) { p.b = binary.AppendUvarint(p.b, n) }
func (p *packer) signed(n int64)  { p.b = binary.AppendVarint(p.b, n) }

func (p *packer) text(s string) {
	p.number(uint64(len(s)))
	p.b = append(p.b, s...)
}

func (p *packer) texts(list []string) {
	p.number(uint64(len(list)))
	for _, s := range list {
		p.text(s)
	}
}

func (p *packer) words(f *record.Facts) {
	p.texts(f.From)
	p.texts(f.To)
	p.text(f.Subject)
	p.text(f.Chat)
}

// An unpacker takes them off again. What is not there is nothing, and damaged
// is set: whoever uses it looks once, at the end.
type unpacker struct {
	b       []byte
	damaged bool
	whole   string   // what b is the end of, if texts may be of it
	room    []string // for lists of texts
}

// unpackWhole unpacks texts that are all of one string, so that there are none
// to be made.
func unpackWhole(b []byte) *unpacker { return &unpacker{b: b, whole: string(b)} }

func (u *unpacker) number() uint64 {
	n, size := binary.Uvarint(u.b)
	if size <= 0 {
		u.b, u.damaged = nil, true
		return 0
	}
	u.b = u.b[size:]
	return n
}

func (u *unpacker) signed() int64 {
	n, size := binary.Varint(u.b)
	if size <= 0 {
		u.b, u.damaged = nil, true
		return 0
	}
	u.b = u.b[size:]
	return n
}

// octets returns the next n octets, of what is unpacked itself.
func (u *unpacker) octets(n uint64) []byte {
	if n > uint64(len(u.b)) {
		u.b, u.damaged = nil, true
		return nil
	}
	out := u.b[:n]
	u.b = u.b[n:]
	return out
}

func (u *unpacker) text() string {
	raw := u.octets(u.number())
	if u.whole == "" {
		return string(raw)
	}
	end := len(u.whole) - len(u.b)
	return u.whole[end-len(raw) : end]
}

// count is a number of things that take at least one octet each.
func (u *unpacker) count() int {
	n := u.number()
	if n > uint64(len(u.b)) {
		u.b, u.damaged = nil, true
		return 0
	}
	return int(n)
}

func (u *unpacker) texts() []string {
	n := u.count()
	if n == 0 {
		return nil
	}
	if n > len(u.room) {
		size := n
		if u.whole != "" {
			size = max(n, 1024) // for those that follow
		}
		u.room = make([]string, size)
	}
	list := u.room[:n:n]
	u.room = u.room[n:]
	for i := range list {
		list[i] = u.text()
	}
	return list
}

func (u *unpacker) words(f *record.Facts) {
	f.From, f.To, f.Subject, f.Chat = u.texts(), u.texts(), u.text(), u.text()
}
