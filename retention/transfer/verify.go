package transfer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/closeroll/closeroll/archive/record"
)

// ErrInvalid means that a folder is no package, or not the one that was made.
var ErrInvalid = errors.New("not a valid package")

// A Found is what [Verify] found in a package.
type Found struct {
	Bag    record.Digest // of its tag manifest
	Files  int           // of payload
	Octets int64
}

// maxTagFile bounds a tag file, in octets.
const maxTagFile = 256 << 20

// Verify reads a package on disk and checks all of it: that it is a complete
// and valid bag (RFC 8493, section 3), that nothing is in it besides, and that
// its metadata have a row for every file and no other. Faults wrap
// [ErrInvalid].
func Verify(folder string) (Found, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return Found{}, err
	}
	defer root.Close()
	v := &verifying{root: root, sums: make(map[string]record.Digest), bad: func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrInvalid}, args...)...)
	}}
	return v.all()
}

type verifying struct {
	root  *os.Root
	sums  map[string]record.Digest // that a manifest gives, by path
	found Found
	bad   func(format string, args ...any) error
}

func (v *verifying) all() (Found, error) {
	tags, err := v.tagFile(tagManifestName)
	if err != nil {
		return v.found, err
	}
	v.found.Bag = record.Sum(tags)
	if err := v.manifest(tagManifestName, tags); err != nil {
		return v.found, err
	}
	for _, name := range []string{declarationName, infoName, manifestName, metadataName} {
		if v.sums[name].IsZero() {
			return v.found, v.bad("the tag manifest does not name %s", name)
		}
	}
	payload, err := v.tagFile(manifestName)
	if err == nil {
		err = v.manifest(manifestName, payload)
	}
	if err != nil {
		return v.found, err
	}
	declared, err := v.tagFile(declarationName)
	if err != nil {
		return v.found, err
	}
	if string(declared) != declaration {
		return v.found, v.bad("%s is not a declaration of BagIt 1.0", declarationName)
	}
	if err := fs.WalkDir(v.root.FS(), ".", v.walk); err != nil {
		return v.found, err
	}
	for name := range v.sums {
		return v.found, v.bad("%s is missing", clip(name))
	}
	return v.found, errors.Join(v.oxum(), v.rows(payload))
}

func (v *verifying) tagFile(name string) ([]byte, error) {
	f, err := v.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, v.bad("it has no %s", name)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxTagFile+1))
	if err == nil && (len(data) > maxTagFile || !utf8.Valid(data)) {
		err = v.bad("%s is too large, or not UTF-8", name)
	}
	return data, err
}

// manifest takes in the lines of a manifest.
func (v *verifying) manifest(name string, data []byte) error {
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		hex, path, ok := strings.Cut(lines.Text(), "  ")
		var sum record.Digest
		if !ok || sum.UnmarshalText([]byte(hex)) != nil || !fs.ValidPath(path) || strings.HasPrefix(path, "data/") != (name == manifestName) {
			return v.bad("line %d of %s is none", n, name)
		}
		if !v.sums[path].IsZero() {
			return v.bad("line %d of %s names a file twice", n, name)
		}
		v.sums[path] = sum
	}
	return lines.Err()
}

// walk compares every file with its manifest.
func (v *verifying) walk(name string, d fs.DirEntry, err error) error {
	if err != nil || d.IsDir() || name == tagManifestName {
		return err
	}
	name = filepath.ToSlash(name)
	want := v.sums[name]
	if want.IsZero() || !d.Type().IsRegular() {
		return v.bad("%s is in it, and in no manifest", clip(name))
	}
	delete(v.sums, name)
	f, err := v.root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	sum, n, err := record.SumReader(f)
	if err == nil && sum != want {
		err = v.bad("the octets of %s are not those of its manifest", clip(name))
	}
	if strings.HasPrefix(name, "data/") {
		v.found.Files, v.found.Octets = v.found.Files+1, v.found.Octets+n
	}
	return err
}

// oxum compares the payload with what bag-info.txt says of it.
func (v *verifying) oxum() error {
	info, err := v.tagFile(infoName)
	if err != nil {
		return err
	}
	if want := fmt.Sprintf("\nPayload-Oxum: %d.%d\n", v.found.Octets, v.found.Files); !strings.Contains(string(info), want) {
		return v.bad("its payload is %d octets in %d files, and %s says otherwise", v.found.Octets, v.found.Files, infoName)
	}
	return nil
}

// rows compares the metadata with the files.
func (v *verifying) rows(manifest []byte) error {
	data, err := v.tagFile(metadataName)
	if err != nil {
		return err
	}
	rows, err := ReadRows(bytes.NewReader(data))
	if err != nil {
		return v.bad("%s: %w", metadataName, err)
	}
	listed := make(map[string]bool)
	for _, r := range rows {
		listed["data/"+r[FilePath]] = true
	}
	files := 0
	for line := range strings.Lines(string(manifest)) {
		_, path, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if files++; !listed[path] {
			return v.bad("%s has no row for %s", metadataName, clip(path))
		}
	}
	if len(rows) != files {
		return v.bad("%s has %d rows for %d files", metadataName, len(rows), files)
	}
	return nil
}
