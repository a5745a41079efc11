package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

func (f *fold) receipt(e Entry, r record.Receipt) error {
	tries := 1
	if r.State == record.ReceiptFailed {
		tries = 0 // it speaks of the try that the entry before it announced
	}
	return f.exec(`INSERT INTO receipts (export, state, tries, at) VALUES (?1, ?2, 1, ?3)
		ON CONFLICT (export) DO UPDATE SET state = ?2, tries = tries + ?4, at = ?3`, string(r.Export), r.State, e.Time.UnixMilli(), tries)
}

// A ReceiptRow says how it stands with the receipt for an export.
type ReceiptRow struct {
	State string // record.ReceiptSent or ReceiptFailed
	Tries int
	At    time.Time // of the last change
}

// Receipt returns how it stands with the receipt for an export: ErrNotFound if
// none was sent or tried.
func (c *Catalog) Receipt(ctx context.Context, export record.ID) (ReceiptRow, error) {
	var r ReceiptRow
	var at int64
	err := c.read.QueryRowContext(ctx, `SELECT state, tries, at FROM receipts WHERE export = ?`, string(export)).Scan(&r.State, &r.Tries, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return r, ErrNotFound
	}
	r.At = time.UnixMilli(at).UTC()
	return r, err
}

// Arrived lists the exports that first came since a time, in order.
func (c *Catalog) Arrived(ctx context.Context, since time.Time) ([]record.ID, error) {
	return collect(ctx, c.read, func(s scanner) (id record.ID, err error) {
		err = s.Scan(&id)
		return id, err
	}, `SELECT r.id FROM export_arrivals a JOIN records r ON r.id = a.record
		WHERE a.at >= ? AND a.entry = r.entry AND r.disposed IS NULL ORDER BY a.entry`, since.UnixMilli())
}

// A Brought is what one export brought into the archive.
type Brought struct {
	Messages int    // in the export, what the app wrote itself too
	New      int    // of them, in days that came with it, and copies of no earlier message
	Days     int    // that came with it: new ones, and new versions of old ones
	Media    int    // files in those days
	First    string // printed dates of the first and the last message; empty if all are undated
	Last     string
	Gaps     []string // what the export shows to be missing
}

// Brought adds up what an export brought.
func (c *Catalog) Brought(ctx context.Context, export record.ID) (Brought, error) {
	var b Brought
	var runs, gaps string
	var digest []byte
	err := c.read.QueryRowContext(ctx, `SELECT digest, runs, gaps FROM exports WHERE record = ?`, string(export)).Scan(&digest, &runs, &gaps)
	if errors.Is(err, sql.ErrNoRows) {
		return b, ErrNotFound
	}
	var all []record.MessageRun
	if err := errors.Join(err, json.Unmarshal([]byte(runs), &all), json.Unmarshal([]byte(gaps), &b.Gaps)); err != nil {
		return b, err
	}
	days := make(map[record.ID]bool)
	for _, run := range all {
		b.Messages += run.To - run.From + 1
		days[run.Record] = true
	}
	for id := range days {
		if err := c.broughtDay(ctx, &b, id, digest); err != nil {
			return b, err
		}
	}
	return b, nil
}

// broughtDay adds one day of an export.
func (c *Catalog) broughtDay(ctx context.Context, b *Brought, id record.ID, export []byte) error {
	var date string
	var first, count int64
	var mine bool
	var components string
	err := c.read.QueryRowContext(ctx, `SELECT d.date, r.first, r.count, d.export IS ?, r.components
		FROM records r JOIN chat_days d ON d.record = r.seq WHERE r.id = ?`, export, string(id)).Scan(&date, &first, &count, &mine, &components)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // it was disposed of
	}
	if err != nil {
		return err
	}
	if date != "undated" {
		if b.First == "" || date < b.First {
			b.First = date
		}
		b.Last = max(b.Last, date)
	}
	if !mine {
		return nil
	}
	b.Days++
	var files []record.Component
	if err := json.Unmarshal([]byte(components), &files); err != nil {
		return err
	}
	b.Media += max(0, len(files)-1)
	var fresh int
	err = c.read.QueryRowContext(ctx, `SELECT count(*) FROM messages WHERE no >= ? AND no < ? AND leader IS NULL`, first, first+count).Scan(&fresh)
	b.New += fresh
	return err
}
