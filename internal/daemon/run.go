package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/internal/alert"
	"github.com/closeroll/closeroll/internal/systemd"
)

// Run reads the sources and answers the verbs until ctx ends, and then drains:
// what is in flight is committed or left for the next start. It returns
// journal.ErrPenLost if another daemon took the archive over. ready is called
// once the daemon listens.
func (d *Daemon) Run(ctx context.Context, notify *systemd.Notifier, ready func()) error {
	g, ctx := errgroup.WithContext(ctx)
	if err := d.serve(ctx, g); err != nil {
		return err
	}
	for _, s := range d.sources {
		g.Go(func() error {
			d.follow(ctx, s)
			return nil
		})
	}
	g.Go(func() error { return d.guardPen(ctx) })
	g.Go(func() error { d.housekeep(ctx); return nil })
	g.Go(func() error { d.warm(ctx); return nil })
	g.Go(func() error { d.digests(ctx); return nil })
	g.Go(func() error { d.proposeDue(ctx); return nil })
	g.Go(func() error { d.statements(ctx); return nil })
	g.Go(func() error { d.receipts(ctx); return nil })
	g.Go(func() error { d.deliveries(ctx); return nil })
	g.Go(func() error { d.keepWatch(ctx); return nil })
	g.Go(func() error { notify.Watch(ctx, func() bool { return true }); return nil })
	if err := notify.Ready(); err != nil {
		d.lg.Warn("the service manager cannot be told", "error", err)
	}
	ready()
	<-ctx.Done()
	if err := notify.Stopping(); err != nil {
		d.lg.Warn("the service manager cannot be told", "error", err)
	}
	return g.Wait()
}

// warm reads what the first search would otherwise wait for, and packs what the
// first report would.
func (d *Daemon) warm(ctx context.Context) {
	if err := d.catalog.Pack(ctx); err != nil && ctx.Err() == nil {
		d.lg.Warn("holdings could not be packed", "error", err)
	}
	if err := d.catalog.Warm(ctx); err != nil && ctx.Err() == nil {
		d.lg.Warn("the times of messages could not be read", "error", err)
	}
}

// guardPen ends the daemon when another one has taken the journal's pen: two
// daemons must never act on one archive.
func (d *Daemon) guardPen(ctx context.Context) error {
	select {
	case <-d.journal.Done():
		if ctx.Err() != nil {
			return nil
		}
		return journal.ErrPenLost
	case <-ctx.Done():
		return nil
	}
}

// Thresholds and rhythm of housekeeping.
const (
	houseEvery = time.Minute
	leastFree  = 0.05 // of the state folder's disk
)

// housekeep looks at what no single run can see: the disk, the store, the
// index.
func (d *Daemon) housekeep(ctx context.Context) {
	for {
		d.checkDisk(ctx)
		d.checkStore(ctx)
		d.checkCoverage(ctx)
		d.checkQuarantine(ctx)
		d.checkSources(ctx)
		d.checkSchedule(ctx)
		d.endHolds(ctx)
		if err := d.remember(); err != nil {
			d.lg.Warn("the journal's checkpoint could not be kept", "error", err)
		}
		if pause(ctx, houseEvery); ctx.Err() != nil {
			return
		}
	}
}

func (d *Daemon) checkDisk(ctx context.Context) {
	free, err := freeShare(string(d.cfg.State))
	switch {
	case err != nil:
		d.lg.Warn("free disk space cannot be read", "error", err)
	case free < leastFree:
		d.alerts.Raise(ctx, alert.DiskFull, "state", fmt.Sprintf("%.1f %% of the disk that holds the state is free", 100*free))
	default:
		d.alerts.Clear(ctx, alert.DiskFull, "state")
	}
}

func (d *Daemon) checkStore(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, houseEvery)
	defer cancel()
	_, err := d.store.Stat(ctx, "closeroll.json")
	switch {
	case errors.Is(err, context.Canceled):
	case err != nil:
		why := err.Error()
		if errors.Is(err, store.ErrFull) {
			why = "it is full"
		}
		d.alerts.Raise(context.WithoutCancel(ctx), alert.StoreUnreachable, "store", why)
	default:
		d.alerts.Clear(ctx, alert.StoreUnreachable, "store")
	}
}

func (d *Daemon) checkCoverage(ctx context.Context) {
	unindexed, err := d.catalog.Missing(ctx)
	if err != nil {
		if ctx.Err() == nil {
			d.lg.Warn("index coverage cannot be read", "error", err)
		}
		return
	}
	for _, s := range d.sources {
		s.mu.Lock()
		running := s.running
		s.mu.Unlock()
		if running {
			return // what is on its way is not missing
		}
	}
	if unindexed.IsEmpty() {
		d.alerts.Clear(ctx, alert.NotSearchable, "index")
		return
	}
	d.alerts.Raise(ctx, alert.NotSearchable, "index",
		fmt.Sprintf("%d messages are not in the index; a reader runs closeroll rebuild index --missing", unindexed.GetCardinality()))
}

// digests sends the daily digest when it is due.
func (d *Daemon) digests(ctx context.Context) {
	for ctx.Err() == nil {
		next := d.cfg.Alerts.Digest.Next(d.now())
		if next.IsZero() {
			return
		}
		if pause(ctx, next.Sub(d.now())); ctx.Err() != nil {
			return
		}
		if err := d.digest(ctx); err != nil {
			d.lg.Error("the digest could not be made", "error", err)
		}
	}
}

// digest sends one digest: the state of things, and what custodians owe.
func (d *Daemon) digest(ctx context.Context) error {
	s, err := d.status(ctx)
	if err != nil {
		return err
	}
	owed, err := d.assuranceLines(ctx)
	if err != nil {
		return err
	}
	d.alerts.Digest(ctx, digestLines(s), owed)
	return nil
}
