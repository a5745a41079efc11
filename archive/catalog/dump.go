package catalog

import (
	"context"
	"fmt"
	"strings"
)

// Dump returns every row of every table as text, by table, in the order of the
// table's key. Two catalogs that hold the same are equal in it, but for what
// the journal does not say: which messages the index holds. Blocks are left
// out: they say nothing that other rows do not.
func (c *Catalog) Dump(ctx context.Context) (map[string][]string, error) {
	tables, err := collect(ctx, c.read, func(s scanner) (name string, err error) {
		err = s.Scan(&name)
		return name, err
	}, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'blocks' ORDER BY name`)
	if err != nil {
		return nil, err
	}
	dump := make(map[string][]string, len(tables))
	for _, table := range tables {
		if dump[table], err = c.dumpTable(ctx, table); err != nil {
			return nil, err
		}
	}
	return dump, nil
}

func (c *Catalog) dumpTable(ctx context.Context, table string) ([]string, error) {
	rows, err := c.read.QueryContext(ctx, `SELECT * FROM `+table+` ORDER BY 1, 2`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	lines := []string{}
	for rows.Next() {
		values := make([]any, len(columns))
		dest := make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		var line strings.Builder
		for i, v := range values {
			fmt.Fprintf(&line, "%s=%v ", columns[i], v)
		}
		if table != "bitmaps" || !strings.HasPrefix(line.String(), "property="+indexedKey.property+" ") {
			lines = append(lines, line.String())
		}
	}
	return lines, rows.Err()
}
