package page

import (
	"fmt"
	"io"
	"strings"

	"codeberg.org/go-fonts/liberation/liberationmonoregular"
	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"codeberg.org/go-pdf/fpdf"
)

// Measures of a sheet, in millimetres, and of type, in points.
const (
	sheetWidth  = 210.0
	sheetHeight = 297.0
	sideMargin  = 18.0
	topMargin   = 24.0
	footMargin  = 22.0
	textWidth   = sheetWidth - 2*sideMargin

	titleType   = 22.0
	headingType = 14.0
	subType     = 11.5
	bodyType    = 10.0
	smallType   = 9.0
	runningType = 8.0
)

// leading is the height of a line of type of this size, in millimetres.
func leading(points float64) float64 { return points * 0.49 }

// replacement stands for a character that the font lacks.
const replacement = '\u25a1'

// WritePDF writes the document as PDF on A4, with its fonts embedded, running
// titles, page numbers, bookmarks and a language. The same document makes the
// same octets. Scripts that the embedded font lacks, and pictographs, are
// shown by a mark, and a last line says so: the HTML form has them.
func WritePDF(w io.Writer, d *Document) error {
	_, err := WriteSheets(w, d)
	return err
}

// Sheets says on which sheets a document was set.
type Sheets struct {
	Total  int
	Blocks []int // the sheet on which each block begins, from 1 or the document's own first number
}

// LackingNote is the last line of a PDF in which characters are shown by a mark.
const LackingNote = "A character that the type of this document lacks is shown as " + string(replacement) + ". The HTML form shows it."

// WriteSheets is WritePDF, and says where the blocks stand.
func WriteSheets(w io.Writer, d *Document) (Sheets, error) {
	p := newPDF(d)
	p.head()
	var s Sheets
	for i, b := range d.Blocks {
		if s, ok := following(d.Blocks, i).(Signatures); ok {
			p.room(p.signed(s) + 25) // nobody signs a sheet that does not say what
		}
		if _, ok := b.(Verbatim); ok {
			p.room(leading(bodyType))
		}
		sheet := p.f.PageNo()
		p.block(b)
		if _, ok := b.(Heading); ok {
			sheet = p.f.PageNo() // it may have begun one
		}
		s.Blocks = append(s.Blocks, sheet+max(d.Sheet, 1)-1)
	}
	if p.lacking {
		p.paragraph(LackingNote, smallType, soft)
	}
	p.feet()
	s.Total = p.f.PageCount()
	return s, p.f.Output(w)
}

// following is the block after a heading; nil after any other.
func following(blocks []Block, i int) Block {
	if _, ok := blocks[i].(Heading); !ok || i+1 == len(blocks) {
		return nil
	}
	return blocks[i+1]
}

// A pdf is a document being set, from the top of a sheet down.
type pdf struct {
	f       *fpdf.Fpdf
	d       *Document
	faces   map[string]*coverage
	face    *coverage
	lacking bool // a character was replaced
	y       float64
}

// Faces of the type.
const (
	sans   = "sans"
	strong = "sans B"
	mono   = "mono"
)

func newPDF(d *Document) *pdf {
	f := fpdf.New("P", "mm", "A4", "")
	p := &pdf{f: f, d: d, faces: map[string]*coverage{}}
	for _, face := range []struct {
		name, family, style string
		font                []byte
	}{{sans, "sans", "", liberationsansregular.TTF}, {strong, "sans", "B", liberationsansbold.TTF}, {mono, "mono", "", liberationmonoregular.TTF}} {
		f.AddUTF8FontFromBytes(face.family, face.style, face.font)
		p.faces[face.name] = covers(face.font)
	}
	f.SetMargins(sideMargin, topMargin, sideMargin)
	f.SetAutoPageBreak(false, 0)
	f.SetCatalogSort(true)
	f.SetCreationDate(d.Made.UTC())
	f.SetModificationDate(d.Made.UTC())
	title := clean(d.Title)
	if d.Subtitle != "" {
		title += " · " + clean(d.Subtitle)
	}
	f.SetTitle(title, true)
	f.SetAuthor(clean(d.Authority), true)
	f.SetSubject(clean(d.Reference), true)
	f.SetCreator(clean(d.Program), true)
	f.SetLang("en-GB")
	f.SetHeaderFunc(p.running)
	return p
}

// use selects a face, its size and colour.
func (p *pdf) use(face string, size float64, c colour) {
	family, style, _ := strings.Cut(face, " ")
	p.f.SetFont(family, style, size)
	r, g, b := c.rgb()
	p.f.SetTextColor(r, g, b)
	p.face = p.faces[face]
}

// show replaces what the face has no glyph for.
func (p *pdf) show(s string) string {
	return strings.Map(func(r rune) rune {
		if p.face.has(r) || r == ' ' {
			return r
		}
		p.lacking = true
		return replacement
	}, clean(s))
}

// write sets one line of text with its baseline at y; align is L or R.
func (p *pdf) write(x, y, width float64, s, align string) {
	s = p.show(s)
	if align == "R" {
		x += width - p.f.GetStringWidth(s)
	}
	p.f.Text(x, y, s)
}

