package transfer

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/bag"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/durable"
)

// Info is what bag-info.txt says of a package, besides what follows from it.
type Info struct {
	Organisation string // whose records they are
	Series       string // the series that the place of deposit gives them
	Contact      string // a name, or an office's
	Email        string
	Program      string    // closeroll and its version
	Began        time.Time // when packaging began, or was approved
	Made         time.Time
}

// unfinished ends the name of a package's folder until it is whole.
const unfinished = ".part"

// A Writer makes one package. Whatever is broken off is gone on with by another
// Writer of the same plan: what is whole is kept, and nothing else counts.
type Writer struct {
	pack   *Pack
	final  string
	folder string
	root   *os.Root
}

// NewWriter goes on with, or begins, a package in the folder dir. It fails with
// [fs.ErrExist] if the package is finished already.
func NewWriter(dir string, p *Pack) (*Writer, error) {
	w := &Writer{pack: p, final: filepath.Join(dir, p.Name)}
	if _, err := os.Lstat(w.final); err == nil {
		return nil, &fs.PathError{Op: "package", Path: w.final, Err: fs.ErrExist}
	}
	w.folder = w.final + unfinished
	if err := os.MkdirAll(filepath.Join(w.folder, "data", p.Name), 0o700); err != nil {
		return nil, err
	}
	var err error
	w.root, err = os.OpenRoot(w.folder)
	return w, err
}

// Close leaves the package as it is.
func (w *Writer) Close() error { return w.root.Close() }

// inside is where a file of the package is, below its folder.
func inside(f File) string { return bag.Payload + f.Path }

// files are those of one record.
func (w *Writer) files(it *Item) []File {
	return slices.DeleteFunc(slices.Clone(w.pack.Files), func(f File) bool { return f.Item != it })
}

// Has reports whether the package has a record already, octet for octet. What
// is there of it and is not whole is removed.
func (w *Writer) Has(it *Item) (bool, error) {
	folder := bag.Payload + w.pack.Name + "/" + it.folder()
	if _, err := w.root.Lstat(folder); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	for _, f := range w.files(it) {
		sum, n, err := w.sum(inside(f))
		switch {
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return false, err
		case err != nil || n != f.Size || sum != f.Digest:
			return false, w.root.RemoveAll(folder)
		}
	}
	return true, nil
}

func (w *Writer) sum(name string) (record.Digest, int64, error) {
	f, err := w.root.Open(name)
	if err != nil {
		return record.Digest{}, 0, err
	}
	defer f.Close()
	return record.SumReader(f)
}

// Add unpacks a record, which b must be: every file is checked against the plan
// as it is written. The record is in the package when Add returns nil, and
// nothing of it otherwise.
func (w *Writer) Add(it *Item, b *bag.Reader) error {
	if b.Record().ID != it.Record {
		return fmt.Errorf("record %s came where %s was asked for", b.Record().ID.Short(), it.Record.Short())
	}
	folder := bag.Payload + w.pack.Name + "/" + it.folder()
	aside := durable.TempPrefix + string(it.Record)
	if err := w.root.RemoveAll(aside); err != nil {
		return err
	}
	if err := w.unpack(it, b, folder, aside); err != nil {
		return errors.Join(err, w.root.RemoveAll(aside))
	}
	return w.root.Rename(aside, folder)
}

func (w *Writer) unpack(it *Item, b *bag.Reader, folder, aside string) error {
	planned := make(map[string]File)
	for _, f := range w.files(it) {
		planned[f.Component.Path] = f
	}
	for c, err := range b.Components() {
		if err != nil {
			return err
		}
		f, ok := planned[c.Path]
		if !ok || f.Size != c.Size || f.Digest != c.Digest {
			return fmt.Errorf("record %s has a file that the journal does not know", it.Record.Short())
		}
		delete(planned, c.Path)
		if err := w.write(filepath.ToSlash(aside+strings.TrimPrefix(inside(f), folder)), f, c); err != nil {
			return err
		}
	}
	if len(planned) > 0 {
		return fmt.Errorf("record %s lacks %d files that the journal names", it.Record.Short(), len(planned))
	}
	return nil
}

// write writes one file and gives it the date that the metadata say that it
// has: TDR compares the two.
func (w *Writer) write(name string, f File, r io.Reader) error {
	if err := w.root.MkdirAll(name[:strings.LastIndexByte(name, '/')], 0o700); err != nil {
		return err
	}
	out, err := w.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, r)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	noon := f.Modified.Start(time.UTC).Add(12 * time.Hour) // the same day in every zone that reads it here
	return w.root.Chtimes(name, noon, noon)
}
