package reader

import (
	"context"
	"io"
	"strings"

	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
)

// Documents returns the messages of a record as the index is told of them.
// Attachments are read only as far as extract goes.
func (r *Reader) Documents(ctx context.Context, id, purpose string, extract ingest.Extractor) ([]record.Document, error) {
	_, docs, err := r.Read(ctx, id, purpose, extract)
	return docs, err
}

// Read returns a record with its messages, as Documents does.
func (r *Reader) Read(ctx context.Context, id, purpose string, extract ingest.Extractor) (record.Record, []record.Document, error) {
	s, err := r.Fetch(ctx, id, purpose)
	if err != nil {
		return record.Record{}, nil, err
	}
	defer s.Close()
	rec, _, docs, err := r.ReadSealed(ctx, s, extract)
	return rec, docs, err
}

// Texts returns the words of each message of a record: what a search can have
// found in it, subject first.
func (r *Reader) Texts(ctx context.Context, id, purpose string, extract ingest.Extractor) ([]string, error) {
	docs, err := r.Documents(ctx, id, purpose, extract)
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(docs))
	for i, d := range docs {
		texts[i] = TextOf(d)
	}
	return texts, nil
}

// TextOf is the text of a message: its subject, its words, and its attachments.
func TextOf(d record.Document) string {
	parts := []string{d.Subject, d.Body}
	for _, a := range d.Attachments {
		parts = append(parts, a.Name, a.Text)
	}
	return strings.Join(parts, "\n")
}

// NoText is an extractor that reads no attachment, for when only the message
// itself is wanted.
type NoText struct{}

// Text implements ingest.Extractor.
func (NoText) Text(context.Context, string, string, io.Reader, int64) (string, record.TextStatus) {
	return "", record.TextNone
}
