// Package container reads the zip files that chat exports come in, whatever is
// in them: it refuses what is encrypted, damaged, or unpacks to more than it
// should, never uses an entry's name as a path, and never gives more octets of
// an entry than the directory says.
package container

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"unicode"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
)

// Is reports whether r begins as a zip file does.
func Is(r io.ReaderAt) bool {
	var head [4]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return false
	}
	return string(head[:]) == "PK\x03\x04" || string(head[:]) == "PK\x05\x06"
}

// Directory reads a zip's central directory and refuses what is encrypted or
// too large. archive/zip reads Zip64 and entries with data descriptors.
func Directory(r io.ReaderAt, size int64, lim chat.Limits) ([]*zip.File, error) {
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		if errors.Is(err, zip.ErrFormat) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, chat.Refuse(record.ReasonUnreadable, "the zip file is damaged")
		}
		return nil, err
	}
	if len(z.File) > lim.Entries {
		return nil, chat.Refuse(record.ReasonBomb, "the zip file has %d entries, more than the limit of %d", len(z.File), lim.Entries)
	}
	var total uint64
	for _, f := range z.File {
		if f.Flags&1 != 0 {
			return nil, chat.Refuse(record.ReasonEncrypted, "the zip file is encrypted")
		}
		total += f.UncompressedSize64
		if f.UncompressedSize64 > uint64(lim.Total) || total > uint64(lim.Total) {
			return nil, chat.Refuse(record.ReasonBomb, "the zip file unpacks to more than the limit of %d octets", lim.Total)
		}
		if f.UncompressedSize64 > 16<<20 && f.UncompressedSize64/uint64(lim.Ratio) > f.CompressedSize64 {
			return nil, chat.Refuse(record.ReasonBomb, "an entry of the zip file unpacks to more than %d times its size", lim.Ratio)
		}
	}
	if total > 16<<20 && total/uint64(lim.Ratio) > uint64(size) {
		return nil, chat.Refuse(record.ReasonBomb, "the zip file unpacks to more than %d times its size", lim.Ratio)
	}
	return z.File, nil
}

// Entries reads every file of a directory once, to know its digest and that it
// is what the directory says. Each has the role of an orphan, or of packaging.
func Entries(ctx context.Context, files []*zip.File) ([]chat.Entry, error) {
	entries := make([]chat.Entry, 0, len(files))
	for _, f := range files {
		e := chat.Entry{Name: f.Name, Size: int64(f.UncompressedSize64), Unsafe: UnsafeName(f.Name), Role: Role(f), Open: opener(f)}
		var err error
		if e.Digest, err = Digest(ctx, e.Open, e.Size); err != nil {
			return nil, Damaged(err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// Role gives an entry its role before anything is known of the transcript.
func Role(f *zip.File) chat.Role {
	base := BaseName(f.Name)
	switch {
	case strings.HasSuffix(f.Name, "/"), strings.HasPrefix(f.Name, "__MACOSX/"), base == ".DS_Store", base == "Thumbs.db":
		return chat.RolePackaging
	}
	return chat.RoleOrphan
}

// Damaged turns what archive/zip says of bad entries into a refusal.
func Damaged(err error) error {
	switch {
	case errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrAlgorithm),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, errTooLong), strings.Contains(err.Error(), "flate: corrupt"):
		return chat.Refuse(record.ReasonUnreadable, "an entry of the zip file is damaged")
	}
	return err
}

var errTooLong = errors.New("an entry is longer than the directory says")

// opener returns the function that reads an entry, and fails rather than give
// more octets than the directory says.
func opener(f *zip.File) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		rc, err := f.Open()
		if err != nil {
			return nil, err
		}
		return &bounded{rc, int64(f.UncompressedSize64)}, nil
	}
}

type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLong
	}
	return n, err
}

// Digest reads a file and returns its digest, or an error if it is not size
// octets long.
func Digest(ctx context.Context, open func() (io.ReadCloser, error), size int64) (record.Digest, error) {
	rc, err := open()
	if err != nil {
		return record.Digest{}, err
	}
	defer rc.Close()
	h := sha256.New()
	n, err := io.Copy(h, &interruptible{ctx, rc})
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	return record.Digest(h.Sum(nil)), err
}

// interruptible stops a long read when the context ends.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i *interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p)
}

// Text reads a whole entry into one string.
func Text(f *zip.File) (string, error) {
	rc, err := opener(f)()
	if err != nil {
		return "", Damaged(err)
	}
	defer rc.Close()
	text, err := ReadText(rc, int64(f.UncompressedSize64))
	if err != nil {
		err = Damaged(err)
	}
	return text, err
}

// Keep reads an entry to where it can be read at random.
func Keep(f *zip.File, keep func(io.Reader) (chat.Kept, error)) (chat.Kept, error) {
	rc, err := opener(f)()
	if err != nil {
		return nil, Damaged(err)
	}
	defer rc.Close()
	k, err := keep(rc)
	if err != nil {
		return nil, Damaged(err)
	}
	if uint64(k.Size()) != f.UncompressedSize64 {
		k.Close()
		return nil, Damaged(io.ErrUnexpectedEOF)
	}
	return k, nil
}

// ReadText reads a text of a known length into one string.
func ReadText(r io.Reader, size int64) (string, error) {
	var b strings.Builder
	b.Grow(int(size))
	n, err := io.Copy(&b, r)
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	return b.String(), err
}

// Head reads the beginning of an entry, up to size octets.
func Head(f *zip.File, size int) string {
	rc, err := f.Open()
	if err != nil {
		return ""
	}
	defer rc.Close()
	head := make([]byte, min(f.UncompressedSize64, uint64(size)))
	n, _ := io.ReadFull(rc, head) // a short or damaged head shows what it has
	return string(head[:n])
}

// UnsafeName reports whether a name could lead out of a directory, or cannot
// be shown: such names are kept and listed, and never written to.
func UnsafeName(name string) bool {
	if name == "" || strings.ContainsRune(name, '\\') || strings.HasPrefix(name, "/") ||
		len(name) > 1 && name[1] == ':' || strings.ContainsFunc(name, unicode.IsControl) {
		return true
	}
	for part := range strings.SplitSeq(strings.TrimSuffix(name, "/"), "/") {
		if part == ".." || part == "." || part == "" {
			return true
		}
	}
	return false
}

// BaseName returns the last element of a name, whichever slash divides it.
func BaseName(name string) string {
	return name[strings.LastIndexAny(name, `/\`)+1:]
}
