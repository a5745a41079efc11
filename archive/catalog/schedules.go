package catalog

import (
	"context"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A ScheduleRow is a retention schedule that came into force, and how.
type ScheduleRow struct {
	record.ScheduleAdopted
	Entry int64 // journal index of its adoption
	At    time.Time
	Actor string
}

// Schedule returns the retention schedule in force: the one adopted last with
// a signature, else the configured one that came last. It returns ErrNotFound
// before there was any.
func (c *Catalog) Schedule(ctx context.Context) (ScheduleRow, error) {
	rows, err := c.Schedules(ctx)
	if err != nil {
		return ScheduleRow{}, err
	}
	if len(rows) == 0 {
		return ScheduleRow{}, ErrNotFound
	}
	for _, r := range rows {
		if r.Signer != "" {
			return r, nil
		}
	}
	return rows[0], nil
}

// Schedules lists every schedule that ever came into force, the latest first.
func (c *Catalog) Schedules(ctx context.Context) ([]ScheduleRow, error) {
	return collect(ctx, c.read, func(s scanner) (ScheduleRow, error) {
		var r ScheduleRow
		var digest []byte
		var at int64
		err := s.Scan(&r.Entry, &r.Version, &r.Status, &digest, &r.Text, &at, &r.Actor, &r.Signer, &r.Key, &r.Signature)
		copy(r.Digest[:], digest)
		r.At = time.UnixMilli(at).UTC()
		return r, err
	}, `SELECT entry, version, status, digest, text, at, actor, signer, key, signature FROM schedules ORDER BY entry DESC`)
}
