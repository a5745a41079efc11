// Package durable writes files so that what it reported as written is there
// after a power cut: the octets are flushed before a name points at them, and
// the directory that holds the name is flushed before the call returns.
//
// The order of system calls for [WriteFile], the model for the others:
//
//	open(temporary name in the same directory) → write → fsync → rename → fsync(directory)
//
// A crash at any point leaves the old file or the new one, whole, and perhaps a
// temporary file whose name begins with [TempPrefix]. Windows has no call that
// flushes a directory; there the file system's own journal has to do.
package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// TempPrefix begins the name of every temporary file that this package makes.
const TempPrefix = ".closeroll-tmp-"

// WriteFile makes name hold data, replacing what was there, or leaves it as it
// was. The new file has the permissions perm whatever the umask says.
func WriteFile(name string, data []byte, perm fs.FileMode) error {
	tmp, err := stage(name, data, perm)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, name); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return SyncDir(filepath.Dir(name))
}

// Create makes a new file that holds data. It fails with [fs.ErrExist], and
// changes nothing, if there is one of that name already.
func Create(name string, data []byte, perm fs.FileMode) error {
	tmp, err := stage(name, data, perm)
	if err != nil {
		return err
	}
	err = os.Link(tmp, name)
	if err = errors.Join(err, os.Remove(tmp)); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(name))
}

// Append adds data at the end of name, which is created if need be. A crash may
// leave part of data there, never anything else: readers must be able to tell
// a last piece that is not whole.
func Append(name string, data []byte, perm fs.FileMode) error {
	_, err := os.Stat(name)
	fresh := errors.Is(err, fs.ErrNotExist)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, perm)
	if err != nil {
		return err
	}
	if err := finish(f, data); err != nil {
		return err
	}
	if !fresh {
		return nil
	}
	return SyncDir(filepath.Dir(name))
}

// Remove removes a file for good. It is no error if there is none.
func Remove(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return SyncDir(filepath.Dir(name))
}

// Rename moves a file or directory within one file system.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	if err := SyncDir(filepath.Dir(to)); err != nil {
		return err
	}
	if filepath.Dir(from) == filepath.Dir(to) {
		return nil
	}
	return SyncDir(filepath.Dir(from))
}

// MkdirAll makes a directory and its parents, and flushes every directory in
// which it made one.
func MkdirAll(name string, perm fs.FileMode) error {
	if info, err := os.Stat(name); err == nil {
		if !info.IsDir() {
			return fmt.Errorf("%s is not a directory", name)
		}
		return nil
	}
	parent := filepath.Dir(name)
	if parent != name {
		if err := MkdirAll(parent, perm); err != nil {
			return err
		}
	}
	if err := os.Mkdir(name, perm); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return SyncDir(parent)
}

// SyncDir flushes the names in a directory.
func SyncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(SyncOpenDir(d), d.Close())
}

// stage writes data to a flushed temporary file in the directory of name.
func stage(name string, data []byte, perm fs.FileMode) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(name), TempPrefix+"*")
	if err != nil {
		return "", err
	}
	err = f.Chmod(perm)
	if err == nil {
		err = finish(f, data)
	} else {
		f.Close()
	}
	if err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// finish writes data, flushes and closes, and reports the first that failed.
func finish(f *os.File, data []byte) error {
	_, err := f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
