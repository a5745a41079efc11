package dropfolder

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/connectors/email/maildir"
	"github.com/closeroll/closeroll/connectors/selection"
)

// What a file in the folder is.
type kind int

const (
	unsupported kind = iota
	chatExport
	chatFolder // a directory that is an export
	mailFile
	mboxFile
	maildirMail
	special // a link, pipe or device
)

// A candidate is a settled file that may be yielded.
type candidate struct {
	name     string // relative to the folder, slash-separated
	folder   string // what holds it: a directory, or a Maildir folder
	kind     kind
	flags    []string
	size     int64
	modified time.Time
	print    string
	leaves   []leaf // of a directory
}

const (
	maxDepth = 32      // of directories
	maxFiles = 200_000 // in one pass; the rest waits for the next
)

// fingerprint is short, since cursors are made of it.
func fingerprint(name string, info fs.FileInfo) string {
	h := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%d", name, info.Size(), info.ModTime().UnixNano()))
	return base64.RawURLEncoding.EncodeToString(h[:12])
}

// print is the fingerprint of a file, and of the selection beside it if it is an
// export that has one: the two settle together, and are done with together.
func (f *Folder) print(name string, info fs.FileInfo) string {
	if kindOf(name) == chatExport {
		if side, err := f.root.Lstat(name + selection.Suffix); err == nil {
			return fingerprint(name+"\x00"+fingerprint(name, side), info)
		}
	}
	return fingerprint(name, info)
}

// selection reads the selection beside an export; nil if there is none.
func (f *Folder) selection(name string) ([]byte, error) {
	if kindOf(name) != chatExport {
		return nil, nil
	}
	info, err := f.root.Lstat(name + selection.Suffix)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() == 0 || info.Size() > selection.MaxSize:
		return nil, fmt.Errorf("it is no file, or empty, or longer than %d octets", selection.MaxSize)
	}
	in, err := f.root.Open(name + selection.Suffix)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(io.LimitReader(in, selection.MaxSize+1))
}

// scan lists the files that have settled, by name, and remembers the rest.
func (f *Folder) scan(ctx context.Context) ([]*candidate, error) {
	w := walk{f: f, ctx: ctx, seen: make(map[string]sighting)}
	if err := w.directory(".", 0); err != nil {
		return nil, fmt.Errorf("list drop folder: %w", err)
	}
	f.mu.Lock()
	f.watched = w.seen
	f.mu.Unlock()
	slices.SortFunc(w.found, func(a, b *candidate) int { return strings.Compare(a.name, b.name) })
	return w.found, nil
}

type walk struct {
	f     *Folder
	ctx   context.Context
	seen  map[string]sighting
	found []*candidate
}

func (w *walk) directory(dir string, depth int) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	entries, err := fs.ReadDir(w.f.root.FS(), dir)
	if err != nil {
		if depth > 0 && errors.Is(err, fs.ErrNotExist) {
			return nil // taken away meanwhile
		}
		return err
	}
	if depth > 0 && maildir.Is(entries) {
		return w.maildir(dir, entries, depth)
	}
	if depth > 0 && isExport(entries) {
		return w.export(dir)
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if passedOver(e.Name()) || depth == 0 && (e.Name() == DoneDir || e.Name() == RefusedDir) || len(w.found) >= maxFiles {
			continue
		}
		if e.IsDir() {
			if depth >= maxDepth {
				continue
			}
			if err := w.directory(name, depth+1); err != nil {
				return err
			}
			continue
		}
		w.file(name, dir, kindOf(e.Name()), nil)
	}
	return nil
}

// maildir lists a Maildir's delivered messages, and those of the folders that
// Maildir++ keeps beneath it in directories that begin with a dot. What lies in
// tmp is not delivered.
func (w *walk) maildir(dir string, entries []fs.DirEntry, depth int) error {
	for _, sub := range []string{"cur", "new"} {
		messages, err := fs.ReadDir(w.f.root.FS(), path.Join(dir, sub))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range messages {
			if !strings.HasPrefix(e.Name(), ".") && !e.IsDir() && len(w.found) < maxFiles {
				w.file(path.Join(dir, sub, e.Name()), dir, maildirMail, maildir.Flags(e.Name()))
			}
		}
	}
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), ".") && depth < maxDepth {
			below := path.Join(dir, e.Name())
			inner, err := fs.ReadDir(w.f.root.FS(), below)
			if err == nil && maildir.Is(inner) {
				if err := w.maildir(below, nil, depth+1); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// file looks at one file and lists it if it has settled.
func (w *walk) file(name, folder string, k kind, flags []string) {
	info, err := w.f.root.Lstat(name)
	if err != nil {
		return // taken away meanwhile
	}
	if !info.Mode().IsRegular() {
		k = special
	}
	c := &candidate{name: name, folder: folder, kind: k, flags: flags, size: info.Size(), modified: info.ModTime(), print: w.f.print(name, info)}
	w.settled(c)
}

// export looks at a directory that is an export and lists it if all of it has
// settled.
func (w *walk) export(dir string) error {
	c, err := w.f.look(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // taken away meanwhile
	case errors.Is(err, errTree):
		c.kind = special
	case err != nil:
		return err
	}
	w.settled(c)
	return nil
}

// settled lists a candidate if it has looked as it does for long enough.
func (w *walk) settled(c *candidate) {
	name := c.name
	if c.folder == "." {
		c.folder = ""
	}
	now := w.f.now()
	w.f.mu.Lock()
	before, known := w.f.watched[name]
	w.f.mu.Unlock()
	if !known || before.print != c.print {
		before = sighting{c.print, now}
	}
	w.seen[name] = before
	if now.Sub(before.since) >= w.f.cfg.Settle {
		w.found = append(w.found, c)
	}
}

// passedOver reports whether a name says that the file is hidden, unfinished,
// or beside the point.
func passedOver(name string) bool {
	lower := strings.ToLower(name)
	if strings.HasSuffix(lower, selection.TicksSuffix) || strings.HasPrefix(lower, ".") || strings.HasPrefix(lower, "~$") || strings.HasSuffix(lower, "~") {
		return true
	}
	switch path.Ext(lower) {
	case ".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".yaml", ".yml":
		return true
	}
	return false
}

func kindOf(name string) kind {
	switch strings.ToLower(path.Ext(name)) {
	case ".zip", ".txt", ".jsonl":
		return chatExport
	case ".eml", ".msg":
		return mailFile
	case ".mbox":
		return mboxFile
	}
	return unsupported
}

func isMbox(name string) bool { return kindOf(name) == mboxFile }
