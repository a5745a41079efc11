package connectors

import (
	"context"

	"github.com/closeroll/closeroll/archive/record"
)

// A Noticer is a connector that finds out things which a person should know
// and which are no items: messages that came and went between two polls, a
// folder that the server numbered anew. Notices returns what was found since
// the last call; it may be called while a sequence of items goes on. The source
// names itself in each notice.
type Noticer interface {
	Notices() []record.Notice
}

// A Positioner is a connector whose position can move without an item to carry
// it: a poll that found nothing new may still have counted what came and went.
// Position returns the cursor after everything that the last sequence yielded;
// it is called after that sequence has ended, and never runs ahead of it.
type Positioner interface {
	Position() Cursor
}

// A Dropper is a connector whose Acknowledge removes things from its source.
// Dropped lists what Acknowledge would remove for the same cursor, so that the
// removal is journalled before it happens: no journal, no act. It removes
// nothing itself. After a crash it lists again whatever is still there.
type Dropper interface {
	Dropped(ctx context.Context, c Cursor) ([]record.Dropped, error)
}
