package chat

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// Options say what the file of an export cannot. The zero value is usable.
type Options struct {
	Zone         *time.Location // the zone that the phone is assumed to have been in; nil flags no hour
	DateOrder    string         // pins DMY, MDY or YMD; empty: find out
	Calendar     string         // pins what an earlier reading found, as [Export.Calendar] has it; empty: find out
	DefaultOrder string         // for files that prove nothing; empty: DMY
	Outer        time.Time      // no message can be later: the covering e-mail's date. Zero: unknown
	Limits       Limits

	// Beside are files that came with a bare transcript, as the other attachments
	// of an e-mail do: those that its messages name are its media.
	Beside []Loose

	// Keep holds octets that can only be read from their beginning, such as those
	// of a text inside a zip file, so that they can be read at random until they
	// are closed. Who gave it closes what is still open when the export is no
	// longer used. nil: they are held in memory, up to [MaxHeld].
	Keep func(io.Reader) (Kept, error)
}

// Kept is octets that can be read at random.
type Kept interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// MaxHeld is how long a transcript can be that is held in memory.
const MaxHeld = 128 << 20

// Limits bound what an export may contain. Zero fields have defaults.
type Limits struct {
	Transcript int64 // octets of the transcript; default 4 GiB, or [MaxHeld] where it is held in memory
	Message    int64 // octets of one message, of which several copies may be in memory; default 16 MiB, sixty times what an app sends
	Messages   int   // for each, some thirty octets are held; default 1,000,000, ten times what an app exports at most
	Total      int64 // octets of all entries, unpacked; default 64 GiB
	Entries    int   // default 100,000
	Ratio      int64 // unpacked to packed, of the whole container and of each entry over 16 MiB; default 250
}

// WithDefaults returns the limits with their defaults where none was set.
func (l Limits) WithDefaults() Limits {
	return Limits{
		Transcript: cmp.Or(l.Transcript, 4<<30),
		Message:    cmp.Or(l.Message, 16<<20),
		Messages:   cmp.Or(l.Messages, 1_000_000),
		Total:      cmp.Or(l.Total, 64<<30),
		Entries:    cmp.Or(l.Entries, 100_000),
		Ratio:      cmp.Or(l.Ratio, 250),
	}
}

// Loose is a media file that came beside a bare transcript.
type Loose struct {
	Name string
	Size int64
	Open func() (io.ReadCloser, error)
}

// A Refusal is why a file is no export that can be read. Its text holds no
// content of the file.
type Refusal struct {
	Reason record.Reason
	Detail string
}

// Error implements error.
func (r *Refusal) Error() string { return r.Detail }

// Refuse returns a [Refusal].
func Refuse(reason record.Reason, format string, args ...any) error {
	return &Refusal{reason, fmt.Sprintf(format, args...)}
}

// ReasonOf returns the reason of a [Refusal] in err's chain, or
// [record.ReasonUnreadable].
func ReasonOf(err error) record.Reason {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Reason
	}
	return record.ReasonUnreadable
}

// A Parcel is what one file brought: the export of a chat, those of several that
// were packed together, or those of every chat that an account has.
type Parcel struct {
	Exports []*Export // at least one
	Whole   *Whole    // where the exports' transcripts are parts of one file; nil where each is a file
}

// A Whole is a file that the transcripts of several exports were taken out of.
// Its stretches, in order, concatenate to it, and each export's stretches to
// that export's transcript.
type Whole struct {
	Transcript File
	Entries    []Entry // of the container, whichever chat they belong to
	Rest       *Pieces // what belongs to no export
	Stretches  []Stretch
}

// A Stretch is a run of bytes of a [Whole].
type Stretch struct {
	Export int // index into [Parcel.Exports]; -1 for the rest
	Length int64
}

// Map returns the span map of the whole file. Its parts are those that name
// gives to the days of the exports, and [PreamblePart] for the rest.
func (p *Parcel) Map(name func(export int, date string) string) Map {
	m := Map{Size: p.Whole.Transcript.Size, Digest: p.Whole.Transcript.Digest}
	runs := make([][]Run, len(p.Exports))
	for i, e := range p.Exports {
		runs[i] = e.Map().Runs
	}
	rest := int64(0)
	for _, s := range p.Whole.Stretches {
		if s.Export < 0 {
			m.Runs = append(m.Runs, Run{PreamblePart, rest, s.Length})
			rest += s.Length
			continue
		}
		for left := s.Length; left > 0; {
			r := &runs[s.Export][0]
			n := min(left, r.Length)
			m.Runs = append(m.Runs, Run{name(s.Export, r.Part), r.Offset, n})
			r.Offset, r.Length, left = r.Offset+n, r.Length-n, left-n
			if r.Length == 0 {
				runs[s.Export] = runs[s.Export][1:]
			}
		}
	}
	return m
}

// Pieces are stretches of a source that are read as one, in place of a copy of
// them. They implement [io.ReaderAt].
type Pieces struct {
	source io.ReaderAt
	pieces []piece
	size   int64
}

type piece struct {
	Span
	at int64 // offset in the whole
}

// PiecesOf returns nothing yet of a source.
func PiecesOf(source io.ReaderAt) *Pieces { return &Pieces{source: source} }

// Add puts a stretch of the source at the end.
func (p *Pieces) Add(s Span) {
	if n := len(p.pieces); n > 0 && p.pieces[n-1].End() == s.Offset {
		p.pieces[n-1].Length += s.Length
	} else {
		p.pieces = append(p.pieces, piece{s, p.size})
	}
	p.size += s.Length
}

// Size is the length of all the pieces in octets.
func (p *Pieces) Size() int64 { return p.size }

// ReadAt implements [io.ReaderAt].
func (p *Pieces) ReadAt(b []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("a negative offset")
	}
	k, found := slices.BinarySearchFunc(p.pieces, off, func(p piece, off int64) int { return cmp.Compare(p.at, off) })
	if !found {
		k--
	}
	for k = max(k, 0); n < len(b) && k < len(p.pieces); k++ {
		at := p.pieces[k]
		within := off + int64(n) - at.at
		if within >= at.Length {
			continue
		}
		want := min(int64(len(b)-n), at.Length-within)
		got, err := p.source.ReadAt(b[n:n+int(want)], at.Offset+within)
		n += got
		if int64(got) < want {
			return n, cmp.Or(err, io.ErrUnexpectedEOF)
		}
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}
