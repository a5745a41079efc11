// Package connectors defines how official correspondence comes in: the
// [Connector] contract that every source implements, and the [Item] that it
// yields. The packages below it implement it for mailboxes and drop folders.
//
// A connector knows its source and nothing else: not what a record is made of,
// not where it is kept. What it yields is the octets that the source gave.
package connectors

import (
	"context"
	"io"
	"iter"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A Connector reads one source. It MUST NOT change the source.
//
// A connector is used by one goroutine at a time.
type Connector interface {
	// Items yields every item after the cursor, and returns when the source
	// has no more for now. Yielding an item twice is allowed; skipping one is
	// not. An item whose content could not be read is yielded with its Err
	// set, so that it is accounted for, and MUST stay owed in the cursor so
	// that a later run tries it again.
	//
	// A non-nil error ends the sequence: the source itself failed. Everything
	// yielded before it stands.
	//
	// The consumer calls Release on each item, on its own schedule and perhaps
	// after the sequence has ended. Items MUST NOT hold a server connection
	// until then: a literal is drained before it is yielded.
	Items(ctx context.Context, after Cursor) iter.Seq2[*Item, error]

	// Acknowledge is told that every item up to c is durable, journalled and
	// searchable. A drop folder lets go of its files here; a mailbox has
	// nothing to do. It may be called again with the same cursor after a crash.
	Acknowledge(ctx context.Context, c Cursor) error
}

// A Refuser is a connector that is told of items that the pipeline could not
// make a record of, so that a person finds them: a drop folder moves the file
// to refused/ with the reason beside it. Refuse is called before Acknowledge
// and may be called again after a crash.
type Refuser interface {
	Refuse(ctx context.Context, key string, reason record.Reason, detail string) error
}

// A Watcher is a connector that can wait for its source to change. Wait
// returns nil when there may be something new, or the context's error.
type Watcher interface {
	Wait(ctx context.Context) error
}

// A Cursor says how far a source has been read, in the connector's own words.
// It is journalled, so it holds no secret and no content. The empty cursor is
// before everything.
type Cursor string

// An Item is one thing that a source showed.
type Item struct {
	Key       string        // distinct within the source, stable between runs
	Form      Form          // what the octets claim to be
	Name      string        // the file or entry name, where it had one
	Folder    string        // mailbox folder or directory, UTF-8
	Custodian string        // whose it is, where the source knows better than its configuration
	Received  time.Time     // the server's INTERNALDATE, or a file's modification time; zero if unknown
	Flags     []string      // IMAP flags or Maildir info, as the source gave them
	Selection []byte        // of a chat export: what stands beside it about what is to be left out
	Content   Content       // the octets; nil when Err or Excluded is set
	Excluded  record.Reason // set: the source's configuration leaves it out, and only its existence is noted
	Err       error         // set: it could not be read
	Reason    record.Reason // why, in a fixed word, where Err is set
	Cursor    Cursor        // the position after this item
}

// Release lets go of the item's content. It may be called more than once.
func (i *Item) Release() {
	if i.Content != nil {
		i.Content.Close()
	}
}

// A Form says what an item's octets claim to be.
type Form string

// The forms.
const (
	FormMessage    Form = "message"     // RFC 5322 octets
	FormChatExport Form = "chat-export" // a .zip, .txt or .jsonl that may be a chat export
	FormNote       Form = "note"        // a note of substance, as connectors/note writes it; only the daemon itself makes one
	FormPosition   Form = "position"    // no item at all, only a cursor that is to be journalled before anything that follows
)

// Content is an item's octets, complete and at rest: in memory, or spooled to
// disk sealed under a key that exists only in this process. It can be read
// from any number of goroutines until it is closed.
type Content interface {
	io.ReaderAt
	io.Closer
	Size() int64
	Digest() record.Digest
}

// A Spooler takes in octets from a source and makes [Content] of them. Spool
// reads r to its end. It waits while too much is in flight already, which is
// how a slow store slows its sources down; the wait happens before the first
// octet is read. An error from r is returned as it is.
//
// Callers that read from a server MUST reserve before they ask it for the
// literal: size is the expected number of octets, 0 if unknown.
type Spooler interface {
	Reserve(ctx context.Context, size int64) (Spool, error)
}

// A Spool is room reserved for one item's octets.
type Spool interface {
	// Fill reads r to its end. It is called at most once.
	Fill(r io.Reader) (Content, error)
	// Cancel gives the room back, if Fill was not called or failed.
	Cancel()
}
