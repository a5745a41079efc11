package reader

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"os"

	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/messenger"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// A Sealed is a record's octets as the store has them, fetched and not opened
// yet. Close it.
type Sealed struct {
	Size int64

	id      string
	epoch   string
	digest  record.Digest // by the journal; nothing is opened that has another
	octets  io.ReadSeeker
	release func() error
}

// Close implements io.Closer.
func (s *Sealed) Close() error { return s.release() }

// Fetch fetches a record, which the daemon journals with the purpose.
func (r *Reader) Fetch(ctx context.Context, id, purpose string) (*Sealed, error) {
	var d *api.Download
	err := patiently(ctx, func() (err error) {
		d, err = r.client.Stream(ctx, http.MethodGet, "/v1/records/"+url.PathEscape(id)+"/sealed?for="+url.QueryEscape(purpose), nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	defer d.Close()
	s := &Sealed{id: id, epoch: d.Header.Get(v1.SealedEpoch), Size: d.Size}
	if err := s.digest.UnmarshalText([]byte(d.Header.Get(v1.SealedDigest))); err != nil {
		return nil, fmt.Errorf("the daemon's answer has no digest: %w", err)
	}
	return s, s.hold(d)
}

// together is how many records are asked for in one call. Each call is journalled
// in one batch, and counts once towards how many a caller may make a second.
const together = 100

// FetchEach fetches records in this order, many in a call, and yields each before
// the next is read. Where a call breaks off, what it still owed is asked for one
// by one. An error ends the sequence.
func (r *Reader) FetchEach(ctx context.Context, ids []record.ID, purpose string) iter.Seq2[*Sealed, error] {
	return func(yield func(*Sealed, error) bool) {
		for len(ids) > 0 {
			some := ids[:min(together, len(ids))]
			ids = ids[len(some):]
			had := 0
			for s, err := range r.fetchTogether(ctx, some, purpose) {
				if err != nil {
					break
				}
				if had++; !yield(s, nil) {
					return
				}
			}
			for _, id := range some[had:] {
				s, err := r.Fetch(ctx, string(id), purpose)
				if !yield(s, err) || err != nil {
					return
				}
			}
		}
	}
}

// fetchTogether fetches records in one call.
func (r *Reader) fetchTogether(ctx context.Context, ids []record.ID, purpose string) iter.Seq2[*Sealed, error] {
	return func(yield func(*Sealed, error) bool) {
		var d *api.Download
		err := patiently(ctx, func() (err error) {
			d, err = r.client.Stream(ctx, http.MethodPost, "/v1/records/sealed", v1.ReadTogether{Records: ids, For: purpose})
			return err
		})
		if err != nil {
			yield(nil, err)
			return
		}
		defer d.Close()
		in := bufio.NewReaderSize(d, 64<<10)
		for _, id := range ids {
			s, err := announced(in, id)
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// announced reads one record of many: a line that says what it is to be, and its
// octets.
func announced(in *bufio.Reader, id record.ID) (*Sealed, error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	var head v1.SealedHead
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, fmt.Errorf("the daemon's answer is not understood: %w", err)
	}
	if head.Record != id || head.Size < 0 {
		return nil, fmt.Errorf("the daemon gave another record than %s", id.Short())
	}
	s := &Sealed{id: string(id), epoch: head.Epoch, digest: head.Digest, Size: head.Size}
	return s, s.hold(io.LimitReader(in, head.Size))
}

// inMemory is how large a sealed record may be to be held in memory; a larger
// one goes to a temporary file, as it is: sealed.
const inMemory = 64 << 20

// hold keeps a sealed stream so that it can be read twice.
func (s *Sealed) hold(from io.Reader) error {
	s.release = func() error { return nil }
	if s.Size >= 0 && s.Size <= inMemory {
		b, err := io.ReadAll(from)
		if err == nil && int64(len(b)) != s.Size {
			err = io.ErrUnexpectedEOF
		}
		s.octets = bytes.NewReader(b)
		return err
	}
	f, err := os.CreateTemp("", "closeroll-sealed-*")
	if err != nil {
		return err
	}
	release := func() error { return errors.Join(f.Close(), os.Remove(f.Name())) }
	n, err := io.Copy(f, from)
	if err == nil && s.Size >= 0 && n != s.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return errors.Join(err, release())
	}
	s.octets, s.release, s.Size = f, release, n
	return nil
}

// ReadSealed opens a record that was fetched and returns it with its files and
// its messages, as Read does.
func (r *Reader) ReadSealed(ctx context.Context, s *Sealed, extract ingest.Extractor) (record.Record, ingest.Opened, []record.Document, error) {
	rec, opened, err := r.openSealed(ctx, s)
	if err != nil {
		return rec, nil, nil, err
	}
	docs, err := ingest.Redo(ctx, messenger.All{}, extract, rec, opened, record.Facts{})
	return rec, opened, docs, err
}
