package chat

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/closeroll/closeroll/archive/record"
)

// Undated is the day of messages whose stamp names no date: impossible ones
// (31 February) and those without a year. A message is never moved to the day
// of its neighbours, because that would be a guess recorded as a fact.
const Undated = "undated"

// PreamblePart names, in a [Map], the bytes before the first message.
const PreamblePart = "preamble"

// A Day is what an export printed under one date, in file order. A date may
// recur later in the file; all its spans belong to the one Day.
type Day struct {
	Date     string // 2006-01-02, or Undated
	Spans    []Span // adjacent spans are joined; of this export only, never part of a record
	Size     int64
	Messages []int        // indexes into Export.Messages
	Entries  []int        // indexes into Export.Entries of the media that these messages mention, each once
	has      map[int]bool // of Entries, plus one
	source   io.ReaderAt
}

// Reader reads the day's exact bytes.
func (d *Day) Reader() io.Reader {
	parts := make([]io.Reader, len(d.Spans))
	for i, s := range d.Spans {
		parts[i] = io.NewSectionReader(d.source, s.Offset, s.Length)
	}
	return io.MultiReader(parts...)
}

// Bytes returns the day's exact bytes.
func (d *Day) Bytes() ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(d.Size))
	if _, err := io.Copy(&b, d.Reader()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Days groups the messages by printed date, in the order in which the dates
// first appear in the file.
func (e *Export) Days() []*Day {
	var days []*Day
	byDate := make(map[string]*Day)
	for i := range e.Messages {
		m := &e.Messages[i]
		date := m.Date()
		d := byDate[date]
		if d == nil {
			d = &Day{Date: date, has: make(map[int]bool), source: e.Transcript.Content}
			byDate[date] = d
			days = append(days, d)
		}
		d.add(i, m)
	}
	return days
}

func (d *Day) add(i int, m *Message) {
	d.Messages = append(d.Messages, i)
	d.Size += m.Length
	if n := len(d.Spans); n > 0 && d.Spans[n-1].End() == m.Offset {
		d.Spans[n-1].Length += m.Length
	} else {
		d.Spans = append(d.Spans, m.Span())
	}
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
	for i := range e.Messages {
		date, length := e.Messages[i].Date(), e.Messages[i].Length
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
