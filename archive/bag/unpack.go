package bag

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/durable"
)

// Unpack reads a whole bag, checks it and leaves it as the folder dir/ID, a
// bag on disk that stock tools validate. It makes dir if need be. If anything
// is wrong there is no such folder afterwards: the files are written aside and
// renamed when all of them have been checked. It fails with [fs.ErrExist] if
// dir/ID exists.
func Unpack(r io.Reader, dir string) (record.Record, error) {
	b, err := NewReader(r)
	if err != nil {
		return record.Record{}, err
	}
	target := filepath.Join(dir, string(b.rec.ID))
	if _, err := os.Lstat(target); err == nil {
		return record.Record{}, &fs.PathError{Op: "unpack", Path: target, Err: fs.ErrExist}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return record.Record{}, err
	}
	aside, err := os.MkdirTemp(dir, durable.TempPrefix+"*")
	if err != nil {
		return record.Record{}, err
	}
	defer os.RemoveAll(aside)
	if err := b.unpack(aside); err != nil {
		return record.Record{}, err
	}
	if err := durable.Rename(aside, target); err != nil {
		return record.Record{}, fmt.Errorf("unpack %s: %w", b.rec.ID, err)
	}
	return b.rec, nil
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
