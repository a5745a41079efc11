package page

import (
	"encoding/csv"
	"io"
	"strings"
)

// WriteCSV writes one table as RFC 4180 has it, its columns' keys first. Counts
// are written bare. The total is left out: it is for people, and would be
// counted twice by a program.
//
// What is text but would be a formula to a spreadsheet is written with an
// apostrophe before it, as spreadsheets themselves do.
func WriteCSV(w io.Writer, t Table) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	record := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		record[i] = inert(c.key())
	}
	if err := out.Write(record); err != nil {
		return err
	}
	for _, r := range t.Rows {
		clear(record)
		for i := range min(len(r), len(t.Columns)) {
			if record[i] = r[i].Raw; record[i] == "" {
				record[i] = inert(clean(r[i].Text))
			}
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (c Column) key() string {
	if c.Key != "" {
		return c.Key
	}
	return strings.ReplaceAll(strings.ToLower(clean(c.Title)), " ", "_")
}

func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
