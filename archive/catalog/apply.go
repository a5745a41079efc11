package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// An Entry is a journal entry as the catalog reads it.
type Entry struct {
	Index int64
	Type  string // a record.Entry… constant
	Time  time.Time
	Actor string
	Body  []byte // JSON of the type's body; nil where a disposal removed it
}

// Apply folds entries in, all or none. They must be the journal's next ones,
// without a gap; entries that are applied already are passed over. Types that
// the catalog has no rows for only move its position.
func (c *Catalog) Apply(ctx context.Context, entries []Entry) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(entries) > 0 && entries[0].Index < c.next {
		entries = entries[1:]
	}
	if len(entries) == 0 {
		return nil
	}
	tx, err := c.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("catalog: %w", err)
	}
	f := &fold{ctx: ctx, tx: tx, bits: c.bitmaps.begin(), lastNo: c.lastNo}
	if err := f.run(c.next, entries); err != nil {
		tx.Rollback()
		c.bitmaps.rollback()
		return fmt.Errorf("catalog: %w", err)
	}
	if err := tx.Commit(); err != nil {
		c.bitmaps.rollback()
		return fmt.Errorf("catalog: %w", err)
	}
	c.bitmaps.commit()
	if f.rejoin {
		c.timeline.joins.Add(1)
	}
	c.next, c.lastNo = entries[len(entries)-1].Index+1, f.lastNo
	return nil
}

// A fold is one Apply in progress. Its first error stays and stops the rest.
type fold struct {
	ctx    context.Context // of this one call to Apply
	tx     *sql.Tx
	bits   *bitmapTx
	stmts  map[string]*sql.Stmt
	lastNo uint64
	rejoin bool // what follows of the joins of chats is to be made anew
}

func (f *fold) run(next int64, entries []Entry) error {
	defer f.close()
	first := next
	for _, e := range entries {
		if e.Index != next {
			return fmt.Errorf("entry %d was applied where %d was due", e.Index, next)
		}
		next++
		if e.Body == nil {
			if e.Type == record.EntryIngestion {
				if err := f.skips(); err != nil {
					return err
				}
			}
			continue
		}
		if err := f.entry(e); err != nil {
			return fmt.Errorf("entry %d (%s): %w", e.Index, e.Type, err)
		}
	}
	if f.rejoin {
		if err := f.rejoined(); err != nil {
			return err
		}
	}
	if err := f.pack(first, next); err != nil {
		return err
	}
	if err := f.bits.flush(f.ctx, f.tx); err != nil {
		return err
	}
	if err := f.exec(`UPDATE meta SET value = ? WHERE name = 'next'`, strconv.FormatInt(next, 10)); err != nil {
		return err
	}
	return f.exec(`UPDATE meta SET value = ? WHERE name = 'last_no'`, strconv.FormatUint(f.lastNo, 10))
}

func (f *fold) entry(e Entry) error {
	switch e.Type {
	case record.EntryIngestion:
		return decode(e, f.ingestion)
	case record.EntrySighting:
		return decode(e, f.sighting)
	case record.EntryCursor:
		return decode(e, f.cursor)
	case record.EntryHold:
		return decode(e, f.holdPlaced)
	case record.EntryRelease:
		return decode(e, f.holdReleased)
	case record.EntryCaught:
		return decode(e, f.holdCaught)
	case record.EntryNotice:
		return decode(e, f.notice)
	case record.EntryGap:
		return decode(e, f.gap)
	case record.EntryReconciliation:
		return decode(e, f.reconciliation)
	case record.EntryStatement:
		return decode(e, f.statement)
	case record.EntryQuarantine:
		return decode(e, f.quarantineDecided)
	case record.EntryKey:
		return decode(e, f.keyChange)
	case record.EntrySchedule:
		return decode(e, f.schedule)
	case record.EntryAttestation:
		return decode(e, f.attested)
	case record.EntryTaskClosed:
		return decode(e, f.taskClosed)
	case record.EntryReleaseAgreed:
		return decode(e, f.releaseAgreed)
	case record.EntryReleaseDropped:
		return decode(e, f.releaseDropped)
	case record.EntryHoldNotice:
		return decode(e, f.holdNotice)
	case record.EntryAcknowledged:
		return decode(e, f.acknowledged)
	case record.EntryEvent:
		return decode(e, f.event)
	case record.EntryClassification:
		return decode(e, f.classified)
	case record.EntryAssessment:
		return decode(e, f.assessed)
	case record.EntryReview:
		return decode(e, f.reviewed)
	case record.EntryDropped:
		return decode(e, f.dropped)
	case record.EntrySearch, record.EntryRead, record.EntryDenial:
		return f.access(e)
	case record.EntryFixity:
		return decode(e, f.fixity)
	case record.EntryChatJoined:
		return decode(e, f.chatJoined)
	case record.EntryChatParted:
		return decode(e, f.chatParted)
	case record.EntryLegalHold:
		return decode(e, f.legalHeld)
	case record.EntryRetained:
		return decode(e, f.retained)
	case record.EntryChatCopies:
		return decode(e, f.chatCopies)
	case record.EntryReceipt:
		return decode(e, f.receipt)
	case record.EntrySavedSearch:
		return decode(e, f.savedSearch)
	case record.EntryReport:
		return decode(e, f.reportSealed)
	}
	if slices.Contains(record.RequestEntries(), e.Type) {
		return decode(e, f.request)
	}
	return f.disposal(e)
}

func decode[B any](e Entry, apply func(Entry, B) error) error {
	var body B
	if err := json.Unmarshal(e.Body, &body); err != nil {
		return err
	}
	return apply(e, body)
}

// exec runs a statement, prepared once a fold.
func (f *fold) exec(query string, args ...any) error {
	s, err := f.stmt(query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(f.ctx, args...)
	return err
}

func (f *fold) insert(query string, args ...any) (int64, error) {
	s, err := f.stmt(query)
	if err != nil {
		return 0, err
	}
	res, err := s.ExecContext(f.ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// one scans the first row into dest and reports whether there was one.
func (f *fold) one(dest []any, query string, args ...any) (bool, error) {
	s, err := f.stmt(query)
	if err != nil {
		return false, err
	}
	switch err := s.QueryRowContext(f.ctx, args...).Scan(dest...); err {
	case nil:
		return true, nil
	case sql.ErrNoRows:
		return false, nil
	default:
		return false, err
	}
}

func (f *fold) stmt(query string) (*sql.Stmt, error) {
	if s, ok := f.stmts[query]; ok {
		return s, nil
	}
	s, err := f.tx.PrepareContext(f.ctx, query)
	if err != nil {
		return nil, err
	}
	if f.stmts == nil {
		f.stmts = make(map[string]*sql.Stmt)
	}
	f.stmts[query] = s
	return s, nil
}

func (f *fold) close() {
	for _, s := range f.stmts {
		s.Close()
	}
}

// millis is how the catalog keeps times; zero times are NULL.
func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// digest is NULL if there is none: the driver would make of it an empty one,
// which is equal to every other that is missing.
func digest(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

func fromMillis(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64).UTC()
}

func jsonText(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}
