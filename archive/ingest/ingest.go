// Package ingest is the pipeline that makes records of what connectors yield:
//
//	connector → parse → classify → seal → put → journal → catalog → index → acknowledge
//
// Items are prepared (parsed, classified, sealed and put) by several workers
// and committed by one, in the order in which the source showed them. Each step
// can be repeated: a crash anywhere leaves the source's cursor where the last
// acknowledged batch put it, the source shows the rest again, and what is
// archived already is recognised by its octets.
//
// A source is never slowed by a bad item and never outruns a slow store: an
// item that no record can be made of is accounted for as failed; while the
// store is out of reach the workers wait and the spool's caps stop the
// connector.
package ingest

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/internal/language"
	"github.com/closeroll/closeroll/internal/spool"
)

// A Source is a configured place that items come from, with what its
// configuration knows of them.
type Source struct {
	Name      string
	Connector connectors.Connector
	Custodian string
	Role      string
	Grade     string
	Mailbox   string // the account's address or login
	Channel   record.Channel
	Vault     string         // what its records are sealed to; "" for the archive's own vault
	OnMarking OnMarking      // what becomes of mail marked SECRET or above
	Assessed  string         // what its configuration says of everything from it: significant, logistical, or nothing
	Zone      *time.Location // assumed for stamps without a zone
	DateOrder string         // pins the order of printed dates: DMY, MDY or YMD; "" leaves it to evidence
	CheckMail Authenticator  // of e-mail; nil where nobody may be asked
	Actor     string         // the person who brings the items; "" where the daemon fetches them

	// Exported, if set, is told of each chat export that was captured, by its
	// record, once it is searchable; not of one that is archived already.
	Exported func(record.ID)

	// Senders says, by folded address, whose a chat export attached to a message
	// is; nil: the source's custodian's.
	Senders map[string]Person
}

// OnMarking is what becomes of mail that carries the marking SECRET or above,
// which no archive of this kind is for.
type OnMarking string

// What can become of it. The zero value captures it as any other.
const (
	MarkedQuarantine OnMarking = "quarantine" // sealed to the quarantine vault, not indexed
	MarkedRefuse     OnMarking = "refuse"     // not captured; a drop folder keeps it in refused/
)

// Parts are what a Pipeline joins. All are required.
type Parts struct {
	Archive    *archive.Archive
	Spool      *spool.Spooler
	Messengers Messengers
	Classify   Classifier
	Extract    Extractor
	Index      Indexer
	Holds      Holds
}

// Messengers read the exports of every messenger that there is a parser for,
// and find out by content which one's a file is. What they return speaks the
// vocabulary of connectors/chat; nothing here knows more of any app.
type Messengers interface {
	// Looks reports whether a file is probably a chat export, at little cost.
	Looks(name string, r io.ReaderAt, size int64) bool
	// Open reads an export, whose content MUST stay readable as long as the
	// parcel is used. An error that wraps a [chat.Refusal] is about the file; any
	// other ends the run.
	Open(ctx context.Context, name string, r io.ReaderAt, size int64, opt chat.Options) (*chat.Parcel, error)
	// OpenDay reads a chat-day by itself, as it was archived.
	OpenDay(ctx context.Context, day chat.ArchivedDay, opt chat.Options) (*chat.Export, error)
}

// A Classifier chooses the retention class of a holding and names the rule
// that did.
type Classifier interface {
	Classify(f record.Facts) (class, rule string)
}

// An Extractor gets the text out of an attachment. It never fails: what it
// could not read is in the status. The text is bounded.
type Extractor interface {
	Text(ctx context.Context, name, mediaType string, content io.Reader, size int64) (string, record.TextStatus)
}

// An Authenticator checks the signatures in a message (RFC 6376), and does not
// wait long for an answer.
type Authenticator func(ctx context.Context, message io.ReaderAt, size int64) []record.Signature

// An Indexer takes documents in. When Add returns nil they are durable and
// searchable. Adding a document again replaces it.
type Indexer interface {
	Add(ctx context.Context, docs []record.Document) error
}

// Holds finds which live query holds cover messages that were just indexed,
// and returns the entries to journal. It is asked before the messages are
// acknowledged.
type Holds interface {
	Catch(ctx context.Context, numbers []record.MessageNo) ([]journal.Entry, error)

	// Forbids returns the name of a hold in force that covers, or may cover,
	// what comes of this custodian from this source, "" if there is none: while
	// there is one nothing may be left out of it.
	Forbids(ctx context.Context, custodian, source string) (hold string, err error)
}

// Options tune a Pipeline. The zero value is good.
type Options struct {
	Workers  int           // that prepare items; 6
	Batch    int           // items committed together at most; 1,024
	Messages int           // of a chat journalled together, but for those of one day; 8,192
	Linger   time.Duration // how long a batch waits for more; 1 s
	Retry    time.Duration // longest wait between tries of an unreachable store; 30 s
}

func (o Options) withDefaults() Options {
	if o.Workers <= 0 {
		o.Workers = 6
	}
	if o.Batch <= 0 {
		o.Batch = 1024
	}
	if o.Messages <= 0 {
		o.Messages = 8192
	}
	if o.Linger <= 0 {
		o.Linger = time.Second
	}
	if o.Retry <= 0 {
		o.Retry = 30 * time.Second
	}
	return o
}

// A Pipeline captures from sources into one archive. Several sources may run
// at once; one source runs once at a time.
type Pipeline struct {
	lg   *slog.Logger
	now  func() time.Time
	opts Options
	Parts

	detector *language.Detector

	chats sync.Mutex // held while exports are joined to chats and committed: of two of one chat, one is the first
}

// New returns a pipeline of these parts.
func New(lg *slog.Logger, now func() time.Time, parts Parts, opts Options) *Pipeline {
	return &Pipeline{lg: lg, now: now, opts: opts.withDefaults(), Parts: parts, detector: language.NewDetector()}
}

// actor names the daemon in the journal, where it acts for nobody else.
const actor = "daemon"

// actor is who captures, for the journal.
func (s Source) actor() string { return or(s.Actor, actor) }
