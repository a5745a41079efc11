package reader

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// A ReportFile is a file of a sealed report, opened.
type ReportFile struct {
	Name   string
	Octets []byte
}

// maxReport is how large a report may be that is opened in memory.
const maxReport = 256 << 20

// FetchReport fetches a sealed report from the bucket and opens it, as
// [Reader.OpenReport] does.
func (r *Reader) FetchReport(ctx context.Context, of v1.SealedReport) ([]ReportFile, error) {
	d, err := r.client.Stream(ctx, http.MethodGet, fmt.Sprintf("/v1/sealed-reports/%d/sealed", of.Entry), nil)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	s := Sealed{Size: d.Size}
	if err := s.hold(d); err != nil {
		return nil, err
	}
	files, err := r.OpenReport(ctx, of, s.octets)
	return files, errors.Join(err, s.Close())
}

// OpenReport opens a sealed report, wherever it was kept. Nothing is opened
// before the octets have the digest that was journalled when it was sealed, and
// nothing is returned unless every file in it has the one that was journalled;
// otherwise the error is archive.ErrFixity.
func (r *Reader) OpenReport(ctx context.Context, of v1.SealedReport, sealed io.ReadSeeker) ([]ReportFile, error) {
	got, _, err := record.SumReader(sealed)
	if err != nil {
		return nil, err
	}
	if got != of.Sealed {
		return nil, fmt.Errorf("%w: digest %s, not %s", archive.ErrFixity, got, of.Sealed)
	}
	if _, err := sealed.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	vault, err := r.vault(ctx, of.Epoch)
	if err != nil {
		return nil, err
	}
	plain, err := vault.Open(sealed)
	if err != nil {
		return nil, err
	}
	defer plain.Close()
	tr, left := tar.NewReader(plain), int64(maxReport)
	files := make([]ReportFile, len(of.Files))
	for i, want := range of.Files {
		h, err := tr.Next()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", archive.ErrFixity, err)
		}
		if left -= h.Size; h.Name != want.Name || h.Size != want.Size || left < 0 {
			return nil, fmt.Errorf("%w: %s is not as it was journalled", archive.ErrFixity, want.Name)
		}
		b, err := io.ReadAll(tr)
		if err != nil {
			return nil, err
		}
		if record.Sum(b) != want.SHA256 {
			return nil, fmt.Errorf("%w: %s has another digest", archive.ErrFixity, want.Name)
		}
		files[i] = ReportFile{want.Name, b}
	}
	if _, err := tr.Next(); err != io.EOF {
		return nil, fmt.Errorf("%w: there is more in it than was journalled", archive.ErrFixity)
	}
	return files, nil
}
