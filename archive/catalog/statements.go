package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

func (f *fold) statement(e Entry, s record.Statement) error {
	body, err := jsonText(s)
	if err != nil {
		return err
	}
	return f.exec(`INSERT OR REPLACE INTO statements (source, day, entry, body) VALUES (?, ?, ?, ?)`, s.Source, s.Day, e.Index, body)
}

// A StatementRow is a statement with the journal index of its entry.
type StatementRow struct {
	Entry int64 `json:"entry"`
	record.Statement
}

// Statements lists the statements of a source, newest first, at most limit.
func (c *Catalog) Statements(ctx context.Context, source string, limit int) ([]StatementRow, error) {
	return collect(ctx, c.read, func(s scanner) (r StatementRow, err error) {
		var body string
		if err := s.Scan(&r.Entry, &body); err != nil {
			return r, err
		}
		return r, json.Unmarshal([]byte(body), &r.Statement)
	}, `SELECT entry, body FROM statements WHERE source = ? ORDER BY day DESC LIMIT ?`, source, limit)
}

// Lag returns how long the messages that a source's captures brought from since
// to until were at the source before.
func (c *Catalog) Lag(ctx context.Context, source string, since, until time.Time) (record.Lag, error) {
	// Records are numbered in the order of capture, so the newest are at the end.
	rows, err := c.read.QueryContext(ctx, `SELECT r.captured, h.source, h.facts FROM records r JOIN holdings h ON h.record = r.seq
		WHERE r.disposed IS NULL ORDER BY r.seq DESC`)
	if err != nil {
		return record.Lag{}, err
	}
	defer rows.Close()
	var waits []int64
	for rows.Next() {
		var at int64
		var of string
		var packed sql.RawBytes
		if err := rows.Scan(&at, &of, &packed); err != nil {
			return record.Lag{}, err
		}
		captured := time.UnixMilli(at)
		if captured.Before(since) {
			break
		}
		if of != source || !captured.Before(until) {
			continue
		}
		facts, err := unpackFacts(packed, &record.Holding{})
		if err != nil {
			return record.Lag{}, err
		}
		if received := facts.Received; !received.IsZero() {
			waits = append(waits, int64(max(0, captured.Sub(received)).Seconds()))
		}
	}
	return lag(waits), rows.Err()
}

// lag sorts waits, in seconds, and picks (nearest rank).
func lag(waits []int64) record.Lag {
	if len(waits) == 0 {
		return record.Lag{}
	}
	slices.Sort(waits)
	rank := func(percent int) int64 { return waits[max(0, (len(waits)*percent+99)/100-1)] }
	return record.Lag{Messages: int64(len(waits)), Median: rank(50), P95: rank(95), Longest: waits[len(waits)-1]}
}
