package disclosure

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A sheet is a worksheet as the workbook lists it.
type sheet struct {
	name   string
	state  string // visible, hidden or veryHidden
	part   string
	filled int // cells that hold something
}

// hidden reports whether people do not see the sheet.
func (s *sheet) hidden() bool { return s.state == "hidden" || s.state == "veryHidden" }

// workbook reads which sheets there are and which names (part 1, clause 18.2).
func (d *document) workbook(name string, octets []byte) error {
	targets, err := d.targets(name)
	if err != nil {
		return err
	}
	var names []definedName
	var current *definedName
	err = elements(octets, func(e element) error {
		switch {
		case e.name == "sheet" && !e.end:
			s := &sheet{name: e.attr("name"), state: e.attr("state"), part: targets[e.attr("id")]}
			d.sheets = append(d.sheets, s)
			d.sheetOf[s.part] = s
		case e.name == "definedName" && !e.end:
			names = append(names, definedName{name: e.attr("name"), hidden: e.on("hidden")})
			current = &names[len(names)-1]
		case e.name == "definedName":
			current = nil
		case current != nil:
			current.refers += e.text
		}
		return nil
	})
	for _, n := range names {
		if d.telling(n) {
			d.say(HiddenName, d.in("names of the workbook"), 1, "")
		}
	}
	return err
}

// A definedName is a name for cells or a formula (part 1, clause 18.2.5).
type definedName struct {
	name, refers string
	hidden       bool
}

// telling reports whether a name is hidden or points into a hidden sheet. Those
// that Excel makes itself for filters and printing say nothing that the sheet
// does not.
func (d *document) telling(n definedName) bool {
	for _, s := range d.sheets {
		quoted := "'" + strings.ReplaceAll(s.name, "'", "''") + "'!"
		if s.hidden() && (strings.Contains(n.refers, quoted) || strings.Contains(n.refers, s.name+"!")) {
			return true
		}
	}
	return n.hidden && !strings.HasPrefix(n.name, "_xlnm.")
}

// targets returns the parts that a part has relationships to, by their ids.
func (d *document) targets(name string) (map[string]string, error) {
	folder, file := "", name
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		folder, file = name[:i+1], name[i+1:]
	}
	to := make(map[string]string)
	err := elements(d.parts[folder+"_rels/"+file+".rels"], func(e element) error {
		if e.name == "Relationship" && !e.end && e.attr("TargetMode") != "External" {
			to[e.attr("Id")] = within(folder, e.attr("Target"))
		}
		return nil
	})
	return to, err
}

// A grid notes which rows or columns of a sheet are hidden, and which of those
// hold something.
type grid struct {
	hidden []bool // by number, up to maxHidden
	filled map[int]bool
}

// maxHidden is the last column that any program has.
const maxHidden = 1 << 14

func (g *grid) hide(from, to int) {
	if g.hidden == nil {
		g.hidden = make([]bool, maxHidden+1)
	}
	for n := max(from, 0); n <= min(to, maxHidden); n++ {
		g.hidden[n] = true
	}
}

func (g *grid) isHidden(n int) bool { return n >= 0 && n < len(g.hidden) && g.hidden[n] }

func (g *grid) fill(n int) {
	if g.filled == nil {
		g.filled = make(map[int]bool)
	}
	g.filled[n] = true
}

// place lists what is hidden and holds something, each run once.
func (g *grid) place(name func(int) string) string {
	var all []int
	for n := range g.filled {
		all = append(all, n)
	}
	slices.Sort(all)
	var runs []string
	for i := 0; i < len(all); {
		j := i
		for j+1 < len(all) && all[j+1] == all[j]+1 {
			j++
		}
		if runs = append(runs, name(all[i])); j > i {
			runs[len(runs)-1] += "–" + name(all[j])
		}
		if i = j + 1; len(runs) == 6 && i < len(all) {
			runs = append(runs, "and others")
			break
		}
	}
	return strings.Join(runs, ", ")
}

// worksheet looks at the cells of a sheet (part 1, clause 18.3). Rows and
// columns that are hidden and hold nothing are how people tidy a sheet, and no
// finding.
func (d *document) worksheet(name string, octets []byte) error {
	s := d.sheetOf[name]
	if s == nil {
		s = &sheet{name: name, state: "unlisted", part: name}
		d.sheets = append(d.sheets, s)
		d.sheetOf[name] = s
	}
	w := &sheetReader{document: d, sheet: s, part: name, kept: d.strings.used()}
	if err := elements(octets, w.element); err != nil {
		return err
	}
	s.filled += w.count
	place := "sheet " + s.name
	if len(w.rows.filled) > 0 {
		code := HiddenRows
		if w.filtered {
			code = FilteredRows
		}
		d.add(code, d.in(place+", rows "+w.rows.place(strconv.Itoa)), len(w.rows.filled))
	}
	if len(w.cols.filled) > 0 {
		d.add(HiddenColumns, d.in(place+", columns "+w.cols.place(columnName)), len(w.cols.filled))
	}
	if w.unseen > 0 {
		d.add(InvisibleText, d.in(place+", from cell "+w.firstUnseen), w.unseen)
	}
	return nil
}

