package dropfolder

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/email/mbox"
	"github.com/closeroll/closeroll/internal/spool"
)

// progress is the cursor taken apart.
type progress struct {
	Done    []string         `json:"d,omitempty"` // fingerprints of files whose every item was yielded
	Refused []string         `json:"r,omitempty"` // of files that are no input at all
	Mbox    map[string]int64 `json:"m,omitempty"` // offset up to which a mailbox file was yielded
}

func parseCursor(c connectors.Cursor) (*progress, error) {
	p := new(progress)
	if c != "" {
		if err := json.Unmarshal([]byte(c), p); err != nil {
			return nil, fmt.Errorf("the cursor of this drop folder cannot be read: %w", err)
		}
	}
	if p.Mbox == nil {
		p.Mbox = make(map[string]int64)
	}
	return p, nil
}

func (p *progress) cursor() connectors.Cursor {
	b, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	return connectors.Cursor(b)
}

// cursorEvery is how many items share a cursor, which then is that of the first
// of them: going back a little yields a little twice.
const cursorEvery = 32

// A pass is one call of Items.
type pass struct {
	f        *Folder
	ctx      context.Context // of the sequence that this pass is
	yield    func(*connectors.Item, error) bool
	progress *progress
	cursor   connectors.Cursor
	items    int
	stopped  bool
}

// Items implements [connectors.Connector], in the order of the files' names. A
// file that cannot be read is yielded as failed in every pass; a file of no
// supported type once, and Acknowledge moves it away.
func (f *Folder) Items(ctx context.Context, after connectors.Cursor) iter.Seq2[*connectors.Item, error] {
	return func(yield func(*connectors.Item, error) bool) {
		p := &pass{f: f, ctx: ctx, yield: yield}
		var err error
		if p.progress, err = parseCursor(after); err == nil {
			err = p.run()
		}
		if err != nil && !p.stopped {
			yield(nil, err)
		}
	}
}

func (p *pass) run() error {
	files, err := p.f.scan(p.ctx)
	if err != nil {
		return err
	}
	present := make(map[string]bool, len(files))
	for _, c := range files {
		present[c.print] = true
	}
	settled := make(map[string]bool)
	for _, list := range []*[]string{&p.progress.Done, &p.progress.Refused} {
		*list = slices.DeleteFunc(*list, func(print string) bool { return !present[print] })
		for _, print := range *list {
			settled[print] = true
		}
	}
	maps.DeleteFunc(p.progress.Mbox, func(print string, _ int64) bool { return !present[print] })
	files = slices.DeleteFunc(files, func(c *candidate) bool { return settled[c.print] })
	p.cursor = p.progress.cursor()
	defer p.leave(settled)
	for i, c := range files {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		if err := p.file(c, i == len(files)-1); err != nil || p.stopped {
			return err
		}
		settled[c.print] = true
	}
	return nil
}

// leave remembers how far the pass came.
func (p *pass) leave(settled map[string]bool) {
	p.f.mu.Lock()
	defer p.f.mu.Unlock()
	p.f.handled = settled
	p.f.position = p.progress.cursor()
}

// file yields the items of one file.
func (p *pass) file(c *candidate, lastOne bool) error {
	if c.kind == special {
		return p.fail(c, ReasonSpecial, errors.New("it is a link, a pipe or a device, which a drop folder does not follow"))
	}
	if c.kind == chatFolder {
		return p.folder(c, lastOne)
	}
	in, err := p.f.open(c)
	if err != nil {
		return p.fail(c, record.ReasonUnreadable, err)
	}
	defer in.Close()
	if c.kind == unsupported || !sniff(c, in) {
		p.progress.Refused = append(p.progress.Refused, c.print)
		return p.fail(c, record.ReasonUnknown, errors.New("it is of no type that a drop folder takes: .zip, .txt, .jsonl, .eml, .mbox, or a Maildir"))
	}
	if c.kind == mboxFile {
		return p.mbox(c, in, lastOne)
	}
	side, err := p.f.selection(c.name)
	if err != nil {
		return p.fail(c, record.ReasonUnreadable, fmt.Errorf("the selection beside it: %w", err))
	}
	content, err := p.spool(in, c.size)
	if err != nil {
		return p.unspooled(c, err)
	}
	if !p.f.same(c, in) {
		content.Close() // it was written to while it was read: it has not settled
		return nil
	}
	p.taken(c, content, side, lastOne)
	return nil
}

// taken yields a candidate that was read whole.
func (p *pass) taken(c *candidate, content connectors.Content, side []byte, lastOne bool) {
	p.f.mu.Lock()
	p.f.digests[c.print] = content.Digest()
	p.f.mu.Unlock()
	p.progress.Done = append(p.progress.Done, c.print)
	item := p.item(c, -1, content)
	item.Selection = side
	p.emit(item, lastOne)
}

