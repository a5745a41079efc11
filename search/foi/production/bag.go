package production

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/durable"
)

// A bag is a BagIt bag being written in a folder.
type bag struct {
	dir     string
	payload []file
}

// A file is one file of a bag, by its path in it.
type file struct {
	path   string
	digest record.Digest
	size   int64
}

// create writes one file of the payload.
func (b *bag) create(name string, write func(io.Writer) error) error {
	e, err := b.open(path.Join("data", name))
	if err != nil {
		return err
	}
	f, err := e.end(write(e))
	b.payload = append(b.payload, f)
	return err
}

// tag writes one file that is not of the payload.
func (b *bag) tag(name string, write func(io.Writer) error) (file, error) {
	e, err := b.open(name)
	if err != nil {
		return file{}, err
	}
	return e.end(write(e))
}

// An entry is a file of a bag that is being written.
type entry struct {
	*bufio.Writer
	out     *os.File
	hash    hash.Hash
	counted *counter
	path    string
}

func (b *bag) open(name string) (*entry, error) {
	full := filepath.Join(b.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		return nil, err
	}
	out, err := os.OpenFile(full, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	e := &entry{out: out, hash: sha256.New(), path: name}
	e.counted = &counter{w: io.MultiWriter(out, e.hash)}
	e.Writer = bufio.NewWriter(e.counted)
	return e, nil
}

// end closes the file, flushed to the disk; err is what went wrong writing it.
func (e *entry) end(err error) (file, error) {
	if err == nil {
		err = e.Flush()
	}
	if err == nil {
		err = e.out.Sync()
	}
	err = errors.Join(err, e.out.Close())
	f := file{path: e.path, size: e.counted.n}
	e.hash.Sum(f.digest[:0])
	return f, err
}

type counter struct {
	w io.Writer
	n int64
}

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// finish writes what a bag has besides its payload (RFC 8493, sections 2.1.1,
// 2.1.3, 2.2.1 and 2.2.2), and returns the digest of the payload's manifest.
func (b *bag) finish(a About) (record.Digest, error) {
	slices.SortFunc(b.payload, func(x, y file) int { return strings.Compare(x.path, y.path) })
	var octets int64
	for _, f := range b.payload {
		octets += f.size
	}
	info := [][2]string{{"External-Identifier", fmt.Sprintf("%s P%d", a.Request, a.Number)}, {"Bagging-Date", a.Made.In(a.Zone).Format("2006-01-02")},
		{"Bag-Software-Agent", a.Program}, {"Payload-Oxum", fmt.Sprintf("%d.%d", octets, len(b.payload))}}
	if a.Authority != "" {
		info = append([][2]string{{"Source-Organization", a.Authority}}, info...)
	}
	var tags []file
	add := func(name string, write func(io.Writer) error) error {
		f, err := b.tag(name, write)
		tags = append(tags, f)
		return err
	}
	if err := add("bagit.txt", lines("BagIt-Version: 1.0", "Tag-File-Character-Encoding: UTF-8")); err != nil {
		return record.Digest{}, err
	}
	var labels []string
	for _, l := range info {
		labels = append(labels, l[0]+": "+strings.Join(strings.Fields(l[1]), " "))
	}
	if err := add("bag-info.txt", lines(labels...)); err != nil {
		return record.Digest{}, err
	}
	if err := add("manifest-sha256.txt", manifest(b.payload)); err != nil {
		return record.Digest{}, err
	}
	digest := tags[2].digest
	_, err := b.tag("tagmanifest-sha256.txt", manifest(tags))
	if err == nil {
		err = durable.SyncDir(b.dir)
	}
	return digest, err
}

func lines(all ...string) func(io.Writer) error {
	return func(w io.Writer) error {
		for _, l := range all {
			if _, err := fmt.Fprintln(w, l); err != nil {
				return err
			}
		}
		return nil
	}
}

func manifest(files []file) func(io.Writer) error {
	return func(w io.Writer) error {
		for _, f := range files {
			if _, err := fmt.Fprintf(w, "%s  %s\n", f.digest, f.path); err != nil {
				return err
			}
		}
		return nil
	}
}
