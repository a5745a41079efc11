package catalog

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// TextStatuses counts the kept records by how much of their text is searchable.
func (c *Catalog) TextStatuses(ctx context.Context) (map[record.TextStatus]int64, error) {
	type row struct {
		status record.TextStatus
		n      int64
	}
	rows, err := collect(ctx, c.read, func(s scanner) (r row, err error) {
		err = s.Scan(&r.status, &r.n)
		return r, err
	}, `SELECT text_status, count(*) FROM records WHERE disposed IS NULL GROUP BY text_status`)
	counts := make(map[record.TextStatus]int64)
	for _, r := range rows {
		counts[r.status] = r.n
	}
	return counts, err
}

// A FormatCount counts the kept files of one media type.
type FormatCount struct {
	MediaType string // "" if nothing says
	Files     int64
	Octets    int64
}

// Formats counts the files of the kept records by media type, the most
// frequent first. (json_each has a column type of its own.)
func (c *Catalog) Formats(ctx context.Context) ([]FormatCount, error) {
	return collect(ctx, c.read, func(s scanner) (f FormatCount, err error) {
		err = s.Scan(&f.MediaType, &f.Files, &f.Octets)
		return f, err
	}, `SELECT coalesce(json_extract(c.value, '$.media_type'), '') AS media, count(*) AS files, sum(json_extract(c.value, '$.size'))
		FROM records r, json_each(r.components) c WHERE r.disposed IS NULL GROUP BY media ORDER BY files DESC, media`)
}

// A Volume is how many kept messages of one custodian came by one channel.
type Volume struct {
	Custodian string
	Channel   record.Channel
	Messages  int64
}

// Volumes counts the kept messages by custodian and channel. A message that
// came to one custodian by several folders or sources of a channel counts once.
func (c *Catalog) Volumes(ctx context.Context) ([]Volume, error) {
	type key struct {
		custodian string
		channel   record.Channel
	}
	counts, last := make(map[key]int64), make(map[key]int64) // last: the row of the record that was counted last
	err := c.EachBrief(ctx, Asks{}, func(row int64, g *Governed) error {
		if k := (key{g.Custodian, g.Channel}); last[k] != row {
			counts[k], last[k] = counts[k]+int64(g.Count), row
		}
		return nil
	})
	list := make([]Volume, 0, len(counts))
	for k, n := range counts {
		list = append(list, Volume{k.custodian, k.channel, n})
	}
	slices.SortFunc(list, func(a, b Volume) int {
		return cmp.Or(cmp.Compare(a.Custodian, b.Custodian), cmp.Compare(a.Channel, b.Channel))
	})
	return list, err
}

// A NewestExport is a chat with when it was last exported.
type NewestExport struct {
	Chat     string
	Title    string
	Source   string
	Exported time.Time
}

// NewestExports lists the chats with the newest kept export of each, by title.
func (c *Catalog) NewestExports(ctx context.Context) ([]NewestExport, error) {
	return collect(ctx, c.read, func(s scanner) (x NewestExport, err error) {
		var ms int64
		err = s.Scan(&x.Chat, &x.Title, &x.Source, &ms)
		x.Exported = time.UnixMilli(ms).UTC()
		return x, err
	}, `SELECT c.chat, c.title, c.source, max(r.captured) FROM exports x JOIN chats c ON c.chat = x.chat JOIN records r ON r.id = x.record
		WHERE r.disposed IS NULL GROUP BY c.chat ORDER BY c.title, c.chat`)
}

// CountedSources lists every source that ever showed an item.
func (c *Catalog) CountedSources(ctx context.Context) ([]string, error) {
	return collect(ctx, c.read, func(s scanner) (name string, err error) {
		err = s.Scan(&name)
		return name, err
	}, `SELECT DISTINCT source FROM counts ORDER BY source`)
}