// open opens a file that is still the one that was listed.
func (f *Folder) open(c *candidate) (*os.File, error) {
	in, err := f.root.Open(c.name)
	if err != nil {
		return nil, err
	}
	if !f.same(c, in) {
		in.Close()
		return nil, errors.New("it changed while it was being read")
	}
	return in, nil
}

// same reports whether the open file is the one listed, and unchanged.
func (f *Folder) same(c *candidate, in *os.File) bool {
	info, err := in.Stat()
	if err != nil || !info.Mode().IsRegular() || f.print(c.name, info) != c.print {
		return false
	}
	now, err := f.root.Lstat(c.name)
	return err == nil && os.SameFile(info, now)
}

// sniff looks at the first octets: a name is easily given.
func sniff(c *candidate, in io.ReaderAt) bool {
	head := make([]byte, 4096)
	n, _ := in.ReadAt(head, 0) // what cannot be read fails when it is read whole
	head = head[:n]
	switch {
	case c.size == 0:
		return false
	case n == 0:
		return true
	case strings.EqualFold(path.Ext(c.name), ".zip"):
		return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
	case strings.EqualFold(path.Ext(c.name), ".txt"), strings.EqualFold(path.Ext(c.name), ".jsonl"):
		return !bytes.Contains(head, []byte{0})
	}
	return true
}

func (p *pass) spool(r io.Reader, size int64) (connectors.Content, error) {
	room, err := p.f.spool.Reserve(p.ctx, size)
	if err != nil {
		return nil, err
	}
	content, err := room.Fill(r)
	if err != nil {
		room.Cancel()
		return nil, err
	}
	return content, nil
}

// unspooled tells a file that cannot be read from a spool that cannot be filled.
func (p *pass) unspooled(c *candidate, err error) error {
	reading := new(os.PathError)
	switch {
	case errors.Is(err, spool.ErrTooLarge):
		return p.fail(c, record.ReasonBomb, err)
	case errors.As(err, &reading) && reading.Op == "read":
		return p.fail(c, record.ReasonUnreadable, err)
	}
	return err
}

// mbox yields the messages of a mailbox file, from where the cursor left off.
func (p *pass) mbox(c *candidate, in *os.File, lastOne bool) error {
	for e, err := range mbox.Entries(in, c.size, min(p.progress.Mbox[c.print], c.size), mbox.Auto) {
		if err != nil {
			return p.fail(c, record.ReasonUnreadable, err)
		}
		content, err := p.spool(e.Open(), e.Length)
		if err != nil {
			return p.unspooled(c, err)
		}
		if !p.f.same(c, in) {
			content.Close()
			return nil
		}
		end := e.Offset + e.Length
		if p.progress.Mbox[c.print] = end; end >= c.size {
			delete(p.progress.Mbox, c.print)
			p.progress.Done = append(p.progress.Done, c.print)
		}
		if p.emit(p.item(c, e.Offset, content), lastOne && end >= c.size); p.stopped {
			return nil
		}
	}
	return p.ctx.Err()
}

func (p *pass) item(c *candidate, offset int64, content connectors.Content) *connectors.Item {
	it := &connectors.Item{
		Key:  makeKey(c.name, offset, shortDigest(content.Digest())),
		Form: connectors.FormMessage, Name: strings.ToValidUTF8(path.Base(c.name), "\uFFFD"),
		Folder: strings.ToValidUTF8(c.folder, "\uFFFD"), Received: c.modified, Flags: c.flags, Content: content,
	}
	if c.kind == chatExport || c.kind == chatFolder {
		it.Form = connectors.FormChatExport
	}
	return it
}

// fail yields a file as failed. Unless it was refused, it is tried again in
// every pass: the cursor knows nothing of it.
func (p *pass) fail(c *candidate, reason record.Reason, err error) error {
	p.emit(&connectors.Item{
		Key: makeKey(c.name, -1, c.print), Name: strings.ToValidUTF8(path.Base(c.name), "\uFFFD"),
		Folder: strings.ToValidUTF8(c.folder, "\uFFFD"), Received: c.modified, Err: err, Reason: reason,
	}, true)
	return nil
}

func (p *pass) emit(it *connectors.Item, fresh bool) {
	if fresh || p.items%cursorEvery == 0 {
		p.cursor = p.progress.cursor()
	}
	p.items++
	it.Cursor = p.cursor
	if !p.yield(it, nil) {
		p.stopped = true
	}
}
