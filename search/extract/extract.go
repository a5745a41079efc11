// Package extract gets the text out of attachments, so that they can be
// searched: Office documents (Open XML and OpenDocument), PDF, HTML, RTF, text
// in any charset, tables, calendars and address cards, and all of these, and
// messages, inside zip, tar and gzip files.
//
// Documents are hostile until shown otherwise, and the libraries that read them
// are large. So each document is read in a child process of its own: the same
// binary, started again, with a limit on its memory and processor time, killed
// at a deadline, given the document on its standard input and nothing else: no
// file, no name in its arguments, an empty environment. It opens no file and
// no connection. A document that is a bomb, or that makes a reader loop or
// crash, costs that child and nothing else; what it had read by then is kept,
// with a status that says that it is not all.
//
// [Extractor] is the parent's side, [Child] the child's.
package extract

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/plaintext"
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

// childMark is the variable that marks a child's environment. A program that
// finds itself marked starts no children: were the command by mistake one that
// does not call [Child], it could otherwise start itself without end.
const childMark = "CLOSEROLL_EXTRACT_CHILD"

// errTooLarge says that the content is larger than MaxContent, whatever its
// declared size.
var errTooLarge = errors.New("larger than may be read")

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
	if _, inside := os.LookupEnv(childMark); inside {
		return "", record.TextError, errors.New("a child starts no children")
	}
	ctx, cancel := context.WithTimeout(ctx, e.opt.Time)
	defer cancel()
	first, err := json.Marshal(t)
	if err != nil {
		return "", record.TextError, err
	}
	src := &bounded{r: content, left: e.opt.MaxContent}
	args := append(e.command[1:len(e.command):len(e.command)],
		strconv.FormatInt(e.opt.Memory, 10), e.opt.Time.String(), strconv.Itoa(e.opt.MaxText))
	cmd := exec.CommandContext(ctx, e.command[0], args...)
	cmd.Env = []string{"GOTRACEBACK=none", "GOMAXPROCS=1", childMark + "=1"}
	ownGroup(cmd)
	cmd.WaitDelay = time.Second
	cmd.Stdin = io.MultiReader(bytes.NewReader(append(first, '\n')), src)
	out := plaintext.NewBuffer(e.opt.MaxText + 1024) // the verdict included
	cmd.Stdout = out
	runErr := cmd.Run()
	text, status := split(out.String())
	switch {
	case src.err == errTooLarge:
		return text, record.TextTooLarge, src.err
	case src.err != nil:
		return text, record.TextError, src.err
	case status == "" && ctx.Err() != nil:
		return text, orPartial(text, record.TextError), fmt.Errorf("child stopped: %w", ctx.Err())
	case status == "":
		return text, orPartial(text, record.TextError), fmt.Errorf("child ended without a verdict: %w", runErr)
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

// bounded reads at most left octets and remembers why it stopped.
type bounded struct {
	r    io.Reader
	left int64
	err  error
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		var one [1]byte
		if n, _ := io.ReadFull(b.r, one[:]); n > 0 {
			b.err = errTooLarge
		}
		return 0, io.EOF
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}
