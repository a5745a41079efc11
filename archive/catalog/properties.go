package catalog

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
)

// The properties that search may filter by. Values are compared whole; a value
// with a trailing * matches every value that begins so.
const (
	PropSource    = "source"
	PropCustodian = "custodian"
	PropClass     = "class"
	PropIn        = "in" // mailbox folder or chat title
	PropKind      = "kind"
	PropVault     = "vault"
	PropChannel   = "channel"
	PropChat      = "chat"
	PropIs        = "is"
	PropMarking   = "marking" // security classification, lower case
	PropDay       = "day"     // 2006-01-02 in UTC, of messages with a time that can be relied on
	PropDomain    = "domain"  // of the addresses that wrote or received an e-mail
)

// Match returns the numbers of the messages with this value of a property,
// compared without regard to case. The caller must not change the bitmap.
func (c *Catalog) Match(ctx context.Context, property, value string) (*roaring64.Bitmap, error) {
	values, err := c.Values(ctx, property)
	if err != nil {
		return nil, err
	}
	stem, prefix := strings.CutSuffix(strings.ToLower(value), "*")
	union := roaring64.New()
	for _, v := range values {
		folded := strings.ToLower(v)
		if folded == stem || prefix && strings.HasPrefix(folded, stem) {
			b, err := c.Having(ctx, property, v)
			if err != nil {
				return nil, err
			}
			union.Or(b)
		}
	}
	return union, nil
}

// Having returns the numbers of the messages with exactly this value of a
// property. The caller must not change the bitmap.
func (c *Catalog) Having(ctx context.Context, property, value string) (*roaring64.Bitmap, error) {
	b, err := c.bitmaps.get(ctx, c.read, bitmapKey{property, value})
	if err != nil || property != PropIs {
		return b, err
	}
	joined, err := c.bitmaps.get(ctx, c.read, bitmapKey{propJoined, value})
	if err != nil || joined.IsEmpty() {
		return b, err
	}
	return roaring64.Or(b, joined), nil
}

// Values lists the values that a property has, sorted.
func (c *Catalog) Values(ctx context.Context, property string) ([]string, error) {
	return collect(ctx, c.read, func(s scanner) (v string, err error) {
		err = s.Scan(&v)
		return v, err
	}, `SELECT DISTINCT value FROM bitmaps WHERE property = ?1 OR ?1 = '`+PropIs+`' AND property = '`+propJoined+`' ORDER BY value`, property)
}

// Live returns the numbers of all messages of records that are kept.
func (c *Catalog) Live(ctx context.Context) (*roaring64.Bitmap, error) {
	return c.bitmaps.get(ctx, c.read, bitmapKey{"live", ""})
}

// Undated returns the messages whose time is missing or suspect.
func (c *Catalog) Undated(ctx context.Context) (*roaring64.Bitmap, error) {
	return c.bitmaps.get(ctx, c.read, bitmapKey{"undated", ""})
}

// Unsearchable returns the messages some of whose text is not in the index
// because nobody here can read it.
func (c *Catalog) Unsearchable(ctx context.Context) (*roaring64.Bitmap, error) {
	return c.bitmaps.get(ctx, c.read, bitmapKey{"is", "unsearchable"})
}

// Caught returns the messages that a query hold has caught.
func (c *Catalog) Caught(ctx context.Context, hold string) (*roaring64.Bitmap, error) {
	return c.bitmaps.get(ctx, c.read, bitmapKey{"hold", hold})
}

// Sent returns the messages with a trustworthy time in [from, until). A zero
// bound is open. Whole days come from bitmaps, the ragged ends from the rows.
func (c *Catalog) Sent(ctx context.Context, from, until time.Time) (*roaring64.Bitmap, error) {
	days, err := c.Values(ctx, "day")
	if err != nil {
		return nil, err
	}
	union := roaring64.New()
	for _, day := range days {
		start, err := time.Parse("2006-01-02", day)
		if err != nil {
			return nil, err
		}
		end := start.AddDate(0, 0, 1)
		if !from.IsZero() && !end.After(from) || !until.IsZero() && !start.Before(until) {
			continue
		}
		if !from.IsZero() && start.Before(from) || !until.IsZero() && end.After(until) {
			if err := c.sentWithin(ctx, union, later(from, start), sooner(until, end)); err != nil {
				return nil, err
			}
			continue
		}
		b, err := c.bitmaps.get(ctx, c.read, bitmapKey{"day", day})
		if err != nil {
			return nil, err
		}
		union.Or(b)
	}
	return union, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func sooner(a, b time.Time) time.Time {
	if !a.IsZero() && a.Before(b) {
		return a
	}
	return b
}

func (c *Catalog) sentWithin(ctx context.Context, into *roaring64.Bitmap, from, until time.Time) error {
	return c.numbers(ctx, into, `SELECT no FROM messages WHERE sent >= ? AND sent < ? AND NOT suspect`, from.UnixMilli(), until.UnixMilli())
}

// WithID returns the messages of the records whose id begins with prefix.
func (c *Catalog) WithID(ctx context.Context, prefix string) (*roaring64.Bitmap, error) {
	b := roaring64.New()
	prefix = strings.ToLower(prefix)
	if !record.IsPrefix(prefix) {
		return b, nil
	}
	return b, c.ranges(ctx, b, `SELECT first, count FROM records WHERE id >= ? AND id < ? || '~' AND disposed IS NULL`, prefix, prefix)
}

// InThread returns the messages of the thread of the record with this id
// prefix: none if there is no such record, an *AmbiguousError if there are
// several.
func (c *Catalog) InThread(ctx context.Context, prefix string) (*roaring64.Bitmap, error) {
	b := roaring64.New()
	row, err := c.Find(ctx, prefix)
	if errors.Is(err, ErrNotFound) || err == nil && row.Thread == 0 {
		return b, nil
	} else if err != nil {
		return nil, err
	}
	return b, c.ranges(ctx, b, `SELECT first, count FROM records WHERE thread = ? AND disposed IS NULL`, row.Thread)
}

func (c *Catalog) ranges(ctx context.Context, into *roaring64.Bitmap, query string, args ...any) error {
	rows, err := c.read.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var first, count uint64
		if err := rows.Scan(&first, &count); err != nil {
			return err
		}
		into.AddRange(first, first+count)
	}
	return rows.Err()
}

func (c *Catalog) numbers(ctx context.Context, into *roaring64.Bitmap, query string, args ...any) error {
	rows, err := c.read.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var no uint64
		if err := rows.Scan(&no); err != nil {
			return err
		}
		into.Add(no)
	}
	return rows.Err()
}
