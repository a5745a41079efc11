package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/delivery"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// A toSource names a source in the path.
type toSource struct {
	Source string `path:"source" json:"-"`
}

// postDelivery takes items that a person brings, through the same pipeline as
// the source's own: they are journalled under that person's name.
func (d *Daemon) postDelivery(ctx context.Context, caller api.Caller, req toSource, body io.Reader) (v1.Run, error) {
	s := d.source(req.Source)
	if s == nil {
		return v1.Run{}, noSource(req.Source)
	}
	if err := s.take(ctx); err != nil {
		return v1.Run{}, err
	}
	defer s.give()
	src := s.Source
	src.Actor = caller.ID
	src.Connector = delivery.NewReader(body, d.spool, func(delivery.Header) error { return nil })
	var exports []record.ID
	src.Exported = func(id record.ID) { exports = append(exports, id) }
	counts, err := d.run(ctx, src)
	run := v1.Run{Source: s.Name, Counts: counts}
	if err == nil {
		run.Receipts, err = d.receiptsFor(ctx, exports)
	}
	d.checkQuarantine(ctx)
	d.tellRefused(ctx, s.Name, counts)
	for _, refused := range []error{delivery.ErrBroken, delivery.ErrDigest, delivery.ErrFormat} {
		if errors.Is(err, refused) {
			return run, &api.Error{Code: api.CodeUsage, Message: err.Error(), Hint: "what came before is archived; run the same command again to go on"}
		}
	}
	return run, err
}

// take waits for the source to be nobody else's: a source is read by one at a time.
func (s *source) take(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *source) give() { <-s.turn }

type knownItems struct {
	Source string `path:"source" json:"-"`
	v1.KnownItems
}

// postKnown returns the keys of items that need not be sent, because they are
// archived. One that failed is worth another try.
func (d *Daemon) postKnown(ctx context.Context, _ api.Caller, req knownItems) (v1.KnownItems, error) {
	var known v1.KnownItems
	if d.source(req.Source) == nil {
		return known, noSource(req.Source)
	}
	if len(req.Keys) > v1.MaxKnownItems {
		return known, &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("more than %d keys", v1.MaxKnownItems)}
	}
	for _, key := range req.Keys {
		state, err := d.catalog.Item(ctx, record.Item{Source: req.Source, Key: key})
		if errors.Is(err, catalog.ErrNotFound) {
			continue
		}
		if err != nil {
			return known, err
		}
		if state.Outcome == record.CapturedNew || state.Outcome == record.AlreadyArchived {
			known.Keys = append(known.Keys, key)
		}
	}
	return known, nil
}

func noSource(name string) error {
	return &api.Error{Code: api.CodeNotFound, Message: "there is no source " + name, Hint: "closeroll status lists them"}
}
