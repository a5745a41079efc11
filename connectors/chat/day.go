package chat

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// Undated is the day of messages whose stamp names no date: impossible ones
// (31 February) and those without a year. A message is never moved to the day
// of its neighbours, because that would be a guess recorded as a fact.
const Undated = "undated"

// PreamblePart names, in a [Map], the bytes before the first message.
const PreamblePart = "preamble"

// A Day is what an export printed under one date, in file order. A date may
// recur later in the file; all its parts belong to the one Day. It reads the
// day's exact bytes out of the transcript, as an [io.ReaderAt].
type Day struct {
	*Pieces
	Date     string // 2006-01-02, or Undated
	Parts    []Part // adjacent messages are one part; of this export only, never of a record
	Count    int    // of its messages
	Entries  []int  // indexes into Export.Entries of the media that these messages mention, each once
	has      map[int]bool
	messages Messages
}

// A Part is a run of adjacent messages of one day, by their indexes; To is not
// among them.
type Part struct{ From, To int }

// An ArchivedDay is a day of a chat that was taken out of its export.
type ArchivedDay struct {
	App     string // of the export
	Text    io.ReaderAt
	Size    int64
	Context []byte // what [Export.Context] returned of the day
	Media   []Loose
}

// All yields the day's messages with their indexes in the export, as
// [Messages] says.
func (d *Day) All() iter.Seq2[int, *Message] {
	return func(yield func(int, *Message) bool) {
		for _, p := range d.Parts {
			for i, m := range d.messages.Range(p.From, p.To) {
				if !yield(i, m) {
					return
				}
			}
		}
	}
}

// Days groups the messages by printed date, in the order in which the dates
// first appear in the file.
func (e *Export) Days() []*Day {
	var days []*Day
	byDate := make(map[string]*Day)
	var last *Day
	var lastTime time.Time
	for i, m := range e.All() {
		d := last
		if last == nil || !sameDay(m.Time, lastTime) {
			date := m.Date()
			if d = byDate[date]; d == nil {
				d = &Day{Pieces: PiecesOf(e.Transcript.Content), Date: date, has: make(map[int]bool), messages: e.Messages}
				byDate[date] = d
				days = append(days, d)
			}
			last, lastTime = d, m.Time
		}
		d.add(i, m)
	}
	return days
}

// sameDay reports whether two printed times are of one date; the zero time is
// of none but its own.
func sameDay(a, b time.Time) bool {
	const day = 24 * 60 * 60
	yearOne := time.Time{}.Unix() // the earliest that can be printed
	return a.IsZero() == b.IsZero() && (a.Unix()-yearOne)/day == (b.Unix()-yearOne)/day
}

func (d *Day) add(i int, m *Message) {
	if n := len(d.Parts); n > 0 && d.Parts[n-1].To == i {
		d.Parts[n-1].To++
	} else {
		d.Parts = append(d.Parts, Part{i, i + 1})
	}
	d.Add(m.Span())
	d.Count++
	for _, a := range m.Attachments {
		if a.Entry > 0 && !d.has[a.Entry] {
			d.has[a.Entry] = true
			d.Entries = append(d.Entries, a.Entry-1)
		}
	}
}

// A Map says how a transcript is made up of its preamble and its days, so that
// the whole file can be written again byte for byte. It is JSON.
type Map struct {
	Size   int64         `json:"size"`
	Digest record.Digest `json:"sha256"`
	Runs   []Run         `json:"runs"`
}

// A Run is Length bytes of a part (a day's date, or [PreamblePart]) from
// Offset. In JSON it is an array of the three: a long chat has many.
type Run struct {
	Part   string
	Offset int64
	Length int64
}

// MarshalJSON writes ["2026-07-13",0,120].
func (r Run) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{r.Part, r.Offset, r.Length})
}

// UnmarshalJSON accepts what MarshalJSON writes and nothing else.
func (r *Run) UnmarshalJSON(b []byte) error {
	var raw []json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	if len(raw) != 3 {
		return fmt.Errorf("a run has a part, an offset and a length, not %d values", len(raw))
	}
	return errors.Join(
		json.Unmarshal(raw[0], &r.Part),
		json.Unmarshal(raw[1], &r.Offset),
		json.Unmarshal(raw[2], &r.Length))
}

// Map returns the export's span map.
func (e *Export) Map() Map {
	m := Map{Size: e.Transcript.Size, Digest: e.Transcript.Digest}
	if e.Preamble.Length > 0 {
		m.Runs = append(m.Runs, Run{PreamblePart, 0, e.Preamble.Length})
	}
	at := make(map[string]int64)
	var last time.Time
	date := ""
	for _, msg := range e.All() {
		length := msg.Length
		if date == "" || !sameDay(msg.Time, last) {
			date, last = msg.Date(), msg.Time
		}
		if n := len(m.Runs); n > 0 && m.Runs[n-1].Part == date {
			m.Runs[n-1].Length += length
		} else {
			m.Runs = append(m.Runs, Run{date, at[date], length})
		}
		at[date] += length
	}
	return m
}

// ErrMismatch means that the parts given do not make up the mapped transcript.
var ErrMismatch = errors.New("the parts do not make up the transcript")

// Reassemble writes the transcript that m describes from its parts, which part
// returns by name. It returns an error that wraps [ErrMismatch] if what it
// wrote is not the transcript's digest; w has been written to by then.
func Reassemble(w io.Writer, m Map, part func(name string) (io.ReaderAt, error)) error {
	sum := sha256.New()
	if err := writeRuns(io.MultiWriter(w, sum), m, part); err != nil {
		return err
	}
	if digest := record.Digest(sum.Sum(nil)); digest != m.Digest {
		return fmt.Errorf("%w: its digest is %s, not %s", ErrMismatch, digest, m.Digest)
	}
	return nil
}

func writeRuns(w io.Writer, m Map, part func(string) (io.ReaderAt, error)) error {
	var total int64
	for _, r := range m.Runs {
		if r.Offset < 0 || r.Length < 0 || r.Length > m.Size-total {
			return fmt.Errorf("%w: a run lies outside it", ErrMismatch)
		}
		src, err := part(r.Part)
		if err != nil {
			return err
		}
		n, err := io.Copy(w, io.NewSectionReader(src, r.Offset, r.Length))
		if err != nil {
			return err
		}
		if n != r.Length {
			return fmt.Errorf("%w: part %s is too short", ErrMismatch, r.Part)
		}
		total += n
	}
	return nil
}
