// Package whatsapp reads WhatsApp chat exports into the vocabulary of
// connectors/chat: the .txt and .zip files of the phone apps' "Export chat"
// since 2013, the export of WhatsApp Web and Desktop, and text pasted out of
// either.
//
// # How a transcript is read
//
// The grammar is structural. A header's form (brackets, separators, digits,
// what stands between date and time) depends on the phone's language and
// region, of which there are hundreds of combinations; but it is fixed for the
// whole file, because it is applied once, at export. So the form is learned
// from the file and compiled, and every other header-like line is text that
// somebody typed. No list of locales is needed, and a new one needs no code.
//
// Lists are used where structure says nothing: which words mean afternoon, and
// what the app's placeholders and notices say in which language. A phrase that
// is missing from a list costs a message its kind. The opposite mistake, a
// person's sentence reported as a deletion or an event, would be false
// evidence; where both are possible the message stays text.
//
// # What it promises
//
// Any bytes can be given to it. It does not panic, takes time linear in the
// transcript's length, never writes a file, and never uses an entry's name as
// a path. Preamble and spans always concatenate to the transcript.
//
// A transcript of over 4 MiB is not held: it is read where it is, or where
// Options.Keep has put what cannot be read at random, 256 KiB at a time, and
// anew whenever its messages are asked for. 28 octets a message are held, and
// who speaks.
package whatsapp

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/chat/container"
)

// App is the value of [chat.Export.App].
const App = "whatsapp"

// The options of every messenger's parser.
type (
	Options = chat.Options
	Limits  = chat.Limits
	Loose   = chat.Loose
	Refusal = chat.Refusal
)

func withDefaults(o Options) Options {
	o.DefaultOrder = cmp.Or(o.DefaultOrder, DMY)
	o.Limits = o.Limits.WithDefaults()
	o.Limits.Transcript = min(o.Limits.Transcript, maxTranscript)
	return o
}

// Open reads an export: a zip file, or a bare transcript. Of a zip file with
// several it reads the one that the container is of; [OpenAll] reads each. name is the file's
// name as the source gave it; it is used for the chat's title and nothing
// else. r must stay readable as long as the export is used: a long transcript
// is read anew whenever its messages are asked for.
//
// An error is a [Refusal] unless reading r failed or ctx ended. A file is
// refused whole or read whole.
func Open(ctx context.Context, name string, r io.ReaderAt, size int64, opt Options) (*chat.Export, error) {
	opt = withDefaults(opt)
	if container.Is(r) {
		_, e, err := openZip(ctx, name, r, size, opt)
		return e, err
	}
	return OpenLoose(ctx, name, r, size, nil, opt)
}

// OpenLoose reads a bare transcript with the media that came beside it.
func OpenLoose(ctx context.Context, name string, r io.ReaderAt, size int64, media []Loose, opt Options) (*chat.Export, error) {
	opt = withDefaults(opt)
	if size > opt.Limits.Transcript {
		return nil, tooLong(size, opt.Limits.Transcript)
	}
	t, err := textOf(r, size)
	if err != nil {
		return nil, err
	}
	e := &chat.Export{App: App, Zone: opt.Zone}
	e.Title, e.TitleFrom = titleOf(name, "file name")
	for _, m := range media {
		digest, err := container.Digest(ctx, m.Open, m.Size)
		if err != nil {
			return nil, fmt.Errorf("reading media beside the transcript: %w", err)
		}
		e.Entries = append(e.Entries, chat.Entry{Name: m.Name, Size: m.Size, Digest: digest,
			Unsafe: container.UnsafeName(m.Name), Role: chat.RoleOrphan, Open: m.Open})
	}
	if err := fill(ctx, e, name, t, opt); err != nil {
		return nil, err
	}
	return e, ctx.Err()
}

func tooLong(size, limit int64) error {
	return chat.Refuse(record.ReasonBomb, "the transcript has %d octets, more than the limit of %d", size, limit)
}

// fill parses the transcript and links its media to e.Entries.
func fill(ctx context.Context, e *chat.Export, name string, source *text, opt Options) error {
	links := newLinker(e.Entries, name)
	t, err := parse(source, &opt, links)
	if err != nil {
		return err
	}
	content := source.content()
	digest, err := container.Digest(ctx, func() (io.ReadCloser, error) {
		return io.NopCloser(io.NewSectionReader(content, 0, source.size)), nil
	}, source.size)
	if err != nil {
		return err
	}
	e.Transcript = chat.File{Name: name, Size: source.size, Digest: digest, Content: content}
	e.Platform, e.Grade = t.platform, t.grade
	e.DateOrder, e.Calendar = t.order, t.calendar
	e.Flags = append(e.Flags, t.flags...)
	e.Preamble = chat.Span{Length: t.preamble}
	e.Messages, e.Gaps = t, t.gaps
	e.HeadMissing, e.ShapeChangeAt, e.Unclassified = t.head, t.changeAt, t.unknown
	if e.Title == "" {
		e.Title, e.TitleFrom = titleInText(e)
	}
	t.linked.tell(e)
	return t.Err()
}

// Looks reports whether a file is probably a chat export, by its content and
// at little cost: it reads the beginning of the transcript and no media. It is
// stricter than [Open], for deciding whether an attachment of an e-mail is one:
// log files whose lines begin with a bracketed date do not pass.
func Looks(name string, r io.ReaderAt, size int64) bool {
	if container.Is(r) {
		return looksZip(r, size)
	}
	head := make([]byte, min(size, learnWindow))
	n, err := r.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return false
	}
	return looksLike(name, string(head[:n])) > 0
}

// looksLike scores the beginning of a text as a transcript: 0 is none, more is
// better.
func looksLike(name, head string) int {
	if bytes.IndexByte([]byte(head[:min(len(head), 512)]), 0) == 0 {
		return 0
	}
	t := held(head)
	sh, found, _ := learn(t)
	if found == 0 {
		return 0
	}
	sc := scan(t, sh, Limits{}.WithDefaults(), found)
	if len(sc.recs) == 0 {
		return 0
	}
	score := len(sc.recs)
	preamble := sc.preamble()
	senders := 0
	w := t.window()
	for i := range sc.recs {
		if n, _ := colon(sc.firstLine(w, i)); n > 0 {
			senders++
		}
	}
	strong := sc.recs[0].start == 0 && named(name) || strings.Contains(head, "\u200e") ||
		strings.Contains(head, "end-to-end") || strings.HasPrefix(preamble, webNotice)
	logLike := sh.close == closeBracket && sh.stamp.comma == 0 && sc.crlf == 0
	if !strong && (senders == 0 || logLike || sc.recs[0].start > 0 && score < 2) {
		return 0
	}
	if strong {
		score += 1000
	}
	return score
}

// named reports whether a file is called as the apps call their exports.
func named(name string) bool {
	base := strings.ToLower(container.BaseName(name))
	return base == "_chat.txt" || base == "chat.txt" || strings.Contains(base, "whatsapp")
}
