// Package delivery carries items from a person's machine to the daemon: what
// `closeroll import` and `closeroll upload` find there goes over one stream, and
// the daemon's end of it is a connector like any other, so that delivered items
// take the same way through the pipeline, and into the same accounting, as what
// is read from a mailbox.
//
// # The stream
//
// A delivery is a row of frames. Each is one line of JSON (a [Header]) and a
// line feed, and after it exactly as many octets as the header says, those of the
// selection that an export comes with before its own. The stream
// ends where a frame does; anywhere else it was broken off. The digest in the
// header is compared with the octets that came.
package delivery

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
)

// maxHeader bounds a frame's header, in octets.
const maxHeader = 64 << 10

// maxSelection bounds the selection that comes with an export, in octets.
const maxSelection = 1 << 20

// Errors of a stream that is no delivery.
var (
	ErrBroken = errors.New("the delivery was broken off")
	ErrDigest = errors.New("what was delivered is not what was announced")
	ErrFormat = errors.New("this is no delivery of items")
)

// A Header announces one item.
type Header struct {
	Key      string          `json:"key"`                 // as in [connectors.Item]
	Form     connectors.Form `json:"form"`                // message or chat-export
	Name     string          `json:"name,omitempty"`      // of the file
	Folder   string          `json:"folder,omitempty"`    // that the file was in, below what was imported
	Received time.Time       `json:"received,omitzero"`   // as far as the file tells
	Flags    []string        `json:"flags,omitempty"`     // in IMAP's words
	Size     int64           `json:"size"`                // octets that follow
	Digest   record.Digest   `json:"sha256"`              // of them
	Select   int64           `json:"selection,omitempty"` // octets that come before those: what is to be left out of a chat export
	Reason   record.Reason   `json:"reason,omitempty"`    // set: the item could not be read, and this is why
	Detail   string          `json:"detail,omitempty"`    // the same in words; no content
	Excluded record.Reason   `json:"excluded,omitempty"`  // set: it is left out, and only its existence is noted
}

// check refuses what no item can be.
func (h *Header) check() error {
	switch {
	case h.Key == "" || len(h.Key) > 4096:
		return fmt.Errorf("%w: an item has no key, or one that is too long", ErrFormat)
	case h.Form != connectors.FormMessage && h.Form != connectors.FormChatExport:
		return fmt.Errorf("%w: there is no form %q", ErrFormat, h.Form)
	case h.Select < 0 || h.Select > maxSelection || h.Select > 0 && (h.Form != connectors.FormChatExport || h.Reason != "" || h.Excluded != ""):
		return fmt.Errorf("%w: a selection of %d octets", ErrFormat, h.Select)
	case h.Size < 0 || (h.Reason != "" || h.Excluded != "") && h.Size > 0:
		return fmt.Errorf("%w: a size of %d", ErrFormat, h.Size)
	}
	return nil
}

// A Writer writes a delivery.
type Writer struct{ w io.Writer }

// NewWriter returns a writer of a delivery onto w.
func NewWriter(w io.Writer) *Writer { return &Writer{w} }

// Write writes one item with its octets, of which there must be h.Size after the
// h.Select of its selection.
func (w *Writer) Write(h Header, octets io.Reader) error {
	if err := h.check(); err != nil {
		return err
	}
	line, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if len(line) >= maxHeader {
		return fmt.Errorf("%w: the description of an item has %d octets", ErrFormat, len(line))
	}
	if _, err := w.w.Write(append(line, '\n')); err != nil {
		return err
	}
	size := h.Select + h.Size
	if size == 0 {
		return nil
	}
	n, err := io.Copy(w.w, io.LimitReader(octets, size))
	if err == nil && n != size {
		err = fmt.Errorf("a file became shorter while it was read: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// A Reader is the daemon's end of a delivery. It implements
// [connectors.Connector]: its items carry no cursor, since the sender knows what
// is left to send.
type Reader struct {
	in     *bufio.Reader
	spool  connectors.Spooler
	accept func(Header) error
}

// NewReader returns the connector that yields the items in r. accept may refuse
// an item by its header; its error ends the sequence.
func NewReader(r io.Reader, spool connectors.Spooler, accept func(Header) error) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, maxHeader), spool: spool, accept: accept}
}

// Items implements [connectors.Connector]. It can be ranged over once.
func (r *Reader) Items(ctx context.Context, _ connectors.Cursor) iter.Seq2[*connectors.Item, error] {
	return func(yield func(*connectors.Item, error) bool) {
		for {
			item, err := r.next(ctx)
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(item, nil) {
				return
			}
		}
	}
}

// Acknowledge implements [connectors.Connector]: there is nothing to let go of.
func (r *Reader) Acknowledge(context.Context, connectors.Cursor) error { return nil }

// next reads one frame; io.EOF is the end of the delivery.
func (r *Reader) next(ctx context.Context) (*connectors.Item, error) {
	line, err := r.in.ReadSlice('\n')
	switch {
	case err == io.EOF && len(line) == 0:
		return nil, io.EOF
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, fmt.Errorf("%w: a header has no end", ErrFormat)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	var h Header
	if err := json.Unmarshal(line, &h); err != nil {
		return nil, fmt.Errorf("%w: a header is no JSON", ErrFormat) // what is wrong with it may be content
	}
	if err := errors.Join(h.check(), r.accept(h)); err != nil {
		return nil, err
	}
	item := &connectors.Item{Key: h.Key, Form: h.Form, Name: h.Name, Folder: h.Folder, Received: h.Received, Flags: h.Flags}
	if item.Excluded = h.Excluded; h.Excluded != "" {
		return item, nil
	}
	if h.Reason != "" {
		item.Reason, item.Err = h.Reason, errors.New(h.Detail)
		return item, nil
	}
	if h.Select > 0 {
		item.Selection = make([]byte, h.Select)
		if _, err := io.ReadFull(r.in, item.Selection); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrBroken, err)
		}
	}
	item.Content, err = r.take(ctx, h)
	return item, err
}

func (r *Reader) take(ctx context.Context, h Header) (connectors.Content, error) {
	room, err := r.spool.Reserve(ctx, h.Size)
	if err != nil {
		return nil, err
	}
	content, err := room.Fill(io.LimitReader(r.in, h.Size))
	if err != nil {
		room.Cancel()
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	switch {
	case content.Size() != h.Size:
		err = ErrBroken
	case content.Digest() != h.Digest:
		err = ErrDigest
	default:
		return content, nil
	}
	content.Close()
	return nil, err
}

var _ connectors.Connector = (*Reader)(nil)
