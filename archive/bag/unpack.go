package bag

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/durable"
)

// Unpack reads a whole bag from r and unpacks it: see [Reader.Unpack].
func Unpack(r io.Reader, dir string) (record.Record, error) {
	b, err := NewReader(r)
	if err != nil {
		return record.Record{}, err
	}
	return b.Unpack(dir)
}

// Unpack checks the whole bag and leaves it as the folder dir/ID, a bag on disk
// that stock tools validate. It makes dir if need be. If anything is wrong it
// leaves nothing, not even dir: the files are written aside and renamed when
// all of them have been checked. It fails with [fs.ErrExist] if dir/ID exists.
// It takes the place of Components: a bag is read once.
func (b *Reader) Unpack(dir string) (record.Record, error) {
	target := filepath.Join(dir, string(b.rec.ID))
	if _, err := os.Lstat(target); err == nil {
		return record.Record{}, &fs.PathError{Op: "unpack", Path: target, Err: fs.ErrExist}
	}
	fresh := missing(dir)
	if err := b.unpackInto(dir, target); err != nil {
		for _, made := range fresh {
			os.Remove(made) // fails, as it should, if something else is in it by now
		}
		return record.Record{}, err
	}
	return b.rec, nil
}

func (b *Reader) unpackInto(dir, target string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	aside, err := os.MkdirTemp(dir, durable.TempPrefix+"*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(aside)
	if err := b.unpack(aside); err != nil {
		return err
	}
	return durable.Rename(aside, target)
}

// missing returns dir and those of its parents that do not exist, the deepest
// first.
func missing(dir string) []string {
	var all []string
	for dir = filepath.Clean(dir); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			return all
		}
		all = append(all, dir)
	}
}

func (b *Reader) unpack(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for f, err := range b.Components() {
		if err != nil {
			return err
		}
		if err := root.MkdirAll(path.Dir(f.Path), 0o700); err != nil {
			return err
		}
		if err := writeNew(root, f.Path, f); err != nil {
			return err
		}
	}
	for _, f := range tagFiles(b.rec, b.recordJSON) {
		if err := root.WriteFile(f.name, f.data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// writeNew writes a file that must not be there yet.
func writeNew(root *os.Root, name string, r io.Reader) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}
