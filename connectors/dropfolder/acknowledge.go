package dropfolder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"runtime"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/email/mbox"
	"github.com/closeroll/closeroll/connectors/selection"
)

const stampLayout = "20060102T150405Z" // begins the names in done/: when a file came there

// Dropped implements [connectors.Dropper]: it lists the files that Acknowledge
// will remove for this cursor. Without a keeping time those are the files that
// the cursor says are done; with one, those that have been in done/ for so
// long. Refused files whose time has come are listed too.
func (f *Folder) Dropped(ctx context.Context, c connectors.Cursor) ([]record.Dropped, error) {
	var out []record.Dropped
	list := func(name string, want string) error {
		digest, err := f.digest(ctx, name)
		if err != nil {
			return err
		}
		if want != "" && shortDigest(digest) != want {
			f.lg.Warn("a kept file is not what was captured, and stays", "digest", want)
			return nil
		}
		c, err := f.look(name)
		if err != nil {
			return err
		}
		f.mu.Lock()
		f.listed[name+"\x00"+c.print] = true
		f.mu.Unlock()
		out = append(out, record.Dropped{Source: f.cfg.Name, Key: makeKey(name, -1, shortDigest(digest)), Digest: digest})
		if side, err := f.selection(name); err == nil && side != nil {
			digest := record.Sum(side)
			out = append(out, record.Dropped{Source: f.cfg.Name, Key: makeKey(name+selection.Suffix, -1, shortDigest(digest)), Digest: digest})
		}
		return nil
	}
	if f.cfg.Keep == 0 {
		done, _, err := f.covered(ctx, c)
		if err != nil {
			return nil, err
		}
		for _, c := range done {
			if err := list(c.name, ""); err != nil {
				return nil, err
			}
		}
	}
	expired, err := f.expired()
	if err != nil {
		return nil, err
	}
	for _, e := range expired {
		if err := list(e.name, e.digest); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// covered returns the files that the cursor says are done, and those that it
// says are no input.
func (f *Folder) covered(ctx context.Context, c connectors.Cursor) (done, refused []*candidate, err error) {
	p, err := parseCursor(c)
	if err != nil {
		return nil, nil, err
	}
	state := make(map[string]int, len(p.Done)+len(p.Refused))
	for _, print := range p.Done {
		state[print] = 1
	}
	for _, print := range p.Refused {
		state[print] = 2
	}
	if len(state) == 0 {
		return nil, nil, nil
	}
	w := walk{f: f, ctx: ctx, seen: make(map[string]sighting)}
	f.mu.Lock()
	for name, s := range f.watched { // settled or not: a fingerprint decides
		w.seen[name] = s
	}
	f.mu.Unlock()
	if err := w.directory(".", 0); err != nil {
		return nil, nil, fmt.Errorf("list drop folder: %w", err)
	}
	for name := range w.seen {
		cand, err := f.look(name)
		if err != nil {
			continue
		}
		switch state[cand.print] {
		case 1:
			done = append(done, cand)
		case 2:
			refused = append(refused, cand)
		}
	}
	return done, refused, nil
}

// Acknowledge implements [connectors.Connector]. It moves files of no supported
// type to refused/, done files to done/ if they are to be kept, and removes
// what Dropped listed and nothing else. What a crash left undone is done by the
// next call.
func (f *Folder) Acknowledge(ctx context.Context, c connectors.Cursor) error {
	done, refused, err := f.covered(ctx, c)
	if err != nil {
		return err
	}
	for _, c := range refused {
		if err := f.moveRefused(c.name, record.ReasonUnknown, "a drop folder takes .zip, .txt, .jsonl, .eml, .mbox and Maildirs"); err != nil {
			return err
		}
	}
	if f.cfg.Keep > 0 {
		for _, c := range done {
			if err := f.keep(ctx, c); err != nil {
				return err
			}
		}
	}
	f.mu.Lock()
	listed := f.listed
	f.listed = make(map[string]bool)
	f.mu.Unlock()
	for key := range listed {
		name, print, _ := strings.Cut(key, "\x00")
		if err := f.remove(name, print); err != nil {
			return err
		}
	}
	return nil
}

// remove removes a file, unless another has taken its name.
func (f *Folder) remove(name, print string) error {
	c, err := f.look(name)
	if errors.Is(err, os.ErrNotExist) || err == nil && c.print != print {
		return nil
	} else if err != nil {
		return err
	}
	if c.kind == chatFolder {
		err = f.removeTree(c)
	} else if err = f.root.Remove(name); err != nil {
		err = fmt.Errorf("remove acknowledged file: %w", err)
	}
	if err != nil {
		return err
	}
	if kindOf(name) == chatExport {
		if err := f.root.Remove(name + selection.Suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove the selection beside an acknowledged file: %w", err)
		}
	}
	if path.Dir(name) == RefusedDir {
		if err := f.root.Remove(name + reasonSuffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove reason of refused file: %w", err)
		}
	}
	f.mu.Lock()
	delete(f.digests, print)
	f.mu.Unlock()
	return f.syncDir(path.Dir(name))
}

// keep moves a done file to done/, where its name says since when and what it
// must contain to be removed.
func (f *Folder) keep(ctx context.Context, c *candidate) error {
	digest, err := f.digest(ctx, c.name)
	if err != nil {
		return err
	}
	to := path.Join(DoneDir, fmt.Sprintf("%s-%s-%s", f.now().UTC().Format(stampLayout), shortDigest(digest), path.Base(c.name)))
	if side, err := f.selection(c.name); err == nil && side != nil {
		name := fmt.Sprintf("%s-%s-%s", f.now().UTC().Format(stampLayout), shortDigest(record.Sum(side)), path.Base(c.name)+selection.Suffix)
		if err := f.move(c.name+selection.Suffix, path.Join(DoneDir, name)); err != nil {
			return err
		}
	}
	return f.move(c.name, to)
}

func (f *Folder) move(from, to string) error {
	dir := path.Dir(to)
	if err := f.root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	if err := f.root.Rename(from, to); err != nil {
		return fmt.Errorf("move to %s: %w", dir, err)
	}
	return errors.Join(f.syncDir(dir), f.syncDir(path.Dir(from)))
}

// syncDir makes the names in a directory durable. Windows has no such call.
func (f *Folder) syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

type expiredFile struct{ name, digest string }

// expired lists the files in done/ and refused/ whose time has come.
func (f *Folder) expired() (out []expiredFile, err error) {
	names, err := f.names(DoneDir)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		stamp, rest, _ := strings.Cut(path.Base(name), "-")
		digest, _, ok := strings.Cut(rest, "-")
		t, err := time.Parse(stampLayout, stamp)
		if ok && err == nil && len(digest) == 16 && f.now().Sub(t) >= f.cfg.Keep {
			out = append(out, expiredFile{name, digest})
		}
	}
	if f.cfg.KeepRefused <= 0 {
		return out, nil
	}
	if names, err = f.names(RefusedDir); err != nil {
		return nil, err
	}
	for _, name := range names {
		reason, err := f.root.Lstat(name + reasonSuffix)
		if err == nil && f.now().Sub(reason.ModTime()) >= f.cfg.KeepRefused {
			out = append(out, expiredFile{name: name})
		}
	}
	return out, nil
}

// names lists the files of one of our own directories, and the exports that are
// directories.
func (f *Folder) names(dir string) (names []string, err error) {
	d, err := f.root.Open(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer d.Close()
	entries, err := d.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Type().IsRegular() || e.IsDir() {
			names = append(names, path.Join(dir, e.Name()))
		}
	}
	return names, nil
}

const reasonSuffix = ".reason.txt"

// moveRefused moves a file to refused/ under a free name. The reason is written
// first: a file there always has one.
func (f *Folder) moveRefused(name string, reason record.Reason, detail string) error {
	free, err := f.writeReason(path.Base(name), reason, detail)
	if err != nil {
		return err
	}
	if _, err := f.root.Lstat(name + selection.Suffix); err == nil {
		if err := f.move(name+selection.Suffix, free+selection.Suffix); err != nil {
			return err
		}
	}
	return f.move(name, free)
}

func (f *Folder) writeReason(base string, reason record.Reason, detail string) (free string, err error) {
	if err := f.root.Mkdir(RefusedDir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("make %s: %w", RefusedDir, err)
	}
	ext := path.Ext(base)
	for n := 1; ; n++ {
		free = path.Join(RefusedDir, base)
		if n > 1 {
			free = path.Join(RefusedDir, fmt.Sprintf("%s-%d%s", strings.TrimSuffix(base, ext), n, ext))
		}
		if _, err := f.root.Lstat(free); err == nil {
			continue
		} else if !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		break
	}
	now := f.now()
	text := fmt.Sprintf("%s: %s\n%s\n", reason, detail, now.UTC().Format(time.RFC3339))
	if err := f.writeSynced(free+reasonSuffix, strings.NewReader(text)); err != nil {
		return "", fmt.Errorf("write reason: %w", err)
	}
	return free, f.root.Chtimes(free+reasonSuffix, now, now)
}

func (f *Folder) writeSynced(name string, r io.Reader) error {
	out, err := f.root.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, r)
	return errors.Join(err, out.Sync(), out.Close())
}

