package bag

import (
	"archive/tar"
	"fmt"
	"io"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// Write writes rec as a bag. contents has the octets of each component by its
// path; they are checked against the component's size and digest as they are
// written, and what differs is [ErrInvalid]: the caller throws the stream away.
func Write(w io.Writer, rec record.Record, contents map[string]io.ReaderAt) error {
	rec = sorted(rec)
	if err := check(rec); err != nil {
		return err
	}
	recordJSON, err := encode(rec)
	if err != nil {
		return err
	}
	tw := tar.NewWriter(w)
	for _, f := range tagFiles(rec, recordJSON) {
		if err := tw.WriteHeader(header(rec.ID, f.name, int64(len(f.data)))); err != nil {
			return err
		}
		if _, err := tw.Write(f.data); err != nil {
			return err
		}
	}
	for _, c := range rec.Components {
		if err := writeComponent(tw, rec.ID, c, contents[c.Path]); err != nil {
			return err
		}
	}
	return tw.Close()
}

func writeComponent(tw *tar.Writer, id record.ID, c record.Component, content io.ReaderAt) error {
	if content == nil {
		return fmt.Errorf("%w: no content for %s", ErrInvalid, c.Path)
	}
	if err := tw.WriteHeader(header(id, c.Path, c.Size)); err != nil {
		return err
	}
	sum, n, err := record.SumReader(io.TeeReader(io.NewSectionReader(content, 0, c.Size), tw))
	if err != nil {
		return err
	}
	if n != c.Size || sum != c.Digest {
		return fmt.Errorf("%w: the content of %s is not what its digest says", ErrInvalid, c.Path)
	}
	return nil
}

// header is that of a plain file with nothing of its own but name and size.
func header(id record.ID, name string, size int64) *tar.Header {
	return &tar.Header{
		Typeflag: tar.TypeReg,
		Name:     string(id) + "/" + name,
		Size:     size,
		Mode:     0o644,
		ModTime:  time.Unix(0, 0),
	}
}
