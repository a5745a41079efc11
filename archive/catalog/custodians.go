package catalog

import (
	"context"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

func (f *fold) exportArrived(e Entry, export record.ID, custodian string) error {
	return f.exec(`INSERT INTO export_arrivals (entry, record, custodian, at) VALUES (?, ?, ?, ?)`,
		e.Index, string(export), custodian, e.Time.UnixMilli())
}

// exportAgain notes that an archived export came again, but not that a source
// shows again what it has shown.
func (f *fold) exportAgain(e Entry, s record.Sighting) error {
	var outcome string
	shown, err := f.one([]any{&outcome}, `SELECT outcome FROM items WHERE source = ? AND key = ?`, s.Item.Source, s.Item.Key)
	if err != nil || shown {
		return err
	}
	return f.exportArrived(e, s.Record, s.Exported)
}

func (f *fold) attested(e Entry, a record.Attested) error {
	return f.exec(`INSERT INTO attestations (entry, custodian, period, nil, statement, at, actor) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		e.Index, a.Custodian, a.Period, a.Nil, a.Statement, e.Time.UnixMilli(), e.Actor)
}

// taskClosed keeps the first reason: closing a task again changes nothing.
func (f *fold) taskClosed(e Entry, t record.TaskClosed) error {
	return f.exec(`INSERT INTO closed_tasks (custodian, task, reason, at, actor) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		t.Custodian, t.Task, t.Reason, e.Time.UnixMilli(), e.Actor)
}

// An ExportedChat is a chat with the arrivals of one custodian's exports of it.
type ExportedChat struct {
	Chat     string
	Title    string
	App      string
	Arrivals []time.Time   // in order; the same export that came again is among them
	Timer    time.Duration // by the newest export; 0 if messages do not disappear
}

// ExportedChats lists the chats of which exports of the custodian's came, by
// the first arrival.
func (c *Catalog) ExportedChats(ctx context.Context, custodian string) ([]ExportedChat, error) {
	rows, err := c.read.QueryContext(ctx, `SELECT x.chat, c.title, x.app, x.timer, a.at FROM export_arrivals a
		JOIN exports x ON x.record = a.record JOIN chats c ON c.chat = x.chat WHERE a.custodian = ? ORDER BY a.entry`, custodian)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []ExportedChat
	place := make(map[string]int)
	for rows.Next() {
		var x ExportedChat
		var timer, at int64
		if err := rows.Scan(&x.Chat, &x.Title, &x.App, &timer, &at); err != nil {
			return nil, err
		}
		i, known := place[x.Chat]
		if !known {
			i, place[x.Chat] = len(list), len(list)
			list = append(list, x)
		}
		list[i].App, list[i].Timer = x.App, time.Duration(timer)*time.Second
		list[i].Arrivals = append(list[i].Arrivals, time.UnixMilli(at).UTC())
	}
	return list, rows.Err()
}

// An AttestationRow is an attestation with when and by whom it was recorded.
type AttestationRow struct {
	record.Attested
	At    time.Time
	Actor string
}

// Attestations lists a custodian's attestations in the order in which they were
// recorded.
func (c *Catalog) Attestations(ctx context.Context, custodian string) ([]AttestationRow, error) {
	return collect(ctx, c.read, func(s scanner) (a AttestationRow, err error) {
		var at int64
		err = s.Scan(&a.Custodian, &a.Period, &a.Nil, &a.Statement, &at, &a.Actor)
		a.At = time.UnixMilli(at).UTC()
		return a, err
	}, `SELECT custodian, period, nil, statement, at, actor FROM attestations WHERE custodian = ? ORDER BY entry`, custodian)
}

// A ClosedTask is a task that a person has closed.
type ClosedTask struct {
	record.TaskClosed
	At    time.Time
	Actor string
}

// ClosedTasks lists the tasks of a custodian that people have closed.
func (c *Catalog) ClosedTasks(ctx context.Context, custodian string) ([]ClosedTask, error) {
	return collect(ctx, c.read, func(s scanner) (t ClosedTask, err error) {
		var at int64
		err = s.Scan(&t.Custodian, &t.Task, &t.Reason, &at, &t.Actor)
		t.At = time.UnixMilli(at).UTC()
		return t, err
	}, `SELECT custodian, task, reason, at, actor FROM closed_tasks WHERE custodian = ? ORDER BY at, task`, custodian)
}
