// Package messenger knows which messengers' exports can be read, and finds out
// by a file's content which one's it is. Nothing else does: records, search and
// comparison speak the vocabulary of connectors/chat.
package messenger

import (
	"context"
	"fmt"
	"io"

	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/signal"
	"github.com/closeroll/closeroll/connectors/whatsapp"
)

// All reads the exports of every messenger. Its zero value is ready.
type All struct{}

// Looks reports whether a file is probably a chat export, by its content and at
// little cost.
func (All) Looks(name string, r io.ReaderAt, size int64) bool {
	return signal.Looks(r, size) || whatsapp.Looks(name, r, size)
}

// Open reads an export. name is the file's name as the source gave it. r must
// stay readable as long as the export's media are.
//
// An error is a [chat.Refusal] unless reading r failed or ctx ended. A file is
// refused whole or read whole.
func (All) Open(ctx context.Context, name string, r io.ReaderAt, size int64, opt chat.Options) (*chat.Parcel, error) {
	if signal.Looks(r, size) {
		return signal.Open(ctx, name, r, size, opt)
	}
	all, err := whatsapp.OpenAll(ctx, name, r, size, opt)
	if err != nil {
		return nil, err
	}
	return &chat.Parcel{Exports: all}, nil
}

// OpenDay reads an archived day by itself, as the export of one day that it is.
func (All) OpenDay(ctx context.Context, day chat.ArchivedDay, opt chat.Options) (*chat.Export, error) {
	switch day.App {
	case whatsapp.App, "": // records made before there was another say nothing
		return whatsapp.OpenLoose(ctx, "", day.Text, day.Size, day.Media, opt)
	case signal.App:
		return signal.OpenDay(ctx, day.Text, day.Size, day.Context, day.Media, opt)
	}
	return nil, fmt.Errorf("no messenger is known as %q", day.App)
}
