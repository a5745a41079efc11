package chat

import (
	"errors"
	"io"
	"iter"

	"github.com/closeroll/closeroll/archive/record"
)

// Only returns the parcel as if it held only those of its messages that keep says
// (see [Export.Only]): a chat of which nothing is kept is not in it. Of what
// belongs to no chat it keeps nothing, if rest is not set: that names the people
// of chats that were left out. left is told, in the order of the file, of each
// message that is not kept, with the offset in the text that is at which it was.
//
// It is for parcels with a [Whole].
func (p *Parcel) Only(keep func(export, message int) bool, rest bool, left func(export, message int, at int64)) (*Parcel, error) {
	out := &Parcel{}
	place := make([]int, len(p.Exports)) // in out; -1 if nothing of it is kept
	for i, e := range p.Exports {
		place[i] = -1
		for m := range e.Count() {
			if keep(i, m) {
				place[i] = len(out.Exports)
				break
			}
		}
		if place[i] < 0 {
			continue
		}
		reduced, err := e.Only(func(m int) bool { return keep(i, m) })
		if err != nil {
			return nil, err
		}
		out.Exports = append(out.Exports, reduced)
	}
	c := cutting{from: p.Whole, place: place, keep: keep, left: left, text: PiecesOf(p.Whole.Transcript.Content)}
	out.Whole = &Whole{Rest: PiecesOf(p.Whole.Transcript.Content)}
	if err := c.run(p.Exports, rest, out.Whole); err != nil {
		return nil, err
	}
	digest, size, err := record.SumReader(io.NewSectionReader(c.text, 0, c.text.Size()))
	if err != nil {
		return nil, err
	}
	out.Whole.Transcript = File{Name: p.Whole.Transcript.Name, Size: size, Digest: digest, Content: c.text}
	out.Whole.Entries = entriesOf(p.Whole.Entries, out.Exports, rest)
	return out, nil
}

// A cutting takes messages out of a whole file.
type cutting struct {
	from  *Whole
	place []int
	keep  func(export, message int) bool
	left  func(export, message int, at int64)
	text  *Pieces
}

// A taker yields the messages of an export one by one.
type taker struct {
	next func() (int, *Message, bool)
	stop func()
}

func (c *cutting) run(exports []*Export, rest bool, out *Whole) error {
	takers := make([]taker, len(exports))
	for i, e := range exports {
		next, stop := iter.Pull2(e.All())
		defer stop()
		takers[i] = taker{next, stop}
	}
	var at int64
	for _, s := range c.from.Stretches {
		if s.Export < 0 {
			if rest {
				c.add(out, Span{at, s.Length}, -1)
				out.Rest.Add(Span{at, s.Length})
			}
			at += s.Length
			continue
		}
		for used := int64(0); used < s.Length; {
			i, m, more := takers[s.Export].next()
			if !more || m.Length > s.Length-used || m.Length <= 0 {
				return errors.Join(exports[s.Export].Err(), errors.New("the messages of an export are not the stretches of its file"))
			}
			if c.keep(s.Export, i) {
				c.add(out, Span{at, m.Length}, c.place[s.Export])
			} else {
				c.left(s.Export, i, c.text.Size())
			}
			used, at = used+m.Length, at+m.Length
		}
	}
	return nil
}

func (c *cutting) add(out *Whole, s Span, export int) {
	c.text.Add(s)
	if n := len(out.Stretches); n > 0 && out.Stretches[n-1].Export == export {
		out.Stretches[n-1].Length += s.Length
		return
	}
	out.Stretches = append(out.Stretches, Stretch{Export: export, Length: s.Length})
}

// entriesOf are the entries of a container that go with exports: the media that
// their messages mention, and what only packs them. What no message of the file
// mentions goes with the rest.
func entriesOf(all []Entry, exports []*Export, rest bool) []Entry {
	used := make(map[record.Digest]bool)
	for _, e := range exports {
		for _, entry := range e.Entries {
			if entry.Role == RoleMedia {
				used[entry.Digest] = true
			}
		}
	}
	out := make([]Entry, len(all))
	copy(out, all)
	for i := range out {
		switch out[i].Role {
		case RoleTranscript, RolePackaging:
		case RoleMedia:
			if !used[out[i].Digest] {
				out[i].Role = RoleOmitted
			}
		default:
			if !rest {
				out[i].Role = RoleOmitted
			}
		}
	}
	return out
}
