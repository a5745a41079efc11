// Package page is the one typographic system of every document that closeroll
// makes: reports, certificates, the papers of a request. A [Document] is a
// title and blocks: headings, paragraphs, facts, tables, notices, charts, lines
// to sign on. The same document is written as
//
//   - one HTML file that needs nothing else ([WriteHTML]): no script, no font,
//     no picture from elsewhere; for a desk, for a narrow screen and for A4
//     paper, with running titles and page numbers; for WCAG 2.2, level AA;
//   - PDF, where paper is signed ([WritePDF]);
//   - text for a terminal ([WriteText]);
//   - CSV, one table at a time ([WriteCSV]).
//
// Nothing is told by colour alone: a [Tone] always comes with a word and a
// sign, and the parts of a chart differ in texture and carry their numbers.
//
// Everything in a document is data. Hostile text in it stays text in every
// form: it is escaped in HTML, stripped of control characters on a terminal,
// and kept from being a formula in CSV.
package page

import (
	"strconv"
	"time"
)

// A Document is what is written. Made is printed in the Zone (UTC if nil), and
// only where it is set.
type Document struct {
	Title     string // what this is: Retention report
	Subtitle  string // of what: a period, a batch, a request
	Authority string // whose it is: the public authority
	Reference string // printed at the foot of each sheet: a certificate's number
	Marking   string // protective marking, at the head of each sheet: OFFICIAL
	Program   string // what made it: closeroll 1.0
	Made      time.Time
	Zone      *time.Location
	Contents  bool // list the headings of level 2 after the title
	Sheet     int  // the number of the first sheet, where this is one volume of several; sheets are then numbered without their total
	Blocks    []Block
}

// Add appends blocks.
func (d *Document) Add(blocks ...Block) { d.Blocks = append(d.Blocks, blocks...) }

// Tables returns the tables in their order.
func (d *Document) Tables() []Table {
	var all []Table
	for _, b := range d.Blocks {
		if t, ok := b.(Table); ok {
			all = append(all, t)
		}
	}
	return all
}

// MadeLine is the line that says what made the document, and when.
func (d *Document) MadeLine() string {
	at := ""
	if !d.Made.IsZero() {
		at = "on " + d.stamp()
	}
	switch {
	case d.Program == "" && at == "":
		return ""
	case d.Program == "":
		return "Made " + at + "."
	case at == "":
		return "Made by " + d.Program + "."
	}
	return "Made by " + d.Program + " " + at + "."
}

func (d *Document) stamp() string {
	zone := d.Zone
	if zone == nil {
		zone = time.UTC
	}
	return d.Made.In(zone).Format("2 January 2006, 15:04 MST")
}

// A Block is one part of a document: one of the types of this package.
type Block interface{ block() }

// A Heading begins a part. Levels 2 and 3 exist; 0 is 2. A new sheet is begun
// on paper where NewSheet is set.
type Heading struct {
	Level    int
	Text     string
	NewSheet bool
}

func (h Heading) level() int {
	if h.Level == 3 {
		return 3
	}
	return 2
}

// A Paragraph is prose. Soft is for what explains and does not tell.
type Paragraph struct {
	Text string
	Soft bool
}

// A List is a list of short texts, numbered where their order matters.
type List struct {
	Items    []string
	Numbered bool
}

// Facts are labelled values.
type Facts struct {
	Caption string
	Pairs   []Pair
}

// A Pair is one labelled value. Exact is for what is compared character by
// character, such as a digest.
type Pair struct {
	Label string
	Value string
	Exact bool
}

// A Notice is what must not be overlooked. Label is its word: Incomplete.
type Notice struct {
	Tone  Tone
	Label string
	Text  string
}

// A Table has a name, by which it is asked for as CSV, and columns. Total is a
// last row apart. Without rows, Empty is printed instead of the table. One that
// is DataOnly has the numbers of a chart that is laid out already: it is there
// as CSV only.
type Table struct {
	Name    string
	Caption string
	Columns []Column
	Rows    [][]Cell
	Total   []Cell
	Empty   string

	DataOnly bool
}

// narrow reports whether the table has so few columns that it does not take
// the whole width.
func (t Table) narrow() bool { return len(t.Columns) <= 3 }

// A Column is headed by its title; Key is its name in CSV, the title if empty.
// Number aligns to the right.
type Column struct {
	Title  string
	Key    string
	Number bool
}

// A Cell is what stands in a table. Raw is its value in CSV, where it differs
// from the text. Exact is as in [Pair].
type Cell struct {
	Text  string
	Raw   string
	Tone  Tone
	Exact bool
}

// Signatures are lines to sign on, one for each person, under a statement.
type Signatures struct {
	Statement string
	People    []string // name or office, as it stands under the line
}

func (Heading) block()    {}
func (Paragraph) block()  {}
func (List) block()       {}
func (Facts) block()      {}
func (Notice) block()     {}
func (Table) block()      {}
func (Signatures) block() {}

// A Tone is how grave something is. Wherever a tone is shown, its sign and a
// word are shown with it.
type Tone int

// The tones.
const (
	Plain Tone = iota
	Green
	Amber
	Red
)

// sign is a shape that tells tones apart without their colour.
func (t Tone) sign() string { return [...]string{"", "●", "▲", "■"}[t] }

func (t Tone) class() string { return [...]string{"plain", "green", "amber", "red"}[t] }

// Word returns the tone's name: Green, Amber, Red.
func (t Tone) Word() string { return [...]string{"", "Green", "Amber", "Red"}[t] }

// Text is a cell of text.
func Text(s string) Cell { return Cell{Text: s} }

// Exact is a cell whose text is compared character by character.
func Exact(s string) Cell { return Cell{Text: s, Exact: true} }

// Number is a cell with a count: 4,000 for people, 4000 in CSV.
func Number[N int | int64 | uint64](n N) Cell {
	return Cell{Text: Thousands(int64(n)), Raw: strconv.FormatInt(int64(n), 10)}
}

// Rated is a cell that a tone is given to; its text is the word for it.
func Rated(t Tone, word string) Cell { return Cell{Text: word, Tone: t} }

// Row is a row of these cells.
func Row(cells ...Cell) []Cell { return cells }

// Thousands writes a count as people read it: 4,000.
func Thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Octets writes a size as people read it: 1.2 GB.
func Octets(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	v, i := float64(n), 0
	for v >= 1000 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	if i == 0 {
		return strconv.FormatInt(n, 10) + " B"
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + " " + units[i]
}
