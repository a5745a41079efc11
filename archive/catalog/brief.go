package catalog

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// Asks says what a walk over holdings needs of their facts besides what is the
// same for many of them, and is dear to fetch.
type Asks struct {
	Words    bool // addresses, subject, chat's title
	Activity bool // the newest activity in the thread or chat
	Threads  bool // the thread itself
	Storage  bool // epoch, time of capture, and what the storage was told
}

// Records returns row numbers between which all kept records are, to divide a
// walk by; where there are none it is (0, -1).
func (c *Catalog) Records(ctx context.Context) (first, last int64, err error) {
	err = c.read.QueryRowContext(ctx, `SELECT coalesce((SELECT min(block) FROM blocks), 0), coalesce((SELECT max(block) FROM blocks), -1)`).Scan(&first, &last)
	return first << blockBits, (last+1)<<blockBits - 1, err
}

// EachBrief is [Catalog.EachHolding] for counting: of the records with row
// numbers from first to last, it calls f with each holding, with its facts as
// far as asked for, without display ([Catalog.Display]) and aggregation. It reads
// blocks in place of rows and is some ten times faster. What f is given is good
// until f returns; while f runs nothing is being read.
func (c *Catalog) EachBrief(ctx context.Context, first, last int64, asks Asks, f func(row int64, g *Governed) error) error {
	if last < first {
		return nil
	}
	b := brief{f: f, first: first, last: last}
	if err := b.load(ctx, c, asks); err != nil {
		return err
	}
	blocks, err := c.readBlocks(ctx, asks.Words)
	if err != nil {
		return err
	}
	defer blocks.close()
	numbers, err := blocks.numbers(first, last)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		r, err := blocks.block(n)
		if err != nil {
			return err
		}
		if asks.Storage {
			if b.stored, err = c.storedOf(ctx, n); err != nil {
				return err
			}
		}
		if err := b.block(r); err != nil {
			return err
		}
	}
	return nil
}

// A stored is what a record's row says of its object.
type stored struct {
	epoch    string
	captured time.Time
	lock     Locked
}

// storedOf returns that of the records of a block, by row number.
func (c *Catalog) storedOf(ctx context.Context, block int64) (map[int64]stored, error) {
	rows, err := c.read.QueryContext(ctx, `SELECT r.seq, r.epoch, r.captured, `+lockColumns+` FROM records r LEFT JOIN locks l ON l.record = r.seq
		WHERE r.seq BETWEEN ? AND ? AND r.disposed IS NULL`, block<<blockBits, (block+1)<<blockBits-1)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	of := make(map[int64]stored)
	for rows.Next() {
		var row, captured int64
		var s stored
		var l lockScan
		if err := rows.Scan(append([]any{&row, &s.epoch, &captured}, l.dest()...)...); err != nil {
			return nil, err
		}
		s.captured, s.lock = time.UnixMilli(captured).UTC(), l.locked()
		of[row] = s
	}
	return of, rows.Err()
}

// Display returns the display line of the record in this row, "" if there is
// none: of the few that are listed out of a brief walk.
func (c *Catalog) Display(ctx context.Context, row int64) (display string, err error) {
	err = c.displayByRow.QueryRowContext(ctx, row).Scan(&display)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return display, err
}

// A brief is one such walk.
type brief struct {
	f           func(int64, *Governed) error
	first, last int64
	happened    happened
	threadOf    map[int64]int64 // by record's row; nil where nothing asks
	threads     map[int64]time.Time
	chats       map[string]time.Time
	stored      map[int64]stored // of the block; nil where nothing asks
	g           Governed
}

// load reads what changes while the holdings do not.
func (b *brief) load(ctx context.Context, c *Catalog, asks Asks) (err error) {
	if asks.Activity {
		if b.threads, err = lastActivities[int64](ctx, c.read, `thread`); err != nil {
			return err
		}
		if b.chats, err = lastActivities[string](ctx, c.read, `chat`); err != nil {
			return err
		}
	}
	if b.happened, err = happenings(ctx, c.read); err != nil {
		return err
	}
	if asks.Activity || asks.Threads || b.happened.toThreads() {
		b.threadOf, err = c.threadsOf(ctx, b.first, b.last)
	}
	return err
}

// threadsOf returns the threads of records by row number.
func (c *Catalog) threadsOf(ctx context.Context, first, last int64) (map[int64]int64, error) {
	// The plus keeps to the index, which has all that is asked for.
	rows, err := c.read.QueryContext(ctx, `SELECT seq, thread FROM records WHERE thread IS NOT NULL AND +seq BETWEEN ? AND ?`, first, last)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	of := make(map[int64]int64)
	for rows.Next() {
		var row, thread int64
		if err := rows.Scan(&row, &thread); err != nil {
			return nil, err
		}
		of[row] = thread
	}
	return of, rows.Err()
}

// toThreads reports whether anything has happened to a thread.
func (h happened) toThreads() bool {
	for about := range h {
		if strings.HasPrefix(about, record.AboutThread+":") {
			return true
		}
	}
	return false
}

func (b *brief) block(r *blockReader) error {
	g := &b.g
	for {
		row, more, err := r.read(g, b.first)
		if err != nil || !more || row > b.last {
			return err
		}
		if row < b.first {
			continue
		}
		g.Thread = b.threadOf[row]
		if b.stored != nil {
			of := b.stored[row]
			g.Epoch, g.Captured, g.Lock = of.epoch, of.captured, of.lock
		}
		if g.Chat != "" {
			g.Facts.LastActivity = b.chats[g.Chat]
		} else {
			g.Facts.LastActivity = b.threads[g.Thread]
		}
		if len(b.happened) > 0 {
			b.happened.tell(&g.HeldBy, g.Record, g.Thread, g.Chat)
		}
		if err := b.f(row, g); err != nil {
			return err
		}
	}
}
