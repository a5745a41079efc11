// Package mailfiles finds mail in files: the trees that mail programs, servers
// and migrations leave behind. `closeroll import` delivers what it finds.
//
// # What is found
//
//	.eml              one message; so is any file that begins as mail does,
//	                  whatever its name (MH and Cyrus number theirs)
//	mailbox files     mboxo, mboxrd, mboxcl and mboxcl2, whatever their name
//	                  (Thunderbird's have none), told by their first line
//	Maildir           with its flags and Maildir++ folders
//	.emlx             Apple Mail: the message, with its flags and date
//	.msg              Outlook: the file itself is what is kept
//	.zip .txt .jsonl  chat exports; what of one is left out, in the file of the
//	                  same name with .select.yaml after it, belongs to it
//
// Everything else is yielded too, as excluded, so that the accounting has it.
// An Outlook data file (.pst, .ost) is refused with what to do about it. Links
// are never followed.
//
// Nothing is changed, and the octets of a message are what the file has: of a
// mailbox file with its quoting undone, of an .emlx without Apple's frame.
package mailfiles

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/email"
	"github.com/closeroll/closeroll/connectors/email/maildir"
	"github.com/closeroll/closeroll/connectors/email/mbox"
	"github.com/closeroll/closeroll/connectors/selection"
	"github.com/closeroll/closeroll/internal/readpst"
)

// ErrOutlookData: the file is a store of Outlook's, which is not read here.
var ErrOutlookData = errors.New("an Outlook data file is not read as it is")

// A Found is one thing in the tree: a message, a chat export, or a file that is
// neither.
type Found struct {
	Key      string          // path below the root, #offset in a mailbox file, @ the beginning of its digest
	Form     connectors.Form // message or chat-export
	Name     string          // of the file
	Folder   string          // that it is in, below the root
	Received time.Time       // from the file, zero if it does not say
	Flags    []string        // in IMAP's words
	Size     int64
	Digest   record.Digest

	Selection []byte // of a chat export: what stands beside it about what is to be left out

	Excluded record.Reason // set: it is no mail
	Reason   record.Reason // set: it could not be read, and Err says why
	Err      error

	open func() (io.ReadCloser, error)
}

// Open returns the octets, as often as it is called.
func (f *Found) Open() (io.ReadCloser, error) { return f.open() }

// Select says what is left out of a chat export. It is another item then than the
// export that is whole.
func (f *Found) Select(side []byte) {
	f.Selection = side
	f.Key += "+" + record.Sum(side).String()[:16]
}

// maxDepth bounds nested directories; deeper ones are yielded as failed.
const maxDepth = 64

// Walk yields what is found at root, a file or a directory, in the order of the
// names. An error ends the sequence; a file that cannot be read is yielded with
// its Err.
func Walk(ctx context.Context, root string) iter.Seq2[*Found, error] {
	return func(yield func(*Found, error) bool) {
		info, err := os.Stat(root)
		if err != nil {
			yield(nil, err)
			return
		}
		w := &walk{ctx: ctx, yield: yield}
		if info.IsDir() {
			w.fsys = os.DirFS(root)
			err = w.directory(".", 0)
		} else {
			w.fsys = os.DirFS(filepath.Dir(root))
			err = w.file(filepath.Base(root), nil)
		}
		if err != nil && err != errStopped {
			yield(nil, err)
		}
	}
}

// Total adds up the octets of the files at root, for showing progress.
func Total(root string) (octets int64, err error) {
	err = filepath.WalkDir(root, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return nil // Walk says what it could not read
		}
		if info, err := e.Info(); err == nil {
			octets += info.Size()
		}
		return nil
	})
	return octets, err
}

// errStopped ends a walk that nobody wants to go on.
var errStopped = errors.New("stopped")

type walk struct {
	ctx   context.Context
	fsys  fs.FS
	yield func(*Found, error) bool
}

func (w *walk) emit(f *Found) error {
	if !w.yield(f, nil) {
		return errStopped
	}
	return w.ctx.Err()
}

func (w *walk) directory(dir string, depth int) error {
	entries, err := fs.ReadDir(w.fsys, dir)
	if err != nil {
		if depth == 0 {
			return err
		}
		return w.fail(dir, err)
	}
	if depth > maxDepth {
		return w.fail(dir, fmt.Errorf("directories are nested more than %d deep", maxDepth))
	}
	box := maildir.Is(entries)
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case box && e.IsDir() && (e.Name() == "cur" || e.Name() == "new"):
			err = w.delivered(name)
		case box && (e.Name() == "tmp" || !e.IsDir()):
			continue // not delivered; or the server's own files
		case e.IsDir():
			err = w.directory(name, depth+1)
		case !e.Type().IsRegular():
			err = w.emit(&Found{Key: name, Form: connectors.FormMessage, Name: valid(e.Name()), Folder: folder(name), Excluded: record.ReasonNotAMail})
		case beside(entries, e.Name()):
			continue // it belongs to an export
		default:
			err = w.file(name, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// beside reports whether a file is what people have marked of the export beside
// it: the selection, or the list that it was made from.
func beside(entries []fs.DirEntry, name string) bool {
	for _, suffix := range []string{selection.Suffix, selection.TicksSuffix} {
		if of, is := strings.CutSuffix(name, suffix); is && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == of }) {
			return true
		}
	}
	return false
}

