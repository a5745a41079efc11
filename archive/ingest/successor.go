package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
)

// ErrIndivisible is returned for a record of which no part can be erased.
var ErrIndivisible = errors.New("only the whole of it can be erased")

// Successor makes of an opened chat-day the record that takes its place without
// some of its messages, which count from 1, with its contents by path. Every
// other octet stays as it was captured; media that only the erased messages had
// are left out too, and the places are marked with number and ground. Its id is
// the daemon's to give. It runs where the record was opened, on a reader's
// machine.
func Successor(ctx context.Context, messengers Messengers, rec record.Record, opened Opened, erase []int, ground string) (record.Record, map[string]io.ReaderAt, error) {
	none := record.Record{}
	if rec.Kind != record.ChatDay || rec.Chat == nil {
		return none, nil, fmt.Errorf("%w: it is no chat-day", ErrIndivisible)
	}
	if _, ok := opened[contextPath]; ok {
		return none, nil, fmt.Errorf("%w: what this messenger says beside its messages cannot be taken apart", ErrIndivisible)
	}
	e, err := openDay(ctx, messengers, rec, opened)
	if err != nil {
		return none, nil, err
	}
	if !sameSpans(e, rec.Chat.Spans) {
		return none, nil, fmt.Errorf("%w: by itself it reads otherwise than in its export, so that it is not certain which media are whose", ErrIndivisible)
	}
	keep := func(i int) bool { return !slices.Contains(erase, i+1) }
	kept, err := e.Only(keep)
	if err != nil {
		return none, nil, err
	}
	if kept.Count() == 0 || kept.Count() != e.Count()-len(erase) {
		return none, nil, fmt.Errorf("%w: it has %d messages, and %v would be erased", ErrIndivisible, e.Count(), erase)
	}
	out := record.Record{Format: rec.Format, ID: rec.ID, Kind: rec.Kind, Vault: rec.Vault}
	day := *rec.Chat
	day.Spans, day.Erased = succeeding(rec.Chat, keep, ground)
	out.Chat = &day
	contents := map[string]io.ReaderAt{chatPath: kept.Transcript.Content}
	gone := make(map[string]bool)
	for _, entry := range kept.Entries {
		gone[entry.Name] = entry.Role == chat.RoleOmitted
	}
	for _, c := range rec.Components {
		switch {
		case c.Path == chatPath:
			c.Size, c.Digest = kept.Transcript.Size, kept.Transcript.Digest
		case strings.HasPrefix(c.Path, mediaFolder) && gone[c.Name]:
			continue
		default:
			contents[c.Path] = opened[c.Path]
		}
		out.Components = append(out.Components, c)
	}
	return out, contents, nil
}

// succeeding returns the spans that stay, and every mark of what was erased, now
// and before, at its place among them.
func succeeding(day *record.Day, keep func(i int) bool, ground string) (spans []int64, marks []record.Erased) {
	mark := func(at int64, n int, ground string) {
		if last := len(marks) - 1; last >= 0 && marks[last].At == at && marks[last].Ground == ground {
			marks[last].Messages += n
			return
		}
		marks = append(marks, record.Erased{At: at, Messages: n, Ground: ground})
	}
	var was, is int64 // offsets in the old text and in the new
	earlier := day.Erased
	passed := func() {
		for len(earlier) > 0 && earlier[0].At <= was {
			mark(is, earlier[0].Messages, earlier[0].Ground)
			earlier = earlier[1:]
		}
	}
	for i, length := range day.Spans {
		passed()
		if was += length; keep(i) {
			spans = append(spans, length)
			is += length
		} else {
			mark(is, 1, ground)
		}
	}
	passed()
	return spans, marks
}

// openDay reads an opened chat-day as it was archived.
func openDay(ctx context.Context, messengers Messengers, rec record.Record, opened Opened) (*chat.Export, error) {
	text, ok := opened[chatPath]
	if !ok || rec.Chat == nil {
		return nil, fmt.Errorf("the record has no %s", chatPath)
	}
	zone, err := time.LoadLocation(rec.Chat.Zone)
	if err != nil {
		return nil, err
	}
	day := chat.ArchivedDay{App: rec.Chat.App, Text: text, Size: text.Size}
	if about, ok := opened[contextPath]; ok {
		day.Context = make([]byte, about.Size)
		if _, err := about.ReadAt(day.Context, 0); err != nil && err != io.EOF {
			return nil, err
		}
	}
	for path, c := range opened {
		if strings.HasPrefix(path, mediaFolder) {
			day.Media = append(day.Media, chat.Loose{Name: c.Name, Size: c.Size, Open: func() (io.ReadCloser, error) {
				return io.NopCloser(io.NewSectionReader(c, 0, c.Size)), nil
			}})
		}
	}
	return messengers.OpenDay(ctx, day, chat.Options{Zone: zone, DateOrder: rec.Chat.Order, Calendar: rec.Chat.Calendar})
}
