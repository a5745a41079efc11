package reader

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/closeroll/closeroll/archive/bag"
	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/messenger"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// Succeed opens a record, makes its successor without the messages that a batch
// of disposal erases, has it captured, and adds its words to the index, for which
// it is fetched and opened again: what cannot be opened has not succeeded
// anything. It may be repeated. The record itself is left to the disposer.
func (r *Reader) Succeed(ctx context.Context, extract ingest.Extractor, batch string, part record.ErasedPart) (record.ID, error) {
	rec, opened, err := r.Open(ctx, string(part.Record), "erasure "+batch)
	if err != nil {
		return "", err
	}
	next, contents, err := ingest.Successor(ctx, messenger.All{}, rec, opened, part.Messages, record.GroundArticle17)
	if err != nil {
		return "", fmt.Errorf("record %s: %w", part.Record.Short(), err)
	}
	body, pipe := io.Pipe()
	written := make(chan struct{})
	go func() {
		defer close(written)
		pipe.CloseWithError(bag.Write(pipe, next, contents))
	}()
	var m v1.MissingRecord
	err = r.client.Send(ctx, http.MethodPost, "/v1/erasures/"+url.PathEscape(batch)+"/successors/"+string(part.Record), body, &m)
	body.Close()
	<-written
	if err != nil {
		return "", err
	}
	p := poster{Rebuild: &Rebuild{Reader: r, Extract: extract, Missing: true}}
	if err := p.record(ctx, m); err != nil {
		return "", fmt.Errorf("successor %s: %w", m.ID.Short(), err)
	}
	return m.ID, p.flush(ctx)
}