// A sheetReader is a worksheet being read.
type sheetReader struct {
	*document
	*sheet
	part        string
	kept        map[int]bool // shared strings that a cell shows
	rows, cols  grid
	row, col    int
	allHidden   bool // rows are hidden unless one says otherwise
	rowHidden   bool
	filtered    bool // a filter hides them
	count       int
	style       string
	shared      bool // the cell's value is a number of a shared string
	inValue     bool
	value       strings.Builder
	unseen      int
	firstUnseen string
}

func (w *sheetReader) element(e element) error {
	switch {
	case e.end:
		w.ends(e.name)
	case e.name == "":
		if w.inValue && w.value.Len() < 64 {
			w.value.WriteString(e.text)
		}
	case e.name == "sheetFormatPr":
		w.allHidden = e.on("zeroHeight")
	case e.name == "col":
		if width, ok := e.number("width"); e.on("hidden") || ok && width < 0.2 {
			from, _ := e.number("min")
			to, _ := e.number("max")
			w.cols.hide(int(from), int(to))
		}
	case e.name == "row":
		w.beginRow(e)
	case e.name == "c":
		w.beginCell(e)
	case e.name == "v" || e.name == "t" || e.name == "f":
		w.inValue = e.name != "f"
		if e.name == "f" {
			w.value.WriteString(" ") // a formula without a saved value is something
		}
	case e.name == "autoFilter" || e.name == "filterColumn":
		w.filtered = true
	case e.name == "oleObject" || e.name == "control":
		w.add(EmbeddedObject, w.in("sheet "+w.name), 1)
	default:
		w.drawn(w.part, e)
	}
	return nil
}

func (w *sheetReader) beginRow(e element) {
	w.row, w.col = w.row+1, 0
	if r, ok := e.number("r"); ok {
		w.row = int(r)
	}
	height, given := e.number("ht")
	w.rowHidden = e.on("hidden") || given && height < 0.2 || w.allHidden && !e.has("hidden")
}

func (w *sheetReader) beginCell(e element) {
	w.col++
	if col, ok := columnOf(e.attr("r")); ok {
		w.col = col
	}
	w.style, w.shared, w.inValue = e.attr("s"), e.attr("t") == "s", false
	w.value.Reset()
}

func (w *sheetReader) ends(name string) {
	switch name {
	case "v", "t", "f":
		w.inValue = false
	case "c":
		w.endCell()
	}
}

// endCell notes what a cell with a value means for what is hidden.
func (w *sheetReader) endCell() {
	value := w.value.String()
	if value == "" {
		return
	}
	w.count++
	if n, err := strconv.Atoi(strings.TrimSpace(value)); w.shared && err == nil {
		w.kept[n] = true
	}
	if w.rowHidden {
		w.rows.fill(w.row)
	}
	if w.cols.isHidden(w.col) {
		w.cols.fill(w.col)
	}
	if w.cells.unseen(w.style) {
		if w.unseen++; w.unseen == 1 {
			w.firstUnseen = columnName(w.col) + strconv.Itoa(w.row)
		}
	}
}

// columnOf reads the column of a cell reference such as AB12.
func columnOf(ref string) (int, bool) {
	n := 0
	for i := 0; i < len(ref) && i < 4; i++ {
		c := ref[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	return n, n > 0
}

// columnName writes a column's number as letters.
func columnName(n int) string {
	s := ""
	for ; n > 0 && len(s) < 4; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s
}

// afterwards notes what only the whole workbook shows: hidden sheets with how
// much is in them, and strings that no cell shows.
func (d *document) afterwards() {
	for _, s := range d.sheets {
		place := d.in("sheet " + s.name)
		switch s.state {
		case "veryHidden":
			d.say(VeryHiddenSheet, place, s.filled, cellsOf(s.filled))
		case "hidden":
			d.say(HiddenSheet, place, s.filled, cellsOf(s.filled))
		case "unlisted":
			d.say(VeryHiddenSheet, place, s.filled, "the workbook does not even list it")
		}
	}
	if n := d.strings.unused(); n > 0 {
		d.say(HiddenText, d.in(d.strings.part), n, "texts that no cell shows")
	}
}

func cellsOf(n int) string {
	if n == 1 {
		return "1 cell is filled"
	}
	return fmt.Sprintf("%d cells are filled", n)
}
