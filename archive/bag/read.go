package bag

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
)

// A Reader reads a bag and checks everything that it reads.
type Reader struct {
	rec        record.Record
	recordJSON []byte // as it was read

	raw  *source
	tar  *tar.Reader
	err  error // the first fault: nothing is read after it
	used bool
}

// A File is one component and its octets. Reading it to the end checks them:
// only [io.EOF] says that they are what the manifest promises.
type File struct {
	record.Component
	io.Reader
}

// NewReader reads the tag files of a bag and checks them against each other.
func NewReader(r io.Reader) (*Reader, error) {
	raw := &source{r: r}
	b := &Reader{raw: raw, tar: tar.NewReader(raw)}
	if err := b.fail(b.readTagFiles()); err != nil {
		return nil, err
	}
	return b, nil
}

// Record returns what record.json says. It can be believed as far as the whole
// bag can: once Components has come to its end without an error.
func (b *Reader) Record() record.Record { return b.rec }

// Components yields the components in the order of their paths. What the
// consumer leaves unread of one is read and checked before the next. The
// sequence ends without an error only if every component was there as the
// manifest has it, nothing else was, and the stream came to its own end, which
// authenticates it where it is sealed. It can be had once.
func (b *Reader) Components() iter.Seq2[*File, error] {
	return func(yield func(*File, error) bool) {
		if b.used {
			yield(nil, errors.New("a bag is read once"))
			return
		}
		b.used = true
		for _, c := range b.rec.Components {
			if err := b.expect(c.Path, c.Size); err != nil {
				yield(nil, err)
				return
			}
			f := &checked{bag: b, c: c, left: c.Size, sum: sha256.New()}
			if !yield(&File{c, f}, nil) {
				return
			}
			if _, err := io.Copy(io.Discard, f); err != nil {
				yield(nil, err)
				return
			}
		}
		if err := b.end(); err != nil {
			yield(nil, err)
		}
	}
}

// Verify reads all of it and keeps nothing.
func (b *Reader) Verify() error {
	for _, err := range b.Components() {
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *Reader) readTagFiles() error {
	h, err := b.tar.Next()
	if err != nil {
		return err
	}
	id, err := record.ParseID(strings.TrimSuffix(h.Name, "/"+declarationName))
	if err != nil {
		return fmt.Errorf("its folder's name: %w", err)
	}
	b.rec.ID = id
	first, err := b.tagFile(h, declarationName, int64(len(declaration)))
	if err != nil {
		return err
	}
	if h, err = b.tar.Next(); err != nil {
		return err
	}
	recordJSON, err := b.tagFile(h, recordName, maxRecordJSON)
	if err != nil {
		return err
	}
	rec := record.Record{}
	if err := json.Unmarshal(recordJSON, &rec); err != nil {
		return fmt.Errorf("%s: %w", recordName, err)
	}
	if rec.ID != id {
		return fmt.Errorf("the folder is %s, the record %q", id, rec.ID)
	}
	if err := check(rec); err != nil {
		return err
	}
	b.rec, b.recordJSON = rec, recordJSON
	return b.compareTagFiles(first, recordJSON)
}

// compareTagFiles checks the declaration and reads the manifests, which must
// be what they follow to be from record.json.
func (b *Reader) compareTagFiles(first, recordJSON []byte) error {
	for i, want := range tagFiles(b.rec, recordJSON) {
		got := first
		switch i {
		case 0:
		case 1:
			continue
		default:
			h, err := b.tar.Next()
			if err != nil {
				return err
			}
			if got, err = b.tagFile(h, want.name, int64(len(want.data))); err != nil {
				return err
			}
		}
		if !bytes.Equal(got, want.data) {
			return fmt.Errorf("%s does not agree with %s", want.name, recordName)
		}
	}
	return nil
}

// tagFile reads a tag file of at most limit octets.
func (b *Reader) tagFile(h *tar.Header, name string, limit int64) ([]byte, error) {
	if err := b.checkHeader(h, name); err != nil {
		return nil, err
	}
	if h.Size > limit {
		return nil, fmt.Errorf("%s has %d octets", name, h.Size)
	}
	return io.ReadAll(io.LimitReader(b.tar, limit))
}

func (b *Reader) checkHeader(h *tar.Header, name string) error {
	if h.Name != string(b.rec.ID)+"/"+name || h.Typeflag != tar.TypeReg {
		return fmt.Errorf("%q stands where %s should", clip(h.Name), name)
	}
	return nil
}

// expect goes on to the next file, which must be this one.
func (b *Reader) expect(name string, size int64) error {
	if b.err != nil {
		return b.err
	}
	h, err := b.tar.Next()
	if err == nil {
		err = b.checkHeader(h, name)
	}
	if err == nil && h.Size != size {
		err = fmt.Errorf("%s has %d octets, not %d", name, h.Size, size)
	}
	return b.fail(err)
}

// maxPadding is how much may follow the last file: tar's closing blocks, in
// records of tar's usual size.
const maxPadding = 64 << 10

// end checks that nothing follows, and reads to the end of the stream below.
func (b *Reader) end() error {
	if b.err != nil {
		return b.err
	}
	switch _, err := b.tar.Next(); {
	case err == nil:
		return b.fail(errors.New("there are more files than its manifest names"))
	case !errors.Is(err, io.EOF):
		return b.fail(err)
	}
	rest, err := io.ReadAll(io.LimitReader(b.raw, maxPadding+1))
	if err == nil && (len(rest) > maxPadding || len(bytes.Trim(rest, "\x00")) > 0) {
		err = errors.New("something follows its end")
	}
	return b.fail(err)
}

// fail keeps the first fault: what is wrong with the bag is ErrInvalid, what
// is wrong with the stream that it came in is returned as it is.
func (b *Reader) fail(err error) error {
	switch {
	case err == nil || b.err != nil:
	case b.raw.err != nil:
		b.err = b.raw.err
	case errors.Is(err, ErrInvalid):
		b.err = err
	case errors.Is(err, io.EOF):
		b.err = fmt.Errorf("%w: it ends too early", ErrInvalid)
	default:
		b.err = fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return b.err
}

// A source remembers what went wrong with the stream itself.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// checked reads one component and compares it with the manifest at its end.
type checked struct {
	bag  *Reader
	c    record.Component
	left int64
	sum  hash.Hash
}

func (f *checked) Read(p []byte) (int, error) {
	if f.bag.err != nil {
		return 0, f.bag.err
	}
	if f.left == 0 {
		if record.Digest(f.sum.Sum(nil)) != f.c.Digest {
			return 0, f.bag.fail(fmt.Errorf("the octets of %s are not those of the manifest", f.c.Path))
		}
		return 0, io.EOF
	}
	n, err := f.bag.tar.Read(p[:min(int64(len(p)), f.left)])
	f.sum.Write(p[:n])
	f.left -= int64(n)
	if err != nil && (f.left > 0 || !errors.Is(err, io.EOF)) {
		return n, f.bag.fail(err)
	}
	return n, nil
}
