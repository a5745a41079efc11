package production

import (
	"archive/zip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// Zip packs the production in dir into the new file name, under one folder, and
// reads it again: every file has the octets that it has in dir, and the
// container has no comment, no time and nothing besides. On an error the file is
// gone again.
func Zip(dir, name, folder string) error {
	out, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	digests, err := pack(dir, out, folder)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err == nil {
		err = checkZip(name, digests)
	}
	if err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

func pack(dir string, out io.Writer, folder string) (map[string][32]byte, error) {
	digests := make(map[string][32]byte)
	z := zip.NewWriter(out)
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		in, err := os.Open(file)
		if err != nil {
			return err
		}
		defer in.Close()
		entry := path.Join(folder, filepath.ToSlash(rel))
		w, err := z.CreateHeader(&zip.FileHeader{Name: entry, Method: zip.Deflate})
		if err != nil {
			return err
		}
		h := sha256.New()
		_, err = io.Copy(io.MultiWriter(w, h), in)
		digests[entry] = [32]byte(h.Sum(nil))
		return err
	})
	return digests, errors.Join(err, z.Close())
}

func checkZip(name string, digests map[string][32]byte) error {
	z, err := zip.OpenReader(name)
	if err != nil {
		return err
	}
	defer z.Close()
	if z.Comment != "" || len(z.File) != len(digests) {
		return fmt.Errorf("%w: the zip file is not made up as it was written", ErrLeak)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return err
		}
		h := sha256.New()
		_, err = io.Copy(h, r)
		if err = errors.Join(err, r.Close()); err != nil {
			return err
		}
		want := digests[f.Name]
		if !slices.Equal(h.Sum(nil), want[:]) || f.Comment != "" || len(f.Extra) > 0 {
			return fmt.Errorf("%w: a file in the zip file is not as it was written", ErrLeak)
		}
	}
	return nil
}
