package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/closeroll/closeroll/archive/store"
)

// A Report says what a verification looked at.
type Report struct {
	Checkpoint Checkpoint
	Batches    int64    // in the log
	Unsigned   int64    // batches stored that no checkpoint ever named: left by a crash or a lost race
	Octets     int64    // of the log's batches
	Stripped   int64    // entries whose bodies a disposal removed; 0 if only the tree was verified
	Opened     bool     // the entries themselves were verified too
	Missing    []string // tiles that are not there; a crash may leave some unwritten
	Wrong      []string // tiles that do not agree with the log
}

// Verify reads the whole log and checks it against the checkpoint: every entry
// against its leaf, the leaves against the signed root, every tile against the
// tree, and that a body is missing only where a later disposal names it. It
// trusts no tile. Tiles that are missing are reported and no error.
//
// The error wraps [ErrCorrupt] if the log fails, or is the store's own; the
// report then holds what was found up to there.
func (r *Reader) Verify(ctx context.Context) (Report, error) { return r.verify(ctx, true) }

// VerifyTree is Verify without opening the batches: it checks the leaves, the
// root and the tiles, and needs no key but the verifier's.
func (r *Reader) VerifyTree(ctx context.Context) (Report, error) { return r.verify(ctx, false) }

func (r *Reader) verify(ctx context.Context, open bool) (Report, error) {
	report := Report{Checkpoint: r.cp, Opened: open}
	var missing missingBodies
	e := &edge{}
	checkTile := func(t tlog.Tile, hashes []tlog.Hash) error { return r.checkTile(ctx, t, hashes, &report) }
	_, err := r.o.follow(ctx, &edge{}, r.cp.tree(), func(b fetched) error {
		report.Batches++
		report.Octets += int64(len(b.clear) + len(b.cipher))
		if open {
			if err := r.verifyEntries(b, &missing); err != nil {
				return err
			}
		}
		return e.add(b.leaves, checkTile)
	})
	if err != nil {
		return report, fmt.Errorf("verify journal: %w", err)
	}
	report.Stripped = missing.total
	if err := missing.check(); err != nil {
		return report, err
	}
	if err := r.checkPartials(ctx, &report); err != nil {
		return report, err
	}
	if err := r.countUnsigned(ctx, &report); err != nil {
		return report, err
	}
	if len(report.Wrong) > 0 {
		return report, fmt.Errorf("%w: %d tiles differ from the log, the first %s", ErrCorrupt, len(report.Wrong), report.Wrong[0])
	}
	return report, nil
}

func (r *Reader) verifyEntries(b fetched, missing *missingBodies) error {
	entries, err := r.keys.open(b)
	if err != nil {
		return err
	}
	for i := range entries {
		e, err := entries[i].open(b.first + int64(i))
		if err != nil {
			return err
		}
		if err := missing.see(&e); err != nil {
			return err
		}
	}
	return nil
}

// checkTile compares a tile as it is stored with what it has to be.
func (r *Reader) checkTile(ctx context.Context, t tlog.Tile, hashes []tlog.Hash, report *Report) error {
	b, _, err := r.o.getTile(ctx, t)
	switch {
	case errors.Is(err, store.ErrNotExist):
		report.Missing = append(report.Missing, tileKey(t))
	case errors.Is(err, ErrCorrupt), err == nil && !bytes.Equal(b, joinHashes(hashes)):
		report.Wrong = append(report.Wrong, tileKey(t))
	case err != nil:
		return err
	}
	return nil
}

// checkPartials compares the incomplete tiles that are stored, of this tree and
// of the trees before it, with what they have to be.
func (r *Reader) checkPartials(ctx context.Context, report *Report) error {
	for info, err := range r.o.st.List(ctx, tilePrefix) {
		if err != nil {
			return fmt.Errorf("list %s: %w", tilePrefix, err)
		}
		t, err := parseTileKey(info.Key)
		if err != nil || t.W == tileWidth {
			continue
		}
		hashes, err := r.expected(ctx, t)
		if err != nil {
			return err
		}
		if hashes == nil {
			continue
		}
		if err := r.checkTile(ctx, t, hashes, report); err != nil {
			return err
		}
	}
	return nil
}

// expected returns the hashes that an incomplete tile has to have, nil if it is
// of a later tree or if the tiles that would tell were found wrong already.
func (r *Reader) expected(ctx context.Context, t tlog.Tile) ([]tlog.Hash, error) {
	if h := r.edge.tile(t); h != nil {
		return h, nil
	}
	if (t.N+1)<<(tileHeight*(t.L+1)) > r.cp.Size {
		return nil, nil
	}
	var indexes []int64
	for n := range int64(t.W) {
		indexes = append(indexes, tlog.StoredHashIndex(t.L*tileHeight, t.N<<tileHeight+n))
	}
	h, err := r.hashes(ctx).ReadHashes(indexes)
	if errors.Is(err, ErrCorrupt) {
		return nil, nil
	}
	return h, err
}

// countUnsigned counts the batches that are stored and not in the log.
func (r *Reader) countUnsigned(ctx context.Context, report *Report) error {
	stored := int64(0)
	for name, err := range r.o.listBatches(ctx, 0, r.cp.Size) {
		if err != nil {
			return err
		}
		if name.first < r.cp.Size {
			stored++
		}
	}
	report.Unsigned = stored - report.Batches
	return nil
}
