// Package extract gets the text out of attachments, so that they can be
// searched: Office documents (Open XML and OpenDocument), PDF, HTML, RTF, text
// in any charset, tables, calendars and address cards, and all of these, and
// messages, inside zip, tar and gzip files.
//
// Documents are hostile until shown otherwise, and the libraries that read them
// are large. So each document is read in a child process of its own, as package
// confine has it; what the child had read by the time that it was stopped is
// kept, with a status that says that it is not all.
//
// [Extractor] is the parent's side, [Child] the child's.
package extract

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/confine"
)

// Options bound the children. The zero value means the defaults.
type Options struct {
	Memory     int64         // octets that one child may use beyond what any Go process reserves; 512 MiB
	Time       time.Duration // that one child may take; 60 s
	Children   int           // at once; 2
	MaxContent int64         // the largest document that is read, octets; 64 MiB
	MaxText    int           // octets of text kept of one document; 8 MiB
}

func (o Options) withDefaults() Options {
	if o.Memory <= 0 {
		o.Memory = 512 << 20
	}
	if o.Time <= 0 {
		o.Time = time.Minute
	}
	if o.Children <= 0 {
		o.Children = 2
	}
	if o.MaxContent <= 0 {
		o.MaxContent = 64 << 20
	}
	if o.MaxText <= 0 {
		o.MaxText = 8 << 20
	}
	return o
}

// An Extractor starts children, a bounded number at a time. It is safe for
// concurrent use.
type Extractor struct {
	lg      *slog.Logger
	command []string
	opt     Options
	slots   chan struct{}
}

// New returns an Extractor whose children are started as command, a program and
// its first arguments, which must call [Child] with the arguments after those.
func New(lg *slog.Logger, command []string, opt Options) *Extractor {
	opt = opt.withDefaults()
	return &Extractor{lg: lg, command: command, opt: opt, slots: make(chan struct{}, opt.Children)}
}

// Text returns the text of a document and how much of its text that is. name
// and mediaType are what its sender said of it and may be wrong or empty; size
// is its declared size, which is not relied on. content is read at most once,
// as far as needed.
//
// It never fails: what could not be read is in the status, and what was read
// before is returned with it. TextNone means that the document has no text or
// is of a kind that nobody here reads.
func (e *Extractor) Text(ctx context.Context, name, mediaType string, content io.Reader, size int64) (string, record.TextStatus) {
	in := bufio.NewReaderSize(content, 4096)
	head, err := in.Peek(sniffLen)
	if err != nil && err != io.EOF {
		return "", record.TextError
	}
	kind := kindOf(name, mediaType, head)
	switch {
	case len(head) == 0:
		return "", record.TextOK
	case kind == none || kind == media:
		return "", record.TextNone
	case kind == sealed:
		return "", record.TextEncrypted
	case size > e.opt.MaxContent:
		return "", record.TextTooLarge
	}
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		return "", record.TextError
	}
	text, status, err := e.run(ctx, task{Name: name, Kind: kind}, in)
	if err != nil {
		e.lg.Debug("attachment text incomplete", "kind", kind, "size", size, "status", status, "err", err)
	}
	return text, status
}

// task is what the child is told of the document: one line of JSON on its
// standard input, before the document.
type task struct {
	Name string `json:"name"`
	Kind kind   `json:"kind"`
}

// verdict is what the child says at the end: JSON, after the text and a NUL,
// which no text holds.
type verdict struct {
	Status record.TextStatus `json:"status"`
}

// run starts a child and collects what it says.
func (e *Extractor) run(ctx context.Context, t task, content io.Reader) (string, record.TextStatus, error) {
	l := confine.Limits{Memory: e.opt.Memory, Time: e.opt.Time, Content: e.opt.MaxContent, Output: e.opt.MaxText + maxVerdict}
	out, err := confine.Run(ctx, e.command, l, t, content)
	text, status := split(out)
	switch {
	case errors.Is(err, confine.ErrTooLarge):
		return text, record.TextTooLarge, err
	case errors.Is(err, confine.ErrContent):
		return text, record.TextError, err
	case status == "" && errors.Is(err, context.DeadlineExceeded), status == "" && errors.Is(err, context.Canceled):
		return text, orPartial(text, record.TextError), err
	case status == "":
		return text, orPartial(text, record.TextError), fmt.Errorf("child ended without a verdict: %w", err)
	}
	return text, status, nil
}

// split takes a child's output apart. The status is empty where the child did
// not come to its end.
func split(out string) (string, record.TextStatus) {
	text, rest, ok := strings.Cut(out, "\x00")
	var v verdict
	if !ok || json.Unmarshal([]byte(rest), &v) != nil {
		return strings.ToValidUTF8(text, "\ufffd"), ""
	}
	return text, v.Status
}

func orPartial(text string, status record.TextStatus) record.TextStatus {
	if strings.TrimSpace(text) != "" {
		return record.TextPartial
	}
	return status
}
