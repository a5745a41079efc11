package page

import "strings"

// headFace is the type of the columns' titles.
const headFace = "head"

// pdfGap is the room between two columns, in millimetres.
const pdfGap = 4.0

// A pdfTable is a table being set.
type pdfTable struct {
	*pdf
	Table
	widths []float64
	right  float64 // where its lines end
}

func (p *pdf) table(t Table) {
	if t.Caption != "" {
		p.room(30)
		p.paragraph(t.Caption, smallType, soft)
		p.y += 1
	}
	if len(t.Rows) == 0 {
		p.paragraph(t.Empty, bodyType, ink)
		p.y += 3
		return
	}
	s := &pdfTable{pdf: p, Table: t}
	s.columns()
	s.heading()
	for i, r := range t.Rows {
		if i > 0 {
			p.rule(sideMargin, p.y, s.right, 0.2, faint)
		}
		s.row(r, sans)
	}
	if t.Total != nil {
		p.rule(sideMargin, p.y, s.right, 0.3, ink)
		s.row(t.Total, strong)
	}
	p.y += 4
}

// columns fits the columns to the sheet, as on a terminal.
func (s *pdfTable) columns() {
	natural, least := make([]float64, len(s.Columns)), make([]float64, len(s.Columns))
	note := func(i int, c Cell, face string) {
		s.useFor(c, face)
		text := s.show(said(c))
		natural[i] = max(natural[i], s.f.GetStringWidth(text)+0.5+pad(c))
		for word := range strings.FieldsSeq(text) {
			least[i] = max(least[i], min(s.f.GetStringWidth(word)+0.5, 32)+pad(c))
		}
	}
	for i, c := range s.Columns {
		note(i, Text(c.Title), headFace)
	}
	for _, r := range append(s.Rows, s.Total) {
		for i := range min(len(r), len(s.Columns)) {
			note(i, r[i], sans)
		}
	}
	s.widths = fit(natural, least, textWidth-pdfGap*float64(len(s.Columns)-1))
	width := textWidth
	if s.narrow() {
		width *= 0.6
	}
	if left := width - pdfGap*float64(len(s.Columns)-1) - sum(s.widths); left > 0 {
		for i := range s.widths {
			s.widths[i] += left / float64(len(s.widths))
		}
	}
	s.right = sideMargin + sum(s.widths) + pdfGap*float64(len(s.Columns)-1)
}

// pad is the room that a mark needs around its word.
func pad(c Cell) float64 {
	if c.Tone == Plain {
		return 0
	}
	return 3
}

func (s *pdfTable) useFor(c Cell, face string) {
	text, _ := c.Tone.colours()
	if face == headFace {
		face, text = sans, soft
	}
	switch {
	case c.Tone != Plain:
		s.use(strong, smallType, text)
	case c.Exact:
		s.use(mono, smallType-0.5, text)
	default:
		s.use(face, smallType, text)
	}
}

// heading sets the columns' titles, again on each sheet.
func (s *pdfTable) heading() {
	cells := make([]Cell, len(s.Columns))
	for i, c := range s.Columns {
		cells[i] = Text(c.Title)
	}
	parts, most := s.broken(cells, headFace)
	s.part(cells, parts, headFace, 0, most)
	s.rule(sideMargin, s.y, s.right, 0.3, ink)
}

// row sets one row. It is moved to the next sheet whole, unless it is higher
// than a sheet: then it is set in parts.
func (s *pdfTable) row(cells []Cell, face string) {
	parts, most := s.broken(cells, face)
	for from := 0; from < most; {
		fits := int((sheetHeight - footMargin - s.y - rowPad) / leading(smallType))
		if fits < most-from && s.y > topMargin+60 || fits < 1 {
			s.sheet()
			s.heading()
			continue
		}
		to := min(most, from+fits)
		s.part(cells, parts, face, from, to)
		from = to
	}
}

// rowPad is the room above and below the lines of a row together.
const rowPad = 2.4

// broken breaks each cell into lines, and returns the most lines of a cell.
func (s *pdfTable) broken(cells []Cell, face string) (parts [][]string, most int) {
	parts = make([][]string, len(s.Columns))
	for i := range min(len(cells), len(s.Columns)) {
		s.useFor(cells[i], face)
		parts[i] = s.wrap(said(cells[i]), s.widths[i]-pad(cells[i]))
		most = max(most, len(parts[i]))
	}
	return parts, most
}

// part sets the lines from and up to to of each cell.
func (s *pdfTable) part(cells []Cell, parts [][]string, face string, from, to int) {
	top, x := s.y, sideMargin
	for i, c := range s.Columns {
		if from < len(parts[i]) {
			s.y = top + rowPad/2
			s.useFor(cells[i], face)
			s.cell(x, s.widths[i], cells[i], parts[i][from:min(to, len(parts[i]))], c.Number)
		}
		x += s.widths[i] + pdfGap
	}
	s.y = top + leading(smallType)*float64(to-from) + rowPad
}

func (s *pdfTable) cell(x, width float64, c Cell, lines []string, number bool) {
	if c.Tone != Plain {
		s.badge(x, c.Tone, lines)
		x += pad(c) / 2
	}
	for _, l := range lines {
		at := x
		if number {
			at += width - s.f.GetStringWidth(l)
		}
		s.f.Text(at, s.y+leading(smallType)*0.75, l)
		s.y += leading(smallType)
	}
}

// badge draws the ground of a rated cell.
func (s *pdfTable) badge(x float64, t Tone, lines []string) {
	text, ground := t.colours()
	width := 0.0
	for _, l := range lines {
		width = max(width, s.f.GetStringWidth(l))
	}
	s.colours(ground, text)
	s.f.SetLineWidth(0.2)
	s.f.Rect(x, s.y-0.3, width+3, leading(smallType)*float64(len(lines))+0.2, "FD")
}
