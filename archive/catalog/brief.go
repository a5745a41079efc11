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

// A Brief is a walk over all holdings made ready: [Catalog.EachHolding] for
// counting, without display ([Catalog.Display]) and aggregation and with facts
// as far as asked for. It reads blocks in place of rows and is some ten times
// faster. Its parts may be walked at once.
type Brief struct {
	c        *Catalog
	asks     Asks
	blocks   []int64 // their numbers
	happened happened
	threadOf []int64 // by record's row, from that of the first block; nil where nothing asks
	threads  map[int64]time.Time
	chats    map[string]time.Time
}

// Brief makes a walk ready.
func (c *Catalog) Brief(ctx context.Context, asks Asks) (*Brief, error) {
	b := &Brief{c: c, asks: asks}
	var err error
	if b.blocks, err = collect(ctx, c.read, func(s scanner) (n int64, err error) {
		err = s.Scan(&n)
		return n, err
	}, `SELECT block FROM blocks ORDER BY block`); err != nil || len(b.blocks) == 0 {
		return b, err
	}
	if b.happened, err = happenings(ctx, c.read); err != nil {
		return nil, err
	}
	if asks.Activity || asks.Threads || b.happened.toThreads() {
		if err := b.loadThreads(ctx); err != nil {
			return nil, err
		}
	}
	if asks.Activity {
		return b, b.loadActivity(ctx)
	}
	return b, nil
}

// EachBrief calls f with every holding of every kept record, records in the
// order of capture and a record's holdings together, each with the number of
// its record's row. What f is given is good until f returns; while f runs
// nothing is being read. An error from f ends it.
func (c *Catalog) EachBrief(ctx context.Context, asks Asks, f func(row int64, g *Governed) error) error {
	b, err := c.Brief(ctx, asks)
	if err != nil {
		return err
	}
	return b.Each(ctx, 0, 1, f)
}

// Each is [Catalog.EachBrief] for one of so many parts, as long as each other,
// counted from 0.
func (b *Brief) Each(ctx context.Context, part, parts int, f func(row int64, g *Governed) error) error {
	blocks, err := b.c.readBlocks(ctx, b.asks.Words)
	if err != nil {
		return err
	}
	defer blocks.close()
	n := len(b.blocks)
	for _, block := range b.blocks[n*part/parts : n*(part+1)/parts] {
		if err := b.block(ctx, blocks, block, f); err != nil {
			return err
		}
	}
	return nil
}

func (b *Brief) block(ctx context.Context, blocks *blocks, n int64, f func(int64, *Governed) error) error {
	r, err := blocks.block(n)
	if err != nil {
		return err
	}
	var objects map[int64]stored
	if b.asks.Storage {
		if objects, err = b.c.storedOf(ctx, n); err != nil {
			return err
		}
	}
	var g Governed
	for {
		row, more, err := r.read(&g)
		if err != nil || !more {
			return err
		}
		g.Thread = b.thread(row)
		if g.Chat != "" {
			g.Facts.LastActivity = b.chats[g.Chat]
		} else {
			g.Facts.LastActivity = b.threads[g.Thread]
		}
		if len(b.happened) > 0 {
			b.happened.tell(&g.HeldBy, g.Record, g.Thread, g.Chat)
		}
		if objects != nil {
			of := objects[row]
			g.Epoch, g.Captured, g.Lock = of.epoch, of.captured, of.lock
		}
		if err := f(row, &g); err != nil {
			return err
		}
	}
}

func (b *Brief) thread(row int64) int64 {
	if at := row - b.blocks[0]<<blockBits; at < int64(len(b.threadOf)) {
		return b.threadOf[at]
	}
	return 0
}

// loadThreads reads the threads of all records.
func (b *Brief) loadThreads(ctx context.Context) error {
	first := b.blocks[0] << blockBits
	b.threadOf = make([]int64, (b.blocks[len(b.blocks)-1]+1)<<blockBits-first)
	// The plus keeps to the index, which has all that is asked for.
	rows, err := b.c.read.QueryContext(ctx, `SELECT seq, thread FROM records WHERE thread IS NOT NULL AND +seq >= ?`, first)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var row, thread int64
		if err := rows.Scan(&row, &thread); err != nil {
			return err
		}
		if row-first < int64(len(b.threadOf)) { // else it was captured since the walk was made ready
			b.threadOf[row-first] = thread
		}
	}
	return rows.Err()
}

// loadActivity finds the newest time in every thread and chat, of messages
// whose time can be relied on, out of the times that searches keep in memory.
func (b *Brief) loadActivity(ctx context.Context) error {
	k, err := b.c.known(ctx)
	if err != nil {
		return err
	}
	unsure, err := b.c.Undated(ctx)
	if err != nil {
		return err
	}
	threads, chats := make(map[int64]time.Time), make(map[string]time.Time)
	records := &Brief{c: b.c, blocks: b.blocks, threadOf: b.threadOf}
	last := int64(-1)
	err = records.Each(ctx, 0, 1, func(row int64, g *Governed) error {
		if row == last || g.Chat == "" && g.Thread == 0 {
			return nil
		}
		last = row
		for no := uint64(g.First); no < uint64(g.First)+uint64(g.Count); no++ {
			at := k.moment(no).sent
			if at == undated || unsure.Contains(no) {
				continue
			}
			if sent := time.UnixMilli(at).UTC(); g.Chat != "" {
				chats[g.Chat] = later(chats[g.Chat], sent)
			} else {
				threads[g.Thread] = later(threads[g.Thread], sent)
			}
		}
		return nil
	})
	b.threads, b.chats = threads, chats
	return err
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
