package disclosure

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
)

// openXML looks at an Office Open XML document (ECMA-376, part 2: a package of
// parts that relationships join).
func (p *pack) openXML() error {
	d := &document{pack: p, parts: make(map[string][]byte), roots: make(map[string]string), owners: make(map[string]string),
		styles: make(map[string]bool), sheetOf: make(map[string]*sheet), slideOf: make(map[string]int)}
	for _, name := range p.names {
		octets, err := p.octetsOf(name)
		if err != nil {
			return err
		}
		d.parts[name], d.roots[name] = octets, rootOf(octets)
	}
	// What other parts are read by comes first: who belongs to whom, which
	// sheets are hidden, which styles hide text.
	first := []string{"presentation", "workbook", "styles", "styleSheet"}
	for _, root := range first {
		if err := d.each(root); err != nil {
			return err
		}
	}
	if err := d.belongings(); err != nil {
		return err
	}
	d.words()
	for _, name := range p.names {
		if slices.Contains(first, d.roots[name]) {
			continue
		}
		if err := d.part(name); err != nil {
			d.say(CannotBeChecked, d.in(name), 0, reason(err))
		}
	}
	d.afterwards()
	return nil
}

// A document is an Office Open XML document that is being looked at.
type document struct {
	*pack
	parts  map[string][]byte
	roots  map[string]string // root elements by part; empty where a part is no XML
	owners map[string]string // by part: the part that has a relationship to it

	sheets  []*sheet
	sheetOf map[string]*sheet // by part
	cells   cellStyles
	strings sharedStrings

	styles map[string]bool // of text: ids of those that hide it

	width, height float64        // of a slide
	slideOf       map[string]int // number of a slide, by part
}

