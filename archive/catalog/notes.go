package catalog

import (
	"context"
	"database/sql"

	"github.com/closeroll/closeroll/archive/record"
)

// note keeps what a note of substance is about.
func (f *fold) note(seq int64, in record.Ingestion) error {
	n := in.Note
	if n == nil {
		return nil
	}
	if in.Facts.Chat != "" {
		f.bits.addRange("in", in.Facts.Chat, in.First, len(in.Messages))
	}
	return f.exec(`INSERT INTO notes (record, author, channel, chat, about, request) VALUES (?, ?, ?, ?, ?, ?)`,
		seq, n.Author, n.Channel, n.Chat, string(n.Record), n.Request)
}

// A NoteRow is a note of substance.
type NoteRow struct {
	Row
	record.NoteRef
	Custodian string
}

// Notes lists the notes of substance that are kept, in the order of capture:
// those about a chat, a record or a request, or all if about is "".
func (c *Catalog) Notes(ctx context.Context, about string) ([]NoteRow, error) {
	found, err := collect(ctx, c.read, func(s scanner) (NoteRow, error) {
		var n NoteRow
		var custodian sql.NullString
		err := s.Scan(&n.ID, &n.Author, &n.NoteRef.Channel, &n.NoteRef.Chat, &n.NoteRef.Record, &n.NoteRef.Request, &custodian)
		n.Custodian = custodian.String
		return n, err
	}, `SELECT r.id, n.author, n.channel, n.chat, n.about, n.request, (SELECT custodian FROM holdings WHERE record = r.seq ORDER BY seq LIMIT 1)
		FROM notes n JOIN records r ON r.seq = n.record WHERE r.disposed IS NULL AND (?1 = '' OR n.chat = ?1 OR n.about = ?1 OR n.request = ?1)
		ORDER BY r.seq`, about)
	if err != nil {
		return nil, err
	}
	for i := range found {
		if found[i].Row, err = c.Record(ctx, found[i].ID); err != nil {
			return nil, err
		}
	}
	return found, nil
}
