package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A HoldRow is a hold with who placed it and, once it was, released it.
type HoldRow struct {
	record.HoldPlaced
	At       time.Time
	Actor    string
	Released time.Time // zero while the hold is in force
	Releaser string
	Reason   string
}

// InForce reports whether the hold was not released.
func (h HoldRow) InForce() bool { return h.Released.IsZero() }

// Holds lists holds by name; with released ones if all is set.
func (c *Catalog) Holds(ctx context.Context, all bool) ([]HoldRow, error) {
	return collect(ctx, c.read, func(s scanner) (HoldRow, error) {
		var h HoldRow
		var placed string
		var at int64
		var released sql.NullInt64
		if err := s.Scan(&placed, &at, &h.Actor, &released, &h.Releaser, &h.Reason); err != nil {
			return h, err
		}
		h.At, h.Released = time.UnixMilli(at).UTC(), fromMillis(released)
		return h, json.Unmarshal([]byte(placed), &h.HoldPlaced)
	}, `SELECT placed, at, actor, released, releaser, reason FROM holds WHERE ? OR released IS NULL ORDER BY hold`, all)
}
