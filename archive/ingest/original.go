package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/email"
)

// An Original is a file that a record holds, byte for byte as its source gave
// it, or as it was attached. Open may be called once.
type Original struct {
	Name string // as its sender called it; may be empty, and is never a path to write to
	Open func() (io.ReadCloser, error)
}

// ErrNoOriginal is returned for what is no file of its own: a chat message is
// part of a transcript.
var ErrNoOriginal = errors.New("it is no file of its own")

// OriginalsOf returns the files that message n of an opened record, counted
// from 1, is made of: the first is the message itself, without Open where it is
// no file of its own, and the rest are its attachments in the order in which
// the documents of the index list them; one that did not come has no Open.
func OriginalsOf(ctx context.Context, messengers Messengers, rec record.Record, opened Opened, n int) ([]Original, error) {
	if n < 1 || rec.Kind != record.ChatDay && n > 1 {
		return nil, fmt.Errorf("record %s has no message %d", rec.ID.Short(), n)
	}
	switch rec.Kind {
	case record.Email:
		return mailOriginals(opened)
	case record.ChatDay:
		return chatOriginals(ctx, messengers, rec, opened, n)
	case record.Note:
		return []Original{opened.original(noteTextPath)}, nil
	}
	return nil, fmt.Errorf("record %s: %w", rec.ID.Short(), ErrNoOriginal)
}

// original is a component as a file; a component that is not there is none.
func (o Opened) original(name string) Original {
	c, ok := o[name]
	if !ok {
		return Original{}
	}
	return Original{path.Base(c.Path), func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(c, 0, c.Size)), nil }}
}

func mailOriginals(opened Opened) ([]Original, error) {
	for _, name := range []string{messagePath, savedPath, reportPath} {
		whole, ok := opened[name]
		if !ok {
			continue
		}
		all := []Original{opened.original(name)}
		shown := whole // of a journal report, what documents list is the report's
		if report, ok := opened[reportPath]; ok {
			shown = report
		}
		for _, a := range email.Parse(shown, shown.Size, email.Options{}).Attachments {
			all = append(all, Original{a.Name, func() (io.ReadCloser, error) { return io.NopCloser(a.Open()), nil }})
		}
		return all, nil
	}
	return nil, fmt.Errorf("the record has no %s", messagePath)
}

func chatOriginals(ctx context.Context, messengers Messengers, rec record.Record, opened Opened, n int) ([]Original, error) {
	e, err := openDay(ctx, messengers, rec, opened)
	if err != nil {
		return nil, err
	}
	if !sameSpans(e, rec.Chat.Spans) || n > e.Count() {
		return nil, fmt.Errorf("record %s has no message %d", rec.ID.Short(), n)
	}
	all := []Original{{}}
	for i, m := range e.All() {
		if i != n-1 {
			continue
		}
		for _, a := range m.Attachments {
			one := Original{Name: a.Name}
			if a.Entry > 0 {
				one.Open = e.Entries[a.Entry-1].Open
			}
			all = append(all, one)
		}
	}
	return all, e.Err()
}