// each reads all parts with a root element.
func (d *document) each(root string) error {
	for _, name := range d.names {
		if d.roots[name] == root {
			if err := d.part(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// words says what the document is.
func (d *document) words() {
	if d.depth > 0 {
		return
	}
	for root, words := range map[string]string{"workbook": "spreadsheet", "document": "word-processing document", "presentation": "presentation"} {
		for _, r := range d.roots {
			if r == root {
				d.named = words
			}
		}
	}
}

// part looks at one part, by its root element.
func (d *document) part(name string) error {
	octets, root := d.parts[name], d.roots[name]
	if root == "" {
		return d.binary(name, octets)
	}
	if read := d.reader(root); read != nil {
		return read(name, octets)
	}
	if !slices.Contains(harmless, root) {
		d.say(CustomXML, d.in(name), 0, "<"+root+">")
	}
	return nil
}

// harmless are the roots of parts that only say how things look, or what is
// seen anyway.
var harmless = []string{"Types", "theme", "themeOverride", "fonts", "webSettings", "numbering", "calcChain", "table", "singleXmlCells",
	"viewPr", "presentationPr", "tblStyleLst", "colorStyle", "chartStyle", "styleSheet", "styles", "layoutDef", "styleDef",
	"colorsDef", "formControlPr", "metadata", "commentsEx", "commentsIds", "commentsExtensible", "cmAuthorLst", "authorLst",
	"stylesWithEffects", "volTypes", "datastoreItem", "xml-fragment", "ocx", "MapInfo"}

// reader returns the reader of a part with this root element, or nil.
func (d *document) reader(root string) func(name string, octets []byte) error {
	switch root {
	case "Relationships":
		return d.relationships
	case "coreProperties", "Properties":
		return d.properties
	case "workbook":
		return d.workbook
	case "worksheet", "dialogsheet", "macrosheet", "chartsheet":
		return d.worksheet
	case "styleSheet":
		return d.styleSheet
	case "sst":
		return d.sharedStrings
	case "pivotCacheDefinition", "pivotCacheRecords", "slicerCacheDefinition", "timelineCacheDefinition":
		return d.pivotCache
	case "externalLink":
		return d.externalLink
	case "connections", "queryTable":
		return d.simply(DataConnection)
	case "headers", "revisions", "users":
		return d.simply(TrackedChanges)
	case "comments", "ThreadedComments", "cmLst", "personList", "people":
		return d.comments
	case "document", "hdr", "ftr", "footnotes", "endnotes", "glossaryDocument":
		return d.wordText
	case "styles":
		return d.wordStyles
	case "settings":
		return d.settings
	case "presentation":
		return d.presentation
	case "sld", "sldLayout", "sldMaster", "notesMaster", "handoutMaster":
		return d.slide
	case "notes":
		return d.notes
	case "tagLst":
		return d.simply(CustomXML)
	case "wsDr", "chartSpace", "userShapes", "dataModel", "drawing", "xml", "slicers", "timelines", "pivotTableDefinition":
		return d.drawing
	}
	return nil
}

// simply notes that the part is there.
func (d *document) simply(c Code) func(string, []byte) error {
	return func(name string, _ []byte) error {
		d.add(c, d.in(name), 0)
		return nil
	}
}

// ownerOf is the part whose relationships a part lists (part 2, clause 6.5.3):
// _rels/NAME.rels lists those of NAME.
func ownerOf(rels string) (folder, owner string) {
	folder = path.Dir(path.Dir(rels))
	return folder, path.Join(folder, strings.TrimSuffix(base(rels), ".rels"))
}

// belongings remembers whom parts belong to.
func (d *document) belongings() error {
	for _, name := range d.names {
		if d.roots[name] != "Relationships" {
			continue
		}
		folder, owner := ownerOf(name)
		err := elements(d.parts[name], func(e element) error {
			if e.name == "Relationship" && !e.end && e.attr("TargetMode") != "External" {
				d.owners[within(folder, e.attr("Target"))] = owner
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// relationships notes what lies outside of the file. A link that people see as
// a link is none, unless it names somebody's disk.
func (d *document) relationships(name string, octets []byte) error {
	_, owner := ownerOf(name)
	return elements(octets, func(e element) error {
		switch {
		case e.name != "Relationship" || e.end || e.attr("TargetMode") != "External":
		case !strings.HasSuffix(e.attr("Type"), "/hyperlink"):
			d.say(ExternalLink, d.placed(owner), 1, "of type "+base(e.attr("Type")))
		case onDisk(e.attr("Target")):
			d.say(ExternalLink, d.placed(owner), 1, "into a disk or file share")
		}
		return nil
	})
}

// onDisk reports whether a link's target is a path and no page or address.
func onDisk(target string) bool {
	t := strings.ToLower(target)
	return strings.HasPrefix(t, "file:") || strings.HasPrefix(t, `\\`) || len(t) > 2 && t[1] == ':' && (t[2] == '\\' || t[2] == '/')
}

// placeOf names a part as people know it, where they do: by its sheet or slide.
func (d *document) placeOf(name string) string {
	for range 3 {
		if s := d.sheetOf[name]; s != nil {
			return "sheet " + s.name
		}
		if n := d.slideOf[name]; n > 0 {
			return fmt.Sprintf("slide %d", n)
		}
		if d.owners[name] == "" {
			break
		}
		name = d.owners[name]
	}
	return ""
}

// placed is the place of a part, or its name where people know none.
func (d *document) placed(name string) string {
	if place := d.placeOf(name); place != "" {
		return d.in(place)
	}
	return d.in(name)
}

// properties notes which properties the file has (part 2, clause 8; part 1,
// clause 22.2 and 22.3). Their names are no content; their values may be.
func (d *document) properties(name string, octets []byte) error {
	var filled []string
	last, depth := "", 0
	err := elements(octets, func(e element) error {
		switch {
		case e.end:
			depth--
		case e.name != "":
			if depth++; depth == 2 {
				last = e.name
				if e.name == "property" {
					last = "custom property " + e.attr("name")
				}
			}
		case depth >= 2 && strings.TrimSpace(e.text) != "" && !slices.Contains(filled, last) && !slices.Contains(ordinary, last):
			filled = append(filled, last)
		}
		return nil
	})
	if len(filled) > 0 {
		d.say(Properties, d.in(name), len(filled), strings.Join(filled, ", "))
	}
	return err
}

// ordinary are properties that say nothing of people or of other files.
var ordinary = []string{"revision", "TotalTime", "Words", "Pages", "Characters", "Lines", "Paragraphs", "CharactersWithSpaces", "ScaleCrop",
	"DocSecurity", "LinksUpToDate", "SharedDoc", "HyperlinksChanged", "AppVersion", "Application", "Slides", "Notes", "HiddenSlides", "MMClips",
	"PresentationFormat", "HeadingPairs", "language"}

// comments counts the comments of a part, or notes who made any.
func (d *document) comments(name string, octets []byte) error {
	if root := d.roots[name]; root == "people" || root == "personList" {
		return d.simply(Properties)(name, octets)
	}
	n := 0
	err := elements(octets, func(e element) error {
		if !e.end && (e.name == "comment" || e.name == "threadedComment" || e.name == "cm") {
			n++
		}
		return nil
	})
	if n > 0 {
		d.add(Comments, d.placed(name), n)
	}
	return err
}

// drawing looks at a part that draws objects.
func (d *document) drawing(name string, octets []byte) error {
	return elements(octets, func(e element) error {
		d.drawn(name, e)
		return nil
	})
}

// drawn notes what an element of any part says of an object: that it is hidden,
// or a picture cropped (part 1, clauses 20.1.2.2.8 and 20.1.8.55).
func (d *document) drawn(name string, e element) {
	switch {
	case e.end:
	case (e.name == "cNvPr" || e.name == "docPr") && e.on("hidden"):
		d.add(HiddenObject, d.placed(name), 1)
	case e.name == "srcRect":
		for _, side := range []string{"l", "t", "r", "b"} {
			if n, ok := e.number(side); ok && n > 0 {
				d.add(CroppedImage, d.placed(name), 1)
				return
			}
		}
	}
}

// binary looks at a part that is no XML: a picture, a file in the file, macros.
func (d *document) binary(name string, octets []byte) error {
	lower := strings.ToLower(name)
	kind := formatOf(octets).words
	switch {
	case len(octets) == 0:
	case strings.Contains(lower, "thumbnail."):
		d.add(Thumbnail, d.in(name), 0)
	case strings.Contains(lower, "vbaproject"), strings.Contains(lower, "vbadata"):
		d.add(Macros, d.in(name), 0)
	case strings.Contains(lower, "printersettings"):
		d.say(Properties, d.in(name), 0, "settings of a printer, with its name")
	case strings.HasSuffix(lower, ".odttf"), strings.HasSuffix(lower, ".fntdata"), lower == "mimetype":
	case strings.HasPrefix(lower, "xl/model/"):
		d.say(PivotCache, d.in(name), 0, "a data model")
	case strings.HasSuffix(kind, "picture"):
		d.checkFile(d.inside(name, octets))
	case kind == "plain text" && strings.HasSuffix(lower, ".vml"):
		return errBroken
	case kind == "compound file", bytes.HasPrefix(octets, []byte("PK\x03\x04")), kind == "PDF", kind == "e-mail", strings.Contains(lower, "embeddings/"):
		d.add(EmbeddedObject, d.in(name), 0)
		if kind != "compound file" { // its name says what is inside; an object of OLE nobody here reads
			d.checkFile(d.inside(name, octets))
		}
	default:
		return errUnknown
	}
	return nil
}