func (p *pdf) rule(x1, y, x2 float64, weight float64, c colour) {
	r, g, b := c.rgb()
	p.f.SetDrawColor(r, g, b)
	p.f.SetLineWidth(weight)
	p.f.Line(x1, y, x2, y)
}

// running sets the head of a sheet.
func (p *pdf) running() {
	p.use(sans, runningType, soft)
	p.write(sideMargin, 14, textWidth, p.d.Authority, "L")
	p.use(strong, runningType, ink)
	p.write(sideMargin, 14, textWidth, p.d.Marking, "R")
	p.rule(sideMargin, 17, sheetWidth-sideMargin, 0.2, faint)
}

// feet sets the foot of every sheet, once it is known how many there are.
func (p *pdf) feet() {
	title := p.d.Title
	if p.d.Reference != "" {
		title += " · " + p.d.Reference
	}
	sheets := p.f.PageCount()
	for n := 1; n <= sheets; n++ {
		p.f.SetPage(n)
		p.use(sans, runningType+1, soft) // another size first, or the library believes that this sheet has the type already
		p.use(sans, runningType, soft)
		p.rule(sideMargin, sheetHeight-16, sheetWidth-sideMargin, 0.2, faint)
		p.write(sideMargin, sheetHeight-11, textWidth, title, "L")
		number := fmt.Sprintf("%d of %d", n, sheets)
		if p.d.Sheet > 0 {
			number = fmt.Sprintf("page %d", n+p.d.Sheet-1)
		}
		p.write(sideMargin, sheetHeight-11, textWidth, number, "R")
	}
}

// room makes sure that there is height left on the sheet, or begins another.
func (p *pdf) room(height float64) {
	if p.f.PageNo() == 0 || p.y+height > sheetHeight-footMargin {
		p.sheet()
	}
}

func (p *pdf) sheet() {
	p.f.AddPage()
	p.y = topMargin
}

// head sets the document's title.
func (p *pdf) head() {
	p.sheet()
	r, g, b := deep.rgb()
	p.f.SetFillColor(r, g, b)
	p.f.Rect(sideMargin, p.y, textWidth, 1.6, "F")
	p.y += 7
	p.paragraphIn(strong, p.d.Authority, bodyType, ink)
	p.y += 4
	p.paragraphIn(strong, p.d.Title, titleType, ink)
	p.y += 1
	p.paragraphIn(sans, p.d.Subtitle, 13, ink)
	p.y += 1
	p.paragraph(p.d.Reference, smallType, soft)
	p.paragraph(p.d.MadeLine(), smallType, soft)
	p.y += 3
}

func (p *pdf) block(b Block) {
	switch b := b.(type) {
	case Heading:
		p.heading(b)
	case Paragraph:
		c := ink
		if b.Soft {
			c = soft
		}
		p.paragraph(b.Text, bodyType, c)
		p.y += 2
	case List:
		p.list(b)
	case Facts:
		p.facts(b)
	case Notice:
		p.notice(b)
	case Table:
		if !b.DataOnly {
			p.table(b)
		}
	case Signatures:
		p.signatures(b)
	case Verbatim:
		p.verbatim(b)
	case chart:
		p.chart(b)
	}
}

func (p *pdf) heading(h Heading) {
	size, above := headingType, 7.0
	if h.level() == 3 {
		size, above = subType, 4.0
	}
	switch {
	case h.NewSheet:
		p.sheet()
	default:
		p.room(above + leading(size) + 25) // a heading is never alone at the foot
		p.y += above
	}
	if h.level() == 2 {
		p.rule(sideMargin, p.y, sheetWidth-sideMargin, 0.5, ink)
		p.y += 3
	}
	p.use(strong, size, ink)
	p.f.Bookmark(p.show(h.Text), h.level()-2, p.y)
	p.paragraphIn(strong, h.Text, size, ink)
	p.y += 2
}

func (p *pdf) paragraph(s string, size float64, c colour) { p.paragraphIn(sans, s, size, c) }

func (p *pdf) paragraphIn(face, s string, size float64, c colour) {
	if clean(s) == "" {
		return
	}
	p.use(face, size, c)
	p.lines(sideMargin, p.wrap(s, textWidth), size)
}

// lines sets lines of the face in use, over sheets if need be.
func (p *pdf) lines(x float64, lines []string, size float64) {
	for _, l := range lines {
		p.room(leading(size))
		p.f.Text(x, p.y+leading(size)*0.75, l)
		p.y += leading(size)
	}
}

// wrap breaks a text into lines of the face in use, between words where it
// can. There is always a line.
func (p *pdf) wrap(s string, width float64) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(p.show(s)) {
		joined := strings.TrimLeft(line+" "+word, " ")
		if line != "" && p.f.GetStringWidth(joined) > width {
			lines, joined = append(lines, line), word
		}
		line = joined
		for p.f.GetStringWidth(line) > width {
			cut := p.cut(line, width)
			lines, line = append(lines, line[:cut]), line[cut:]
		}
	}
	return append(lines, line)
}

// cut returns how many octets of a word fit; at least one character.
func (p *pdf) cut(word string, width float64) int {
	used := 0.0
	for i, r := range word {
		used += p.f.GetStringWidth(string(r))
		if used > width && i > 0 {
			return i
		}
	}
	return len(word)
}
