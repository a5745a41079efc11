package disclosure

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ledongthuc/pdf"
)

// Bounds on one PDF.
const (
	maxPDFPages = 20_000 // nodes of the page tree, which may claim to contain itself
	maxPDFDepth = 32     // of that tree, and of forms drawn by forms
	maxAnnots   = 20_000 // of one page
)

// pdf looks at a PDF (ISO 32000-1): what it carries besides its pages, and on
// each page what is there and not seen.
func (c *checker) pdf(f file) error {
	p := &pdfFile{checker: c, file: f, fonts: make(map[string]*pdfFont)}
	p.revisions()
	r, err := pdf.NewReader(bytes.NewReader(f.octets), int64(len(f.octets)))
	if errors.Is(err, pdf.ErrInvalidPassword) {
		return errEncrypted
	} else if err != nil {
		return err
	}
	p.information(r.Trailer().Key("Info"))
	root := r.Trailer().Key("Root")
	if root.Key("Pages").Kind() != pdf.Dict {
		return errBroken
	}
	p.catalog(root)
	p.pages(root.Key("Pages"), inherited{}, 0)
	return nil
}

// A pdfFile is a PDF that is being looked at.
type pdfFile struct {
	*checker
	file
	nodes  int
	number int // of the page
	fonts  map[string]*pdfFont
	forms  int
	tests  int // of points against areas
}

// revisions notes earlier versions of the file, which each saving may leave in
// it (section 7.5.6). A file laid out for the web has two ends by itself.
func (p *pdfFile) revisions() {
	ends := bytes.Count(p.octets, []byte("%%EOF"))
	allowed := 1
	if bytes.Contains(p.octets[:min(len(p.octets), 2048)], []byte("/Linearized")) {
		allowed = 2
	}
	if ends > allowed {
		p.say(OldVersions, p.place, ends-allowed, "the file was added to after it was made, and what was there before is still in it")
	}
	if i := bytes.LastIndex(p.octets, []byte("%%EOF")); i >= 0 && len(bytes.TrimSpace(p.octets[i+5:])) > 0 {
		p.say(TrailingData, p.place, 0, "after the end of the PDF")
	}
}

// information notes the document's properties (section 14.3.3). When and by
// what program a PDF was written is in every one of them.
func (p *pdfFile) information(info pdf.Value) {
	var filled []string
	for _, key := range info.Keys() {
		if slices.Contains([]string{"Producer", "CreationDate", "ModDate", "Trapped"}, key) {
			continue
		}
		if key == "Creator" && !fileName.MatchString(info.Key(key).Text()) {
			continue // the program that the document was written with
		}
		if v := info.Key(key); v.Kind() != pdf.String || strings.TrimSpace(v.Text()) != "" {
			filled = append(filled, key)
		}
	}
	if len(filled) > 0 {
		slices.Sort(filled)
		p.say(Properties, p.in("document information"), len(filled), strings.Join(filled, ", "))
	}
}

// catalog notes what the document as a whole carries (section 7.7.2).
func (p *pdfFile) catalog(root pdf.Value) {
	names := root.Key("Names")
	if names.Key("EmbeddedFiles").Kind() == pdf.Dict || root.Key("Collection").Kind() == pdf.Dict || root.Key("AF").Len() > 0 {
		p.add(EmbeddedObject, p.in("attached files"), 0)
	}
	if names.Key("JavaScript").Kind() == pdf.Dict || root.Key("OpenAction").Key("S").Name() == "JavaScript" || root.Key("AA").Kind() == pdf.Dict {
		p.say(Macros, p.in("document"), 0, "JavaScript")
	}
	form := root.Key("AcroForm")
	if n := form.Key("Fields").Len(); n > 0 || form.Key("XFA").Kind() != pdf.Null {
		p.add(FormData, p.in("form"), n)
	}
	if layers := root.Key("OCProperties"); layers.Kind() == pdf.Dict {
		p.say(Layers, p.place, layers.Key("OCGs").Len(), fmt.Sprintf("%d of them are off", layers.Key("D").Key("OFF").Len()))
	}
	if root.Key("PieceInfo").Kind() == pdf.Dict {
		p.add(CustomXML, p.in("data of the program that made it"), 0)
	}
	p.metadata(root.Key("Metadata"))
}

