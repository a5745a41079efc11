package signal

import (
	"context"
	"encoding/json"
	"io"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/chat/container"
)

// OpenDay reads one day of a chat by itself: its lines, the media that it
// mentions, and what [chat.Export.Context] said of it when it was taken out of
// the export.
func OpenDay(ctx context.Context, text io.ReaderAt, size int64, about []byte, media []chat.Loose, opt chat.Options) (*chat.Export, error) {
	opt.Limits = opt.Limits.WithDefaults()
	lines, err := textOf(text, size, opt.Limits)
	if err != nil {
		return nil, err
	}
	var entries []chat.Entry
	for _, m := range media {
		e := chat.Entry{Name: m.Name, Size: m.Size, Role: chat.RoleOrphan, Open: m.Open}
		if e.Digest, err = container.Digest(ctx, m.Open, m.Size); err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	f := newFile(lines, entries, opt)
	var known dayContext
	if err := json.Unmarshal(about, &known); err != nil {
		return nil, chat.Refuse(record.ReasonUnreadable, "what is known of the day's people cannot be read")
	}
	p, err := f.parcel(transcriptName, chat.File{})
	if err != nil {
		return nil, err
	}
	if len(p.Exports) > 1 {
		return nil, chat.Refuse(record.ReasonUnreadable, "the day has lines of more than one chat")
	}
	for who, person := range known.People {
		f.people[who] = person
	}
	return p.Exports[0], nil
}
