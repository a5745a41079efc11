package ingest

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
)

// prepared is what became of one item before anything is journalled: records
// that are stored, and sightings of what is no new record.
type prepared struct {
	drafts    []*draft
	sightings []record.Sighting
	chats     []*chatDrafts // the chat exports among the drafts; their chats are yet to be found
	err       error         // the run cannot go on
	kept      []io.Closer   // what the drafts' documents are read from until they are indexed
}

// release lets go of what was kept to the end.
func (p *prepared) release() {
	for _, c := range p.kept {
		c.Close()
	}
	p.kept = nil
}

// add takes in the drafts of an export.
func (p *prepared) add(c *chatDrafts) {
	p.chats = append(p.chats, c)
	p.drafts = append(p.drafts, c.drafts...)
	p.kept = append(p.kept, c.texts)
}

// A draft is one record on its way in, with the documents of its messages.
type draft struct {
	archive.Capture
	docs documents
	text int64 // octets of the documents that are in memory

	rec      record.Record
	contents map[string]io.ReaderAt
	closers  []io.Closer

	day *dayOf // of a chat-day: what its messages are made of
}

// prepare makes what it can of an item. Only what concerns the whole run is an
// error; what concerns the item is a sighting.
func (p *Pipeline) prepare(ctx context.Context, src Source, item *connectors.Item) prepared {
	id := record.Item{Source: src.Name, Key: item.Key}
	switch {
	case item.Err != nil:
		return prepared{sightings: []record.Sighting{{Item: id, Outcome: record.Failed, Reason: or(item.Reason, record.ReasonUnreadable), Detail: item.Err.Error()}}}
	case item.Excluded != "":
		return prepared{sightings: []record.Sighting{{Item: id, Outcome: record.Excluded, Reason: item.Excluded}}}
	}
	var made prepared
	switch item.Form {
	case connectors.FormPosition:
	case connectors.FormMessage:
		made = p.mail(ctx, src, item)
	case connectors.FormChatExport:
		made = p.chatFile(ctx, src, item)
	case connectors.FormNote:
		made = p.note(src, item)
	default:
		return prepared{sightings: []record.Sighting{{Item: id, Outcome: record.Failed, Reason: record.ReasonUnknown, Detail: "a " + string(item.Form)}}}
	}
	for _, d := range made.drafts {
		if made.err == nil && d.Record == "" {
			made.err = p.put(ctx, d)
		}
		d.release()
	}
	return made
}

func (d *draft) release() {
	for _, c := range d.closers {
		c.Close()
	}
	d.closers, d.contents = nil, nil
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// put seals and stores a draft. While the store is out of reach it waits: the
// item stays in flight, and the spool's caps stop the source.
func (p *Pipeline) put(ctx context.Context, d *draft) error {
	wait := backoff.NewExponentialBackOff()
	wait.MaxInterval = p.opts.Retry
	for {
		if d.rec.ID == "" {
			if err := p.identify(ctx, d); err != nil {
				return err
			}
		}
		rec := d.rec
		if d.day != nil {
			about := *rec.Chat
			about.Spans = d.day.spans()
			rec.Chat = &about
			if err := d.day.made.export.Err(); err != nil {
				return err
			}
		}
		stored, err := p.Archive.Put(ctx, rec, d.contents, archive.Claim{Holding: d.Holding, Facts: d.Facts})
		if err == nil {
			d.Record, d.Vault, d.Epoch = stored.Record, stored.Vault, stored.Epoch
			d.Manifest, d.Sealed, d.SealedSize, d.Adopted = stored.Manifest, stored.Sealed, stored.Size, stored.Adopted
			d.Lock = stored.Lock
			return nil
		}
		if !temporary(err) {
			return err
		}
		next := wait.NextBackOff()
		p.lg.Warn("the store cannot take a record now", "error", err, "retry_in", next.Round(time.Millisecond))
		if !pause(ctx, next) {
			return errors.Join(ctx.Err(), err)
		}
	}
}

// identify gives a draft its record's id, as its custodian brings it.
func (p *Pipeline) identify(ctx context.Context, d *draft) (err error) {
	d.rec.ID, err = p.Archive.IdentifyFor(ctx, d.rec.Vault, d.rec.Kind, d.rec.Components, archive.Claim{Holding: d.Holding, Facts: d.Facts})
	return err
}

// fill completes a draft with what is the same for every kind.
func (p *Pipeline) fill(d *draft, src Source, kind record.Kind, folder string) {
	now := p.now().UTC()
	d.rec.Kind, d.Kind = kind, kind
	d.rec.Vault = src.Vault
	d.Components = d.rec.Components
	f := &d.Facts
	f.Kind, f.Source, f.Custodian, f.Role, f.Grade = kind, src.Name, src.Custodian, src.Role, src.Grade
	f.Significance = src.Assessed
	f.Channel, f.Mailbox, f.Folder, f.Captured = src.Channel, record.FoldAddress(src.Mailbox), folder, now
	class, rule := p.Classify.Classify(*f)
	d.Holding = record.Holding{Source: src.Name, Custodian: src.Custodian, Channel: src.Channel, Folder: folder,
		Aggregation: d.Holding.Aggregation, Class: class, Rule: rule, Since: now}
}