// metadata notes what an XMP packet tells of people and of other files.
func (p *pdfFile) metadata(v pdf.Value) {
	if v.Kind() != pdf.Stream {
		return
	}
	packet, err := p.stream(v)
	if err != nil {
		p.say(CannotBeChecked, p.in("XMP metadata"), 0, reason(err))
		return
	}
	for _, telling := range []string{"dc:creator", "dc:title", "dc:description", "DocumentAncestors", "xmpMM:History", "DerivedFrom", "pdf:Keywords", "pdfx:", "photoshop:"} {
		if bytes.Contains(packet, []byte(telling)) {
			p.say(Properties, p.in("XMP metadata"), 0, "")
			return
		}
	}
}

// inherited is what pages have from the nodes above them (section 7.7.3.4).
type inherited struct{ resources, media, crop pdf.Value }

func (h inherited) below(node pdf.Value) inherited {
	if v := node.Key("Resources"); v.Kind() == pdf.Dict {
		h.resources = v
	}
	if v := node.Key("MediaBox"); v.Len() == 4 {
		h.media = v
	}
	if v := node.Key("CropBox"); v.Len() == 4 {
		h.crop = v
	}
	return h
}

func (p *pdfFile) pages(node pdf.Value, from inherited, depth int) {
	if p.nodes++; p.nodes > maxPDFPages || depth > maxPDFDepth {
		p.say(CannotBeChecked, p.place, 0, errLimit.Error())
		return
	}
	from = from.below(node)
	kids := node.Key("Kids")
	if kids.Kind() != pdf.Array {
		if node.Key("Type").Name() != "Page" && node.Key("Contents").Kind() == pdf.Null {
			p.say(CannotBeChecked, p.in("pages"), 0, errBroken.Error())
			return
		}
		p.number++
		p.page(node, from)
		return
	}
	for i := 0; i < kids.Len() && p.nodes <= maxPDFPages; i++ {
		p.pages(kids.Index(i), from, depth+1)
	}
}

// page looks at one page. One that cannot be read does not keep the others from
// being read: the library panics at what it does not understand.
func (p *pdfFile) page(page pdf.Value, from inherited) {
	place := p.in(fmt.Sprintf("page %d", p.number))
	defer func() {
		if recover() != nil {
			p.say(CannotBeChecked, place, 0, errBroken.Error())
		}
	}()
	visible := boxOf(from.media)
	if from.crop.Len() == 4 {
		visible = visible.and(boxOf(from.crop))
	}
	c := &canvas{pdf: p, visible: visible}
	if err := c.draw(page.Key("Contents"), from.resources, afresh(), 0); err != nil {
		p.say(CannotBeChecked, place, 0, reason(err))
	}
	p.annotations(page.Key("Annots"), c, place)
	c.report(place)
	if page.Key("AA").Kind() == pdf.Dict {
		p.say(Macros, place, 0, "actions of the page")
	}
	p.metadata(page.Key("Metadata"))
}

// annotations looks at what lies on top of a page (section 12.5). A filled
// square over text is the redaction that is none.
func (p *pdfFile) annotations(notes pdf.Value, c *canvas, place string) {
	for i := range min(notes.Len(), maxAnnots) {
		note := notes.Index(i)
		switch kind := note.Key("Subtype").Name(); kind {
		case "Link", "Popup":
			if onDisk(note.Key("A").Key("F").RawString()) || note.Key("A").Key("S").Name() == "Launch" {
				p.add(ExternalLink, place, 1)
			}
		case "Redact":
			p.add(Redactions, place, 1)
		case "FileAttachment", "Sound", "Movie", "Screen", "RichMedia", "3D":
			p.add(EmbeddedObject, place, 1)
		case "Widget":
			p.add(FormData, place, 1)
		default:
			p.add(Annotations, place, 1)
			if kind == "Stamp" || note.Key("IC").Len() > 0 || kind == "FreeText" && note.Key("C").Len() > 0 {
				c.cover(boxOf(note.Key("Rect")).polygon(), false)
			}
		}
	}
	if notes.Len() > maxAnnots {
		p.say(CannotBeChecked, place, 0, errLimit.Error())
	}
}

// stream reads a stream's octets, within the limits.
func (p *pdfFile) stream(v pdf.Value) (octets []byte, err error) {
	defer func() {
		if recover() != nil {
			err = errUnknown // of its filters
		}
	}()
	r := v.Reader()
	defer r.Close()
	return p.limited(r)
}
