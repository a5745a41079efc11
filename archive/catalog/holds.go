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
	Agreed   *Agreement // to its release, while that cools off; nil: there is none
}

// An Agreement is what a second person has agreed to, and when.
type Agreement struct {
	record.ReleaseAgreed
	At    time.Time `json:"at"`
	Actor string    `json:"actor"`
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
		var agreed sql.NullString
		if err := s.Scan(&placed, &at, &h.Actor, &released, &h.Releaser, &h.Reason, &agreed); err != nil {
			return h, err
		}
		if agreed.Valid && !released.Valid {
			h.Agreed = new(Agreement)
			if err := json.Unmarshal([]byte(agreed.String), h.Agreed); err != nil {
				return h, err
			}
		}
		h.At, h.Released = time.UnixMilli(at).UTC(), fromMillis(released)
		return h, json.Unmarshal([]byte(placed), &h.HoldPlaced)
	}, `SELECT placed, at, actor, released, releaser, reason, agreed FROM holds WHERE ? OR released IS NULL ORDER BY hold`, all)
}

// A NoticeGiven says that a custodian was told of a hold, and whether they have
// said that they read it.
type NoticeGiven struct {
	Custodian    string
	At           time.Time
	Actor        string
	Acknowledged record.Date // zero: not yet
	Note         string
}

// HoldNotices lists who was told of a hold, by custodian.
func (c *Catalog) HoldNotices(ctx context.Context, hold string) ([]NoticeGiven, error) {
	return collect(ctx, c.read, func(s scanner) (NoticeGiven, error) {
		var n NoticeGiven
		var at int64
		var on string
		err := s.Scan(&n.Custodian, &at, &n.Actor, &on, &n.Note)
		n.At = time.UnixMilli(at).UTC()
		if err == nil && on != "" {
			n.Acknowledged, err = record.ParseDate(on)
		}
		return n, err
	}, `SELECT custodian, at, actor, acknowledged, note FROM hold_notices WHERE hold = ? ORDER BY custodian`, hold)
}

func (f *fold) releaseAgreed(e Entry, r record.ReleaseAgreed) error {
	text, err := jsonText(Agreement{r, e.Time, e.Actor})
	if err != nil {
		return err
	}
	return f.exec(`UPDATE holds SET agreed = ? WHERE hold = ? AND released IS NULL`, text, r.Hold)
}

func (f *fold) releaseDropped(_ Entry, r record.ReleaseAgreed) error {
	return f.exec(`UPDATE holds SET agreed = NULL WHERE hold = ?`, r.Hold)
}

// holdNotice takes in that custodians were told. Who is told again has to
// acknowledge again.
func (f *fold) holdNotice(e Entry, n record.HoldNotice) error {
	for _, custodian := range n.Custodians {
		err := f.exec(`INSERT INTO hold_notices (hold, custodian, at, actor) VALUES (?, ?, ?, ?)
			ON CONFLICT (hold, custodian) DO UPDATE SET at = excluded.at, actor = excluded.actor, acknowledged = '', note = ''`,
			n.Hold, custodian, e.Time.UnixMilli(), e.Actor)
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *fold) acknowledged(_ Entry, a record.Acknowledged) error {
	return f.exec(`UPDATE hold_notices SET acknowledged = ?, note = ? WHERE hold = ? AND custodian = ?`, a.On.String(), a.Note, a.Hold, a.Custodian)
}
