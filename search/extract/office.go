package extract

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"golang.org/x/net/html/charset"
)

// word reads the parts of a word-processing document that hold text (ECMA-376,
// part 1, clause 11): body, headers, footers, notes, comments. Text that was
// deleted with changes tracked is in the file, and is read.
func (p *packed) word() error {
	names := []string{"word/document.xml"}
	for _, kind := range []string{"header", "footer", "footnotes", "endnotes", "comments"} {
		names = append(names, p.matching("word/"+kind, ".xml")...)
	}
	return p.marked(append(names, "docProps/core.xml"), officeMarkup)
}

// slides reads a presentation: slides, their notes, comments.
func (p *packed) slides() error {
	var names []string
	for _, prefix := range []string{"ppt/slides/slide", "ppt/notesSlides/notesSlide", "ppt/comments/", "ppt/diagrams/data", "ppt/charts/chart"} {
		names = append(names, p.matching(prefix, ".xml")...)
	}
	return p.marked(append(names, "docProps/core.xml"), officeMarkup)
}

// odf reads an OpenDocument file of any kind (OASIS OpenDocument 1.3, part 3).
func (p *packed) odf() error {
	if sealed, err := p.mentions("META-INF/manifest.xml", "encryption-data"); err != nil {
		return err
	} else if sealed {
		return errEncrypted
	}
	return p.marked([]string{"content.xml", "styles.xml", "meta.xml"}, odfMarkup)
}

// markup says what the elements of a format mean for its text.
type markup struct {
	text  func(element string) bool // its character data is text
	lines func(element string) bool // a line ends with it
	space func(element string) bool // a space stands for it
}

var officeMarkup = markup{
	text: func(e string) bool {
		return e == "t" || e == "delText" || e == "title" || e == "subject" || e == "description" || e == "keywords" || e == "text"
	},
	lines: func(e string) bool { return e == "p" || e == "br" || e == "cr" || e == "tr" || e == "title" },
	space: func(e string) bool { return e == "tab" || e == "tc" },
}

var odfMarkup = markup{
	text: func(e string) bool {
		switch e {
		case "p", "h", "span", "a", "title", "subject", "description", "keyword", "desc", "s", "tab", "line-break", "note-citation", "creator":
			return true
		}
		return false
	},
	lines: func(e string) bool {
		return e == "p" || e == "h" || e == "line-break" || e == "title" || e == "keyword"
	},
	space: func(e string) bool { return e == "tab" || e == "s" || e == "table-cell" },
}

// marked writes the text of parts. A part that cannot be read to its end does
// not keep the others from being read.
func (p *packed) marked(names []string, m markup) error {
	var failed error
	for _, name := range names {
		if p.files[name] == nil {
			continue
		}
		if err := p.part(name, m); err != nil {
			if errors.Is(err, errLimit) || p.x.out.full {
				return err
			}
			failed = err
		}
	}
	return failed
}

func (p *packed) part(name string, m markup) error {
	r, err := p.open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	open := 0 // text elements around this place
	return tokens(r, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			if m.text(t.Name.Local) {
				open++
			}
			if m.space(t.Name.Local) {
				return p.x.write(" ")
			}
		case xml.EndElement:
			if m.text(t.Name.Local) {
				open--
			}
			if m.lines(t.Name.Local) {
				return p.x.write("\n")
			}
		case xml.CharData:
			if open > 0 {
				return p.x.write(string(t))
			}
		}
		return nil
	})
}

func (x *extraction) write(s string) error {
	_, err := io.WriteString(x.out, s)
	return err
}

// tokens reads XML token by token. Raw tokens keep no stack, so nesting costs
// nothing; entities that a document declares are not expanded.
func tokens(r io.Reader, yield func(xml.Token) error) error {
	d := xml.NewDecoder(r)
	d.Strict = false
	d.CharsetReader = charset.NewReaderLabel
	for {
		t, err := d.RawToken()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := yield(t); err != nil {
			return err
		}
	}
}

// mentions reports whether an element with this name is in a part.
func (p *packed) mentions(name, element string) (bool, error) {
	r, err := p.open(name)
	if err != nil {
		return false, err
	}
	defer r.Close()
	found := false
	err = tokens(r, func(t xml.Token) error {
		if s, ok := t.(xml.StartElement); ok && s.Name.Local == element {
			found = true
		}
		return nil
	})
	return found, err
}

// sheet reads a spreadsheet: the names of its sheets, hidden ones too, and each
// row as a line.
func (p *packed) sheet() error {
	shared, err := p.sharedStrings()
	if err != nil {
		return err
	}
	if err := p.sheetNames(); err != nil {
		return err
	}
	for _, name := range p.matching("xl/worksheets/", ".xml") {
		if err := p.rows(name, shared); err != nil {
			return err
		}
	}
	var rest []string
	for _, prefix := range []string{"xl/comments", "xl/threadedComments/", "xl/drawings/drawing", "xl/charts/chart"} {
		rest = append(rest, p.matching(prefix, ".xml")...)
	}
	return p.marked(append(rest, "docProps/core.xml"), officeMarkup)
}

func (p *packed) sheetNames() error {
	r, err := p.open("xl/workbook.xml")
	if err != nil {
		return err
	}
	defer r.Close()
	return tokens(r, func(t xml.Token) error {
		if s, ok := t.(xml.StartElement); ok && s.Name.Local == "sheet" {
			return p.x.out.line(attribute(s, "name"))
		}
		return nil
	})
}

func attribute(s xml.StartElement, name string) string {
	for _, a := range s.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// sharedStrings reads the table that cells refer to (clause 18.4). Phonetic
// readings are left out.
func (p *packed) sharedStrings() ([]string, error) {
	r, err := p.open("xl/sharedStrings.xml")
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var all []string
	var one strings.Builder
	inText, phonetic := false, false
	err = tokens(r, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			inText = t.Name.Local == "t"
			phonetic = phonetic || t.Name.Local == "rPh"
		case xml.EndElement:
			inText = false
			switch t.Name.Local {
			case "rPh":
				phonetic = false
			case "si":
				all = append(all, one.String())
				one.Reset()
			}
		case xml.CharData:
			if inText && !phonetic {
				one.Write(t)
			}
		}
		return nil
	})
	return all, err
}

// rows writes a worksheet (clause 18.3.1). A cell's value is text, a number, or
// a reference into the table of strings.
func (p *packed) rows(name string, shared []string) error {
	r, err := p.open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	var kind string
	var value strings.Builder
	inValue := false
	return tokens(r, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "c":
				kind = attribute(t, "t")
				value.Reset()
			case "v", "t":
				inValue = true
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "v", "t":
				inValue = false
			case "c":
				return p.x.write(cell(kind, value.String(), shared) + "\t")
			case "row":
				return p.x.write("\n")
			}
		case xml.CharData:
			if inValue {
				value.Write(t)
			}
		}
		return nil
	})
}

func cell(kind, value string, shared []string) string {
	if kind != "s" {
		return value
	}
	if i, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && i >= 0 && i < len(shared) {
		return shared[i]
	}
	return value
}
