package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode/utf8"
)

//go:embed page.html
var pageText string

//go:embed style.css
var styleText string

// WriteHTML writes the document as one HTML file that needs nothing else. Its
// content security policy allows its own style sheet, by digest, and nothing
// more. It is laid out for a desk, for a narrow screen and for A4 paper, where
// each sheet has the authority, the marking, the title and its number.
func WriteHTML(w io.Writer, d *Document) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"clean":  clean,
		"kind":   kind,
		"sign":   Tone.sign,
		"class":  Tone.class,
		"charts": charts,
		"row":    row,
		"few":    Table.narrow,
		"lines":  Run.clean,
		"anchor": func(i int) string { return fmt.Sprintf("part-%d", i) },
		"top":    func(b Block) bool { h, ok := b.(Heading); return ok && h.level() == 2 },
	}).Parse(pageText)
	if err != nil {
		return err
	}
	style := d.style()
	return t.Execute(w, struct {
		*Document
		Style  template.HTML
		Digest string
	}{d, template.HTML("<style>" + style + "</style>"), styleDigest(style)})
}

// style is the style sheet with the running titles of this document.
func (d *Document) style() string {
	foot := d.Title
	if d.Reference != "" {
		foot += " · " + d.Reference
	}
	var colours strings.Builder
	for _, c := range []struct {
		name string
		is   colour
	}{{"ink", ink}, {"soft", soft}, {"rule", rule}, {"faint", faint}, {"wash", wash}, {"paper", paper}, {"deep", deep},
		{"green-ink", greenInk}, {"green-wash", greenWash}, {"amber-ink", amberInk}, {"amber-wash", amberWash}, {"red-ink", redInk}, {"red-wash", redWash}} {
		fmt.Fprintf(&colours, " --%s: %s;", c.name, c.is)
	}
	return ":root { color-scheme: light;" + colours.String() + " }\n" + styleText +
		"@page { @top-left { content: " + cssString(d.Authority) + " } @top-right { content: " + cssString(d.Marking) +
		" } @bottom-left { content: " + cssString(foot) + " } }\n"
}

// styleDigest is what a content security policy knows the style sheet by.
func styleDigest(style string) string {
	sum := sha256.Sum256([]byte(style))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// cssString writes s as a string of CSS. Everything but letters, digits and
// spaces is written by number, so nothing in it can end the string or the
// style sheet (CSS Syntax Level 3, section 4.3.7).
func cssString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range clean(s) {
		if r == ' ' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\%06x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// kind names the template of a block.
func kind(b Block) string {
	switch b.(type) {
	case Heading:
		return "heading"
	case Paragraph:
		return "paragraph"
	case List:
		return "list"
	case Facts:
		return "facts"
	case Notice:
		return "notice"
	case Table:
		return "table"
	case Signatures:
		return "signatures"
	case Verbatim:
		return "verbatim"
	}
	return "chart"
}

// A drawnChart is a chart as the page shows it.
type drawnChart struct {
	Title        string
	Wide, Narrow template.HTML
}

func charts(b Block, i int) drawnChart {
	c, ok := b.(chart)
	if !ok {
		return drawnChart{}
	}
	id := fmt.Sprintf("chart-%d", i)
	return drawnChart{Title: c.title(), Wide: svg(c, wideChart, id, "wide"), Narrow: svg(c, narrowChart, id+"n", "narrow")}
}

// A placedCell is a cell with its place: the first of a row heads it.
type placedCell struct {
	Cell
	Head  bool
	Class string
}

// row places the cells of a row in the table's columns.
func row(columns []Column, cells []Cell) []placedCell {
	const (
		short = 20 // characters that are not broken in what heads a row
		brief = 13 // nor in any other cell: a date, a code
	)
	placed := make([]placedCell, 0, len(columns))
	for i := range columns {
		p := placedCell{Head: i == 0}
		if i < len(cells) {
			p.Cell = cells[i]
		}
		switch {
		case p.Head && !p.Exact && len(p.Text) <= short:
			p.Class = "short"
		case p.Exact:
			p.Class = "exact"
		case columns[i].Number:
			p.Class = "n"
		case utf8.RuneCountInString(p.Text) <= brief:
			p.Class = "short"
		}
		placed = append(placed, p)
	}
	return placed
}
