package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/closeroll/closeroll/archive/record"
)

// Blocks are made of the rows of records and holdings and of nothing else, and
// are gone, by the triggers in schema.sql, as soon as any of those rows is: a
// walk then makes for itself what is missing. So a block never says anything
// that the rows do not.

// blockBits is how many bits of a record's row number are its place in a block.
// The triggers know it too.
const blockBits = 9

func blockOf(row int64) int64 { return row >> blockBits }

// mended is how many blocks an Apply packs again besides those that its own
// captures have filled: few, so that it takes no longer for them.
const mended = 2

// pack packs the blocks that are full and are not packed, the newest first. The
// block of the newest records is not: it would be packed again and again.
func (f *fold) pack(first, next int64) error {
	full := blockOf(seqOf(next))
	_, err := packSome(f.ctx, f.tx, full, full-blockOf(seqOf(first))+mended)
	return err
}

// packSome packs up to most blocks that are below full and not packed, and says
// how many it has.
func packSome(ctx context.Context, tx *sql.Tx, full, most int64) (int, error) {
	stale, err := collect(ctx, tx, func(s scanner) (n int64, err error) {
		err = s.Scan(&n)
		return n, err
	}, `SELECT block FROM blocks WHERE packed IS NULL AND block < ? ORDER BY block DESC LIMIT ?`, full, most)
	if err != nil || len(stale) == 0 {
		return 0, err
	}
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<18))
	if err != nil {
		return 0, err
	}
	for _, n := range stale {
		w, err := packBlock(ctx, tx, n)
		if err != nil {
			return 0, err
		}
		packed, words := w.packed()
		if _, err := tx.ExecContext(ctx, `UPDATE blocks SET packed = ?, words = ? WHERE block = ?`, packed, e.EncodeAll(words, nil), n); err != nil {
			return 0, err
		}
	}
	return len(stale), nil
}

// Pack packs whatever is not packed yet, for walks to come: after much was
// changed, or captured again from elsewhere. Apply packs what it fills itself.
func (c *Catalog) Pack(ctx context.Context) error {
	for {
		if n, err := c.packMore(ctx); err != nil || n == 0 {
			return err
		}
	}
}

// packMore packs a few, so that captures do not wait.
func (c *Catalog) packMore(ctx context.Context) (int, error) {
	const together = 4
	c.mu.Lock()
	defer c.mu.Unlock()
	tx, err := c.write.BeginTx(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("catalog: %w", err)
	}
	defer tx.Rollback()
	n, err := packSome(ctx, tx, blockOf(seqOf(c.next)), together)
	if err != nil || n == 0 {
		return 0, err
	}
	return n, tx.Commit()
}

const packedColumns = `r.seq, h.seq, r.id, r.kind, r.first, r.count, r.text_status, coalesce(r.chat, ''), h.since, h.facts, h.class, h.rule,
	h.source, h.custodian, h.channel, h.folder, h.significance, iif(h.manual IS NULL, '', '+' || h.manual), iif(h.was = '[]', '', h.was),
	iif(r.reviews = 0, '', r.reviews), coalesce(r.review, '')`

// packBlock packs the holdings of a block out of their rows.
func packBlock(ctx context.Context, q querier, n int64) (*blockWriter, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+packedColumns+` FROM records r CROSS JOIN holdings h ON h.record = r.seq
		WHERE r.disposed IS NULL AND r.seq BETWEEN ? AND ? ORDER BY r.seq, h.seq`, n<<blockBits, (n+1)<<blockBits-1)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	w := newBlockWriter()
	for rows.Next() {
		var r blockRow
		s := &r.shape
		var facts sql.RawBytes
		var assessed string
		if err := rows.Scan(&r.row, &r.holding, &r.id, &s[shapeKind], &r.first, &r.count, &s[shapeStatus], &s[shapeChat], &r.since, &facts, &s[shapeClass], &s[shapeRule],
			&s[shapeSource], &s[shapeCustodian], &s[shapeChannel], &s[shapeFolder], &assessed, &s[shapeManual], &s[shapeWas], &s[shapeReviews], &s[shapeReview]); err != nil {
			return nil, err
		}
		r.facts, err = unpackFacts(facts, &record.Holding{Source: s[shapeSource], Custodian: s[shapeCustodian], Channel: record.Channel(s[shapeChannel]), Folder: s[shapeFolder]})
		if err != nil {
			return nil, err
		}
		f := &r.facts
		s[shapeFactsKind], s[shapeFactsSource], s[shapeFactsCustodian], s[shapeFactsChannel], s[shapeFactsFolder] = string(f.Kind), f.Source, f.Custodian, string(f.Channel), f.Folder
		s[shapeRole], s[shapeGrade], s[shapeMailbox], s[shapeSignificance] = f.Role, f.Grade, f.Mailbox, f.Significance
		if assessed != "" {
			s[shapeSignificance] = assessed
		}
		w.add(&r)
	}
	return w, rows.Err()
}

// A blocks reads blocks: for one walk.
type blocks struct {
	ctx    context.Context
	c      *Catalog
	stored *sql.Stmt
	words  bool
	zip    *zstd.Decoder // for words
	buf    []byte        // of them
	names  map[string]string
}

func (c *Catalog) readBlocks(ctx context.Context, words bool) (b *blocks, err error) {
	b = &blocks{ctx: ctx, c: c, words: words, names: make(map[string]string)}
	columns := "packed, NULL"
	if words {
		columns = "packed, words"
		if b.zip, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30)); err != nil {
			return nil, err
		}
	}
	b.stored, err = c.read.PrepareContext(ctx, `SELECT `+columns+` FROM blocks WHERE block = ?`)
	return b, err
}

func (b *blocks) close() {
	b.stored.Close()
	if b.zip != nil {
		b.zip.Close()
	}
}

// block is one block, as it is stored or, if it is not, as its rows are.
func (b *blocks) block(n int64) (*blockReader, error) {
	var packed, words []byte
	err := b.stored.QueryRowContext(b.ctx, n).Scan(&packed, &words)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	switch {
	case packed == nil:
		w, err := packBlock(b.ctx, b.c.read, n)
		if err != nil {
			return nil, err
		}
		packed, words = w.packed()
	case b.words:
		if b.buf, err = b.zip.DecodeAll(words, b.buf[:0]); err != nil {
			return nil, err
		}
		words = b.buf
	}
	var of *unpacker
	if b.words {
		of = unpackWhole(words)
	}
	r, err := readBlock(packed, of, b.name)
	if err != nil {
		return nil, fmt.Errorf("catalog: block %d: %w", n, err)
	}
	return r, nil
}

// name returns each text once.
func (b *blocks) name(raw []byte) string {
	s, ok := b.names[string(raw)]
	if !ok {
		s = string(raw)
		b.names[s] = s
	}
	return s
}