// refuseEntry writes one message of a mailbox file to refused/.
func (f *Folder) refuseEntry(name string, size, offset int64, sum string, reason record.Reason, detail string) error {
	in, err := f.root.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	if offset >= size {
		return nil
	}
	for e, err := range mbox.Entries(in, size, offset, mbox.Auto) {
		if err != nil {
			return err
		}
		digest, _, err := record.SumReader(e.Open())
		if err != nil {
			return err
		}
		base := fmt.Sprintf("%s-%d-%s.eml", strings.TrimSuffix(path.Base(name), path.Ext(name)), offset, sum[:8])
		if _, err := f.root.Lstat(path.Join(RefusedDir, base)); shortDigest(digest) != sum || err == nil {
			return nil // another file by now, or written before a crash
		}
		free, err := f.writeReason(base, reason, detail)
		if err != nil {
			return err
		}
		return errors.Join(f.writeSynced(free, e.Open()), f.syncDir(RefusedDir))
	}
	return nil
}

// digest returns the digest of a file as it is now.
func (f *Folder) digest(ctx context.Context, name string) (record.Digest, error) {
	if c, err := f.look(name); err != nil {
		return record.Digest{}, err
	} else if c.kind == chatFolder {
		return f.packedDigest(ctx, c)
	}
	in, err := f.root.Open(name)
	if err != nil {
		return record.Digest{}, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return record.Digest{}, err
	}
	f.mu.Lock()
	known, ok := f.digests[f.print(name, info)]
	f.mu.Unlock()
	if ok {
		return known, nil
	}
	digest, _, err := record.SumReader(contextReader{ctx, in})
	return digest, err
}

// A contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements [io.Reader].
func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
