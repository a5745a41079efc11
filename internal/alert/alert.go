// Package alert makes sure that a person hears of trouble: at once when a
// source fails or falls silent, a disk fills up or the store is out of reach,
// and once a day in a digest, so that silence is not mistaken for health.
//
// Alerts are for a mailbox or a pager that is not under closeroll's
// protection, so they hold no content: names of sources, kinds of trouble,
// counts and times.
package alert

import (
	"context"
	"fmt"
	"log/slog"
	"sort"
	"strings"
	"sync"
	"time"
)

// A Sender delivers one message to the people whom the configuration names.
type Sender interface {
	Send(ctx context.Context, subject, body string) error
}

// A Kind of trouble.
type Kind string

// The kinds.
const (
	SourceFailing    Kind = "source failing"
	SourceSilent     Kind = "source silent"
	SourceDiffers    Kind = "source differs"
	DeletionNear     Kind = "deletion near"   // a mailbox's own rule endangers what is not captured yet
	SecretExpiring   Kind = "secret expiring" // of a source
	DiskFull         Kind = "disk full"
	StoreUnreachable Kind = "store unreachable"
	NotSearchable    Kind = "index incomplete"
	InQuarantine     Kind = "in quarantine"      // records that await a person's decision
	MarkedRefused    Kind = "marked and refused" // mail that was not captured for its marking
	ReceiptUnsent    Kind = "receipt unsent"
	ReviewOverdue    Kind = "schedule not reviewed"
	Spillage         Kind = "spillage on hold"
	LockMissing      Kind = "storage lock missing" // what the storage was to keep, and could not be told to
	RecordsExpire    Kind = "records expire"       // by a rule of the bucket's own
	ReportMade       Kind = "report made"
	ReportNotMade    Kind = "report not delivered"
)

// again is how long an alert that goes on is not repeated.
const again = 24 * time.Hour

// sendTimeout bounds one delivery.
const sendTimeout = time.Minute

// A Board knows which troubles there are, and tells people of each when it
// begins and when it has ended. It may be used from many goroutines.
type Board struct {
	lg     *slog.Logger
	now    func() time.Time
	sender Sender

	mu   sync.Mutex
	open map[trouble]*since
}

type trouble struct {
	kind Kind
	what string // the source or place; "" for the daemon itself
}

type since struct {
	began, told time.Time
	detail      string
}

// NewBoard returns a board without troubles. A nil sender means that the
// configuration says `alerts: none`; troubles are then only logged and listed.
func NewBoard(lg *slog.Logger, now func() time.Time, sender Sender) *Board {
	return &Board{lg: lg, now: now, sender: sender, open: make(map[trouble]*since)}
}

// Raise notes a trouble and sends it, unless it was sent within a day. It
// reports whether the trouble is new.
func (b *Board) Raise(ctx context.Context, kind Kind, what, detail string) (began bool) {
	now := b.now()
	b.mu.Lock()
	t := b.open[trouble{kind, what}]
	if t == nil {
		t = &since{began: now}
		b.open[trouble{kind, what}] = t
		began = true
	}
	t.detail = detail
	tell := t.told.IsZero() || now.Sub(t.told) >= again
	if tell {
		t.told = now
	}
	b.mu.Unlock()
	if !tell {
		return began
	}
	b.lg.Error("trouble", "kind", string(kind), "what", what, "detail", detail)
	b.send(ctx, fmt.Sprintf("closeroll: %s %s", kind, what), fmt.Sprintf("%s %s, since %s\n%s\n", kind, what, stamp(t.began), detail))
	return began
}

// Clear notes that a trouble has ended, and sends that if the trouble was sent.
func (b *Board) Clear(ctx context.Context, kind Kind, what string) {
	b.mu.Lock()
	t := b.open[trouble{kind, what}]
	delete(b.open, trouble{kind, what})
	b.mu.Unlock()
	if t == nil {
		return
	}
	b.lg.Info("trouble over", "kind", string(kind), "what", what)
	b.send(ctx, fmt.Sprintf("closeroll: over: %s %s", kind, what), fmt.Sprintf("%s %s, from %s to %s\n", kind, what, stamp(t.began), stamp(b.now())))
}

// Tell sends what happened and is over: it is nobody's present trouble, and is
// told each time.
func (b *Board) Tell(ctx context.Context, kind Kind, what, detail string) {
	b.lg.Warn("happened", "kind", string(kind), "what", what, "detail", detail)
	b.send(ctx, fmt.Sprintf("closeroll: %s %s", kind, what), fmt.Sprintf("%s %s, %s\n%s\n", kind, what, stamp(b.now()), detail))
}

// Open lists the present troubles in words, sorted.
func (b *Board) Open() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var lines []string
	for k, t := range b.open {
		lines = append(lines, fmt.Sprintf("%s %s, since %s: %s", k.kind, k.what, stamp(t.began), t.detail))
	}
	sort.Strings(lines)
	return lines
}

// A Trouble is a present trouble, without its detail.
type Trouble struct {
	Kind Kind
	What string // the source or place
}

// Kinds lists the present troubles in no order.
func (b *Board) Kinds() []Trouble {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []Trouble
	for k := range b.open {
		list = append(list, Trouble{k.kind, k.what})
	}
	return list
}

// Digest sends the day's summary: the given lines, then the present troubles
// and what else somebody must see to.
func (b *Board) Digest(ctx context.Context, lines, duties []string) {
	open := append(b.Open(), duties...)
	subject := "closeroll: daily digest, no trouble"
	if len(open) > 0 {
		subject = fmt.Sprintf("closeroll: daily digest, %d to look at", len(open))
		lines = append(append(lines, "", "To look at:"), open...)
	}
	b.send(ctx, subject, strings.Join(lines, "\n")+"\n")
}

func (b *Board) send(ctx context.Context, subject, body string) {
	if b.sender == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	if err := b.sender.Send(ctx, strings.TrimSpace(subject), body); err != nil {
		b.lg.Error("an alert could not be sent", "subject", subject, "error", err)
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }
