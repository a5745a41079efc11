package page

import (
	"strings"
	"unicode/utf8"
)

// columnGap is the room between two columns on a terminal.
const columnGap = 2

func (t *textWriter) table(tab Table) {
	t.wrapped(margin, clean(tab.Caption), t.Dim)
	if len(tab.Rows) == 0 {
		t.wrapped(margin, clean(tab.Empty), nil)
		return
	}
	heading := make([]Cell, len(tab.Columns))
	for i, c := range tab.Columns {
		heading[i] = Cell{Text: c.Title}
	}
	rows := append([][]Cell{heading}, tab.Rows...)
	if tab.Total != nil {
		rows = append(rows, tab.Total)
	}
	widths, fits := t.columns(tab.Columns, rows)
	if !fits {
		t.stacked(tab)
		return
	}
	t.row(tab.Columns, widths, heading, t.Bold)
	for _, r := range tab.Rows {
		t.row(tab.Columns, widths, r, nil)
	}
	if tab.Total != nil {
		t.row(tab.Columns, widths, tab.Total, t.Bold)
	}
}

// stacked writes a table that has too many columns for the terminal: each row
// under its first cell, one line a column.
func (t *textWriter) stacked(tab Table) {
	rows := tab.Rows
	if tab.Total != nil {
		rows = append(rows[:len(rows):len(rows)], tab.Total)
	}
	for _, r := range rows {
		t.line(margin + t.Bold(said(r[0])))
		var f Facts
		for i := 1; i < min(len(r), len(tab.Columns)); i++ {
			if s := said(r[i]); s != "" {
				f.Pairs = append(f.Pairs, Pair{Label: "  " + tab.Columns[i].Title, Value: s})
			}
		}
		t.facts(f)
	}
}

// columns fits the columns to the terminal, and says whether that can be done
// without breaking words that are not very long.
func (t *textWriter) columns(columns []Column, rows [][]Cell) ([]int, bool) {
	const longest = 18
	natural, least := make([]float64, len(columns)), make([]float64, len(columns))
	for _, r := range rows {
		for i := range min(len(r), len(columns)) {
			s := said(r[i])
			natural[i] = max(natural[i], float64(utf8.RuneCountInString(s)))
			for word := range strings.FieldsSeq(s) {
				least[i] = max(least[i], float64(min(utf8.RuneCountInString(word), longest)))
			}
		}
	}
	room := t.Width - len(margin) - columnGap*(len(columns)-1)
	widths := make([]int, len(columns))
	for i, w := range fit(natural, least, float64(room)) {
		widths[i] = max(int(w), 1)
	}
	return widths, sum(least) <= float64(room)
}

// said is a cell's text with its tone's sign.
func said(c Cell) string {
	return strings.TrimLeft(c.Tone.sign()+" "+clean(c.Text), " ")
}

func (t *textWriter) row(columns []Column, widths []int, cells []Cell, style func(string) string) {
	height := 1
	parts := make([][]string, len(columns))
	for i := range columns {
		parts[i] = []string{""}
		if i < len(cells) {
			parts[i] = wrapRunes(said(cells[i]), widths[i])
		}
		height = max(height, len(parts[i]))
	}
	for k := range height {
		var b strings.Builder
		b.WriteString(margin)
		for i, c := range columns {
			text := ""
			if k < len(parts[i]) {
				text = parts[i][k]
			}
			pad := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(text)))
			if style != nil && text != "" {
				text = style(text)
			}
			switch {
			case c.Number:
				b.WriteString(pad + text)
			default:
				b.WriteString(text + pad)
			}
			if i < len(columns)-1 {
				b.WriteString(strings.Repeat(" ", columnGap))
			}
		}
		t.line(b.String())
	}
}