// selected returns the selection beside an export, nil if there is none.
func (w *walk) selected(name string) ([]byte, error) {
	in, err := w.fsys.Open(name + selection.Suffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer in.Close()
	side, err := io.ReadAll(io.LimitReader(in, selection.MaxSize+1))
	if err == nil && len(side) > selection.MaxSize {
		err = errors.New("it is too long")
	}
	if side == nil {
		side = []byte{}
	}
	return side, err
}

// delivered yields the messages in cur or new of a Maildir, which is their
// folder.
func (w *walk) delivered(dir string) error {
	entries, err := fs.ReadDir(w.fsys, dir)
	if err != nil {
		return w.fail(dir, err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		name := path.Join(dir, e.Name())
		f := &Found{Form: connectors.FormMessage, Name: valid(e.Name()), Folder: folder(path.Dir(name)), Flags: maildir.Flags(e.Name())}
		if err := w.whole(name, f); err != nil {
			return err
		}
	}
	return nil
}

func folder(name string) string {
	dir := path.Dir(name)
	if dir == "." {
		return ""
	}
	return valid(dir)
}

func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func (w *walk) fail(name string, err error) error {
	return w.emit(&Found{Key: name, Form: connectors.FormMessage, Name: valid(path.Base(name)), Folder: folder(name),
		Reason: record.ReasonUnreadable, Err: err})
}

// file yields what one file holds, by its content first and its name second.
func (w *walk) file(name string, flags []string) error {
	in, err := w.open(name)
	if err != nil {
		return w.fail(name, err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return w.fail(name, err)
	}
	head := make([]byte, 512)
	n, err := in.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return w.fail(name, err)
	}
	head = head[:n]
	f := &Found{Form: connectors.FormMessage, Name: valid(path.Base(name)), Folder: folder(name), Flags: flags}
	switch ext := strings.ToLower(path.Ext(name)); {
	case readpst.Is(head):
		return w.fail(name, ErrOutlookData)
	case ext == ".emlx":
		return w.emlx(name, in, info.Size(), f)
	case isMailbox(head):
		return w.mailbox(name, in, info.Size())
	case ext == ".zip" && bytes.HasPrefix(head, []byte("PK")), ext == ".jsonl" && bytes.HasPrefix(head, []byte("{")),
		ext == ".txt" && !email.Looks(in) && bytes.IndexByte(head, 0) < 0:
		f.Form, f.Received = connectors.FormChatExport, info.ModTime()
		if f.Selection, err = w.selected(name); err != nil {
			return w.fail(name, fmt.Errorf("the selection beside it: %w", err))
		}
		return w.whole(name, f)
	case n > 0 && (ext == ".eml" || ext == ".msg" && email.IsOutlook(head) || email.Looks(in) && bytes.IndexByte(head, 0) < 0):
		return w.whole(name, f)
	}
	return w.emit(&Found{Key: name, Form: connectors.FormMessage, Name: f.Name, Folder: f.Folder, Excluded: record.ReasonNotAMail})
}

// A file is what a message is read from.
type file interface {
	fs.File
	io.ReaderAt
}

func (w *walk) open(name string) (file, error) {
	in, err := w.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	return in.(*os.File), nil // os.DirFS opens nothing else
}

func isMailbox(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	return mbox.IsSeparator(bytes.TrimRight(line, "\r"))
}

// whole yields a file that is one item.
func (w *walk) whole(name string, f *Found) error {
	f.open = func() (io.ReadCloser, error) { return w.fsys.Open(name) }
	return w.measured(name, -1, f)
}

// measured completes an item with its size, digest and key, and yields it.
func (w *walk) measured(name string, offset int64, f *Found) error {
	in, err := f.open()
	if err != nil {
		return w.fail(name, err)
	}
	defer in.Close()
	if f.Digest, f.Size, err = record.SumReader(in); err != nil {
		return w.fail(name, err)
	}
	f.Key = name
	if offset >= 0 {
		f.Key = fmt.Sprintf("%s#%d", name, offset)
	}
	f.Key += "@" + f.Digest.String()[:16]
	if f.Selection != nil {
		f.Select(f.Selection)
	}
	return w.emit(f)
}

// mailbox yields the messages of a mailbox file; the file is their folder.
func (w *walk) mailbox(name string, in file, size int64) error {
	for e, err := range mbox.Entries(in, size, 0, mbox.Auto) {
		if err != nil {
			return w.fail(name, err)
		}
		f := &Found{Form: connectors.FormMessage, Name: valid(path.Base(name)), Folder: valid(name)}
		f.open = func() (io.ReadCloser, error) {
			again, err := w.open(name)
			if err != nil {
				return nil, err
			}
			return &section{e.OpenIn(again), again}, nil
		}
		if err := w.measured(name, e.Offset, f); err != nil {
			return err
		}
	}
	return nil
}
