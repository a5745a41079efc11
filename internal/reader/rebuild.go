package reader

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/messenger"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// Pages of a rebuild.
const (
	rebuildPage  = 200     // records asked for at once
	rebuildBytes = 4 << 20 // octets of text posted at once
)

// A Rebuild makes the index again from sealed records, page by page. It can be
// broken off and begun again: what was posted stays.
type Rebuild struct {
	Reader   *Reader
	Extract  ingest.Extractor
	Missing  bool                    // only what the live index lacks; otherwise a whole new generation
	Progress func(done, total int64) // messages

	// Elsewhere counts, after Run, the messages that were left out because they
	// are in vaults that this reader may not read, by vault: its own readers add
	// them.
	Elsewhere map[string]int64
}

// Run posts the documents of every record that the index lacks and that this
// reader may read. What cannot be opened is left out and returned as a joined
// error: the index then stays incomplete, and says so. Where other vaults'
// readers have to add theirs to a new generation, Run returns nil, Elsewhere
// says what is left to them, and the generation waits.
func (b *Rebuild) Run(ctx context.Context) error {
	if !b.Missing {
		if err := b.Reader.client.Do(ctx, http.MethodPost, "/v1/index/build", nil, nil); err != nil {
			return err
		}
	}
	for try := 1; ; try++ {
		if err := b.pass(ctx); err != nil || b.Missing {
			return err
		}
		err := patiently(ctx, func() error { return b.Reader.client.Do(ctx, http.MethodPost, "/v1/index/swap", nil, nil) })
		switch {
		case api.IsCode(err, api.CodeIncomplete) && len(b.Elsewhere) > 0:
			return nil
		case !api.IsCode(err, api.CodeIncomplete) || try == swapTries:
			return err
		}
		// Something was captured since the pass: it is on its way into both
		// generations, or will be found missing by the next one.
	}
}

// swapTries is how often a generation that was just completed is offered.
const swapTries = 20

// pass posts the documents of every record that is missing now.
func (b *Rebuild) pass(ctx context.Context) error {
	b.Elsewhere = make(map[string]int64)
	var after uint64
	var done, total int64
	var failed []error
	for {
		page, err := b.page(ctx, after)
		if err != nil {
			return err
		}
		if total == 0 {
			total = page.Messages
		}
		if len(page.Records) == 0 {
			break
		}
		p := poster{Rebuild: b}
		for _, m := range page.Records {
			err := p.record(ctx, m)
			switch {
			case err == nil:
			case errors.Is(err, ErrNotAReader), api.IsCode(err, api.CodeDenied):
				b.Elsewhere[m.Vault] += int64(m.Count)
			default:
				if ctx.Err() != nil {
					return ctx.Err()
				}
				failed = append(failed, fmt.Errorf("record %s: %w", m.ID.Short(), err))
			}
			after = uint64(m.First) + uint64(max(m.Count, 1)) - 1
			done += int64(m.Count)
			b.Progress(done, max(total, done))
		}
		if err := p.flush(ctx); err != nil {
			return err
		}
	}
	if failed != nil {
		return fmt.Errorf("%d records could not be read:\n%w", len(failed), errors.Join(failed...))
	}
	return nil
}

// page asks for the next records whose words are missing.
func (b *Rebuild) page(ctx context.Context, after uint64) (page v1.Missing, err error) {
	path := fmt.Sprintf("/v1/index/missing?building=%t&after=%d&limit=%d", !b.Missing, after, rebuildPage)
	err = patiently(ctx, func() error { return b.Reader.client.Do(ctx, http.MethodGet, path, nil, &page) })
	return page, err
}

// A poster collects documents and posts them in pieces.
type poster struct {
	*Rebuild
	docs []record.Document
	size int
}

func (p *poster) record(ctx context.Context, m v1.MissingRecord) error {
	// Whether it can be opened is asked first: a read is journalled.
	if _, err := p.Reader.vault(ctx, m.Epoch); err != nil {
		return err
	}
	rec, opened, err := p.Reader.Open(ctx, string(m.ID), "rebuild index")
	if err != nil {
		if errors.Is(err, archive.ErrFixity) || api.IsCode(err, api.CodeDenied) {
			return err
		}
		return fmt.Errorf("cannot be opened: %w", err)
	}
	docs, err := ingest.Redo(ctx, messenger.All{}, p.Extract, rec, opened, m.Facts)
	if err != nil {
		return err
	}
	if len(docs) != m.Count {
		return fmt.Errorf("it has %d messages, and %d were journalled", len(docs), m.Count)
	}
	for i := range docs {
		docs[i].No, docs[i].Captured, docs[i].Position = m.First+record.MessageNo(i), m.Captured, m.Position
		docs[i].Kind = m.Kind
		p.size += len(docs[i].Body) + 512
		for _, a := range docs[i].Attachments {
			p.size += len(a.Text)
		}
	}
	p.docs = append(p.docs, docs...)
	if p.size < rebuildBytes {
		return nil
	}
	return p.flush(ctx)
}

func (p *poster) flush(ctx context.Context) error {
	if len(p.docs) == 0 {
		return nil
	}
	err := patiently(ctx, func() error {
		return p.Reader.client.Do(ctx, http.MethodPost, "/v1/index/documents", v1.Documents{Building: !p.Missing, Documents: p.docs}, nil)
	})
	p.docs, p.size = nil, 0
	return err
}
