package daemon

import (
	"context"
	"fmt"
	"strings"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/internal/language"
	"github.com/closeroll/closeroll/search/index"
)

// languages says in which languages these messages are, or all that are indexed
// if among is nil.
func (d *Daemon) languages(ctx context.Context, among *roaring64.Bitmap) ([]index.Share, error) {
	r, err := d.index.Reader()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.Languages(ctx, among)
}

// languagesOf lists the languages that a record's messages are in.
func (d *Daemon) languagesOf(ctx context.Context, row catalog.Row) ([]string, error) {
	among := roaring64.New()
	among.AddRange(uint64(row.First), uint64(row.First)+uint64(row.Count))
	shares, err := d.languages(ctx, among)
	var codes []string
	for _, s := range shares {
		codes = append(codes, s.Language)
	}
	return codes, err
}

// analysis says how words are compared, and in how many messages as words of
// which language: those of no other language were looked up.
func (d *Daemon) analysis(ctx context.Context) ([]string, error) {
	shares, err := d.languages(ctx, nil)
	if err != nil || len(shares) == 0 {
		return index.Analysis(), err
	}
	var parts []string
	for _, s := range shares {
		parts = append(parts, fmt.Sprintf("%s (%d)", language.Name(s.Language), s.Messages))
	}
	return append(index.Analysis(), "the messages of this index by language, those of several under each: "+strings.Join(parts, ", ")), nil
}
