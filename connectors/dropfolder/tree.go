package dropfolder

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
)

// exportFile is the file that shows a directory to be an export: Signal writes
// a folder with the messages in it and the media below.
const exportFile = "main.jsonl"

// isExport reports whether a directory with these entries is an export, to be
// taken as one.
func isExport(entries []fs.DirEntry) bool {
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == exportFile && e.Type().IsRegular() })
}

// A leaf is one file of a tree.
type leaf struct {
	name string // relative to the folder
	info fs.FileInfo
}

// errTree: the directory cannot be taken as one export.
var errTree = errors.New("the folder holds a link, a pipe or a device, or too many files")

// tree lists the files of a directory that is an export, by name. Hidden files
// and unfinished ones are not among them.
func (f *Folder) tree(dir string) (leaves []leaf, err error) {
	err = fs.WalkDir(f.root.FS(), dir, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != dir && passedOver(e.Name()):
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case e.IsDir():
			return nil
		case !e.Type().IsRegular(), len(leaves) == maxFiles, strings.Count(name, "/") > maxDepth:
			return errTree
		}
		info, err := f.root.Lstat(name)
		leaves = append(leaves, leaf{name, info})
		return err
	})
	slices.SortFunc(leaves, func(a, b leaf) int { return strings.Compare(a.name, b.name) })
	return leaves, err
}

// look says how a file or an export's directory looks now: its fingerprint, its
// length, and for a directory the files in it.
func (f *Folder) look(name string) (c *candidate, err error) {
	info, err := f.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	c = &candidate{name: name, folder: path.Dir(name), size: info.Size(), modified: info.ModTime(), print: f.print(name, info)}
	if !info.Mode().IsRegular() {
		c.kind = special
	}
	if !info.IsDir() {
		return c, nil
	}
	if c.leaves, err = f.tree(name); err != nil {
		return c, err
	}
	c.kind, c.size = chatFolder, 0
	h := sha256.New()
	for _, l := range c.leaves {
		c.size += l.info.Size() + int64(2*len(l.name)) + 128 // with what the container adds
		fmt.Fprintf(h, "%s\n", fingerprint(l.name, l.info))
		if l.info.ModTime().After(c.modified) {
			c.modified = l.info.ModTime()
		}
	}
	c.print = base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
	return c, nil
}

// pack writes the files of an export's directory as a zip file that says
// nothing but their names and octets, so that the same files make the same
// octets wherever they lie.
func (f *Folder) pack(c *candidate, w io.Writer) error {
	z := zip.NewWriter(w)
	for _, l := range c.leaves {
		to, err := z.CreateHeader(&zip.FileHeader{Name: strings.TrimPrefix(l.name, c.name+"/"), Method: zip.Store})
		if err != nil {
			return err
		}
		in, err := f.root.Open(l.name)
		if err != nil {
			return err
		}
		_, err = io.Copy(to, in)
		if err = errors.Join(err, in.Close()); err != nil {
			return err
		}
	}
	return z.Close()
}

// packed calls use with the directory as a zip file, which is made as it is
// read.
func (f *Folder) packed(c *candidate, use func(r io.Reader) error) error {
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.CloseWithError(f.pack(c, w))
	}()
	err := use(r)
	r.Close()
	<-done
	return err
}

// packedDigest is the digest of a directory as a zip file.
func (f *Folder) packedDigest(ctx context.Context, c *candidate) (digest record.Digest, err error) {
	f.mu.Lock()
	known, ok := f.digests[c.print]
	f.mu.Unlock()
	if ok {
		return known, nil
	}
	err = f.packed(c, func(r io.Reader) (err error) {
		digest, _, err = record.SumReader(contextReader{ctx, r})
		return err
	})
	return digest, err
}

// folder yields an export's directory as one item.
func (p *pass) folder(c *candidate, lastOne bool) error {
	var content connectors.Content
	err := p.f.packed(c, func(r io.Reader) (err error) {
		content, err = p.spool(r, c.size)
		return err
	})
	if err != nil {
		return p.unspooled(c, err)
	}
	if now, err := p.f.look(c.name); err != nil || now.print != c.print {
		content.Close() // it was written to while it was read: it has not settled
		return nil
	}
	p.taken(c, content, nil, lastOne)
	return nil
}

// removeTree removes the files of an export's directory that were captured, and
// the directories that are empty then: what came into them since stays.
func (f *Folder) removeTree(c *candidate) error {
	dirs := map[string]bool{c.name: true}
	for _, l := range c.leaves {
		if err := f.root.Remove(l.name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove acknowledged file: %w", err)
		}
		for d := path.Dir(l.name); d != c.name && d != "."; d = path.Dir(d) {
			dirs[d] = true
		}
	}
	deepest := slices.SortedFunc(func(yield func(string) bool) {
		for d := range dirs {
			if !yield(d) {
				return
			}
		}
	}, func(a, b string) int { return strings.Compare(b, a) })
	for _, d := range deepest {
		err := f.root.Remove(d)
		if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, os.ErrExist) { // not empty
			return fmt.Errorf("remove the folder of an acknowledged export: %w", err)
		}
	}
	return nil
}
