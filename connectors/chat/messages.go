package chat

import "iter"

// Messages are an export's messages in the order of its file. A parser need
// not hold them: it may keep where each of them is and read it when it is asked
// for, so that memory does not grow with what people wrote.
//
// Messages may be read by several goroutines at once.
type Messages interface {
	Len() int
	// Range yields the messages from index from up to index to, which is not
	// among them. A message belongs to the sequence, which makes the next one
	// in its place: what is kept of it MUST be copied. Its strings and slices
	// may be kept. Where the transcript cannot be read it ends early.
	Range(from, to int) iter.Seq2[int, *Message]
	// Err is the first error of reading the transcript, in whatever Range. As
	// long as it is nil every Range was complete; nothing MUST be concluded from
	// one before it was asked.
	Err() error
}

// A List is messages that are held in memory.
type List []Message

// Err implements [Messages].
func (l List) Err() error { return nil }

// Len implements [Messages].
func (l List) Len() int { return len(l) }

// Range implements [Messages].
func (l List) Range(from, to int) iter.Seq2[int, *Message] {
	return func(yield func(int, *Message) bool) {
		for i := from; i < to; i++ {
			if m := l[i]; !yield(i, &m) {
				return
			}
		}
	}
}

// Count is the number of messages.
func (e *Export) Count() int {
	if e.Messages == nil {
		return 0
	}
	return e.Messages.Len()
}

// All yields every message, as [Messages] says.
func (e *Export) All() iter.Seq2[int, *Message] {
	return func(yield func(int, *Message) bool) {
		if e.Messages == nil {
			return
		}
		e.Messages.Range(0, e.Messages.Len())(yield)
	}
}

// Err is the first error of reading the messages; see [Messages].
func (e *Export) Err() error {
	if e.Messages == nil {
		return nil
	}
	return e.Messages.Err()
}

// List returns every message of the export, held in memory.
func (e *Export) List() List {
	l := make(List, 0, e.Count())
	for _, m := range e.All() {
		l = append(l, *m)
	}
	return l
}
