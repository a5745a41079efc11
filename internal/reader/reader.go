// Package reader is the reader's side of the archive: it asks the daemon for
// sealed records and opens them here, with the reader's own identity. The
// identity never visits the daemon's host, and what is opened stays on this
// machine, in memory.
package reader

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/bag"
	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// ErrNotAReader is returned where the identity opens no key of the vault.
var ErrNotAReader = errors.New("this identity is none of the readers of vault")

// A Reader opens records. It may be used from many goroutines.
type Reader struct {
	client *api.Client
	opener *seal.Opener

	mu     sync.Mutex
	vaults map[string]*seal.Opener // by epoch
}

// New returns a reader with this identity.
func New(client *api.Client, opener *seal.Opener) *Reader {
	return &Reader{client: client, opener: opener, vaults: make(map[string]*seal.Opener)}
}

// Bag fetches a record, compares its octets with the digest that the journal
// has, and opens it. The caller closes what is returned. purpose is journalled
// with the read. It returns archive.ErrFixity if the object is another.
func (r *Reader) Bag(ctx context.Context, id, purpose string) (*bag.Reader, io.Closer, error) {
	s, err := r.Fetch(ctx, id, purpose)
	if err != nil {
		return nil, nil, err
	}
	b, plain, err := r.unseal(ctx, s)
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return b, closers{plain.Close, s.Close}, nil
}

// unseal opens a record that was fetched.
func (r *Reader) unseal(ctx context.Context, s *Sealed) (*bag.Reader, io.Closer, error) {
	vault, err := r.vault(ctx, s.epoch)
	if err != nil {
		return nil, nil, err
	}
	b, plain, err := archive.Unseal(s.octets, s.digest, vault)
	if err != nil {
		return nil, nil, err
	}
	if got := string(b.Record().ID); !strings.HasPrefix(got, strings.ToLower(s.id)) {
		err := fmt.Errorf("%w: it is of record %s", archive.ErrFixity, got)
		return nil, nil, errors.Join(err, plain.Close())
	}
	return b, plain, nil
}

// patiently repeats a call for as long as the daemon says that there are too
// many: whoever opens every record makes more calls than a person does.
func patiently(ctx context.Context, call func() error) error {
	for {
		err := call()
		if !api.IsCode(err, api.CodeBusy) {
			return err
		}
		t := time.NewTimer(50 * time.Millisecond)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		}
	}
}

type closers []func() error

// Close implements io.Closer.
func (c closers) Close() error {
	var errs []error
	for _, f := range c {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// vault returns what opens records of an epoch: the vault's identity, unwrapped
// with the reader's.
func (r *Reader) vault(ctx context.Context, epoch string) (*seal.Opener, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if o := r.vaults[epoch]; o != nil {
		return o, nil
	}
	var v v1.Vault
	if err := r.client.Do(ctx, http.MethodGet, "/v1/vaults/"+url.PathEscape(epoch), nil, &v); err != nil {
		return nil, err
	}
	for _, wrapped := range v.Readers {
		o, err := r.opener.UnwrapOpener(wrapped)
		if errors.Is(err, seal.ErrNoMatch) {
			continue
		}
		if err != nil {
			return nil, err
		}
		r.vaults[epoch] = o
		return o, nil
	}
	return nil, fmt.Errorf("%w %s", ErrNotAReader, epoch)
}

// maxOpened bounds what of one record is held in memory, in octets.
const maxOpened = 512 << 20

// Open opens a record into memory. Records larger than half a gibibyte are for
// Bag and its caller's disk.
func (r *Reader) Open(ctx context.Context, id, purpose string) (record.Record, ingest.Opened, error) {
	s, err := r.Fetch(ctx, id, purpose)
	if err != nil {
		return record.Record{}, nil, err
	}
	defer s.Close()
	return r.openSealed(ctx, s)
}

// openSealed opens a record that was fetched into memory.
func (r *Reader) openSealed(ctx context.Context, s *Sealed) (record.Record, ingest.Opened, error) {
	b, plain, err := r.unseal(ctx, s)
	if err != nil {
		return record.Record{}, nil, err
	}
	defer plain.Close()
	opened := make(ingest.Opened)
	left := int64(maxOpened)
	for f, err := range b.Components() {
		if err != nil {
			return record.Record{}, nil, err
		}
		if left -= f.Size; left < 0 {
			return record.Record{}, nil, fmt.Errorf("record %s is too large to be opened in memory; closeroll get writes it to disk", b.Record().ID.Short())
		}
		data, err := io.ReadAll(f)
		if err != nil {
			return record.Record{}, nil, err
		}
		opened[f.Path] = ingest.Component{ReaderAt: bytes.NewReader(data), Component: f.Component}
	}
	return b.Record(), opened, nil
}
