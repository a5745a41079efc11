package catalog

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// Given is what people have said of a holding since its capture.
type Given struct {
	Manual  bool        // Class was given by hand
	Reason  string      // for it
	Was     []string    // the classes that it had before
	Reviews int         // how many reviews of the record were decided
	Review  *LastReview // the last of them; nil: there was none
}

// An EventRow is an event as it stands, and who said so.
type EventRow struct {
	Entry int64 // of the journal; a correction names it
	record.Event
	At        time.Time
	Actor     string
	Corrected int64 // the entry that replaced it; 0: it stands
}

// Events lists what happened, in the order in which it was said; with what was
// corrected or withdrawn if all is set.
func (c *Catalog) Events(ctx context.Context, all bool) ([]EventRow, error) {
	return collect(ctx, c.read, func(s scanner) (EventRow, error) {
		var r EventRow
		var date string
		var at int64
		err := s.Scan(&r.Entry, &r.Event.Event, &r.About, &date, &r.Reason, &at, &r.Actor, &r.Corrected)
		if err == nil && date != "" {
			r.Date, err = record.ParseDate(date)
		}
		r.At = time.UnixMilli(at).UTC()
		return r, err
	}, `SELECT entry, event, about, date, reason, at, actor, coalesce(corrected, 0) FROM events
		WHERE ? OR corrected IS NULL AND date <> '' ORDER BY entry`, all)
}

// happened is what happened, by whom or what it is about and by its name; the
// latest date of each. Threads are by number.
type happened map[string]map[string]time.Time

func happenings(ctx context.Context, q querier) (happened, error) {
	rows, err := q.QueryContext(ctx, `SELECT e.event, e.about, e.date, r.thread FROM events e
		LEFT JOIN records r ON e.about LIKE 'thread:%' AND r.id = substr(e.about, 8) WHERE e.corrected IS NULL AND e.date <> ''`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	h := make(happened)
	for rows.Next() {
		var event, about, date string
		var thread sql.NullInt64
		if err := rows.Scan(&event, &about, &date, &thread); err != nil {
			return nil, err
		}
		if thread.Valid {
			about = threadKey(thread.Int64)
		}
		day, err := record.ParseDate(date)
		if err != nil {
			return nil, err
		}
		if h[about] == nil {
			h[about] = make(map[string]time.Time)
		}
		// Noon, so that it is that day in every zone that a schedule may have.
		if at := day.Start(time.UTC).Add(12 * time.Hour); at.After(h[about][event]) {
			h[about][event] = at
		}
	}
	return h, rows.Err()
}

func threadKey(thread int64) string { return fmt.Sprint(record.AboutThread, ":", thread) }

// tell adds to a holding's facts what happened to its custodian, to the record
// and to what it belongs to. Of several dates of one event the latest counts.
func (h happened) tell(to *HeldBy, id record.ID, thread int64, chat string) {
	if len(h) == 0 {
		return
	}
	about := []string{record.AboutCustodian + ":" + to.Custodian, record.AboutRecord + ":" + string(id), record.AboutFolder + ":" + to.Source + "/" + to.Folder}
	if chat != "" {
		about = append(about, record.AboutChat+":"+chat)
	}
	if thread != 0 {
		about = append(about, threadKey(thread))
	}
	for _, a := range about {
		for event, at := range h[a] {
			if event == record.EventClosed {
				to.Facts.Closed = later(to.Facts.Closed, at)
				continue
			}
			if to.Facts.Events == nil {
				to.Facts.Events = make(map[string]time.Time)
			}
			to.Facts.Events[event] = later(to.Facts.Events[event], at)
		}
	}
}
