package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/email"
	"github.com/closeroll/closeroll/internal/language"
)

// An Opened is one component of an opened record, by its path.
type Opened map[string]Component

// A Component is an opened component's octets.
type Component struct {
	io.ReaderAt
	record.Component
}

// Redo makes the documents of an opened record again, as its capture made
// them, without numbers. It runs where the record was opened, on a reader's
// machine. facts are those of the capture.
func Redo(ctx context.Context, messengers Messengers, extract Extractor, rec record.Record, opened Opened, facts record.Facts) ([]record.Document, error) {
	switch rec.Kind {
	case record.Email:
		return redoMail(ctx, extract, opened, facts)
	case record.ChatDay:
		return redoDay(ctx, messengers, extract, rec, opened, facts)
	case record.Note:
		return redoNote(opened, facts)
	}
	return nil, nil
}

func redoMail(ctx context.Context, extract Extractor, opened Opened, facts record.Facts) ([]record.Document, error) {
	message, ok := opened[reportPath]
	for _, path := range []string{messagePath, savedPath} {
		if !ok {
			message, ok = opened[path]
		}
	}
	if !ok {
		return nil, fmt.Errorf("the record has no %s", messagePath)
	}
	m := email.Parse(message, message.Size, email.Options{})
	doc, _ := MailDocument(ctx, extract, m)
	doc.Sent, doc.Suspect, doc.Received, doc.Size = facts.MessageTime(), facts.DateSuspect, facts.Received, message.Size
	return []record.Document{doc}, nil
}

// redoDay parses a day's transcript by itself, with the date order that the
// whole export proved. Should a day alone parse into other messages than the
// export did, which the record's spans show, each span is indexed as it stands.
func redoDay(ctx context.Context, messengers Messengers, extract Extractor, rec record.Record, opened Opened, facts record.Facts) ([]record.Document, error) {
	text, ok := opened[chatPath]
	if !ok || rec.Chat == nil {
		return nil, fmt.Errorf("the record has no %s", chatPath)
	}
	zone, err := time.LoadLocation(rec.Chat.Zone)
	if err != nil {
		return nil, err
	}
	e, err := openDay(ctx, messengers, rec, opened)
	if err != nil || !sameSpans(e, rec.Chat.Spans) {
		return rawSpans(rec, text, facts)
	}
	e.Title = facts.Chat
	docs, _, err := chatDocuments(ctx, extract, language.NewDetector(), e, e.All(), zone, &texts{})
	if err != nil {
		return nil, err
	}
	var all []record.Document
	for d, err := range docs {
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

func sameSpans(e *chat.Export, spans []int64) bool {
	if e.Count() != len(spans) || e.Preamble.Length > 0 {
		return false
	}
	for i, m := range e.All() {
		if m.Length != spans[i] {
			return false
		}
	}
	return e.Err() == nil
}

func rawSpans(rec record.Record, text Component, facts record.Facts) ([]record.Document, error) {
	var docs []record.Document
	var at int64
	for _, length := range rec.Chat.Spans {
		if length < 0 || length > text.Size-at {
			return nil, fmt.Errorf("the record's spans do not fit its transcript")
		}
		b := make([]byte, length)
		if _, err := text.ReadAt(b, at); err != nil && err != io.EOF {
			return nil, err
		}
		at += length
		docs = append(docs, record.Document{Kind: record.ChatDay, Chat: facts.Chat, Body: string(b), Sent: facts.Sent, Size: length})
	}
	return docs, nil
}

// ReadExport reads data/export.json of an opened export record.
func ReadExport(opened Opened) (*ExportRecord, error) {
	c, err := opened.component(exportPath)
	if err != nil {
		return nil, err
	}
	x := &ExportRecord{}
	if err := json.NewDecoder(io.NewSectionReader(c, 0, c.Size)).Decode(x); err != nil {
		return nil, fmt.Errorf("%s: %w", exportPath, err)
	}
	return x, nil
}

// Preamble is what stands before the first message of an opened export.
func Preamble(opened Opened) (io.ReaderAt, error) { return opened.component(preamblePath) }

// Transcript is the exact octets of an opened chat-day.
func Transcript(opened Opened) (io.ReaderAt, error) { return opened.component(chatPath) }

func (o Opened) component(path string) (Component, error) {
	c, ok := o[path]
	if !ok {
		return Component{}, fmt.Errorf("the record has no %s", path)
	}
	return c, nil
}
