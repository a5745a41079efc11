package disclosure

import (
	"slices"
	"strings"
)

// openDocument looks at an OpenDocument file of any kind (OASIS OpenDocument
// 1.3, parts 2 and 3).
func (p *pack) openDocument() error {
	o := &openDoc{pack: p, hidden: make(map[string]bool), noText: make(map[string]bool), white: make(map[string]bool)}
	o.words()
	manifest, err := p.octetsOf("META-INF/manifest.xml")
	if err == nil {
		err = o.manifest(manifest)
	}
	if err != nil {
		return err
	}
	// Styles that content refers to come before it.
	if i := slices.Index(p.names, "styles.xml"); i >= 0 {
		p.names = slices.Insert(slices.Delete(p.names, i, i+1), 0, "styles.xml")
	}
	for _, name := range p.names {
		octets, err := p.octetsOf(name)
		if err != nil {
			return err
		}
		if err := o.part(name, octets); err != nil {
			p.say(CannotBeChecked, p.in(name), 0, reason(err))
		}
	}
	return nil
}

// An openDoc is an OpenDocument file that is being looked at.
type openDoc struct {
	*pack
	hidden map[string]bool // styles of tables and slides that are not shown
	noText map[string]bool // styles of text that is not shown
	white  map[string]bool // styles of text that is white
}

func (o *openDoc) words() {
	if o.depth > 0 {
		return
	}
	o.named = "OpenDocument"
	octets, err := o.octetsOf("mimetype")
	if err != nil {
		return
	}
	for suffix, words := range map[string]string{"spreadsheet": "spreadsheet (OpenDocument)", "text": "word-processing document (OpenDocument)",
		"presentation": "presentation (OpenDocument)"} {
		if strings.HasSuffix(strings.TrimSpace(string(octets)), "opendocument."+suffix) {
			o.named = words
		}
	}
}

// part looks at one part by its name, which the format fixes, and what is no
// XML by its octets.
func (o *openDoc) part(name string, octets []byte) error {
	switch {
	case len(octets) == 0, name == "mimetype", name == "META-INF/manifest.xml":
		return nil
	case strings.HasPrefix(name, "Thumbnails/"):
		o.add(Thumbnail, o.in(name), 0)
		return nil
	case strings.HasPrefix(name, "Versions/"), name == "VersionList.xml":
		o.add(OldVersions, o.in(name), 0)
		return nil
	case strings.HasPrefix(name, "Basic/"), strings.HasPrefix(name, "Scripts/"):
		o.add(Macros, o.in("macros"), 0)
		return nil
	case strings.HasPrefix(name, "ObjectReplacements/"):
		return nil // pictures of objects, which are findings by themselves
	case strings.HasPrefix(name, "Object ") && strings.HasSuffix(name, "/content.xml"):
		o.add(EmbeddedObject, o.in(strings.TrimSuffix(name, "/content.xml")), 0)
	case name == "META-INF/documentsignatures.xml":
		o.say(Properties, o.in(name), 0, "who signed it")
		return nil
	}
	if rootOf(octets) == "" {
		return o.binary(name, octets)
	}
	switch base(name) {
	case "content.xml", "styles.xml":
		r := &openReader{openDoc: o, part: name}
		return elements(octets, r.element)
	case "meta.xml":
		return o.meta(octets)
	case "settings.xml", "manifest.rdf", "layout-cache", "accelerator", "current.xml":
		return nil
	}
	if strings.HasPrefix(name, "Configurations2/") {
		return nil
	}
	o.add(CustomXML, o.in(name), 0)
	return nil
}

func (o *openDoc) binary(name string, octets []byte) error {
	kind := formatOf(octets).words
	switch {
	case strings.HasSuffix(kind, "picture"):
		o.checkFile(o.inside(name, octets))
		return nil
	case strings.HasPrefix(name, "Fonts/"), base(name) == "layout-cache", strings.HasPrefix(name, "Configurations2/"):
		return nil
	case kind == "compound file", kind == "zip file", kind == "PDF", strings.HasPrefix(name, "Object "):
		o.add(EmbeddedObject, o.in(name), 0)
		return nil
	}
	return errUnknown
}

// manifest fails if parts are encrypted (part 2, section 3.4).
func (o *openDoc) manifest(octets []byte) error {
	return elements(octets, func(e element) error {
		if e.name == "encryption-data" {
			return errEncrypted
		}
		return nil
	})
}

// meta notes which properties the file has (part 3, section 4.3).
func (o *openDoc) meta(octets []byte) error {
	var filled []string
	last := ""
	err := elements(octets, func(e element) error {
		switch {
		case e.name != "" && !e.end:
			if last = e.name; e.name == "user-defined" {
				last = "custom property " + e.attr("name")
			}
		case e.name != "":
			last = ""
		case last != "" && strings.TrimSpace(e.text) != "" && !slices.Contains(filled, last) && !slices.Contains(openOrdinary, last):
			filled = append(filled, last)
		}
		return nil
	})
	if len(filled) > 0 {
		o.say(Properties, o.in("meta.xml"), len(filled), strings.Join(filled, ", "))
	}
	return err
}

// openOrdinary are properties that say nothing of people or of other files.
var openOrdinary = []string{"generator", "editing-cycles", "editing-duration", "document-statistic", "language"}
