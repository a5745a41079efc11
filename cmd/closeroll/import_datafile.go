package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/closeroll/closeroll/internal/readpst"
)

// unpacked returns what of path can be imported: path itself or, of an Outlook
// data file, the folder that it was unpacked into, which remove takes away
// again. The folder is for the caller alone to read, as the file should be.
func (e *env) unpacked(ctx context.Context, path string) (root string, remove func() error, err error) {
	none := func() error { return nil }
	if data, err := isDataFile(path); err != nil || !data {
		return path, none, err
	}
	dir, err := os.MkdirTemp("", "closeroll-import-")
	if err != nil {
		return "", none, err
	}
	remove = func() error { return os.RemoveAll(dir) }
	bar := e.progress("steps: unpacking")
	bar.set(0, 2)
	err = readpst.Unpack(ctx, path, dir)
	bar.end()
	if err != nil {
		err = errors.Join(err, remove())
		if errors.Is(err, readpst.ErrMissing) {
			err = advise(err, exitFailure, "install pst-utils (Debian, Ubuntu) or libpst (Fedora), and run the same command again")
		}
		return "", none, err
	}
	return dir, remove, nil
}

func isDataFile(path string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false, err
	}
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	var head [4]byte
	n, err := io.ReadFull(f, head[:])
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return readpst.Is(head[:n]), err
}
