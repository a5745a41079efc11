package reader

import (
	"context"
	"fmt"
	"io"

	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/connectors/chat"
)

// Original writes the transcript of a captured export again, byte for byte,
// from the chat-day records that it was taken apart into. The error wraps
// chat.ErrMismatch if what was written is not what was captured; w has been
// written to by then. It returns what a selection left out: without that the
// transcript is what was kept, every octet of it.
func (r *Reader) Original(ctx context.Context, exportID string, w io.Writer) ([]ingest.Omission, error) {
	_, opened, err := r.Open(ctx, exportID, "export original")
	if err != nil {
		return nil, err
	}
	x, err := ingest.ReadExport(opened)
	if err != nil {
		return nil, fmt.Errorf("record %s: %w", exportID, err)
	}
	days := make(map[string]io.ReaderAt)
	return x.Omitted, chat.Reassemble(w, x.Map, func(part string) (io.ReaderAt, error) {
		if part == chat.PreamblePart {
			return ingest.Preamble(opened)
		}
		if days[part] == nil {
			_, day, err := r.Open(ctx, string(x.Days[part]), "export original")
			if err != nil {
				return nil, err
			}
			if days[part], err = ingest.Transcript(day); err != nil {
				return nil, err
			}
		}
		return days[part], nil
	})
}
