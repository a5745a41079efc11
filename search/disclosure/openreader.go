package disclosure

import (
	"strconv"
	"strings"
)

// An openReader is the content of an OpenDocument file being read (part 3).
type openReader struct {
	*openDoc
	part   string
	style  string // being defined
	table  string // a sheet, by name
	tables int    // around this place
	slide  string
	rows   grid
	cols   grid
	row    int
	col    int
	hides  bool // the row is hidden or filtered
	filter bool
	many   int // rows that this one stands for
	full   int // cells that the row has filled
	span   int // columns that the cell stands for
	cell   bool
	notes  bool
	words  int
	text   []string // styles of the text around this place
}

func (r *openReader) element(e element) error {
	if e.name == "" {
		r.characters(e.text)
		return nil
	}
	if e.end {
		r.ends(e.name)
		return nil
	}
	switch e.name {
	case "style":
		r.style = e.attr("name")
	case "table-properties":
		r.hidden[r.style] = r.hidden[r.style] || e.attr("display") == "false"
	case "drawing-page-properties":
		r.hidden[r.style] = r.hidden[r.style] || e.attr("visibility") == "hidden"
	case "text-properties":
		r.noText[r.style] = e.attr("display") == "none"
		r.white[r.style] = strings.EqualFold(e.attr("color"), "#ffffff") && (!e.has("background-color") || e.attr("background-color") == "transparent")
	case "table-cell-properties", "paragraph-properties":
		if c := e.attr("background-color"); c != "" && c != "transparent" && !strings.EqualFold(c, "#ffffff") {
			r.white[r.style] = false
		}
	case "graphic-properties":
		if clip := e.attr("clip"); strings.HasPrefix(clip, "rect(") && strings.ContainsAny(clip, "123456789") {
			r.add(CroppedImage, r.in("style "+r.style), 1)
		}
	default:
		r.begins(e)
	}
	return nil
}

// begins reads the start of an element of the content.
func (r *openReader) begins(e element) {
	switch e.name {
	case "table":
		r.beginTable(e)
	case "table-column":
		n := repeated(e, "number-columns-repeated")
		if v := e.attr("visibility"); v == "collapse" || v == "filter" {
			r.cols.hide(r.col+1, r.col+n)
		}
		r.col += n
	case "table-row":
		r.many, r.full, r.col = repeated(e, "number-rows-repeated"), 0, 0
		v := e.attr("visibility")
		r.hides, r.filter = v == "collapse" || v == "filter", r.filter || v == "filter"
	case "table-cell", "covered-table-cell":
		r.span, r.cell = repeated(e, "number-columns-repeated"), false
		if e.has("value") || e.has("formula") || e.has("string-value") {
			r.fills()
		}
		r.text = append(r.text, e.attr("style-name"))
	case "page":
		r.slide = e.attr("name")
		if r.hidden[e.attr("style-name")] {
			r.add(HiddenSlide, r.in("slide "+r.slide), 0)
		}
	case "notes":
		r.notes, r.words = true, 0
	case "p", "h", "span":
		r.text = append(r.text, e.attr("style-name"))
	default:
		r.finds(e)
	}
}

func (r *openReader) beginTable(e element) {
	if r.tables++; r.tables > 1 {
		return
	}
	r.table, r.rows, r.cols, r.row, r.col, r.filter = e.attr("name"), grid{}, grid{}, 0, 0, false
	if r.hidden[e.attr("style-name")] {
		r.add(HiddenSheet, r.in("sheet "+r.table), 0)
	}
}

// finds notes the elements that are findings by themselves.
func (r *openReader) finds(e element) {
	place := r.in(strings.TrimSuffix(r.part, "content.xml") + r.here())
	switch e.name {
	case "changed-region", "cell-content-change":
		r.add(TrackedChanges, place, 1)
	case "insertion", "deletion", "movement":
		if e.has("position") || e.has("type") { // of a spreadsheet; a text has it within a changed region
			r.add(TrackedChanges, place, 1)
		}
	case "annotation":
		r.add(Comments, place, 1)
	case "hidden-text", "hidden-paragraph":
		r.add(HiddenText, place, 1)
	case "data-pilot-table":
		r.add(PivotCache, place, 1)
	case "object-ole", "plugin", "applet":
		r.add(EmbeddedObject, place, 1)
	case "table-source", "section-source", "dde-source", "database-source-sql", "database-source-table":
		r.add(ExternalLink, place, 1)
	case "image", "a":
		if onDisk(e.attr("href")) || e.name == "image" && strings.Contains(e.attr("href"), "://") {
			r.add(ExternalLink, place, 1)
		}
	case "file-name":
		r.add(FileNames, place, 1)
	}
	if e.attr("display") == "none" && strings.HasPrefix(e.name, "section") {
		r.add(HiddenText, place, 1)
	}
}

// here is the sheet or slide, if there is one.
func (r *openReader) here() string {
	switch {
	case r.slide != "":
		return "slide " + r.slide
	case r.table != "":
		return "sheet " + r.table
	}
	return "text"
}

func (r *openReader) characters(text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	if r.notes {
		r.words += len(strings.Fields(text))
	}
	if r.tables == 1 {
		r.fills()
	}
	for _, style := range r.text {
		switch {
		case style == "":
		case r.noText[style]:
			r.add(HiddenText, r.in(r.here()), 1)
			return
		case r.white[style]:
			r.add(InvisibleText, r.in(r.here()), 1)
			return
		}
	}
}

// fills notes that the cell holds something.
func (r *openReader) fills() {
	if r.cell {
		return
	}
	r.cell = true
	r.full++
	for n := r.col + 1; n <= r.col+min(r.span, 1000); n++ {
		if r.cols.isHidden(n) {
			r.cols.fill(n)
		}
	}
}

func (r *openReader) ends(name string) {
	switch name {
	case "p", "h", "span":
		r.text = r.text[:max(len(r.text)-1, 0)]
	case "table-cell", "covered-table-cell":
		r.col += r.span
		r.text = r.text[:max(len(r.text)-1, 0)]
	case "table-row":
		for n := r.row + 1; n <= r.row+min(r.many, 1000) && r.hides && r.full > 0; n++ {
			r.rows.fill(n)
		}
		r.row += r.many
	case "table":
		r.endTable()
	case "page":
		r.slide = ""
	case "notes":
		if r.notes = false; r.words > 0 {
			r.say(SpeakerNotes, r.in("slide "+r.slide), r.words, strconv.Itoa(r.words)+" words")
		}
	}
}

func (r *openReader) endTable() {
	if r.tables--; r.tables > 0 {
		return
	}
	if len(r.rows.filled) > 0 {
		code := HiddenRows
		if r.filter {
			code = FilteredRows
		}
		r.add(code, r.in("sheet "+r.table+", rows "+r.rows.place(strconv.Itoa)), len(r.rows.filled))
	}
	if len(r.cols.filled) > 0 {
		r.add(HiddenColumns, r.in("sheet "+r.table+", columns "+r.cols.place(columnName)), len(r.cols.filled))
	}
	r.table = ""
}

// repeated reads how often an element stands for itself.
func repeated(e element, name string) int {
	if n, ok := e.number(name); ok && n >= 1 && n <= 1<<24 {
		return int(n)
	}
	return 1
}
