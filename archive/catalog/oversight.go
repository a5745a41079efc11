package catalog

import (
	"context"
	"encoding/json"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// access keeps who searched, read, or was refused.
func (f *fold) access(e Entry) error {
	var of struct {
		For    string `json:"for"`
		Record string `json:"record"`
	}
	if err := json.Unmarshal(e.Body, &of); err != nil {
		return err
	}
	return f.exec(`INSERT INTO accesses (entry, at, actor, type, purpose, record) VALUES (?, ?, ?, ?, ?, ?)`,
		e.Index, e.Time.UnixMilli(), e.Actor, e.Type, of.For, of.Record)
}

func (f *fold) fixity(e Entry, c record.FixityChecked) error {
	return f.exec(`INSERT INTO fixity_checks (entry, at, actor, checked, octets, missing, changed) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		e.Index, e.Time.UnixMilli(), e.Actor, c.Checked, c.Octets, len(c.Missing), len(c.Changed))
}

// An AccessCount is what one person did in a time.
type AccessCount struct {
	Actor    string
	Searches int64
	Reads    int64 // sealed records given
	Denials  int64
	Purposes int64 // different ones named
	Unsaid   int64 // searches and reads without a purpose
	Last     time.Time
}

// Accesses counts who searched, read, or was refused in [from, until), by
// actor. Searches made for a request count with the others.
func (c *Catalog) Accesses(ctx context.Context, from, until time.Time) ([]AccessCount, error) {
	return collect(ctx, c.read, func(s scanner) (a AccessCount, err error) {
		var last int64
		err = s.Scan(&a.Actor, &a.Searches, &a.Reads, &a.Denials, &a.Purposes, &a.Unsaid, &last)
		a.Last = time.UnixMilli(last).UTC()
		return a, err
	}, `SELECT actor, sum(type IN (?1, ?2)), sum(type = ?3), sum(type = ?4), count(DISTINCT nullif(purpose, '')),
			sum(type != ?4 AND purpose = ''), max(at)
		FROM (SELECT at, actor, type, purpose FROM accesses
			UNION ALL SELECT time, actor, type, request FROM request_entries WHERE type = ?2)
		WHERE at >= ?5 AND at < ?6 GROUP BY actor ORDER BY actor`,
		record.EntrySearch, record.EntryRequestSearch, record.EntryRead, record.EntryDenial, from.UnixMilli(), until.UnixMilli())
}

// A ReadCount is how often records of one custodian were opened.
type ReadCount struct {
	Custodian string // "" of records that are no more
	Reads     int64
	Readers   int64 // different people
}

// ReadsByCustodian counts the reads in [from, until) by whose the records are.
// A record that two custodians hold counts for both.
func (c *Catalog) ReadsByCustodian(ctx context.Context, from, until time.Time) ([]ReadCount, error) {
	return collect(ctx, c.read, func(s scanner) (r ReadCount, err error) {
		err = s.Scan(&r.Custodian, &r.Reads, &r.Readers)
		return r, err
	}, `SELECT custodian, count(*), count(DISTINCT actor) FROM (
			SELECT DISTINCT a.entry, a.actor, coalesce(h.custodian, '') AS custodian FROM accesses a
			LEFT JOIN records r ON r.id = a.record LEFT JOIN holdings h ON h.record = r.seq
			WHERE a.type = ?1 AND a.at >= ?2 AND a.at < ?3)
		GROUP BY custodian ORDER BY custodian`, record.EntryRead, from.UnixMilli(), until.UnixMilli())
}

// A FixityRow is a fixity check as it was journalled.
type FixityRow struct {
	Entry            int64
	At               time.Time
	Actor            string
	Checked, Octets  int64
	Missing, Changed int64
}

// FixityChecks lists the fixity checks, the latest first.
func (c *Catalog) FixityChecks(ctx context.Context) ([]FixityRow, error) {
	return collect(ctx, c.read, func(s scanner) (r FixityRow, err error) {
		var at int64
		err = s.Scan(&r.Entry, &at, &r.Actor, &r.Checked, &r.Octets, &r.Missing, &r.Changed)
		r.At = time.UnixMilli(at).UTC()
		return r, err
	}, `SELECT entry, at, actor, checked, octets, missing, changed FROM fixity_checks ORDER BY entry DESC`)
}
