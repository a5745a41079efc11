package ingest

import (
	"context"
	"iter"
	"slices"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/record"
)

// documents are what the index is told of a record's messages, in their order
// and without numbers. Those of a chat are made when they are asked for, so that
// what people wrote is in memory only on its way to the index.
type documents iter.Seq2[record.Document, error]

// documentsOf returns documents that are in memory, and their octets of text.
func documentsOf(docs ...record.Document) (documents, int64) {
	var n int64
	for i := range docs {
		n += textOf(&docs[i])
	}
	return func(yield func(record.Document, error) bool) {
		for _, d := range docs {
			if !yield(d, nil) {
				return
			}
		}
	}, n
}

// textOf is how many octets of text a document has.
func textOf(d *record.Document) int64 {
	n := len(d.Subject) + len(d.Body)
	for i := range d.Attachments {
		n += len(d.Attachments[i].Text)
	}
	return int64(n)
}

// What is given to the index at a time, at most.
const (
	maxDocuments = 8192
	maxText      = 4 << 20 // octets
)

// index adds the documents of what is not indexed yet, as many at a time as
// memory has room for, and lets live query holds look at them.
func (c *committer) index(ctx context.Context, captures []*archive.Capture, docs []documents) error {
	var some []record.Document
	var weight int64
	for i, capture := range captures {
		if capture.Indexed || capture.Outcome == record.Excluded || docs[i] == nil {
			continue
		}
		no := capture.First
		for d, err := range docs[i] {
			if err != nil {
				return err
			}
			d.No, d.Captured, d.Position = no, capture.Captured, uint64(capture.Position)
			some, weight, no = append(some, d), weight+textOf(&d), no+1
			if weight >= maxText || len(some) >= maxDocuments {
				if err := c.take(ctx, some); err != nil {
					return err
				}
				some, weight = slices.Delete(some, 0, len(some)), 0
			}
		}
	}
	if len(some) == 0 {
		return nil
	}
	return c.take(ctx, some)
}

// take gives documents to the index and marks their messages in the catalog.
func (c *committer) take(ctx context.Context, docs []record.Document) error {
	if err := c.Index.Add(ctx, docs); err != nil {
		return err
	}
	numbers := make([]record.MessageNo, len(docs))
	for i := range docs {
		numbers[i] = docs[i].No
	}
	if err := c.Archive.Catalog.MarkIndexed(ctx, numbers); err != nil {
		return err
	}
	caught, err := c.Holds.Catch(ctx, numbers)
	if err != nil || len(caught) == 0 {
		return err
	}
	return c.Archive.Journal(ctx, caught...)
}
