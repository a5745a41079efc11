package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/closeroll/closeroll/archive/bag"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/archive/store/s3"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/email"
	"github.com/closeroll/closeroll/search/index"
)

// A floor captures a mailbox with closeroll's parts and nothing around them:
// no journal, no catalog, no order, no accounting, no recovery. Fetching,
// sealing and indexing overlap, as in the daemon. What the daemon takes longer
// than this is the price of its promises.
type floor struct {
	sealer *seal.Sealer
	store  *s3.Store
	index  *index.Index
	naming []byte
}

// Workers, and documents and octets in an index batch: the daemon's defaults.
const (
	floorWorkers    = 6
	floorBatch      = 256
	floorBatchBytes = 2 << 20
)

func floorVerb(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("floor", flag.ContinueOnError)
	var server mailServer
	server.flags(flags)
	endpoint := flags.String("s3", "", "URL of the S3 server; its credentials are in the standard environment")
	spoolDir := flags.String("spool", "", "directory for what is too large for memory")
	indexDir := flags.String("index", "", "directory for the index")
	if err := flags.Parse(args); err != nil {
		return err
	}
	f, err := newFloor(ctx, *endpoint, *indexDir)
	if err != nil {
		return err
	}
	items, err := server.items(ctx, *spoolDir)
	if err != nil {
		return err
	}
	if err := f.capture(ctx, items); err != nil {
		return err
	}
	return f.index.Close()
}

func newFloor(ctx context.Context, endpoint, indexDir string) (*floor, error) {
	vault, err := seal.GenerateKeyPair(seal.PostQuantum)
	if err != nil {
		return nil, err
	}
	f := &floor{naming: make([]byte, seal.KeySize)}
	key := make([]byte, seal.KeySize)
	rand.Read(f.naming)
	rand.Read(key)
	if f.sealer, err = seal.NewSealer(vault.Recipient()); err != nil {
		return nil, err
	}
	f.store, err = s3.New(s3.Options{Endpoint: endpoint, Bucket: "floor",
		AccessKey: os.Getenv("AWS_ACCESS_KEY_ID"), SecretKey: os.Getenv("AWS_SECRET_ACCESS_KEY")})
	if err != nil {
		return nil, err
	}
	if err := f.store.CreateBucket(ctx, false); err != nil {
		return nil, err
	}
	f.index, err = index.Open(ctx, slog.New(slog.DiscardHandler), indexDir, key)
	return f, err
}

func (f *floor) capture(ctx context.Context, items iter.Seq2[*connectors.Item, error]) error {
	group, ctx := errgroup.WithContext(ctx)
	fetched := make(chan *connectors.Item, floorWorkers)
	documents := make(chan *index.Document, floorBatch)
	group.Go(func() error {
		defer close(fetched)
		for item, err := range items {
			if err != nil {
				return err
			}
			select {
			case fetched <- item:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	var workers sync.WaitGroup
	var last atomic.Uint64
	for range floorWorkers {
		workers.Add(1)
		group.Go(func() error {
			defer workers.Done()
			return f.work(ctx, fetched, documents, &last)
		})
	}
	group.Go(func() error {
		workers.Wait()
		close(documents)
		return nil
	})
	group.Go(func() error { return f.add(ctx, documents) })
	return group.Wait()
}

// work takes items until there are no more. last is the number that was given
// to a message last.
func (f *floor) work(ctx context.Context, items <-chan *connectors.Item, documents chan<- *index.Document, last *atomic.Uint64) error {
	for item := range items {
		doc, err := f.one(ctx, item)
		item.Release()
		if err != nil {
			return err
		}
		doc.No = record.MessageNo(last.Add(1))
		select {
		case documents <- doc:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// one parses, seals and stores a message, and returns what the index keeps.
func (f *floor) one(ctx context.Context, item *connectors.Item) (*index.Document, error) {
	if item.Err != nil {
		return nil, item.Err
	}
	c := item.Content
	message := email.Parse(c, c.Size(), email.Options{})
	rec := record.Record{Format: record.Format, Kind: record.Email, Vault: "bench", Components: []record.Component{
		{Path: "data/message.eml", Size: c.Size(), Digest: c.Digest(), MediaType: "message/rfc822"}}}
	rec.ID = record.NewID(f.naming, rec.Vault, rec.Kind, record.ManifestDigest(rec.Components), 0)
	var sealed bytes.Buffer
	w, err := f.sealer.Seal(&sealed)
	if err != nil {
		return nil, err
	}
	if err := bag.Write(w, rec, map[string]io.ReaderAt{"data/message.eml": c}); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	err = f.store.Put(ctx, rec.ID.Key("bench"), bytes.NewReader(sealed.Bytes()), int64(sealed.Len()), record.Sum(sealed.Bytes()), store.PutOptions{})
	if err != nil {
		return nil, fmt.Errorf("put %s: %w", rec.ID.Short(), err)
	}
	return document(message, item), nil
}

func document(m *email.Message, item *connectors.Item) *index.Document {
	doc := &index.Document{Kind: record.Email, From: addresses(m.From), To: addresses(m.To), Cc: addresses(m.Cc),
		Subject: m.Subject, Sent: m.Date.UTC(), Received: item.Received.UTC(), MessageID: m.MessageID,
		References: m.References, Size: item.Content.Size()}
	var body strings.Builder
	m.Searchable(func(text string) bool {
		body.WriteString(text + "\n\n")
		return true
	})
	doc.Body = body.String()
	for _, a := range m.Attachments {
		doc.Attachments = append(doc.Attachments, index.Attachment{Name: a.Name, MediaType: a.Type})
	}
	return doc
}

func addresses(list []email.Address) []index.Address {
	out := make([]index.Address, len(list))
	for i, a := range list {
		out[i] = index.Address(a)
	}
	return out
}

// add indexes documents in batches until there are no more.
func (f *floor) add(ctx context.Context, documents <-chan *index.Document) error {
	var batch []*index.Document
	octets := 0
	for doc := range documents {
		batch, octets = append(batch, doc), octets+index.Bytes(doc)
		if len(batch) < floorBatch && octets < floorBatchBytes {
			continue
		}
		if err := f.index.Add(ctx, batch); err != nil {
			return err
		}
		batch, octets = nil, 0
	}
	return f.index.Add(ctx, batch)
}
