package disclosure

import (
	"regexp"
	"slices"
	"strings"
)

// wordStyles finds the styles of text whose name alone hides it (part 1, clause
// 17.7).
func (d *document) wordStyles(_ string, octets []byte) error {
	id := ""
	return elements(octets, func(e element) error {
		switch {
		case e.end:
		case e.name == "style":
			id = e.attr("styleId")
		case e.name == "vanish" && isOn(e) && id != "":
			d.styles[id] = true
		}
		return nil
	})
}

// isOn reads a switch of word processing: there is on, unless it says off.
func isOn(e element) bool {
	return !slices.Contains([]string{"0", "false", "off", "none"}, e.attr("val"))
}

// A wordReader is a part of text being read.
type wordReader struct {
	*document
	part    string
	place   string
	changes int
	hidden  int
	unseen  int
	inRun   bool
	inRunPr bool
	byStyle bool // the paragraph's style hides its text
	vanish  bool // of the run
	white   bool
	shaded  bool // something darkens what is behind the run
	cell    bool // the table cell is shaded
	inText  bool
	text    strings.Builder
}

// changeElements say that something was changed while changes were tracked
// (part 1, clause 17.13.5).
var changeElements = []string{"ins", "del", "moveFrom", "moveTo", "rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "tcPrChange", "trPrChange",
	"tblGridChange", "tblPrExChange", "numberingChange", "cellIns", "cellDel", "cellMerge"}

// wordText looks at the text of a word-processing document (part 1, clause 17).
func (d *document) wordText(name string, octets []byte) error {
	w := &wordReader{document: d, part: name, place: map[string]string{"document": "text", "hdr": "header", "ftr": "footer", "footnotes": "footnotes",
		"endnotes": "endnotes", "glossaryDocument": "building blocks"}[d.roots[name]]}
	if err := elements(octets, w.element); err != nil {
		return err
	}
	place := d.in(w.place)
	if w.changes > 0 {
		d.add(TrackedChanges, place, w.changes)
	}
	if w.hidden > 0 {
		d.add(HiddenText, place, w.hidden)
	}
	if w.unseen > 0 {
		d.add(InvisibleText, place, w.unseen)
	}
	if (w.place == "header" || w.place == "footer") && fileName.MatchString(w.text.String()) {
		d.add(FileNames, d.in(w.place+" "+base(name)), 0)
	}
	return nil
}

// fileName finds what looks like the name or path of a file.
var fileName = regexp.MustCompile(`(?i)[\w)]\.(docx?|docm|xlsx?|xlsm|pptx?|pdf|odt|ods|odp|msg|eml|rtf)\b|\b[a-z]:\\|\\\\\w|\bFILENAME\b`)

func (w *wordReader) element(e element) error {
	switch {
	case e.name == "":
		w.characters(e.text)
	case e.end:
		w.ends(e.name)
	case e.name == "tc":
		w.cell = false
	case e.name == "p":
		w.byStyle, w.shaded = false, w.cell
	case e.name == "r":
		w.inRun, w.vanish, w.white = true, w.byStyle, false
	case e.name == "rPr":
		w.inRunPr = w.inRun
	case e.name == "altChunk" || e.name == "subDoc":
		w.add(EmbeddedObject, w.in(w.place), 1)
	case e.name == "t" || e.name == "delText" || e.name == "instrText":
		w.inText = true
	case slices.Contains(changeElements, e.name):
		w.changes++
	default:
		w.property(e)
		w.drawn(w.part, e)
	}
	return nil
}

// property reads what says how text looks.
func (w *wordReader) property(e element) {
	switch e.name {
	case "pStyle":
		w.byStyle = w.styles[e.attr("val")]
	case "rStyle":
		w.vanish = w.vanish || w.styles[e.attr("val")]
	case "vanish":
		if w.inRunPr {
			w.vanish = isOn(e)
		}
	case "color":
		if w.inRunPr {
			w.white = strings.EqualFold(e.attr("val"), "FFFFFF")
		}
	case "sz":
		if n, ok := e.number("val"); ok && w.inRunPr && n <= 2 { // half points
			w.white, w.shaded = true, false
		}
	case "highlight":
		w.shaded = true
	case "shd":
		if fill := e.attr("fill"); fill != "" && fill != "auto" && !strings.EqualFold(fill, "FFFFFF") {
			w.shaded = true
			w.cell = w.cell || !w.inRun
		}
	}
}

func (w *wordReader) characters(text string) {
	if !w.inText {
		return
	}
	if w.text.Len() < 64<<10 {
		w.text.WriteString(text)
	}
	if strings.TrimSpace(text) == "" {
		return
	}
	if w.vanish {
		w.hidden++
	} else if w.white && !w.shaded {
		w.unseen++
	}
}

func (w *wordReader) ends(name string) {
	switch name {
	case "r":
		w.inRun = false
	case "rPr":
		w.inRunPr = false
	case "t", "delText", "instrText":
		w.inText = false
	case "p":
		w.text.WriteByte('\n')
	}
}

// settings looks for what a document carries besides its text (part 1, clause
// 17.15): variables of other programs, and where mail merge took data from.
func (d *document) settings(name string, octets []byte) error {
	return elements(octets, func(e element) error {
		switch {
		case e.end:
		case e.name == "docVar":
			d.say(CustomXML, d.in(name), 1, "document variables")
		case e.name == "mailMerge":
			d.add(DataConnection, d.in(name), 1)
		}
		return nil
	})
}
