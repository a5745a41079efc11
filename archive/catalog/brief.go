package catalog

import (
	"context"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// Asks says what a walk over holdings needs of their facts besides what is the
// same for many of them, and is dear to fetch.
type Asks struct {
	Words    bool // addresses, subject, chat's title
	Activity bool // the newest activity in the thread or chat
}

// Records returns row numbers between which all kept records are, to divide a
// walk by; where there are none it is (0, -1).
func (c *Catalog) Records(ctx context.Context) (first, last int64, err error) {
	err = c.read.QueryRowContext(ctx, `SELECT coalesce((SELECT min(block) FROM blocks), 0), coalesce((SELECT max(block) FROM blocks), -1)`).Scan(&first, &last)
	return first << blockBits, (last+1)<<blockBits - 1, err
}

// EachBrief is [Catalog.EachHolding] for counting: of the records with row
// numbers from first to last, it calls f with each holding, with its facts as
// far as asked for, without display, aggregation, epoch, lock and its record's
// time of capture, and with a thread only where that is asked for or anything
// has happened to one. It reads blocks in place of rows and is some ten times
// faster. What f is given is good until f returns.
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
		if err := b.block(r); err != nil {
			return err
		}
	}
	return nil
}

// A brief is one such walk.
type brief struct {
	f           func(int64, *Governed) error
	first, last int64
	happened    happened
	threadOf    map[int64]int64 // by record's row; nil where nothing asks
	threads     map[int64]time.Time
	chats       map[string]time.Time
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
	if asks.Activity || b.happened.toThreads() {
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
