package chat

import (
	"io"
	"iter"
	"slices"

	"github.com/closeroll/closeroll/archive/record"
)

// RoleOmitted is an entry of which nothing is kept, because only messages that
// were left out mention it, or because it repeats them.
const RoleOmitted Role = "omitted"

// Only returns the export as if it held only those of its messages that keep
// says, with their media: its transcript is the octets of the preamble and of
// those messages, in the order of the file. Nothing in it tells what the others
// said, their number and place apart.
func (e *Export) Only(keep func(i int) bool) (*Export, error) {
	out := *e
	text := PiecesOf(e.Transcript.Content)
	text.Add(Span{0, e.Preamble.Length})
	kept := &selected{from: e.Messages}
	used, dropped := make(map[int]bool), make(map[int]bool) // entries, by index
	out.Missing, out.Linked = nil, 0
	for i, m := range e.All() {
		for _, a := range m.Attachments {
			switch {
			case a.Entry > 0 && keep(i):
				used[a.Entry-1] = true
				out.Linked++
			case a.Entry > 0:
				dropped[a.Entry-1] = true
			case keep(i) && slices.Contains(e.Missing, a.Name):
				out.Missing = append(out.Missing, a.Name)
			}
		}
		if keep(i) {
			kept.which, kept.at = append(kept.which, i), append(kept.at, text.Size())
			text.Add(m.Span())
		}
	}
	digest, size, err := record.SumReader(io.NewSectionReader(text, 0, text.Size()))
	if err != nil {
		return nil, err
	}
	out.Transcript = File{Name: e.Transcript.Name, Size: size, Digest: digest, Content: text}
	out.Messages, out.Container = kept, File{}
	out.Entries = slices.Clone(e.Entries)
	for i := range out.Entries {
		if dropped[i] && !used[i] || out.Entries[i].Role == RoleCopy {
			out.Entries[i].Role = RoleOmitted
		}
	}
	out.Gaps = slices.Clone(e.Gaps)
	for i := range out.Gaps {
		out.Gaps[i].AfterIndex = max(kept.before(out.Gaps[i].AfterIndex+1)-1, 0)
	}
	out.ShapeChangeAt = kept.before(e.ShapeChangeAt)
	return &out, nil
}

// A selected is some of the messages of an export.
type selected struct {
	from  Messages
	which []int   // their indexes there, ascending
	at    []int64 // where they begin in the text that is kept
}

// before is how many of the first n messages were kept.
func (s *selected) before(n int) int {
	k, _ := slices.BinarySearch(s.which, n)
	return k
}

// Err implements [Messages].
func (s *selected) Err() error { return s.from.Err() }

// Len implements [Messages].
func (s *selected) Len() int { return len(s.which) }

// Range implements [Messages].
func (s *selected) Range(from, to int) iter.Seq2[int, *Message] {
	return func(yield func(int, *Message) bool) {
		for k := from; k < to; {
			n := 1 // messages that stand together there
			for k+n < to && s.which[k+n] == s.which[k]+n {
				n++
			}
			for i, m := range s.from.Range(s.which[k], s.which[k]+n) {
				at := k + i - s.which[k]
				one := *m
				one.Offset = s.at[at]
				if !yield(at, &one) {
					return
				}
			}
			k += n
		}
	}
}

// Omitted says where messages were left out of those that keep says: before
// which of the kept ones, counting from 0, in ascending order.
func Omitted(total int, keep func(i int) bool) (before []int) {
	kept := 0
	for i := range total {
		if keep(i) {
			kept++
		} else if n := len(before); n == 0 || before[n-1] != kept {
			before = append(before, kept)
		}
	}
	return before
}
